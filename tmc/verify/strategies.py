"""The name that `tmc.testing.strategies` had before 0.2; it goes with the next version."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """What is there now."""
    return getattr(import_module("tmc.testing.strategies"), name)
