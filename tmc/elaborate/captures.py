"""Captures: which symbols a rule gives names to, and what those names may stand for."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings
from tmc.ir.tape import Symbol, Tape
from tmc.syntax import tree

Admitted = tuple[Symbol, ...] | None  # what a pattern admits; None when that is not known


def captures_of(rule: tree.Rule) -> dict[str, list[int]]:
    """The names of captures with the tapes that they stand for."""
    captures: dict[str, list[int]] = {}
    for position, pattern in enumerate(rule.on.patterns if rule.on else ()):
        if isinstance(pattern, tree.Capture):
            captures.setdefault(pattern.name.text, []).append(position)
    return captures


def note_captures(rule: tree.Rule, captures: dict[str, list[int]], own: bool, findings: Findings) -> Iterator[str]:
    """The captures that the rule mentions again; notes those that it does not have, and, in the machine's `own` file, those that
    serve no purpose."""
    mentioned = list(_mentioned(rule))
    for captured in mentioned:
        name = captured.name.text
        if name not in captures:
            near = findings.near(name, captures)
            advice = f"there is `${near}`" if near else f"capture it first: `on ${name}`"
            findings.error(Code.UNKNOWN_CAPTURE, captured.span, f"nothing is captured as `${name}`", "", advice)
        else:
            yield name
    names = {captured.name.text for captured in mentioned}
    for pattern in rule.on.patterns if rule.on and own else ():
        if isinstance(pattern, tree.Capture) and pattern.name.text not in names and len(captures[pattern.name.text]) == 1:
            advice = "write `*`" if pattern.among is None else "leave the capture out, and keep the alternatives"
            findings.warning(Code.UNUSED_NAME, pattern.span, f"the capture `${pattern.name.text}` is never used", "", advice)


def _mentioned(rule: tree.Rule) -> Iterator[tree.Captured]:
    yield from (item for item in (rule.write.items if rule.write else ()) if isinstance(item, tree.Captured))
    waiting: list[tree.Argument] = [rule.call] if rule.call else []
    while waiting:
        argument = waiting.pop()
        if isinstance(argument, tree.Captured):
            yield argument
        elif isinstance(argument, tree.Call):
            waiting += argument.arguments


def common_characters(positions: list[int], admitted: list[Admitted], tapes: tuple[Tape, ...]) -> list[str]:
    """The characters that a capture may stand for: those admitted on all of its tapes."""
    found = [{tapes[p].symbols[n] for n in admitted[p] or ()} for p in positions if p < len(tapes)]
    first = positions[0]
    order = [tapes[first].symbols[n] for n in admitted[first] or ()] if first < len(tapes) else []
    return [character for character in order if all(character in characters for characters in found)]
