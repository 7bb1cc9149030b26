"""What ``tmc same`` says of two machines, in lines and as a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tmc.ir.reactions import Reaction
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line, Move, Tape
from tmc.run.tapes import text_of_grid, text_of_line
from tmc.testing.telling_apart import Outcome, Search, Told
from tmc.verify.same import Sameness


def lines(found: Sameness, names: tuple[str, str], only_results: bool) -> Iterator[str]:
    """What was found; `names` are those of the files, and with `only_results` no word is said of steps."""
    if found.same:
        yield f"the same machine: on every input they take the same steps ({_proof(found)})"
    elif found.steps is not None and found.results is not None:
        told, steps = found.results.told, None if only_results else found.steps.told
        if told is not None:
            yield f"not the same: they end differently on {_input(found, told.data)}"
            yield from _outcomes(found, told, names)
        if steps is not None:
            yield f"{'not the same: ' if told is None else ''}they part in step {steps.step} on {_input(found, steps.data)}"
            yield from _outcomes(found, steps, names) if told is None else ()
        if told is None:
            undecided = "" if steps is not None or found.results.complete else "undecided: "
            yield f"{undecided}no input was found on which they end differently; {_reach(found.results, found)}"
        if told is None and steps is None and not only_results:
            yield _parting(found, names)
    yield from _alphabets(found, names)


def _proof(found: Sameness) -> str:
    if found.steps is not None:
        return f"all inputs were looked at: {found.steps.cases} cases"
    pairs = len(found.proof.pairs)
    return f"proved: {pairs} pair{'' if pairs == 1 else 's'} of states"


def _outcomes(found: Sameness, told: Told, names: tuple[str, str]) -> Iterator[str]:
    width = max(map(len, names))
    for name, outcome in zip(names, told.outcomes, strict=True):
        yield f"  {name:{width}}  {_ended(found, outcome)}"


def _ended(found: Sameness, outcome: Outcome) -> str:
    steps = f"{outcome.steps} step{'' if outcome.steps == 1 else 's'}"
    if outcome.verdict in ("loops", "timeout"):
        return "runs for ever" if outcome.verdict == "loops" else f"still running after {steps}"
    data = outcome.data
    tape = f", {_tape_of(found).name} {_text(_tape_of(found), data)}" if isinstance(data, Line) else ""
    return f"{outcome.verdict} after {steps}{tape}"


def _tape_of(found: Sameness) -> Tape:
    return found.both.one.data


def _text(tape: Tape, line: Line) -> str:
    text = text_of_line(tape, line) or "blank"
    return f"{text} (from position {line.start})" if line.start else text


def _input(found: Sameness, data: Line | Grid) -> str:
    if isinstance(data, Grid):
        return "the grid " + " / ".join(text_of_grid(_tape_of(found), data))
    before = "_" * data.start  # an input begins at position 0
    text = before + text_of_line(_tape_of(found), data)
    return text if text else "the empty tape"


def _reach(search: Search, found: Sameness) -> str:
    what = "cells" if found.both.one.is_grid else "symbols"
    if search.complete:
        return f"all inputs were looked at ({search.cases} cases)"
    undecided = f", of which {search.undecided} stayed open" if search.undecided else ""
    return f"inputs of fewer than {search.size} {what} were all looked at ({search.cases} cases{undecided})"


def _parting(found: Sameness, names: tuple[str, str]) -> str:
    parting = found.proof.parting
    assert parting is not None
    one, other = found.both.one, found.both.other
    data, work, _ = parting.reading
    read = one.data.symbols[data] + (f" {one.tapes[1].symbols[work]}" if len(one.tapes[1].symbols) > 1 else "")
    states = f"{one.states[parting.states[0]]} of {names[0]} and {other.states[parting.states[1]]} of {names[1]}"
    does = " and ".join(_does(table, reaction) for table, reaction in zip((one, other), parting.reactions, strict=True))
    return f"no proof: the states {states} part where they read {read} ({does}), and no input is known that leads there"


def _does(table: Table, reaction: Reaction | None) -> str:
    if reaction is None:
        return "stuck"
    target, data, work, move, work_move = reaction
    parts = [f"leave {table.data.symbols[data]}"]
    parts += [f"leave {table.tapes[1].symbols[work]} there"] if len(table.tapes[1].symbols) > 1 else []
    parts += [f"move {one.name.lower()}" for one in (move, work_move) if one is not Move.STAY]
    return ", ".join([*parts, f"-> {table.target_name(target)}"])


def _alphabets(found: Sameness, names: tuple[str, str]) -> Iterator[str]:
    """Which symbols only one of the two has."""
    for place, tape in enumerate(found.both.one.tapes):
        shared = found.both.shared[place]
        for table, name in zip((found.both.one, found.both.other), names, strict=True):
            own = _own_symbols(table, place, shared)
            if own:
                symbols = f"symbol{'' if len(own) == 1 else 's'} {' '.join(own)}"
                yield f"only {name} has the {symbols} on {tape.name}: inputs are of those that both have"


def _own_symbols(table: Table, place: int, shared: tuple[int, ...]) -> list[str]:
    """Symbols of a tape that only this machine mentions."""
    used = {s for t in table.transitions for s in ((t.guard.data, t.guard.work)[place]) if s not in shared}
    written = {s for t in table.transitions if (s := (t.write_data, t.write_work)[place]) is not None and s not in shared}
    return [table.tapes[place].symbols[symbol] for symbol in sorted(used | written)]


def document(found: Sameness) -> dict[str, Any]:
    """The same for programs."""
    return {
        "same": found.same,
        "pairs": len(found.proof.pairs),
        "steps": None if found.steps is None else _search(found, found.steps),
        "results": None if found.results is None else _search(found, found.results),
    }


def _search(found: Sameness, search: Search) -> dict[str, Any]:
    told = search.told
    return {
        "input": None if told is None else _picture(found, told.data),
        "step": None if told is None else told.step,
        "outcomes": None if told is None else [
            {"verdict": one.verdict, "steps": one.steps, "data": _picture(found, one.data)} for one in told.outcomes
        ],
        "cases": search.cases, "undecided": search.undecided, "smaller_than": search.size, "complete": search.complete,
    }  # fmt: skip


def _picture(found: Sameness, data: Line | Grid) -> Any:
    if isinstance(data, Grid):
        return list(text_of_grid(_tape_of(found), data))
    return {"start": data.start, "text": text_of_line(_tape_of(found), data)}
