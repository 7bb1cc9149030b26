"""``tmc report --plot``: what the plots show. They are drawn by `tmc.view.plots`."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.files import write_atomically
from tmc.pipeline import Stages
from tmc.report.theorem import TheoremReport, circuit

if TYPE_CHECKING:
    from tmc.report.growth import Fit, Row
    from tmc.view.plots import Curve, Panel

SHOWN = range(2, 9)  # d of the circuits that are plotted; m = 2 d
PAPER = 100  # d_rc is 100 s in the paper


def plot_path(folder: str, name: str) -> str:
    """The file of a plot."""
    return str(Path(folder) / f"{name}.png")


def write_circuit_plot(folder: str, stages: Stages, report: TheoremReport) -> None:
    """Gates of the circuits of whole runs for a growing d, beside the network's weights and biases, which do not grow."""
    from tmc.view.plots import Curve, Panel

    sizes = [(d, circuit(stages, 2 * d, d)) for d in SHOWN]
    gates = tuple((d, size.gates) for d, size in sizes if size is not None)
    entries = tuple((d, report.entries) for d in SHOWN)
    curves = (
        Curve("gates of the unrolled circuit", gates),
        Curve(f"weights and biases of the network: {report.entries:,}", entries, "fit"),
    )
    name = report.table.name
    panel = Panel("2 d examples of d features, worst case of t", "d", "gates, or weights and biases", curves, log="y")
    _write(folder, "circuit", f"{name}: a circuit grows with the data, the network does not", [panel], f"target {report.target}")


def write_family_plot(folder: str, rows: Sequence[Row], fits: Sequence[Fit], power: float | None, source: str) -> None:
    """d_rc, |U_s|, weights and biases, and bits, of the machines of a family, with their fits and what the paper allows."""
    from tmc.view.plots import Panel

    def panel(title: str, y: str, figure: str, bound: Curve) -> Panel:
        lines = [_fitted(fit, rows) for fit in fits if fit.figure == figure]
        return Panel(title, "states s", y, (_measured("measured", figure, rows), *lines, bound), "xy")

    growth = "" if power is None else f" ~ s^{power:.2f} (larger half)"
    panels = [
        panel("Width", "d_rc", "d_rc", _bound("the paper: 100 s", [(row.states, PAPER * row.states) for row in rows])),
        panel("Distinct weights and biases", "|U_s|", "values", _through_last("the paper: O(s)", "values", 1, rows)),
        panel(f"Weights and biases{growth}", "entries", "entries", _through_last("the paper: O(s²)", "entries", 2, rows)),
        Panel("Bits of weights and biases", "states s", "bits", _bits(rows, fits), "x"),
    ]
    _write(folder, "family", "How the network grows with the states of the machine", panels, source)


def _bits(rows: Sequence[Row], fits: Sequence[Fit]) -> tuple[Curve, ...]:
    first = rows[0]
    bound = [(row.states, first.significant + log2(row.states / first.states)) for row in rows]
    return (
        _measured("of all, as multiples of the finest part", "bits", rows),
        *(_fitted(fit, rows) for fit in fits if fit.figure == "bits"),
        _measured("of one, from its first 1 to its last", "significant", rows, "more points"),
        *(_fitted(fit, rows) for fit in fits if fit.figure == "significant"),
        _bound("the paper: log₂ s + constant", bound),
    )


def _measured(label: str, figure: str, rows: Sequence[Row], style: str = "points") -> Curve:
    from tmc.view.plots import Curve

    return Curve(label, tuple((row.states, getattr(row, figure)) for row in rows), style)


def _through_last(label: str, figure: str, power: int, rows: Sequence[Row]) -> Curve:
    """A power of s, through the figure of the largest machine."""
    last = rows[-1]
    return _bound(label, [(row.states, getattr(last, figure) * (row.states / last.states) ** power) for row in rows])


def _bound(label: str, points: Sequence[tuple[float, float]]) -> Curve:
    from tmc.view.plots import Curve

    return Curve(label, tuple(points), "bound")


def _fitted(fit: Fit, rows: Sequence[Row]) -> Curve:
    from tmc.view.plots import Curve

    xs = [row.states for row in rows if row.states >= fit.least]
    dense = sorted({x * 2 ** (part / 8) for x in xs[:-1] for part in range(8)} | {float(xs[-1])})
    sign = "+" if fit.constant >= 0 else "-"
    label = f"s ≥ {fit.least}: {fit.slope:.3g} {fit.against.replace('log2', 'log₂')} {sign} {abs(fit.constant):.0f}"
    others = [other for other in rows if other.states < fit.least]
    return Curve(label, tuple((x, fit.at(x)) for x in dense), "fit" if others or fit.against != "s" else "other fit")


def _write(folder: str, name: str, title: str, panels: Sequence[Panel], source: str) -> None:
    from tmc.view.plots import draw

    path = plot_path(folder, name)
    write_atomically(path, draw(title, panels, source))
    click.echo(f"wrote {path}", err=True)
