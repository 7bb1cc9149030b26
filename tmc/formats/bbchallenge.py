"""The standard text of bbchallenge.org: a group for each state, in it three characters for each symbol - ``1RB1LC_1RC1RB_…``.

``---`` is a transition that nobody has said; ``1RZ`` and other states beyond the last one halt. A file may hold thousands, one a
line; what follows a machine on its line, behind a blank or a comma, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_uppercase

from tmc.diagnostics import Rejected
from tmc.formats.draft import Draft, Rule, State, refusal
from tmc.ir.table import ACCEPT, Table
from tmc.ir.tape import Move
from tmc.source import Source

MOVES = {"L": Move.LEFT, "R": Move.RIGHT}
UNDEFINED = re.compile(r"---|\.\.\.|\?\?\?")
TRANSITION = re.compile(r"([0-9])([LR])([A-Z])")


def lines(source: Source) -> Iterator[tuple[int, str]]:
    """The machines of a file, with their offsets: the first word of each line that is not empty and not a comment (`#`)."""
    offset = 0
    for line in source.text.split("\n"):
        word = re.match(r"\s*([^\s,;#]+)", line)
        if word is not None:
            yield offset + word.start(1), word.group(1)
        offset += len(line) + 1


def read(source: Source, name: str) -> Draft:
    """The machine of a text that holds one. Raises `Rejected`, with the place of what cannot be read."""
    found = list(lines(source))
    if not found:
        raise refusal(source, 0, 1, "there is no machine in this text", help="as in 1RB1LB_1LA1RZ")
    if len(found) > 1:
        raise refusal(source, found[1][0], found[1][0] + len(found[1][1]), f"this is the second of {len(found)} machines",
                      help="say which one with --number, or all with --all")  # fmt: skip
    return one(source, *found[0], name)


def one(source: Source, offset: int, text: str, name: str) -> Draft:
    """The machine that a text has at an offset."""
    groups = text.split("_")
    symbols, place = len(groups[0]) // 3, offset
    if symbols < 2 or len(groups) > len(ascii_uppercase) - 1:
        raise refusal(source, offset, offset + len(text), "a machine has groups of three characters for each symbol, two or more",
                      help="as in 1RB1LB_1LA1RZ")  # fmt: skip
    states = list[State]()
    for letter, group in zip(ascii_uppercase, groups, strict=False):
        if len(group) != 3 * symbols:
            raise refusal(
                source, place, place + len(group), f"state {letter} has {len(group)} characters, the first one {3 * symbols}"
            )
        rules = [_rule(source, place + 3 * number, group[3 * number :][:3], number, symbols) for number in range(symbols)]
        states.append(State(letter, tuple(rule for rule in rules if rule is not None)))
        place += len(group) + 1
    halting = frozenset(ascii_uppercase[len(groups) :])
    digits = tuple(map(str, range(1, symbols)))
    return Draft(name, "0", (digits,), tuple(states), "A", halting, frozenset(), about=(text,), input=())


def _rule(source: Source, place: int, text: str, symbol: int, symbols: int) -> Rule | None:
    if UNDEFINED.fullmatch(text):
        return None
    match = TRANSITION.fullmatch(text)
    if match is None or int(match.group(1)) >= symbols:
        why = "a transition is a symbol, L or R, and a state" if match is None else f"the symbols are 0 to {symbols - 1}"
        raise refusal(source, place, place + len(text), f"`{text}` is not a transition of this machine", why)
    write, move, target = match.groups()
    return Rule(((str(symbol),),), (None if write == str(symbol) else write,), (MOVES[move],), target)


def write(table: Table) -> str:
    """A machine on one line tape as the standard text: symbols by their number, states in their order, the start first.

    A halting transition writes and goes to ``Z``. Raises `Rejected` for a machine that the text cannot say: one with a second
    tape, with more than ten symbols or 25 states, or with a transition that stays.
    """
    if table.is_grid or table.work is not None:
        raise Rejected(f"{table.name}: the format has one tape that is a line")
    if len(table.data.symbols) > 10 or len(table.states) > len(ascii_uppercase) - 1:
        raise Rejected(f"{table.name}: the format has at most 10 symbols and 25 states")
    order = [table.start, *(state for state in range(len(table.states)) if state != table.start)]
    letters = dict(zip(order, ascii_uppercase, strict=False))
    return (
        "_".join("".join(_said(table, state, symbol, letters) for symbol in range(len(table.data.symbols))) for state in order)
        + "\n"
    )


def _said(table: Table, state: int, symbol: int, letters: dict[int, str]) -> str:
    taken = next((one for one in table.transitions if one.state == state and symbol in one.guard.data), None)
    if taken is None:
        return "---"
    written = symbol if taken.write_data is None else taken.write_data
    if taken.halts:
        if taken.target != ACCEPT:
            raise Rejected(f"{table.name}: {table.states[state]} rejects, and the format knows one way to halt only")
        return f"{written}RZ"
    if taken.move_data is Move.STAY:
        raise Rejected(f"{table.name}: {table.states[state]} stays (line {taken.line}), and the format moves in every step")
    return f"{written}{taken.move_data.name[0]}{letters[taken.target]}"
