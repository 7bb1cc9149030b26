"""The formatting of a text: blocks apart, rules in columns, every comment kept and the meaning unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, fields, is_dataclass
from itertools import pairwise

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.source import Source, Span
from tmc.syntax.columns import GAP, Columns, columns, lay_out
from tmc.syntax.lines import SourceLine, bound, clauses, line_of_test, spaced, split
from tmc.syntax.parser import parse_any
from tmc.width import padded, width_of

INDENT = " " * 4
BODIES = ("machine", "learner", "bounds", "state", "test")  # blocks that have lines below their first
GROUPED = ("use", "tape")  # lines that stand one below another
WIDEST = 80  # a longer line has its comment just behind it, and does not push those of other lines to the right


@frozen
class Block:
    """Lines that stand together: a part of the file with the comments before it, and its body.

    `kind` is the first word of its code; "" for comments at the end of the file.
    """

    kind: str
    head: list[SourceLine] = field(default_factory=list)
    body: list[SourceLine] = field(default_factory=list)


def format_source(source: Source) -> str:
    r"""The text of a machine or a library in its one formatting.

    Its lines end as they did: with CRLF if most of them do, else with LF. Formatting twice changes nothing more. Raises
    `SourceRejected` with all syntax errors.

    ::

        >>> format_source(Source("m.tm", "machine m\nstate go\non 1 move right->stop"))
        'machine m\n\nstate go\n    on 1        move right   -> stop\n'
    """
    before = parse_any(source)
    text = _formatted(split(source.text))
    after = parse_any(Source(source.name, text))
    if _meaning(before) != _meaning(after) or _comments(source.text) != _comments(text):
        raise InternalError(f"formatting {source.name} would change more than its looks")
    returns = source.text.count("\r\n")
    return text.replace("\n", "\r\n") if 2 * returns > source.text.count("\n") else text


def _formatted(lines: list[SourceLine]) -> str:
    blocks = _blocks(lines)
    table = columns([clauses(line.words()) for block in blocks if block.kind == "state" for line in block.body if line.code])
    return "\n\n".join("\n".join(_laid_out(block, table)) for block in blocks) + "\n"


def _blocks(lines: list[SourceLine]) -> list[Block]:
    """The blocks of a text. A comment belongs to what follows it, unless it is further in than the block that follows."""
    blocks = [Block("")]
    waiting: list[SourceLine] = []  # blank lines and comments since the last line of code
    for line in lines:
        if not line.code:
            waiting.append(line)
            continue
        begins = line.opens(blocks[-1].kind)
        if begins:
            _begin(blocks, line.words()[0], waiting, line.indent)
        place = blocks[-1].head if begins else blocks[-1].body
        place += [*waiting, line]
        waiting = []
    _begin(blocks, "", waiting, 0)
    blocks[-1].head.extend(waiting)
    return [block for block in blocks if _tidy(block.head)]


def _begin(blocks: list[Block], kind: str, waiting: list[SourceLine], indent: int) -> None:
    """Begin a block, unless the last goes on; it gets those of the `waiting` lines that are its own."""
    last = blocks[-1]
    if last.kind == kind and kind in GROUPED:
        return
    if last.kind in BODIES:
        own = next((number for number, line in enumerate(waiting) if line.comment and line.indent <= indent), len(waiting))
        last.body.extend(waiting[:own])
        del waiting[:own]
    blocks.append(Block(kind))


def _tidy(lines: list[SourceLine]) -> list[SourceLine]:
    """The lines without blank ones at the beginning, at the end, and after another."""
    kept = [line for before, line in pairwise([SourceLine("", "", 0), *lines]) if not (before.blank and line.blank)]
    return kept[:-1] if kept and kept[-1].blank else kept


def _laid_out(block: Block, table: Columns) -> list[str]:
    head, body = _tidy(block.head), _tidy(block.body)
    code = _body_code(block.kind, [line for line in body if line.code], table)
    return [
        *_commented(head, [spaced(line.words()) for line in head if line.code], ""),
        *_commented(body, code, INDENT),
    ]


def _body_code(kind: str, lines: list[SourceLine], table: Columns) -> list[str]:
    match kind:
        case "state":
            return lay_out([clauses(line.words()) for line in lines], table)
        case "bounds":
            return [bound(line.words()) for line in lines]
        case "test":
            return [line_of_test(line.code) for line in lines]
    return [line.code for line in lines]


def _commented(lines: list[SourceLine], code: list[str], indent: str) -> list[str]:
    """The lines with their new code, indented, and with their comments, one below another."""
    remaining = iter(code)
    texts = [indent + (next(remaining) if line.code else "") for line in lines]
    widths = [width_of(text) for text, line in zip(texts, lines, strict=True) if line.code and line.comment]
    column = max((width for width in widths if width <= WIDEST), default=0) + GAP
    return [_line(text, line, column) for text, line in zip(texts, lines, strict=True)]


def _line(text: str, line: SourceLine, column: int) -> str:
    if not line.code or not line.comment:
        return (text + line.comment).rstrip(" \t")
    return padded(text, max(column, width_of(text) + GAP)) + line.comment


def _comments(text: str) -> list[str]:
    return [line.comment for line in split(text) if line.comment]


def _meaning(node: object) -> object:
    """A tree without its places in the text."""
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_meaning(child) for child in node]
    if is_dataclass(node):
        parts = [getattr(node, part.name) for part in fields(node)]
        return type(node), [_meaning(part) for part in parts if not isinstance(part, Span)]
    return node
