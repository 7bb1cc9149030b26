"""What a machine does about a reading, found by one number, `code`, which stands for everything that a transition can see: edges,
data symbol and work symbol."""

from __future__ import annotations

from typing import NamedTuple

from tmc.ir.table import Configuration, Table, Transition, moved, reading
from tmc.ir.tape import Grid, Touching


class Action(NamedTuple):
    """What to do about one `code` in one state. The changes are differences, so that doing nothing needs no test."""

    change_data: int
    change_work: int
    shift_data: int
    shift_work: int
    then: dict[int, Action]  # the actions of the next state; empty for a halting state
    transition: Transition


class Lookup:
    """The transitions by `code` = (edges · data symbols + data symbol) · work symbols + work symbol, found when first needed."""

    def __init__(self, table: Table, columns: int = 1) -> None:
        self.columns, self.by_rows = columns, table.is_rows
        self.data_symbols = len(table.data.symbols)
        self.work_symbols = len(table.work.symbols) if table.work else 1
        self.actions: list[dict[int, Action]] = [{} for _ in table.states]
        self.transitions: list[list[Transition]] = [[] for _ in table.states]
        for transition in table.transitions:
            self.transitions[transition.state].append(transition)

    def cell(self, symbol: int, touching: Touching) -> int:
        """The part of `code` that comes from the data tape."""
        edges = sum(touch << bit for bit, touch in enumerate(touching))
        return (edges * self.data_symbols + symbol) * self.work_symbols

    def find(self, state: int, code: int) -> Action | None:
        """The action for a `code` in a state; None when no transition applies."""
        data, work = divmod(code, self.work_symbols)
        edges, symbol = divmod(data, self.data_symbols)
        touching = (bool(edges & 1), bool(edges & 2), bool(edges & 4), bool(edges & 8))
        for transition in self.transitions[state]:
            if transition.guard.admits(symbol, work, touching):
                return self.actions[state].setdefault(code, self._action(transition, symbol, work, touching))
        return None

    def transition(self, configuration: Configuration) -> Transition | None:
        """The transition that applies to a configuration that has not halted."""
        data, work, touching = reading(configuration)
        code = self.cell(data, touching) + work
        action = self.actions[configuration.state].get(code) or self.find(configuration.state, code)
        return None if action is None else action.transition

    def _action(self, transition: Transition, data: int, work: int, touching: Touching) -> Action:
        write_data = data if transition.write_data is None else transition.write_data
        write_work = work if transition.write_work is None else transition.write_work
        changes = (write_data - data) * self.work_symbols, write_work - work
        if transition.halts:
            return Action(*changes, 0, 0, {}, transition)
        shift_data, shift_work = self._shift(transition, touching), transition.move_work.value[1]
        return Action(*changes, shift_data, shift_work, self.actions[transition.target], transition)

    def _shift(self, transition: Transition, touching: Touching) -> int:
        """By how many cells the data head moves, given the edges that it touches, where one row follows the other."""
        if any(touching):
            top, bottom, left, right = touching
            around = Grid(((0,) * (3 - left - right),) * (3 - top - bottom))  # the smallest grid with these edges
            place = (0 if top else 1, 0 if left else 1)
            if moved(around, place, transition.move_data, by_rows=self.by_rows) == place:
                return 0
        rows, columns = transition.move_data.value
        return rows * self.columns + columns
