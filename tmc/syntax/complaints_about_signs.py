"""What is wrong with a sign that does not fit: arrows, quotes and blanks of other kinds, accents, colons and commas too many."""

from __future__ import annotations

import re
from unicodedata import category, name, normalize

from tmc.syntax.prose import Complaint, Misfit
from tmc.syntax.words import BLANK_SIGNS, CLAUSES, head

_ARROW = re.compile(r"[→⇒⟶➔➜]|[-=–—−~]+[ \t]*>|>")
_CURLED = re.compile(r"""[‘’‚‛´`]([^‘’´`'\n]+)[‘’´`']|[“”„]([^“”"\n]*)[“”"]""")
_COMMENT = re.compile(r"//|/\*|--")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_NEGATIONS = ("!", "~", "^", "¬")
_RUN_BEGINS = ("of", "data", "is")  # the words before a run of symbols


def sign_does_not_fit(misfit: Misfit) -> Complaint | None:
    """The complaint about a sign that does not fit, if it is one of the usual."""
    usual = (_invisible, _accent, _arrow, _curled, _colon, _equals, _comma, _hole, _bracket, _comment, _blank, _not)
    return next(filter(None, (about(misfit) for about in usual)), None) if misfit.found else None


def is_invisible(character: str) -> bool:
    """Whether a character looks like a blank, or like nothing."""
    return character.isspace() or not character.isprintable()


def _invisible(misfit: Misfit) -> Complaint | None:
    first = misfit.found[0]
    if not is_invisible(first):
        return None
    end = misfit.column
    while misfit.line[end : end + 1] == first:
        end += 1
    called = f" ({name(first).lower()})" if name(first, "") else ""
    advice = "use ordinary blanks" if first.isspace() else "remove it"
    return Complaint(f"the character U+{ord(first):04X}{called} does not fit here", "", advice, columns=(misfit.column, end))


def _accent(misfit: Misfit) -> Complaint | None:
    """An accent that is a character of its own, behind its letter."""
    letter = misfit.line[misfit.column - 1 : misfit.column]
    if not category(misfit.found[0]).startswith("M") or not letter.strip():
        return None
    both = letter + misfit.found[0]
    one = normalize("NFC", both)
    message = f"`{both}` is two characters: `{letter}` and an accent, U+{ord(both[1]):04X}"
    advice = f"write it as one, U+{ord(one):04X}" if len(one) == 1 else "leave the accent out"
    return Complaint(message, "", advice, columns=(misfit.column - 1, misfit.column + 1))


def _arrow(misfit: Misfit) -> Complaint | None:
    """Another arrow; a single sign may be meant as a symbol where one can stand."""
    arrow = _ARROW.match(misfit.line, misfit.column)
    if not arrow or misfit.found == "->":
        return None
    if "ARROW" not in misfit.expected and ("QUOTED" in misfit.expected or arrow.group() == ">") and len(arrow.group()) == 1:
        return None
    return Complaint("an arrow is written `->`", columns=arrow.span())


def _curled(misfit: Misfit) -> Complaint | None:
    """Quotes as a word processor makes them."""
    quoted = _CURLED.match(misfit.line, misfit.column)
    if not quoted:
        return None
    within = quoted.group(1) or quoted.group(2)
    straight = f"'{within}'" if quoted.group(1) or "QUOTED" in misfit.expected else f'"{within}"'
    return Complaint("these quotes are not straight", "", f"write {straight}", columns=quoted.span())


def _colon(misfit: Misfit) -> Complaint | None:
    if misfit.found != ":":
        return None
    follows = head(misfit.after)
    if "QUOTED" in misfit.expected and (len(misfit.before) > 1 or follows in ("", ",", "|", *CLAUSES)):
        return None  # it may be meant as a symbol
    if misfit.before == ["tape"]:
        return Complaint("the name of the tape is missing", "", "write `tape NAME:`")
    what = f"`{misfit.before[0]}` takes no colon" if len(misfit.before) == 1 else "no colon stands here"
    return Complaint(what, "", "leave it out")


def _equals(misfit: Misfit) -> Complaint | None:
    """`data = 1` or `work: 1` in a test, where only `data` can stand without `is`."""
    here = misfit.found == "=" and misfit.before == ["data"]
    next_to_it = "TAPE_IS" in misfit.expected and misfit.found.isidentifier() and head(misfit.after) in ("=", ":")
    if not (here or next_to_it):
        return None
    tape = "data" if here else misfit.found
    return Complaint("what a tape holds is written with `is`", "", f"write `{tape} is` and the symbols")


def _comma(misfit: Misfit) -> Complaint | None:
    """A comma between symbols that form a run."""
    before = misfit.before
    if misfit.found not in (",", ";", "|") or not before or before[-1] in _RUN_BEGINS:
        return None
    if before[0] in ("example", "query") and "WORD" in misfit.expected:
        return Complaint("values are separated by blanks", "", "leave it out")
    if (before[0] in ("tape", "data") or before[1:2] == ["is"]) and "QUOTED" in misfit.expected:
        advice = f"leave it out, or write '{misfit.found}' if it is a symbol"
        return Complaint("symbols are separated by blanks", "", advice)
    return None


def _hole(misfit: Misfit) -> Complaint | None:
    """A hole in a line where some could stand, but not here."""
    if misfit.found != "?" or misfit.before[:1] not in (["start"], *([word] for word in CLAUSES)) or "_COMMA" in misfit.expected:
        return None
    advice = "`?` stands for a whole pattern, for what is written, for a direction, or for a state behind `->`"
    advice += "; write '?' if the symbol is meant" if "QUOTED" in misfit.expected else ""
    return Complaint("no hole can stand here", "", advice)


def _bracket(misfit: Misfit) -> Complaint | None:
    """Brackets around symbols."""
    close = _BRACKETS.get(misfit.found)
    if not close or close not in misfit.after or "QUOTED" not in misfit.expected:
        return None
    return Complaint("symbols stand without brackets", "", f"leave `{misfit.found}` and `{close}` out, or quote what is a symbol")


def _blank(misfit: Misfit) -> Complaint | None:
    """A sign that stands for the blank elsewhere."""
    if misfit.found not in BLANK_SIGNS or "QUOTED" not in misfit.expected:
        return None
    return Complaint("the blank is written `_`", "", f"write `_`, or '{misfit.found}' if that symbol is meant")


def _not(misfit: Misfit) -> Complaint | None:
    """`on !_`: a sign that says what is not read."""
    if misfit.found not in _NEGATIONS or misfit.before[-1:] not in (["on"], [","], ["|"], ["in"]) or misfit.before[0] != "on":
        return None
    if not misfit.after[:1].isalnum() and misfit.after[:1] not in ("_", "'", "(", "["):
        return None
    advice = "list the symbols that may be read, such as `0|1`; or put a rule for the others above, and write `otherwise` here"
    return Complaint("a pattern cannot say what is not read", "", advice)


def _comment(misfit: Misfit) -> Complaint | None:
    """A comment of another language, or the end of a line there."""
    if "QUOTED" in misfit.expected or misfit.before[:1] in (["steps"], ["work"]):
        return None
    comment = _COMMENT.match(misfit.line, misfit.column)
    if comment:
        return Complaint("a comment begins with `#`", columns=comment.span())
    if misfit.found == ";" and not head(misfit.after):
        return Complaint("no `;` ends a line", "", "leave it out")
    return None
