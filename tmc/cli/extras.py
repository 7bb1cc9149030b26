"""Packages that come with an extra of tmc: asked for before long work, and named in one line where they are missing."""

from __future__ import annotations

from importlib import import_module

from tmc.diagnostics import Rejected
from tmc.files import check_writable
from tmc.version import how_to_install


def check_learn() -> None:
    """Raise `Rejected` if scikit-learn is missing."""
    _need("sklearn", "sklearn", "this needs scikit-learn", "learn")


def check_plot(path: str) -> None:
    """Raise `Rejected` if a plot cannot be drawn, or not written there."""
    check_writable(path)
    _need("tmc.view.plots", "matplotlib", "plots need matplotlib", "plot")


def _need(module: str, package: str, said: str, extra: str) -> None:
    try:
        import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != package:
            raise
        raise Rejected(f"{said}: {how_to_install(extra)}") from None
