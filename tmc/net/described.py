"""What a checkpoint says of its network, whatever holds the weights: names, what the machine promises, and sizes."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.ir.from_document import bound_of
from tmc.net.checkpoint.reading import Checkpoint
from tmc.targets.target import CellReader

if TYPE_CHECKING:
    from tmc.net.sparse.plain import PlainNetwork

LAYER_CAP = 1_000_000  # the depth of a machine that promises no number of steps
COPIES = 3  # of a lattice that exist at one time
LINE_BYTES = 600  # of a line's cell, besides its numbers: measured
SPARE_WORK = 32  # work-tape cells to begin with, beyond m + d, of a machine that promises no bound
MOST_PADS = 1 << 12  # columns that are added for these at most: the work of a run grows with their square, see `tmc.net.room`

Memory = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is for a data set: `depth` applications of the convolution, `pads` columns to the right.

    `bounded` says whether the depth is what the machine's promise asks for; if not it is only a cap. `grows` says whether columns
    are added where the work tape needs more; if not it was asked for so many, or the machine promises them.
    """

    m: int
    d: int
    depth: int
    pads: int
    bounded: bool
    grows: bool = False


class Described(ABC):
    """A network of a checkpoint: `tmc.net.sparse.plain.PlainNetwork` without torch, or `tmc.net.network.Network`, a module of
    torch."""

    checkpoint: Checkpoint
    reader: CellReader
    learning_rate: float
    border: tuple[float, ...]

    def describe(self, checkpoint: Checkpoint) -> None:
        """Take what the metadata say."""
        self.checkpoint = checkpoint
        self.reader = checkpoint.target.reader(checkpoint.about, self.reads_grid)
        self.learning_rate = checkpoint.about["learning_rate"]
        self.border = tuple(checkpoint.about["cells"]["border"])

    # --- what holds the weights

    @abstractmethod
    def plain(self) -> PlainNetwork:
        """The network as it is now, its memory too, without torch."""

    @abstractmethod
    def memory_array(self) -> Memory:
        """The memory `W`, shape (m+1, d+1); before training (0, 0)."""

    @abstractmethod
    def set_memory(self, weight: Memory) -> None:
        """Give it this memory `W`, shape (m+1, d+1)."""

    @abstractmethod
    def native(self, array: Memory) -> Any:
        """Numbers as this network has them: an array or a tensor."""

    def why_called(self) -> str:
        """Why its modules must be called, not only their weights read, such as "recurrent.2 has a forward hook"; "" if it makes no
        difference."""
        return ""

    @abstractmethod
    def threads(self) -> int:
        """How many threads it may use."""

    @abstractmethod
    def itemsize(self) -> int:
        """The bytes of a number."""

    # --- its properties

    @property
    def name(self) -> str:
        """The machine's name."""
        return str(self.checkpoint.about["table"]["name"])

    @property
    def reads_grid(self) -> bool:
        """Whether the machine is a learner: it reads a grid of examples."""
        return bool(self.checkpoint.about["table"]["tapes"][0]["kind"] == "grid")

    @property
    def is_drawn(self) -> bool:
        """Whether its weights were drawn at random (`tmc.net.draw`)."""
        return "drawn" in self.checkpoint.about

    @property
    def is_trained(self) -> bool:
        """Whether its memory holds examples."""
        return bool(self.memory_array().size)

    def tapes(self) -> tuple[str, ...]:
        """The names of the tapes, the data tape first."""
        return tuple(str(tape["name"]) for tape in self.checkpoint.about["table"]["tapes"])

    def symbols(self) -> tuple[str, ...]:
        """The symbols of the data tape."""
        return tuple(self.checkpoint.about["table"]["tapes"][0]["symbols"])

    def promises(self, what: str) -> bool:
        """Whether the machine declares a bound on its ``steps`` or its ``work``."""
        return self.checkpoint.about["table"]["bounds"][what] is not None

    def shape(self, m: int, d: int, work: int | None = None, depth: int | None = None) -> Shape:
        """The size for `m` examples with `d` features: `L = 4t + m + d + 2` layers and a pad for every work-tape cell and one
        more, from the machine's bounds, unless `work` or `depth` say otherwise. Of a machine that promises no work-tape cells there
        are as many to begin with as most need, and more are added. Raises `Rejected` when the machine reads a line."""
        if not self.reads_grid:
            raise Rejected(f"the machine {self.name} reads a line, not a grid of examples: use `run`, not `fit`")
        bounds = (bound_of(self.checkpoint.about["table"]["bounds"][name]) for name in ("steps", "work"))
        steps, cells = (None if bound is None else bound.evaluate({"m": m, "d": d}) for bound in bounds)
        if work is not None:
            cells = work
        elif not self.reader.packed:
            cells = 0
        grows = cells is None and not self.is_drawn  # what random weights do in the last column means nothing
        if cells is None:
            cells = m + d + SPARE_WORK
        if depth is not None:
            return Shape(m, d, depth, cells + 1, bounded=False, grows=grows)
        promised = None if steps is None else 4 * steps + m + d + 2
        return Shape(m, d, LAYER_CAP if promised is None else promised, cells + 1, bounded=promised is not None, grows=grows)

    def check_memory(self, shape: Shape, batch: int, kept: int) -> None:
        """Raise `Rejected` when a batch of lattices of this shape, with the activations of `kept` layers for autograd, cannot
        fit."""
        units = sum(len(bias) for _, bias in self.checkpoint.layers("recurrent"))
        cells = batch * (shape.m + 1) * (shape.d + 1 + shape.pads)
        needed = self.itemsize() * cells * (COPIES * self._channels() + 2 * kept * units)
        what = f"{batch} lattices of {shape.m + 1} × {shape.d + 1 + shape.pads} cells" if not kept else f"{kept} layers"
        hint = "leave out --full-depth" if kept > 1 else "use fewer examples, features or queries"
        _check_memory(needed, what, hint)

    def check_window(self, columns: int) -> None:
        """Raise `Rejected` when a line's lattice of so many cells cannot fit."""
        needed = columns * (self.itemsize() * COPIES * self._channels() + LINE_BYTES)
        _check_memory(needed, f"{columns} cells", "use a smaller --window or fewer --max-layers")

    def _channels(self) -> int:
        return len(self.checkpoint.about["cells"]["blank"])


def not_compiled(network: Described, what: str) -> Rejected:
    """What to raise when a network does what no compiled one does: its weights may be a user's."""
    return Rejected(f"{network.checkpoint.name}: {what}: its weights are not those of a compiled machine; `tmc verify` says where")


def _check_memory(needed: int, what: str, hint: str) -> None:
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > available:
        raise Rejected(f"{what} need {needed / 1e9:.1f} GB of memory, this machine has {available / 1e9:.1f} GB; {hint}")
