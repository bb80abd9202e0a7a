"""OpenStreetMap: from its ways to links between terminals and junctions.

`tags` says what a way is, `extract` reads files, `overpass` asks a server, `areas` says for where;
`lines` makes graphs of ways, `gaps` lists where they seem broken, `contract` makes links of graphs,
`places` and `rows` make tables of them with what the base network adds, `study` writes them as a
data folder, and `check` measures our own links on an extract.
"""
