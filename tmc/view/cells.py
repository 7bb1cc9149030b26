"""The cells - codes of values, and conjunctions on trits - as text."""

from __future__ import annotations

from itertools import groupby

from tmc.ir.cells import Cells, Conjunction, TritLiteral, code, show_literal
from tmc.view.layout import aligned, count, filled, heading, paragraph, text_of, without_shared

_ABOUT = """The same automaton, with each field written as trits, digits that are -1, 0 or +1. In one layer a trit that persists
keeps its value and the others fall to 0; then every conjunction whose trits are as it says adds its changes."""


def cells_text(cells: Cells) -> str:
    """The trits, the codes of all values, and the conjunctions of each rule."""
    sizes = f"{count(len(cells.trits), 'trit')} a cell, {count(len(cells.conjunctions), 'conjunction')}."
    lines = ["Cells", "", *paragraph(f"{_ABOUT} {sizes}"), "", *_codes(cells), ""]
    lines += paragraph('Conjunctions, by rule. What all conjunctions of a rule ask for is said once, under "when".')
    for (rule, line), group in groupby(cells.conjunctions, key=lambda conjunction: (conjunction.rule, conjunction.line)):
        lines += ["", f"  {heading(rule, line, cells.files)}", *_conjunctions(cells, tuple(group))]
    if cells.transparent:
        lines += ["", *paragraph("Transparent: here a cell passes on the derivative of its symbol; no value changes.")]
        lines += [line for literals in cells.transparent for line in filled("  when  ", _shown(cells, literals))]
    return text_of(lines)


def shown_changes(cells: Cells, conjunction: Conjunction) -> str:
    """What a conjunction adds, such as ``state.0 +1, state.1 -1``."""
    return ", ".join(f"{cells.trits[trit].name} {change:+d}" for trit, change in conjunction.changes)


def _codes(cells: Cells) -> list[str]:
    rows = []
    for (field, values), trits in zip(cells.values, cells.widths(), strict=True):
        names = [trit for trit in cells.trits if trit.field == field]
        memory = "persists" if any(trit.persists for trit in names) else "transient"
        rows.append((field, f"{count(trits, 'trit')}, {memory}", *_coded(values, trits)))
    wide = [row for row in rows if len(row) > 5]
    listing = aligned([row if row not in wide else row[:2] for row in rows], indent=2)
    lines = paragraph('Codes: field, trits, and the trits of each value, digit 0 first ("+" and "-" are +1 and -1).')
    for row, line in zip(rows, listing, strict=True):
        lines += filled(line + "  ", row[2:], separator="  ") if row in wide else [line]
    return [lines[0], "", *lines[1:]]


def _coded(values: tuple[str, ...], trits: int) -> list[str]:
    signs = {-1: "-", 0: "0", 1: "+"}
    codes = ("".join(signs[trit] for trit in code(number, trits)) for number in range(len(values)))
    return [f"{value} {digits}".strip() for value, digits in zip(values, codes, strict=True) if value]


def _conjunctions(cells: Cells, group: tuple[Conjunction, ...]) -> list[str]:
    shared, own = without_shared([_shown(cells, conjunction.literals) for conjunction in group])
    when = filled("    when  ", shared or ["anything"])
    changes = [shown_changes(cells, conjunction) for conjunction in group]
    conditions = [f"  where also {' ∧ '.join(literals)}" if literals else "" for literals in own]
    return [*when, *(f"    add   {added}{condition}" for added, condition in zip(changes, conditions, strict=True))]


def _shown(cells: Cells, literals: tuple[TritLiteral, ...]) -> list[str]:
    return [show_literal(literal, cells) for literal in literals]
