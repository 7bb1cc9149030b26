"""The syntax tree as an outline for people and as a document for programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.view.layout import aligned, count, paragraph, text_of

_OPENED = (tree.Machine, tree.Bounds, tree.State, tree.Rule, tree.Test)  # an outline shows the parts of these
_ABOUT = """What the parser has read, before any name is looked up: a machine, its parts, and every rule clause by clause, each
with its line."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A syntax tree and the text it was read from, which gives its spans their lines."""

    machine: tree.Machine
    source: Source


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the outline: what kind of node it is, its line, its text on one line, and its parts."""

    kind: str
    line: int
    text: str
    parts: tuple[Branch, ...]

    def total(self) -> int:
        """The number of nodes from here down."""
        return 1 + sum(part.total() for part in self.parts)


def outline(syntax: Syntax) -> Branch:
    """The tree down to the clauses of rules and the lines of tests."""
    return _branch(syntax.machine, syntax.source)


def _branch(node: Any, source: Source) -> Branch:
    span: Span = node.name.span if isinstance(node, tree.Machine) else node.span
    text = _text(node, span, source)
    parts = sorted(_parts(node), key=lambda part: part.span.start) if isinstance(node, _OPENED) else []
    branches = tuple(_branch(part, source) for part in parts)
    printable = "".join(character if character.isprintable() else "\ufffd" for character in " ".join(text.split()))
    return Branch(_kind(node), source.place(span.start)[0], printable, branches)


def _text(node: Any, span: Span, source: Source) -> str:
    if isinstance(node, tree.Machine):
        return f"{node.kind} {node.name.text}".rstrip()
    return source.text[span.start : span.end]


def _parts(node: Any) -> list[Any]:
    """The nodes directly below, but for names."""
    values = [getattr(node, field.name) for field in fields(node) if field.name != "kind" or not isinstance(node, tree.Machine)]
    below = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return [part for part in below if is_dataclass(part) and not isinstance(part, (Span, tree.Name))]


def _kind(node: Any) -> str:
    """The name of a node's class in words, such as ``one of``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()


def syntax_text(syntax: Syntax) -> str:
    """The outline, a node a line."""
    machine, root = syntax.machine, outline(syntax)
    rules = sum(len(state.rules) for state in machine.states)
    counted = ((len(machine.tapes), "tape"), (len(machine.states), "state"), (rules, "rule"), (len(machine.tests), "test"))
    sizes = ", ".join(count(number, noun) for number, noun in counted)
    rows = [("line", "node", "text"), *_rows(root, 0)]
    return text_of([f"Syntax of {machine.name.text}", "", *paragraph(f"{_ABOUT} {sizes}."), "", *aligned(rows)])


def _rows(branch: Branch, depth: int) -> list[tuple[str, str, str]]:
    rows = [(f"{branch.line:4}", "  " * depth + branch.kind, branch.text)]
    return rows + [row for part in branch.parts for row in _rows(part, depth + 1)]


def syntax_document(syntax: Syntax) -> dict[str, Any]:
    """The whole tree: every node with its kind, its parts by name, and the line and column where it starts."""
    document: dict[str, Any] = _document(syntax.machine, syntax.source)
    return document


def _document(value: Any, source: Source) -> Any:
    if isinstance(value, tuple):
        return [_document(part, source) for part in value]
    if not is_dataclass(value):
        return value
    document: dict[str, Any] = {"node": _kind(value)}
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, Span):
            document["line"], document["column"] = source.place(part.start)
        else:
            document[field.name] = _document(part, source)
    return document
