"""Search for learning algorithms among small machines: priors, the search, its log, its workers, its result.

Start at `searching`. What users need of it can be imported from here: ``from tmc.learn.search import search, Tables``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tmc.learn.search.searching import Best, Prior, Problem, Tables, problem, search

__all__ = ["Best", "Prior", "Problem", "Tables", "problem", "search"]


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("tmc.learn.search.searching"), name)
