"""What is wrong with a word that does not fit in a rule: a clause out of order, a comma too many or too few, no capture."""

from __future__ import annotations

from tmc.syntax.prose import ARGUMENTS, Complaint, Misfit, did_you_mean, nothing_follows
from tmc.syntax.words import CLAUSES, DIRECTIONS, EDGES, near, pieces

_GOING = ("go", "goto", "jump", "next")  # how other languages say where to go
_NO_COMMA = "no comma stands between clauses"


def word_does_not_fit_in_rule(misfit: Misfit) -> Complaint | None:
    """The complaint about a word out of place in a rule, if it is one of the usual."""
    before, found = misfit.before, misfit.found
    if found.startswith("$"):
        return _capture_does_not_fit(misfit)
    if found in CLAUSES:
        return _clause_out_of_order(misfit)
    if len(before) > 2 and before[-1] in CLAUSES and before[-2] == ",":
        return _comma_before_clause(misfit)
    if len(before) > 1 and before[-1] in CLAUSES and before[-2] in CLAUSES[:2] + CLAUSES[3:]:
        return nothing_follows(before[-2], frozenset())
    if found == "," and before[-1] == ",":
        return Complaint("nothing stands between these commas", "", ARGUMENTS[_clause(misfit)])
    if found == "|" and before[-1] == "|":
        return Complaint("one `|` stands between alternatives", "", "leave the second out")
    if before[-1] == "not" and _clause(misfit) == "on":
        meant = "list the symbols that are meant, such as `0|1`"
        return Complaint("`not` is for edges only", "", meant, columns=_last_word(misfit))
    if found == "," and before[-1] == "otherwise":
        return Complaint(_NO_COMMA, "", "leave it out")
    if found == "," and _clause(misfit) == "at":
        return Complaint("no comma stands here", "", "edges are separated by blanks, and so are clauses")
    return _no_clause(misfit)


def _clause(misfit: Misfit) -> str:
    """The clause in which a word does not fit."""
    return [word for word in misfit.before if word in CLAUSES][-1]


def _capture_does_not_fit(misfit: Misfit) -> Complaint | None:
    """A word that begins with `$` and is out of place, or no capture."""
    if misfit.found == "$":
        return Complaint("a capture needs a name", "", "write `$x`, or '$' if the symbol is meant")
    if not misfit.found[1:].isidentifier():
        return Complaint(f"`{misfit.found}` cannot be a capture", "", "its name begins with a letter, as in `$x`")
    if misfit.before[-1] == "->":
        return Complaint("a captured symbol is not a state", "", ARGUMENTS["->"])
    return None


def _no_clause(misfit: Misfit) -> Complaint | None:
    """A word that begins no clause, where only a clause could stand."""
    found, clause = misfit.found, _clause(misfit)
    gone = _goes(misfit)
    if gone:
        return Complaint(f"no clause is called `{found}`", "", did_you_mean(gone))
    meant = near(found, (*CLAUSES, *EDGES) if clause == "at" else CLAUSES)
    if found in ("or", "and"):
        alternatives = "alternatives are written `0|1`, symbols of two tapes `0, 1`"
        return Complaint(f"no clause is called `{found}`", "", alternatives if clause == "on" else "leave it out")
    if clause == "at" and found[0].isalpha() and meant not in CLAUSES:
        return Complaint(f"`{found}` is not an edge", "", did_you_mean(meant) or "the edges are top, bottom, left and right")
    if "_COMMA" in misfit.expected and (_is_symbol(found) or found in ".*?" or (clause == "move" and found in DIRECTIONS)):
        alternatives = "alternatives are separated by `|`, tapes by `,`"
        one_each = alternatives if clause == "on" else "write one item per tape, separated by commas"
        return Complaint("a comma is missing before this", "", one_each)
    if found in ("accept", "reject"):
        meant = f"-> {found}"
    if found[0].isalpha():
        known = "the clauses of a rule are `on`, `at`, `otherwise`, `write`, `move` and `->`"
        return Complaint(f"no clause is called `{found}`", "", did_you_mean(meant) or known)
    return None


def _goes(misfit: Misfit) -> str:
    """What was probably meant by a state or a direction without its clause, or with the word of another language for it."""
    found, clause = misfit.found, _clause(misfit)
    if found.lower() in _GOING:
        to = [word for word in pieces(misfit.after) if word != "to"][:1]
        return _going(to[0]) if to and to[0].isidentifier() else ""
    if found in DIRECTIONS and "MOVE" in misfit.expected:
        return _going(found)
    if not found.isidentifier() or "ARROW" not in misfit.expected or (_is_symbol(found) and clause in ("on", "write")):
        return ""
    if found in misfit.states:
        return _going(found)
    other = near(found, misfit.states, 0.75) if not near(found, CLAUSES) and not _is_symbol(found) else ""
    return f"-> {other}" if other else ""


def _going(to: str) -> str:
    return f"move {to}" if to in DIRECTIONS else f"-> {to}"


def _is_symbol(found: str) -> bool:
    return found.startswith("'") or (len(found) == 1 and (found.isalnum() or found == "_"))


def _clause_out_of_order(misfit: Misfit) -> Complaint:
    """A clause that stands where it cannot, after other clauses."""
    clauses = [word for word in misfit.before if word in CLAUSES]
    last, found = misfit.before[-1], misfit.found
    if last == ",":
        return _comma_before_clause(misfit)
    if last in ("|", "not", "in") or (last in CLAUSES and last != "otherwise"):
        return nothing_follows(last, misfit.expected)
    if found in clauses:
        return Complaint(f"a second `{found}` in one rule", "", "a rule has each clause once; put the rest into a rule of its own")
    if ("otherwise" in clauses and found in ("on", "at")) or found == "otherwise":
        return Complaint("`otherwise` is a condition of its own", "", "leave out `otherwise`, or what stands beside it")
    later = next((clause for clause in clauses if CLAUSES.index(clause) > CLAUSES.index(found)), last)
    order = "the clauses of a rule stand in the order `on`, `at`, `write`, `move`, `->`"
    return Complaint(f"`{found}` must stand before `{later}`", "", order)


def _comma_before_clause(misfit: Misfit) -> Complaint:
    """The clause's word may have been read as an item: the carets stand under the comma before it."""
    comma = misfit.line.rindex(",", 0, misfit.column)
    return Complaint(_NO_COMMA, "", "leave it out, or write the item that follows it", columns=(comma, comma + 1))


def _last_word(misfit: Misfit) -> tuple[int, int]:
    """The columns of the word before the one that does not fit."""
    last = misfit.before[-1]
    start = misfit.line.rindex(last, 0, misfit.column)
    return start, start + len(last)
