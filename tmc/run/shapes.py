"""Tables of one shape, four bytes an entry: many machines at once, drawn at random or packed from tables.

The entries of a machine are indexed by the bits ``state | edges | data symbol | work symbol``, of which every part has as many
bits as it needs. An entry holds what is to be changed: bits of both symbols, a move for each head, and where the next state begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tmc.ir.table import ACCEPT, REJECT, Guard, Table, Transition
from tmc.ir.tape import EDGES, Edge, Move, Tape, Touching

MOVES = (Move.STAY, Move.LEFT, Move.RIGHT, Move.UP, Move.DOWN)  # by their numbers in an entry
WORK_MOVES = (Move.LEFT, Move.STAY, Move.RIGHT)
MOVE_BIT, WORK_MOVE_BIT, NEXT_BIT = 8, 14, 16  # where the fields of an entry begin; the symbols' bits come first
MOVE_STEP = 8  # a move of the data head stands in an entry as a multiple of this
MOST_ENTRIES = 1 << 16  # of a machine, with the three places where a run ends: ACCEPT, REJECT and stuck

Entries = NDArray[np.uint32]  # (machines, entries of a machine)


@dataclass(frozen=True, slots=True)
class MachineShape:
    """What many machines have in common: the data tape's `kind`, how many states and symbols (1 work symbol: one tape), and the
    `edges` that they may ask for. ValueError when it is too large."""

    kind: str
    states: int
    data_symbols: int
    work_symbols: int = 1
    edges: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        fits = self.work_bits + self.data_bits <= MOVE_BIT and self.states + 3 << self.reading_bits <= MOST_ENTRIES
        if not fits or self.states < 1 or (self.edges and self.kind == "line"):
            raise ValueError(f"not a shape of many machines: {self}")

    @property
    def work_bits(self) -> int:
        """Bits of a work symbol."""
        return (self.work_symbols - 1).bit_length()

    @property
    def data_bits(self) -> int:
        """Bits of a data symbol."""
        return (self.data_symbols - 1).bit_length()

    @property
    def reading_bits(self) -> int:
        """Bits of a reading."""
        return self.work_bits + self.data_bits + len(self.edges)

    @property
    def moves(self) -> tuple[Move, ...]:
        """The moves of the data head."""
        return MOVES if self.kind == "grid" else MOVES[:3]

    @property
    def work_moves(self) -> tuple[Move, ...]:
        """The moves of the work head."""
        return WORK_MOVES if self.work_symbols > 1 else (Move.STAY,)

    def cell(self, symbol: int, touching: Touching) -> int:
        """What a cell of the data tape holds: its symbol, and the edges there that may be asked for."""
        edges = sum(touching[EDGES.index(edge)] << bit for bit, edge in enumerate(self.edges))
        return (edges << self.data_bits | symbol) << self.work_bits

    def readings(self) -> Iterator[tuple[int, Guard]]:
        """The place of every entry that is read, with its guard, state by state."""
        for state, edges in product(range(self.states), product((False, True), repeat=len(self.edges))):
            asked = dict(zip(self.edges, edges, strict=True))
            top, bottom, left, right = (asked.get(edge) for edge in EDGES)
            touching = tuple(bool(asked.get(edge)) for edge in EDGES)
            for data, work in product(range(self.data_symbols), range(self.work_symbols)):
                reading = self.cell(data, (touching[0], touching[1], touching[2], touching[3])) | work
                yield state << self.reading_bits | reading, Guard((data,), (work,), (top, bottom, left, right))

    def entry(self, guard: Guard, transition: Transition | None) -> int:
        """The entry for one reading; None: no transition applies."""
        if transition is None:
            return self.states + 2 << self.reading_bits + NEXT_BIT | 1 << WORK_MOVE_BIT
        data, work = guard.data[0], guard.work[0]
        write = data if transition.write_data is None else transition.write_data
        write_work = work if transition.write_work is None else transition.write_work
        moves = (Move.STAY, Move.STAY) if transition.halts else (transition.move_data, transition.move_work)
        following = transition.target if transition.target >= 0 else self.states + (transition.target == REJECT)
        numbers = MOVES.index(moves[0]) * MOVE_STEP << MOVE_BIT | moves[1].value[1] + 1 << WORK_MOVE_BIT
        return following << self.reading_bits + NEXT_BIT | numbers | (write ^ data) << self.work_bits | (write_work ^ work)

    def transition(self, state: int, guard: Guard, entry: int) -> Transition | None:
        """What an entry says."""
        following = entry >> NEXT_BIT + self.reading_bits
        if following == self.states + 2:
            return None
        target = following if following < self.states else (ACCEPT, REJECT)[following - self.states]
        write = entry >> self.work_bits & (1 << self.data_bits) - 1 ^ guard.data[0]
        write_work = entry & (1 << self.work_bits) - 1 ^ guard.work[0] if self.work_symbols > 1 else None
        move = MOVES[(entry >> MOVE_BIT & 63) // MOVE_STEP]
        return Transition(state, guard, target, write, write_work, move, WORK_MOVES[entry >> WORK_MOVE_BIT & 3])


def described(shape: MachineShape) -> str:
    """A shape in words."""
    states = f"{shape.states} state{'s' if shape.states > 1 else ''}"
    tapes = f"a {shape.kind} of {shape.data_symbols} symbols" + (
        f", a line of {shape.work_symbols}" if shape.work_symbols > 1 else ""
    )
    edges = f", edges {' '.join(edge.name.lower() for edge in shape.edges)}" if shape.edges else ""
    return f"{states} on {tapes}{edges}"


def pack_tables(tables: Sequence[Table]) -> tuple[MachineShape, Entries]:
    """Machines with tapes of the same kinds and sizes and as many states, packed; ValueError when they differ or start elsewhere
    than in the first state."""
    first = tables[0]
    tests = {t.guard.edges for table in tables for t in table.transitions}
    tested = {edge for edges in tests for edge, test in zip(EDGES, edges, strict=True) if test is not None}
    shape = MachineShape(
        first.data.kind,
        len(first.states),
        len(first.data.symbols),
        len(first.work.symbols) if first.work else 1,
        tuple(edge for edge in EDGES if edge in tested),
    )
    entries = np.zeros((len(tables), shape.states << shape.reading_bits), np.uint32)
    for row, table in zip(entries, tables, strict=True):
        kinds = [(tape.kind, len(tape.symbols)) for tape in table.tapes]
        if kinds != [(tape.kind, len(tape.symbols)) for tape in first.tapes] or len(table.states) != shape.states or table.start:
            raise ValueError(f"the machine {table.name} is not of the shape of the first")
        _pack(shape, table, row)
    return shape, entries


def _pack(shape: MachineShape, table: Table, row: NDArray[np.uint32]) -> None:
    by_state: list[list[Transition]] = [[t for t in table.transitions if t.state == state] for state in range(shape.states)]
    for place, guard in shape.readings():
        applicable = (t for t in by_state[place >> shape.reading_bits] if _admits(t.guard, guard))
        row[place] = shape.entry(guard, next(applicable, None))


def _admits(guard: Guard, reading: Guard) -> bool:
    """Whether a guard admits a reading that says only of some edges whether they are touched."""
    edges = all(test is None or test == touch for test, touch in zip(guard.edges, reading.edges, strict=True))
    return reading.data[0] in guard.data and reading.work[0] in guard.work and edges


def unpack(shape: MachineShape, entries: NDArray[np.uint32], name: str = "machine") -> Table:
    """The table of one machine: a transition for every reading that has one. The symbols are ``_ 0 1 a b … z s29 s30 …``."""
    found = (shape.transition(place >> shape.reading_bits, guard, int(entries[place])) for place, guard in shape.readings())
    most = max(shape.data_symbols, shape.work_symbols)
    letters = ("_", "0", "1", *(chr(ord("a") + index) for index in range(26)), *(f"s{index}" for index in range(29, most)))
    tapes = [Tape("data", shape.kind, letters[: shape.data_symbols])]
    tapes += [Tape("work", "line", letters[: shape.work_symbols])] if shape.work_symbols > 1 else []
    states = tuple(f"q{index}" for index in range(shape.states))
    return Table(name, "", tuple(tapes), states, 0, tuple(t for t in found if t is not None))


def choices(shape: MachineShape) -> NDArray[np.uint32]:
    """Every entry that may be drawn for a reading, with the symbols that it writes in place of their changes.

    Fields are drawn independently: a target is each state and each of the two halts equally often. (A halt's moves are not drawn.)
    """
    rows = [
        shape.entry(Guard((0,), (0,)), Transition(0, Guard((0,), (0,)), target, data, work, move, work_move))
        for target in (*range(shape.states), ACCEPT, REJECT)
        for data, work in product(range(shape.data_symbols), range(shape.work_symbols))
        for move, work_move in product(shape.moves, shape.work_moves)
    ]
    return np.array(rows, np.uint32)
