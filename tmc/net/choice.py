"""Which engine runs a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.given import check_name
from tmc.net.described import Described
from tmc.net.modules import module_of

ENGINES = ("auto", "sparse", "dense")
DTYPES = ("float64", "float32", "bfloat16", "float16")
LARGE = 1 << 12  # compiled weights and biases are far below


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine: ``sparse`` or ``dense``, the number format it computes with, and `why` it was chosen ("": it was asked for)."""

    name: str
    dtype: str
    why: str = ""


def is_sparse(network: Described, engine: str) -> bool:
    """Whether ``auto``, ``sparse`` or ``dense`` means the sparse engine. Raises `Rejected` for another name."""
    check_name("engine", engine, ENGINES)
    why = network.why_called()
    if engine == "sparse" and why:
        raise Rejected(
            f"the engine sparse reads weights and calls no module, but {why}; use the engine dense or auto, or remove it"
        )
    return engine == "sparse" or (engine == "auto" and not network.is_drawn and not why and not _rounds(network))


def _rounds(network: Described) -> bool:
    """Whether sums may be rounded, so that the order of addition matters: the target's numbers are small and whole, or halves, and
    these are not. (Of a target whose numbers are large that is not asked; nor of a line, whose cells are read strictly in the
    end.)"""
    if not (network.checkpoint.target.small and network.reads_grid):
        return False
    layers = network.plain().layers.recurrent
    return not all(is_small(numbers) for layer in layers for numbers in (layer.weight, layer.bias))


def is_small(numbers: NDArray[np.floating[Any]]) -> bool:
    """Whether these are whole numbers or halves, below `LARGE`."""
    doubled = 2 * numbers
    return bool((np.abs(numbers) < LARGE).all() and (doubled == np.rint(doubled)).all())


def choose(network: Described, engine: str = "auto", dtype: str | None = None) -> EngineChoice:
    """The engine that is meant by ``auto``, ``sparse`` or ``dense``, and for the last the number format, by default the fastest
    that is exact. Raises `Rejected` for another name, a format that would not be exact, and a format for the sparse engine."""
    sparse = is_sparse(network, engine)
    if dtype is not None:
        check_name("number format", dtype, DTYPES)
    called = network.why_called()
    random = "random weights hardly meet a patch twice"
    few = "few cells change in a layer" if sparse else called or (random if network.is_drawn else "its sums may be rounded")
    why = few if engine == "auto" else ""
    if sparse and dtype is not None:
        raise Rejected("a number format goes with the engine dense")
    if sparse:
        return EngineChoice("sparse", "float64", why)
    from tmc.net.precision import exact_formats, fastest_format

    module = module_of(network)
    formats = exact_formats(module)[:1] if called else exact_formats(module)
    if dtype is not None and dtype not in formats:
        raise Rejected(f"{dtype} is not exact for {network.name}; use {' or '.join(formats)}")
    return EngineChoice("dense", dtype or (formats[0] if called else fastest_format(module)), why)
