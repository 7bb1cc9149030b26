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


def check_raster(form: str) -> None:
    """Raise `Rejected` if pictures cannot be written as ``png`` or ``pdf``; other forms need nothing."""
    if form not in ("png", "pdf"):
        return
    try:
        _need("tmc.view.raster", "cairosvg", f"{form.upper()} needs CairoSVG (SVG needs nothing)", "draw")
    except OSError:  # CairoSVG without the library
        raise Rejected(
            f"{form.upper()} needs cairo, a library of the system (SVG needs nothing): install it (`apt-get install libcairo2`)"
        ) from None


def check_debug() -> None:
    """Raise `Rejected` if Textual is missing."""
    _need("textual", "textual", "the debugger's screen needs Textual", "debug")


def _need(module: str, package: str, said: str, extra: str) -> None:
    try:
        import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != package:
            raise
        raise Rejected(f"{said}: {how_to_install(extra)}") from None
