"""The universal machine against the machines that it is given, run directly."""

from __future__ import annotations

from random import Random

import pytest

from conftest import compiled
from tmc.ir.table import ACCEPT, REJECT, LineTest, Table, Transition
from tmc.ir.tape import Move
from tmc.net.checkpoint.reading import from_stages
from tmc.net.network import Network
from tmc.run.simulator import Run, simulate
from tmc.run.tapes import line_of_text, text_of_line
from tmc.testing.lockstep import lockstep
from tmc.testing.random_machines import Family, random_machine

SYMBOLS = ("_", "0", "1")
MOVES = {Move.LEFT: "L", Move.RIGHT: "R", Move.STAY: ""}


def program(table: Table) -> str:
    """A machine with one tape as universal.tm reads it: a rule for each symbol, but none where the machine rejects or is stuck."""
    states = ("".join(map(rule, rules(table, state))) for state in range(len(table.states)))
    return "p" + "x" * (table.start + 1) + "".join(f"s{rules}" for rules in states) + "p"


def rules(table: Table, state: int) -> list[tuple[str, str, Transition]]:
    """The symbols that a state reads and writes, with the transition."""
    found = []
    for number, symbol in enumerate(table.data.symbols):
        for transition in table.transitions:
            if transition.state == state and number in transition.guard.data and transition.target != REJECT:
                written = number if transition.write_data is None else transition.write_data
                found.append((symbol, table.data.symbols[written], transition))
    return found


def rule(parts: tuple[str, str, Transition]) -> str:
    read, written, transition = parts
    if transition.target == ACCEPT:
        return f"r{read}{written}"
    return f"r{read}{written}{MOVES[transition.move_data]}{'x' * (transition.target + 1)}"


def on_the_universal_machine(table: Table, word: str, max_steps: int = 10_000_000) -> Run:
    universal = compiled("universal").table
    return simulate(universal, line_of_text(universal.data, word + program(table)), max_steps)


def check(table: Table, word: str, max_steps: int = 1000) -> str:
    """Compare the verdict and, of a machine that accepts, the tape."""
    directly = simulate(table, line_of_text(table.data, word), max_steps)
    if directly.verdict == "timeout":
        assert on_the_universal_machine(table, word, max_steps).verdict == "timeout"  # it takes more steps, not fewer
        return "timeout"
    run = on_the_universal_machine(table, word)
    assert run.verdict == ("accept" if directly.verdict == "accept" else "reject"), (word, program(table))
    universal = compiled("universal").table
    assert text_of_line(universal.data, run.configuration.data) == word + program(table)
    if run.verdict == "accept":
        assert universal.work is not None
        assert text_of_line(universal.work, run.configuration.work) == text_of_line(table.data, directly.configuration.data)
    return directly.verdict


@pytest.mark.parametrize("name", ["increment", "divisible_by_3", "collatz", "busy_beaver_2", "busy_beaver_3", "busy_beaver_4"])
def test_it_runs_the_classics(name: str) -> None:
    table = compiled(name).table
    words = ["", "1", "111"] if "0" not in table.data.symbols else ["", "0", "1", "11", "100", "1011", "10101"]
    for word in words:
        check(table, word)


def test_the_programs_of_its_own_tests() -> None:
    written = {test.data for test in compiled("universal").table.tests if isinstance(test, LineTest)}
    for name, word in (("increment", "1011"), ("divisible_by_3", "11"), ("busy_beaver_2", "")):
        assert word + program(compiled(name).table) in written


def check_random(seed: int) -> str:
    random = Random(seed)
    family = Family(kind="line", states=(1, 5), symbols=(2, 3), work_tape=False, gaps=0.1, halts=0.1)
    table = random_machine(random, family)
    letters = [symbol for symbol in table.data.symbols if symbol != "_"]
    return check(table, "".join(random.choices(letters, k=random.randint(0, 6))), 200)


def test_it_runs_random_machines() -> None:
    assert {check_random(seed) for seed in range(150)} == {"accept", "reject", "stuck", "timeout"}


@pytest.mark.long
def test_it_runs_many_random_machines() -> None:
    for seed in range(1000, 5000):
        check_random(seed)


@pytest.mark.parametrize(
    ("word", "verdict"), [("0", "reject"), ("1x", "reject"), ("_", "reject"), ("1pp", "accept"), ("pxp", "reject")]
)
def test_programs_without_states(word: str, verdict: str) -> None:
    universal = compiled("universal").table
    assert simulate(universal, line_of_text(universal.data, word), 1000).verdict == verdict


@pytest.mark.parametrize("name", ["busy_beaver_2", pytest.param("busy_beaver_3", marks=pytest.mark.long)])
def test_a_machine_in_a_machine_in_a_network(name: str) -> None:
    universal = compiled("universal")
    data = line_of_text(universal.table.data, program(compiled(name).table))
    agreement = lockstep(universal, data, 10_000, Network(from_stages(universal)))
    assert agreement.run.verdict == "accept"
