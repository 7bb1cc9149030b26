"""The filters - ReLU units with their weights - as text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from tmc.ir.filters import Filters, Layer, Size, size
from tmc.ir.lattice import HERE, PLACES, Cell
from tmc.ir.units import Number, Unit
from tmc.view.layout import aligned, count, filled, grouped, heading, paragraph, text_of, without_shared

Naming = Callable[[int], str]  # from the number of an input to what formulas call it

_ABOUT = """The network: one application of these layers to every cell and its eight neighbours is one layer of the cells. σ is
ReLU, σ(x) = max(x, 0). A unit is written as its formula; {} is the first unit of the first layer, and so on."""
_CHANNELS = """Channels, with their values in a memory cell that holds 0 ("blank"), in the columns on the right ("pad") and beyond
the edges ("border")."""
_NOTES = {
    "steps": "A step is 2 where what stands beside it holds, and else 0; rise and level are two units that make one.",
    "conjunctions": "A conjunction is 1 where what stands above and beside it holds, and else 0.",
    "channels": "The cell's new channels: sums of the conjunctions' changes.",
}


def filters_text(filters: Filters) -> str:
    """Sizes, channels, every unit of every layer with its formula, and the head."""
    lines = [f"Filters, target {filters.target}", "", *paragraph(_ABOUT.format(unit_name(filters.recurrent[0], 0))), ""]
    lines += [*_sizes(size(filters), filters), "", *_channels(filters)]
    naming = input_names(filters)
    for layer, names in zip(filters.recurrent, naming, strict=True):
        lines += ["", *_title(layer), *_layer(layer, names, filters)]
    lines += ["", *paragraph("Head: each cell's share of the output, added up over the cells of the data columns.")]
    for layer, names in zip(filters.head, head_names(filters), strict=True):
        lines += ["", *_title(layer), *_layer(layer, names, filters)]
    return text_of(lines)


def input_names(filters: Filters) -> list[Naming]:
    """How the inputs of each recurrent layer are called: channels of neighbours, then the units of the layer before."""

    def of_patch(index: int) -> str:
        channel, place = divmod(index, len(PLACES))
        name = filters.channels[channel]
        return name if place == HERE else f"{PLACES[place]}.{name}"

    return [of_patch, *(_units_of(layer) for layer in filters.recurrent[:-1])]


def head_names(filters: Filters) -> list[Naming]:
    """How the inputs of each layer of the head are called."""
    return [lambda index: filters.channels[index], *(_units_of(layer) for layer in filters.head[:-1])]


def unit_name(layer: Layer, index: int) -> str:
    """What formulas call a unit, such as ``s1``: the layer's initial and the unit's number, counted from 1; after V1 to V4
    ``v1.1``."""
    if layer.name[1:].isdigit():
        return f"{layer.name.lower()}.{index + 1}"
    return f"{layer.name[0]}{index + 1}"


def _units_of(layer: Layer) -> Naming:
    return lambda index: unit_name(layer, index)


def formula(unit: Unit, names: Naming, *, relu: bool) -> list[str]:
    """The terms of a unit's formula: joined by spaces, they are such as ``σ(4·west.push.0 - 2)``."""
    terms = [_term(weight, names(index)) for index, weight in unit.weights]
    if unit.bias or not terms:
        terms.append(f"{'-' if unit.bias < 0 else '+'} {abs(unit.bias)}")
    terms[0] = terms[0].removeprefix("+ ").replace("- ", "-", 1)
    if relu:
        terms[0] = f"σ({terms[0]}"
        terms[-1] += ")"
    return terms


def _term(weight: Number, name: str) -> str:
    factor = "" if abs(weight) == 1 else f"{abs(weight)}·"
    return f"{'-' if weight < 0 else '+'} {factor}{name}"


def _sizes(figures: Size, filters: Filters) -> list[str]:
    hidden = zip(filters.recurrent, figures.units, strict=False)
    return aligned(
        [
            ("channels", grouped(figures.channels)),
            *((f"units of the layer {layer.name}", grouped(units)) for layer, units in hidden),
            ("units of the head", grouped(figures.head_units)),
            ("weights", grouped(figures.weights)),
            ("weights that are not 0", grouped(figures.nonzero)),
            ("values of weights", f"{len(figures.values)}:  {'  '.join(map(str, figures.values))}"),
            ("values of biases", f"{len(figures.biases)}:  {'  '.join(map(str, figures.biases))}"),
        ],
        indent=2,
    )


def _channels(filters: Filters) -> list[str]:
    remarks = {filters.symbol: "the memory is delivered here", filters.answer: "the verdict"}
    if filters.symbol == filters.answer:
        remarks = {filters.symbol: "the memory is delivered here; the verdict is its most significant digit"}
    rows: list[tuple[str, ...]] = [("channel", "blank", "pad", "border", "")]
    rows += [
        (name, *(_digit(cell, index) for cell in (filters.blank, filters.pad, filters.border)), remarks.get(index, ""))
        for index, name in enumerate(filters.channels)
    ]
    return [*paragraph(_CHANNELS), "", *aligned(rows, indent=2)]


def _digit(cell: Cell, index: int) -> str:
    return f"{'+' if cell[index] > 0 else ''}{cell[index]}"


def _title(layer: Layer) -> list[str]:
    sizes = ", ".join((count(layer.inputs, "input"), count(len(layer), "unit"), "ReLU" if layer.relu else "no ReLU"))
    return paragraph(f"Layer {layer.name}: {sizes}. {_NOTES.get(layer.name, '')}")


def _layer(layer: Layer, names: Naming, filters: Filters) -> list[str]:
    if layer is filters.recurrent[-1] or layer is filters.head[-1]:
        formulas = ((unit.name, formula(unit, names, relu=layer.relu)) for unit in layer.units)
        return ["", *(line for name, terms in formulas for line in filled(f"  {name} = ", terms, " "))]
    lines = []
    used = [(index, unit) for index, unit in enumerate(layer.units) if unit.weights or unit.bias]
    for (rule, line), group in groupby(used, key=lambda pair: (pair[1].rule, pair[1].line)):
        units = list(group)
        shared, own = _conditions([unit for _, unit in units])
        lines += ["", *filled(f"  {heading(rule, line, filters.files)}{':  ' if shared else ''}", shared)]
        texts = (" ".join(formula(unit, names, relu=layer.relu)) for _, unit in units)
        rows = zip((unit_name(layer, index) for index, _ in units), texts, own, strict=True)
        lines += aligned([(name, f"= {text}", remark) for name, text, remark in rows], indent=4)
    if len(used) < len(layer):
        lines += ["", f"  {count(len(layer) - len(used), 'unit')} more, unused"]
    return lines


def _conditions(units: list[Unit]) -> tuple[list[str], list[str]]:
    """What the units of a rule all ask for, and what each asks for besides (or its whole name, if that is no conjunction)."""
    names = [unit.name for unit in units]
    if any(" where " in name or " = " not in name for name in names):
        return [], [name if " = " in name or ":" in name or " > " in name else "" for name in names]
    shared, own = without_shared([name.split(" ∧ ") for name in names])
    return shared, [" ∧ ".join(literals) for literals in own]
