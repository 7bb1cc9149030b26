"""Priors of sketches: all machines that a text with holes stands for, in the order of counting or drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.ir.sketch import SketchTable
from tmc.ir.table import Bounds
from tmc.ir.tape import EDGES
from tmc.learn.data.streams import FILLINGS, stream
from tmc.learn.search.sketch_packing import Packing, packing_of
from tmc.pipeline import filled, read_sketch
from tmc.run.shapes import Entries, MachineShape
from tmc.source import Source

DRAWN_AT_ONCE = 1 << 12  # what is drawn depends on it
_FITTING = 1 << 62  # numbers of this size, and some more, are computed with in 64 bits

Choices = NDArray[np.int64]  # (fillings, holes): which of its options each hole has


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Prior `sketch`: every filling of a sketch once, by its number. The last hole of the text changes fastest.

    States are numbered as in `table`, in which the machine starts in the first one. `SourceRejected` when the text has errors,
    `Rejected` when the machine is too large to be one of many.
    """

    source: Source
    table: SketchTable = field(init=False)
    shape: MachineShape = field(init=False)
    _packing: Packing = field(init=False, repr=False)

    def __post_init__(self) -> None:
        table = read_sketch(self.source)
        try:
            shape = _shape(table)
        except ValueError:
            raise Rejected(f"{self.source.name}: the machine {table.name} has too many states or symbols for a search") from None
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "_packing", packing_of(table, shape))

    @property
    def size(self) -> int:
        """How many fillings there are."""
        return self.table.size

    @property
    def bounds(self) -> Bounds:
        """What every filling promises."""
        return self.table.bounds

    @property
    def name(self) -> str:
        """See `Prior`. Sketches with the same machines in the same order have the same name, whatever their comments say."""
        digest = sha256(repr((self.shape, self.options)).encode())
        for array in self._packing.arrays():
            digest.update(array.tobytes())
        return f"sketch {self.table.name} {digest.hexdigest()[:16]}"

    @property
    def options(self) -> tuple[tuple[str, ...], ...]:
        """The words that each hole may be filled with, hole by hole in the order of the text."""
        return tuple(hole.words for hole in self.table.holes)

    def machines(self, first: int, count: int) -> Entries:
        """See `Prior`. ValueError when there are fewer fillings."""
        if first < 0 or first + count > self.size:
            raise ValueError(f"there are {self.size} fillings, not {first + count}")
        return self.packed(_counted(self._radices(), first, count))

    def packed(self, choices: Choices) -> Entries:
        """The machines of these fillings (fillings, holes)."""
        return self._packing.entries(choices)

    def words(self, number: int) -> tuple[str, ...]:
        """What the holes are filled with in filling `number`. ValueError when there are fewer."""
        if not 0 <= number < self.size:
            raise ValueError(f"there are {self.size} fillings, so there is no number {number}")
        (choice,) = _counted(self._radices(), number, 1).tolist()
        return tuple(words[option] for words, option in zip(self.options, choice, strict=True))

    def number(self, words: Sequence[str]) -> int:
        """The number of the filling with these words. Raises ValueError if no filling has them."""
        number = 0
        for options, word in zip(self.options, words, strict=True):
            number = number * len(options) + options.index(word)
        return number

    def filled(self, number: int) -> str:
        """The text of the machine that filling `number` is, set by the formatter, with all comments."""
        return filled(self.source, self.words(number))

    def drawn(self, seed: int) -> DrawnSketch:
        """Fillings at random, without end."""
        return DrawnSketch(self, seed)

    def _radices(self) -> list[int]:
        return [len(words) for words in self.options]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSketch:
    """Prior: fillings of a sketch drawn uniformly, each independently of the others. Candidate `n` is a function of sketch, seed
    and `n` alone."""

    sketch: Sketch
    seed: int = 0

    @property
    def shape(self) -> MachineShape:
        """See `Prior`."""
        return self.sketch.shape

    @property
    def size(self) -> None:
        """There is no end."""
        return

    @property
    def bounds(self) -> Bounds:
        """See `Sketch.bounds`."""
        return self.sketch.bounds

    @property
    def name(self) -> str:
        """See `Prior`."""
        return f"{self.sketch.name} drawn seed {self.seed}"

    def machines(self, first: int, count: int) -> Entries:
        """See `Prior`."""
        return self.sketch.packed(self._choices(first, count))

    def filling(self, number: int) -> int:
        """The number that candidate `number` has among the fillings of the sketch."""
        (choice,) = self._choices(number, 1).tolist()
        return self.sketch.number([words[option] for words, option in zip(self.sketch.options, choice, strict=True)])

    def filled(self, number: int) -> str:
        """The text of candidate `number`, see `Sketch.filled`."""
        return self.sketch.filled(self.filling(number))

    def _choices(self, first: int, count: int) -> Choices:
        blocks = range(first // DRAWN_AT_ONCE, (first + max(count, 1) - 1) // DRAWN_AT_ONCE + 1)
        drawn = np.concatenate([self._block(block) for block in blocks])
        start = first - blocks[0] * DRAWN_AT_ONCE
        return drawn[start : start + count]

    def _block(self, block: int) -> Choices:
        """Raw bits, which are the same for every version of NumPy; what they are taken modulo is too small for a bias to matter."""
        radices = np.array([len(words) for words in self.sketch.options], np.uint64)
        bits = stream(self.seed, block, FILLINGS).random_raw(DRAWN_AT_ONCE * len(radices)).reshape(DRAWN_AT_ONCE, len(radices))
        return ((bits >> np.uint64(32)) * radices >> np.uint64(32)).astype(np.int64)


def _shape(table: SketchTable) -> MachineShape:
    tests = {transition.guard.edges for rule in table.rules for transition in rule.transitions}
    asked = [edge for place, edge in enumerate(EDGES) if any(test[place] is not None for test in tests)]
    data, *work = table.tapes
    work_symbols = len(work[0].symbols) if work else 1
    return MachineShape(data.kind, len(table.states), len(data.symbols), work_symbols, tuple(asked))


def _counted(radices: Sequence[int], first: int, count: int) -> Choices:
    """The digits of `count` numbers from `first` on, of which there may be more than 64 bits can tell apart."""
    choices = np.zeros((count, len(radices)), np.int64)
    place, fitting = len(radices), 1
    while place and fitting * radices[place - 1] <= _FITTING:
        place -= 1
        fitting *= radices[place]
    high, low = divmod(first, fitting)
    numbers = np.arange(count, dtype=np.int64) + low
    carried = numbers // fitting
    for position in range(len(radices) - 1, place - 1, -1):
        numbers, choices[:, position] = np.divmod(numbers, radices[position])
    if place and count:
        choices[:, :place] = _counted(radices[:place], high, int(carried[-1]) + 1)[carried]
    return choices
