"""From a network back to a checkpoint: its weights as they are now, changed or not, named and shaped as in the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor

from tmc.diagnostics import Rejected
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.checkpoint.sparse_tensors import PARTS
from tmc.net.network import Network

LARGEST = 127  # of a weight that is stored sparse


def checkpoint_of(network: Network) -> Checkpoint:
    """The checkpoint of a network as it is, its memory `W` among it if it has one.

    Raises `Rejected` when a weight of a layer that is stored sparse is no integer, or too large a one.
    """
    known, state = network.checkpoint, network.state_dict()
    tensors = {known.target.memory: _array(network.memory.weight)} if network.is_trained else {}
    for group, modules in known.target.modules.items():
        for index, module in enumerate(modules):
            name, inside = known.target.weight_name(module), f"{group}.{2 * index}"
            tensors[f"{module}.bias"] = _array(state[f"{inside}.bias"])
            weight = state[f"{inside}.weight"]
            parts = _sparse(name, weight) if weight.is_sparse else (_array(weight).reshape(known.tensors[name].shape),)
            names = [f"{name}.{part}" for part in PARTS] if weight.is_sparse else [name]
            tensors |= {key: part.astype(known.tensors[key].dtype) for key, part in zip(names, parts, strict=True)}
    return replace(known, tensors=tensors, written="")


def _array(tensor: Tensor) -> Array:
    return np.asarray(tensor.detach().cpu().numpy())


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
