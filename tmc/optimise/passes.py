"""Table to table: the passes that make a machine smaller, again and again until nothing changes.

Every run is preserved step for step, up to the names of states. The passes may choose freely: at the end it is checked, reading by
reading, that the machine does what it did.

    40 transitions in 12 states      becomes      31 transitions in 9 states
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.table import ACCEPT, REJECT, Table, validate
from tmc.optimise.drop_unreachable import drop_unreachable
from tmc.optimise.merge_states import merge_states
from tmc.optimise.merge_transitions import merge_transitions
from tmc.optimise.readings import Behaviour, Readings, by_state

PASSES: dict[str, Callable[[Table, Readings], Table]] = {
    "drop-unreachable": lambda table, _: drop_unreachable(table),
    "merge-states": merge_states,
    "merge-transitions": merge_transitions,
}
ALIKE = ("merge-transitions",)  # after these every state does what it did, so the other passes find nothing new


@frozen
class Saving:
    """What one application of a pass saved."""

    name: str
    states_before: int
    states_after: int
    transitions_before: int
    transitions_after: int


def optimise(table: Table, without: Collection[str] = ()) -> tuple[Table, tuple[Saving, ...]]:
    """The same machine, as small as the passes make it, and what they saved, in the order of their application.

    `without` names passes to leave out (raises ValueError for a name that no pass has). ::

        >>> tape, end = Tape("data", "line", ("_",)), Guard((0,), (0,))
        >>> table = Table("m", "", (tape,), ("a", "b"), 0, (Transition(0, end, ACCEPT), Transition(1, end, 0)))
        >>> optimise(table)[1]
        (Saving(name='drop-unreachable', states_before=2, states_after=1, transitions_before=2, transitions_after=1),)
    """
    unknown = sorted(set(without) - set(PASSES))
    if unknown:
        raise ValueError(f"no pass is called {unknown[0]}; there are {', '.join(PASSES)}")
    readings, savings, optimised = Readings.of(table), list[Saving](), table  # no pass changes the tapes
    wanted = [name for name in PASSES if name not in without]
    settled: dict[str, Table] = {}  # what each pass has left as it was
    while not all(settled.get(name) is optimised for name in wanted):
        for name in (name for name in wanted if settled.get(name) is not optimised):
            before, optimised = optimised, PASSES[name](optimised, readings)
            if optimised == before:
                settled[name] = optimised = before
                continue
            savings.append(_saving(name, before, optimised))
            if name in ALIKE:
                settled |= {other: optimised for other, table in settled.items() if table is before and other != name}
    if savings:
        _check(table, optimised, readings)
    return optimised, tuple(savings)


def merged_states(before: Table, after: Table) -> dict[str, tuple[str, ...]]:
    """For each state of the optimised table that stands for several of the one before: the names of the others.

    Raises InternalError unless `after` is what `optimise` makes of `before`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for state, other in sorted(_check(before, after, Readings.of(before)).items()):
        if state >= 0 and before.states[state] != after.states[other]:
            found[after.states[other]] = (*found.get(after.states[other], ()), before.states[state])
    return found


def _saving(name: str, before: Table, after: Table) -> Saving:
    return Saving(name, len(before.states), len(after.states), len(before.transitions), len(after.transitions))


def _check(before: Table, after: Table, readings: Readings) -> dict[int, int]:
    """InternalError unless both do the same from the start on, on every reading: each state of the one as one of the other. Returns
    which one that is, of those that can be entered."""
    validate(after)
    old, new = by_state(before), by_state(after)
    becomes = {ACCEPT: ACCEPT, REJECT: REJECT, before.start: after.start}
    waiting = [before.start]
    while waiting:
        state = waiting.pop()
        one, same = old[state], new[becomes[state]]
        targets: Iterable[tuple[int, int]] = {(transition.target, transition.target) for transition in one}
        if one != same:
            targets = _matched(before.states[state], readings.behaviour(one), readings.behaviour(same))
        for target, other in targets:
            if target not in becomes:
                waiting.append(target)
            if becomes.setdefault(target, other) != other:
                raise InternalError(f"the optimised machine goes on from {before.states[state]} in another state than before")
    return becomes


def _matched(name: str, old: Behaviour, new: Behaviour) -> Iterator[tuple[int, int]]:
    """Where the one and the other lead on the same readings; InternalError when they differ in anything else."""
    if sum(old.values()) != sum(new.values()):
        raise InternalError(f"the optimised machine is stuck in {name} where it was not, or the other way round")
    for effect, region in old.items():
        for other in (other for other, part in new.items() if part & region):
            if other[:-1] != effect[:-1]:
                raise InternalError(f"the optimised machine does something else in {name} than before")
            yield effect.target, other.target
