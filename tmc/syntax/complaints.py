"""What is wrong with a line that does not fit the grammar: the frequent mistakes, each with words of its own."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

PARTS = ("use", "tape", "bounds", "start", "state", "test")
CLAUSES = ("on", "at", "otherwise", "write", "move", "->")  # in the order of a rule; `otherwise` stands for `on` and `at`
DIRECTIONS = ("left", "right", "up", "down", "stay")
EDGES = ("top", "bottom", "left", "right")
PIECE = re.compile(r"""\$?\w+|->|'.'|'[^'\n]*'?|"[^"\n]*"?|.""")

# The block that a line needs around it, by the line's first word: what the line is, what the block is, how that begins.
_HOMES = {
    **dict.fromkeys(("on", "at", "otherwise", "write", "move"), ("rule", "state", "state NAME")),
    **dict.fromkeys(("steps", "work"), ("bound", "`bounds` block", "bounds")),
    **dict.fromkeys(("example", "query", "data", "->"), ("line of a test", "test", 'test "name"')),
}
# What may stand at a place, in words, in the order of being said; other terminals of the grammar are keywords, written as they are.
_PROSE = {
    "NAME": "a name",
    "TAPE_IS": "`TAPE is TEXT`",
    "WORD": "a symbol",
    "CAPTURED": "a capture such as `$x`",
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "KIND": "`grid` or `line`",
    "EDGE": "an edge (top, bottom, left, right)",
    "VERDICT": "`accept`, `reject` or `stuck`",
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
_ARGUMENTS = {
    "on": "write a symbol, alternatives such as `0|1`, a capture such as `$x`, or `*` for any",
    "at": "write edges of the grid: top, bottom, left, right",
    "write": "write a symbol, or `.` to leave the tape as it is",
    "move": "write a direction, or `.` to stay",
    "->": "write the name of a state, `accept` or `reject`",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """The words of a diagnostic."""

    message: str
    label: str = ""
    help: str = ""
    code: str = "TMC001"


def pieces(line: str) -> list[str]:
    """The words and signs of a line, without its comment."""
    found = []
    for piece in PIECE.findall(line):
        if piece == "#":
            break
        if piece.strip():
            found.append(piece)
    return found


def near(word: str, words: Collection[str]) -> str:
    """The one of `words` that was probably meant, or nothing."""
    return next(iter(get_close_matches(word, words, 1)), "") if len(word) < 40 else ""


def line_does_not_fit(found: str, expected: frozenset[str]) -> Complaint:
    """A line that cannot stand here, by its first word."""
    in_state = "ON" in expected
    if "STATE" in expected and "TAPE" not in expected and "MACHINE" not in expected and found in (*PARTS, *_HOMES):
        advice = "leave it out, or begin the file with a line such as `machine NAME`"
        return Complaint(f"a library has no `{found}`", "a file that names no machine holds states", advice)
    if "MACHINE" in expected:
        return Complaint(f"`{found}` stands before the `machine` line", "", "the first line of a file is `machine NAME`")
    if found in ("machine", "learner"):
        return Complaint("a second machine", "", "a file describes one machine: move this one to a file of its own", "TMC011")
    if in_state and found in ("write", "move", "->"):
        always = "for a rule that always applies, begin it with `otherwise`"
        return Complaint("a rule needs `on`, `at` or `otherwise`", "no condition stands before this", always)
    if found in _HOMES:
        line, block, opening = _HOMES[found]
        return Complaint(f"a {line} outside a {block}", "", f"put it below a line such as `{opening}`")
    if found.startswith('"'):
        below = "the description of the machine stands directly below the `machine` line"
        return Complaint("a text that describes nothing", "", below)
    words = [prose.strip("`") for terminal, prose in _PROSE.items() if terminal in expected]
    meant = near(found, [*words, *CLAUSES] if in_state else words)
    return Complaint(f"no line begins with `{found}` here", "", _did_you_mean(meant) or _expected(expected))


def line_too_short(words: list[str], expected: frozenset[str]) -> Complaint:
    """A line that ends too early."""
    last = words[-1]
    if last in ("machine", "learner", "tape", "state", "start", "test") and len(words) == 1:
        name = '"NAME"' if last == "test" else "NAME"
        what = f"name of the {last}" if last != "start" else "name of the first state"
        return Complaint(f"the {what} is missing", "", f"write `{last} {name}`")
    if words[0] in ("example", "query") and "->" not in words:
        return Complaint("the label is missing", "", "end the line with `-> 0` or `-> 1`")
    if words.count("(") > words.count(")"):
        return Complaint("a parenthesis is not closed", "", _expected(expected))
    return _nothing_follows(last, expected)


def word_does_not_fit(before: list[str], found: str, expected: frozenset[str]) -> Complaint:
    """A word that cannot stand where it does, after the words `before` it."""
    if found == ")" and before[-1] == "(":
        return Complaint("nothing stands between these parentheses", "", "leave them out")
    if (
        before[0] in (*CLAUSES, "state")
        and before.count("(") > before.count(")")
        and "_COMMA" in expected
        and found[0] not in ",|("
    ):
        what = (
            "arguments are separated by commas, alternatives by `|`"
            if before[0] != "state"
            else "parameters are separated by commas"
        )
        return Complaint("a comma is missing before this", "", what)
    if before[0] in CLAUSES and found.startswith("$"):
        return _capture_does_not_fit(before, found, expected)
    if before[0] in CLAUSES and "VERDICT" not in expected:
        return _clause_does_not_fit(before, found, expected) or _other(found, expected)
    if before[0] in ("steps", "work") and found == "-":
        return Complaint("a bound has no minus", "", "a bound is a promise: leave the subtraction out, and it still holds")
    if before[0] in ("steps", "work") and before[-1].isdigit() and found.isidentifier():
        return Complaint("a `*` is missing", "", f"write `{before[-1]}*{found}`")
    return _other(found, expected)


def _capture_does_not_fit(before: list[str], found: str, expected: frozenset[str]) -> Complaint:
    """A word that begins with `$` and is out of place, or no capture."""
    if found == "$":
        return Complaint("a capture needs a name", "", "write `$x`, or '$' if the symbol is meant")
    if not found[1:].isidentifier():
        return Complaint(f"`{found}` cannot be a capture", "", "its name begins with a letter, as in `$x`")
    if before[-1] == "->":
        return Complaint("a captured symbol is not a state", "", _ARGUMENTS["->"])
    return _other(found, expected)


def _clause_does_not_fit(before: list[str], found: str, expected: frozenset[str]) -> Complaint | None:
    """A word out of place in a rule."""
    clauses = [word for word in before if word in CLAUSES]
    if len(before) > 1 and before[-1] in CLAUSES and before[-2] in CLAUSES[:2] + CLAUSES[3:] and found not in CLAUSES:
        return _nothing_follows(before[-2], frozenset())
    if found in CLAUSES:
        return _clause_out_of_order(clauses, before[-1], found, expected)
    meant = near(found, (*CLAUSES, *EDGES) if clauses[-1] == "at" else CLAUSES)
    if clauses[-1] == "at" and found[0].isalpha() and meant not in CLAUSES:
        return Complaint(f"`{found}` is not an edge", "", _did_you_mean(meant) or "the edges are top, bottom, left and right")
    if "_COMMA" in expected and (_is_symbol(found) or found in ".*" or (clauses[-1] == "move" and found in DIRECTIONS)):
        on = clauses[-1] == "on"
        one_each = "alternatives are separated by `|`, tapes by `,`" if on else "write one item per tape, separated by commas"
        return Complaint("a comma is missing before this", "", one_each)
    if found[0].isalpha():
        known = "the clauses of a rule are `on`, `at`, `otherwise`, `write`, `move` and `->`"
        return Complaint(f"no clause is called `{found}`", "", _did_you_mean(meant) or known)
    return None


def _is_symbol(found: str) -> bool:
    return found.startswith("'") or (len(found) == 1 and (found.isalnum() or found == "_"))


def _clause_out_of_order(clauses: list[str], last: str, found: str, expected: frozenset[str]) -> Complaint:
    """A clause that stands where it cannot, after other clauses."""
    if last in (",", "|", "not", "in") or (last in CLAUSES and last != "otherwise"):
        return _nothing_follows(last, expected)
    if found in clauses:
        return Complaint(f"a second `{found}` in one rule", "", "a rule has each clause once; put the rest into a rule of its own")
    if ("otherwise" in clauses and found in ("on", "at")) or found == "otherwise":
        return Complaint("`otherwise` is a condition of its own", "", "leave out `otherwise`, or what stands beside it")
    later = next((clause for clause in clauses if CLAUSES.index(clause) > CLAUSES.index(found)), last)
    order = "the clauses of a rule stand in the order `on`, `at`, `write`, `move`, `->`"
    return Complaint(f"`{found}` must stand before `{later}`", "", order)


def _other(found: str, expected: frozenset[str]) -> Complaint:
    if "WORD" in expected and found.startswith('"'):
        return Complaint("symbols stand in single quotes", "", "write one character between single quotes, such as '#'")
    if "QUOTED" in expected and len(found) == 1 and found.isprintable():
        return Complaint(f"the symbol `{found}` needs quotes", "", f"write '{found}'")
    if "NAME" in expected and found[0].isdigit():
        return Complaint(f"`{found}` cannot be a name", "", "a name begins with a letter")
    shown = f"`{found}`" if found.isprintable() else f"the character U+{ord(found[0]):04X}"
    return Complaint(f"{shown} does not fit here", "", _expected(expected))


def _nothing_follows(word: str, expected: frozenset[str]) -> Complaint:
    return Complaint(f"nothing follows `{word}`", "", _ARGUMENTS.get(word) or _expected(expected))


def _expected(expected: frozenset[str]) -> str:
    words = list(dict.fromkeys(prose for terminal, prose in _PROSE.items() if terminal in expected))
    if not words:
        return ""
    return "expected " + " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _did_you_mean(word: str) -> str:
    return f"did you mean `{word}`?" if word else ""
