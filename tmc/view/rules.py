"""The local rules as text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from tmc.ir.lattice import HERE, PLACES
from tmc.ir.rules import Copy, Field, Guard, Rule, Rules, Write, show_literal
from tmc.view.layout import aligned, count, filled, heading, paragraph, text_of

_ABOUT = """The machine as a cellular automaton: every cell holds a value in each field, and in one layer all cells change at
once, each by what it sees of itself and its eight neighbours. A rule says: when all this holds, then these fields change.
"west.push" is the field push of the cell to the left, a bare "push" the cell's own."""
_FIELDS = "Fields and their values. The first value is the one at rest, and what is seen beyond the edges."
_TRANSPARENT = "Transparent: here a cell passes on the derivative of its symbol, so that training writes to it; no value changes."
_EXCLUSIVE = """Invariants: of each list at most one line holds, wherever a run has led. So no two rules ever write one field at
once."""
MEANINGS = {
    "answer": "the verdict, in the cell where the machine has halted",
    "kind": "raw memory, live data, or a column of padding on the right",
    "symbol": "what the data tape holds here",
    "right": "work tape: where the control is, the symbol under the work head; j cells on, the one j places right of it",
    "left": "work tape: j cells right of the control, the symbol j places left of the work head",
    "move": "a signal: where the data head is to go, or what follows it",
    "push": "a signal: where the work head is to go",
    "carry1": "what a signal takes along",
    "carry2": "what a signal takes along, too",
    "control": "whether the control, and so the data head, is in this cell",
    "state": "the machine's state, where the control is; elsewhere at rest",
    "inside": "whether this is a cell at all, or beyond an edge",
}
DECODING, TRAVEL = "Decode the memory", "Travel: the control and the work tape move from cell to cell"


def rules_text(rules: Rules) -> str:
    """Fields, rules by what they are for, and what makes them exclusive."""
    sizes = f"{count(len(rules.fields), 'field')}, {count(len(rules.rules), 'rule')}."
    lines = ["Rules", "", *paragraph(f"{_ABOUT} {sizes}"), "", *_fields(rules)]
    for title, group in groupby(rules.rules, key=purpose):
        lines += ["", title, *(line for rule in group for line in _rule(rules, rule))]
    lines += _invariants(rules)
    if rules.transparent:
        lines += ["", *paragraph(_TRANSPARENT)]
        lines += [line for guard in rules.transparent for line in _guard(rules, guard, "  when  ")]
    return text_of(lines)


def purpose(rule: Rule) -> str:
    """What a rule is for: decoding the memory, the transitions of a state, or travelling."""
    if rule.name.startswith("decode:"):
        return DECODING
    state, arrow, _ = rule.name.partition(" → ")
    return f"Transitions of {state}" if arrow else TRAVEL


def shown_write(write: Write | Copy, rules: Rules) -> str:
    """A write in words, such as ``left := west.carry1``."""
    if isinstance(write, Write):
        return f"{write.field} := {rules.field(write.field).values[write.value]}"
    return f"{write.field} := {write.source if write.place == HERE else f'{PLACES[write.place]}.{write.source}'}"


def _fields(rules: Rules) -> list[str]:
    names = aligned([(field.name,) for field in rules.fields], indent=2)
    width = max(map(len, names)) + 2
    rows = zip(names, rules.fields, strict=True)
    return [*paragraph(_FIELDS), "", *(line for name, field in rows for line in _field(name.ljust(width), field))]


def _field(name: str, field: Field) -> list[str]:
    memory = "It stays until it is written." if field.persists else "It lasts one layer."
    meaning = f"{MEANINGS[field.name]}. {memory}" if field.name in MEANINGS else memory
    values = filled(" " * len(name), (value for value in field.values if value), separator=", ")
    return [*filled(name, meaning.split(), separator=" "), *values]


def _rule(rules: Rules, rule: Rule) -> list[str]:
    then = (shown_write(write, rules) for write in rule.writes)
    when = _guard(rules, rule.guard, "    when  ")
    return ["", f"  {heading(rule.name, rule.line, rules.files)}", *when, *filled("    then  ", then, separator=", ")]


def _guard(rules: Rules, guard: Guard, first: str) -> list[str]:
    return filled(first, _literals(rules, guard))


def _literals(rules: Rules, guard: Guard) -> Iterable[str]:
    return (show_literal(literal, rules) for literal in guard)


def _invariants(rules: Rules) -> list[str]:
    lines = ["", *paragraph(_EXCLUSIVE)]
    for invariant in rules.invariants:
        lines += ["", f"  {invariant.name}"]
        lines += [line for member in invariant.members for line in _guard(rules, member, "    ")]
    return lines
