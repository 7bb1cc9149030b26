"""Laying out text: columns, lists that fill lines, and names for symbols and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tmc.ir.table import file_of
from tmc.width import padded, width_of

WIDTH = 120  # characters of a line, where words allow it


def aligned(rows: Sequence[Sequence[str]], indent: int = 0) -> list[str]:
    """Rows of cells as lines in columns, two spaces apart; a row may have fewer cells than others."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max((width_of(row[k]) for row in rows if k < len(row)), default=0) for k in range(columns)]
    margin = " " * indent
    return [(margin + "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=False))).rstrip() for row in rows]


def filled(first: str, parts: Iterable[str], separator: str = " ∧ ") -> list[str]:
    """Parts one after the other, broken into lines between parts only; `first` stands before the first line, a margin of its
    width before others."""
    lines, line = [], first
    margin, empty = " " * len(first), True
    parts = list(parts)
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        piece = part if last else part + separator
        if not empty and len(line) + len(piece.rstrip()) > WIDTH:
            lines.append(line.rstrip())
            line, empty = margin, True
        line, empty = line + piece, False
    return [*lines, line.rstrip()]


def paragraph(text: str) -> list[str]:
    """Running text as lines."""
    return filled("", text.split(), separator=" ")


def count(number: int, noun: str) -> str:
    """Such as ``1 rule`` or ``2 rules``; thousands stand apart."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def grouped(number: int) -> str:
    """A number with its thousands apart, such as ``40 949``."""
    return f"{number:,}".replace(",", " ")


def symbol_name(symbol: str) -> str:
    """A symbol as the language writes it: quoted unless it is a letter, a digit or the blank."""
    return symbol if symbol == "_" or symbol.isalnum() else f"'{symbol}'"


def heading(rule: str, line: int, files: tuple[tuple[str, str], ...] = ()) -> str:
    """A rule's name and the source line it comes from (0: the construction's own), with its file if that is another than the
    machine's own: `files`, by rule."""
    return f"{rule} ({origin(line, file_of(rule, files))})" if line else rule


def origin(line: int, file: str) -> str:
    """Where a rule stands: ``line 29``, or ``std.tm:29``."""
    return f"{file}:{line}" if file else f"line {line}"


def without_shared(groups: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """What all of some lists of literals have in common, and what remains of each."""
    shared = [literal for literal in groups[0] if all(literal in group for group in groups)]
    return shared, [[literal for literal in group if literal not in shared] for group in groups]


def text_of(lines: Iterable[str]) -> str:
    """Lines as a text that ends with a line end."""
    return "\n".join(lines) + "\n"
