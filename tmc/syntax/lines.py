"""The lines of a text, one by one: code and comment apart, and code in its one spacing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from tmc.frozen import frozen
from tmc.syntax.words import PARTS, PIECE, pieces

OPENERS = ("machine", "learner", *PARTS)  # the first words of blocks

_BOUND_WIDTH = len("steps  ")
_NAMES_OF_ROWS = {"query": "query  "}  # as wide as `example`
_RUN = re.compile(r"""->|(?:'.'|'[^']*'|\w)+""")  # in a test, neighbouring symbols stay together: 1'#'0
_GLUED = ",|():"  # no blank before these
_GLUING = "|("  # nor after these
_KEYWORDS = ("on", "in", "at", "write", "move", "->")  # after which something must follow


@frozen
class SourceLine:
    """A line: its code and its comment (with the ``#``), each maybe empty, and how far it was indented."""

    code: str
    comment: str
    indent: int

    @property
    def blank(self) -> bool:
        """Whether nothing is on it."""
        return not self.code and not self.comment

    def words(self) -> list[str]:
        """The words and signs of the code."""
        return pieces(self.code)

    def opens(self, kind: str) -> bool:
        """Whether it opens a block, when it stands in a block that `kind` opened."""
        words = self.words()
        tape_is = kind == "test" and words[1:2] == ["is"] and len(words) > 2  # a tape may be named `state`
        return words[0] in OPENERS and not tape_is


def split(text: str) -> list[SourceLine]:
    """The lines of a text."""
    return [_line(line.rstrip(" \t\r")) for line in text.removeprefix("\ufeff").split("\n")]


def _line(text: str) -> SourceLine:
    comment = next((piece.start() for piece in PIECE.finditer(text) if piece.group() == "#"), len(text))
    return SourceLine(text[:comment].strip(" \t"), text[comment:], len(text) - len(text.lstrip(" \t")))


def spaced(words: Iterable[str]) -> str:
    """Words with a blank between them where one belongs: ``-> seek(0|1, left, accept)``."""
    text = ""
    for before, word in pairwise(["(", *words]):
        text += word if word in _GLUED or before in _GLUING else f" {word}"
    return text


def bound(words: list[str]) -> str:
    """``steps  2*n + 3``."""
    return words[0].ljust(_BOUND_WIDTH) + _sum(words[1:])


def _sum(words: list[str]) -> str:
    return " + ".join(_product(term) for term in _parted(words, "+"))


def _product(words: list[str]) -> str:
    sign = " * " if "(" in words else "*"
    return sign.join(_power(factor) for factor in _parted(words, "*"))


def _power(words: list[str]) -> str:
    if words[0] != "(":
        return "".join(words)
    close = len(words) - words[::-1].index(")") - 1
    return f"({_sum(words[1:close])}){''.join(words[close + 1 :])}"


def _parted(words: list[str], sign: str) -> list[list[str]]:
    """The words between signs that stand in no parentheses."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == sign and not depth:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def line_of_test(code: str) -> str:
    """``query   0 0 1 -> 1``."""
    first = pieces(code)[0]
    words = [first, *_RUN.findall(code[len(first) :])]
    if words[1] != "is":
        words[0] = _NAMES_OF_ROWS.get(first, first)
    return " ".join(words)


def clauses(words: list[str]) -> tuple[str, str, str, str]:
    """The condition of a rule, what it writes, its moves and where it goes, the last three maybe empty."""
    parts: dict[str, list[str]] = {"": [], "write": [], "move": [], "->": []}
    clause = ""
    wanting = False  # something must follow, which is no clause then, whatever its name
    for word in words:
        keyword = word in _KEYWORDS and not wanting
        if keyword and word in parts:
            clause = word
        parts[clause].append(word)
        wanting = word in ",|(" or keyword
    condition, write, move, target = map(spaced, parts.values())
    return condition, write, move, target
