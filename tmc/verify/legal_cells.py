"""Which cells there are: for every kind of cell the values of its other fields; and the proof that no rule leads out of these.

The sets are those that the compiler numbers in the target `scalar` (`tmc.automaton.reachable`). They are taken as a claim: that the
first cells are among them, and that every rule makes of cells among them cells among them, is shown here, kind by kind, from the
relation of `tmc.verify.neighbours`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from tmc.automaton.reachable import Reachable
from tmc.automaton.signals import CONTROL
from tmc.ir.lattice import HERE
from tmc.ir.rules import Guard, Rule, Rules, Write
from tmc.verify.neighbours import Kind, KindChange, Neighbours, RuleGroup

Values = tuple[frozenset[int], ...]  # of every field


@dataclass(frozen=True, slots=True)
class Legal:
    """Cells that may occur once the control is there, by kind, and before; `border` is what stands beyond the edges."""

    computing: Mapping[Kind, Values]
    decoding: Mapping[Kind, Values]
    border: tuple[int, ...]


def legal(rules: Rules, claimed: Reachable, signals: tuple[str, ...]) -> Legal:
    """The sets that are claimed, by kind: any state where the control is, no state elsewhere."""
    at = [rules.index(name) for name in signals]
    state, control = rules.index("state"), rules.index("control")
    phases: dict[bool, dict[Kind, Values]] = {True: {}, False: {}}
    for sort in claimed.sorts:
        values = list(sort.values)
        if CONTROL in values[control]:
            values[state] = frozenset(rules.fields[state].numbers())
        for kind in product(*(sorted(values[index]) for index in at)):
            single = list(values)
            for index, value in zip(at, kind, strict=True):
                single[index] = frozenset({value})
            known = phases[sort.computing].get(kind, (frozenset(),) * len(values))
            phases[sort.computing][kind] = tuple(one | other for one, other in zip(known, single, strict=True))
    return Legal(phases[True], phases[False], rules.border)


@dataclass(frozen=True, slots=True)
class Escape:
    """A field of a cell of some kind may get a value that it is not said to have; or the kind itself is new (`field` is "")."""

    kind: Kind
    field: str
    values: frozenset[int]


def escapes(rules: Rules, found: Neighbours, cells: Legal) -> Iterator[Escape]:
    """What leads out of the cells that are called legal, from the birth of the control on; nothing if they are closed."""
    for kind in found.kinds:
        if kind not in cells.computing and kind != found.border:
            yield Escape(kind, "", frozenset())
    by_action: dict[RuleGroup, list[Rule]] = {}
    for rule in rules.rules:
        by_action.setdefault(found.action_of(rule), []).append(rule)
    others = [index for index, field in enumerate(rules.fields) if field.name not in found.signals]
    for way in found.ways:
        before, after = found.kinds[way.before], found.kinds[way.after]
        if before == found.border or before not in cells.computing or after not in cells.computing:
            continue
        for index in others:
            values = _next(rules, found, cells, way, index, by_action)
            if not values <= cells.computing[after][index]:
                yield Escape(after, rules.fields[index].name, values - cells.computing[after][index])


def _next(
    rules: Rules, found: Neighbours, cells: Legal, way: KindChange, index: int, by_action: Mapping[RuleGroup, list[Rule]]
) -> frozenset[int]:
    """The values that a field may have after a cell has gone a way."""
    field, own = rules.fields[index], cells.computing[found.kinds[way.before]]
    values: frozenset[int] = frozenset()
    stays = True
    for action in way.actions:
        rules_of = [rule for rule in by_action[action] if _possible(rules, own, rule.guard)]
        writes = [(rule, write) for rule in rules_of for write in rule.writes if write.field == field.name]
        stays = stays and len(writes) < len(rules_of)
        for rule, write in writes:
            if isinstance(write, Write):
                values |= {write.value}
            elif write.place == HERE:
                values |= _asked(rule.guard, write.source, own[rules.index(write.source)])
            else:
                values |= _seen(rules, found, cells, way, write.place, write.source)
    if stays:
        values |= own[index] if field.persists else frozenset({0})
    return values


def _possible(rules: Rules, own: Values, guard: Guard) -> bool:
    """Whether some of these cells are what a guard asks for."""
    return all(own[rules.index(literal.field)] & set(literal.values) for literal in guard if literal.place == HERE)


def _asked(guard: Guard, field: str, values: frozenset[int]) -> frozenset[int]:
    """Those of these values that a guard admits of a field of the cell itself."""
    for literal in guard:
        if literal.place == HERE and literal.field == field:
            values &= frozenset(literal.values)
    return values


def _seen(rules: Rules, found: Neighbours, cells: Legal, way: KindChange, place: int, field: str) -> frozenset[int]:
    """The values that a field of a neighbour may have where a cell goes this way."""
    index, values = rules.index(field), frozenset[int]()
    for kind in found.around(way, place):
        values |= (
            {cells.border[index]} if kind == found.border else cells.computing.get(kind, (frozenset(),) * len(rules.fields))[index]
        )
    return values
