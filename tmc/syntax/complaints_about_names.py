"""What is wrong with a name that is cut by a sign: ``walk-right``, ``q'``."""

from __future__ import annotations

import re

from tmc.syntax.prose import Complaint, Misfit

_WHOLE = re.compile(r"[^\s(),|:#]+")  # a name as it was meant
_NAMING = ("machine", "learner", "tape", "state", "start", "->", "(", ",")  # the words before a name


def glued_name(misfit: Misfit) -> Complaint | None:
    """The complaint about a sign that is directly behind a name, if that goes on behind it."""
    before, found, column = misfit.before, misfit.found, misfit.column
    if len(before) < 2 or before[-2] not in _NAMING or not before[-1].isidentifier() or misfit.line[column - 1].isspace():
        return None
    if before[-2] in ("(", ",") and before[0] != "state" and "->" not in before and before[0] != "start":
        return None
    is_prime = found[:1] == "'"
    if not found or found[0].isalnum() or found[0] in "(),|:;>" or found == "->" or not (is_prime or misfit.after[:1].isalnum()):
        return None
    whole = _WHOLE.match(misfit.line, column - len(before[-1]))
    if whole is None:
        return None
    name = whole.group().split("->")[0]
    meant = re.sub(r"\W+", "_", name).strip("_") + ("2" if is_prime else "")
    advice = f"a name has letters, digits and `_`: write `{meant}`"
    return Complaint(f"`{name}` cannot be a name", "", advice, columns=(whole.start(), whole.start() + len(name)))
