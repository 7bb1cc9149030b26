"""The recurrent convolutional network of Goel, Kakade, Kalai and Zhang (NeurIPS 2022), Definition 5, as a PyTorch module.

- *memory layer*: `f_mem(z; W) = [ W·diag(z) │ 1 ]`, one real number per cell, `z = [x'; 1]`; the columns on the right are pads;
- *recurrent convolution*, applied `depth` times: a 3x3 and 1x1 convolutions with ReLU, and a constant beyond the edges;
- *head*: two 1x1 convolutions per cell, summed over the first `d + 1` columns.

Only `W` is trained. All other weights come from the compiler. Values are integers in float32, or float64 where the target `scalar`
needs it, so every result is exact in any order of summation (run on CPUs so far); `exact` switches off what would break that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tmc.diagnostics import Rejected
from tmc.native.tables import Floats
from tmc.net.called import check_sizes, why_called
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.net.described import LAYER_CAP, SPARE_WORK, Described, Shape
from tmc.net.described import Memory as MemoryArray
from tmc.net.modes import SMALL, exact, one_thread, usual
from tmc.net.sparse.engine import SparseLayer
from tmc.net.sparse.plain import Layers, PlainNetwork, entries_of

__all__ = ["LAYER_CAP", "SMALL", "SPARE_WORK", "Memory", "Network", "Shape", "SparseConvolution", "exact", "one_thread"]

_HALVES = (torch.float16, torch.bfloat16)  # float32 holds all their numbers


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
        self.hold(torch.zeros(m + 1, d + 1, device=self.weight.device, dtype=self.weight.dtype))

    def hold(self, values: Tensor) -> None:
        """`W` becomes these values, shape (m+1, d+1): the same parameter, to be trained. Raises `Rejected` when it is made of
        others."""
        if "weight" not in self._parameters:
            raise Rejected("memory.weight is parametrized or pruned, so it cannot be trained; make it a parameter again")
        if self.weight.is_inference():
            self.weight = nn.Parameter(values)
        elif self.weight.shape == values.shape:
            self.weight.data.copy_(values)
        else:
            self.weight.data = values
        self.weight.requires_grad_(values.numel() > 0)

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *rest: Any) -> None:
        """A memory of any size, trained or not, takes the place of this one."""
        found = state.get(f"{prefix}weight")
        if isinstance(found, Tensor) and found.ndim == 2 and min(found.shape) != 1 and found.shape != self.weight.shape:
            with usual():
                self.hold(torch.zeros(found.shape, device=self.weight.device, dtype=self.weight.dtype))
        super()._load_from_state_dict(state, prefix, *rest)

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
        with usual(grad=True):
            self.recurrent = _layers(checkpoint.layers("recurrent"), self.border)
            self.head = _layers(checkpoint.layers("head"), self.border)
            dtype = next(self.head.parameters()).dtype
            self.memory = Memory(tuple(cells["blank"]), tuple(cells["pad"]), cells["symbol"], dtype)
            self.requires_grad_(requires_grad=False)
            if checkpoint.memory is not None:
                self.memory.hold(torch.from_numpy(checkpoint.memory.copy()))

    def _repr_html_(self) -> str | None:
        """Layers, and the memory of a network that is trained, for notebooks."""
        from tmc.notebook import shown

        return shown("network", self)

    @property
    def dtype(self) -> torch.dtype:
        """The number format of its weights. Raises `Rejected` when they are not all of one format, on one device."""
        kinds = {(tensor.dtype, tensor.device) for tensor in self.parameters() if tensor.is_floating_point()}
        if len(kinds) > 1:
            named = sorted({f"{str(dtype).removeprefix('torch.')} on {device}" for dtype, device in kinds})
            raise Rejected(f"{self.checkpoint.name}: its weights are {' and '.join(named)}; bring them together with network.to(…)")
        return next(iter(kinds))[0]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Network:
        """What `to`, `half` and the like do. Raises `Rejected`, and changes nothing, for a number format that does not hold the
        weights."""
        for name, tensor in self.named_parameters():
            before, after = tensor.dtype, fn(torch.zeros((), dtype=tensor.dtype, device=tensor.device)).dtype
            if before != after and before.is_floating_point and not _holds(tensor.detach(), after):
                said = f"{str(after).removeprefix('torch.')} does not hold the numbers of {name}; keep {before}"
                raise Rejected(f"{self.checkpoint.name}: {said.replace('torch.', '')}")
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self

    # --- see `Described`

    def plain(self) -> PlainNetwork:
        """See `Described`."""
        recurrent = [_entries(layer) for layer in self.convolutions()]
        convolutions = [layer for layer in self.head if isinstance(layer, nn.Conv2d)]
        head = [(numbers_of(layer.weight.flatten(1)), numbers_of(layer.bias)) for layer in convolutions]
        return PlainNetwork.like(self, Layers(recurrent, head, head[0][1].dtype))

    def why_called(self) -> str:
        """See `Described`. Raises `Rejected` for weights that no engine can use."""
        from tmc.net.precision import check_own_format

        why = why_called(self)
        if not why:
            check_sizes(self)
        check_own_format(self)
        return why

    def wake(self) -> None:
        """Replace tensors that were made in inference mode, which autograd does not take, by ordinary ones."""
        with usual():
            for module in self.modules():
                for name, tensor in module.named_parameters(recurse=False):
                    if tensor.is_inference():
                        setattr(module, name, nn.Parameter(tensor.clone(), tensor.requires_grad))
                for name, buffer in module.named_buffers(recurse=False):
                    if buffer.is_inference():
                        setattr(module, name, buffer.clone())

    def _check_grid(self, method: str) -> None:
        if not self.reads_grid:
            raise Rejected(f"the machine {self.name} reads a line, not a grid of examples: use `run`, not `{method}`")

    def learnt(self, method: str = "predict") -> tuple[int, int]:
        """How many examples of how many features its memory holds. Raises `Rejected`, on behalf of a `method`, when it has learnt
        nothing."""
        self._check_grid(method)
        rows, columns = self.memory.weight.shape
        if not columns:
            raise Rejected("the network has learnt nothing yet: fit it first")
        return rows - 1, columns - 1

    def memory_array(self) -> MemoryArray:
        """See `Described`."""
        return numbers_of(self.memory.weight)

    def set_memory(self, weight: MemoryArray) -> None:
        """See `Described`."""
        held = self.memory.weight
        with usual():
            values: Tensor = torch.from_numpy(np.array(weight)).to(held.device)
            if not _holds(values, held.dtype):
                raise Rejected(f"{self.checkpoint.name}: {held.dtype} does not hold its memory; use network.double()")
            self.memory.hold(values.to(held.dtype))

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
        with usual(), exact():
            return float(self.output(torch.from_numpy(lattice).to(self.memory.weight).permute(2, 0, 1)[None])[0])

    def output(self, lattice: Tensor) -> Tensor:
        """The head, summed over the first d+1 columns. `lattice`: (batch, channels, rows, columns). Returns (batch,)."""
        columns = self.memory.weight.shape[1]
        return self.head(lattice[..., :columns]).sum(dim=(1, 2, 3))  # type: ignore[no-any-return]

    def forward(self, x: Tensor, shape: Shape | None = None, full_depth: bool = False) -> Tensor:
        """`f(z; W)` for queries `x`, -1 and +1, shape (batch, d), or for `z = [x; 1]`, shape (batch, d+1). Returns (batch,).

        `shape` is that of the memory, unless its depth or pads are to be others. Unless `full_depth`, it stops at the first layer
        that changes nothing: from there on value and gradient stay the same. Raises `Rejected` for other shapes.
        """
        z, size = self._inputs(x), self._size(shape)
        with exact():
            lattice: Tensor = self.memory(z, size.pads)
            for _ in range(size.depth):
                before, lattice = lattice, self.recurrent(lattice)
                if not full_depth and torch.equal(lattice, before):
                    break
            return self.output(lattice)

    def _inputs(self, x: Tensor) -> Tensor:
        """`z = [x; 1]`."""
        d = self.learnt()[1]
        if not isinstance(x, Tensor) or x.ndim != 2 or x.shape[1] not in (d, d + 1):
            found = f"shape {tuple(x.shape)}" if isinstance(x, Tensor) else type(x).__name__
            ways = f"(queries, {d}), or (queries, {d + 1}) with a last column of 1"
            raise Rejected(f"queries are a tensor of shape {ways}; not {found}")
        z = x.to(self.memory.weight.dtype)
        if x.shape[1] == d:
            return nn.functional.pad(z, (0, 1), value=1.0)
        if not bool((z[:, d] == 1).all()):
            raise Rejected(f"the last of {d + 1} columns must be 1; leave it out, and it is added")
        return z

    def _size(self, shape: Shape | None) -> Shape:
        m, d = self.learnt()
        if shape is None:
            return self.shape(m, d)
        if (shape.m, shape.d) != (m, d):
            asked = f"a shape for {shape.m} examples of {shape.d} features"
            raise Rejected(f"{asked} does not fit the memory, which holds {m} examples of {d} features")
        return shape


class BorderedConvolution(nn.Conv2d):
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
            convolution: nn.Conv2d = BorderedConvolution(inputs, outputs, *border)
        else:
            convolution = nn.Conv2d(inputs, outputs, side, padding=side // 2)
        convolution.weight, convolution.bias = nn.Parameter(weight), nn.Parameter(bias)
        modules += [convolution, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def numbers_of(tensor: Tensor | None) -> Array:
    """As an array; of the short formats in float32, which numpy has."""
    assert tensor is not None
    held = tensor.detach().cpu()
    return np.asarray((held.float() if held.dtype in _HALVES else held).numpy())


def _holds(tensor: Tensor, dtype: torch.dtype) -> bool:
    """Whether a number format holds all these numbers."""
    values = tensor.coalesce().values() if tensor.is_sparse else tensor
    again = values.to(dtype).to(values.dtype)
    return bool(((again == values) | values.isnan()).all())


def _entries(layer: nn.Conv2d | SparseConvolution) -> SparseLayer:
    """A layer by its weights that are not 0."""
    weight = layer.weight.detach()
    if not weight.is_sparse:
        return entries_of(numbers_of(weight), numbers_of(layer.bias))
    whole = weight.cpu().coalesce()
    (units, inputs), values = whole.indices().numpy(), numbers_of(whole.values())
    return SparseLayer.of(units, inputs, values, weight.shape[1], numbers_of(layer.bias))
