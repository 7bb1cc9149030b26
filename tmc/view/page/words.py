"""A transition in a sentence."""

from __future__ import annotations

from tmc.ir.table import Table, Transition
from tmc.ir.tape import Move
from tmc.view.layout import symbol_name
from tmc.view.table import edges_read


def in_words(table: Table, transition: Transition) -> str:
    """Such as ``In carry, on 1: write 0, move left.``"""
    parts = [part for part in (_reads(table, transition), _edges(transition)) if part]
    condition = f"In {table.states[transition.state]}{''.join(', ' + part for part in parts)}"
    return f"{condition}: {', '.join(_actions(table, transition))}."


def _reads(table: Table, transition: Transition) -> str:
    guards = (transition.guard.data, transition.guard.work)
    read = []
    for tape, symbols in zip(table.tapes, guards, strict=False):
        if len(symbols) < len(tape.symbols):
            where = f" ({tape.name})" if len(table.tapes) > 1 else ""
            read.append(" or ".join(symbol_name(tape.symbols[symbol]) for symbol in symbols) + where)
    return f"on {' and '.join(read)}" if read else ""


def _edges(transition: Transition) -> str:
    tests = edges_read(transition)
    return f"at {tests}" if tests else ""


def _actions(table: Table, transition: Transition) -> list[str]:
    two = len(table.tapes) > 1
    actions = []
    writes, moves = (transition.write_data, transition.write_work), (transition.move_data, transition.move_work)
    for tape, symbol in zip(table.tapes, writes, strict=False):
        if symbol is not None:
            actions.append(f"write {symbol_name(tape.symbols[symbol])}{f' on {tape.name}' if two else ''}")
    for tape, move in zip(table.tapes, moves, strict=False):
        if move is not Move.STAY and not transition.halts:
            actions.append(f"move {move.name.lower()}{f' on {tape.name}' if two else ''}")
    if transition.halts:
        actions.append(table.target_name(transition.target))
    elif transition.target != transition.state:
        actions.append(f"go on in {table.states[transition.target]}")
    return actions or ["stay"]
