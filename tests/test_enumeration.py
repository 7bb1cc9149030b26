"""Every table once, up to the names of its states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tmc.ir.table import ACCEPT, REJECT, Guard, Table, Transition
from tmc.ir.tape import Edge
from tmc.learn.search.enumeration import LARGEST, AllTables
from tmc.run.shapes import MachineShape, unpack

SMALL = [MachineShape("line", 1, 3), MachineShape("line", 2, 2), MachineShape("grid", 1, 2)]

Doing = tuple[int, int | None, int | None, object, object]


def meaning(table: Table) -> tuple[object, ...]:
    """What a table does, its states in the order in which they are first mentioned: a walk from state 0, entry by entry."""
    order, does = [table.start], {(t.state, t.guard): t for t in table.transitions}
    found: list[object] = []
    for state in order:  # it grows
        for guard in sorted(
            (guard for own, guard in does if own == state), key=lambda guard: (guard.edges, guard.data, guard.work)
        ):
            step = does[state, guard]
            if step.halts:
                found.append((state == order[0], guard, step.target))
                continue
            if step.target not in order:
                order.append(step.target)
            wrote = (step.write_data, step.write_work, step.move_data, step.move_work)
            found.append((order.index(state), guard, order.index(step.target), *wrote))
    return tuple(found)


def every_table(shape: MachineShape) -> set[tuple[object, ...]]:
    """All tables, without regard to repeats, by what they do."""
    steps = list(product(range(shape.states), range(shape.data_symbols), range(shape.work_symbols), shape.moves, shape.work_moves))
    readings = [(place >> shape.reading_bits, guard) for place, guard in shape.readings()]
    found = set()
    for chosen in product([ACCEPT, REJECT, *steps], repeat=len(readings)):
        transitions = tuple(made(state, guard, one, shape) for (state, guard), one in zip(readings, chosen, strict=True))
        found.add(meaning(Table("m", "", (), tuple("ab"[: shape.states]), 0, transitions)))
    return found


def made(state: int, guard: Guard, chosen: object, shape: MachineShape) -> Transition:
    if isinstance(chosen, int):
        return Transition(state, guard, chosen)
    target, data, work, move, work_move = chosen  # type: ignore[misc]
    return Transition(state, guard, target, data, work if shape.work_symbols > 1 else None, move, work_move)


@pytest.mark.parametrize("shape", SMALL, ids=str)
def test_each_once(shape: MachineShape) -> None:
    prior = AllTables(shape)
    entries = prior.machines(0, prior.size)
    assert len(np.unique(entries, axis=0)) == prior.size
    found = {meaning(unpack(shape, row)) for row in entries}
    assert len(found) == prior.size
    assert found == every_table(shape)


def test_from_the_middle() -> None:
    prior = AllTables(MachineShape("grid", 1, 3, 1, (Edge.RIGHT,)))
    assert prior.size == 17**6
    assert np.array_equal(prior.machines(1000, 300)[250:], prior.machines(1250, 50))


def test_many_states_of_few_choices() -> None:
    """Few enough to be numbered, although some numbers that are never reached are not."""
    for kind in ("line", "rows", "grid"):
        for states in range(1, 40):
            prior = AllTables(MachineShape(kind, states, 1, 1))
            if prior.numbered:
                assert len(np.unique(np.concatenate([prior.machines(0, 2), prior.machines(prior.size - 2, 2)]), axis=0)) > 1


def test_the_first_accepts() -> None:
    prior = AllTables(MachineShape("grid", 2, 3))
    (first,) = prior.machines(0, 1)
    assert {transition.target for transition in unpack(prior.shape, first).transitions} == {ACCEPT}


def test_refused() -> None:
    prior = AllTables(MachineShape("grid", 6, 3, 3, tuple(Edge)))
    assert prior.size > LARGEST
    with pytest.raises(ValueError, match=r"2\^\d+ tables are too many to be tried one after the other; draw them"):
        prior.machines(0, 1)
    small = AllTables(SMALL[0])
    with pytest.raises(
        ValueError, match=f"there are {small.size} tables, so there are no numbers from {small.size} to {small.size}"
    ):
        small.machines(small.size, 1)
