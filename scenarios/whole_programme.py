"""The whole programme: every proposal alone, then all that can be built together.

Run it:  uv run python scenarios/whole_programme.py
"""

import sco_network as sco

network = sco.Network.load()
proposals = [s for s in sco.scenarios() if s.content.kind in {"rail", "road", "port", "border"}]

rows = []
base = None  # the evaluation of today's network, made once
for proposal in proposals:
    if proposal.content.requires:
        continue
    comparison = sco.compare(network, proposal, by="time", before=base)
    base = comparison.before
    rows.append((comparison.efficiency_change("time"), proposal))

print("Gain in efficiency by time, each proposal alone")
for gain, proposal in sorted(rows, key=lambda row: -row[0]):
    print(f"{gain:+7.2f} %  {proposal.id:28} {proposal.title}")

# Of rival alignments, keep the one that gains most.
together: list[sco.Scenario] = []
for _, proposal in sorted(rows, key=lambda row: -row[0]):
    rivals = {other.id for other in together if proposal.id in other.content.conflicts}
    if not rivals and not {s.id for s in together} & set(proposal.content.conflicts):
        together.append(proposal)

comparison = sco.compare(network, together, by="time", before=base)
joint = comparison.efficiency_change("time")
print(f"{joint:+7.2f} %  {len(together)} proposals together", comparison.pair_counts)
