"""Configurations of a run as SVG, one after the other, for slides: tapes with the head, the state and the rule about to be taken.

On lines, a configuration is a row of the picture; on a grid, a panel with the grid and the work tape below it. A cell that the step
before has changed is in bold; the head's cell has the colour of the state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tmc.ir.table import Table
from tmc.ir.tape import BLANK, Grid, Line, Tape
from tmc.run.trace import Step, Texts, Window, rule_text, windows
from tmc.view.colours import state_colours
from tmc.view.svg import Look, Theme, document, element, group, mono_width, sans_width, text

TITLE, NAME, SIGN, SMALL = 16.0, 12.0, 12.0, 10.0  # sizes of fonts
CELL, GAP = 21.0, 26.0  # a cell's side; between tapes and between panels
ROW = 35.0  # from one configuration to the next
LEFT, TOP, MARGIN = 16.0, 44.0, 16.0
WIDEST = 44  # cells of a tape that are shown whole
NEAR = 8  # of a longer one so many on either side of where the heads are
WIDTH = 980.0  # of panels in a row
RULE = 64  # characters of a rule
COLOURS = 12  # that states have, one after the other

_CELLS = (
    Look(".cell", "fill: #ffffff; stroke: #a9b4c0", "fill: #1f242a; stroke: #5b6672"),
    Look("text.sign", "text-anchor: middle"),
    Look("text.new", "font-weight: bold"),
    Look(".state-name", "fill: #ffffff; font-weight: bold", "fill: #101317"),
    Look("text.on-head", "fill: #ffffff; font-weight: bold", "fill: #101317"),
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is the same for all configurations of a picture."""

    table: Table
    texts: Texts
    windows: tuple[Window, Window]
    states: float  # the width of the widest state's name


def trace_picture(table: Table, texts: Texts, steps: Sequence[Step], theme: Theme = "auto") -> str:
    """Steps, an SVG document; on a line they should be consecutive, as cells that have changed are looked for."""
    names = {table.target_name(step.configuration.state) for step in steps}
    found = windows(tuple(steps))
    if any(window.last - window.first >= WIDEST for window in found):
        found = windows(tuple(steps), NEAR)
    shown = _Shown(table, texts, found, max(sans_width(name, NAME) for name in names) + 22)
    parts, size = _panels(shown, steps) if table.is_grid else _rows(shown, steps)
    numbers = f"steps {steps[0].number} to {steps[-1].number}" if len(steps) > 1 else f"step {steps[0].number}"
    title = text(f"{table.name}: {numbers}", LEFT, 26, TITLE, font_weight="bold")
    about = f"The configurations of {table.name} before each of these steps: tapes, heads and states."
    wide = max(size[0], LEFT + sans_width(f"{table.name}: {numbers}", TITLE) + MARGIN)
    return document("trace", (wide, size[1]), f"Trace of {table.name}, {numbers}", about, [title, *parts], _looks(), theme)


def _looks() -> list[Look]:
    """A colour for each state, used again when there are more of them."""
    light, dark = state_colours(COLOURS, "light"), state_colours(COLOURS, "dark")
    looks = [*_CELLS]
    names = ["reject", "accept", *map(str, range(COLOURS))]
    for name, *both in zip(names, light.tolist(), dark.tolist(), strict=True):
        looks.append(Look(f".state-{name}", *(f"fill: rgb({', '.join(map(str, colour))})" for colour in both)))
    return looks


def _class(table: Table, state: int) -> str:
    return f"state-{table.target_name(state) if state < 0 else state % COLOURS}"


def _pill(shown: _Shown, step: Step, x: float, y: float) -> str:
    """The state's name on its colour."""
    state = step.configuration.state
    name = shown.table.target_name(state)
    box = element("rect", class_=_class(shown.table, state), x=x, y=y - 10, width=shown.states, height=20.0, rx=10.0)
    return box + text(name, x + shown.states / 2, y + 4.2, NAME, class_="state-name", text_anchor="middle")


def _rows(shown: _Shown, steps: Sequence[Step]) -> tuple[list[str], tuple[float, float]]:
    """A row for each configuration of a machine on lines."""
    table, parts = shown.table, []
    left = LEFT + sans_width(str(steps[-1].number), NAME) + 14 + shown.states + 18
    lefts = [left]
    for window in shown.windows[: len(table.tapes)]:
        lefts.append(lefts[-1] + (window.last - window.first + 1) * CELL + GAP)
    for tape, x in zip(table.tapes, lefts, strict=False):
        parts.append(text(tape.name, x, TOP + 6, SMALL, class_="faint"))
    before: Step | None = None
    rules = 0.0
    for row, step in enumerate(steps):
        y = TOP + 30 + row * ROW
        row_parts = [text(str(step.number), left - shown.states - 32, y + 4, NAME, class_="faint", text_anchor="end")]
        row_parts.append(_pill(shown, step, left - shown.states - 18, y))
        for number, (tape, window, x) in enumerate(zip(table.tapes, shown.windows, lefts, strict=False)):
            row_parts += _line(shown, tape, window, (step, before), number, (x, y - CELL / 2))
        said = _rule(shown, step)
        rules = max(rules, mono_width(said, SMALL))
        row_parts.append(text(said, lefts[-1] - 4, y + 4, SMALL, class_="mono faint"))
        parts.append(group(*row_parts, class_="step"))
        before = step
    return parts, (lefts[-1] + rules + MARGIN, TOP + 30 + len(steps) * ROW)


def _rule(shown: _Shown, step: Step) -> str:
    if step.transition is None:
        return "" if step.configuration.state < 0 else "no rule applies"
    said = rule_text(shown.texts, step.transition)
    own = shown.texts.get(step.transition.file)
    if own is not None:  # its name alone, and nothing for the machine's own file
        said = f"{step.transition.file}:{said.removeprefix(f'{own.name}:')}".removeprefix(":")
    return said if len(said) <= RULE else said[: RULE - 1] + "…"


def _tape_of(step: Step, number: int) -> tuple[Line, int]:
    """The line of a tape, and where its head is."""
    configuration = step.configuration
    if number == 0 and isinstance(configuration.data, Line):
        return configuration.data, configuration.head[1]
    return configuration.work, configuration.work_head


def _line(
    shown: _Shown, tape: Tape, window: Window, steps: tuple[Step, Step | None], number: int, place: tuple[float, float]
) -> Iterator[str]:
    """The cells of a line in a window."""
    line, head = _tape_of(steps[0], number)
    before = None if steps[1] is None else _tape_of(steps[1], number)[0]
    for position in range(window.first, window.last + 1):
        symbol = line.read(position)
        changed = before is not None and before.read(position) != symbol
        at = place[0] + (position - window.first) * CELL, place[1]
        yield from _cell(
            shown, tape.symbols[symbol] if symbol != BLANK else "", at, steps[0] if position == head else None, changed
        )


def _cell(shown: _Shown, symbol: str, place: tuple[float, float], head: Step | None, changed: bool) -> Iterator[str]:
    """A cell; `head` is the step if the head stands on it."""
    x, y = place
    coloured = "cell" if head is None else f"cell {_class(shown.table, head.configuration.state)}"
    yield element("rect", class_=coloured, x=x, y=y, width=CELL, height=CELL)
    if symbol:
        marked = "sign on-head" if head is not None else "sign new" if changed else "sign"
        yield text(symbol, x + CELL / 2, y + CELL / 2 + SIGN * 0.36, SIGN, class_=f"mono {marked}")


def _panels(shown: _Shown, steps: Sequence[Step]) -> tuple[list[str], tuple[float, float]]:
    """A panel for each configuration of a machine on a grid, in rows."""
    grid = steps[0].configuration.data
    assert isinstance(grid, Grid)
    work = shown.windows[1]
    columns = len(grid.rows[0])
    cells = max(columns, work.last - work.first + 1 if shown.table.work else 0)
    wide = max(cells * CELL, shown.states + 40) + GAP
    high = 30 + len(grid.rows) * CELL + (26 + CELL if shown.table.work else 0) + 26
    in_row = max(1, int((WIDTH - LEFT) // wide))
    parts = [
        group(*_panel(shown, steps, index, (LEFT + index % in_row * wide, TOP + index // in_row * high)), class_="step")
        for index in range(len(steps))
    ]
    rows = -(-len(steps) // in_row)
    return parts, (LEFT + min(in_row, len(steps)) * wide - GAP + MARGIN, TOP + rows * high)


def _panel(shown: _Shown, steps: Sequence[Step], index: int, place: tuple[float, float]) -> Iterator[str]:
    step, before = steps[index], steps[index - 1] if index else None
    (x, y), table = place, shown.table
    yield _pill(shown, step, x, y + 10)
    yield text(str(step.number), x + shown.states + 8, y + 14, NAME, class_="faint")
    grid, old = step.configuration.data, before and before.configuration.data
    assert isinstance(grid, Grid)
    for row, cells in enumerate(grid.rows):
        for column, symbol in enumerate(cells):
            changed = isinstance(old, Grid) and old.rows[row][column] != symbol
            at = x + column * CELL, y + 28 + row * CELL
            head = step if (row, column) == step.configuration.head else None
            yield from _cell(shown, table.data.symbols[symbol] if symbol != BLANK else "", at, head, changed)
    if table.work is not None:
        below = y + 28 + len(grid.rows) * CELL
        yield text(table.work.name, x, below + 18, SMALL, class_="faint")
        yield from _line(shown, table.work, shown.windows[1], (step, before), 1, (x, below + 23))
