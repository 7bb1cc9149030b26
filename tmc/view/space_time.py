"""A space-time diagram as SVG: time runs down, the cells of a tape lie side by side, and every bin is a pixel.

How a bin becomes a colour. For symbols: each symbol has a colour, and the bin has their mean, weighted by how many of its cells
bear the symbol in how many of its configurations, and rounded to whole numbers; where a row is a single configuration, the head's
bin has the colour of the state. For states: each state has a colour, and the bin has the mean over the configurations in which the
head stands there, mixed with the blank's colour: in full where the head stands most often in that row, else in proportion to that,
but no less than a sixth; where the head never stands, the bin has the blank's colour.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tmc.ir.table import Table
from tmc.run.space_time import SpaceTime, Tapes
from tmc.view.colours import BLANK, hexadecimal, mean, state_colours, symbol_colours
from tmc.view.layout import count, grouped, symbol_name
from tmc.view.png import Pixels, as_url
from tmc.view.svg import SANS_WIDTH, Look, Theme, document, element, number, sans_width, text

Shown = Literal["symbols", "states"]

TITLE, LABEL, TICK = 16.0, 11.5, 10.5  # sizes of fonts
LEFT, RIGHT, TOP, BETWEEN = 84.0, 24.0, 62.0, 28.0
LARGEST = 12  # pixels of a bin's side, at most
WIDE, HIGH = 720, 600  # what is smaller is enlarged by a whole number
TICKS = 6  # on an axis, more or less
FEW = 12  # states that a legend names

LOOKS = (
    Look(".frame", "fill: none; stroke: #8b949e", "stroke: #6e7681"),
    Look(".tick", "stroke: #8b949e", "stroke: #6e7681"),
    Look(".row", "stroke: #8b949e; stroke-opacity: 0.45", "stroke: #6e7681"),
)


def pixels(found: SpaceTime, tapes: Tapes, shown: Shown = "symbols", theme: Theme = "auto") -> Pixels:
    """The image of one tape, a pixel a bin."""
    states = state_colours(len(found.table.states), theme)
    if shown == "states":
        return _of_states(tapes, states if found.by_state else states[2:3], theme)
    image = mean(tapes.marks, symbol_colours(len(tapes.symbols), theme))
    if found.by_state:
        single = np.diff(found.starts) == 1
        rows, columns, kinds = np.nonzero(tapes.heads * single[:, None, None])
        image[rows, columns] = states[kinds]
    return image.astype(np.uint8)


def _of_states(tapes: Tapes, colours: NDArray[np.int64], theme: Theme) -> Pixels:
    visits = tapes.heads.sum(axis=2)
    full = visits.max(axis=1, keepdims=True)  # the head is somewhere
    there = mean(np.where(visits[..., None] > 0, tapes.heads, 1), colours)
    blank = np.array(BLANK[theme], np.int64)
    weight = np.where(visits > 0, np.maximum(visits, full // 6), 0)[..., None]  # a single visit is still to be seen
    whole = full[..., None]
    image: NDArray[np.int64] = (2 * (there * weight + blank * (whole - weight)) + whole) // (2 * whole)
    return image.astype(np.uint8)


def space_time_picture(found: SpaceTime, shown: Shown = "symbols", theme: Theme = "auto", title: str = "") -> str:
    """The diagram, an SVG document: every tape a panel."""
    table, rows = found.table, len(found.starts) - 1
    bins = sum(tapes.marks.shape[1] for tapes in found.tapes)
    wide = max(1, min(LARGEST, (WIDE - int(BETWEEN) * (len(found.tapes) - 1)) // bins))
    high = max(1, min(LARGEST, HIGH // rows, wide * 3))
    height, left, body = float(rows * high), LEFT, []
    for tapes in found.tapes:
        width = float(tapes.marks.shape[1] * wide)
        body += _panel(found, tapes, (left, width, height), wide, as_url(pixels(found, tapes, shown, theme)))
        left += width + BETWEEN
    said = title or f"{table.name}: {_steps(found)}"
    legend, bottom = _legend(found, shown, theme, TOP + height + 40, max(left, 420.0))
    body += [text(said, LEFT, 26, TITLE, font_weight="bold"), *_times(found, height), *legend]
    size = max(left - BETWEEN + RIGHT, LEFT + len(said) * SANS_WIDTH * TITLE + RIGHT, 420.0), bottom + 14
    about = f"Time runs down, the cells of each tape lie from left to right. {_bins(found)}"
    return document("space-time", size, f"Space-time diagram of {said}", about, body, LOOKS, theme)


def _steps(found: SpaceTime) -> str:
    first, last = found.starts[0], found.starts[-1] - 1
    return count(last, "step") if first == 0 else f"steps {grouped(first)} to {grouped(last)}"


def _bins(found: SpaceTime) -> str:
    """How much a bin is, in words."""
    sizes = sorted({end - begin for begin, end in zip(found.starts, found.starts[1:], strict=False)})
    times = " or ".join(map(grouped, sizes)) + f" configuration{'' if sizes[-1] == 1 else 's'}"
    several = len({tapes.width for tapes in found.tapes}) > 1
    cells = [f"{count(tapes.width, 'cell')}{f' of {tapes.name}' if several else ''}" for tapes in found.tapes]
    if sizes == [1] and all(tapes.width == 1 for tapes in found.tapes):
        return "A pixel is one cell of one configuration."
    return f"A pixel is {times} of {' or '.join(dict.fromkeys(cells))}."


def _panel(found: SpaceTime, tapes: Tapes, place: tuple[float, float, float], wide: int, image: str) -> list[str]:
    """A tape: its image with a frame, and its positions above."""
    left, width, height = place
    of_grid = found.table.is_grid and tapes is found.tapes[0]
    kind = f"{tapes.name}, row by row" if of_grid else tapes.name
    parts = [
        element(
            "image", x=left, y=TOP, width=width, height=height, href=image, preserveAspectRatio="none", image_rendering="pixelated"
        ),
        text(kind, left + width / 2, TOP - 20, LABEL, text_anchor="middle", class_="faint"),
    ]
    if of_grid:
        return [*parts, *_rows_of_grid(found, tapes, place, wide), _frame(place)]
    for position in _round_numbers(tapes.first, tapes.first + tapes.cells - 1, max(2, int(width // 90))):
        x = left + (position - tapes.first + 0.5) * wide / tapes.width
        parts.append(element("path", class_="tick", d=f"M{number(x)},{number(TOP)} v-4"))
        parts.append(text(grouped(position), x, TOP - 7, TICK, text_anchor="middle", class_="faint"))
    return [*parts, _frame(place)]


def _frame(place: tuple[float, float, float]) -> str:
    left, width, height = place
    return element("rect", class_="frame", x=left, y=TOP, width=width, height=height)


def _rows_of_grid(found: SpaceTime, tapes: Tapes, place: tuple[float, float, float], wide: int) -> list[str]:
    """Where the rows of a grid end, if they are wide enough for a line."""
    left, _, height = place
    length = found.columns_of_grid * wide / tapes.width
    if length < 8:
        return []
    rows = range(tapes.cells // found.columns_of_grid)
    lines = [f"M{number(left + row * length)},{number(TOP)} v{number(height)}" for row in rows[1:]]
    every = max(1, int(-(-24 // length)))
    named = [text(f"row {row}" if length > 40 else str(row), left + (row + 0.5) * length, TOP - 7, TICK, text_anchor="middle",
                  class_="faint") for row in rows[::every]]  # fmt: skip
    return [*([element("path", class_="row", d=" ".join(lines))] if lines else []), *named]


def _times(found: SpaceTime, height: float) -> list[str]:
    first, total = found.starts[0], found.configurations()
    parts = [text("step", LEFT - 10, TOP - 7, TICK, text_anchor="end", class_="faint")]
    for step in _round_numbers(first, first + total - 1, max(2, int(height // 60))):
        y = TOP + (step - first) * height / total + (height / total / 2 if total <= height else 0)
        parts.append(element("path", class_="tick", d=f"M{number(LEFT)},{number(y)} h-4"))
        parts.append(text(grouped(step), LEFT - 8, y + TICK * 0.35, TICK, text_anchor="end", class_="faint"))
    return parts


def _round_numbers(first: int, last: int, most: int) -> list[int]:
    """Round numbers from `first` to `last`, at most so many more or less."""
    spread = max(1, last - first)
    step = next(size for power in range(20) for size in (10**power, 2 * 10**power, 5 * 10**power) if spread // size <= most)
    return list(range(-(-first // step) * step, last + 1, step))


def _legend(found: SpaceTime, shown: Shown, theme: Theme, y: float, right: float) -> tuple[list[str], float]:
    """What the colours are, with what a pixel is; and where it ends."""
    table = found.table
    entries = [] if shown == "states" else _symbols(found, theme)
    single = min(end - begin for begin, end in zip(found.starts, found.starts[1:], strict=False)) == 1
    if found.by_state and (shown == "states" or single):
        entries += _states(table, found, theme)
    parts, x = [], LEFT
    for name, colour in entries:
        long = 26 + sans_width(name, LABEL)
        if x + long > right and x > LEFT:
            x, y = LEFT, y + 20
        parts.append(element("rect", class_="tick", x=x, y=y - 10, width=12.0, height=12.0, fill=colour))
        parts.append(text(name, x + 17, y, LABEL))
        x += long
    return [*parts, text(_bins(found), LEFT, y + 22, TICK, class_="faint")], y + 22


def _symbols(found: SpaceTime, theme: Theme) -> list[tuple[str, str]]:
    names = dict.fromkeys(tuple(tapes.symbols) for tapes in found.tapes)
    if len(names) == 1:
        tapes = found.tapes[0]
        return _named([symbol_name(symbol) for symbol in tapes.symbols], symbol_colours(len(tapes.symbols), theme))
    return [
        (f"{tapes.name} {name}", colour)
        for tapes in found.tapes
        for name, colour in _named(list(map(symbol_name, tapes.symbols)), symbol_colours(len(tapes.symbols), theme))
    ]


def _states(table: Table, found: SpaceTime, theme: Theme) -> list[tuple[str, str]]:
    """The states that the head is in, the first ones."""
    names = ["reject", "accept", *table.states]
    met = np.flatnonzero(found.tapes[0].heads.sum(axis=(0, 1)))
    kinds = sorted(met.tolist(), key=lambda kind: (kind < 2, kind))
    colours = state_colours(len(table.states), theme)
    entries = [
        (f"head: {names[kind]}" if not place else names[kind], hexadecimal(colours[kind])) for place, kind in enumerate(kinds)
    ]
    return entries if len(entries) <= FEW else [*entries[: FEW - 1], (f"and {len(entries) - FEW + 1} more states", "none")]


def _named(names: list[str], colours: NDArray[np.int64]) -> list[tuple[str, str]]:
    return [(name, hexadecimal(colour)) for name, colour in zip(names, colours, strict=True)]
