"""What a target is: how local rules become a network, and what the other rooms have to know of the networks that it makes.

The compiler asks a target to `lower` rules; a checkpoint asks it how tensors are named and shaped, and in which number formats they
may be; the engines ask it how to read cells. A new target is a folder beside this file with one subclass of `Target`, and a line in
`tmc.targets.registry`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from tmc.frozen import frozen

if TYPE_CHECKING:  # a target's name and attributes are asked for where nothing else is needed
    from tmc.ir.cells import Cells
    from tmc.ir.document import Document
    from tmc.ir.filters import Channels, Filters
    from tmc.ir.lattice import Cell
    from tmc.ir.rules import Rules

GROUPS = ("recurrent", "head")  # the layers applied again and again, and those that read the answer
SIDE = 3  # of a patch
PACK, CARRIES, CONTROL = ("right", "left"), ("carry1", "carry2"), ("control",)  # fields of a cell, see docs/construction.md
Cellular = Any  # numbers of cells, and what is found of them: arrays of numpy or tensors of torch, the ones from the others


class Coding(Protocol):
    """How the cells of one machine are channels of its network, and back."""

    @property
    def scale(self) -> str | None:
        """The name of the scale; None if the target has but one."""

    def encode(self, cell: Cell) -> Channels:
        """The channels of a cell of the stage `rules`. KeyError when no such cell can occur."""

    def decode(self, channels: tuple[float, ...]) -> Cell:
        """The inverse of `encode`. KeyError or ValueError when the channels are no cell's."""

    def learning_rate(self) -> float:
        """The paper's η = ⅓ at the network's scale: what a memory cell that holds 1 is, since the head's slope at 0 is 1."""

    def document(self) -> Document:
        """What a checkpoint says of it, besides the fields of cells: entries of its metadata."""


@frozen
class Lowered:
    """A network. `digits`: the binary digits that its sums need; None where they are few enough for every target format."""

    filters: Filters
    coding: Coding
    digits: int | None = None


@frozen
class ChannelDigit:
    """A digit of a channel: how much it counts for, and what is to be known of a cell where it is not 0, see `CellReader`."""

    value: float
    answers: bool
    leaves_left: bool
    leaves_right: bool


class CellReader(Protocol):
    """Reads cells, shape (…, channels), all at once. `packed`: whether cells carry a work tape with them."""

    packed: bool

    def answered(self, values: Cellular) -> Cellular:
        """Whether a cell holds the verdict, shape (…)."""

    def leaves_left(self, values: Cellular) -> Cellular:
        """Whether something in the first column belongs to the run, where the next layer may lose it, shape (…)."""

    def leaves_right(self, values: Cellular) -> Cellular:
        """The same of the last column."""

    def digits(self) -> list[list[ChannelDigit]]:
        """All that, digit by digit: those of each channel, the largest value first."""


class Target(ABC):
    """A kind of network."""

    name: str
    says: str  # what it is, in a line, for help texts
    scales: tuple[str, ...]  # the first is the usual one
    recurrent: tuple[str, ...]  # the names of the layers that are applied again and again, in order
    head: tuple[str, ...]  # the names of the layers that read the answer
    recurrent_layers: tuple[str, ...]  # what those are called in the stage `filters`
    head_layers: tuple[str, ...]
    memory: str  # the name of the tensor of the trained memory
    formats: tuple[str, ...]  # the number formats that its tensors may have, the narrowest first
    sparse: frozenset[str] = frozenset()  # the tensors that may be stored sparse
    small: bool  # whether all its numbers are small integers, so that narrower formats than its own may hold them
    channel_per_trit: bool  # whether a cell's fields can be read off channels of their own, whatever the others hold
    paper: bool  # whether its tensors are the matrices of the paper's Definition 5

    @property
    def modules(self) -> dict[str, tuple[str, ...]]:
        """The names of the layers of each of `GROUPS`."""
        return dict(zip(GROUPS, (self.recurrent, self.head), strict=True))

    @property
    def layers(self) -> dict[str, tuple[str, ...]]:
        """What the layers of each of `GROUPS` are called in the stage `filters`."""
        return dict(zip(GROUPS, (self.recurrent_layers, self.head_layers), strict=True))

    @abstractmethod
    def lower(self, rules: Rules, cells: Cells, scale: str) -> Lowered:
        """The network of these rules, whose fields are coded as `cells` says. Raises `Rejected` when the target cannot hold it."""

    @abstractmethod
    def coding(self, about: Document, cells: Cells) -> tuple[Cells, Coding]:
        """The coding that a checkpoint's metadata speak of, and its cells, with their fields in the order of a cell's values (where
        fields of one value stand among others, the cells alone do not tell). ValueError or the like when they are damaged."""

    @abstractmethod
    def reader(self, about: Document, reads_grid: bool) -> CellReader:
        """How to read the cells of a checkpoint."""

    @abstractmethod
    def check(self, about: Document) -> None:
        """ValueError or the like unless the metadata's cells are such as this target makes."""

    @abstractmethod
    def weight_name(self, module: str) -> str:
        """The name of a layer's matrix."""

    @abstractmethod
    def weight_shape(self, module: str, units: int, inputs: int) -> tuple[int, ...]:
        """The shape of a layer's matrix in a file; `inputs` counts those of a unit: 9 for each channel in the first layer."""

    def side(self, module: str) -> int:
        """The side of the patch that a layer looks at: 3 for the first recurrent layer, else 1."""
        return SIDE if module == self.recurrent[0] else 1

    def scale_of(self, about: Document) -> str:
        """The scale of a checkpoint."""
        return self.scales[0]
