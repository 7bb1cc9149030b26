"""The words of the language, and the words of a line."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

PARTS = ("use", "tape", "bounds", "start", "state", "test")
CLAUSES = ("on", "at", "otherwise", "write", "move", "->")  # in the order of a rule; `otherwise` stands for `on` and `at`
DIRECTIONS = ("left", "right", "up", "down", "stay")
EDGES = ("top", "bottom", "left", "right")
PIECE = re.compile(r"""\$?\w+|->|'.'|'[^'\n]*'?|"[^"\n]*"?|.""")


def pieces(line: str) -> list[str]:
    """The words and signs of a line, without its comment."""
    found = []
    for piece in PIECE.findall(line):
        if piece == "#":
            break
        if piece.strip():
            found.append(piece)
    return found


def head(line: str) -> str:
    """The first word of a line, or the sign it begins with; empty for a blank line or a comment."""
    found = PIECE.match(line.lstrip())
    return found.group() if found and found.group() != "#" else ""


def near(word: str, words: Collection[str], likeness: float = 0.6) -> str:
    """The one of `words` that was probably meant, or nothing. `likeness`: how much alike they must be, from 0 to 1."""
    if len(word) >= 40:
        return ""
    word = word.lower()
    swapped = [other for other in words if sorted(other) == sorted(word)]  # `strat` is `start`, though as much like `state`
    return next(iter(swapped or get_close_matches(word, words, 1, likeness)), "")
