"""Machines written more awkwardly than need be, and what it takes to tell whether two machines do the same.

Nothing here knows how the optimiser works: machines are compared by `tmc.ir.table.step`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

from tmc.ir.table import Configuration, Guard, Table, Transition, start, step, validate
from tmc.ir.tape import EDGES, Grid, Line, Move
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine

KINDS = ("grid", "line", "rows")


def drawn(seed: int, **more: object) -> Table:
    """A random machine; one in three has no work tape."""
    options: dict[str, object] = {"kind": KINDS[seed % 3], "work_tape": seed % 4 > 0, "gaps": 0.1, **more}
    return random_machine(Random(seed), Family(**options))  # type: ignore[arg-type]


def with_strays(random: Random, table: Table, count: int) -> Table:
    """The same machine with states more that nothing reaches from the start; they lead anywhere."""
    size = len(table.states)
    templates = random.choices(table.transitions, k=count) if table.transitions else ()
    strays = [replace(template, state=size + number) for number, template in enumerate(templates)]
    strays = [t if t.halts else replace(t, target=random.randrange(size + count)) for t in strays]
    names = (*table.states, *(f"stray{number}" for number in range(count)))
    return checked(replace(table, states=names, transitions=(*table.transitions, *strays)))


def with_copies(random: Random, table: Table, copies: int) -> Table:
    """The same machine so many times, where a transition to a state goes to any of its copies; the start is any copy of it."""
    size = len(table.states)
    return checked(
        replace(
            table,
            states=tuple(f"{name}{copy or ''}" for copy in range(copies) for name in table.states),
            start=table.start + size * random.randrange(copies),
            transitions=tuple(
                replace(t, state=t.state + size * copy, target=t.target if t.halts else t.target + size * random.randrange(copies))
                for copy in range(copies)
                for t in table.transitions
            ),
        )
    )


def in_pieces(random: Random, table: Table) -> Table:
    """The same machine with guards cut at random, and with writes and moves that change nothing."""
    pieces = (piece for transition in table.transitions for piece in _cut(random, table, transition, 3))
    return checked(replace(table, transitions=tuple(_said_otherwise(random, table, piece) for piece in pieces)))


def awkward(seed: int, **more: object) -> Table:
    """A random machine with states that nothing reaches, copies of states, and transitions in pieces."""
    random = Random(seed)
    return in_pieces(random, with_copies(random, with_strays(random, drawn(seed, **more), 2), 2))


def checked(table: Table) -> Table:
    validate(table)
    return table


def _cut(random: Random, table: Table, transition: Transition, depth: int) -> list[Transition]:
    guard = transition.guard
    axis = random.choice(("data", "work", "edge"))
    halves: list[Guard] = []
    if axis == "edge":
        edge = random.randrange(4)
        if table.is_grid and guard.edges[edge] is None:
            halves = [replace(guard, edges=(*guard.edges[:edge], test, *guard.edges[edge + 1 :])) for test in (True, False)]
    elif len(symbols := getattr(guard, axis)) > 1:
        chosen = set(random.sample(symbols, random.randint(1, len(symbols) - 1)))
        halves = [replace(guard, **{axis: tuple(s for s in symbols if (s in chosen) == side)}) for side in (True, False)]
    if depth == 0 or not halves or random.random() < 0.5:
        return [transition]
    return [piece for half in halves for piece in _cut(random, table, replace(transition, guard=half), depth - 1)]


def _said_otherwise(random: Random, table: Table, transition: Transition) -> Transition:
    if random.random() < 0.5:
        return transition
    guard = transition.guard
    if transition.write_data is None and len(guard.data) == 1:
        transition = replace(transition, write_data=guard.data[0])
    if transition.write_work is None and len(guard.work) == 1 and table.work:
        transition = replace(transition, write_work=guard.work[0])
    if transition.move_data is Move.STAY and not transition.halts and table.data.kind == "grid":
        stopped = [edge.value for edge, test in zip(EDGES, guard.edges, strict=True) if test]
        transition = replace(transition, move_data=random.choice([Move.STAY, *stopped]))
    return transition


def input_of(random: Random, table: Table) -> Grid | Line:
    """A random data tape for a machine."""
    return random_grid(random, table, rows=(1, 4), columns=(1, 4)) if table.is_grid else random_line(random, table, (0, 6))


def assert_same_run(one: Table, other: Table, data: Grid | Line, names: dict[str, str], steps: int = 40) -> None:
    """Step both machines side by side; `names` gathers, for each state of the one, the only state that the other is in then."""
    ours, theirs = start(one, data), start(other, data)
    for _ in range(steps):
        ours_name, theirs_name = one.target_name(ours.state), other.target_name(theirs.state)
        assert names.setdefault(ours_name, theirs_name) == theirs_name
        assert replace(ours, state=theirs.state) == theirs
        after = (step(one, ours), step(other, theirs)) if ours.state >= 0 else (None, None)
        assert (after[0] is None) == (after[1] is None)
        if after[0] is None or after[1] is None:
            return
        ours, theirs = after


def readings(table: Table) -> Iterator[Configuration]:
    """A configuration for everything that a transition can see, in state 0."""
    work_symbols = range(len(table.work.symbols)) if table.work else (0,)
    for data, work in product(range(len(table.data.symbols)), work_symbols):
        tape = Line.of({0: work})
        if not table.is_grid:
            yield Configuration(0, Line.of({0: data}), (0, 0), tape)
            continue
        for top, bottom, left, right in product((False, True), repeat=4):
            row = tuple(data for _ in range(3 - left - right))
            head = (0 if top else 1, 0 if left else 1)
            yield Configuration(0, Grid((row,) * (3 - top - bottom)), head, tape)


def behaviour(table: Table, state: int) -> tuple[Configuration | None, ...]:
    """What a state does on every reading."""
    return tuple(step(table, replace(configuration, state=state)) for configuration in readings(table))
