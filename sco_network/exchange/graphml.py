"""A network as GraphML: the graph of `to_networkx` with every link once."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

import networkx as nx

from sco_network.errors import InputError, Problem, Problems
from sco_network.model.network import Network
from sco_network.model.textfile import shown

from .courses import from_wkt, to_wkt
from .frames import OTHER_TABLES, table_of
from .incoming import Incoming, refuse_unreadable
from .networkx import ORDER, graph_frames, one_way_graph

_NOT_READ = (nx.NetworkXException, ParseError, KeyError, ValueError, TypeError, AttributeError)
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_graphml(network: Network, path: Path) -> None:
    """Write a network as GraphML.

    Attributes have the types of their columns. `geometry` of an edge is its course as WKT; the
    tables that are neither nodes nor edges are attributes of the graph, as JSON.

    Raises
    ------
    InputError
        Where a text holds control characters, which XML has no way to write.
    """
    graph = one_way_graph(network)
    _refuse_control_characters(graph)
    for *_, link_id, link in graph.edges(keys=True, data=True):
        if link_id in network.geometry:
            link["geometry"] = to_wkt(network.geometry[link_id])
    for name in (ORDER, *OTHER_TABLES):
        if name in graph.graph:
            graph.graph[name] = json.dumps(graph.graph[name], ensure_ascii=False)
    text = io.BytesIO()
    nx.write_graphml_xml(graph, text, named_key_ids=True)
    # A reader of XML would turn a carriage return as it is into a line feed.
    path.write_bytes(text.getvalue().replace(b"\r", b"&#13;"))


def _refuse_control_characters(graph: nx.MultiDiGraph[Any]) -> None:
    rows = [node for _, node in graph.nodes(data=True)]
    rows += [link for *_, link in graph.edges(data=True)]
    problems = Problems()
    for row in rows:
        for column, cell in row.items():
            if isinstance(cell, str) and _NOT_XML.search(cell):
                row_id = row.get("link_id", row.get("node_id", ""))
                message = f"the text of '{row_id}' holds a control character"
                problems.add("graphml", None, column, message, "XML cannot write it: remove it")
    problems.raise_if_any()


def read_graphml(path: Path, problems: Problems) -> Incoming:
    """Return the tables of a GraphML file.

    Raises
    ------
    InputError
        Where the file is no GraphML, broken, or declares entities, which can be made to
        multiply without end.
    """
    refuse_unreadable(path)
    name = shown(path)
    _refuse_declarations(path, name)
    try:
        graph: Any = nx.read_graphml(path, str, str, force_multigraph=True)  # ids stay text
    except _NOT_READ as error:
        raise _broken(name, None, f"this is not GraphML as networkx reads it ({error})") from error
    courses = {}
    for *_, link_id, link in graph.edges(keys=True, data=True):
        text = link.pop("geometry", None)
        course = from_wkt(text, f"{name}|links", None, problems) if text else None
        if course is not None:
            courses[str(link.get("link_id", link_id))] = course
    graph.graph[ORDER] = _listed(graph, ORDER, str, name)
    for table in OTHER_TABLES:
        graph.graph[table] = _listed(graph, table, dict, name)
    frames = graph_frames(graph)
    del frames["geometry"]
    tables = {table: table_of(frame, f"{name}|{table}") for table, frame in frames.items()}
    return Incoming(name, tables, courses)


def _refuse_declarations(path: Path, name: str) -> None:
    """Refuse a document type, which GraphML has no need of, and XML that is not well-formed."""

    def refuse(*_: Any) -> None:
        message = "the file declares a document type, which may hide an entity bomb"
        raise _broken(name, parser.CurrentLineNumber, message)

    parser = expat.ParserCreate(namespace_separator=" ")  # prefixes must be bound, as for networkx
    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        raise _broken(name, line, f"this is not whole XML ({error})") from error


def _listed(graph: nx.Graph[Any], attribute: str, kind: type, name: str) -> list[Any]:
    """Return an attribute of the graph that is a list in JSON; an empty one if it is missing."""
    try:
        found = json.loads(str(graph.graph.get(attribute, "[]")))
    except (ValueError, RecursionError) as error:
        raise _broken(name, None, f"the graph's '{attribute}' is not JSON ({error})") from error
    if not isinstance(found, list) or not all(isinstance(item, kind) for item in found):
        raise _broken(name, None, f"the graph's '{attribute}' is not a list as it is written")
    return found


def _broken(name: str, line: int | None, message: str) -> InputError:
    return InputError([Problem(name, line, "", message, "Save the file again as GraphML")])
