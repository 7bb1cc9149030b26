"""The state diagram of a page: short labels, and an id for each state and edge, so that the page can light them."""

from __future__ import annotations

import re

from tmc.ir.document import Document
from tmc.ir.table import Table, Transition
from tmc.view.graphviz import is_there, svg_of
from tmc.view.page.circle import on_a_circle
from tmc.view.page.labels import Edge, conditions, node_id

MOST_STATES, MOST_EDGES = 200, 600  # of a diagram in which anything is to be seen, and that Graphviz lays out in seconds


def diagram_of(table: Table) -> str | None:
    """The picture: laid out by Graphviz if that is there, else on a circle. None for a machine too large for one."""
    edges = edges_of(table)
    if len(table.states) > MOST_STATES or len(edges) > MOST_EDGES:
        return None
    return bare(svg_of(diagram_dot(table)).decode()) if is_there() else on_a_circle(table, edges)


def edges_of(table: Table) -> dict[Edge, list[Transition]]:
    """The edges in the order of their numbers, and the transitions that each shows."""
    bundles: dict[Edge, list[Transition]] = {}
    for transition in table.transitions:
        bundles.setdefault((transition.state, transition.target), []).append(transition)
    return bundles


def diagram_document(table: Table, svg: str) -> Document:
    """The picture, and for each transition the number of its edge."""
    number = {edge: index for index, edge in enumerate(edges_of(table))}
    return {"svg": svg, "edges": [number[transition.state, transition.target] for transition in table.transitions]}


def diagram_dot(table: Table) -> str:
    """The diagram in Graphviz's language. It has no colours: those are the page's."""
    edges = edges_of(table)
    lines = [
        "digraph machine {",
        '  graph [rankdir="TB", nodesep="0.35", ranksep="0.45", pad="0.1", bgcolor="transparent"];',
        '  node [shape="box", style="rounded", fontname="sans-serif", fontsize="11", margin="0.12,0.05", height="0.3"];',
        '  edge [fontname="monospace", fontsize="10", arrowsize="0.6"];',
    ]
    for state, name in enumerate(table.states):
        lines.append(f'  "{node_id(state)}" [id="{node_id(state)}", class="state", label={_quoted(name)}];')
    for target in sorted({target for _, target in edges if target < 0}, reverse=True):
        name = table.target_name(target)
        lines.append(f'  "{node_id(target)}" [id="{node_id(target)}", class="state halt", label="{name}", peripheries="2"];')
    lines.append('  start [id="state-start", class="start", shape="point", width="0.1", label=""];')
    lines.append(f'  start -> "{node_id(table.start)}" [id="edge-start", class="edge start"];')
    for number, ((source, target), bundle) in enumerate(edges.items()):
        label = _quoted("\n".join(conditions(table, bundle)))
        lines.append(f'  "{node_id(source)}" -> "{node_id(target)}" [id="edge-{number}", class="edge", label={label}];')
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    """A quoted string, of which Graphviz shows every character."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def bare(svg: str) -> str:
    """The picture that Graphviz drew without what a page has no use for: the prolog, comments and tooltips."""
    return re.sub(r"<!--.*?-->\n?|<title>.*?</title>\n?", "", svg[svg.index("<svg") :], flags=re.DOTALL)
