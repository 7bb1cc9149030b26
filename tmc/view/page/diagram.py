"""The state diagram of a page: short labels, and an id for each state and edge, so that the page can light them."""

from __future__ import annotations

import re

from tmc.ir.document import Document
from tmc.ir.table import ACCEPT, Table, Transition
from tmc.view.table import edges_read, symbols_read

Edge = tuple[int, int]  # states; below 0: halting


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
        label = _quoted("\n".join(_conditions(table, bundle)))
        lines.append(f'  "{node_id(source)}" -> "{node_id(target)}" [id="edge-{number}", class="edge", label={label}];')
    return "\n".join([*lines, "}"]) + "\n"


def node_id(state: int) -> str:
    """The id of a state, such as ``state-3`` or ``state-accept``."""
    return f"state-{state}" if state >= 0 else "state-accept" if state == ACCEPT else "state-reject"


def _conditions(table: Table, bundle: list[Transition]) -> list[str]:
    """What the transitions of an edge ask for, one a line, each once."""
    return list(dict.fromkeys(_condition(table, transition) for transition in bundle))


def _condition(table: Table, transition: Transition) -> str:
    symbols, edges = symbols_read(table, transition), edges_read(transition)
    return " ".join(part for part in (symbols if set(symbols) - set("*, ") else "", edges) if part) or "always"


def _quoted(text: str) -> str:
    """A quoted string, of which Graphviz shows every character."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def bare(svg: str) -> str:
    """The picture that Graphviz drew without what a page has no use for: the prolog, comments and tooltips."""
    return re.sub(r"<!--.*?-->\n?|<title>.*?</title>\n?", "", svg[svg.index("<svg") :], flags=re.DOTALL)
