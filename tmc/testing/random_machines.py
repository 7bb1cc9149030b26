"""Random machines: tables drawn from a seeded generator, for running every stage in lockstep."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tmc.ir.table import ACCEPT, REJECT, EdgeTest, Guard, Table, Transition, validate
from tmc.ir.tape import BLANK, EDGES, Edge, Grid, Line, Move, Tape

GRID_MOVES = tuple(Move)
LINE_MOVES = (Move.STAY, Move.LEFT, Move.RIGHT)


@dataclass(frozen=True, slots=True)
class Family:
    """What to draw from. `kind` is the data tape's. `states` and `symbols` (per tape, blank included) are inclusive ranges, `gaps`
    is the chance that a reading has no transition, `halts` the chance that a transition halts."""

    kind: str = "grid"
    states: tuple[int, int] = (1, 6)
    symbols: tuple[int, int] = (2, 5)
    work_tape: bool = True
    gaps: float = 0.03
    halts: float = 0.06


def random_machine(random: Random, family: Family) -> Table:
    """A valid table: each state's readings are cut into disjoint guards, most with a transition."""
    tapes = [_tape(random, "data", family.kind, family)]
    if family.work_tape:
        tapes.append(_tape(random, "work", "line", family))
    states = tuple(f"q{index}" for index in range(random.randint(*family.states)))
    drawing = _Drawing(random, family, tuple(tapes), len(states))
    transitions = tuple(t for state in range(len(states)) for t in drawing.transitions(state))
    table = Table("random", "", tuple(tapes), states, random.randrange(len(states)), transitions)
    validate(table)
    return table


def _tape(random: Random, name: str, kind: str, family: Family) -> Tape:
    count = random.randint(*family.symbols)
    plain = ("_", "1") if count == 2 and random.random() < 0.5 else ("_", "0", "1")
    return Tape(name, kind, (*plain, "a", "b", "c")[: max(count, 2 if kind == "line" else len(plain))])


class _Drawing:
    """Draws the transitions of one machine. Its habits (which moves it likes) are drawn once, so that machines differ."""

    def __init__(self, random: Random, family: Family, tapes: tuple[Tape, ...], states: int) -> None:
        self.random, self.family, self.tapes, self.states = random, family, tapes, states
        moves = GRID_MOVES if family.kind == "grid" else LINE_MOVES
        self.data_moves = tuple(random.choices(moves, k=6))
        self.work_moves = tuple(random.choices(LINE_MOVES, k=4)) if family.work_tape else (Move.STAY,)

    def transitions(self, state: int) -> list[Transition]:
        data = tuple(range(len(self.tapes[0].symbols)))
        work = tuple(range(len(self.tapes[1].symbols))) if self.family.work_tape else (0,)
        guards = self._cut(Guard(data, work), depth=4)
        return [self._transition(state, guard) for guard in guards if self.random.random() >= self.family.gaps]

    def _cut(self, guard: Guard, depth: int) -> list[Guard]:
        if depth == 0 or self.random.random() < 0.2:
            return [guard]
        parts = halves(self.random, guard, edges=self.family.kind != "line")
        return [piece for part in parts for piece in self._cut(part, depth - 1)] if parts else [guard]

    def _transition(self, state: int, guard: Guard) -> Transition:
        pick = self.random
        halting = pick.random() < self.family.halts
        write_work = pick.randrange(len(self.tapes[1].symbols)) if self.family.work_tape and pick.random() < 0.6 else None
        return Transition(
            state=state,
            guard=guard,
            target=pick.choice((ACCEPT, REJECT)) if halting else pick.randrange(self.states),
            write_data=pick.randrange(len(self.tapes[0].symbols)) if pick.random() < 0.5 else None,
            write_work=write_work,
            move_data=Move.STAY if halting else pick.choice(self.data_moves),
            move_work=Move.STAY if halting else pick.choice(self.work_moves),
        )


def halves(random: Random, guard: Guard, edges: bool) -> tuple[Guard, Guard] | None:
    """The guard cut in two along a coordinate drawn at random; None where that one cannot be cut. `edges` may be cut only on a grid
    or its rows."""
    axis = random.choice(("data", "work", "edge"))
    if axis == "data" and len(guard.data) > 1:
        one, other = _parts(random, guard.data)
        return Guard(one, guard.work, guard.edges), Guard(other, guard.work, guard.edges)
    if axis == "work" and len(guard.work) > 1:
        one, other = _parts(random, guard.work)
        return Guard(guard.data, one, guard.edges), Guard(guard.data, other, guard.edges)
    edge = random.choice(EDGES)
    if axis == "edge" and edges and guard.edges[EDGES.index(edge)] is None:
        return Guard(guard.data, guard.work, _test(guard, edge, True)), Guard(guard.data, guard.work, _test(guard, edge, False))
    return None


def _parts(random: Random, symbols: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    chosen = set(random.sample(symbols, random.randint(1, len(symbols) - 1)))
    return tuple(s for s in symbols if s in chosen), tuple(s for s in symbols if s not in chosen)


def _test(guard: Guard, edge: Edge, touching: bool) -> EdgeTest:
    """The guard's edge tests with one more."""
    index = EDGES.index(edge)
    tests = [*guard.edges]
    tests[index] = touching
    return (tests[0], tests[1], tests[2], tests[3])


def random_grid(random: Random, table: Table, rows: tuple[int, int], columns: tuple[int, int]) -> Grid:
    """A data tape for a learner: `rows` examples with `columns` features (inclusive ranges) of the symbols 0 and 1 that it has."""
    bits = [table.data.number(symbol) for symbol in ("0", "1") if symbol in table.data.symbols]
    height, width = random.randint(*rows), random.randint(*columns)
    examples = tuple(tuple(random.choice(bits) for _ in range(width + 1)) for _ in range(height))
    return Grid((*examples, (*(random.choice(bits) for _ in range(width)), BLANK)))


def random_line(random: Random, table: Table, length: tuple[int, int]) -> Line:
    """A data tape for a line machine: symbols at the positions from 0 on, their number from an inclusive range."""
    return Line.of({position: random.randrange(len(table.data.symbols)) for position in range(random.randint(*length))})
