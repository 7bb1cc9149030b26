"""The network as SVG: channels of a cell and its neighbours, the units of every layer, the new channels; one rule's path lit.

The path of a rule: the units that come from it, what they read, and what they change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from tmc.ir.filters import UNUSED, Filters, Layer
from tmc.ir.lattice import HERE, PLACES
from tmc.ir.table import file_of
from tmc.view.columns import CONTENT, LOOKS, Column, Link, Node, columns_graph
from tmc.view.filters import formula, input_names, unit_name
from tmc.view.layout import count, heading
from tmc.view.rules_picture import Lit, none_lit
from tmc.view.svg import Theme, document, mono_width, sans_width, text

TITLE, SMALL, LEFT = 16.0, 10.0, 18.0
GAP, DOT = 250.0, 8.0  # between columns, and a unit's width

Key = tuple[int, int]  # the column, and the index in it


def filters_picture(filters: Filters, name: str, lit: Lit = none_lit, theme: Theme = "auto") -> str:
    """The recurrent convolution, an SVG document; the path of the `lit` rules is marked."""
    own = {(rank, index) for rank, layer in enumerate(filters.recurrent, 1) for index, unit in enumerate(layer.units)
           if unit.rule and lit(unit.rule, unit.line, file_of(unit.rule, filters.files))}  # fmt: skip
    path = _path(filters, own)
    used = sorted({source for unit in filters.recurrent[0].units for source, _ in unit.weights})
    columns = [_inputs(filters, used, path)]
    columns += [_layer(filters, rank, layer, path) for rank, layer in enumerate(filters.recurrent, 1)]
    shown = {node.key for column in columns for node in column.nodes}
    edges = [
        Link(_key(rank - 1, source), _key(rank, index), "plus" if weight > 0 else "minus", _key_lit(path, own, rank, source, index))
        for rank, layer in enumerate(filters.recurrent, 1)
        for index, unit in enumerate(layer.units)
        for source, weight in unit.weights
        if _key(rank, index) in shown
    ]
    body, right, bottom = columns_graph(columns, edges, GAP, LEFT, 66)
    title = f"Filters of {name}, target {filters.target}: {filters.sizes}"
    note = _note(filters, own)
    parts = [text(title, LEFT, 26, TITLE, class_="name"), text(note, LEFT, 46, SMALL, class_="faint")]
    width = max(right + 20, LEFT + sans_width(title, TITLE), LEFT + sans_width(note, SMALL)) + LEFT
    about = f"From left to right: channels of a cell and its neighbours, the layers of units, the cell's new channels. {note}"
    return document("filters", (width, bottom + LEFT), title, about, [*parts, *body], LOOKS, theme)


def _note(filters: Filters, own: set[Key]) -> str:
    signs = "Blue: weights above 0, red: below."
    if not own:
        return signs
    units = [filters.recurrent[rank - 1].units[index] for rank, index in sorted(own)]
    rules = list(dict.fromkeys(heading(unit.rule, unit.line, filters.files) for unit in units))
    named = rules[0] if len(rules) == 1 else f"{rules[0]} and {len(rules) - 1} more"
    return f"Lit: {named}, {count(len(own), 'unit')}, with what they read and change. {signs}"


def _path(filters: Filters, own: set[Key]) -> set[Key]:
    """The units of rules with all that they read, down to the channels, and the channels that they change."""
    path = set(own)
    for rank in range(len(filters.recurrent), 0, -1):
        units = filters.recurrent[rank - 1].units
        path |= {(rank - 1, source) for at, index in path if at == rank for source, _ in units[index].weights}
    last = len(filters.recurrent)
    units = filters.recurrent[-1].units
    changed = {(last, index) for index, unit in enumerate(units) for source, _ in unit.weights if (last - 1, source) in own}
    return path | changed


def _key_lit(path: set[Key], own: set[Key], rank: int, source: int, index: int) -> bool:
    """Whether an edge is on the path: into a unit that is, or out of a rule's own unit into what it changes."""
    ends = (rank - 1, source) in path and (rank, index) in path
    return ends and ((rank, index) in own or (rank - 1, source) in own or _is_before(own, rank))


def _is_before(own: set[Key], rank: int) -> bool:
    """Whether a layer lies before all of the rule's own units."""
    return all(at > rank for at, _ in own)


def _key(rank: int, index: int) -> str:
    return f"{rank}:{index}"


def _inputs(filters: Filters, used: Sequence[int], path: set[Key]) -> Column:
    names = {index: input_names(filters)[0](index) for index in used}
    nodes = [
        Node(_key(0, index), names[index], "own" if index % len(PLACES) == HERE else "neighbour", lit=(0, index) in path)
        for index in used
    ]
    return Column("channels read (violet: of a neighbour)", nodes, _wide(names))


def _wide(names: Mapping[int, str]) -> float:
    return max((mono_width(name, SMALL) for name in names.values()), default=CONTENT) + 10


def _layer(filters: Filters, rank: int, layer: Layer, path: set[Key]) -> Column:
    if layer is filters.recurrent[-1]:
        names = {index: unit.name for index, unit in enumerate(layer.units)}
        nodes = [Node(_key(rank, index), name, "written", lit=(rank, index) in path) for index, name in names.items()]
        return Column("new channels", nodes, _wide(names))
    inputs = input_names(filters)[rank - 1]
    units = [(index, unit) for index, unit in enumerate(layer.units) if unit.name != UNUSED and (unit.weights or unit.bias)]
    nodes = []
    for index, unit in units:
        said = f"{unit_name(layer, index)} = {' '.join(formula(unit, inputs, relu=layer.relu))}\n{unit.rule}: {unit.name}"
        label = f"{unit_name(layer, index)}  {unit.name}" if rank == 1 else unit_name(layer, index)
        nodes.append(
            Node(_key(rank, index), label if len(label) <= 40 else label[:39] + "…", layer.name, said, (rank, index) in path)
        )
    groups = [(len(list(group)), rule) for rule, group in groupby(unit.rule for _, unit in units)] if rank > 1 else []
    return Column(layer.name, nodes, DOT, groups, sorted=rank == 1)
