"""Where a run is to stop: a line of the source, a state, a step, a layer, or a condition, as a person writes it.

::

    20            whenever the rule of line 20 is about to be taken        std.tm:29     of another file
    carry         whenever the state is entered                            step 100      before step 100
    if head > 3   whenever this becomes true                               layer 50      at the step under way after layer 50
    20 if head > 3, carry if data == 1                                     both together
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tmc.debug.conditions import parse
from tmc.diagnostics import Rejected
from tmc.ir.table import Table

if TYPE_CHECKING:
    from tmc.debug.timeline import Timeline

Test = Callable[["Timeline"], bool]
_IF = re.compile(r"(?:^|\s)if(?:\s|$)")
_COMPARES = re.compile(r"[=<>]")  # then it is a condition, also without `if`


@dataclass(frozen=True, slots=True)
class Target:
    """Where to stop. `holds` says whether a moment is one of these; with `edge` it stops only where that was not so one step
    before. `step`, `layer`: the only one that it is, if that is known."""

    text: str
    holds: Test
    edge: bool
    step: int | None = None
    layer: int | None = None


def target(table: Table, text: str) -> Target:
    """What a person has written. Raises `Rejected`, which says what there is."""
    if not _IF.search(text) and _COMPARES.search(text) and text.strip() not in table.states:
        text = f"if {text}"
    found = _IF.search(text)
    place, condition = (text, "") if found is None else (text[: found.start()].strip(), text[found.end() :].strip())
    place = " ".join(place.split())
    if found is not None and not condition:
        raise Rejected("a condition is missing after `if`: if head > 3")
    where = _place(table, place) if place else None
    if not condition:
        if where is None:
            raise Rejected("say where: a line (20), a state, step 100, layer 50, or `if` and a condition")
        return where
    if (where is not None and where.step is not None) or (where is not None and where.layer is not None):
        raise Rejected("a step and a layer come but once: leave out the condition")
    asked = parse(table, condition, truth=True)
    evaluate = asked.evaluate
    if where is None:
        return Target(f"if {asked.text}", lambda timeline: bool(evaluate(timeline)), edge=True)
    at = where.holds
    return Target(f"{where.text} if {asked.text}", lambda timeline: at(timeline) and bool(evaluate(timeline)), where.edge)


def _place(table: Table, text: str) -> Target:
    words = text.split()
    if words[0] in ("step", "layer") and len(words) == 2 and text not in table.states:
        return _count(words[0], words[1])
    if words[0] in ("state", "line") and len(words) > 1 and text not in table.states:
        text = text.partition(" ")[2]
    file, colon, number = text.rpartition(":")
    if text not in table.states and (text.isdecimal() or (colon and number.isdecimal())):
        return _line(table, file if colon else "", int(number))
    names = (*table.states, "accept", "reject")
    if text not in names:
        near = get_close_matches(text, names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"
        raise Rejected(f"{text!r} is no line and no state{hint}")
    state = names.index(text) if text in table.states else {"accept": -1, "reject": -2}[text]
    return Target(text, lambda timeline: timeline.walker.state == state, edge=True)


def _count(what: str, number: str) -> Target:
    if not number.isdecimal():
        raise Rejected(f"{number!r} is not a number of a {what}")
    count = int(number)
    if what == "step":
        return Target(f"step {count}", lambda timeline: timeline.step == count, edge=False, step=count)

    def holds(timeline: Timeline) -> bool:
        layer = timeline.layer
        return layer is not None and layer >= count

    return Target(f"layer {count}", holds, edge=True, layer=count)


def _line(table: Table, file: str, line: int) -> Target:
    lines = sorted({(t.file, t.line) for t in table.transitions if t.line})
    if file and (file, line) not in lines and all(other != file for other, _ in lines if other):
        file = ""  # the machine's own, by its name
    if (file, line) not in lines:
        behind = next((number for name, number in lines if name == file and number > line), None)
        here = [number for name, number in lines if name == file]
        last = f"the last rule stands in line {max(here, default=0)}"
        hint = last if behind is None else f"the next one with a rule is {behind}"
        raise Rejected(f"no rule begins in line {line}{f' of {file}' if file else ''}; {hint}")
    text = f"{file}:{line}" if file else f"line {line}"

    def holds(timeline: Timeline) -> bool:
        action = timeline.walker.action()
        return action is not None and action.transition.line == line and action.transition.file == file

    return Target(text, holds, edge=False)
