"""What is there before a machine begins: walls to the left of its tapes, and words on the second one and others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tmc.diagnostics import Rejected
from tmc.formats.draft import Draft, Rule, State
from tmc.ir.tape import Move

WALLS = "#|[%@"


def walled(draft: Draft) -> tuple[Draft, str]:
    """A machine whose tapes begin at position 0, as one on unbounded tapes, and the symbol that stands at position -1 of each.

    A head that comes there goes back in a step of its own, before anything else is done.
    """
    tapes = len(draft.symbols)
    wall = unused(WALLS, {draft.blank, *(symbol for own in draft.symbols for symbol in own)})
    names = {state.name for state in draft.states} | draft.accept | draft.reject
    begin, build = (fresh(name, names) for name in ("begin", "build_wall"))
    first = [
        State(begin, (Rule((None,) * tapes, (None,) * tapes, (Move.LEFT,) * tapes, build),)),
        State(build, (Rule((None,) * tapes, (wall,) * tapes, (Move.RIGHT,) * tapes, draft.start),)),
    ]
    states = tuple(replace(state, rules=(*_backs(state.name, tapes, wall), *state.rules)) for state in draft.states)
    symbols = tuple((*own, wall) for own in draft.symbols)
    where = "of the tape" if tapes == 1 else "of each tape"
    remarks = (*draft.remarks, f"{wall} stands to the left of the first cell {where}, where it ends")
    return replace(draft, symbols=symbols, states=(*first, *states), start=begin, remarks=remarks, wall=False), wall


def _backs(state: str, tapes: int, wall: str) -> tuple[Rule, ...]:
    def one(tape: int) -> Rule:
        read = tuple((wall,) if own == tape else None for own in range(tapes))
        move = tuple(Move.RIGHT if own == tape else Move.STAY for own in range(tapes))
        return Rule(read, (None,) * tapes, move, state)

    return tuple(map(one, range(tapes)))


def beginning_with(draft: Draft, words: Mapping[int, tuple[str, ...]]) -> Draft:
    """A machine that first writes words on its tapes, which are counted from 1. Raises `Rejected` if it has no such tape."""
    tapes = len(draft.symbols)
    for tape in words:
        if not 2 <= tape <= tapes:
            raise Rejected(f"{draft.name}: it has no tape {tape} for a word; it has {tapes}, and the first one has the input")
    length = max(map(len, words.values()), default=0)
    names = {state.name for state in draft.states} | draft.accept | draft.reject
    there = [fresh(f"put_{place + 1}", names) for place in range(length)]
    back = [fresh(f"return_{place + 1}", names) for place in reversed(range(length - 2))]
    path, states = [*there, *back, draft.start], list[State]()
    for place, name in enumerate(path[:-1]):
        write = tuple(_symbol(words.get(tape, ()), place) for tape in range(1, tapes + 1))
        way = Move.RIGHT if place < length - 1 else Move.LEFT if length > 1 else Move.STAY
        move = tuple(way if tape in words else Move.STAY for tape in range(1, tapes + 1))
        states.append(State(name, (Rule((None,) * tapes, write, move, path[place + 1]),)))
    symbols = tuple(
        tuple(dict.fromkeys([*own, *(one for one in words.get(tape, ()) if one != draft.blank)]))
        for tape, own in enumerate(draft.symbols, 1)
    )
    return replace(draft, symbols=symbols, states=(*states, *draft.states), start=path[0])


def _symbol(word: tuple[str, ...], place: int) -> str | None:
    return word[place] if place < len(word) else None


def unused(wanted: str, taken: set[str]) -> str:
    """The first of some characters that is not taken; any other if all are."""
    return next(one for one in wanted + "".join(map(chr, range(0xC0, 0x250))) if one not in taken)


def fresh(name: str, taken: set[str]) -> str:
    """A name that is not taken, and is from now on."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name
