"""Families of machines that grow: for every number of states a machine that needs them all.

On the reading that is blank throughout, each state leads to the next along a chain, the last one accepts, and no other
halts. So every state is reached from the start, and no two do the same: they accept after different numbers of such steps.
"""

from __future__ import annotations

from math import prod
from random import Random

from tmc.ir.table import ACCEPT, REJECT, Guard, Table, Transition, validate
from tmc.ir.tape import BLANK, NOWHERE, Move, Tape
from tmc.testing.random_machines import GRID_MOVES, LINE_MOVES, halves

FEWEST, MOST = 4, 8  # transitions of a state
HALTS = 0.02  # the chance that a transition off the chain halts


def family(states: int, seed: int, kind: str = "grid", work_tape: bool = True, reach: int | None = None) -> Table:
    """The machine of this many states; `kind` is the data tape's. Each state has 4 to 8 transitions.

    They lead anywhere, or, with a `reach`, to states that many places further along the chain at most, or back. ::

        >>> table = family(3, seed=0)
        >>> table.states, len(table.transitions) in range(12, 25)
        (('q0', 'q1', 'q2'), True)
    """
    drawing = _FamilyDrawing(Random(seed), kind, work_tape, states, reach)  # noqa: S311 - the same machine every time
    transitions = tuple(transition for state in range(states) for transition in drawing.transitions(state))
    names = tuple(f"q{state}" for state in range(states))
    table = Table("family", "", drawing.tapes, names, drawing.chain[0], transitions)
    validate(table)
    return table


class _FamilyDrawing:
    """Draws the transitions of one machine."""

    def __init__(self, random: Random, kind: str, work_tape: bool, states: int, reach: int | None) -> None:
        plain = ("_", "0", "1")
        data = plain if work_tape or kind != "line" else (*plain, "a", "b", "c")  # enough to cut into several guards
        self.random, self.reach = random, reach
        self.tapes = (Tape("data", kind, data), *((Tape("work", "line", plain),) if work_tape else ()))
        self.moves = GRID_MOVES if kind == "grid" else LINE_MOVES
        self.chain = random.sample(range(states), states)
        self.place = {state: place for place, state in enumerate(self.chain)}

    def transitions(self, state: int) -> list[Transition]:
        return [self._transition(state, guard) for guard in self._guards()]

    def _guards(self) -> list[Guard]:
        """All readings, cut at random."""
        symbols = [len(tape.symbols) for tape in self.tapes]
        guards = [Guard(tuple(range(symbols[0])), tuple(range(symbols[-1] if len(symbols) == 2 else 1)))]
        on_line, wanted = self.tapes[0].kind == "line", self.random.randint(FEWEST, MOST)
        while len(guards) < (min(wanted, prod(symbols)) if on_line else wanted):
            index = self.random.randrange(len(guards))
            parts = halves(self.random, guards[index], edges=not on_line)
            if parts is not None and all(map(_possible, parts)):
                guards[index : index + 1] = parts
        return guards

    def _transition(self, state: int, guard: Guard) -> Transition:
        symbols = [len(tape.symbols) for tape in self.tapes]
        target = self._target(state, on_chain=guard.admits(BLANK, BLANK, NOWHERE))
        return Transition(
            state=state,
            guard=guard,
            target=target,
            write_data=self._maybe(symbols[0]),
            write_work=self._maybe(symbols[1]) if len(symbols) == 2 else None,
            move_data=Move.STAY if target < 0 else self.random.choice(self.moves),
            move_work=Move.STAY if target < 0 or len(symbols) == 1 else self.random.choice(LINE_MOVES),
        )

    def _maybe(self, symbols: int) -> int | None:
        return self.random.randrange(symbols) if self.random.random() < 0.5 else None

    def _target(self, state: int, on_chain: bool) -> int:
        place, last = self.place[state], len(self.chain) - 1
        if on_chain:
            return ACCEPT if place == last else self.chain[place + 1]
        if self.random.random() < HALTS:
            return self.random.choice((ACCEPT, REJECT))
        reach = last if self.reach is None else self.reach
        return self.chain[self.random.randint(max(0, place - reach), min(last, place + reach))]


def _possible(guard: Guard) -> bool:
    """Whether a head can stand there: a grid has at least two rows and two columns."""
    top, bottom, left, right = guard.edges
    return not (top and bottom) and not (left and right)
