"""The recurrent convolutional network of Goel, Kakade, Kalai and Zhang (NeurIPS 2022), Definition 5, as a PyTorch module.

- *memory layer*: `f_mem(z; W) = [ W·diag(z) │ 1 ]`, one real number per cell, `z = [x'; 1]`; the columns on the right are pads;
- *recurrent convolution*, applied `depth` times: a 3x3 and 1x1 convolutions with ReLU, and a constant beyond the edges;
- *head*: two 1x1 convolutions per cell, summed over the first `d + 1` columns.

Only `W` is trained. All other weights come from the compiler. Values are integers in float32, or float64 where the target `scalar`
needs it, so every result is exact in any order of summation (run on CPUs so far); `exact` switches off what would break that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from tmc.net.checkpoint import Array, Checkpoint
from tmc.net.described import LAYER_CAP, SPARE_WORK, Described, Shape
from tmc.net.described import Memory as MemoryArray
from tmc.net.plain import Layers, PlainNetwork, entries_of
from tmc.net.sparse_tensors import SparseMatrix
from tmc.run.patches import Floats
from tmc.run.sparse import SparseLayer

__all__ = ["LAYER_CAP", "SMALL", "SPARE_WORK", "Memory", "Network", "Shape", "SparseConvolution", "exact", "one_thread"]

SMALL = 1 << 13  # cells of a dense batch below which torch keeps to one thread: chosen, not measured


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


class Network(Described, nn.Module):
    """A compiled network, layer by layer. `tmc.net.rcnn.RCNN` is the same with `fit`, `predict` and `run`."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Build the network from a checkpoint's tensors and nothing else."""
        super().__init__()
        self.describe(checkpoint)
        cells = checkpoint.about["cells"]
        self.recurrent = _layers(checkpoint.layers("recurrent"), self.border)
        self.head = _layers(checkpoint.layers("head"), self.border)
        self.dtype = next(self.head.parameters()).dtype
        self.memory = Memory(tuple(cells["blank"]), tuple(cells["pad"]), cells["symbol"], self.dtype)
        self.requires_grad_(requires_grad=False)
        if checkpoint.memory is not None:
            self.memory.weight = nn.Parameter(torch.from_numpy(checkpoint.memory.copy()))

    # --- see `Described`

    def plain(self) -> PlainNetwork:
        """See `Described`."""
        recurrent = [_entries(layer) for layer in self.convolutions()]
        head = [(_matrix(layer.weight), _numbers(layer.bias)) for layer in self.head if isinstance(layer, nn.Conv2d)]
        return PlainNetwork.like(self, Layers(recurrent, head, head[0][1].dtype))

    def module(self) -> Network:
        """Itself."""
        return self

    def memory_array(self) -> MemoryArray:
        """See `Described`."""
        return _numbers(self.memory.weight)

    def set_memory(self, weight: MemoryArray) -> None:
        """See `Described`."""
        if self.memory.weight.shape != weight.shape:
            self.memory.reset(weight.shape[0] - 1, weight.shape[1] - 1)
        self.memory.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(weight)))

    def native(self, array: MemoryArray) -> Tensor:
        """See `Described`."""
        return torch.from_numpy(array).to(self.memory.weight.device)

    def threads(self) -> int:
        """As many as torch has."""
        return torch.get_num_threads()

    def itemsize(self) -> int:
        """See `Described`."""
        return self.dtype.itemsize

    # --- the layers

    def convolutions(self) -> list[nn.Conv2d | SparseConvolution]:
        """The layers of the recurrent convolution."""
        return [module for module in self.recurrent if isinstance(module, (nn.Conv2d, SparseConvolution))]

    def output_of(self, lattice: Floats) -> float:
        """`f(z; W)` from the last lattice (rows, columns, channels)."""
        with torch.no_grad(), exact():
            return float(self.output(torch.from_numpy(lattice).to(self.memory.weight).permute(2, 0, 1)[None])[0])

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


class _Convolution(nn.Conv2d):
    """A 3x3 convolution beyond whose edges every cell is the `border`."""

    def __init__(self, inputs: int, outputs: int, border: float) -> None:
        super().__init__(inputs, outputs, 3)
        self.border = border

    def forward(self, lattice: Tensor) -> Tensor:
        """The convolution of a lattice (batch, channels, rows, columns)."""
        return super().forward(nn.functional.pad(lattice, (1, 1, 1, 1), value=self.border))


class SparseConvolution(nn.Module):
    """A large 1x1 convolution of which nearly all weights are 0: those that are not are stored, by their places."""

    def __init__(self, matrix: SparseMatrix, bias: Array) -> None:
        super().__init__()
        units = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        places = torch.from_numpy(np.stack([units, matrix.columns.astype(np.int64)]))
        values = torch.from_numpy(matrix.values.astype(bias.dtype))
        weight = torch.sparse_coo_tensor(places, values, matrix.shape, is_coalesced=True, check_invariants=False)
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(torch.from_numpy(bias.copy()))

    def forward(self, lattice: Tensor) -> Tensor:
        """The convolution of a lattice (batch, channels, rows, columns)."""
        batch, channels, rows, columns = lattice.shape
        cells: Tensor = torch.sparse.mm(self.weight, lattice.movedim(1, 0).reshape(channels, -1)) + self.bias[:, None]
        return cells.reshape(-1, batch, rows, columns).movedim(0, 1)


def _layers(layers: list[tuple[Array | SparseMatrix, Array]], border: tuple[float, ...]) -> nn.Sequential:
    modules: list[nn.Module] = []
    for given, biases in layers:
        if isinstance(given, SparseMatrix):
            modules += [SparseConvolution(given, biases), nn.ReLU()]
            continue
        weight, bias = torch.from_numpy(given.copy()), torch.from_numpy(biases.copy())
        outputs, inputs, side, _ = weight.shape
        if any(border) and side == 3:
            convolution: nn.Conv2d = _Convolution(inputs, outputs, *border)
        else:
            convolution = nn.Conv2d(inputs, outputs, side, padding=side // 2)
        convolution.weight, convolution.bias = nn.Parameter(weight), nn.Parameter(bias)
        modules += [convolution, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def _numbers(tensor: Tensor | None) -> Array:
    assert tensor is not None
    return np.asarray(tensor.detach().cpu().numpy())


def _matrix(weight: Tensor) -> Array:
    return _numbers(weight.flatten(1))


def _entries(layer: nn.Conv2d | SparseConvolution) -> SparseLayer:
    """A layer by its weights that are not 0."""
    weight = layer.weight.detach()
    if not weight.is_sparse:
        return entries_of(_numbers(weight), _numbers(layer.bias))
    whole = weight.cpu().coalesce()
    (units, inputs), values = whole.indices().numpy(), whole.values().numpy()
    return SparseLayer.of(units, inputs, values, weight.shape[1], _numbers(layer.bias))
