"""A learner's table to a circuit: all runs at once, step by step.

A run is at one of several configurations of the control - a state, a place on the data tape, a place on the work tape - each with
the wire that is true where it is there; and every cell of the tapes is a choice of symbols. A step looks at every transition that
may apply. Only where the control may be does anything change, so a step costs gates for these few configurations, not for all
cells."""

from __future__ import annotations

from collections.abc import Sequence

from tmc.circuits.choice import Choice, constant, where, written
from tmc.circuits.gates import Gates
from tmc.circuits.graph import FALSE, Literal
from tmc.diagnostics import Rejected
from tmc.ir.table import ACCEPT, Table, Transition, moved
from tmc.ir.tape import BLANK, Grid, Symbol

MOST_STEPS = 100_000  # of a machine that promises no number of them
Place = tuple[int, int]
Control = tuple[int, Place, int]  # a state, and where the heads stand
Tape = Sequence[Sequence[Choice]]  # a row per example, the query last; the labels in the last column


class TableRun:
    """The runs of a learner on a tape of choices."""

    def __init__(self, gates: Gates, table: Table, tape: Tape) -> None:
        if not table.is_grid:
            raise Rejected(f"the machine {table.name} reads a line, not a grid of examples: it is no classifier")
        self.table, self.steps = table, 0
        self.accepted = self.rejected = FALSE
        self._gates = gates
        self._grid = Grid(tuple((BLANK,) * len(row) for row in tape))  # for its edges
        self._data = {(i, j): cell for i, row in enumerate(tape) for j, cell in enumerate(row)}
        self._work: dict[int, Choice] = {}
        self._controls: dict[Control, Literal] = {(table.start, (0, 0), 0): FALSE ^ 1}
        self._transitions: list[list[Transition]] = [[] for _ in table.states]
        for transition in table.transitions:
            self._transitions[transition.state].append(transition)

    def advance(self, most: int) -> bool:
        """Take steps until all runs have stopped, `most` of them altogether; returns whether they have."""
        while self._controls and self.steps < most:
            self._step()
        return not self._controls

    def _step(self) -> None:
        taken = [
            (control, transition, wire) for control, at in self._controls.items() for transition, wire in self._open(control, at)
        ]
        entered: dict[Control, list[Literal]] = {}
        verdicts: dict[int, list[Literal]] = {}
        for (_, place, spot), transition, wire in taken:
            if transition.halts:
                verdicts.setdefault(transition.target, []).append(wire)
            else:
                head = moved(self._grid, place, transition.move_data, by_rows=self.table.is_rows)
                entered.setdefault((transition.target, head, spot + transition.move_work.value[1]), []).append(wire)
        self._write(taken)
        self.steps += 1
        for target, wires in verdicts.items():
            if target == ACCEPT:
                self.accepted = self._gates.any_of((self.accepted, *wires))
            else:
                self.rejected = self._gates.any_of((self.rejected, *wires))
        joined = ((control, self._gates.any_of(wires)) for control, wires in entered.items())
        self._controls = {control: wire for control, wire in joined if wire != FALSE}

    def _open(self, control: Control, at: Literal) -> list[tuple[Transition, Literal]]:
        """The transitions that may apply, each with the wire that is true where it does."""
        state, place, spot = control
        gates, touching, found = self._gates, self._grid.touching(place), []
        data, work = self._data[place], self._work.get(spot, constant(BLANK))
        for transition in self._transitions[state]:
            guard = transition.guard
            if all(test is None or test == touch for test, touch in zip(guard.edges, touching, strict=True)):
                seen = gates.both(where(gates, data, guard.data), where(gates, work, guard.work))
                wire = gates.both(at, seen)
                if wire != FALSE:
                    found.append((transition, wire))
        return found

    def _write(self, taken: Sequence[tuple[Control, Transition, Literal]]) -> None:
        data: dict[Place, list[tuple[Symbol, Literal]]] = {}
        work: dict[int, list[tuple[Symbol, Literal]]] = {}
        for (_, place, spot), transition, wire in taken:
            if transition.write_data is not None:
                data.setdefault(place, []).append((transition.write_data, wire))
            if transition.write_work is not None:
                work.setdefault(spot, []).append((transition.write_work, wire))
        for place, writes in data.items():
            self._data[place] = written(self._gates, self._data[place], writes)
        for spot, writes in work.items():
            self._work[spot] = written(self._gates, self._work.get(spot, constant(BLANK)), writes)


def run_table(gates: Gates, table: Table, tape: Tape, most: int | None = None) -> TableRun:
    """All runs, to their ends: until they stop, but for no more steps than the machine promises, or `most`. Raises `Rejected` when
    the machine reads no examples, or promises nothing and does not stop."""
    run = TableRun(gates, table, tape)
    m, d = len(tape) - 1, len(tape[0]) - 1
    promised = table.bounds.steps
    limit = most if most is not None else MOST_STEPS if promised is None else promised.evaluate({"m": m, "d": d})
    if not run.advance(limit) and most is None and promised is None:
        raise Rejected(
            f"the machine {table.name} promises no number of steps, and is not done after {limit}; give it a bound on steps"
        )
    return run
