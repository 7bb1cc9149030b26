"""States with parameters, captures and used files: what they expand to, and that this does what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmc.diagnostics import SourceRejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.ir.table import Table
from tmc.pipeline import look_over, lower_table
from tmc.run.simulator import simulate
from tmc.run.tapes import line_of_text, text_of_line
from tmc.source import Source
from tmc.syntax.program import read_program
from tmc.testing.lockstep import lockstep

LINE = "machine m\ntape data: line of _ 0 1\nstart s\n"
TWO = "machine m\ntape data: line of _ 0 1\ntape work: line of _ 0 1\nstart s\n"
SEEK = "state seek(mark, way, next)\n  on mark -> next\n  otherwise move way\n"


def table(text: str, name: str = "m.tm") -> Table:
    return syntax_to_table(read_program(Source(name, text)))[0]


def run(machine: Table, data: str) -> tuple[str, int, str, str]:
    """The verdict, the steps and both tapes."""
    ended = simulate(machine, line_of_text(machine.data, data), 1000)
    work = text_of_line(machine.tapes[1], ended.configuration.work) if machine.work else ""
    return ended.verdict, ended.steps, text_of_line(machine.data, ended.configuration.data), work  # type: ignore[arg-type]


def test_each_distinct_use_is_a_state() -> None:
    text = (
        LINE
        + "state s\n  on 0 -> seek(1, right, accept)\n  on 1 -> seek(_, left, s)\n  otherwise -> seek(1, right, accept)\n"
        + SEEK
    )
    machine = table(text)
    assert machine.states == ("s", "seek(1,right,accept)", "seek(_,left,s)")
    assert run(machine, "001") == ("accept", 4, "001", "")


def test_plain_states_come_first_in_the_order_of_the_text() -> None:
    machine = table(LINE + SEEK + "state s\n  otherwise -> seek(1, right, b)\nstate b\n  otherwise -> accept\n")
    assert machine.states == ("s", "b", "seek(1,right,b)")
    assert machine.start == 0


def test_a_machine_may_start_in_an_instance() -> None:
    machine = table(LINE.replace("start s", "start seek(1, right, accept)") + SEEK)
    assert machine.states == ("seek(1,right,accept)",)
    assert run(machine, "0001")[:2] == ("accept", 4)


def test_arguments_may_be_alternatives() -> None:
    machine = table(LINE + "state s\n  otherwise -> seek(1|_, right, accept)\n" + SEEK)
    assert machine.states[1] == "seek(1|_,right,accept)"
    assert run(machine, "00")[:2] == ("accept", 4)


def test_arguments_may_be_states_with_arguments() -> None:
    machine = table(LINE + "state s\n  otherwise -> seek(1, right, seek(_, right, seek(0|1, left, accept)))\n" + SEEK)
    assert machine.states[1:] == (
        "seek(1,right,seek(_,right,seek(0|1,left,accept)))",
        "seek(_,right,seek(0|1,left,accept))",
        "seek(0|1,left,accept)",
    )


def test_a_parameter_may_be_passed_on() -> None:
    text = LINE + "state s\n  otherwise -> twice(right, accept)\nstate twice(way, next)\n  otherwise move way -> once(way, next)\n"
    machine = table(text + "state once(way, next)\n  otherwise move way -> next\n")
    assert machine.states == ("s", "twice(right,accept)", "once(right,accept)")
    assert [t.move_data.name for t in machine.transitions] == ["STAY", "RIGHT", "STAY"]  # a halting rule does not move


def test_recursion_that_comes_back_is_finite() -> None:
    text = (
        LINE
        + "state s\n  otherwise -> flip(0, 1)\nstate flip(a, b)\n  on a write b move right -> flip(b, a)\n  otherwise -> accept\n"
    )
    machine = table(text)
    assert machine.states == ("s", "flip(0,1)", "flip(1,0)")
    assert run(machine, "0101")[2] == "1010"


def test_a_parameter_hides_a_symbol_and_quotes_bring_it_back() -> None:
    text = "machine m\ntape data: line of _ x y\nstart s\nstate s\n  otherwise -> t(y)\n"
    machine = table(text + "state t(x)\n  on x write 'x' move right\n  on 'x' write x move right\n  otherwise -> accept\n")
    assert run(machine, "yxy") == ("accept", 5, "xyx", "")


def test_a_captured_symbol_is_written() -> None:
    machine = table(TWO + "state s\n  on $x in 0|1 write _, $x move right, right\n  otherwise -> accept\n")
    assert run(machine, "0110") == ("accept", 5, "", "0110")


def test_two_captures_swap() -> None:
    machine = table(TWO + "state s\n  on $x, $y write $y, $x -> t\nstate t\n  otherwise -> accept\n")
    assert run(machine, "1") == ("accept", 2, "", "1")


def test_one_capture_on_both_tapes_means_equal() -> None:
    machine = table(TWO + "state s\n  on $x, $x -> accept\n  otherwise -> reject\n")
    assert run(machine, "")[0] == "accept"
    assert run(machine, "1")[0] == "reject"
    assert len(machine.transitions) == 3 + 3


def test_a_captured_symbol_is_an_argument() -> None:
    text = LINE + "state s\n  on $x in 0|1 write _ move right -> put($x)\n  otherwise -> accept\n"
    machine = table(text + "state put(x)\n  on $y in 0|1 write x move right -> put($y)\n  otherwise write x -> accept\n")
    assert machine.states == ("s", "put(0)", "put(1)")
    assert run(machine, "1101")[2] == "1101"  # shifted by one


def test_a_parameter_may_stand_among_alternatives_and_in_captures() -> None:
    copy = "state copy(mark)\n  on $x in mark|0 write ., $x move right, right\n  otherwise -> accept\n"
    assert run(table(TWO + "state s\n  otherwise -> copy(1)\n" + copy), "01101")[3] == "01101"


def test_a_library_brings_its_states(tmp_path: Path) -> None:
    (tmp_path / "lib.tm").write_text("# a library\n\n" + SEEK)
    text = 'machine m\nuse "lib.tm"\ntape data: line of _ 0 1\nstart seek(1, right, accept)\n'
    machine = table(text, str(tmp_path / "m.tm"))
    assert machine.states == ("seek(1,right,accept)",)
    assert {(t.file, t.line) for t in machine.transitions} == {("lib.tm", 4), ("lib.tm", 5)}


def test_own_states_hide_used_ones_but_not_from_the_library_itself(tmp_path: Path) -> None:
    (tmp_path / "lib.tm").write_text("state first\n  otherwise -> done\nstate done\n  otherwise write 1 -> accept\n")
    text = 'machine m\nuse "lib.tm"\ntape data: line of _ 0 1\nstart s\nstate s\n  on 0 -> done\n  otherwise -> first\n'
    machine = table(text + "state done\n  otherwise -> reject\n", str(tmp_path / "m.tm"))
    assert machine.states == ("s", "done", "first", "lib.tm:done")
    assert run(machine, "")[:1] + run(machine, "")[2:3] == ("accept", "1")
    assert run(machine, "0")[0] == "reject"


def test_a_file_used_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "base.tm").write_text(SEEK)
    (tmp_path / "a.tm").write_text('use "base.tm"\nstate a\n  otherwise -> seek(1, right, accept)\n')
    text = 'machine m\nuse "a.tm"\nuse "base.tm"\nuse "a.tm"\ntape data: line of _ 0 1\nstart a\n'
    program = read_program(Source(str(tmp_path / "m.tm"), text))
    assert [file.name for file in program.files] == ["", "a.tm", "base.tm"]
    assert not program.errors
    assert syntax_to_table(program)[0].states == ("a", "seek(1,right,accept)")


def test_used_states_are_not_those_of_used_files_of_used_files(tmp_path: Path) -> None:
    (tmp_path / "base.tm").write_text(SEEK)
    (tmp_path / "a.tm").write_text('use "base.tm"\nstate a\n  otherwise -> accept\n')
    text = 'machine m\nuse "a.tm"\ntape data: line of _ 0 1\nstart seek(1, right, a)\n'
    with pytest.raises(SourceRejected, match="TMC004"):
        table(text, str(tmp_path / "m.tm"))


def test_a_machine_may_be_used_for_its_states(tmp_path: Path) -> None:
    (tmp_path / "other.tm").write_text(LINE.replace("start s", "start seek(1, left, accept)") + SEEK)
    text = 'machine m\nuse "other.tm"\ntape data: line of _ 0 1\nstart seek(_, right, accept)\n'
    assert table(text, str(tmp_path / "m.tm")).states == ("seek(_,right,accept)",)


@pytest.mark.parametrize(("depth", "fits"), [(49, True), (51, False)])
def test_hand_written_nesting(depth: int, fits: bool) -> None:
    text = LINE + "state s\n  otherwise -> " + "f(" * depth + "accept" + ")" * depth + "\nstate f(x)\n  otherwise -> x\n"
    assert fits == (len(look_over(Source("m.tm", text))) == 0)


def test_a_subroutine_called_many_times() -> None:
    calls = "".join(f"state s{i}\n  otherwise -> step(s{i + 1})\n" for i in range(200))
    machine = table(
        LINE.replace("start s", "start s0")
        + calls
        + "state s200\n  otherwise -> accept\nstate step(next)\n  otherwise move right -> next\n"
    )
    assert len(machine.states) == 401
    assert run(machine, "")[:2] == ("accept", 401)


def test_expanded_machines_run_on_the_network() -> None:
    text = TWO + "state s\n  on $x in 0|1 write _, $x move right, right -> s\n  otherwise move ., left -> back(left, check)\n"
    text += "state back(way, next)\n  on *, _ move ., right -> next\n  otherwise move ., way\n"
    text += "state check\n  on *, 1 -> accept\n  otherwise -> reject\n"
    stages = lower_table(table(text))
    agreed = lockstep(stages, line_of_text(stages.table.data, "101"), 100)
    assert agreed.run.verdict == "accept"


def test_look_over_a_library() -> None:
    assert look_over(Source("lib.tm", SEEK)) == ()
    said = look_over(Source("lib.tm", SEEK + "state t(next)\n  on $x -> nxt\n"))
    assert [diagnostic.code for diagnostic in said] == ["TMC107", "TMC107", "TMC004"]


def test_what_a_capture_writes_is_used() -> None:
    text = "machine m\ntape data: line of _ a b\ntape work: line of _ a b\nstart s\n"
    rules = "state s\n  on $x in a|b write ., $x move right, right\n  otherwise -> accept\n"
    assert look_over(Source("m.tm", text + rules)) == ()


def test_a_run_may_be_quoted_as_a_whole() -> None:
    text = LINE.replace("0 1", "0 1 '+'") + "state s\n  on '+' write 1 -> accept\n  otherwise move right\n"
    machine = table(text + "test \"t\"\n  data 1'0+'1'+1'\n  -> accept\n  data is '1011+1'\n")
    assert machine.tests[0].data == "10+1+1"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a" * 5000 + ".tm", "TMC016"), ("b/" * 2000 + "c.tm", "TMC016"), ("a" * 5000, "TMC024"), (".", "TMC024"), ("..", "TMC023"),
        ("/", "TMC023"),
    ],
)  # fmt: skip
def test_a_path_that_is_no_file_is_said(path: str, code: str) -> None:
    said = look_over(
        Source("m.tm", f'machine m\nuse "{path}"\ntape data: line of _ 0 1\nstart s\nstate s\n  otherwise -> accept\n')
    )
    assert [diagnostic.code for diagnostic in said] == [code]


def test_a_parameter_and_the_quoted_symbol_of_its_name() -> None:
    text = "machine m\ntape data: line of _ x y\nstart s\nstate s\n  otherwise -> t(y)\n"
    machine = table(text + "state t(x)\n  on x|'x' -> accept\n  otherwise -> reject\n")
    assert [run(machine, data)[0] for data in ("x", "y", "_")] == ["accept", "accept", "reject"]


def test_the_order_of_alternatives_makes_no_difference() -> None:
    machine = table(LINE + "state s\n  on 0 -> seek(1|_, left, s)\n  otherwise -> seek(_|1, left, s)\n" + SEEK)
    assert machine.states == ("s", "seek(_|1,left,s)") or machine.states == ("s", "seek(1|_,left,s)")


def test_the_machines_own_states_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "l.tm").write_text(
        "state go(n)\n  on 0 -> t(1)\n  otherwise -> n\nstate t(x)\n  on x -> reject\n  otherwise -> accept\n"
    )
    text = 'machine m\nuse "l.tm"\ntape data: line of _ 0 1\nstart go(t(1))\nstate t(x)\n  on x -> accept\n  otherwise -> reject\n'
    assert table(text, str(tmp_path / "m.tm")).states == ("go(t(1))", "l.tm:t(1)", "t(1)")


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder, verdict in (("p", "accept"), ("q", "reject")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "lib.tm").write_text(f"state t\n  otherwise -> {verdict}\n")
        (tmp_path / folder / f"{folder}.tm").write_text(f'use "lib.tm"\nstate {folder}\n  otherwise -> t\n')
    text = 'machine m\nuse "p/p.tm"\nuse "q/q.tm"\ntape data: line of _ 0 1\nstart s\nstate s\n  on 0 -> p\n  otherwise -> q\n'
    machine = table(text, str(tmp_path / "m.tm"))
    assert machine.states == ("s", "p", "q", "t", "q/lib.tm:t")
    assert {t.file for t in machine.transitions} == {"", "p/p.tm", "q/q.tm", "lib.tm", "q/lib.tm"}


def test_very_many_errors_are_said_briefly() -> None:
    text = LINE + "state s\n  on " + "|".join("0" * 3000) + ' -> accept\ntest "t"\n  data ' + "2" * 3000 + "\n  -> accept\n"
    with pytest.raises(SourceRejected) as rejected:
        table(text)
    assert len(rejected.value.diagnostics) == 3000
    assert len(str(rejected.value)) < 200_000
    assert str(rejected.value).endswith("… and 2900 more")
