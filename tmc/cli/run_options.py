"""The options of ``tmc run`` that say how it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run and how to report."""

    as_json: bool
    engine: str
    dtype: str | None
    full_depth: bool
    max_layers: int | None
    work: int | None
    window: int | None
    restart: bool
