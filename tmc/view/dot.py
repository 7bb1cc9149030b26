"""Graphs in Graphviz's language, and as GraphML.

The same graph gives the same bytes. A state graph is drawn top down with its transitions written out; the other stages stand in
columns from left to right, coloured by what nodes are, with hair-thin edges where there are hundreds of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

Look = Mapping[str, str]

_BLUE, _ORANGE, _GREEN, _RED, _GREY, _VIOLET = "#dbe9f6", "#fdebd0", "#d9efd9", "#f8d7d4", "#e8e8e8", "#e6dff1"
_FONT = {"fontname": "Helvetica,Arial,sans-serif"}
_MANY = 300  # edges, from which on they are drawn thin

_COLUMNS: Look = {"rankdir": "LR", "nodesep": "0.06", "ranksep": "2.2", "outputorder": "edgesfirst"}
_DENSE: Look = {"ranksep": "6", "nodesep": "0.04", "splines": "line", "nslimit": "2", "mclimit": "0.3"}
_PAGES: Mapping[str, Look] = {
    "table": {"rankdir": "TB", "nodesep": "0.6", "ranksep": "0.7", "pad": "0.4"},
    "syntax": {"rankdir": "LR", "nodesep": "0.08", "ranksep": "0.9", "ordering": "out"},
}
_READ = "Left to right: what is read (blue: of the cell itself, violet: of a neighbour)"
_CAPTIONS: Mapping[str, str] = {
    "rules": f"{_READ},\nthe rules (grey: decoding, orange: transitions, red: travel), what they write (green). Dashed: copied.",
    "cells": f"{_READ},\nthe conjunctions, the trits they change (green). Lines: +1 blue, -1 red, otherwise grey.",
    "filters": f"{_READ},\nsteps, conjunctions, new channels (green), head, output. Lines: weights above 0 blue, below 0 red.",
}

_BOX: Look = {"shape": "box", "style": "filled", "color": "#555555", "fillcolor": "#ffffff", **_FONT}
_LARGE: Look = {"fontsize": "13", "style": "rounded,filled", "margin": "0.2,0.08"}
_SMALL: Look = {"fontsize": "10", "height": "0.22", "margin": "0.06,0.02"}
_FILLS: Mapping[str, str] = {
    "machine": _BLUE, "state": _BLUE, "rule": _ORANGE, "test": _GREEN,
    "own": _BLUE, "neighbour": _VIOLET, "written": _GREEN,
    "decoding": _GREY, "transition": _ORANGE, "travel": _RED,
    "conjunction": _ORANGE, "conjunctions": _ORANGE, "steps": _GREY, "head": _GREY, "output": _RED,
    "accept": _GREEN, "reject": _RED,
}  # fmt: skip
_LINE: Look = {"fontname": "monospace", "fontsize": "10", "color": "#444444", "arrowsize": "0.7"}
_THIN: Look = {"penwidth": "0.4", "arrowhead": "none"}
_LINES: Mapping[str, Look] = {
    "part": {"color": "#999999", "arrowhead": "none"},
    "tests": {"color": "#6b7c93"},
    "copies": {"color": "#8e6bbf", "style": "dashed"},
    "writes": {"color": "#3f9b5a"},
    "plus": {"color": "#2b6cb0"},
    "minus": {"color": "#c0392b"},
    "zero": {"color": "#888888"},
}


def dot(graph: Any) -> str:
    """The graph in Graphviz's language."""
    stage, dense = graph.graph["stage"], graph.number_of_edges() > _MANY
    page = {**_FONT, **_PAGES.get(stage, _COLUMNS), **(_DENSE if dense else {})}
    if stage in _CAPTIONS:
        page |= {"label": _CAPTIONS[stage], "labelloc": "t", "labeljust": "l", "fontsize": "18"}
    lines = [
        f"digraph {_quoted(stage)} {{",
        f"  graph {_attributes(page)};",
        f"  node {_attributes({**_BOX, **(_LARGE if stage == 'table' else _SMALL)})};",
        f"  edge {_attributes({**_LINE, **(_THIN if dense else {})})};",
    ]
    lines += [line for key, node in graph.nodes(data=True) for line in _node(key, node)]
    lines += [_edge(*edge, written_out=stage == "table") for edge in graph.edges(data=True)]
    lines += _columns(graph) if stage not in _PAGES else []
    return "\n".join([*lines, "}"]) + "\n"


def _node(key: str, node: Mapping[str, Any]) -> list[str]:
    look = {"label": str(node["label"])}
    if node["kind"] in _FILLS:
        look["fillcolor"] = _FILLS[node["kind"]]
    if node["kind"] in ("accept", "reject"):
        look |= {"shape": "doublecircle", "style": "filled", "margin": "0.02"}
    lines = [f"  {_quoted(key)} {_attributes(look)};"]
    if node.get("start"):
        marker = _quoted(f"start of {key}")
        dark = {"label": "", "shape": "circle", "style": "filled", "fillcolor": "#222222", "width": "0.16", "height": "0.16"}
        lines += [f"  {marker} {_attributes(dark)};", f'  {marker} -> {_quoted(key)} [penwidth="1.5"];']
    return lines


def _edge(source: str, target: str, edge: Mapping[str, Any], *, written_out: bool) -> str:
    look = dict(_LINES.get(edge["kind"], {}))
    if written_out:
        look["label"] = "\n".join(f"  {line}" for line in edge["label"].split("\n"))
    return f"  {_quoted(source)} -> {_quoted(target)}{' ' + _attributes(look) if look else ''};"


def _columns(graph: Any) -> list[str]:
    """Nodes of one rank stand in one column."""
    ranks: dict[int, list[str]] = {}
    for key, rank in graph.nodes(data="rank"):
        ranks.setdefault(rank, []).append(_quoted(key))
    return [f"  {{ rank=same; {'; '.join(keys)}; }}" for _, keys in sorted(ranks.items())]


def _attributes(look: Look) -> str:
    return f"[{', '.join(f'{name}={_quoted(_literal(value))}' for name, value in look.items())}]"


def _literal(text: str) -> str:
    """A text of which Graphviz shall show every character: it would read ``&lt;`` as an entity."""
    return text.replace("&", "&amp;")


def _quoted(text: str) -> str:
    """A quoted string; the lines of a text of several lines are set flush left."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if "\n" in escaped:
        escaped = escaped.replace("\n", "\\l") + "\\l"
    return f'"{escaped}"'


def graphml(graph: Any) -> str:
    """The graph as GraphML, in UTF-8 once encoded."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *nx.generate_graphml(graph)]) + "\n"
