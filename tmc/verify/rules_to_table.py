"""Rules back to a table: the transitions that a machine's rules stand for, read off the rules alone.

A rule that asks for the control's own state is a transition: what it asks of the symbols under the heads and of the edges, and what
it writes, says which. That it also asks for quiet (`move`, `push`, `answer`) only makes it wait. All other rules say nothing of the
machine but which moves it makes: they are the same for all machines that make these.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tmc.automaton.reachable import is_transition
from tmc.ir.lattice import EAST, HERE, NORTH, SOUTH, WEST
from tmc.ir.rules import Literal, Rule, Rules, Write
from tmc.ir.table import Table, Transition

_WAITS = ("move", "push", "answer", "control", "state")
_EDGES = {(NORTH, "inside"): 0, (SOUTH, "inside"): 1, (WEST, "inside"): 2, (EAST, "kind"): 3}  # in the order of an `EdgeTest`


@dataclass(frozen=True, slots=True)
class Meaning:
    """A transition by what it does, in names: on which readings, what is then under each head (by what was), moves and the state
    that follows, or a verdict."""

    state: str
    edges: tuple[bool | None, ...]
    data: tuple[tuple[str, str], ...]
    work: tuple[tuple[str, str], ...]
    moves: tuple[str, str]
    target: str


class NotATransition(Exception):
    """A rule that asks or writes what no transition does."""


def meaning_of(table: Table, transition: Transition) -> Meaning:
    """What a transition of a table does."""
    data, work = table.data.symbols, table.work.symbols if table.work else ("_",)
    halts, guard = transition.halts, transition.guard
    return Meaning(
        table.states[transition.state],
        guard.edges,
        _effects(data, guard.data, transition.write_data),
        _effects(work, guard.work if table.work else (0,), transition.write_work),
        ("stay", "stay") if halts else (transition.move_data.name.lower(), transition.move_work.name.lower()),
        table.target_name(transition.target),
    )


def _effects(symbols: tuple[str, ...], admitted: tuple[int, ...], write: int | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((symbols[number], symbols[number if write is None else write]) for number in admitted))


def meaning_of_rule(table: Table, rules: Rules, rule: Rule) -> Meaning:
    """What a rule does that is a transition. Raises `NotATransition` when it asks for, or writes, something else."""
    reader = _RuleReader(table, rules, rule)
    return Meaning(
        reader.state(), reader.edges(), reader.effects("symbol"), reader.effects("right"), reader.moves(), reader.target()
    )


class _RuleReader:
    """Reads one rule."""

    def __init__(self, table: Table, rules: Rules, rule: Rule) -> None:
        self.table, self.rules, self.rule = table, rules, rule
        self.own = {literal.field: literal for literal in rule.guard if literal.place == HERE}
        self.writes = {write.field: write for write in rule.writes}
        strange = [x.field for x in rule.guard if x.place == HERE and x.field not in (*_WAITS, "symbol", "right")]
        strange += [x.field for x in rule.guard if x.place != HERE and (x.place, x.field) not in _EDGES]
        if strange or len(self.writes) < len(rule.writes) or len(self.own) < sum(x.place == HERE for x in rule.guard):
            raise NotATransition(f"rule `{rule.name}` asks for more than a transition does")

    def state(self) -> str:
        """The state that it asks for."""
        (number,) = self.own["state"].values
        return self.rules.field("state").values[number]

    def edges(self) -> tuple[bool | None, ...]:
        """Which edges it asks for."""
        tests: list[bool | None] = [None, None, None, None]
        for literal in self.rule.guard:
            if literal.place != HERE:
                tests[_EDGES[literal.place, literal.field]] = self._touching(literal)
        return tuple(tests)

    def _touching(self, literal: Literal) -> bool:
        names = {self.rules.field(literal.field).values[number] for number in literal.values}
        if names in ({"no"}, {"pad"}):
            return True
        if names not in ({"yes"}, {"raw", "live"}):
            raise NotATransition(f"rule `{self.rule.name}` asks for no edge")
        return False

    def effects(self, name: str) -> tuple[tuple[str, str], ...]:
        """What becomes of the symbol under a head."""
        tape = self.table.data if name == "symbol" else self.table.work
        if tape is None:
            return (("_", "_"),)
        values = self.rules.field(name).values
        admitted = [values[number] for number in self.own[name].values] if name in self.own else list(tape.symbols)
        write = self.writes.get(name)
        if write is not None and not isinstance(write, Write):
            raise NotATransition(f"rule `{self.rule.name}` copies {name}")
        return tuple(sorted((symbol, symbol if write is None else values[write.value]) for symbol in admitted))

    def moves(self) -> tuple[str, str]:
        """How the heads move."""
        move, push = self._written("move", "none"), self._written("push", "none")
        if (push != "none") != ("carry1" in self.writes) or (push != "none" and not self._carries()):
            raise NotATransition(f"rule `{self.rule.name}` sends no symbol along with its push")
        return "stay" if move == "none" else move, "stay" if push == "none" else push

    def _carries(self) -> bool:
        """Whether what is carried is the symbol that is then under the work head."""
        carried, after = self.writes["carry1"], {after for _, after in self.effects("right")}
        if not isinstance(carried, Write):
            return carried.place == HERE and carried.source == "right" and "right" not in self.writes
        return {self.rules.field("carry1").values[carried.value]} == after

    def target(self) -> str:
        """The state that follows, or the verdict."""
        answer = self._written("answer", "none")
        leaves = self._written("control", "here") == "none"
        if (answer != "none") != leaves or {"answer", "control", "state", "symbol", "right", "move", "push", "carry1"} < set(
            self.writes
        ):
            raise NotATransition(f"rule `{self.rule.name}` halts half-way")
        return answer if leaves else self._written("state", self.state())

    def _written(self, name: str, otherwise: str) -> str:
        write = self.writes.get(name)
        if write is None:
            return otherwise
        if not isinstance(write, Write):
            raise NotATransition(f"rule `{self.rule.name}` copies {name}")
        return self.rules.field(name).values[write.value]


def differences(table: Table, rules: Rules) -> tuple[str, ...]:
    """Transitions of a table, all of which stay on the grid, that are missing from the rules, and rules that are not such
    transitions."""
    wanted = Counter(meaning_of(table, transition) for transition in table.transitions)
    found: Counter[Meaning] = Counter()
    faults = []
    for rule in rules.rules:
        if is_transition(rule):
            try:
                found[meaning_of_rule(table, rules, rule)] += 1
            except (NotATransition, KeyError, ValueError) as unreadable:
                faults.append(str(unreadable))
    faults += [f"no rule is the transition {_shown(meaning)}" for meaning in (wanted - found)]
    faults += [f"a rule does what no transition does: {_shown(meaning)}" for meaning in (found - wanted)]
    return tuple(faults)


def _shown(meaning: Meaning) -> str:
    return f"{meaning.state} on {' '.join(symbol for symbol, _ in meaning.data)} → {meaning.target}"
