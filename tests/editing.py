"""Texts with a cursor in them, and a machine that uses a library: for the tests of the editor."""

from __future__ import annotations

from pathlib import Path

from tmc.editor.reading import Document, follow
from tmc.source import Source

CURSOR = "‸"

LIBRARY = """\
# Walk until `mark`.
state seek(mark, way, next)
    on mark     -> next
    otherwise   move way

state unasked
    otherwise   -> seek(0, left, accept)
"""

MACHINE = """\
machine m   # not about the tape
    "Does little."

use "walks.tm"

tape data: line of _ 0 1 '#'    # what is read
# Left over.
tape tally: line of _ 0 1 x

bounds
    steps  2*n + 3

start seek(0|1, left, put(_, accept))

# Puts `sym`, wherever it is.
#
# And again.
state put(sym, next)
    on $x in 0|1, $x    write sym, $x         -> put($x, next)
    on 0, x             move left, stay
    on $x, 'x'          write $x, 'x'         -> seek(_, right, put(sym, next))
    otherwise                                 -> next

# Not this one.

state idle
    on sym|'#'          -> idle
    otherwise           -> reject

test "a b"
    data 10'#'
    -> stuck
    tally is 01
"""


def folder_with_library(folder: Path) -> Path:
    """A folder with the library; returns the path for the machine that uses it."""
    (folder / "walks.tm").write_text(LIBRARY, encoding="utf-8")
    return folder / "m.tm"


def opened(text: str, path: Path | str = "m.tm") -> Document:
    """A text as it is when it is opened."""
    return follow(None, Source(str(path), text))


def cursor_in(text: str, path: Path | str = "m.tm") -> tuple[Document, int]:
    """A text without its cursor, and where that was."""
    before, after = text.split(CURSOR)
    return opened(before + after, path), len(before)


def place_of(text: str, part: str, count: int = 1) -> int:
    """Where a part of a text begins: the first, or the `count`th."""
    start = -1
    for _ in range(count):
        start = text.index(part, start + 1)
    return start
