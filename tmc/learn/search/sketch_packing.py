"""Fillings of a sketch as packed machines: rules are packed one by one, for every choice of their own holes.

A machine is then put together reading by reading, from the last rule of a state to the first: the first that applies stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from tmc.ir.sketch import SketchRule, SketchTable
from tmc.ir.table import Guard, Transition
from tmc.ir.tape import EDGES, Edge
from tmc.run.shapes import WORK_MOVE_BIT, Entries, MachineShape

NONE = np.uint32(3 << WORK_MOVE_BIT)  # no entry: a rule does not apply there
_ZEROS = Guard((0,), (0,))

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PackedRule:
    """A rule with holes: `options` (choices, places), its entries for every choice of its own `holes` (`strides`: by how much a
    choice changes the number of all), at those `places` of a machine that no rule above takes in any case."""

    holes: tuple[int, ...]
    strides: tuple[int, ...]
    places: NDArray[np.int64]
    options: NDArray[np.uint32]
    always: bool  # it applies at all of these places, whatever the choice


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """`fixed`: (entries of a machine), what the rules without holes say. `rules`: those with holes, from the last to the first."""

    fixed: NDArray[np.uint32]
    rules: tuple[PackedRule, ...]

    def entries(self, choices: NDArray[np.int64]) -> Entries:
        """The machines of these choices (machines, holes)."""
        found: Entries = np.repeat(self.fixed[None], len(choices), axis=0)
        for rule in self.rules:
            number = choices[:, rule.holes] @ np.array(rule.strides, np.int64)
            entries = rule.options[number]
            found[:, rule.places] = entries if rule.always else np.where(entries == NONE, found[:, rule.places], entries)
        return found

    def arrays(self) -> Iterator[NDArray[np.uint32] | NDArray[np.int64]]:
        """All that the machines depend on."""
        yield self.fixed
        for rule in self.rules:
            yield from (rule.places, rule.options, np.array((*rule.holes, *rule.strides), np.int64))


def packing_of(table: SketchTable, shape: MachineShape) -> Packing:
    """The fillings of a sketch, for machines of this shape: that of all of them."""
    fixed = np.zeros(shape.states << shape.reading_bits, np.uint32)
    packed: list[PackedRule] = []
    readings, rules = _PackedReadings(shape), {state: [*of_it] for state, of_it in groupby(table.rules, attrgetter("state"))}
    for state in range(shape.states):
        own = fixed[state << shape.reading_bits : state + 1 << shape.reading_bits]
        own[readings.places] = shape.entry(_ZEROS, None)
        open_places = np.isin(np.arange(len(own)), readings.places)
        with_holes: list[PackedRule] = []
        for rule in rules.get(state, ()):
            options = np.array([readings.entries(table.filled(rule, choice)) for choice in table.choices(rule)])
            applies = options != NONE
            places = np.flatnonzero(applies.any(axis=0) & open_places)
            open_places &= ~applies.all(axis=0)
            if rule.holes and len(places):
                with_holes.append(_packed(rule, table, options[:, places], places + (state << shape.reading_bits)))
            elif not rule.holes:
                own[places] = options[0, places]
        packed += reversed(with_holes)
    return Packing(fixed, tuple(packed))


def _packed(rule: SketchRule, table: SketchTable, options: NDArray[np.uint32], places: NDArray[np.int64]) -> PackedRule:
    strides = [1]
    for number in rule.holes[:0:-1]:
        strides.append(strides[-1] * len(table.holes[number].words))
    return PackedRule(rule.holes, tuple(strides[::-1]), places, options, bool((options != NONE).all()))


@dataclass(slots=True)
class _PackedReadings:
    """The readings of a state: the `places` of their entries, and what is read there."""

    shape: MachineShape
    places: NDArray[np.int64] = field(init=False)
    data: NDArray[np.uint32] = field(init=False)
    work: NDArray[np.uint32] = field(init=False)
    touched: dict[Edge, Mask] = field(init=False)
    masks: dict[Guard, Mask] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        found = [(place, guard) for place, guard in self.shape.readings() if place >> self.shape.reading_bits == 0]
        self.places = np.array([place for place, _ in found])
        self.data = np.array([guard.data[0] for _, guard in found], np.uint32)
        self.work = np.array([guard.work[0] for _, guard in found], np.uint32)
        self.touched = {edge: np.array([bool(guard.edges[at]) for _, guard in found]) for at, edge in enumerate(EDGES)}

    def entries(self, transitions: Sequence[Transition]) -> NDArray[np.uint32]:
        """The entries of a state that has these disjoint transitions, `NONE` where no transition applies."""
        shape = self.shape
        entries = np.full(1 << shape.reading_bits, NONE, np.uint32)
        for transition in transitions:
            mask = self._mask(transition.guard)
            found = np.full(len(self.places), shape.entry(_ZEROS, transition), np.uint32)
            if transition.write_data is not None:
                found ^= self.data << np.uint32(shape.work_bits)
            if transition.write_work is not None:
                found ^= self.work
            entries[self.places[mask]] = found[mask]
        return entries

    def _mask(self, guard: Guard) -> Mask:
        if guard not in self.masks:
            mask = np.isin(self.data, guard.data) & np.isin(self.work, guard.work)
            for edge, test in zip(EDGES, guard.edges, strict=True):
                if test is not None:
                    mask &= self.touched[edge] == test
            self.masks[guard] = mask
        return self.masks[guard]
