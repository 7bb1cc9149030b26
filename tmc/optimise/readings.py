"""What a state does, reading by reading: the meaning of its transitions, however they are written.

A *reading* is what a transition can see: the data symbol, the work symbol and, on a grid, the edges touched. A *region* is a set of
readings, one bit each. An *effect* is what really happens: to write the symbol that is read is to leave it, a move that an edge
stops is a stay, and a transition that halts does not move. Two states do the same if and only if their behaviours are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cache
from math import prod
from typing import NamedTuple, TypeVar

from tmc.frozen import frozen
from tmc.ir.table import Guard, Table, Transition
from tmc.ir.tape import EDGES, Edge, Move, Symbol

Region = int
Box = tuple[tuple[int, ...], ...]  # the admitted values, coordinate by coordinate: data, work, and 0 or 1 for each of EDGES

DATA, WORK, FIRST_EDGE = 0, 1, 2  # coordinates
_LAST_ROW = {Move.LEFT: Edge.TOP, Move.RIGHT: Edge.BOTTOM}


class Effect(NamedTuple):
    """What happens in a step: symbols written (None: left), moves, and the state that is entered."""

    write_data: Symbol | None
    write_work: Symbol | None
    move_data: Move
    move_work: Move
    target: int


Change = tuple[Symbol | None, Symbol | None, Move, Move]  # an effect but for its target
Behaviour = dict[Effect, Region]  # disjoint regions; the machine is stuck on all other readings


@frozen
class Readings:
    """The readings of a machine, numbered in mixed radix: one digit per coordinate, `sizes` values each. A line has no edges, so
    each of these coordinates has one value. `by_rows`: a move off the end of a row goes on in another row.
    `cache`: what transitions that differ in their states alone do, by guard and what they say they do. `regions`: by guard."""

    sizes: tuple[int, ...]
    by_rows: bool = False
    cache: dict[tuple[object, ...], list[tuple[Change, Region]]] = field(default_factory=dict, compare=False, repr=False)
    regions: dict[Guard, Region] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(table: Table) -> Readings:
        """The readings of a table."""
        work = len(table.work.symbols) if table.work else 1
        return Readings((len(table.data.symbols), work, *((2 if table.is_grid else 1,) * len(EDGES))), table.is_rows)

    def behaviour(self, transitions: Iterable[Transition]) -> Behaviour:
        """What the transitions of one state do.

        ::

            >>> write_1 = Transition(0, Guard((0, 1), (0,)), 0, write_data=1)
            >>> behaviour = Readings((3, 1, 1, 1, 1, 1)).behaviour([write_1])
            >>> [(effect.write_data, bin(region)) for effect, region in behaviour.items()]  # on 1 leave it, on 0 write 1
            [(None, '0b10'), (1, '0b1')]
        """
        behaviour: Behaviour = {}
        for transition in transitions:
            *done, target = action(transition)
            key = (transition.guard, *done)
            if key not in self.cache:
                effects = self.effects(action(transition), self.admitted(transition.guard))
                self.cache[key] = [(effect[:-1], region) for effect, region in effects]
            for change, region in self.cache[key]:
                effect = Effect(*change, target)
                behaviour[effect] = behaviour.get(effect, 0) | region
        return behaviour

    def effects(self, done: Effect, region: Region) -> Iterator[tuple[Effect, Region]]:
        """What it is to do this on the readings of a region: effects, with the part of the region where each is."""
        for write_data, one in _parted(region, done.write_data, None, self._where(DATA, done.write_data)):
            for write_work, two in _parted(one, done.write_work, None, self._where(WORK, done.write_work)):
                for move_data, part in _parted(two, done.move_data, Move.STAY, self._stops(done.move_data)):
                    yield Effect(write_data, write_work, move_data, done.move_work, done.target), part

    def admitted(self, guard: Guard) -> Region:
        """The readings that a guard admits."""
        if guard not in self.regions:
            self.regions[guard] = self.region(self.box(guard))
        return self.regions[guard]

    def region(self, box: Box) -> Region:
        """The readings in a box."""
        region = 1
        for coordinate, values in enumerate(box):
            region *= _steps(self.sizes, coordinate, values)
        return region

    def plane(self, coordinate: int, value: int) -> Region:
        """The readings that have this value."""
        return _plane(self.sizes, coordinate) << value * _strides(self.sizes)[coordinate]

    def slice(self, region: Region, coordinate: int, value: int) -> Region:
        """The part of a region that has this value, moved to the value 0."""
        return (region >> value * _strides(self.sizes)[coordinate]) & _plane(self.sizes, coordinate)

    def values(self, reading: int) -> tuple[int, ...]:
        """The digits of a reading's number."""
        return tuple(reading // stride % size for stride, size in zip(_strides(self.sizes), self.sizes, strict=True))

    def box(self, guard: Guard) -> Box:
        """The readings that a guard admits, as a box."""
        return guard.data, guard.work, *(_admitted(test, size) for test, size in zip(guard.edges, self.sizes[2:], strict=True))

    def guard(self, box: Box) -> Guard:
        """The guard that admits a box."""
        top, bottom, left, right = (
            None if len(values) == size else values == (1,) for values, size in zip(box[2:], self.sizes[2:], strict=True)
        )
        return Guard(box[DATA], box[WORK], (top, bottom, left, right))

    def _where(self, coordinate: int, symbol: Symbol | None) -> Region:
        return 0 if symbol is None else self.plane(coordinate, symbol)

    def _stops(self, move: Move) -> Region:
        """The readings with which edges stop this move; on rows, only the two ends of the whole do."""
        if move is Move.STAY or self.sizes[FIRST_EDGE] == 1:
            return 0
        stopped = self._touching(Edge(move))
        return stopped & self._touching(_LAST_ROW[move]) if self.by_rows else stopped

    def _touching(self, edge: Edge) -> Region:
        return self.plane(FIRST_EDGE + EDGES.index(edge), 1)


def action(transition: Transition) -> Effect:
    """What a transition says it does."""
    moves = (Move.STAY, Move.STAY) if transition.halts else (transition.move_data, transition.move_work)
    return Effect(transition.write_data, transition.write_work, *moves, transition.target)


def by_state(table: Table) -> tuple[tuple[Transition, ...], ...]:
    """The transitions of each state."""
    transitions: list[list[Transition]] = [[] for _ in table.states]
    for transition in table.transitions:
        transitions[transition.state].append(transition)
    return tuple(map(tuple, transitions))


Part = TypeVar("Part", "Symbol | None", Move)


def _parted(region: Region, change: Part, nothing: Part, idle: Region) -> Iterator[tuple[Part, Region]]:
    """A region in two: where a change changes nothing (it is `idle` there), and the rest."""
    if region & idle:
        yield nothing, region & idle
    if region & ~idle:
        yield change, region & ~idle


def _admitted(test: bool | None, size: int) -> tuple[int, ...]:
    return tuple(range(size)) if test is None else (int(test),)


@cache
def _strides(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(sizes[:coordinate]) for coordinate in range(len(sizes)))


@cache
def _steps(sizes: tuple[int, ...], coordinate: int, values: tuple[int, ...]) -> Region:
    """The readings with one of these values and 0 everywhere else: boxes are products of such."""
    return sum(1 << value * _strides(sizes)[coordinate] for value in values)


@cache
def _plane(sizes: tuple[int, ...], coordinate: int) -> Region:
    """The readings whose value is 0."""
    stride = _strides(sizes)[coordinate]
    return sum(((1 << stride) - 1) << start for start in range(0, prod(sizes), stride * sizes[coordinate]))
