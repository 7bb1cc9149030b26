"""The busy beavers: how long they run, what they leave, and the sequence that the one with five states follows."""

from __future__ import annotations

import pytest

from conftest import compiled
from tmc.ir.table import Configuration
from tmc.ir.tape import Line
from tmc.net.checkpoint.reading import from_stages
from tmc.net.network import Network
from tmc.run.simulator import Run, simulate
from tmc.testing.lockstep import lockstep

CHAMPIONS = [(2, 6, 4), (3, 21, 5), (4, 107, 13), (5, 47_176_870, 4098)]
ONES_OF_5 = (0, 6, 16, 34, 64, 114, 196, 334, 564, 946, 1584, 2646, 4416, 7366, 12284)


def ones(run: Run) -> int:
    tape = run.configuration.data
    assert isinstance(tape, Line)
    return sum(tape.cells)


@pytest.mark.parametrize(("states", "steps", "left"), CHAMPIONS)
def test_the_blank_tape(states: int, steps: int, left: int) -> None:
    table = compiled(f"busy_beaver_{states}").table
    run = simulate(table, Line())
    assert (run.verdict, run.steps, ones(run)) == ("accept", steps, left)
    assert len(table.states) == states
    assert run.steps_promise is not None
    assert run.steps_promise.limit == steps


@pytest.mark.parametrize("states", [2, 3, 4])
def test_the_blank_tape_on_the_network(states: int) -> None:
    build = compiled(f"busy_beaver_{states}")
    agreement = lockstep(build, Line(), None, Network(from_stages(build)))
    assert agreement.run == simulate(build.table, Line())
    assert agreement.layers == 2 * agreement.run.steps - 1  # every step moves the head, but for the last


def test_two_states_never_run_longer() -> None:
    table = compiled("busy_beaver_2").table
    for number in range(2**9):
        run = simulate(table, Line.of({place: number >> place & 1 for place in range(9)}), 100)
        assert run.verdict == "accept"
        assert not run.promise_broken


def after(ones: int) -> tuple[int, int | None]:
    """The steps that busy_beaver_5.tm says it takes from a number of ones, and with how many it goes on (None: it halts)."""
    k, remainder = divmod(ones, 3)
    if remainder == 2:
        return 6 * k + 12, None
    return (5 * k**2 + 25 * k + 27, 5 * k + 9) if remainder else (5 * k**2 + 19 * k + 15, 5 * k + 6)


def check_sequence(before: int) -> None:
    table = compiled("busy_beaver_5").table
    steps, ones_then = after(before)
    run = simulate(table, Line((1,) * before, 1), steps)
    assert run.steps == steps
    if ones_then is None:
        assert run.verdict == "accept"
        return
    reached = run.configuration
    assert isinstance(reached.data, Line)
    assert reached == Configuration(table.start, Line((1,) * ones_then, reached.head[1] + 1), reached.head)


def test_the_sequence_of_five_states() -> None:
    for count in (*range(40), *ONES_OF_5[:10], ONES_OF_5[-1]):
        check_sequence(count)


def test_the_sequence_leads_to_47_176_870_steps() -> None:
    assert [after(count)[1] for count in ONES_OF_5] == [*ONES_OF_5[1:], None]
    assert sum(after(count)[0] for count in ONES_OF_5) == 47_176_870
