"""Which engine runs a network."""

from __future__ import annotations

from dataclasses import dataclass

from tmc.diagnostics import Rejected
from tmc.net.described import Described

ENGINES = ("auto", "sparse", "dense")


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine: ``sparse`` or ``dense``, the number format it computes with, and `why` it was chosen ("": it was asked for)."""

    name: str
    numbers: str
    why: str = ""


def is_sparse(network: Described, engine: str) -> bool:
    """Whether ``auto``, ``sparse`` or ``dense`` means the sparse engine. ValueError for another name."""
    if engine not in ENGINES:
        raise ValueError(f"no engine is called {engine!r}; there are {', '.join(ENGINES)}")
    return engine == "sparse" or (engine == "auto" and not network.is_drawn)


def choose(network: Described, engine: str = "auto", numbers: str | None = None) -> Choice:
    """The engine that is meant by ``auto``, ``sparse`` or ``dense``, and for the last the number format, by default the fastest
    that is exact. Raises `Rejected` for a format that would not be exact."""
    sparse = is_sparse(network, engine)
    few = "few cells change in a layer" if sparse else "random weights hardly meet a patch twice"
    why = few if engine == "auto" else ""
    if sparse:
        return Choice("sparse", "float64", why)
    from tmc.net.precision import exact_formats, fastest_format

    module = network.module()
    formats = exact_formats(module)
    if numbers is not None and numbers not in formats:
        raise Rejected(f"{numbers} is not exact for {network.name}; use {' or '.join(formats)}")
    return Choice("dense", numbers or fastest_format(module), why)
