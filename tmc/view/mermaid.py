"""Graphs as Mermaid, the language of diagrams in Markdown: state diagrams, and the other stages as flow charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tmc.ir.table import Table
from tmc.view.rules_picture import Lit
from tmc.view.state_diagram import state_edges
from tmc.width import visible

_FILLS = {
    "own": "#dbe9f6", "neighbour": "#e6dff1", "written": "#d9efd9", "decoding": "#e8e8e8", "transition": "#fdebd0",
    "travel": "#f8d7d4", "conjunctions": "#fdebd0", "steps": "#e8e8e8",
}  # fmt: skip
_ENTITIES = str.maketrans({sign: f"#{ord(sign)};" for sign in '#"<>&;:{}[]()|`\\%'})  # what Mermaid would read itself


def mermaid_states(table: Table) -> str:
    """The state diagram of a machine."""
    lines = ["stateDiagram-v2", f"    accTitle: State diagram of {_text(table.name)}"]
    lines += [f'    state "{_text(name)}" as s{number}' for number, name in enumerate(table.states)]
    halting = sorted({each.target for each in table.transitions if each.halts}, reverse=True)
    lines += [f'    state "{table.target_name(target)}" as {table.target_name(target)}' for target in halting]
    lines.append(f"    [*] --> s{table.start}")
    for edge in state_edges(table):
        target = f"s{edge.target}" if edge.target >= 0 else table.target_name(edge.target)
        said = "<br>".join(_text(line.strip()) for line, _ in edge.lines())
        lines.append(f"    s{edge.state} --> {target}: {said}")
    lines += [f"    {table.target_name(target)} --> [*]" for target in halting]
    return "\n".join(lines) + "\n"


def mermaid_flow(graph: Any, title: str) -> str:
    """A stage's graph (see `tmc.view.graphs`) as a flow chart from left to right."""
    names = {key: f"n{number}" for number, key in enumerate(graph.nodes)}
    return "\n".join(["flowchart LR", f"    accTitle: {_text(title)}", *_flow(graph, names)]) + "\n"


def path_of(graph: Any, lit: Lit) -> Any:
    """The part of a stage's graph that belongs to some rules: their nodes, all that these read, and what they change."""
    own = {
        key
        for key, node in graph.nodes(data=True)
        if node["kind"] != "written" and lit(node.get("rule", node["label"]), node.get("line", 0), node.get("file", ""))
    }
    path, waiting = set(own), list(own)
    while waiting:
        for source in graph.predecessors(waiting.pop()):
            if source not in path:
                path.add(source)
                waiting.append(source)
    changed = {target for key in own for target in graph.successors(key)}
    found = graph.__class__(**graph.graph)
    found.add_nodes_from((key, node) for key, node in graph.nodes(data=True) if key in path | changed)
    found.add_edges_from(edge for edge in graph.edges(data=True) if edge[0] in found and edge[1] in found)
    return found


def _flow(graph: Any, names: dict[str, str]) -> Iterator[str]:
    used = set()
    for key, node in graph.nodes(data=True):
        kind = f":::{node['kind']}" if node["kind"] in _FILLS else ""
        used.add(node["kind"])
        yield f'    {names[key]}["{_text(str(node["label"]))}"]{kind}'
    for source, target, edge in graph.edges(data=True):
        label = str(edge.get("weight", edge.get("label", "")))
        arrow = "-.->" if edge["kind"] == "copies" else "-->"
        said = f'|"{_text(label)}"|' if label else ""
        yield f"    {names[source]} {arrow}{said} {names[target]}"
    for kind in sorted(used & set(_FILLS)):
        yield f"    classDef {kind} fill:{_FILLS[kind]},stroke:#555555,color:#1d2126"


def _text(content: str) -> str:
    return visible(content).translate(_ENTITIES)
