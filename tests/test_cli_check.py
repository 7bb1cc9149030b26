from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outcome

Tmc = Callable[..., Outcome]
GOOD = "machine m\ntape data: line of _ 0 1\nstart s\nstate s\n  otherwise -> accept\n"
ODD = GOOD.replace("otherwise", "on 0|1 -> accept\n  otherwise").replace("0 1\n", "0 1 a\n")
NOTED = GOOD.replace("-> accept", "move left -> accept")
BAD = GOOD.replace("-> accept", "-> acept")
ODD_SAID = """\
warning[TMC105]: no rule names the symbol `a` of tape `data`
  --> {name}:2:26
  |
2 | tape data: line of _ 0 1 a
  |                          ^
  = help: remove it from the tape, or use it in a rule or a test

"""
BAD_SAID = """\
error[TMC004]: no state is named `acept`
  --> {name}:5:16
  |
5 |   otherwise -> acept
  |                ^^^^^ not defined in this machine
  = help: there is a state named `accept`

"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three machines: one with an error, one as it should be, one with a warning."""
    for name, text in (("bad", BAD), ("good", GOOD), ("odd", ODD)):
        (tmp_path / f"{name}.tm").write_text(text, encoding="utf-8")
    return tmp_path


def test_everything_about_every_file(tmc: Tmc, folder: Path) -> None:
    said = BAD_SAID.format(name=folder / "bad.tm") + ODD_SAID.format(name=folder / "odd.tm")
    assert tmc("check", folder) == Outcome(1, f"{said}3 files: 1 error, 1 warning\n", "")
    assert tmc("check", folder / "bad.tm", folder) == Outcome(1, f"{said}3 files: 1 error, 1 warning\n", "")


def test_warnings_count_when_asked(tmc: Tmc, folder: Path) -> None:
    odd = folder / "odd.tm"
    said = f"{ODD_SAID.format(name=odd)}1 file: no errors, 1 warning\n"
    assert tmc("check", odd) == Outcome(0, said, "")
    assert tmc("check", "--strict", odd) == Outcome(1, said, "")
    assert tmc("check", "--strict", folder / "good.tm") == Outcome(0, "1 file: no errors, no warnings\n", "")


def test_notes_are_never_a_reason(tmc: Tmc, tmp_path: Path) -> None:
    noted = tmp_path / "noted.tm"
    noted.write_text(NOTED, encoding="utf-8")
    said = f"""\
note[TMC106]: a rule that halts does not move
  --> {noted}:5:13
  |
5 |   otherwise move left -> accept
  |             ^^^^^^^^^ this has no effect
  = help: leave the move out, or go to a state that goes to accept

1 file: no errors, no warnings, 1 note
"""
    assert tmc("check", noted) == tmc("check", "--strict", noted) == Outcome(0, said, "")
    (found,) = json.loads(tmc("check", "--json", "--strict", noted).out)
    assert (found["code"], found["severity"]) == ("TMC106", "note")
    for command in (("simulate", noted, "--data", "1"), ("inspect", noted), ("compile", noted, "-o", tmp_path / "m.safetensors")):
        assert "TMC106" not in tmc(*command).err
    assert "warning" not in tmc("test", "--table-only", noted).out


def test_the_shipped_machines(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("check", "--strict", machines)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.endswith(" files: no errors, no warnings\n")


def test_json(tmc: Tmc, folder: Path) -> None:
    outcome = tmc("check", "--json", folder)
    assert (outcome.status, outcome.err) == (1, "")
    error, warning = json.loads(outcome.out)
    assert error == {
        "code": "TMC004",
        "severity": "error",
        "message": "no state is named `acept`",
        "file": str(folder / "bad.tm"),
        "line": 5,
        "column": 16,
        "end_line": 5,
        "end_column": 21,
        "label": "not defined in this machine",
        "help": "there is a state named `accept`",
    }
    assert (warning["code"], warning["severity"]) == ("TMC105", "warning")
    assert tmc("check", "--json", folder / "odd.tm").status == 0
    assert tmc("check", "--json", "--strict", folder / "odd.tm").status == 1
    assert tmc("check", "--json", folder / "good.tm") == Outcome(0, "[]\n", "")


def test_libraries(tmc: Tmc, tmp_path: Path) -> None:
    library = tmp_path / "lib" / "a.tm"
    library.parent.mkdir()
    library.write_text("state s(next)\n  on 1 -> nxet\n  otherwise -> next\n", encoding="utf-8")
    outcome = tmc("check", tmp_path)
    assert outcome.status == 1
    assert "error[TMC004]: no state is named `nxet`" in outcome.out
    assert outcome.out.endswith("1 file: 1 error, no warnings\n")
    library.write_text("state s(next)\n  on 1 -> next\n", encoding="utf-8")
    assert tmc("check", "--strict", tmp_path) == Outcome(0, "1 file: no errors, no warnings\n", "")


def test_a_library_and_a_sketch_with_a_rule_that_is_taken_for_ever(tmc: Tmc, tmp_path: Path) -> None:
    said = "warning[TMC110]: once taken, this rule is taken for ever\n"
    library = tmp_path / "a.tm"
    library.write_text("state s(way)\n  on 0\n  on 1 move stay -> s(way)\n  on _ move way\n  otherwise write .\n", encoding="utf-8")
    outcome = tmc("check", library)
    assert (outcome.status, outcome.out.count(said)) == (0, 2)
    assert f"{library}:2:3" in outcome.out
    assert f"{library}:5:3" in outcome.out
    sketch = tmp_path / "b.tm"
    sketch.write_text(GOOD.replace("  otherwise", "  on 0 move stay -> s\n  on 1 write ?\n  otherwise"), encoding="utf-8")
    outcome = tmc("check", "--strict", sketch)
    assert (outcome.status, outcome.out.count(said)) == (1, 1)
    assert f"{sketch}:5:3" in outcome.out


def test_an_error_in_a_used_file_is_said_once(tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "a.tm").write_text("state s\n  on 1 -> t\n  otherwise -> accept\n", encoding="utf-8")
    (tmp_path / "m.tm").write_text('machine m\nuse "a.tm"\ntape data: line of _ 0 1\nstart s\n', encoding="utf-8")
    outcome = tmc("check", tmp_path)
    assert outcome.out.count("no state is named `t`") == 1
    assert outcome.out.endswith("2 files: 1 error, no warnings\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot read {path}: it does not exist"),
        (b"", "{path} is empty"),
        (b"\xff", "{path} is not UTF-8: 0xff at byte 0 (line 1); save it as UTF-8"),
    ],
)
def test_files_that_cannot_be_read(tmc: Tmc, folder: Path, content: bytes | None, why: str) -> None:
    path = folder / "x.tm"
    if content is not None:
        path.write_bytes(content)
    said = why.format(path=path)
    good = folder / "good.tm"
    assert tmc("check", path, good) == Outcome(1, f"error: {said}\n\n2 files: 1 error, no warnings\n", "")
    (found,) = json.loads(tmc("check", "--json", path, good).out)
    assert (found["code"], found["severity"], found["message"], found["file"]) == (None, "error", said, str(path))
    assert found["line"] is found["help"] is None


def test_wrong_usage(tmc: Tmc, tmp_path: Path) -> None:
    expected = f"error: {tmp_path}: there is no machine (.tm) in this folder\n"
    assert tmc("check", tmp_path) == Outcome(1, "", expected)
    assert tmc("check").status == 2


def test_checking_loads_nothing_that_comes_after_the_table(machines: Path) -> None:
    later = "('numpy', 'lark', 'hashlib', 'difflib', 'tmc.optimise', 'tmc.net', 'tmc.ir.rules', 'tmc.syntax.explain')"
    program = (
        f"import sys; from tmc.cli import main; status = main(sys.argv[1:]); sys.exit(status or any(map(sys.modules.get, {later})))"
    )
    done = subprocess.run([sys.executable, "-c", program, "check", str(machines / "gauss.tm")], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
