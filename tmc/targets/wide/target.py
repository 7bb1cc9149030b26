"""The target `wide` as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmc.frozen import frozen
from tmc.targets.target import CARRIES, CONTROL, PACK, CellReader, Cellular, ChannelDigit, Coding, Lowered, Target

if TYPE_CHECKING:
    from tmc.ir.cells import Cells
    from tmc.ir.document import Document
    from tmc.ir.filters import Channels
    from tmc.ir.lattice import Cell
    from tmc.ir.rules import Rules


@frozen
class TritCoding:
    """A channel for each trit."""

    cells: Cells
    scale = None

    def encode(self, cell: Cell) -> Channels:
        """See `Coding`."""
        return self.cells.encode(cell)

    def decode(self, channels: tuple[float, ...]) -> Cell:
        """See `Coding`."""
        return self.cells.decode(tuple(map(int, channels)))

    def learning_rate(self) -> float:
        """See `Coding`: a memory cell is a trit."""
        return 1.0

    def document(self) -> Document:
        """See `Coding`: nothing, the fields say it all."""
        return {}


class TritReader:
    """Reads cells whose channels are trits."""

    def __init__(self, about: Document, reads_grid: bool) -> None:
        fields = tuple(name.split(".")[0] for name in about["channels"])
        self._answer: int = about["cells"]["answer"]
        self._channels = len(fields)
        self._left = [i for i, field in enumerate(fields) if field in CONTROL and not reads_grid]
        self._right = [i for i, field in enumerate(fields) if field in PACK + CARRIES + CONTROL]
        self.packed = any(field in PACK for field in fields)

    def answered(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return values[..., self._answer] != 0

    def leaves_left(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return values[..., self._left].any(-1)

    def leaves_right(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return values[..., self._right].any(-1)

    def digits(self) -> list[list[ChannelDigit]]:
        """See `CellReader`."""
        return [[ChannelDigit(1.0, i == self._answer, i in self._left, i in self._right)] for i in range(self._channels)]


class Wide(Target):
    """See the folder."""

    name = "wide"
    says = "a channel for every part of a cell"
    scales = ("integer",)
    recurrent, head = ("recurrent.0", "recurrent.2", "recurrent.4"), ("head.0", "head.2")  # in a torch module ReLUs stand between
    recurrent_layers, head_layers = ("steps", "conjunctions", "channels"), ("head", "output")
    memory = "memory.weight"
    formats = ("float32",)
    sparse = frozenset({"recurrent.2.weight", "recurrent.4.weight"})
    small = True
    channel_per_trit = True
    paper = False

    def lower(self, rules: Rules, cells: Cells, scale: str) -> Lowered:
        """See `Target`."""
        from tmc.targets.wide.cells_to_filters import cells_to_filters

        return Lowered(cells_to_filters(cells), TritCoding(cells))

    def coding(self, about: Document, cells: Cells) -> tuple[Cells, Coding]:
        """See `Target`."""
        if [trit.name for trit in cells.trits] != about["channels"]:
            raise ValueError("channels")
        return cells, TritCoding(cells)

    def reader(self, about: Document, reads_grid: bool) -> CellReader:
        """See `Target`."""
        return TritReader(about, reads_grid)

    def check(self, about: Document) -> None:
        """See `Target`: trits throughout, and nothing beyond the edges."""
        cells = about["cells"]
        values = (*cells["blank"], *cells["pad"], *cells["border"])
        if not all(type(value) is int and -1 <= value <= 1 for value in values) or any(cells["border"]):
            raise ValueError("cells")

    def weight_name(self, module: str) -> str:
        """See `Target`."""
        return f"{module}.weight"

    def weight_shape(self, module: str, units: int, inputs: int) -> tuple[int, ...]:
        """See `Target`: that of a convolution (units, channels, side, side)."""
        side = self.side(module)
        return units, inputs // (side * side), side, side
