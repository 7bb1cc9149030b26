"""A transition in words."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.ir.table import Table, Transition
from tmc.ir.tape import Move
from tmc.view.layout import symbol_name
from tmc.view.table import edges_read


def in_words(table: Table, transition: Transition) -> str:
    """A transition as a sentence, such as ``In carry, on 1: write 0, move left.``"""
    parts = (part for part in (_reads(table, transition), _edges(transition)) if part)
    return f"In {table.states[transition.state]}{''.join(', ' + part for part in parts)}: {action(table, transition)}."


def action(table: Table, transition: Transition) -> str:
    """What a transition does, such as ``write 0, move left``."""
    parts = [part for part in (_writes(table, transition), _moves(table, transition)) if part]
    if transition.halts:
        parts.append(table.target_name(transition.target))
    elif transition.target != transition.state:
        parts.append(f"go on in {table.states[transition.target]}")
    return ", ".join(parts) or "stay"


def _reads(table: Table, transition: Transition) -> str:
    guards = (transition.guard.data, transition.guard.work)
    read = [
        " or ".join(symbol_name(tape.symbols[symbol]) for symbol in symbols) + (f" ({tape.name})" if len(table.tapes) > 1 else "")
        for tape, symbols in zip(table.tapes, guards, strict=False)
        if len(symbols) < len(tape.symbols)
    ]
    return f"on {' and '.join(read)}" if read else ""


def _edges(transition: Transition) -> str:
    tests = edges_read(transition)
    return f"at {tests}" if tests else ""


def _writes(table: Table, transition: Transition) -> str:
    def each() -> Iterator[str]:
        for tape, symbol in zip(table.tapes, (transition.write_data, transition.write_work), strict=False):
            if symbol is not None:
                yield symbol_name(tape.symbols[symbol]) + (f" on {tape.name}" if len(table.tapes) > 1 else "")

    written = " and ".join(each())
    return f"write {written}" if written else ""


def _moves(table: Table, transition: Transition) -> str:
    moves = [] if transition.halts else [transition.move_data, transition.move_work][: len(table.tapes)]
    if len(moves) == 2 and moves[0] is moves[1] is not Move.STAY:
        return f"move {moves[0].name.lower()} on both"
    named = (
        move.name.lower() + (f" on {tape.name}" if len(moves) > 1 else "")
        for tape, move in zip(table.tapes, moves, strict=False)
        if move is not Move.STAY
    )
    moved = " and ".join(named)
    return f"move {moved}" if moved else ""
