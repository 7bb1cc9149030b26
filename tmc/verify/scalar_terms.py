"""What the local rules say of a cell's next number, as a sum of boxes over the cells of its patch: the target `scalar`.

A variable is a place, its values are the cells that may stand there. A number is a sum over *parts*, fields coded together.
What a part is worth next depends on the rules that write some of its fields: for each set of them that may apply at once there is
what it adds beyond the smaller sets (Möbius inversion). So the sum of all is right whichever of them apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from tmc.ir.lattice import HERE, PLACES
from tmc.ir.numeral import FieldGroup, Numeral, Real, Scale
from tmc.ir.rules import Copy, Guard, Invariant, Rules, Write
from tmc.ir.units import Number
from tmc.targets.scalar.digits import CONTROL_DIGIT
from tmc.verify.boxes import EVERYWHERE, Box, Term, meet, within
from tmc.verify.legal_cells import Legal, Values
from tmc.verify.neighbours import Bools, Kind
from tmc.verify.unit_terms import Apart, Floats, InputVariable, bits

CHUNK = 1 << 14  # cells that are looked at together: what the network makes of them takes some hundred megabytes
Placed = tuple[Box, Term]  # a term, and the box that it goes with


@dataclass(frozen=True)
class ScalarPatches:
    """The patches of the target `scalar`. `invariants` must hold in all of them.

    Cells at one place that neither the rules nor the network (`apart`) tell apart there are one value.
    """

    rules: Rules
    legal: Legal
    invariants: tuple[Invariant, ...]
    numeral: Numeral
    scale: Scale
    apart: Apart

    channels = ("number",)

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """All legal cells, and the border: shape (cells, fields)."""
        blocks = [np.array([self.rules.border], dtype=np.int64)]
        for values in (*self.legal.computing.values(), *self.legal.decoding.values()):
            axes = np.meshgrid(*(sorted(found) for found in values), indexing="ij")
            blocks.append(np.stack([axis.reshape(-1) for axis in axes], axis=1))
        every = np.concatenate(blocks)
        return every[np.unique(self._coded(every, range(len(self.rules.fields))), return_index=True)[1]]

    def _coded(self, cells: NDArray[np.int64], columns: Iterable[int]) -> NDArray[np.int64]:
        """Some fields of cells as one number each."""
        total = np.zeros(len(cells), dtype=np.int64)
        for index in columns:
            total = total * len(self.rules.fields[index].values) + cells[:, index]
        return total

    @cached_property
    def _numbers(self) -> Floats:
        return np.array([float(self.scale.of(self.numeral.encode(cell))) for cell in map(tuple, self.cells.tolist())])

    @cached_property
    def occurring(self) -> list[tuple[tuple[int, ...], Floats]]:
        """By place: what stands there, all of it, as the network's input has it. The border is in the middle of no patch."""
        inside = self._numbers[(self.cells != np.array(self.rules.border)).any(axis=1)]
        return [((place,), (inside if place == HERE else self._numbers)[:, None]) for place in range(len(PLACES))]

    @cached_property
    def _phases(self) -> tuple[Bools, Bools]:
        """Which cells may be there before the control is born, and from then on."""
        early, late = (self._among(kinds) for kinds in (self.legal.decoding, self.legal.computing))
        return early, late

    def _among(self, kinds: Mapping[Kind, Values]) -> Bools:
        found = np.zeros(len(self.cells), dtype=np.bool_)
        for values in kinds.values():
            found |= np.logical_and.reduce([np.isin(self.cells[:, i], sorted(admitted)) for i, admitted in enumerate(values)])
        return found

    @cached_property
    def _classes(self) -> tuple[NDArray[np.int64], ...]:
        """By place, one cell of each class."""
        return tuple(self._told_apart(place) for place in range(len(PLACES)))

    def _told_apart(self, place: int) -> NDArray[np.int64]:
        early, late = self._phases
        by_rules = self._coded(self.cells, sorted(self._asked[place])) * 4 + 2 * early + late
        by_network: dict[bytes, int] = {}
        labels = []
        for first in range(0, len(self.cells), CHUNK):
            sums = self.apart.sums(place, self._numbers[first : first + CHUNK])
            told = sums[:, (self.apart.layers[-2][0][:, self.apart.units(place)] != 0).any(axis=1)] + 0.0  # no two zeros
            labels += [by_network.setdefault(row.tobytes(), len(by_network)) for row in told]
        told_apart = by_rules * len(by_network) + np.array(labels, dtype=np.int64)
        return self.cells[np.sort(np.unique(told_apart, return_index=True)[1])]

    @cached_property
    def _asked(self) -> tuple[set[int], ...]:
        """By place, the fields that rules ask for or copy, or invariants speak of; of the cell itself, those that stay too."""
        asked: tuple[set[int], ...] = tuple(set() for _ in PLACES)
        guards = [member for invariant in self.invariants for member in invariant.members]
        for literal in (literal for guard in (*guards, *(rule.guard for rule in self.rules.rules)) for literal in guard):
            asked[literal.place].add(self.rules.index(literal.field))
        for write in (write for rule in self.rules.rules for write in rule.writes if isinstance(write, Copy)):
            asked[write.place].add(self.rules.index(write.source))
        asked[HERE].update(index for index, field in enumerate(self.rules.fields) if field.persists)
        return asked

    @cached_property
    def sizes(self) -> list[int]:
        """The number of values of each variable."""
        return [len(cells) for cells in self._classes]

    @cached_property
    def variables(self) -> list[InputVariable]:
        """The cells as the network's inputs have them: numbers."""
        return [
            InputVariable(
                name, (place,), np.array([[float(self.scale.of(self.numeral.encode(tuple(cell))))] for cell in cells.tolist()])
            )
            for place, (name, cells) in enumerate(zip(PLACES, self._classes, strict=True))
        ]

    @cached_property
    def impossible(self) -> list[Box]:
        """What no patch is in: two members of an invariant, cells from before and after the birth of the control side by side, and
        the border in the middle of a patch."""
        found = []
        for invariant in self.invariants:
            for one, other in combinations(map(self.box, invariant.members), 2):
                both = None if one is None or other is None else meet(one, other)
                found += [] if both is None else [both]
        phases = [
            tuple(self._in(kinds, place) for kinds in (self.legal.decoding, self.legal.computing)) for place in range(len(PLACES))
        ]
        for p, q in product(range(len(PLACES)), repeat=2):
            early, late = bits(phases[p][0] & ~phases[p][1]), bits(phases[q][1] & ~phases[q][0])
            if p != q and early and late:
                found.append(tuple(sorted(((p, early), (q, late)))))
        beyond = bits(~(phases[HERE][0] | phases[HERE][1]))
        return [*found, *([((HERE, beyond),)] if beyond else [])]

    def _in(self, kinds: Mapping[Kind, Values], place: int) -> Bools:
        found = np.zeros(self.sizes[place], dtype=np.bool_)
        for values in kinds.values():
            columns = self._classes[place].T
            found |= np.logical_and.reduce([np.isin(c, sorted(v)) for c, v in zip(columns, values, strict=True)])
        return found

    def box(self, guard: Guard) -> Box | None:
        """Where a guard holds; None if nowhere."""
        found: dict[int, int] = {}
        for literal in guard:
            cells = self.having(literal.place, self.rules.index(literal.field), literal.values)
            found[literal.place] = found.get(literal.place, self.all(literal.place)) & cells
        if not all(found.values()):
            return None
        return tuple(sorted((place, cells) for place, cells in found.items() if cells != self.all(place)))

    def all(self, place: int) -> int:
        """All values of a place, as bits."""
        return (1 << self.sizes[place]) - 1

    def column(self, place: int, field: int) -> NDArray[np.int64]:
        """A field of the cells at a place."""
        return self._classes[place][:, field]

    @cached_property
    def _cache(self) -> dict[tuple[int, int, tuple[int, ...]], int]:
        return {}

    def having(self, place: int, field: int, values: Sequence[int]) -> int:
        """The cells at a place with one of these values of a field, as bits."""
        key = (place, field, tuple(values))
        if key not in self._cache:
            self._cache[key] = bits(np.isin(self.column(place, field), list(values)))
        return self._cache[key]

    def expected(self, channel: int) -> Iterator[Placed]:
        """What a cell's next number is, by the rules."""
        for part in self.numeral.parts:
            yield from _PartTerms(self, part).terms()

    def describe(self, values: dict[int, int]) -> tuple[tuple[str, str, str], ...]:
        """The fields of these cells that are not at rest, by place and name."""
        return tuple(
            (PLACES[place], field.name, field.values[number])
            for place, index in sorted(values.items())
            for field, number in zip(self.rules.fields, self._classes[place][index].tolist(), strict=True)
            if number
        )


@dataclass(frozen=True)
class _Writer:
    """A rule that writes fields of a part, and where its guard holds."""

    box: Box
    writes: tuple[Write | Copy, ...]


@dataclass(frozen=True)
class _PartTerms:
    """What a part of a number is next."""

    patches: ScalarPatches
    part: FieldGroup

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The part's fields, and the state where the control is: its digit is that of the control."""
        return (*self.part.fields, *(("state",) if self.part.fields == ("control",) else ()))

    @cached_property
    def _at(self) -> list[int]:
        return [self.patches.rules.index(name) for name in self.fields]

    @cached_property
    def _kept(self) -> list[bool]:
        return [self.patches.rules.fields[index].persists for index in self._at]

    @cached_property
    def _own(self) -> list[tuple[tuple[int, ...], Box]]:
        """What the part may be now, and where it is."""
        columns = np.stack([self.patches.column(HERE, index) for index in self._at], axis=1)
        rows, which = np.unique(columns, axis=0, return_inverse=True)
        which = which.reshape(-1)
        everywhere = self.patches.all(HERE)
        places = (bits(which == number) for number in range(len(rows)))
        return [
            (tuple(row), ((HERE, cells),) if cells != everywhere else EVERYWHERE)
            for row, cells in zip(rows.tolist(), places, strict=True)
        ]

    @cached_property
    def _writers(self) -> list[_Writer]:
        found = []
        for rule in self.patches.rules.rules:
            writes = tuple(write for write in rule.writes if write.field in self.fields)
            box = self.patches.box(rule.guard) if writes else None
            if box is not None:
                found.append(_Writer(box, writes))
        return found

    def terms(self) -> Iterator[Placed]:
        """The number's terms by which this part is what the rules make of it."""
        for own, where in self._own:
            worth = self._worth(self._resting(own))
            if worth:
                yield EVERYWHERE, (where, worth)
        for writers, box in self._together(0, EVERYWHERE, ()):
            copied = sorted(
                {(write.place, write.source) for writer in writers for write in writer.writes if isinstance(write, Copy)}
            )
            for own, where in self._own:
                inside = meet(box, where)
                for seen, exactly in self._copied(copied, inside, {}) if inside is not None else ():
                    more = self._beyond_smaller_sets(own, writers, seen)
                    if more:
                        yield box, (exactly, more)

    def _together(self, start: int, box: Box, chosen: tuple[_Writer, ...]) -> Iterator[tuple[tuple[_Writer, ...], Box]]:
        """All sets of rules that may apply at once, and where each set does."""
        for index in range(start, len(self._writers)):
            both = meet(box, self._writers[index].box)
            if both is None or any(within(both, excluded) for excluded in self.patches.impossible):
                continue
            yield (*chosen, self._writers[index]), both
            yield from self._together(index + 1, both, (*chosen, self._writers[index]))

    def _copied(
        self, sources: list[tuple[int, str]], box: Box, seen: dict[tuple[int, str], int]
    ) -> Iterator[tuple[dict[tuple[int, str], int], Box]]:
        """The values of what is copied, and where they are."""
        if not sources:
            yield seen, box
            return
        (place, source), *rest = sources
        field = self.patches.rules.index(source)
        for value in np.unique(self.patches.column(place, field)).tolist():
            inside = meet(box, ((place, self.patches.having(place, field, (value,))),))
            if inside is not None:
                yield from self._copied(rest, inside, {**seen, (place, source): value})

    def _beyond_smaller_sets(self, own: tuple[int, ...], writers: tuple[_Writer, ...], seen: dict[tuple[int, str], int]) -> Number:
        total: Number = 0
        for count in range(len(writers) + 1):
            for some in combinations(writers, count):
                new = list(self._resting(own))
                for write in (write for writer in some for write in writer.writes):
                    value = write.value if isinstance(write, Write) else seen[write.place, write.source]
                    new[self.fields.index(write.field)] = value
                total += (-1) ** (len(writers) - count) * self._worth(tuple(new))
        return total

    def _resting(self, own: tuple[int, ...]) -> tuple[int, ...]:
        """What the part is next if no rule writes it."""
        return tuple(value if kept else 0 for value, kept in zip(own, self._kept, strict=True))

    def _worth(self, values: tuple[int, ...]) -> Number:
        """What values of the part's fields add to a number; 0 for those that do not occur."""
        codes = self.part.codes.get(values[: len(self.part.fields)])
        numeral, number = self.patches.numeral, Real(0)
        for digit, code in zip(self.part.digits, codes or (), strict=False):
            if digit == CONTROL_DIGIT and code:
                number = number.plus(Real(numeral.states.get(values[-1], 0)))
            elif code:
                number = number.plus(numeral.weights[digit], code)
        return self.patches.scale.of(number)
