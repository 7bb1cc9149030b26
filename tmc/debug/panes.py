"""What the debugger's screen shows, pane by pane, as text with styles: pure functions of a session."""

from __future__ import annotations

import re

from rich.text import Text

from tmc.debug.beside import Seen
from tmc.debug.lattice_text import Place, cell_text, window
from tmc.debug.session import Session, shown
from tmc.debug.words import cell_in_words, tape_lines, transition_in_words
from tmc.run.trace import Texts
from tmc.width import visible

CURRENT, HEAD, FAINT, MARK, TITLE = "bold reverse", "bold cyan", "dim", "bold red", "bold"
HINT = """space  breakpoint at the rule
w      watch a value
t      run to a line or state
       or `if head > 3`
x      change a cell
l      the network
"""
ENDINGS = {"accept": "bold green", "reject": "bold red", "stuck": "bold yellow"}


def status_line(session: Session, running: str) -> Text:
    """The machine, the step, the layer, and how it stands."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {session.table.name} ", TITLE)
    if running:
        text.append(f" {running}", "bold yellow")
        return text
    text.append(f" step {count(session.step)}", TITLE)
    text.append(f"  layer {'?' if session.layer is None else count(session.layer)}", FAINT)
    text.append(f"  state {session.table.target_name(session.timeline.walker.state)}")
    if session.verdict:
        said = {"accept": "ACCEPTS", "reject": "REJECTS", "stuck": "STUCK: no rule applies"}[session.verdict]
        text.append(f"  {said}", ENDINGS[session.verdict])
    if session.timeline.edits():
        text.append("  edited", "bold magenta")
    return text


def count(number: int) -> str:
    """A number in groups of three digits."""
    return f"{number:,}".replace(",", " ")


def source_pane(session: Session, texts: Texts, own: str, last: tuple[str, int], width: int, height: int) -> Text:
    """The source around the rule about to be taken, which is lit; of a machine that has halted, around the `last` one."""
    transition = session.transition
    file, line = last if transition is None else (transition.file, transition.line)
    source = texts.get(file)
    name = file if file else own
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {name.rsplit('/', 1)[-1]}\n", FAINT)
    if source is None:
        text.append(" the text of this rule is not at hand", FAINT)
        return text
    lines = source.text.splitlines()
    stops = _lines_with_breakpoints(session) if not file else set()
    first = max(0, min(line - 1 - (height - 1) // 2, len(lines) - (height - 1)))
    for number in range(first + 1, min(len(lines), first + height - 1) + 1):
        row = f"{number:4} {_squeezed(visible(lines[number - 1]), width - 7)}"
        text.append("●" if number in stops else " ", MARK)
        is_current = transition is not None and number == line
        text.append(f"{row[: width - 2]:{width - 2 if is_current else 0}}\n", CURRENT if is_current else _style(lines[number - 1]))
    return text


def _lines_with_breakpoints(session: Session) -> set[int]:
    words = [found.target.text.split() for found in session.breakpoints]
    return {int(text[1]) for text in words if len(text) > 1 and text[0] == "line" and text[1].isdecimal()}


def _squeezed(line: str, width: int) -> str:
    """A line that is too long, without the blanks that align it with others."""
    return line if len(line) <= width else re.sub(r"(?<=\S) {2,}", "  ", line)


def _style(line: str) -> str:
    return FAINT if line.lstrip().startswith("#") else TITLE if line.startswith(("state ", "test ", "machine ", "learner ")) else ""


def side_pane(session: Session) -> Text:
    """Watches, breakpoints and edits."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for watch in session.watches:
        text.append(f"{watch.number:2} ", FAINT)
        text.append(f"{watch.condition.text} = ")
        text.append(f"{shown(watch.condition.evaluate(session.timeline))}\n", TITLE)
    for found in session.breakpoints:
        text.append(f"{found.number:2} ", FAINT)
        text.append("● " if found.enabled else "○ ", MARK)
        text.append(f"{found.target.text}")
        text.append(f" ({found.hits})\n", FAINT)
    for step in session.timeline.edits():
        text.append(f"   edited at step {step}\n", "magenta")
    if not text.plain:
        text.append(HINT, FAINT)
    return text


def network_pane(session: Session, seen: Seen, cursor: Place, width: int, height: int) -> Text:
    """The lattice around a cell, and the fields of that."""
    text = Text(no_wrap=True, overflow="ellipsis")
    is_grid = session.table.is_grid
    note = "" if seen.whole else " (what can be read)"
    text.append(f"layer {count(seen.layer)}{note}\n", TITLE)
    rows, columns = window(seen, cursor, width, max(1, min(len(seen.lattice), height - 7)))
    for row in rows:
        text.append(f"{row:3} " if is_grid else "    ", FAINT)
        for column in columns:
            fields = seen.fields(row, column)
            style = "reverse" if (row, column) == cursor else HEAD if "control" in fields or "answer" in fields else ""
            style = style or ("yellow" if seen.signals(row, column) else FAINT if fields.get("kind") == "pad" else "")
            text.append(cell_text(seen, row, column), style)
        text.append("\n")
    place = f"row {cursor[0]}, column {cursor[1]}" if is_grid else f"position {cursor[1] - seen.origin}"
    text.append(f"{place}\n", TITLE)
    for line in _wrapped(cell_in_words(seen.fields(*cursor)), width - 1)[: height - len(rows) - 2]:
        text.append(f"{line}\n")
    return text


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split(", "):
        longer = f"{line}, {word}" if line else word
        if len(longer) > width and line:
            lines.append(f"{line},")
            longer = word
        line = longer
    return [*lines, line]


def tapes_pane(session: Session, width: int, rows: int) -> Text:
    """The tapes around their heads."""
    text = Text(no_wrap=True)
    for number, line in enumerate(tape_lines(session.table, session.configuration, width - 2, rows)):
        text.append("\n" if number else "")
        first, last = line.find("["), line.rfind("]")
        if first < 0 or last < first:
            text.append(f" {line}", FAINT)
            continue
        text.append(f" {line[:first]}")
        text.append(line[first : last + 1], HEAD)
        text.append(line[last + 1 :])
    return text


def next_pane(session: Session) -> Text:
    """What comes next, in words."""
    text = Text(overflow="ellipsis")
    text.append(" → ", HEAD)
    text.append(transition_in_words(session.table, session.configuration, session.transition))
    return text
