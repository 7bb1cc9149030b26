"""The recurrent convolutional network of Goel, Kakade, Kalai and Zhang (NeurIPS 2022), Definition 5, as a PyTorch module.

- *memory layer*: `f_mem(z; W) = [ W·diag(z) │ 1 ]`, one real number per cell, `z = [x'; 1]`; the columns on the right are pads;
- *recurrent convolution*, applied `depth` times: a 3x3 and 1x1 convolutions with ReLU, and a constant beyond the edges;
- *head*: two 1x1 convolutions per cell, summed over the first `d + 1` columns.

Only `W` is trained. All other weights come from the compiler. Values are integers in float32, or float64 where the target `scalar`
needs it, so every result is exact in any order of summation (run on CPUs so far); `exact` switches off what would break that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tmc.diagnostics import Rejected
from tmc.ir.from_document import bound_of
from tmc.net.cells import reader_of
from tmc.net.checkpoint import Array, Checkpoint

LAYER_CAP = 1_000_000  # the depth of a machine that promises no number of steps
SMALL = 1 << 13  # cells of a dense batch below which torch keeps to one thread: chosen, not measured
COPIES = 3  # of a lattice that exist at one time
LINE_BYTES = 600  # of a line's cell, besides its numbers: measured
SPARE_WORK = 32  # work-tape cells, beyond m + d, of a machine that promises none


@contextmanager
def exact() -> Iterator[None]:
    """Arithmetic as it is written: no TF32, and no cuDNN, whose fast 3x3 convolutions (Winograd) round on the way."""
    with torch.backends.cudnn.flags(enabled=False, allow_tf32=False):
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


@contextmanager
def one_thread(small: bool = True) -> Iterator[None]:
    """Keep torch to one thread if the work is `small`: threads then mostly wait for each other, and on a busy machine for long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1 if small else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Memory(nn.Module):
    """The memory layer. `weight` is `W`, shape (m+1, d+1); for the target `wide` scaled by 3, so that the paper's ±⅓ are ±1."""

    blank: Tensor
    pad: Tensor

    def __init__(self, blank: tuple[float, ...], pad: tuple[float, ...], symbol: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.symbol = symbol
        self.weight = nn.Parameter(torch.zeros(0, 0, dtype=dtype))
        self.register_buffer("blank", torch.tensor(blank, dtype=dtype), persistent=False)
        self.register_buffer("pad", torch.tensor(pad, dtype=dtype), persistent=False)

    def reset(self, m: int, d: int) -> None:
        """`W = 0`, shape (m+1, d+1)."""
        self.weight = nn.Parameter(torch.zeros(m + 1, d + 1, device=self.weight.device, dtype=self.weight.dtype))

    def forward(self, z: Tensor, pads: int) -> Tensor:
        """`z`: (batch, d+1). Returns the lattice: (batch, channels, m+1, d+1+pads)."""
        products = self.weight * z[:, None, :]
        rows = products.shape[1]
        cells = products.new_zeros(len(self.blank), rows, products.shape[2]) + self.blank[:, None, None]
        columns = products.new_zeros(len(self.pad), rows, pads) + self.pad[:, None, None]
        constant = torch.cat([cells, columns], dim=2).expand(len(z), -1, -1, -1)
        delivered = nn.functional.pad(products, (0, pads))[:, None]
        above = constant[:, : self.symbol]
        return torch.cat([above, constant[:, self.symbol : self.symbol + 1] + delivered, constant[:, self.symbol + 1 :]], dim=1)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is for a data set: `depth` applications of the convolution, `pads` columns to the right.

    `bounded` says whether the depth is what the machine's promise asks for; if not it is only a cap.
    """

    m: int
    d: int
    depth: int
    pads: int
    bounded: bool


class Network(nn.Module):
    """A compiled network, layer by layer. `tmc.net.rcnn.RCNN` is the same with `fit`, `predict` and `run`."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Build the network from a checkpoint's tensors and nothing else."""
        super().__init__()
        self.checkpoint = checkpoint
        about = checkpoint.about
        cells = about["cells"]
        self.reader = reader_of(about, self.reads_grid)
        self.learning_rate: float = about["learning_rate"]
        self.border: tuple[float, ...] = tuple(cells["border"])
        self.recurrent = _layers(checkpoint.layers("recurrent"), self.border)
        self.head = _layers(checkpoint.layers("head"), self.border)
        self.dtype = next(self.head.parameters()).dtype
        self.memory = Memory(tuple(cells["blank"]), tuple(cells["pad"]), cells["symbol"], self.dtype)
        self.requires_grad_(requires_grad=False)
        if checkpoint.memory is not None:
            self.memory.weight = nn.Parameter(torch.from_numpy(checkpoint.memory.copy()))

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
        return bool(self.memory.weight.numel())

    def convolutions(self) -> list[tuple[Tensor, Tensor]]:
        """Weights (units, inputs, side, side) and biases of the layers of the recurrent convolution."""
        layers = [module for module in self.recurrent if isinstance(module, nn.Conv2d)]
        return [(layer.weight, layer.bias) for layer in layers if layer.bias is not None]

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
        more, from the machine's bounds, unless `work` or `depth` say otherwise. Raises `Rejected` when the machine reads a line."""
        if not self.reads_grid:
            raise Rejected(f"the machine {self.name} reads a line, not a grid of examples: use `run`, not `fit`")
        bounds = (bound_of(self.checkpoint.about["table"]["bounds"][name]) for name in ("steps", "work"))
        steps, cells = (None if bound is None else bound.evaluate({"m": m, "d": d}) for bound in bounds)
        if work is not None:
            cells = work
        elif not self.reader.packed:
            cells = 0
        elif cells is None:
            cells = m + d + SPARE_WORK
        if depth is not None:
            return Shape(m, d, depth, cells + 1, bounded=False)
        promised = None if steps is None else 4 * steps + m + d + 2
        return Shape(m, d, LAYER_CAP if promised is None else promised, cells + 1, bounded=promised is not None)

    def check_memory(self, shape: Shape, batch: int, kept: int) -> None:
        """Raise `Rejected` when a batch of lattices of this shape, with the activations of `kept` layers for autograd, cannot
        fit."""
        units = sum(len(module.weight) for module in self.recurrent if isinstance(module, nn.Conv2d))
        cells = batch * (shape.m + 1) * (shape.d + 1 + shape.pads)
        needed = self.dtype.itemsize * cells * (COPIES * len(self.memory.blank) + 2 * kept * units)
        what = f"{batch} lattices of {shape.m + 1} × {shape.d + 1 + shape.pads} cells" if not kept else f"{kept} layers"
        hint = "leave out --full-depth" if kept > 1 else "use fewer examples, features or queries"
        _check_memory(needed, what, hint)

    def check_window(self, columns: int) -> None:
        """Raise `Rejected` when a line's lattice of so many cells cannot fit."""
        needed = columns * (self.dtype.itemsize * COPIES * len(self.memory.blank) + LINE_BYTES)
        _check_memory(needed, f"{columns} cells", "use a smaller --window or fewer --max-layers")

    def output(self, lattice: Tensor) -> Tensor:
        """The head, summed over the first d+1 columns. `lattice`: (batch, channels, rows, columns). Returns (batch,)."""
        columns = self.memory.weight.shape[1]
        return self.head(lattice[..., :columns]).sum(dim=(1, 2, 3))  # type: ignore[no-any-return]

    def forward(self, z: Tensor, shape: Shape, full_depth: bool = False) -> Tensor:
        """`f(z; W)` for `z`: (batch, d+1). Returns (batch,).

        Unless `full_depth`, it stops at the first layer that changes nothing: from there on value and gradient stay the same.
        """
        with exact():
            lattice: Tensor = self.memory(z, shape.pads)
            for _ in range(shape.depth):
                before, lattice = lattice, self.recurrent(lattice)
                if not full_depth and torch.equal(lattice, before):
                    break
            return self.output(lattice)


def _check_memory(needed: int, what: str, hint: str) -> None:
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > available:
        raise Rejected(f"{what} need {needed / 1e9:.1f} GB of memory, this machine has {available / 1e9:.1f} GB; {hint}")


class _Convolution(nn.Conv2d):
    """A 3x3 convolution beyond whose edges every cell is the `border`."""

    def __init__(self, inputs: int, outputs: int, border: float) -> None:
        super().__init__(inputs, outputs, 3)
        self.border = border

    def forward(self, lattice: Tensor) -> Tensor:
        """The convolution of a lattice (batch, channels, rows, columns)."""
        return super().forward(nn.functional.pad(lattice, (1, 1, 1, 1), value=self.border))


def _layers(layers: list[tuple[Array, Array]], border: tuple[float, ...]) -> nn.Sequential:
    modules: list[nn.Module] = []
    for weights, biases in layers:
        weight, bias = torch.from_numpy(weights.copy()), torch.from_numpy(biases.copy())
        outputs, inputs, side, _ = weight.shape
        if any(border) and side == 3:
            convolution: nn.Conv2d = _Convolution(inputs, outputs, *border)
        else:
            convolution = nn.Conv2d(inputs, outputs, side, padding=side // 2)
        convolution.weight, convolution.bias = nn.Parameter(weight), nn.Parameter(bias)
        modules += [convolution, nn.ReLU()]
    return nn.Sequential(*modules[:-1])
