"""A run as lines of text, one a step, as it goes on: of each tape the same cells all the time, as long as the head is among them.

::

    step  state    data      rule
       5  carry     [1]0 0   16: on 1 write 0 move left
       6  carry   [_]0 0 0   17: on 0|_ write 1 -> accept
       7  accept  [1]0 0 0
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tmc.ir.table import Table
from tmc.ir.tape import Line, Tape
from tmc.run.trace import CUT, Step, Texts, Window, cell_width, data_line, extent, in_window, rule_text, windows, work_line
from tmc.width import padded, width_of

FEWEST = 5  # cells of a tape that are shown, however narrow the terminal is
MOST = 40  # cells of a tape that grows to an unknown size
NARROWEST = 6  # columns of a rule that are worth showing
GAP = "  "


@dataclass(frozen=True, slots=True)
class Colours:
    """How parts of a line are coloured; by default they are not."""

    head: Callable[[str], str] = str
    faint: Callable[[str], str] = str


class Trace:
    """The lines of a run. The columns are as wide as the run's beginning asks for, and together no wider than `width`."""

    def __init__(self, table: Table, texts: Texts, beginning: Sequence[Step], whole: bool, width: int, last: int) -> None:
        """`beginning`: the first steps that will be shown, or, if it is the `whole`, all; `last`: the greatest number of a step."""
        self._table, self._texts = table, texts
        met = (table.target_name(step.configuration.state) for step in beginning)
        names = [*met] if whole else [*table.states, "accept", "reject"]
        self._number = max(len("step"), len(str(last)))
        self._state = min(max(map(width_of, [*names, "state"])), max(len("state"), width // 4))
        self._rows = len("row") if table.is_grid else 0
        rules = max((width_of(self._rule(step)) for step in beginning), default=0)
        fixed = self._number + len(GAP) + self._state + (len(GAP) + self._rows if self._rows else 0)
        room = width - fixed - min(rules, max(16, width // 4)) - len(GAP) * (1 + len(table.tapes))
        asked = windows(tuple(beginning)) if beginning else (Window(0, 0), Window(0, 0))
        known = (whole or table.is_grid, whole)
        self._tapes = [
            _TapeView(tape, cells, window if sure else None)
            for tape, cells, window, sure in zip(table.tapes, _shared(table.tapes, asked, known, room), asked, known, strict=False)
        ]
        self._left = width - fixed - len(GAP) - sum(len(GAP) + view.width for view in self._tapes)

    def lines(self, steps: Iterator[Step], colours: Colours = Colours()) -> Iterator[tuple[int, str]]:
        """A line for each step, with its number. The headings stand before the first, and again where a tape has been moved on."""
        first = True
        for step in steps:
            lines = [data_line(step.configuration), *([work_line(step.configuration)] if self._table.work else [])]
            moved = [view.follow(*line) for view, line in zip(self._tapes, lines, strict=True)]
            if first or any(moved):
                yield step.number, colours.faint(self._headings())
            first = False
            yield step.number, self._line(step, lines, colours)

    def _headings(self) -> str:
        row = ["row"] if self._rows else []
        cells = ["step".rjust(self._number), padded("state", self._state), *row, *(view.heading() for view in self._tapes)]
        return GAP.join([*cells, "rule"] if self._left >= NARROWEST else cells).rstrip()

    def _line(self, step: Step, lines: Sequence[tuple[Line, int]], colours: Colours) -> str:
        state = _cut(self._table.target_name(step.configuration.state), self._state)
        cells = [str(step.number).rjust(self._number), state]
        cells += [str(step.configuration.head[0]).rjust(self._rows)] if self._rows else []
        cells += [view.text(*line, colours.head) for view, line in zip(self._tapes, lines, strict=True)]
        rule = _cut(self._rule(step), self._left).rstrip() if self._left >= NARROWEST else ""
        cells += [colours.faint(rule)] if rule else []
        return GAP.join(cells).rstrip()

    def _rule(self, step: Step) -> str:
        if step.transition is None:
            return "" if step.configuration.state < 0 else "no rule applies"
        text = rule_text(self._texts, step.transition)
        own = self._texts.get("")
        if not step.transition.file and own is not None:
            return text.removeprefix(f"{own.name}:")
        used = self._texts.get(step.transition.file)
        return text if used is None else f"{step.transition.file}{text.removeprefix(used.name)}"


def _shared(tapes: Sequence[Tape], asked: Sequence[Window], known: Sequence[bool], room: int) -> list[int]:
    """How many cells of each tape are shown, if they have so many columns together."""
    wanted = [window.last - window.first + 1 if sure else MOST for window, sure in zip(asked, known, strict=True)][: len(tapes)]
    sizes = [1 + cell_width(tape) for tape in tapes]
    fair = room // len(tapes)
    shares = [min(count * size + 1, fair) for count, size in zip(wanted, sizes, strict=True)]
    spare = room - sum(shares)
    found = []
    for count, size, share in zip(wanted, sizes, shares, strict=True):
        cells = min(count, max(FEWEST, (share + spare - 1) // size))
        spare -= max(0, cells * size + 1 - share)
        found.append(cells)
    return found


class _TapeView:
    """The cells of a tape that are shown. It moves on when the head comes to its end; a `whole` window that fits never does."""

    def __init__(self, tape: Tape, cells: int, whole: Window | None) -> None:
        self._tape, self._cells = tape, cells
        self._rests = whole is not None and whole.last - whole.first < cells
        self._first = whole.first if whole is not None and self._rests else None
        self.width = max(cells * (1 + cell_width(tape)) + 1, 1 + width_of(tape.name))

    def follow(self, line: Line, head: int) -> bool:
        """Move on if that is necessary; returns whether it was."""
        if self._rests:
            return False
        if self._first is None:
            own = extent(line, head)
            spare = self._cells - (own.last - own.first + 1)
            self._first = own.first - spare // 2 if spare >= 2 else head - self._cells // 4 - 1
        if self._first < head < self._first + self._cells - 1:
            return False
        ahead = head < self._first + self._cells // 2  # leftwards: most of what is shown then lies before the head
        self._first = head - (self._cells * 3 // 4 if ahead else self._cells // 4)
        return True

    def heading(self) -> str:
        """The name of the tape, and where on it the cells begin if they may move on."""
        where = "" if self._rests or not self._first else f" from {self._first}"
        return padded(f" {self._tape.name}{where}", self.width)

    def text(self, line: Line, head: int, mark: Callable[[str], str]) -> str:
        """The cells."""
        first = self._first or 0
        shown = Window(first, first + self._cells - 1)
        plain = in_window(self._tape, line, head, shown)
        return in_window(self._tape, line, head, shown, mark) + " " * (self.width - width_of(plain))


def _cut(text: str, width: int) -> str:
    """A text of exactly this width: filled with blanks, or what fits and a sign that there is more."""
    if width_of(text) > width:
        while width_of(text) >= width:
            text = text[:-1]
        text += CUT
    return padded(text, width)
