"""One proposal in depth: which routes change, over which legs, and on what it rests.

Run it:  uv run python scenarios/one_proposal.py [SCENARIO [ORIGIN DESTINATION]]
"""

import sys

import sco_network as sco

name, origin, destination = (
    *sys.argv[1:],
    *["uap-railway", "Tashkent", "Karachi"][len(sys.argv) - 1 :],
)

network = sco.Network.load()
proposal = sco.Scenario.load(name)
comparison = sco.compare(network, proposal, by="time")

print(proposal.title, "–", comparison.pair_counts)
print(comparison.routes.head(10).to_string(index=False))

for label, scenarios in (("Today", []), ("With it", [proposal])):
    route = network.route(origin, destination, by="time", scenarios=scenarios)
    print(f"\n{label}: {route.length_km:,.0f} km, {route.time_h / 24:.1f} days")
    for leg in route.legs:
        print(f"  {leg.link_id:42} {leg.length_km:7.0f} km {leg.time_h:6.1f} h   {leg.source_id}")
