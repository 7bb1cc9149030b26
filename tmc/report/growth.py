"""How networks grow with the number of states: the figures of a family of machines, and the lines that fit them.

Theorem 1 allows d_rc = 100 s, |U_s| = O(s), so O(s^2) weights, and log2 s + constant bits each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from time import perf_counter

import numpy as np

from tmc.diagnostics import Rejected
from tmc.pipeline import lower_table
from tmc.report.families import family
from tmc.report.theorem import LAYERS_PER_STEP, report

FEWEST_POINTS = 3  # through two, any line fits
KNEE = 64  # states; below it units that no state needs, those of the layers that read the digits, are much of the network
_FITTED = (
    ("d_rc", "s", 0), ("d_rc", "s", KNEE), ("values", "s", 0), ("values", "s", KNEE),
    ("bits", "log2 s", 0), ("significant", "log2 s", 0), ("digits", "log2 s", 0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one machine of a family; `values` is |U_s|, `digits` are None for a target of small integers."""

    states: int
    d_rc: int
    used: tuple[int, ...]
    values: int
    entries: int
    bits: int
    significant: int
    digits: int | None
    layers_per_step: int
    c2: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A machine that the target cannot hold."""

    states: int
    why: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The least squares line ``figure = slope · against + constant`` over machines of at least so many states.

    `against` is ``s`` or ``log2 s``; `off` is the largest residual, as a part of the figure that it is off; `r2` is R².
    """

    figure: str
    against: str
    least: int
    slope: float
    constant: float
    off: float
    r2: float

    def at(self, states: float) -> float:
        """What the line says of this many states."""
        return self.slope * _against(self.against, states) + self.constant


def measure(states: int, seed: int, target: str, scale: str) -> Row | Refused:
    """Compile one machine of the family; seconds are those from its table to its filters."""
    table = family(states, seed)
    before = perf_counter()
    try:
        stages = lower_table(table, target, scale)
    except Rejected as rejected:
        return Refused(states, str(rejected))
    seconds = perf_counter() - before
    found = report(stages)
    return Row(
        states=states,
        d_rc=max(found.size.units),
        used=found.used,
        values=len(found.drawn),
        entries=found.entries,
        bits=found.bits,
        significant=found.significant,
        digits=found.digits,
        layers_per_step=LAYERS_PER_STEP,
        c2=found.c2 or 0.0,
        seconds=seconds,
    )


def fits(rows: Sequence[Row]) -> tuple[Fit, ...]:
    """The lines of all figures that grow with s, over all machines and over those from the knee on, or with its logarithm."""
    found = []
    for figure, against, least in _FITTED:
        points = [(row.states, getattr(row, figure)) for row in rows if row.states >= least]
        if len(points) >= FEWEST_POINTS and all(value is not None for _, value in points):
            found.append(line(figure, against, points))
    return tuple(found)


def line(figure: str, against: str, points: Sequence[tuple[int, float]]) -> Fit:
    """The least squares line through points (s, figure)."""
    x = np.array([_against(against, states) for states, _ in points])
    y = np.array([value for _, value in points], dtype=float)
    slope, constant = (float(c) for c in np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), y)[0])
    residuals = y - (slope * x + constant)
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1 - float((residuals**2).sum()) / spread if spread else 1.0
    return Fit(figure, against, min(states for states, _ in points), slope, constant, float(np.abs(residuals / y).max()), r2)


def power(rows: Sequence[Row]) -> float | None:
    """The p of entries ~ s^p: the slope between logarithms, over the larger half of the machines. None for too few."""
    upper = rows[len(rows) // 2 :]
    if len(upper) < 2:
        return None
    return line("entries", "log2 s", [(row.states, log2(row.entries)) for row in upper]).slope


def _against(name: str, states: float) -> float:
    return log2(states) if name == "log2 s" else float(states)
