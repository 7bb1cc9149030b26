"""A sketch: a machine some parts of whose rules are left open. A choice for every hole makes a machine of it.

In a state the first rule that applies is taken. Rules are kept apart here, each as if it stood alone, because what a hole is filled
with changes only the rule that it stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from itertools import product
from math import prod

from tmc.frozen import frozen
from tmc.ir.table import Bounds, GridTest, Guard, LineTest, Transition
from tmc.ir.tape import Move, Tape

WAYS = tuple(Move)  # what the values of a hole for a move are positions in


class HoleKind(Enum):
    """What a hole stands for, by the clause that it stands in."""

    READ = "on"
    WRITE = "write"
    MOVE = "move"
    TARGET = "->"


@frozen
class Hole:
    """A hole: what it stands for (of which tape, by its position; 0 for a target), its place in the text, and its options.

    Those are the `words` that may stand there, with their `values`: numbers of symbols, positions in `WAYS`, or targets of
    transitions.
    """

    part: HoleKind
    tape: int
    line: int
    column: int
    words: tuple[str, ...]
    values: tuple[int, ...]

    def filled(self, transition: Transition, choice: int) -> Transition:
        """A transition of the rule with one of the options in the place of the hole."""
        value = self.values[choice]
        match self.part, self.tape:
            case HoleKind.READ, 0:
                return replace(transition, guard=Guard((value,), transition.guard.work, transition.guard.edges))
            case HoleKind.READ, _:
                return replace(transition, guard=Guard(transition.guard.data, (value,), transition.guard.edges))
            case HoleKind.WRITE, 0:
                return replace(transition, write_data=value)
            case HoleKind.WRITE, _:
                return replace(transition, write_work=value)
            case HoleKind.MOVE, 0:
                return replace(transition, move_data=WAYS[value])
            case HoleKind.MOVE, _:
                return replace(transition, move_work=WAYS[value])
        return replace(transition, target=value)


@frozen
class SketchRule:
    """A rule of a state (by its number): its disjoint transitions without its holes, and the numbers of these.

    Without a hole, any symbol is read, nothing is written or moved, or the state stays the same.
    """

    state: int
    transitions: tuple[Transition, ...]
    holes: tuple[int, ...]


@frozen
class SketchTable:
    """A machine with holes: `holes` are in the order of the text, `rules` state by state, and in a state in that order.

    The machine starts in the first of `states`. Those that only some choices lead to are there in any case.
    """

    name: str
    about: str
    tapes: tuple[Tape, ...]
    states: tuple[str, ...]
    holes: tuple[Hole, ...]
    rules: tuple[SketchRule, ...]
    bounds: Bounds = Bounds()
    tests: tuple[GridTest | LineTest, ...] = ()

    @property
    def size(self) -> int:
        """How many choices there are for all holes together."""
        return prod(len(hole.words) for hole in self.holes)

    def choices(self, rule: SketchRule) -> list[tuple[int, ...]]:
        """The choices for the holes of a rule, in the order of counting: the last hole changes fastest."""
        return list(product(*(range(len(self.holes[number].words)) for number in rule.holes)))

    def filled(self, rule: SketchRule, choice: Sequence[int]) -> tuple[Transition, ...]:
        """The transitions of a rule for a choice of its holes; disregarding the rules above it."""
        return tuple(self._filled(transition, rule, choice) for transition in rule.transitions)

    def _filled(self, transition: Transition, rule: SketchRule, choice: Sequence[int]) -> Transition:
        for number, option in zip(rule.holes, choice, strict=True):
            transition = self.holes[number].filled(transition, option)
        return replace(transition, move_data=Move.STAY, move_work=Move.STAY) if transition.halts else transition
