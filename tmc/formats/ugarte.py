"""turingmachinesimulator.com (Ugarte): two lines for a transition, ``state,read,…`` and ``next,write,…,move,…``, after a few keys.

The keys are ``name:``, ``init:`` and ``accept:``; comments begin with ``//``; moves are ``<``, ``>`` and ``-``; the blank is
``_``. A machine may have several tapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tmc.diagnostics import Rejected
from tmc.formats.determinism import Reads
from tmc.formats.draft import MOST_TAPES, Draft, Rule, State, refusal, tapes_refused
from tmc.formats.rows import halting_names, rows
from tmc.frozen import frozen
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.source import Source

MOVES = {"<": Move.LEFT, ">": Move.RIGHT, "-": Move.STAY}


@frozen
class _Line:
    """A line without its comment: the parts between commas, or a key and its value; `remark` is the comment."""

    text: str
    start: int
    remark: str

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)

    @property
    def parts(self) -> list[str]:
        """What stands between the commas."""
        return [part.strip() for part in self.text.split(",")]


def read(source: Source, name: str, most_tapes: int = MOST_TAPES) -> Draft:
    """The machine of a text, of `most_tapes` at most. Raises `Rejected`, with the place of what cannot be read."""
    head, keys, lines = _sorted(source)
    for key in ("init", "accept"):
        if key not in keys:
            raise refusal(source, 0, 1, f"there is no `{key}:`", help=f"say it on a line of its own: `{key}: STATE`")
    start = keys["init"].text
    accept = frozenset(part for part in keys["accept"].parts if part)
    rules = _rules(source, lines, most_tapes)
    targets = [rule.target for own in rules.values() for rule in own]
    names = list(dict.fromkeys([start, *rules, *(target for target in targets if target not in accept)]))
    reject = frozenset(state for state in names if state not in rules and "reject" in state.lower() and state != start)
    tapes = len(next(iter(rules.values()))[0].write) if rules else 1
    about = (keys["name"].text,) if "name" in keys else ()
    if start in accept:
        rules = {start: [Rule((None,) * tapes, (None,) * tapes, (Move.STAY,) * tapes, start)]}
    kept = [state for state in names if state not in reject and (state not in accept or state == start)]
    states = tuple(State(state, tuple(rules.get(state, ()))) for state in kept)
    return Draft(name, "_", _symbols(rules, tapes), states, start, accept, reject, about, head)


def _sorted(source: Source) -> tuple[tuple[str, ...], dict[str, _Line], list[_Line]]:
    """The comments at the head, the keys, and the lines of transitions."""
    head, keys, lines = list[str](), dict[str, _Line](), list[_Line]()
    for line in _lines(source):
        key = re.match(r"(name|init|accept)\s*:\s*", line.text)
        if key is not None:
            if key.group(1) in keys:
                raise refusal(source, line.start, line.end, f"a second `{key.group(1)}:`", help="remove one of them")
            keys[key.group(1)] = _Line(line.text[key.end() :], line.start + key.end(), line.remark)
        elif line.text:
            lines.append(line)
        elif line.remark and not keys and not lines:
            head.append(line.remark)
    return tuple(head), keys, lines


def _lines(source: Source) -> Iterator[_Line]:
    offset = 0
    for line in source.text.split("\n"):
        code, _, remark = line.partition("//")
        text = code.strip()
        yield _Line(text, offset + (code.index(text) if text else 0), remark.strip())
        offset += len(line) + 1


def _rules(source: Source, lines: list[_Line], most_tapes: int) -> dict[str, list[Rule]]:
    """The rules of each state, in the order of the text."""
    found, tapes, reads = dict[str, list[Rule]](), 0, Reads(source)
    for one, other in zip(lines[::2], [*lines[1::2], None], strict=False):
        state, *read = one.parts
        tapes = tapes or len(read)
        if tapes > most_tapes:
            raise tapes_refused(source, one.start, one.end, tapes, most_tapes)
        if len(read) != tapes or not tapes:
            raise refusal(source, one.start, one.end, f"this is not a state and {tapes or 1} symbols", "as in `q0,1`")
        if other is None:
            raise refusal(source, one.start, one.end, "the second line of this transition is missing", "as in `q1,0,>`")
        target, *done = other.parts
        if len(done) != 2 * tapes:
            what = f"this is not a state, {tapes} symbols and {tapes} moves"
            raise refusal(source, other.start, other.end, what, "as in `q1,0,>`")
        for symbol in (*read, *done[:tapes]):
            if len(symbol) != 1:
                raise refusal(source, one.start, other.end, f"`{symbol}` is not one character", "in this transition")
        for move in done[tapes:]:
            if move not in MOVES:
                raise refusal(source, other.start, other.end, f"`{move}` is not a move", "<, > or -")
        reads.add(state, tuple((symbol,) for symbol in read), one.start, one.end)
        write = tuple(None if new == old else new for old, new in zip(read, done[:tapes], strict=True))
        moves = tuple(MOVES[move] for move in done[tapes:])
        rule = Rule(tuple((symbol,) for symbol in read), write, moves, target, other.remark or one.remark)
        found.setdefault(state, []).append(rule)
    return found


def _symbols(rules: dict[str, list[Rule]], tapes: int) -> tuple[tuple[str, ...], ...]:
    """The symbols of each tape as they are met."""
    found: list[dict[str, None]] = [{} for _ in range(tapes)]
    for own in rules.values():
        for rule in own:
            for tape, (read, write) in enumerate(zip(rule.read, rule.write, strict=True)):
                found[tape] |= dict.fromkeys(symbol for symbol in (*(read or ()), write) if symbol not in (None, "_"))
    return tuple(tuple(symbols) for symbols in found)


def write(table: Table) -> str:
    """A machine on lines as such a text. A state that rejects has no transitions there. Raises `Rejected` for a grid and for
    commas."""
    called = halting_names(table, "accept", "reject")
    signs = {move: sign for sign, move in MOVES.items()}
    found = [
        f"name: {' '.join(table.name.split())}",
        f"init: {_plain(table.states[table.start])}",
        f"accept: {called['accept']}",
        "",
    ]
    for row in rows(table, "turingmachinesimulator.com", MOST_TAPES, ",/"):
        target = called[row.target] if row.halts else _plain(row.target)
        done = [target, *row.write, *(signs[move] for move in row.move)]
        found += [",".join([_plain(row.state), *row.read]), ",".join(done), ""]
    return "\n".join(found)


def _plain(name: str) -> str:
    """A state's name; one that was expanded, such as `seek(0,left)`, has commas in it."""
    if "/" in name:
        raise Rejected(f"the state {name} cannot be written: `/` begins a comment there")
    return name.replace(",", ";")
