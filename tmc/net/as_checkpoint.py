"""From a network back to a checkpoint: its weights as they are now, changed or not, named and shaped as in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.prune import BasePruningMethod

from tmc.diagnostics import Rejected
from tmc.net.called import why_changed
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.checkpoint.sparse_tensors import PARTS
from tmc.net.network import Network, numbers_of

LARGEST = 127  # of a weight that is stored sparse


def checkpoint_of(network: Network) -> Checkpoint:
    """The checkpoint of a network as it is, its memory `W` among it if it has one. What is pruned or parametrized is written as the
    weights that it comes to; hooks are not written.

    Numbers are in the format of the checkpoint that the network came from, or, for the target `scalar`, in float64 if they need it.
    Raises `Rejected` for a network that no checkpoint can hold: with other modules or sizes, or numbers that are not finite or that
    the format does not hold; and when a weight of a layer that is stored sparse is no integer, or too large a one.
    """
    known = network.checkpoint
    if why := why_changed(network):
        raise Rejected(f"{known.name}: {why}; a checkpoint holds only compiled modules")
    tensors = {known.target.memory: _weight("memory", network.memory)} if network.is_trained else {}
    parts: dict[str, Array] = {}
    for group, modules in known.target.modules.items():
        for index, (module, (weight, _)) in enumerate(zip(modules, known.layers(group), strict=True)):
            name, inside, layer = known.target.weight_name(module), f"{group}.{2 * index}", getattr(network, group)[2 * index]
            found, bias = _weight(inside, layer), _weight(inside, layer, "bias")
            _check_shape(f"{inside}.weight", found, weight.shape)
            _check_shape(f"{inside}.bias", bias, weight.shape[:1])
            tensors[f"{module}.bias"] = bias
            if found.is_sparse:
                parts |= dict(zip((f"{name}.{part}" for part in PARTS), _sparse(name, found), strict=True))
            else:
                tensors[name] = found
    shaped = {}
    for name, tensor in tensors.items():
        array = numbers_of(tensor)
        shaped[name] = array if name == known.target.memory else array.reshape(known.tensors[name].shape)
    kept = {name: part.astype(known.tensors[name].dtype) for name, part in parts.items()}
    about = {**known.about, "learning_rate": float(network.learning_rate)}
    return replace(known, tensors={**_formatted(known, shaped), **kept}, about=about, written="")


def _weight(name: str, module: nn.Module, which: str = "weight") -> Tensor:
    """A weight or bias of a module as it would be at the next call."""
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == which:
            hook(module, None)
            return Tensor.detach(getattr(module, which))
    if which not in module._parameters and not parametrize.is_parametrized(module, which):
        raise Rejected(f"{name}.{which} is made of others at each call; make it a parameter again")
    return Tensor.detach(getattr(module, which))


def _check_shape(name: str, found: Tensor, expected: tuple[int, ...]) -> None:
    if tuple(found.shape) != tuple(expected):
        sizes = f"{tuple(found.shape)}, and the checkpoint describes {tuple(expected)}"
        raise Rejected(f"{name} has shape {sizes}; set the weights of a unit to 0 rather than remove it")


def _formatted(known: Checkpoint, tensors: Mapping[str, Array]) -> dict[str, Array]:
    """The tensors in the one format of the file."""
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise Rejected(f"{name} holds numbers that are not finite, which no checkpoint can hold")
    own = next(array.dtype for name, array in known.tensors.items() if name.endswith(".bias"))
    for name, array in tensors.items():
        if not _holds(array, own):
            if "float64" not in known.target.formats:
                raise Rejected(f"checkpoints are written in {own.name}, which does not hold the numbers of {name}; round them")
            own = np.dtype(np.float64)
    return {name: array.astype(own) for name, array in tensors.items()}


@np.errstate(over="ignore")  # then it is not held
def _holds(array: Array, kind: np.dtype[np.floating]) -> bool:
    return bool((array.astype(kind).astype(array.dtype) == array).all())


def _sparse(name: str, weight: Tensor) -> tuple[Array, ...]:
    """The rows, columns and values of a sparse matrix, see `tmc.net.checkpoint.sparse_tensors`."""
    whole = weight.detach().cpu().coalesce()
    units, columns = whole.indices().numpy()
    values = whole.values().numpy()
    if not np.array_equal(values, np.rint(values)) or not (abs(values) <= LARGEST).all():
        raise Rejected(f"the weights of {name} are stored as whole numbers from -{LARGEST} to {LARGEST}; some are not such numbers")
    kept = values != 0
    counts = np.bincount(units[kept], minlength=weight.shape[0])
    return np.concatenate([[0], np.cumsum(counts)]), columns[kept], values[kept]
