"""Learning: data, search, and estimators in the manner of scikit-learn, under one roof.

Start at the room `data`; `search` uses it, and `estimators` uses both.

``from tmc.learn import MachineClassifier`` works, and imports scikit-learn when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tmc.learn.estimators import MachineClassifier, RestartClassifier, TuringOptimalClassifier

__all__ = ["MachineClassifier", "RestartClassifier", "TuringOptimalClassifier"]


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("tmc.learn.estimators"), name)
