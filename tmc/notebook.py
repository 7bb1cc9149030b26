"""What notebooks show of tmc's objects. Pictures are made above them, in `tmc.view`, which is looked up when a notebook asks."""

from __future__ import annotations

from importlib import import_module


def shown(kind: str, thing: object) -> str | None:
    """The picture of a thing, as SVG or HTML; None if it has no picture; then the notebook shows it as text."""
    picture: str | None = import_module("tmc.view.notebook").PICTURES[kind](thing)
    return picture
