"""Rule lists: what a table does in a state, as few rules of which the first that applies is taken, as can easily be had.

What the rules say is only bound to hold for some *readings*. The others may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.table import Guard, Table, Transition
from tmc.ir.tape import BLANK, EDGES, Move, Symbol, Tape, Touching

Reading = tuple[int, Symbol, Symbol, Touching]  # state, data symbol, work symbol, the edges that are touched
Action = tuple[int, Symbol | None, Symbol | None, Move, Move]  # target, written symbols, moves
MANY = 5  # symbols: of a tape with more, patterns are one symbol or any


@frozen
class GuardedAction:
    """A guard, and what is done where it applies. A guard that admits everything is `otherwise`."""

    guard: Guard
    action: Action


def rule_lists(table: Table, readings: Iterable[Reading] | None = None) -> list[tuple[GuardedAction, ...]]:
    """For each state its rules. On these readings (None: on all) they do what the table does: no rule applies where it is stuck."""
    return [_StateReadings(table, wanted).rules() for wanted in _wanted(table, readings)]


def _wanted(table: Table, readings: Iterable[Reading] | None) -> list[dict[Reading, frozenset[Action]]]:
    """For each state and reading what may be done there: any one of several actions that do the same; empty where the table is
    stuck."""
    found: list[dict[Reading, frozenset[Action]]] = [{} for _ in table.states]
    own: list[list[Transition]] = [[t for t in table.transitions if t.state == state] for state in range(len(table.states))]
    asked = _asked(table)
    for state, data, work, touching in _all(table, asked) if readings is None else sorted(set(readings)):
        reading = state, data, work, _known(touching, asked)
        taken = next((t for t in own[state] if t.guard.admits(*reading[1:])), None)
        found[state][reading] = frozenset() if taken is None else frozenset(_alike(table, taken, reading))
    return found


def _asked(table: Table) -> Touching:
    """The edges that some transition asks for. Of the others nothing is known, so they are taken to be far away."""
    top, bottom, left, right = (any(t.guard.edges[place] is not None for t in table.transitions) for place in range(len(EDGES)))
    return top, bottom, left, right


def _known(touching: Sequence[bool], asked: Touching) -> Touching:
    top, bottom, left, right = (touches and one for touches, one in zip(touching, asked, strict=True))
    return top, bottom, left, right


def _all(table: Table, asked: Touching) -> Iterator[Reading]:
    data, work = range(len(table.data.symbols)), range(len(table.work.symbols) if table.work else 1)
    for edges in product((False, True), repeat=len(EDGES)):
        yield from (
            (state, one, other, _known(edges, asked)) for state, one, other in product(range(len(table.states)), data, work)
        )


def _alike(table: Table, taken: Transition, reading: Reading) -> Iterator[Action]:
    """All that does the same: to write what is read is to leave it, and a move that an edge stops does nothing."""
    _, data, work, touching = reading
    written = (taken.write_data, data), (taken.write_work, work)
    writes = [{None, symbol} if value in (None, symbol) else {value} for value, symbol in written]
    stopped = {Move.STAY, *_stopped(table, touching)}
    moves = {Move.STAY} if taken.halts else stopped if taken.move_data in stopped else {taken.move_data}
    work_move = Move.STAY if taken.halts else taken.move_work
    for one in writes[0]:
        yield from ((taken.target, one, other, move, work_move) for other, move in product(writes[1], moves))


def _stopped(table: Table, touching: Touching) -> Iterator[Move]:
    """The moves that do nothing at these edges. On rows only the two ends of the whole stop the head."""
    top, bottom, left, right = touching
    by_rows = (False, False, top and left, bottom and right)
    stops = by_rows if table.is_rows else touching
    return (Move(edge.value) for edge, stopped in zip(EDGES, stops, strict=True) if stopped)


class _StateReadings:
    """One state: the readings that its rules are about, and what may be done on each. Sets of readings are bits of a number."""

    def __init__(self, table: Table, wanted: Mapping[Reading, frozenset[Action]]) -> None:
        self._tapes, self._readings = table.tapes, tuple(wanted)
        self._stuck = self._set(reading for reading, allowed in wanted.items() if not allowed)
        actions = sorted(frozenset().union(*wanted.values()), key=_plainness)
        self._right = {action: self._set(reading for reading, allowed in wanted.items() if action in allowed) for action in actions}
        self._admitted = [(guard, _cost(guard, table.tapes), admitted) for guard, admitted in self._guards(table)]

    def _set(self, readings: Iterable[Reading]) -> int:
        chosen = frozenset(readings)
        return sum(1 << place for place, reading in enumerate(self._readings) if reading in chosen)

    def _guards(self, table: Table) -> Iterator[tuple[Guard, int]]:
        """All that a rule may ask about these readings, and those that it admits; the first asks nothing."""
        data, work = {data for _, data, _, _ in self._readings}, {work for _, _, work, _ in self._readings}
        ones = [(one, self._set(r for r in self._readings if r[1] in one)) for one in _sets(len(table.data.symbols), sorted(data))]
        symbols = len(table.work.symbols) if table.work else BLANK + 1
        others = [(other, self._set(r for r in self._readings if r[2] in other)) for other in _sets(symbols, sorted(work))]
        edges = [
            (tests, self._set(r for r in self._readings if all(test in (None, t) for test, t in zip(tests, r[3], strict=True))))
            for tests in product(*((None, True, False) if one else (None,) for one in _asked(table)))
        ]
        for (one, admitted), (other, also), (tests, too) in product(ones, others, edges):
            top, bottom, left, right = tests
            yield Guard(one, other, (top, bottom, left, right)), admitted & also & too

    def rules(self) -> tuple[GuardedAction, ...]:
        """The shortest list that is found: what is done otherwise is tried out, the exceptions are taken greedily."""
        lists = [self._exceptions(action) for action in ([None] if self._stuck or not self._right else self._right)]
        return min(lists, key=lambda rules: (len(rules), sum(_cost(rule.guard, self._tapes) for rule in rules)))

    def _exceptions(self, otherwise: Action | None) -> tuple[GuardedAction, ...]:
        """The rules, when this is done on all that they leave; None: nothing is."""
        open_, rules = (1 << len(self._readings)) - 1, list[GuardedAction]()
        fine = self._stuck if otherwise is None else self._right[otherwise]
        while left := open_ & ~fine:
            rule, admitted = self._best(open_, left)
            rules.append(rule)
            open_ &= ~admitted
        if otherwise is not None:
            rules.append(GuardedAction(self._admitted[0][0], otherwise))
        return tuple(rules)

    def _best(self, open_: int, left: int) -> tuple[GuardedAction, int]:
        """The guard within which one action is right on all readings that are still open, and that admits most of those left."""
        found: tuple[tuple[float, float, int], GuardedAction, int] | None = None
        for guard, cost, admitted in self._admitted:
            worth = (admitted & left).bit_count(), -cost
            if worth[0] == 0 or (found is not None and worth < found[0][:2]):
                continue
            for order, (action, right) in enumerate(self._right.items()):
                if admitted & open_ & ~right == 0:
                    if found is None or (*worth, -order) > found[0]:
                        found = (*worth, -order), GuardedAction(guard, action), admitted
                    break
        if found is None:
            raise InternalError("no rule says what one reading needs")
        return found[1], found[2]


def _plainness(action: Action) -> tuple[int, ...]:
    """The less is written and moved, the plainer. (The rest makes the order one.)"""
    target, one, other, move, work_move = action
    work = sum(value is not None for value in (one, other)) + sum(value is not Move.STAY for value in (move, work_move))
    return work, target, -1 if one is None else one, -1 if other is None else other, *move.value, *work_move.value


def _sets(count: int, symbols: Sequence[Symbol]) -> list[tuple[Symbol, ...]]:
    """Patterns of those symbols, of so many, that occur: any, one, several."""
    several = range(2, len(symbols)) if len(symbols) <= MANY else ()
    chosen = (chosen for size in several for chosen in combinations(symbols, size))
    return [tuple(range(count)), *((one,) for one in symbols), *chosen]


def _cost(guard: Guard, tapes: Sequence[Tape]) -> float:
    """How much there is to read in a guard: what is positive and single is read more easily."""
    symbols = zip((guard.data, guard.work), tapes, strict=False)
    sizes = sum(0 if len(own) == len(tape.symbols) else 1 + (len(own) - 1) / 2 for own, tape in symbols)
    return sizes + sum(1.0 if test else 1.5 for test in guard.edges if test is not None)
