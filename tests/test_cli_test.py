from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, Outcome

Tmc = Callable[..., Outcome]
GAUSS = (ROOT / "machines" / "gauss.tm").read_text(encoding="utf-8")
INCREMENT = (ROOT / "machines" / "increment.tm").read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Callable[[str], Path]:
    """A machine with this text."""

    def write(text: str) -> Path:
        path = tmp_path / "m.tm"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_the_shipped_machines_pass(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("test", machines)
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert f"{machines / 'gauss.tm'}" in lines
    assert "  ok    x0 + x2  (64 steps, 153 layers)" in lines
    assert "  ok    eleven plus one  (8 steps, 15 layers)" in lines
    assert lines[-1].endswith(" passed, 0 failed")
    assert "FAIL" not in outcome.out


def test_on_the_table_only(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("test", "--table-only", machines / "increment.tm")
    assert outcome == Outcome(
        0,
        f"{machines / 'increment.tm'}\n  ok    eleven plus one  (8 steps)\n  ok    seven plus one grows a digit  (8 steps)\n"
        "  ok    nothing plus one  (2 steps)\n3 passed, 0 failed\n",
        "",
    )


def test_a_planted_bug_fails(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(changed(GAUSS, "on 1, 1 at right        write 0 ", "on 1, 1 at right        write 1 "))
    outcome = tmc("test", path)
    assert (outcome.status, outcome.err) == (1, "")
    assert (
        "  FAIL  all features  (86 steps, 204 layers)\n"
        "        expected the label 0 (reject), got accept\n"
        "        the last steps:\n"
        "          step 82  answer  row 1:  0  0  0  0 [0]  work [_] 1  0  1  0  line 65\n"
    ) in outcome.out
    assert "          step 86  accept  row 4:  0  0  0  0 [1]  work [_] 1  0  1  0\n" in outcome.out
    assert outcome.out.endswith("4 passed, 1 failed\n")


def test_a_wrong_tape_fails(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    outcome = tmc("test", machine(changed(INCREMENT, "data is 1100", "data is 1101")))
    assert outcome.status == 1
    assert "  FAIL  eleven plus one  (8 steps, 15 layers)\n        expected data to be 1101, got 1100\n" in outcome.out


def test_a_wrong_verdict_fails(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    outcome = tmc("test", machine(changed(INCREMENT, "write 1         -> accept", "write 1         -> reject")))
    assert outcome.status == 1
    assert outcome.out.count("        expected accept, got reject\n") == 3


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("(m + 1) * (d^2 + 3*d + 1) + 1", "2*m", "expected the label 1 (accept), got timeout"),
        ("(m + 1) * (d^2 + 3*d + 1) + 1", "2*m", "the machine promises at most 2*m = 8 steps; it took more"),
        ("work   d + 2", "work   d", "the machine promises at most d = 3 work-tape cells; it took 4"),
    ],
)
def test_a_broken_promise_fails(tmc: Tmc, machine: Callable[[str], Path], old: str, new: str, fault: str) -> None:
    outcome = tmc("test", machine(changed(GAUSS, old, new)))
    assert outcome.status == 1
    assert f"        {fault}\n" in outcome.out


def test_a_stuck_machine_fails(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    outcome = tmc("test", machine(changed(INCREMENT, "    on 0|_      write 1         -> accept\n", "")))
    assert outcome.status == 1
    assert "        expected accept, got stuck\n" in outcome.out


def test_a_machine_that_never_halts_fails_soon_enough(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    text = changed(INCREMENT, "on _        move left       -> carry", "on _        move right")
    outcome = tmc("test", machine(text))
    assert outcome.status == 1
    assert "  FAIL  nothing plus one  (3 steps)\n        expected accept, got timeout\n" in outcome.out
    assert max(map(len, outcome.out.splitlines())) < 132


def test_a_long_tape_is_shown_around_its_head(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    text = "machine m\ntape t: line of _ 1\nstart s\nstate s\n  on 1 move right\n  otherwise -> reject\n"
    outcome = tmc("test", machine(f'{text}test "x"\n  data {"1" * 300}\n  -> accept\n'))
    assert outcome.status == 1
    assert f"          step 300  s  …{' 1 ' * 12}[_]  line 6\n" in outcome.out
    assert f"          step 297  s  …{' 1 ' * 12}[1] 1  1  line 5\n" in outcome.out


def test_a_machine_with_errors_is_one_failure(tmc: Tmc, machine: Callable[[str], Path], machines: Path) -> None:
    outcome = tmc("test", machine(changed(GAUSS, "-> take\n", "-> tkae\n")), machines / "increment.tm")
    assert outcome.status == 1
    assert "error[TMC004]: no state is named `tkae`" in outcome.out
    assert outcome.out.endswith("3 passed, 1 failed\n")


def test_a_file_that_cannot_be_read_is_one_failure(tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "m.tm").write_bytes(b"\0")
    for path, why in ((tmp_path / "m.tm", "is not a text"), (tmp_path / "no.tm", "it does not exist")):
        outcome = tmc("test", path)
        assert outcome.status == 1
        assert why in outcome.out.splitlines()[1]
        assert outcome.out.endswith("0 passed, 1 failed\n")


def test_a_machine_without_tests(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(INCREMENT[: INCREMENT.index('test "')])
    assert tmc("test", path) == Outcome(0, f"{path}\n  no tests\n0 passed, 0 failed\n", "")


def test_a_folder_without_machines(tmc: Tmc, tmp_path: Path) -> None:
    expected = f"error: {tmp_path}: there is no machine (.tm) in this folder\n"
    assert tmc("test", tmp_path) == Outcome(1, "", expected)
    assert tmc("test").status == 2


def test_folders_are_searched_but_for_the_library(tmc: Tmc, tmp_path: Path) -> None:
    for place in ("a/x.tm", "lib/y.tm"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text(INCREMENT, encoding="utf-8")
    outcome = tmc("test", "--table-only", tmp_path)
    assert outcome.status == 0
    assert outcome.out.startswith(f"{tmp_path / 'a' / 'x.tm'}\n")
    assert outcome.out.endswith("3 passed, 0 failed\n")
