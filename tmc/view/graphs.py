"""Each stage as a networkx graph: a view for drawing and for GraphML, never the data itself.

Nodes and edges carry plain strings and integers only. Every node has a `label`, a `kind` (what it is) and a `rank` (the column in
which it stands when the graph is drawn in columns); the graph's attribute `stage` names the stage.
"""

from __future__ import annotations

from typing import Any

import networkx as nx

from tmc.ir.cells import Cells
from tmc.ir.cells import show_literal as show_trit
from tmc.ir.filters import Filters, Layer
from tmc.ir.lattice import HERE, PLACES
from tmc.ir.rules import Copy, Rules
from tmc.ir.table import Table, Transition
from tmc.ir.units import Number
from tmc.view.cells import shown_changes
from tmc.view.filters import unit_name
from tmc.view.rules import DECODING, TRAVEL, purpose, shown_write
from tmc.view.syntax import Branch, Syntax, outline
from tmc.view.table import edges_read, moved, symbols_read, written

Graph = Any  # networkx ships no types

_SIGNS = {(True, False): "minus", (False, True): "plus"}  # by whether a literal admits -1 and +1
_RULE_KINDS = {DECODING: "decoding", TRAVEL: "travel"}


def syntax_graph(syntax: Syntax) -> Graph:
    """The outline as a tree (DiGraph): nodes carry `line`, an edge leads from a node to each of its parts."""
    graph = nx.DiGraph(stage="syntax", name=syntax.machine.name.text)
    _add_branch(graph, "0", outline(syntax), 0)
    return graph


def _add_branch(graph: Graph, key: str, branch: Branch, rank: int) -> None:
    label = branch.text or branch.kind
    graph.add_node(key, label=label, kind=branch.kind, rank=rank, line=branch.line)
    for number, part in enumerate(branch.parts):
        below = f"{key}.{number}"
        _add_branch(graph, below, part, rank + 1)
        graph.add_edge(key, below, kind="part")


def table_graph(table: Table) -> Graph:
    """The state graph (DiGraph): a node per state and per halting state that is used, `start` being 1 on the first state.

    An edge stands for all transitions between two states: `label` has their conditions and actions, `transitions` their number.
    """
    graph = nx.DiGraph(stage="table", name=table.name)
    for number, name in enumerate(table.states):
        graph.add_node(name, label=name, kind="state", rank=0, start=int(number == table.start))
    bundles: dict[tuple[str, str], list[Transition]] = {}
    for transition in table.transitions:
        target = table.target_name(transition.target)
        if transition.halts:
            graph.add_node(target, label=target, kind=target, rank=1, start=0)
        bundles.setdefault((table.states[transition.state], target), []).append(transition)
    for (state, target), bundle in bundles.items():
        graph.add_edge(state, target, label=_bundle_label(table, bundle), kind="transitions", transitions=len(bundle))
    return graph


def _bundle_label(table: Table, bundle: list[Transition]) -> str:
    """Conditions and actions, in the words of the language; an action that several transitions share is said once."""
    actions: dict[str, list[str]] = {}
    for transition in bundle:
        actions.setdefault(_action(table, transition), []).append(_condition(table, transition))
    return "\n".join(line for action, conditions in actions.items() for line in (*conditions, f"   {action}") if line.strip())


def _condition(table: Table, transition: Transition) -> str:
    symbols, edges = symbols_read(table, transition), edges_read(transition)
    on = f"on {symbols.removesuffix(', *')}" if set(symbols) - set("*, ") else ""
    at = f"at {edges}" if edges else ""
    return " ".join(part for part in (on, at) if part) or "always"


def _action(table: Table, transition: Transition) -> str:
    pairs = (("write", written(table, transition)), ("move", moved(table, transition)))
    return "  ".join(f"{verb} {items.removesuffix(', .')}" for verb, items in pairs if set(items) - set("., "))


def rules_graph(rules: Rules) -> Graph:
    """What each rule reads and writes (DiGraph): fields of neighbours → rules → fields.

    Rules are of kind ``decoding``, ``transition`` or ``travel``. An edge into a rule is of kind ``tests`` (the label says which
    values) or ``copies``, one out of it ``writes``.
    """
    graph = nx.DiGraph(stage="rules")
    for number, rule in enumerate(rules.rules):
        node = f"rule {number}"
        graph.add_node(
            node,
            label=rule.name,
            kind=_RULE_KINDS.get(purpose(rule), "transition"),
            rank=1,
            **_origin(rules.files, rule.name, rule.line),
        )
        for write in rule.writes:
            if isinstance(write, Copy):
                graph.add_edge(_reads(graph, write.place, write.source), node, label="", kind="copies")
            graph.add_node(f"write {write.field}", label=write.field, kind="written", rank=2)
            graph.add_edge(node, f"write {write.field}", label=shown_write(write, rules), kind="writes")
        for literal in rule.guard:
            values = rules.field(literal.field).values
            label = " or ".join(values[value] for value in literal.values)
            graph.add_edge(_reads(graph, literal.place, literal.field), node, label=label, kind="tests")
    return graph


def _origin(files: tuple[tuple[str, str], ...], rule: str, line: int) -> dict[str, int | str]:
    """Where a rule comes from: its line, and its file if that is not the machine's own."""
    file = next((file for name, file in files if name == rule), "")
    return {"line": line, "file": file} if file else {"line": line}


def _reads(graph: Graph, place: int, name: str) -> str:
    """The node of what is read in the cell at `place`, added where it is new."""
    label = _placed(place, name)
    graph.add_node(f"read {label}", label=label, kind="own" if place == HERE else "neighbour", rank=0)
    return f"read {label}"


def _placed(place: int, name: str) -> str:
    return name if place == HERE else f"{PLACES[place]}.{name}"


def cells_graph(cells: Cells) -> Graph:
    """What each conjunction reads and changes (DiGraph): trits of neighbours → conjunctions → trits."""
    graph = nx.DiGraph(stage="cells")
    for number, conjunction in enumerate(cells.conjunctions):
        node = f"conjunction {number}"
        adds, about = shown_changes(cells, conjunction), _origin(cells.files, conjunction.rule, conjunction.line)
        graph.add_node(node, label=conjunction.rule, kind="conjunction", rank=1, adds=adds, **about)
        for literal in conjunction.literals:
            read = _reads(graph, literal.place, cells.trits[literal.trit].name)
            graph.add_edge(
                read, node, label=show_trit(literal, cells), kind=_SIGNS.get((-1 in literal.values, 1 in literal.values), "zero")
            )
        for trit, change in conjunction.changes:
            name = cells.trits[trit].name
            graph.add_node(f"write {name}", label=name, kind="written", rank=2)
            graph.add_edge(node, f"write {name}", label=f"{change:+d}", kind="plus" if change > 0 else "minus")
    return graph


def filters_graph(filters: Filters) -> Graph:
    """The network (DiGraph): channels of neighbours → the units of each layer → channels → the head → the output.

    Edges carry `weight`, an integer or, where it is a fraction, a string such as ``1/2``; units carry `bias`.
    """
    graph = nx.DiGraph(stage="filters", target=filters.target)
    first = filters.recurrent[0]
    read = sorted({index for unit in first.units for index, _ in unit.weights})
    nodes = {index: _reads(graph, index % len(PLACES), filters.channels[index // len(PLACES)]) for index in read}
    for rank, layer in enumerate((*filters.recurrent, *filters.head), 1):
        nodes = _add_layer(graph, layer, nodes, rank, filters)
    return graph


def _add_layer(graph: Graph, layer: Layer, inputs: dict[int, str], rank: int, filters: Filters) -> dict[int, str]:
    """Add a layer's units, and edges from its inputs; returns the nodes of its units by number."""
    kind = "written" if layer is filters.recurrent[-1] else layer.name
    named = kind in ("written", "output")
    nodes = {}
    for index, unit in enumerate(layer.units):
        label = unit.name if named else unit_name(layer, index)
        nodes[index] = f"{layer.name} {label}"
        about = {"name": unit.name, "rule": unit.rule, **_origin(filters.files, unit.rule, unit.line)}
        graph.add_node(nodes[index], label=label, kind=kind, rank=rank, bias=_plain(unit.bias), **about)
        for source, weight in unit.weights:
            kind_of_edge = "plus" if weight > 0 else "minus"
            graph.add_edge(inputs[source], nodes[index], weight=_plain(weight), kind=kind_of_edge)
    return nodes


def _plain(number: Number) -> int | str:
    return number if isinstance(number, int) else str(number)
