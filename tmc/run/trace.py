"""The steps of a run as text, with line tapes aligned on their positions however they grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from tmc.ir.table import Configuration, Table, Transition, applicable, apply
from tmc.ir.tape import Grid, Line, Tape
from tmc.run.simulator import configurations, simulate
from tmc.run.tapes import marked
from tmc.source import Source
from tmc.width import padded, visible, width_of

Texts = Mapping[str, Source]  # by the names that transitions give them: "" is the machine's own

BACK = 100  # how far back a summary of a run's end looks
TELLING = 10  # how many of these configurations it shows
FAR = 24  # and how many cells a head may travel meanwhile
CUT = "…"  # stands for a cell beyond which there is more than is shown


@dataclass(frozen=True, slots=True)
class Step:
    """A configuration of a run, `number` steps after the first, and the transition about to be taken (None with the last one)."""

    number: int
    configuration: Configuration
    transition: Transition | None


def all_steps(table: Table, data: Grid | Line) -> Iterator[Step]:
    """A run from its beginning. Endless when the run is."""
    for number, (configuration, transition) in enumerate(configurations(table, data)):
        yield Step(number, configuration, transition)


def last_steps(table: Table, data: Grid | Line, taken: int, count: int) -> Iterator[Step]:
    """The last `count` configurations of a run of which `taken` steps were taken, fewer when it is shorter."""
    first = max(0, taken - count + 1)
    configuration = simulate(table, data, first).configuration
    for number in range(first, taken + 1):
        transition = applicable(table, configuration)
        yield Step(number, configuration, transition)
        if transition is not None:
            configuration = apply(table, transition, configuration)


def telling_steps(table: Table, data: Grid | Line, taken: int) -> tuple[Step, ...]:
    """The end of a run, `TELLING` configurations at most: where a rule is taken again and again, only the first and the last time.

    Where heads travel far, there are fewer.
    """
    telling: list[Step] = []
    for _, group in groupby(last_steps(table, data, taken, BACK), _source_line):
        alike = list(group)
        telling += [alike[0], alike[-1]] if len(alike) > 3 else alike
    telling = telling[-TELLING:]
    while max(_spread(telling)) > FAR:
        telling = telling[1:]
    return tuple(telling)


def _source_line(step: Step) -> tuple[str, int] | None:
    return None if step.transition is None else (step.transition.file, step.transition.line)


def _spread(steps: list[Step]) -> tuple[int, int]:
    """Over how many cells the heads travel."""
    heads = [(step.configuration.head[1], step.configuration.work_head) for step in steps]
    data, work = zip(*heads, strict=True)
    return max(data) - min(data), max(work) - min(work)


def texts_of(files: Iterable[tuple[str, Source]]) -> Texts:
    """Texts by their names, without those that share one: two files in different folders, used by different files."""
    known = tuple(files)
    times = Counter(name for name, _ in known)
    return {name: text for name, text in known if times[name] == 1}


def rule_text(texts: Texts, transition: Transition) -> str:
    """Where the rule of a transition stands and what it says: ``increment.tm:20: on 1 write 0 move left``."""
    text = texts.get(transition.file)
    if text is None or not transition.line:
        return f"{transition.file}:{transition.line}" if transition.line else ""
    return f"{text.name}:{transition.line}: {visible(' '.join(text.line(transition.line).split()))}"


@dataclass(frozen=True, slots=True)
class Window:
    """The positions of a line that are shown: `first` to `last`."""

    first: int
    last: int

    def to(self, other: Window) -> Window:
        """The smallest window that holds both."""
        return Window(min(self.first, other.first), max(self.last, other.last))


def extent(line: Line, head: int) -> Window:
    """The window of all symbols of a line and its head."""
    if not line.cells:
        return Window(head, head)
    return Window(min(line.start, head), max(line.start + len(line.cells) - 1, head))


def window(tapes: Iterable[tuple[Line, int]], near: int | None = None) -> Window:
    """The smallest window that holds some lines with their heads; with `near`, only so many cells on either side of the heads."""
    tapes = tuple(tapes)
    extents = [extent(line, head) for line, head in tapes]
    first, last = min(each.first for each in extents), max(each.last for each in extents)
    if near is None:
        return Window(first, last)
    heads = [head for _, head in tapes]
    return Window(max(first, min(heads) - near), min(last, max(heads) + near))


def in_window(tape: Tape, line: Line, head: int, shown: Window, mark: Callable[[str], str] = str) -> str:
    """The cells of a line in a window, all equally wide, the one under the head in brackets, which `mark` may colour; nothing where
    there are only blanks up to the end of the tape."""
    own, width = extent(line, head), cell_width(tape)
    cells, place = list[str](), None
    for position in range(shown.first, min(shown.last, own.last) + 1):
        more = (position == shown.first > own.first) or (position == shown.last < own.last)
        symbol = CUT if more else tape.symbols[line.read(position)] if own.first <= position else ""
        place = len(cells) if position == head and not more else place
        cells.append(padded(visible(symbol), width))
    return marked(cells, place, mark).rstrip()


def cell_width(tape: Tape) -> int:
    """How many columns of a terminal the widest symbol takes."""
    return max(width_of(visible(symbol)) for symbol in tape.symbols)


def data_line(configuration: Configuration) -> tuple[Line, int]:
    """The line that the data head stands on, in a grid that is a row, and where the head is on it."""
    row, column = configuration.head
    data = configuration.data
    return (Line(data.rows[row]) if isinstance(data, Grid) else data), column


def work_line(configuration: Configuration) -> tuple[Line, int]:
    """The work tape and where the head is on it."""
    return configuration.work, configuration.work_head


def windows(steps: tuple[Step, ...], near: int | None = None) -> tuple[Window, Window]:
    """The windows of both tapes, each the same for all steps."""
    configurations = [step.configuration for step in steps]
    return window(map(data_line, configurations), near), window(map(work_line, configurations), near)


def in_columns(table: Table, texts: Texts, steps: tuple[Step, ...], near: int) -> tuple[str, ...]:
    """Steps as lines, under a line of headings; of the tapes `near` cells on either side of the heads, of a grid the head's row.

    ::

        step  state    data      rule
           6  carry    1[0]1 1   increment.tm:20: on 0|_ write 1 -> accept
           7  accept   1[1]1 1
    """
    configurations = [step.configuration for step in steps]
    data, work = windows(steps, near)
    columns = [["step", *(str(step.number) for step in steps)]]
    columns += [["state", *(table.target_name(configuration.state) for configuration in configurations)]]
    columns += [["row", *(str(configuration.head[0]) for configuration in configurations)]] if table.is_grid else []
    columns += [[f" {table.data.name}", *(in_window(table.data, *data_line(each), data) for each in configurations)]]
    if table.work is not None:
        columns += [[f" {table.work.name}", *(in_window(table.work, *work_line(each), work) for each in configurations)]]
    columns += [["rule", *(_taken(texts, step) for step in steps)]]
    padded = [_padded(column) for column in columns]
    lines = ["  ".join(cells).rstrip() for cells in zip(*padded, strict=True)]
    for place in reversed(range(1, len(steps))):
        if steps[place].number != steps[place - 1].number + 1:
            lines.insert(place + 1, "…".rjust(len(padded[0][0])))
    return tuple(lines)


def _taken(texts: Texts, step: Step) -> str:
    if step.transition is not None:
        return rule_text(texts, step.transition)
    return "" if step.configuration.state < 0 else "no rule applies"


def _padded(column: list[str]) -> list[str]:
    width = max(map(width_of, column))
    gaps = [" " * (width - width_of(text)) for text in column]
    return [gap + text if column[0] in ("step", "row") else text + gap for text, gap in zip(column, gaps, strict=True)]
