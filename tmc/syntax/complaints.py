"""The message about a line that does not fit the grammar; each frequent mistake has its own."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.syntax.complaints_about_names import glued_name
from tmc.syntax.complaints_about_signs import sign_does_not_fit
from tmc.syntax.complaints_in_rules import word_does_not_fit_in_rule
from tmc.syntax.prose import PROSE, Complaint, Misfit, did_you_mean, in_words, nothing_follows
from tmc.syntax.words import CLAUSES, PARTS, near

LIKELY = 0.7  # how much like a word another must be to be taken for it, as the first of a line

# The block that a line needs around it, by the line's first word: what the line is, what the block is, how that begins.
HOMES = {
    **dict.fromkeys(("on", "at", "otherwise", "write", "move"), ("rule", "state", "state NAME")),
    **dict.fromkeys(("steps", "work"), ("bound", "`bounds` block", "bounds")),
    **dict.fromkeys(("example", "query", "data", "->"), ("line of a test", "test", 'test "name"')),
}
# Words of other languages, and what they are in this one.
_ELSEWHERE = {"else": "otherwise", "default": "otherwise", "if": "on", "when": "on"}


def complain(misfit: Misfit) -> Complaint:
    """What to say about a word that does not fit."""
    quote = misfit.found[:1]
    glued = glued_name(misfit)
    if glued:
        return glued
    if quote in ("'", '"') and (len(misfit.found) == 1 or quote != misfit.found[-1]):
        columns = misfit.column, misfit.column + 1
        return Complaint("this quote is not closed", "opened here", f"end it with {quote} on the same line", columns=columns)
    return sign_does_not_fit(misfit) or _word_does_not_fit(misfit)


def _word_does_not_fit(misfit: Misfit) -> Complaint:
    """A word of the language, or one that could be, in the wrong place."""
    if not misfit.before:
        return _line_does_not_fit(misfit.found, misfit.expected)
    if not misfit.found:
        return _line_too_short(misfit)
    first = misfit.before[0]
    special = _in_parentheses(misfit)
    if first in CLAUSES and "VERDICT" not in misfit.expected:
        special = special or word_does_not_fit_in_rule(misfit)
    if first in ("steps", "work"):
        special = special or _in_bound(misfit)
    return special or _other(misfit)


def _line_does_not_fit(found: str, expected: frozenset[str]) -> Complaint:
    """A line that cannot stand here, by its first word."""
    in_state = "ON" in expected
    if in_state and found in ("write", "move", "->"):
        always = "for a rule that always applies, begin it with `otherwise`"
        return Complaint("a rule needs `on`, `at` or `otherwise`", "no condition stands before this", always)
    in_library = "STATE" in expected and "TAPE" not in expected
    if in_library and (found in PARTS or (found in HOMES and found not in CLAUSES)):
        advice = "leave it out, or begin the file with a line such as `machine NAME`"
        return Complaint(f"a library has no `{found}`", "a file that names no machine holds states", advice)
    if "MACHINE" in expected:
        return Complaint(f"`{found}` stands before the `machine` line", "", "the first line of a file is `machine NAME`")
    if found in ("machine", "learner"):
        return Complaint(
            "a second machine", "", "a file describes one machine: move this one to a file of its own", Code.DEFINED_TWICE
        )
    if found in HOMES:
        line, block, opening = HOMES[found]
        return Complaint(f"a {line} outside a {block}", "", f"put it below a line such as `{opening}`")
    if found.startswith('"'):
        below = "the description of the machine stands directly below the `machine` line"
        return Complaint("a text that describes nothing", "", below)
    words = [prose.strip("`") for terminal, prose in PROSE.items() if terminal in expected]
    meant = near(found, [*words, *CLAUSES] if in_state else words, LIKELY)
    if in_state:
        meant = _ELSEWHERE.get(found.lower(), meant)
    if found in ("accept", "reject"):
        meant = f"otherwise -> {found}" if in_state else f"-> {found}" if "ARROW" in expected else ""
    return Complaint(f"no line begins with `{found}` here", "", did_you_mean(meant) or in_words(expected))


def _line_too_short(misfit: Misfit) -> Complaint:
    """A line that ends too early."""
    words, expected = misfit.before, misfit.expected
    last = words[-1]
    if last in ("machine", "learner", "tape", "state", "start", "test") and len(words) == 1:
        name = '"NAME"' if last == "test" else "NAME"
        what = f"name of the {last}" if last != "start" else "name of the first state"
        return Complaint(f"the {what} is missing", "", f"write `{last} {name}`")
    if words[0] in ("example", "query") and ("->" not in words or last == "->"):
        return Complaint("the label is missing", "", "end the line with `-> 0` or `-> 1`")
    if "QUOTED" in expected and misfit.after.lstrip().startswith("#"):
        return Complaint(f"nothing follows `{last}`", "", "`#` begins a comment: write '#' if the symbol is meant")
    if words.count("(") > words.count(")"):
        return Complaint("a parenthesis is not closed", "", in_words(expected))
    return nothing_follows(last, expected)


def _in_parentheses(misfit: Misfit) -> Complaint | None:
    """An argument or a parameter that is missing, or a comma between two, or the parenthesis that is closed."""
    before, found = misfit.before, misfit.found
    is_open = before.count("(") > before.count(")")
    if found == ")" and not is_open and "QUOTED" not in misfit.expected:
        return Complaint("no parenthesis is open here", "", "leave it out")
    if not is_open or before[0] not in (*CLAUSES, "state", "start"):
        return None
    what, separated = "an argument", "arguments are separated by commas, alternatives by `|`"
    if before[0] == "state":
        what, separated = "a parameter", "parameters are separated by commas"
    if found == ")" and before[-1] == "(":
        return Complaint("nothing stands between these parentheses", "", "leave them out")
    if found in (",", ")") and before[-1] in ("(", ","):
        return Complaint(f"{what} is missing before this", "", "write one, or leave out the comma")
    if found in (",", ")") and before[-1] == "|":
        return Complaint("an alternative is missing before this", "", "write one, or leave out the `|`")
    if "_COMMA" in misfit.expected and found[0] not in ",|(":
        return Complaint("a comma is missing before this", "", separated)
    return None


def _in_bound(misfit: Misfit) -> Complaint | None:
    """A polynomial has no minus and no division, and no factor without its `*`."""
    last, found = misfit.before[-1], misfit.found
    if found == "-":
        return Complaint("a bound has no minus", "", "a bound is a promise: leave the subtraction out, and it still holds")
    if found == "/":
        return Complaint("a bound has no division", "", "a bound is a promise: leave the division out, and it still holds")
    if last.isdigit() and found.isidentifier():
        return Complaint("a `*` is missing", "", f"write `{last}*{found}`")
    return None


def _other(misfit: Misfit) -> Complaint:
    found, expected, before = misfit.found, misfit.expected, misfit.before
    if "WORD" in expected and found.startswith('"'):
        return Complaint("symbols stand in single quotes", "", "write one character between single quotes, such as '#'")
    if "QUOTED" in expected and len(found) == 1:
        return Complaint(f"the symbol `{found}` needs quotes", "", f"write '{found}'")
    if before[:1] in (["machine"], ["learner"], ["state"]) and len(before) == 2 and found.isalnum() and found not in CLAUSES:
        return Complaint("a name is one word", "", f"write `{before[1]}_{found}`")
    if before == ["bounds"] and found in ("steps", "work"):
        return Complaint(f"`{found}` stands on a line of its own", "", f"write `bounds` alone, and `{found} …` on the next line")
    if "NAME" in expected and found[0].isdigit():
        return Complaint(f"`{found}` cannot be a name", "", "a name begins with a letter")
    return Complaint(f"`{found}` does not fit here", "", in_words(expected))
