"""The words of the language, and the words of a line."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import accumulate

PARTS = ("use", "tape", "bounds", "start", "state", "test")
CLAUSES = ("on", "at", "otherwise", "write", "move", "->")  # in the order of a rule; `otherwise` stands for `on` and `at`
DIRECTIONS = ("left", "right", "up", "down", "stay")
EDGES = ("top", "bottom", "left", "right")
BLANK_SIGNS = ("⊔", "□", "␣", "␢", "▢", "◻", "∅")  # how the blank is written elsewhere
BLANK_LETTERS = ("B", "b", "Δ", "ε", "λ", " ")
BLANK_WORDS = ("blank", "empty", "space", "epsilon", "null")
DEEPEST_NESTING = 50  # of parentheses in a bound or in a rule
_INDENT = r"^(?:[^\S\n]|[\ufeff\u200b])*"  # what looks like one, though some of it is complained about later
FIRST_WORD = re.compile(_INDENT + r"([^#\s\ufeff\u200b]+)", re.MULTILINE)
_NAMES_ONE = re.compile(_INDENT + r"(machine|learner)\b", re.MULTILINE)
PIECE = re.compile(r"""\$?\w+|->|'.'|'[^'\n]*'?|"[^"\n]*"?|.""")


def names_a_machine(text: str) -> bool:
    """Whether a line of a text begins as the one that names a machine does."""
    return _NAMES_ONE.search(text) is not None


def is_library(text: str) -> bool:
    """Whether a text is a library: it names no machine, and begins with a state or with `use`."""
    first = FIRST_WORD.search(text)
    return first is not None and not names_a_machine(text) and head(first.group(1)) in ("use", "state")


def is_tests(text: str) -> bool:
    """Whether a text is nothing but tests, for machines of others: it names no machine, and begins with a test."""
    first = FIRST_WORD.search(text)
    return first is not None and not names_a_machine(text) and head(first.group(1)) == "test"


def lines_of(text: str) -> list[str]:
    """The lines of a text; in place of a byte order mark there is a blank, which keeps offsets true."""
    lines = text.split("\n")
    lines[0] = lines[0].replace("\ufeff", " ")
    return lines


def pieces(line: str) -> list[str]:
    """The words and signs of a line, without its comment."""
    found = []
    for piece in PIECE.findall(line):
        if piece == "#":
            break
        if piece.strip():
            found.append(piece)
    return found


def is_too_deep(line: str) -> bool:
    """Whether a line has parentheses nested so deep that walking them could exhaust the stack."""
    if line.count("(") <= DEEPEST_NESTING:
        return False
    depths = accumulate((piece == "(") - (piece == ")") for piece in pieces(line))
    return max(depths, default=0) > DEEPEST_NESTING


def head(line: str) -> str:
    """The first word of a line, or the sign it begins with; empty for a blank line or a comment."""
    found = PIECE.match(line.lstrip())
    return found.group() if found and found.group() != "#" else ""


def near(word: str, words: Collection[str], likeness: float = 0.6) -> str:
    """The one of `words` that was probably meant, or nothing. `likeness`: how much alike they must be, from 0 to 1."""
    if len(word) >= 40:
        return ""
    from difflib import get_close_matches  # only those who misspell a word wait for it

    word = word.lower()
    swapped = [other for other in words if sorted(other) == sorted(word)]  # `strat` is `start`, though as much like `state`
    return next(iter(swapped or get_close_matches(word, words, 1, likeness)), "")
