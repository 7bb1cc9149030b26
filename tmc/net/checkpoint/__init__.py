"""Checkpoints: a network as a safetensors file with one metadata key, ``tmc``; no torch here.

Start at `reading`; `writing` is the other way.

What users need of `reading` can be imported from here: ``from tmc.net.checkpoint import load, save, from_build``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tmc.net.checkpoint.reading import Checkpoint, from_build, from_stages, is_checkpoint, load, save, to_bytes

__all__ = ["Checkpoint", "from_build", "from_stages", "is_checkpoint", "load", "save", "to_bytes"]


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("tmc.net.checkpoint.reading"), name)
