"""Whether two machines are the same: the proof against random renamings, the shortest input against all inputs in turn."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from conftest import compiled
from tmc.diagnostics import Rejected
from tmc.ir.alphabets import aligned
from tmc.ir.table import Configuration, Table, applicable, start, step
from tmc.ir.tape import Grid, Line, Tape
from tmc.run.loops import find_loop
from tmc.run.simulator import configurations, simulate
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine
from tmc.testing.telling_apart import by_results, by_steps
from tmc.verify.bisimulation import bisimulation
from tmc.verify.same import same

STEPS = 60  # of a run, in the comparison with all inputs
FAMILIES = [
    Family(kind, states=(1, 4), symbols=(2, 3), work_tape=work, gaps=0.1, halts=0.15)
    for kind in ("line", "grid", "rows")
    for work in (False, True)
]


def renamed(random: Random, table: Table) -> Table:
    """The same machine with its states in another order, under other names, and its symbols in another order."""
    states = random.sample(range(len(table.states)), len(table.states))
    orders = [(0, *random.sample(range(1, len(tape.symbols)), len(tape.symbols) - 1)) for tape in table.tapes] + [(0,)]
    numbers = [{old: new for new, old in enumerate(order)} for order in orders]
    place = {old: new for new, old in enumerate(states)}
    transitions = [
        replace(
            one, state=place[one.state], target=place.get(one.target, one.target),
            guard=replace(one.guard, data=tuple(sorted(numbers[0][s] for s in one.guard.data)),
                          work=tuple(sorted(numbers[1][s] for s in one.guard.work))),
            write_data=None if one.write_data is None else numbers[0][one.write_data],
            write_work=None if one.write_work is None else numbers[1][one.write_work],
        )
        for one in table.transitions
    ]  # fmt: skip
    tapes = tuple(
        Tape(t.name, t.kind, tuple(t.symbols[old] for old in order)) for t, order in zip(table.tapes, orders, strict=False)
    )
    return replace(
        table, tapes=tapes, states=tuple(f"s{old}" for old in states), start=place[table.start],
        transitions=tuple(random.sample(transitions, len(transitions))),
    )  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_renamed_machines_are_the_same(family: Family) -> None:
    random = Random(3)
    for _ in range(20):
        table = random_machine(random, family)
        assert same(table, renamed(random, table)).same


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_what_is_proved_holds_in_every_step(family: Family) -> None:
    random, proved = Random(7), 0
    while proved < 10:  # pairs that are alike by chance, not by making
        one, other = (random_machine(random, replace(family, states=(1, 1), symbols=(2, 2), halts=0.5)) for _ in range(2))
        if not bisimulation(aligned(one, other)).holds or one.data.symbols != other.data.symbols:
            continue
        proved += 1
        for _ in range(5):
            data = random_grid(random, one, (1, 3), (1, 3)) if one.is_grid else random_line(random, one, (0, 6))
            for (first, _), (second, _), _ in zip(configurations(one, data), configurations(other, data), range(100), strict=False):
                assert first == second


def ending(table: Table, data: Grid | Line) -> tuple[str, object] | None:
    """How a run ends; None: it did not end and is not proved to loop. The verdict is what counts on a grid."""
    run = simulate(table, data, STEPS)
    if run.verdict == "timeout":
        return None if find_loop(table, run.configuration, STEPS) is None else ("loops", None)
    return run.verdict, run.configuration.data if isinstance(data, Line) else None


def parting_step(one: Table, other: Table, data: Grid | Line) -> int | None:
    """The first step in which two machines do not do the same: none is taken by just one, or they differ after it."""
    pair: list[Configuration] = [start(one, data), start(other, data)]
    for number in range(1, STEPS + 1):
        then = [step(table, at) if at.state >= 0 else None for table, at in zip((one, other), pair, strict=True)]
        if then[0] is None or then[1] is None:
            return None if then[0] is then[1] else number
        first, second = then
        moved = first.head != second.head or first.work_head != second.work_head
        if moved or first.data != second.data or first.work != second.work or min(first.state, 0) != min(second.state, 0):
            return number
        pair = [first, second]
    return None


def inputs(one: Table, limit: int) -> list[list[Grid | Line]]:
    """All inputs by their size, up to a limit."""
    if not one.is_grid:
        symbols = range(len(one.data.symbols))
        cells = [product(symbols, repeat=length) for length in range(limit)]
        ends = [[c for c in of_length if not c or c[-1]] for of_length in cells]
        return [[Line.of(dict(enumerate(c))) for c in of_length] for of_length in ends]
    bits = [one.data.number(bit) for bit in ("0", "1") if bit in one.data.symbols]
    found: list[list[Grid | Line]] = [[] for _ in range(limit)]
    for rows, columns in product(range(2, limit), repeat=2):
        if rows * columns < limit:
            for chosen in product(bits, repeat=rows * columns - 1):
                whole = (*chosen, 0)
                found[rows * columns].append(Grid(tuple(whole[i * columns : (i + 1) * columns] for i in range(rows))))
    return found


def check_against_all_inputs(random: Random, family: Family) -> tuple[bool, bool]:
    """A random pair, its searches beside all inputs in turn; whether it parts in its steps, and in its results."""
    one = random_machine(random, family)
    other = next(drawn for drawn in iter(lambda: random_machine(random, family), None) if drawn.tapes == one.tapes)
    both = aligned(one, other)
    by_size = inputs(one, 9 if one.is_grid else 6)
    parts = [size for size, found in enumerate(by_size) if any(parting_step(one, other, data) for data in found)]
    searched = by_steps(both, STEPS, 10**9 if parts else 20_000)
    if parts:
        assert searched.told is not None
        assert (searched.size, searched.told.step) == (parts[0], parting_step(one, other, searched.told.data))
    else:
        assert searched.told is None or searched.size >= len(by_size)
        assert searched.told is not None or bisimulation(both).holds or searched.undecided or not searched.complete
    ends = [
        size for size, found in enumerate(by_size)
        if any(None not in (pair := (ending(one, data), ending(other, data))) and pair[0] != pair[1] for data in found)
    ]  # fmt: skip
    results = by_results(both, STEPS, 10**9 if ends else 20_000)
    if ends:
        assert results.told is not None
        assert results.size == ends[0]
        for outcome, table in zip(results.told.outcomes, (one, other), strict=True):
            found = ending(table, results.told.data)
            assert found is not None
            assert outcome.verdict == found[0]
    else:
        assert results.told is None or results.size >= len(by_size)
    return bool(parts), bool(ends)


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_the_shortest_input_is_found(family: Family) -> None:
    random = Random(11)
    found = [check_against_all_inputs(random, family) for _ in range(8)]
    assert any(steps for steps, _ in found)
    assert any(results for _, results in found)


@pytest.mark.soak
@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_the_shortest_input_is_found_in_a_thousand_pairs(family: Family) -> None:
    random = Random(12)
    for _ in range(170):
        check_against_all_inputs(random, family)


def test_a_changed_transition_is_found_where_it_is_taken() -> None:
    table = compiled("palindrome").table
    for number, transition in enumerate(table.transitions):
        if transition.halts:
            changed = replace(transition, target=-3 - transition.target)  # accept and reject change places
            other = replace(table, transitions=(*table.transitions[:number], changed, *table.transitions[number + 1 :]))
            found = same(table, other)
            assert found.results is not None
            told = found.results.told
            assert told is not None
            assert isinstance(told.data, Line)
            assert {outcome.verdict for outcome in told.outcomes} == {"accept", "reject"}
            ended = list(configurations(table, told.data))[-2][0]
            assert applicable(table, ended) == transition


def test_a_line_and_a_grid() -> None:
    with pytest.raises(Rejected, match=r"^gauss reads a grid and increment a line: no input is for both$"):
        same(compiled("gauss").table, compiled("increment").table)


def test_symbols_that_get_one_name() -> None:
    table = compiled("increment").table
    with pytest.raises(Rejected, match=r"^the symbols of the tape data cannot be renamed so: it would have _ 1 1$"):
        same(table, table, {"0": "1"})


def test_a_symbol_that_is_not_there() -> None:
    table = compiled("increment").table
    with pytest.raises(Rejected, match=r"^increment has no symbol q that could be called 1$"):
        same(table, table, {"q": "1"})
