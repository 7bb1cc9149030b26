"""The optimiser: every pass alone and all together do what the machine does, and do it once and for all."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Callable
from dataclasses import replace
from random import Random
from time import perf_counter

import pytest

from conftest import compiled, line_table, rule
from redundant import assert_same_run, awkward, drawn, in_pieces, input_of
from tmc.diagnostics import InternalError
from tmc.ir import table as ir
from tmc.ir.table import ACCEPT, REJECT, Table, validate
from tmc.ir.tape import Move, Tape
from tmc.net.checkpoint.reading import from_stages
from tmc.net.rcnn import RCNN
from tmc.optimise import passes as module
from tmc.optimise.passes import PASSES, Saving, optimise
from tmc.pipeline import compile_machine, lower_table
from tmc.source import Source
from tmc.testing.lockstep import lockstep

ANY = (0, 1, 2)
PARTS = ("drop_unreachable", "merge_states", "merge_transitions", "passes", "keep_states", "readings", "tiling", "units")

ODD_OR_EVEN = """machine odd_or_even
tape data: line of _ 0 1
start even
state even
    on 0   write 0   move right  -> even
    on 1             move right  -> odd
    on _                         -> accept
state odd
    on 0             move right  -> odd_too
    on 1             move right  -> even
    on _                         -> reject
state odd_too
    on 1             move right  -> even
    on 0   write 0   move right  -> odd
    otherwise                    -> reject
state unused
    otherwise                    -> odd_too
"""


def only(name: str) -> set[str]:
    return set(PASSES) - {name}


def sizes(table: Table) -> tuple[int, int]:
    return len(table.states), len(table.transitions)


def check(seed: int, name: str) -> None:
    """One random machine, optimised by one pass (or by all: ""), and run on a few inputs beside what it was."""
    without = only(name) if name else set[str]()
    table = awkward(seed)
    smaller = optimise(table, without)[0]
    validate(smaller)
    assert replace(smaller, states=(), start=0, transitions=()) == replace(table, states=(), start=0, transitions=())
    random, names = Random(seed), dict[str, str]()
    for _ in range(3):
        assert_same_run(table, smaller, input_of(random, table), names)
    assert optimise(smaller, without) == (smaller, ())


@pytest.mark.parametrize("name", [*PASSES, ""])
@pytest.mark.parametrize("seed", range(24))
def test_every_pass_preserves_every_step(seed: int, name: str) -> None:
    check(seed, name)


@pytest.mark.long
@pytest.mark.parametrize("name", [*PASSES, ""])
@pytest.mark.parametrize("block", range(4))
def test_every_pass_preserves_every_step_of_many(block: int, name: str) -> None:
    for seed in range(1000 + 100 * block, 1100 + 100 * block):
        check(seed, name)


@pytest.mark.parametrize("name", PASSES)
def test_every_pass_has_something_to_do(name: str) -> None:
    savings = [optimise(awkward(seed), only(name))[1] for seed in range(30)]
    assert sum(map(bool, savings)) > 27
    assert {saving.name for some in savings for saving in some} == {name}


@pytest.mark.parametrize("seed", range(24))
def test_what_was_made_awkward_is_undone(seed: int) -> None:
    """As few states, and about as few transitions: merging ends where the network would pay for it."""
    options = {"gaps": 0.0, "symbols": (3, 5)}
    written, awkwardly = optimise(drawn(seed, **options))[0], optimise(awkward(seed, **options))[0]
    assert len(awkwardly.states) == len(written.states)
    assert len(awkwardly.transitions) <= len(written.transitions) + 1


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_network_of_an_optimised_machine(seed: int) -> None:
    """In lockstep with the optimised table, and that with the table as it was."""
    table = awkward(seed, states=(1, 3))
    smaller, savings = optimise(table)
    assert savings
    data, stages = input_of(Random(seed), table), lower_table(smaller)
    assert_same_run(table, smaller, data, {})
    agreement = lockstep(stages, data, 40, RCNN(from_stages(stages)))
    assert agreement.run.steps > 0 or agreement.run.verdict == "stuck"


def test_the_example() -> None:
    build = compile_machine(Source("odd.tm", ODD_OR_EVEN))
    expected = line_table(
        rule(0, (1,), 0, write=1, move=Move.RIGHT, line=5),
        rule(0, (2,), 1, move=Move.RIGHT, line=6),
        rule(0, (0,), ACCEPT, line=7),
        rule(1, (1,), 1, move=Move.RIGHT, line=9),
        rule(1, (2,), 0, move=Move.RIGHT, line=10),
        rule(1, (0,), REJECT, line=11),
    )
    assert build.table == replace(expected, name="odd_or_even", states=("even", "odd"))
    assert build.savings == (Saving("drop-unreachable", 4, 3, 10, 9), Saving("merge-states", 3, 2, 9, 6))


def test_merged_states_make_transitions_alike() -> None:
    """First the states, so that the transitions to them are alike."""
    table = line_table(rule(0, (0,), 1), rule(0, (1,), 2), rule(1, ANY, ACCEPT), rule(2, (0, 1), ACCEPT), rule(2, (2,), ACCEPT))
    smaller, savings = optimise(table)
    assert smaller == line_table(rule(0, (0, 1), 1), rule(1, ANY, ACCEPT))
    assert savings == (Saving("merge-states", 3, 2, 5, 3), Saving("merge-transitions", 2, 2, 3, 2))
    assert optimise(table, {"merge-states"})[1] == (Saving("merge-transitions", 3, 3, 5, 4),)


def test_nothing_to_do() -> None:
    for name in ("gauss", "increment"):
        assert compiled(name).savings == ()
        assert optimise(compiled(name).table) == (compiled(name).table, ())
    table = awkward(1)
    assert optimise(table, PASSES) == (table, ())


def test_a_pass_that_there_is_not() -> None:
    with pytest.raises(ValueError, match=r"^no pass is called fold; there are drop-unreachable, merge-states, merge-transitions$"):
        optimise(line_table(rule(0, ANY, ACCEPT)), {"fold"})


def change_target(table: Table) -> Table:
    return replace(table, transitions=(*table.transitions[:-1], replace(table.transitions[-1], target=REJECT)))


def change_write(table: Table) -> Table:
    return replace(table, transitions=(replace(table.transitions[0], write_data=1), *table.transitions[1:]))


def forget_one(table: Table) -> Table:
    return replace(table, transitions=table.transitions[1:])


def overlap(table: Table) -> Table:
    return replace(table, transitions=(*table.transitions, table.transitions[0])) if len(table.transitions) < 9 else table


def confuse(table: Table) -> Table:
    """Two states as one that are not."""
    return replace(table, transitions=tuple(replace(t, target=1) if t.target == 0 else t for t in table.transitions))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (change_target, "goes on from b in another state than before"),
        (change_write, "does something else in a than before"),
        (forget_one, "is stuck in a where it was not, or the other way round"),
        (confuse, "goes on from a in another state than before"),
        (overlap, "overlap"),
    ],
)
def test_a_wrong_pass_is_caught(wrong: Callable[[Table], Table], complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = line_table(rule(0, (0,), 1), rule(0, (1, 2), 0, move=Move.LEFT), rule(1, (0, 1), 0), rule(1, (2,), ACCEPT))
    once = {table: wrong(table)}
    monkeypatch.setattr(module, "PASSES", {"wrong": lambda given, _: once.get(given, given)})
    with pytest.raises(InternalError, match=complaint):
        optimise(table)


def test_large_machines_take_little_time() -> None:
    table = in_pieces(Random(0), drawn(0, states=(300, 300), symbols=(10, 10)))
    before = perf_counter()
    smaller, savings = optimise(table)
    assert perf_counter() - before < 5
    assert savings
    assert len(smaller.states) > 100


@pytest.mark.parametrize("name", PARTS)
def test_examples_in_docstrings(name: str) -> None:
    part = importlib.import_module(f"tmc.optimise.{name}")
    words = {word: getattr(ir, word) for word in ("ACCEPT", "Guard", "Table", "Transition")} | {"Tape": Tape}
    outcome = doctest.testmod(part, extraglobs=words, raise_on_error=True)
    assert outcome.attempted > 0
