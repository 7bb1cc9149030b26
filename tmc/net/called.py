"""Whether a network's modules must be called, or it is enough to read their weights, as the sparse engine does.

Modules must be called if something watches or changes what goes through them: by hooks, parametrizations, pruning, or modules of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.modules import module as torch_module
from torch.nn.utils import parametrize

from tmc.diagnostics import Rejected
from tmc.targets.target import GROUPS

if TYPE_CHECKING:
    from tmc.net.network import Network

HOOKS = {
    "_forward_pre_hooks": "a forward pre-hook",
    "_forward_hooks": "a forward hook",
    "_backward_pre_hooks": "a backward pre-hook",
    "_backward_hooks": "a backward hook",
}
WAYS = ("forward", "_conv_forward", "_call_impl", "_wrapped_call_impl", "__call__")  # methods through which a module is called
_OURS = ("tmc.net.network", "tmc.net.rcnn")


def why_called(network: Network) -> str:
    """Why the modules must be called, such as "recurrent.2 has a forward hook"; "" if their weights say it all."""
    _check_device(network)
    return next(chain(_global_hooks(), _hooks(network), _made(network), _changes(network)), "")


def refuse_hooks(network: Network, method: str, parts: tuple[str, ...]) -> None:
    """Raise `Rejected` for a hook that a method would not call: it calls only these parts of the network."""
    called = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    for name, module in network.named_modules():
        if name.split(".")[0] not in parts:
            for hook in _hooks_on(name, module):
                raise Rejected(f"{hook}, which `{method}` would not call: it calls {called}; move the hook, or remove it")


def why_changed(network: Network) -> str:
    """What in the network is no longer as it was compiled, besides weights, however they come about; "" if nothing."""
    _check_device(network)
    return next(_changes(network), "")


def check_sizes(network: Network) -> None:
    """Raise `Rejected` unless every layer reads what the one before it has."""
    channels = len(network.checkpoint.about["cells"]["blank"])
    for group, last in (("recurrent", channels), ("head", 1)):
        units, before = channels, "a cell"
        for index, layer in enumerate(getattr(network, group)):
            if isinstance(layer, nn.ReLU):
                continue
            (outputs, inputs), name = layer.weight.shape[:2], f"{group}.{index}"
            if tuple(layer.bias.shape) != (outputs,):
                raise Rejected(f"{name} has {outputs} units, but its biases have shape {tuple(layer.bias.shape)}")
            if inputs != units:
                what = "channels" if before == "a cell" else "units"
                raise Rejected(f"{name} reads {inputs} {what}, but {before} has {units}")
            units, before = outputs, name
        if units != last:
            raise Rejected(f"{before} has {units} units; {last} are needed")


def _check_device(network: Network) -> None:
    if network.memory.weight.is_meta:
        raise Rejected(f"{network.checkpoint.name}: its weights are on the device meta, where no numbers are; load it again")


def _global_hooks() -> Iterator[str]:
    """Hooks on the modules of the whole process."""
    for name, what in HOOKS.items():
        if getattr(torch_module, f"_global{name}", None):
            yield f"all modules have {what}"


def _hooks(network: Network) -> Iterator[str]:
    for part in ("memory", *GROUPS):
        for name, module in getattr(network, part).named_modules(prefix=part):
            yield from _hooks_on(name, module)
    yield from _hooks_on("", network)
    weight = network.memory.weight
    if weight._backward_hooks or getattr(weight, "_post_accumulate_grad_hooks", None):
        yield "memory.weight has a hook"


def _hooks_on(name: str, module: nn.Module) -> Iterator[str]:
    for attribute, what in HOOKS.items():
        if getattr(module, attribute):
            yield f"{name or 'the network'} has {what}"


def _made(network: Network) -> Iterator[str]:
    """Weights that are made of others when a module is called."""
    for part in ("memory", *GROUPS):
        for name, module in getattr(network, part).named_modules(prefix=part):
            if parametrize.is_parametrized(module):
                yield f"{name} is parametrized"
            elif any(hasattr(module, kind) and kind not in module._parameters for kind in ("weight", "bias")):
                yield f"{name} makes its weights of others"


def _changes(network: Network) -> Iterator[str]:
    """What is no longer as it was compiled, besides weights."""
    about = network.checkpoint.about
    if not _is_own_forward(network, "Network"):
        yield "the network has a forward of its own"
    for group in GROUPS:
        modules, names = getattr(network, group), network.checkpoint.target.modules[group]
        if type(modules) is not nn.Sequential or len(modules) != 2 * len(names) - 1 or "forward" in vars(modules):
            yield f"{group} is not the sequence of layers that was compiled"
            return
        for index, module in enumerate(modules):
            first = (group, index) == ("recurrent", 0)
            yield from _change(f"{group}.{index}", module, None if index % 2 else _expected(network.border, first))
    memory, cells = network.memory, about["cells"]
    if not (_is_own_forward(memory, "Memory") and memory.symbol == cells["symbol"]):
        yield "memory is not the layer that was compiled"
    for name in ("blank", "pad"):
        held = getattr(memory, name)
        if not torch.equal(held, torch.tensor(cells[name], dtype=held.dtype, device=held.device)):
            yield f"memory.{name} is not what was compiled"
    yield from _own_ways(network, "the network")
    for part in ("memory", *GROUPS):
        for name, module in getattr(network, part).named_modules(prefix=part):
            if "parametrizations" not in name.split("."):  # what is in there makes weights, however it likes
                yield from _own_ways(module, name)


def _own_ways(module: nn.Module, name: str) -> Iterator[str]:
    """The ways by which a module is called that are neither torch's nor ours: of the module itself, or of its class."""
    for way in WAYS:
        owner = next((kind for kind in _kind(module).__mro__ if way in vars(kind)), None)
        if owner is None:
            continue
        known = owner.__module__.split(".")[0] == "torch" or owner.__module__ in _OURS
        if way in vars(module) or not known or vars(owner)[way].__module__ != owner.__module__:
            yield f"{name} has a {way} of its own"


def _expected(border: tuple[float, ...], first: bool) -> tuple[object, ...]:
    """The class, sizes and border of a convolution, see `_found`; `first`: it is the one of 3x3."""
    if first and any(border):
        return ("BorderedConvolution", (3, 3), (0, 0), border[0])
    return ("Conv2d", (3, 3), (1, 1), 0.0) if first else ("Conv2d", (1, 1), (0, 0), 0.0)


def _found(module: nn.Conv2d) -> tuple[object, ...]:
    return (_kind(module).__name__, module.kernel_size, module.padding, getattr(module, "border", 0.0))


def _change(name: str, module: nn.Module, expected: tuple[object, ...] | None) -> Iterator[str]:
    """In what a convolution, or a ReLU if nothing is `expected` of it, is not as it was compiled."""
    if "forward" in vars(module):
        yield f"{name} has a forward of its own"
    elif expected is None:
        if type(module) is not nn.ReLU:
            yield f"{name} is not the ReLU that was compiled"
    elif not (_is_own_forward(module, "SparseConvolution") or _is_convolution(module, expected)):
        yield f"{name} is not the convolution that was compiled"


def _is_convolution(module: nn.Module, expected: tuple[object, ...]) -> bool:
    own = _kind(module) is nn.Conv2d or _is_own_forward(module, "BorderedConvolution")
    if not (own and isinstance(module, nn.Conv2d) and _found(module) == expected):
        return False
    plain = (module.stride, module.dilation, module.groups, module.padding_mode) == ((1, 1), (1, 1), 1, "zeros")
    return plain and module.bias is not None


def _kind(module: nn.Module) -> type[nn.Module]:
    """Its class; when it is parametrized, the one that it had before."""
    return type(module).__mro__[1] if parametrize.is_parametrized(module) else type(module)


def _is_own_forward(module: nn.Module, name: str) -> bool:
    """Whether `forward` is that of our class of this name."""
    found = _kind(module).forward
    return "forward" not in vars(module) and (found.__module__, found.__qualname__) == ("tmc.net.network", f"{name}.forward")
