"""A what-if assembled in Python: no road border takes more than four hours.

Run it:  uv run python scenarios/what_if.py
"""

import sco_network as sco

network = sco.Network.load()

slow = [
    c["crossing_id"] for c in network.crossings if c["mode"] == "road" and (c["wait_h"] or 0) > 4
]
four_hours = sco.Scenario.from_dict(
    {
        "scenario": "four-hour-borders",
        "title": "No road border takes more than four hours",
        "kind": "border",
        "change": {"crossings": [{"where": {"crossing_id": slow}, "wait_h": {"set": 4}}]},
    }
)

comparison = sco.compare(network, four_hours, by="time", modes=["road"])
print(f"{len(slow)} crossings are slower today.", comparison.pair_counts)
print(comparison.metrics.head(4).to_string(index=False))
for origin, destination in (
    ("Tashkent", "Karachi"),
    ("Almaty", "Tehran"),
    ("Kashgar", "Islamabad"),
):
    before = network.route(origin, destination, modes=["road"])
    after = network.route(origin, destination, modes=["road"], scenarios=[four_hours])
    print(f"{origin} – {destination}: {before.time_h:,.0f} h → {after.time_h:,.0f} h")
