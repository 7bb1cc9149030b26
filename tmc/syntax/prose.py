"""What complaints about a line are made of: the word that does not fit, what could stand there, the words of a diagnostic."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.frozen import frozen
from tmc.syntax.words import PARTS, pieces

# What may stand at a place, in words, in the order of being said; other terminals of the grammar are keywords, written as they are.
PROSE = {
    "NAME": "a name",
    "TAPE_IS": "`TAPE is TEXT`",
    "WORD": "a symbol",
    "CAPTURED": "a capture such as `$x`",
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "KIND": "`grid` or `line`",
    "EDGE": "an edge (top, bottom, left, right)",
    "VERDICT": "`accept`, `reject`, `stuck` or `loop`",
    "STAR": "`*`",
    "DOT": "`.`",
    "CARET": "`^`",
    "_COLON": "`:`",
    "_COMMA": "`,`",
    "_OR": "`|`",
    "_PLUS": "`+`",
    "_TIMES": "`*`",
    "_OPEN": "`(`",
    "_CLOSE": "`)`",
    **{word.upper(): f"`{word}`" for word in ("steps", "work", "of", "on", "not", "at", "otherwise", "write", "move", "is", "in")},
    **{word.upper(): f"`{word}`" for word in ("example", "query", "data")},
    "ARROW": "`->`",
    **{word.upper(): f"`{word}`" for word in ("machine", "learner", *PARTS)},
    "_NL": "the end of the line",
}

# What follows a clause's word.
ARGUMENTS = {
    "on": "write a symbol, alternatives such as `0|1`, a capture such as `$x`, or `*` for any",
    "at": "write edges of the grid: top, bottom, left, right",
    "write": "write a symbol, or `.` to leave the tape as it is",
    "move": "write a direction, or `.` to stay",
    "->": "write the name of a state, `accept` or `reject`",
}


@frozen
class Misfit:
    """A word that cannot stand where it does: its line, its column (from 0), what could stand there instead.

    At the end of a line that is too short, `found` is empty. `states`: the names of the states of the text.
    """

    line: str
    column: int
    found: str
    expected: frozenset[str]
    states: frozenset[str] = frozenset()

    @property
    def before(self) -> list[str]:
        """The words before it."""
        return pieces(self.line[: self.column])

    @property
    def after(self) -> str:
        """The text behind it, a comment too."""
        return self.line[self.column + len(self.found) :]


@frozen
class Complaint:
    """The words of a diagnostic. `columns`: where the carets stand, if not under the word that does not fit."""

    message: str
    label: str = ""
    help: str = ""
    code: Code = Code.SYNTAX
    columns: tuple[int, int] | None = None


def nothing_follows(word: str, expected: frozenset[str]) -> Complaint:
    """The complaint about a word with nothing behind it."""
    return Complaint(f"nothing follows `{word}`", "", ARGUMENTS.get(word) or in_words(expected))


def in_words(expected: frozenset[str]) -> str:
    """What could stand at a place, as a help."""
    words = list(dict.fromkeys(prose for terminal, prose in PROSE.items() if terminal in expected))
    if not words:
        return ""
    return "expected " + " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def did_you_mean(word: str) -> str:
    """A guess as a help; "" without a guess."""
    return f"did you mean `{word}`?" if word else ""
