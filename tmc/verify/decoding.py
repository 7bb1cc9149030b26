"""The layers before the control is born: the decoding of a memory, looked at from beginning to end.

Until then only the memory's shape decides what cells do; the symbols, all ±1, decide no more than what is carried. So it is enough
to run the rules on memories of every small shape. A larger memory brings nothing new: what a cell does depends on how many layers
have gone by since its turn came, and on whether it is at an edge; and from `LARGEST` - 1 rows and columns on the patches found are
all the same ones, which is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from tmc.automaton.signals import CONTROL
from tmc.ir.lattice import OFFSETS, Cell, Evolution, Lattice, Patch
from tmc.ir.rules import Invariant, Rules, local
from tmc.run.observe import memory
from tmc.verify.legal_cells import Legal
from tmc.verify.neighbours import Kind

LARGEST = 5  # rows and columns of examples, besides the query and the labels
FILLINGS = 4  # of each shape, but for the smallest: those are all tried


@dataclass(frozen=True, slots=True)
class Decoding:
    """What was looked at: memories, layers of them, and different patches, all of which are in `patches`; and what was wrong."""

    memories: int
    layers: int
    patches: frozenset[Patch]
    faults: tuple[str, ...]

    def refuted(self, rules: Rules, invariants: Iterable[Invariant]) -> tuple[str, ...]:
        """The invariants of which two members hold in one of the patches."""
        index = {field.name: number for number, field in enumerate(rules.fields)}
        cells = np.array(sorted(self.patches), dtype=np.int64)
        wrong = []
        for invariant in invariants:
            holding = np.zeros(len(cells), dtype=np.int64)
            for member in invariant.members:
                tests = [np.isin(cells[:, x.place, index[x.field]], x.values) for x in member]
                holding += np.logical_and.reduce(tests)
            wrong += [f"this does not hold while the memory is decoded: {invariant.name}"] if (holding > 1).any() else []
        return tuple(wrong)


def decoding(rules: Rules, cells: Legal, signals: tuple[str, ...]) -> Decoding:
    """Decode small memories until the control is born. Nothing to do for a machine on a line."""
    if not rules.has("kind"):
        return Decoding(0, 0, frozenset(), ())
    step, at = local(rules), [rules.index(name) for name in signals]
    patches: dict[int, set[Patch]] = {}
    faults: dict[str, None] = {}
    memories = layers = 0
    for m, d, pads in product(range(1, LARGEST + 1), range(1, LARGEST + 1), (1, 3)):
        seen = patches.setdefault(max(m, d), set())
        for products in _fillings(m, d):
            lattice = memory(rules, products, pads)
            evolution = Evolution(step, rules.border, lattice)
            for _ in range(m + d + 2):
                seen.update(patches_of(evolution.lattice, rules.border))
                faults.update(dict.fromkeys(_strangers(evolution.lattice, cells.decoding, at)))
                evolution.advance()
            memories, layers = memories + 1, layers + evolution.layers
            faults.update(dict.fromkeys(_strangers(evolution.lattice, cells.computing, at)))
            if not _is_born(evolution.lattice, rules, d + 1):
                faults[f"no control is born in {m + d + 2} layers, or not all is at rest then"] = None
    known = frozenset[Patch]().union(*(found for size, found in patches.items() if size < LARGEST))
    if not {_kinds(patch, at) for patch in patches[LARGEST]} <= {_kinds(patch, at) for patch in known}:
        faults["larger memories bring new patches"] = None
    return Decoding(memories, layers, known.union(patches[LARGEST]), tuple(faults))


def _fillings(m: int, d: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """What a memory of a shape may hold: ±1 everywhere, and the query's label is +1."""
    cells = (m + 1) * (d + 1) - 1
    chance = np.random.default_rng((m, d))
    rows = product((-1, 1), repeat=cells) if cells <= 3 else chance.choice((-1, 1), size=(FILLINGS, cells)).tolist()
    for row in rows:
        full = (*row, 1)
        yield tuple(full[first : first + d + 1] for first in range(0, len(full), d + 1))


def patches_of(lattice: Lattice, border: Cell) -> Iterator[Patch]:
    """The patches of all cells of a lattice, row by row."""
    height, width = len(lattice), len(lattice[0])
    for row, column in product(range(height), range(width)):
        places = ((row + down, column + right) for down, right in OFFSETS)
        patch = tuple(lattice[r][c] if 0 <= r < height and 0 <= c < width else border for r, c in places)
        yield patch  # type: ignore[misc]


def _kinds(patch: Patch, at: list[int]) -> tuple[Kind, ...]:
    return tuple(tuple(cell[index] for index in at) for cell in patch)


def _strangers(lattice: Lattice, cells: Mapping[Kind, tuple[frozenset[int], ...]], at: list[int]) -> Iterator[str]:
    """The cells that are not among the legal ones."""
    for cell in {cell for row in lattice for cell in row}:
        values = cells.get(tuple(cell[index] for index in at))
        if values is None or not all(value in found for value, found in zip(cell, values, strict=True)):
            yield f"the cell {cell} is not among the legal ones"


def _is_born(lattice: Lattice, rules: Rules, columns: int) -> bool:
    """Whether the control stands in the first cell and all else is at rest: `tmc.verify.neighbours` begins there."""
    control, kind = rules.index("control"), rules.field("kind").values
    for row, cells in enumerate(lattice):
        for column, cell in enumerate(cells):
            if (cell[control] == CONTROL) != ((row, column) == (0, 0)):
                return False
            if kind[cell[rules.index("kind")]] != ("live" if column < columns else "pad"):
                return False
            if any(value for field, value in zip(rules.fields, cell, strict=True) if not field.persists or field.name == "answer"):
                return False
    return True
