"""Which cells can stand where, seen from one another: a relation that holds in every layer of a run, found from the rules alone.

Cells are told apart by their *signals*, the fields that say what a cell is doing; the tapes' symbols and the state are left open.
For two kinds of cells the relation says at which offsets both may stand at once. It is the least one that holds to begin with and
that no rule leads out of:

    a cell of kind p' at c and one of kind q' at c + δ      need      what the rules ask of the patches around c and around c + δ in
                                                                      the layer before: any two of these kinds may stand so

An offset of more than `ROWS` rows or `COLUMNS` columns is taken for any larger one. So the relation says of far cells too what
cannot be: two controls, or a wave left of the control. The invariants by which rules exclude each other follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray

from tmc.automaton.reachable import EXACT, is_transition
from tmc.automaton.signals import CONTROL, INSIDE, LIVE, PAD
from tmc.diagnostics import InternalError
from tmc.ir.lattice import HERE, OFFSETS
from tmc.ir.rules import Guard, Invariant, Rule, Rules, Write

ROWS, COLUMNS = 1, 4  # offsets beyond are taken together
REACH = 2  # places of two patches are at most so much nearer than their middles
Kind = tuple[int, ...]  # the value of each signal
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]  # 0 and 1, of which sums are quick
Offset = tuple[int, int]
_PLACES = sorted(range(len(OFFSETS)), key=lambda place: place != HERE)  # the one that rules out most first
Around = dict[int, int]  # by place: the kinds of cells that may stand there, as bits


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """What rules do that ask for the same signals and write the same: one of them, if they are `transitions`; if `certain`, they
    do it wherever these signals are. `own`: what they ask of the cell itself, `around`: of others, by place."""

    own: Guard
    around: tuple[tuple[int, Guard], ...]
    writes: tuple[tuple[int, int], ...]
    transitions: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class KindChange:
    """How a cell of kind number `before` becomes one of `after`: by these `actions`, with such kinds around it before."""

    before: int
    after: int
    actions: tuple[RuleGroup, ...]
    around: Around


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The relation: `beside[rows, columns][p, q]`, whether a cell of kind `q` may stand so far down and to the right of one of kind
    `p`. Offsets are cut to `ROWS + 1` and `COLUMNS + 1`; offset (0, 0) is the cell itself. `border`: the kind of what stands beyond
    the edges, if that is no cell's. `ways`: all that cells do."""

    signals: tuple[str, ...]
    kinds: tuple[Kind, ...]
    beside: Mapping[Offset, Bools]
    border: Kind | None
    ways: tuple[KindChange, ...]

    def impossible(self, one: Guard, other: Guard) -> bool:
        """Whether no patch of a run satisfies both guards, by what they say of signals."""
        sets: dict[int, Bools] = {}
        for place in {literal.place for literal in (*one, *other)}:
            wanted = tuple(literal for literal in (*one, *other) if literal.place == place and literal.field in self.signals)
            sets[place] = np.array([_admits(kind, self.signals, wanted) for kind in self.kinds], dtype=np.bool_)
            if place == HERE and self.border is not None:
                sets[place][self.kinds.index(self.border)] = False
        return any(
            not self.beside[_offset(p, q)][np.ix_(sets[p], sets[q])].any() for p, q in combinations_with_replacement(sets, 2)
        )

    def pairs(self) -> int:
        """How many pairs of kinds were asked about, over all offsets."""
        return len(self.beside) * len(self.kinds) ** 2

    def around(self, way: KindChange, place: int) -> Iterator[Kind]:
        """The kinds that may stand at a place where a cell goes some way."""
        for index, kind in enumerate(self.kinds):
            if all(self.beside[_offset(p, place)][self._numbers(asked), index].any() for p, asked in way.around.items()):
                yield kind

    def _numbers(self, bits: int) -> list[int]:
        return [number for number in range(len(self.kinds)) if bits >> number & 1]

    def action_of(self, rule: Rule) -> RuleGroup:
        """What a rule does to the signals."""
        return _action_of(rule, self.signals)

    def refuted(self, invariants: Iterable[Invariant]) -> tuple[Invariant, ...]:
        """Those invariants of which two members may hold at once."""
        return tuple(
            found for found in invariants if not all(self.impossible(one, other) for one, other in combinations(found.members, 2))
        )


def computing(rules: Rules) -> Neighbours:
    """The relation from the layer on in which the control stands in its first cell and all else is at rest."""
    return _GrowingRelation(rules).run()


def _offset(place: int, other: int) -> Offset:
    (row, column), (other_row, other_column) = OFFSETS[place], OFFSETS[other]
    return other_row - row, other_column - column


def _cut(row: int, column: int) -> Offset:
    return max(-ROWS - 1, min(ROWS + 1, row)), max(-COLUMNS - 1, min(COLUMNS + 1, column))


def _admits(kind: Kind, signals: Sequence[str], literals: Guard) -> bool:
    return all(kind[signals.index(literal.field)] in literal.values for literal in literals)


def _misplaced(p: int, q: int, column: int, pad: int, border: int) -> bool:
    """Whether a pad of a row would stand where none does, so many columns from `q`: pads stand right of all cells, and of these
    there are two columns at least."""
    return p == pad and (-3 < column < 0 if q == border else column >= 0 if q != pad else False)


def _actions(rules: Rules, signals: tuple[str, ...]) -> tuple[RuleGroup, ...]:
    return tuple(dict.fromkeys(_action_of(rule, signals) for rule in rules.rules))


def _action_of(rule: Rule, signals: tuple[str, ...]) -> RuleGroup:
    guard = tuple(sorted((x for x in rule.guard if x.field in signals), key=lambda x: (x.place, x.field)))
    places = sorted({literal.place for literal in guard} - {HERE})
    around = tuple((place, tuple(x for x in guard if x.place == place)) for place in places)
    transition = is_transition(rule)
    certain = not transition and not places and len(guard) == len(rule.guard)
    return RuleGroup(tuple(x for x in guard if x.place == HERE), around, _written(rule, signals), transition, certain)


def _written(rule: Rule, signals: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    writes = []
    for write in rule.writes:
        if write.field in signals:
            if not isinstance(write, Write):
                raise InternalError(f"rule `{rule.name}` copies a signal")
            writes.append((signals.index(write.field), write.value))
    return tuple(sorted(writes))


class _GrowingRelation:
    """The relation while it grows: `beside[offset][p]`, the kinds at an offset from one of kind `p`, as bits."""

    def __init__(self, rules: Rules) -> None:
        self.signals = tuple(name for name in EXACT if rules.has(name))
        self.persists = tuple(rules.field(name).persists for name in self.signals)
        self.actions = _actions(rules, self.signals)
        self.kinds: dict[Kind, int] = {}
        self._known: dict[Guard, tuple[int, int]] = {}  # what `_admitted` found, and among how many kinds
        self.offsets = tuple(product(range(-ROWS - 1, ROWS + 2), range(-COLUMNS - 1, COLUMNS + 2)))
        self.beside: dict[Offset, list[int]] = {offset: [] for offset in self.offsets}
        self._begin(rules.has("kind"))

    def run(self) -> Neighbours:
        while self._grow():
            pass
        count = len(self.kinds)
        beside = {
            o: np.array([[row >> q & 1 for q in range(count)] for row in rows], dtype=np.bool_) for o, rows in self.beside.items()
        }
        kinds = tuple(self.kinds)
        ways = tuple(way for number in range(count) for way in self._ways(number))
        return Neighbours(self.signals, kinds, beside, kinds[self.border] if self.grid else None, ways)

    def _kind(self, **values: int) -> int:
        return self._number(tuple(values.get(name, 0) for name in self.signals))

    def _number(self, kind: Kind) -> int:
        if kind not in self.kinds:
            number = self.kinds[kind] = len(self.kinds)
            for offset, rows in self.beside.items():
                rows.append(1 << number if offset == (0, 0) else 0)
        return self.kinds[kind]

    def _begin(self, grid: bool) -> None:
        """The control in the first cell, all else at rest: cells of the tapes, pads to the right of them, and the border."""
        self.border = cell = pad = self._kind()
        if grid:
            cell, pad = self._kind(kind=LIVE, inside=INSIDE), self._kind(kind=PAD, inside=INSIDE)
        at_rest = dict(zip(self.signals, tuple(self.kinds)[cell], strict=True))
        control = self._kind(**at_rest | {"control": CONTROL})
        for (row, column), (p, q) in product(self.offsets, product(range(len(self.kinds)), repeat=2)):
            pads = grid and (_misplaced(p, q, column, pad, self.border) or _misplaced(q, p, -column, pad, self.border))
            beyond = (
                (p, q) != (pad, pad) and self.border in (p, q) and row != 0
            )  # above and below the border runs on beyond the pads
            if (row, column) != (0, 0) and (p, q) != (control, control) and (beyond or not pads):
                self.beside[row, column][p] |= 1 << q
        self.grid = grid

    def _grow(self) -> bool:
        """Advance everything there is by a layer; whether anything is new."""
        ways = [way for number in range(len(self.kinds)) for way in self._ways(number)]
        after = np.array([way.after for way in ways])
        index, sets = self._sets(ways)
        new = len(self.kinds) > len(sets[HERE][0]) if len(sets[HERE]) else True
        count = len(self.kinds)
        grown = {
            o: np.array([[row >> q & 1 for q in range(count)] for row in rows], dtype=np.float32) for o, rows in self.beside.items()
        }
        together = cache(partial(_together, sets, grown))  # of many pairs of offsets, as those far away are all the same
        for row in range(ROWS + REACH + 2):
            for column in range(-COLUMNS - REACH - 1, COLUMNS + REACH + 2):
                if (row, column) <= (0, 0):
                    continue
                one, other = _both(row, column, index, together)
                offset = _cut(row, column)
                for p, q in set(zip(after[one].tolist(), after[other].tolist(), strict=True)):
                    if not self.beside[offset][p] >> q & 1:
                        new = True
                        self.beside[offset][p] |= 1 << q
                        self.beside[-offset[0], -offset[1]][q] |= 1 << p
        return new

    def _sets(self, ways: list[KindChange]) -> tuple[NDArray[np.int64], list[Floats]]:
        """By place the different sets of kinds that ways ask for, shape (sets, kinds), the last of which is all, and by place and
        way the index of its set."""
        count = len(self.kinds)
        index = np.zeros((len(OFFSETS), len(ways)), dtype=np.int64)
        sets = []
        for place in range(len(OFFSETS)):
            masks = {way.around[place]: 0 for way in ways if place in way.around}
            numbers = {mask: number for number, mask in enumerate(masks)}
            index[place] = [numbers[way.around[place]] if place in way.around else len(numbers) for way in ways]
            sets.append(np.array([[mask >> q & 1 for q in range(count)] for mask in numbers], dtype=np.float32).reshape(-1, count))
        return index, sets

    def _ways(self, number: int) -> Iterator[KindChange]:
        """All that a cell of a kind may become, with what that takes."""
        kind = tuple(self.kinds)[number]
        if self.grid and number == self.border:
            yield KindChange(number, number, (), {HERE: 1 << number})
            return
        may: list[RuleGroup] = []
        must: list[RuleGroup] = []
        for action in self.actions:
            if _admits(kind, self.signals, action.own):
                (must if action.certain else may).append(action)
        for fired, around in self._together(may, (), {HERE: 1 << number}):
            after = [value if keep else 0 for value, keep in zip(kind, self.persists, strict=True)]
            written: dict[int, int] = {}
            for action in (*must, *fired):
                for signal, value in action.writes:
                    if signal in written:
                        raise InternalError(f"two rules may both write {self.signals[signal]}")
                    written[signal] = after[signal] = value
            yield KindChange(number, self._number(tuple(after)), (*must, *fired), around)

    def _together(
        self, actions: list[RuleGroup], chosen: tuple[RuleGroup, ...], around: Around
    ) -> Iterator[tuple[tuple[RuleGroup, ...], Around]]:
        """The sets of actions that a cell may take at once."""
        yield chosen, around
        for index, action in enumerate(actions):
            if action.transitions and any(other.transitions for other in chosen):
                continue
            more = self._meet(around, action)
            if more is not None:
                yield from self._together(actions[index + 1 :], (*chosen, action), more)

    def _meet(self, around: Around, action: RuleGroup) -> Around | None:
        """The patch, restricted to what an action asks of it; None if no such patch can occur."""
        found = dict(around)
        for place, literals in action.around:
            found[place] = found.get(place, -1) & self._admitted(literals)
        for p, q in combinations_with_replacement(found, 2):
            rows = self.beside[_offset(p, q)]
            if not any(rows[kind] & found[q] for kind in range(len(rows)) if found[p] >> kind & 1):
                return None
        return found

    def _admitted(self, literals: Guard) -> int:
        """The kinds that there are so far, and that these literals hold of, as bits."""
        count, found = self._known.get(literals, (0, 0))
        for number, kind in enumerate(tuple(self.kinds)[count:], count):
            found |= _admits(kind, self.signals, literals) << number
        self._known[literals] = len(self.kinds), found
        return found


def _together(sets: list[Floats], beside: dict[Offset, Floats], p: int, q: int, offset: Offset) -> Bools | None:
    """Of which sets of kinds, those of place `p` and those of place `q`, two may stand so at once; None if all may. The last one of
    a place stands for ways that ask for nothing there."""
    may = np.ones((len(sets[p]) + 1, len(sets[q]) + 1), dtype=np.bool_)
    may[:-1, :-1] = sets[p] @ beside[offset] @ sets[q].T > 0
    return None if may.all() else may


def _both(
    row: int, column: int, index: NDArray[np.int64], together: Callable[[int, int, Offset], Bools | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs of ways that cells at this offset may take at once."""
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    for p, q in product(_PLACES, _PLACES):
        down, right = _offset(p, q)
        may = together(p, q, _cut(row + down, column + right))
        if may is None:
            continue
        if pairs is None:
            one, other = np.nonzero(may[np.ix_(index[p], index[q])])
            pairs = one, other
        else:
            keep = may[index[p][pairs[0]], index[q][pairs[1]]]
            pairs = pairs[0][keep], pairs[1][keep]
            if not len(pairs[0]):
                break
    assert pairs is not None
    return pairs
