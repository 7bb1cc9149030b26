"""Plots: a few panels of curves as one PNG. The only importer of matplotlib (the extra ``turing-machine-compiler[plot]``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

DOTS_PER_INCH = 120
WIDTH, HEIGHT = 5.6, 4.2  # of a panel, in inches
IN_ROW = 3  # panels that are in one row if they share a legend
STYLES: dict[str, dict[str, Any]] = {
    "points": {"color": "#1f4e79", "marker": "o", "markersize": 5, "linestyle": "none", "zorder": 3},
    "more points": {"color": "#4b8b3b", "marker": "s", "markersize": 5, "linestyle": "none", "zorder": 3},
    "fit": {"color": "#d1642e", "linewidth": 1.5},
    "other fit": {"color": "#e8b48f", "linewidth": 1.5},
    "first": {"color": "#1f4e79", "linewidth": 4, "alpha": 0.55, "marker": "o", "markersize": 6},
    "second": {"color": "#000000", "linewidth": 1, "linestyle": ":", "marker": "x", "markersize": 5, "zorder": 4},
    "third": {"color": "#d1642e", "linewidth": 1.3, "marker": "s", "markersize": 3.5},
    "fourth": {"color": "#9a4fb0", "linewidth": 1.3, "marker": "^", "markersize": 3.5},
    "fifth": {"color": "#4b8b3b", "linewidth": 1.3, "marker": "v", "markersize": 3.5},
    "sixth": {"color": "#b8922a", "linewidth": 1.3, "marker": "D", "markersize": 3},
    "bound": {"color": "#777777", "linewidth": 1.2, "linestyle": "--"},
}


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) and what they are called; `style` is one of `STYLES`."""

    label: str
    points: tuple[tuple[float, float], ...]
    style: str = "points"


@dataclass(frozen=True, slots=True)
class Band:
    """What lies between two curves: points (x, low, high) and what it is called."""

    label: str
    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves, and bands behind them, over common axes. `log` says which of the axes are logarithmic, such as ``xy``; an x axis that
    is has base 2. `marks`: what is marked on the x axis, by default where points are."""

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]
    log: str = ""
    marks: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()


def draw(title: str, panels: Sequence[Panel], source: str = "") -> bytes:
    """The panels, two in a row, as a PNG; three that show the same curves are in one row, with one legend below. `source`, a line
    below them, says where the figures are from. Same panels, same bytes."""
    alike = len(panels) == IN_ROW and len({tuple(curve.label for curve in panel.curves) for panel in panels}) == 1
    columns = len(panels) if alike else min(2, len(panels))
    rows = ceil(len(panels) / columns)
    figure = Figure(figsize=(WIDTH * columns, HEIGHT * rows + 0.8), dpi=DOTS_PER_INCH, layout="constrained")
    figure.suptitle(title, fontsize=13)
    every = [figure.add_subplot(rows, columns, number) for number in range(1, len(panels) + 1)]
    for axes, panel in zip(every, panels, strict=True):
        _draw(axes, panel)
    if alike:
        entries = every[0].get_legend_handles_labels()
        columns = len(entries[1])
        legend = figure.legend(
            *entries, loc="outside lower center", ncols=columns, frameon=False, fontsize=10, title=source, title_fontsize=8
        )
        legend.get_title().set_color("#777777")
    else:
        figure.supxlabel(source, fontsize=8, color="#777777")
        for axes in every:
            axes.legend(frameon=False, fontsize=9)
    target = BytesIO()
    FigureCanvasAgg(figure).print_png(target, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return target.getvalue()


def _draw(axes: Axes, panel: Panel) -> None:
    for band in panel.bands:
        xs, lows, highs = zip(*band.points, strict=True)
        axes.fill_between(xs, lows, highs, label=band.label, color="#777777", alpha=0.15, linewidth=0)
    for curve in panel.curves:
        xs, ys = zip(*curve.points, strict=True)
        axes.plot(xs, ys, label=curve.label, **STYLES[curve.style])
    if "x" in panel.log:
        axes.set_xscale("log", base=2)
    if "y" in panel.log:
        axes.set_yscale("log")
    marks = panel.marks or sorted({x for curve in panel.curves if "points" in curve.style for x, _ in curve.points})
    axes.xaxis.set_major_locator(FixedLocator(marks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_title(panel.title, fontsize=11)
    axes.set_xlabel(panel.x)
    axes.set_ylabel(panel.y)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
