"""Which number formats are exact for a network: those that hold every number that can arise on the way, whatever the cells.

The cells of the target `wide` are trits. From there intervals are followed through the layers: for every unit the largest sum that
any subset of its terms can come to. As long as that, and the weights, are whole numbers that a format holds, or halves, no sum is
ever rounded, in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from tmc.diagnostics import Rejected
from tmc.net.modes import exact, usual

if TYPE_CHECKING:
    from tmc.net.network import Network, SparseConvolution

WHOLE = {"float64": 1 << 53, "float32": 1 << 24, "float16": 1 << 11, "bfloat16": 1 << 8}  # all whole numbers up to here are held


def check_own_format(network: Network) -> None:
    """Raise `Rejected` unless the network's own format is exact for it: that of its checkpoint, float64, or for the target `wide`
    one that holds every number that can arise, in the head, too."""
    own, compiled = str(network.dtype).removeprefix("torch."), _compiled(network)
    if own in (compiled, "float64"):
        return
    wide = network.checkpoint.target.small and not any(layer.weight.is_sparse for layer in network.convolutions())
    head = [layer for layer in network.head if isinstance(layer, nn.Conv2d)]
    largest = _largest([*network.convolutions(), *head], halves=True) if wide else None
    if largest is None or largest > WHOLE.get(own, 0):
        back = {"float32": "network.float()", "float64": "network.double()"}[compiled]
        raise Rejected(f"{own} is not exact for {network.name}; use {back}")


def _compiled(network: Network) -> str:
    """The format of the checkpoint."""
    return next(tensor.dtype.name for name, tensor in network.checkpoint.tensors.items() if name.endswith(".bias"))


def exact_formats(network: Network) -> tuple[str, ...]:
    """The formats in which this network's recurrent convolution is exact as long as its cells are trits; its own is the first.
    Of a target whose numbers are large, and with a layer that is stored sparse, only that."""
    own = str(network.dtype).removeprefix("torch.")
    if not network.checkpoint.target.small or any(layer.weight.is_sparse for layer in network.convolutions()):
        return (own,)
    largest = _largest(network.convolutions())
    return (own, *(name for name, whole in WHOLE.items() if name != own and largest is not None and largest <= whole))


def fastest_format(network: Network) -> str:
    """The format in which the dense engine is fastest on the network's device and still exact."""
    device, formats = network.memory.weight.device, exact_formats(network)
    if "bfloat16" in formats and _multiplies_bfloat16(device):
        return "bfloat16"
    return formats[0]


def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the processor multiplies such numbers itself."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def _largest(convolutions: Sequence[nn.Conv2d | SparseConvolution], halves: bool = False) -> int | None:
    """The largest number that can arise, counted in the smallest digit that it can have: 1, or less where weights may be `halves`.
    None when there are other fractions."""
    with usual(), exact():
        parameters = [(layer.weight.detach().cpu(), layer.bias) for layer in convolutions]
        layers = [(weight.flatten(1).double(), bias.detach().cpu().double()) for weight, bias in parameters if bias is not None]
        high = torch.ones(layers[0][0].shape[1], dtype=torch.float64)
        low, largest, digit = -high, 1.0, 1.0
        for weight, bias in layers:
            if not (_whole(weight) and _whole(bias)):
                if not (halves and _whole(2 * weight) and _whole(2 * bias)):
                    return None
                digit /= 2
            up, down = weight.clamp(min=0), weight.clamp(max=0)
            most = weight.abs() @ torch.maximum(high.abs(), low.abs()) + bias.abs()
            largest = max(largest, float(most.max()) / digit, float(weight.abs().max()) / digit)
            high, low = ((up @ one + down @ other + bias).clamp(min=0) for one, other in ((high, low), (low, high)))
    return int(largest)


def _whole(values: Tensor) -> bool:
    return bool((values == values.round()).all())
