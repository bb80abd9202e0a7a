"""OpenStreetMap: from its ways to links between terminals and junctions.

`tags` says what a way is, `extract` reads files, `overpass` asks a server, `lines` makes graphs
of ways, `contract` makes links of graphs, `study` writes links as a data folder, and `check`
measures our own links on an extract.
"""
