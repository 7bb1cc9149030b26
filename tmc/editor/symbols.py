"""The outline of a text: what it consists of, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tmc.editor.hover import signature
from tmc.editor.reading import Document
from tmc.source import Source, Span
from tmc.syntax import tree


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A part of a machine. `kind` is the word that begins it; `span` is all of it, and `name_span`, within it, its name."""

    kind: str
    name: str
    detail: str
    span: Span
    name_span: Span


def parts(document: Document) -> tuple[OutlineItem, ...]:
    """The parts that have names: the machine, tapes, bounds, states and tests."""
    if document.reading is None:
        return ()
    found = sorted(_parts(document.reading.program.machine, document.reading.source), key=lambda part: part.span)
    return tuple(replace(part, span=document.now(part.span), name_span=document.now(part.name_span)) for part in found)


def _parts(machine: tree.Machine, source: Source) -> Iterator[OutlineItem]:
    if machine.name.text:
        yield OutlineItem(machine.kind, machine.name.text, machine.about.split("\n")[0], machine.name.span, machine.name.span)
    for tape in machine.tapes:
        detail = source.text[tape.kind.span.start : tape.span.end]
        yield OutlineItem("tape", tape.name.text, detail, tape.span, tape.name.span)
    for bounds in machine.bounds:
        yield OutlineItem("bounds", "bounds", "", _block(source, bounds.span, bounds.bounds), bounds.span)
    for state in machine.states:
        parameters = signature(state).removeprefix(state.name.text)
        yield OutlineItem("state", state.name.text, parameters, _block(source, state.span, state.rules), state.name.span)
    for test in machine.tests:
        yield OutlineItem("test", test.name or "test", "", _block(source, test.span, test.lines), test.span)


def _block(source: Source, first: Span, lines: tuple[tree.Bound, ...] | tuple[tree.Rule, ...] | tuple[tree.TestLine, ...]) -> Span:
    """A block: its first line and the others, to the end of the last."""
    last = lines[-1].span if lines else first
    line, column = source.place(last.end)
    return Span(first.start, last.end - column + 1 + len(source.line(line)))
