"""Transitions to rules: what the control does in its own cell.

on 1  write 0  move right  -> s      becomes      control = here, state = r, symbol = 1  =>  symbol := 0, state := s, move := right
"""

from __future__ import annotations

from functools import cache

from tmc.automaton.signals import (
    ACCEPTED,
    BEYOND,
    INSIDE,
    LIVE,
    NONE,
    PAD,
    PUSH_LEFT,
    PUSH_RIGHT,
    RAW,
    REJECTED,
    SLIDE,
    Signals,
    data_values,
    state_values,
)
from tmc.automaton.travel import control_is
from tmc.ir.lattice import EAST, HERE, NORTH, SOUTH, WEST
from tmc.ir.rules import Copy, Guard, Literal, Rule, Write
from tmc.ir.table import ACCEPT, Table, Transition, rule_name
from tmc.ir.table import Guard as Admits
from tmc.ir.tape import EDGES, Edge, Move

_CONTROL = control_is(HERE)[0]
_RIGHT = Copy("carry1", HERE, "right")
_EDGE_PLACES = {Edge.TOP: NORTH, Edge.BOTTOM: SOUTH, Edge.LEFT: WEST}


class TransitionRules:
    """The rules of a table's transitions, which must all stay on the grid (`tmc.automaton.edges`)."""

    def __init__(self, table: Table, signals: Signals) -> None:
        self._table, self._signals = table, signals
        symbols = data_values(table.data)
        number = {state: number for number, state in enumerate(state_values(table))}
        self._states = tuple(number[state] for state in table.states)
        self._symbols = tuple(symbols.index(symbol) for symbol in table.data.symbols)
        self._in_state = tuple(Literal(HERE, "state", (number,)) for number in self._states)
        self._to_state = tuple(Write("state", number) for number in self._states)
        self._moves = {move: _write("move", signals.move_number(move.name.lower())) for move in signals.moves}
        self._asked: dict[tuple[Admits, Move, Move, bool], Guard] = {}

    def start(self) -> int:
        """The value of `state` for the start state."""
        return self._states[self._table.start]

    def rules(self) -> tuple[Rule, ...]:
        """A rule per transition."""
        return tuple(self._rule(transition) for transition in self._table.transitions)

    def _rule(self, transition: Transition) -> Rule:
        table = self._table
        return Rule(rule_name(table, transition), self._guard(transition), self._writes(transition), transition.line)

    def _guard(self, transition: Transition) -> Guard:
        """The control is here and at rest, in this state, and reads what the transition asks for."""
        key = (transition.guard, *_operation(transition), transition.halts)
        if key not in self._asked:
            self._asked[key] = self._besides(transition)
        return (_CONTROL, self._in_state[transition.state], *self._asked[key])

    def _besides(self, transition: Transition) -> Guard:
        """What the transition asks for besides its state: the same tuple for all that ask for the same."""
        table, wanted = self._table, transition.guard
        guard = [_literal("move", _waves_tolerated(self._signals, *_operation(transition)))]
        if self._signals.packed:
            guard.append(_literal("push", (NONE,)))
        if transition.halts:
            guard.append(_literal("answer", (NONE,)))
        if len(wanted.data) < len(table.data.symbols):
            guard.append(_literal("symbol", tuple(self._symbols[symbol] for symbol in wanted.data)))
        if table.work and len(wanted.work) < len(table.work.symbols):
            guard.append(_literal("right", wanted.work))
        tests = zip(EDGES, wanted.edges, strict=True)
        return (*guard, *(_edge_literal(edge, test) for edge, test in tests if test is not None))

    def _writes(self, transition: Transition) -> tuple[Write | Copy, ...]:
        writes: list[Write | Copy] = []
        if transition.write_data is not None and transition.guard.data != (transition.write_data,):
            writes.append(_write("symbol", self._symbols[transition.write_data]))
        if transition.write_work is not None and transition.guard.work != (transition.write_work,):
            writes.append(_write("right", transition.write_work))
        if transition.halts:
            answer = ACCEPTED if transition.target == ACCEPT else REJECTED
            return (*writes, _write("answer", answer), _write("control", NONE), _write("state", NONE))
        if transition.target != transition.state:
            writes.append(self._to_state[transition.target])
        if transition.move_data is not Move.STAY:
            writes.append(self._moves[transition.move_data])
        if transition.move_work is not Move.STAY:  # the carry takes along the symbol under the work head
            writes += (_write("push", PUSH_RIGHT if transition.move_work is Move.RIGHT else PUSH_LEFT), _carried(transition))
        return tuple(writes)


@cache  # what rules share is found again by its identity
def _literal(field: str, values: tuple[int, ...]) -> Literal:
    return Literal(HERE, field, values)


@cache
def _write(field: str, value: int) -> Write:
    return Write(field, value)


def _operation(transition: Transition) -> tuple[Move, Move]:
    return (Move.STAY, Move.STAY) if transition.halts else (transition.move_data, transition.move_work)


@cache
def _waves_tolerated(signals: Signals, move: Move, push: Move) -> tuple[int, ...]:
    """The values of `move` with which the control may already take a step.

    A wave that has just left the control is one cell away. What the step sets off follows two layers behind it unless the control
    waits for one more; it must wait where it would read a cell that the wave is about to write: after `right`, any push that is
    executed by itself; after a slide (which writes `left` only), whatever takes `left` from the east.
    """
    tolerated = {"none"}
    if push is Move.STAY or (move, push) == SLIDE:
        tolerated.add("right-wave")
    if Move.LEFT not in (move, push):
        tolerated.add("slide")
    return tuple(sorted(signals.move_number(name) for name in tolerated & signals.used))


def _carried(transition: Transition) -> Write | Copy:
    if transition.write_work is not None:
        return _write("carry1", transition.write_work)
    if len(transition.guard.work) == 1:
        return _write("carry1", transition.guard.work[0])
    return _RIGHT


@cache
def _edge_literal(edge: Edge, touching: bool) -> Literal:
    if edge is Edge.RIGHT:
        return Literal(EAST, "kind", (PAD,) if touching else (RAW, LIVE))
    return Literal(_EDGE_PLACES[edge], "inside", (BEYOND if touching else INSIDE,))
