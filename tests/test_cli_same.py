"""`tmc same`: the exact words, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import ROOT
from tmc.cli import main

INCREMENT = ROOT / "machines/increment.tm"
OWN = """\
machine own
tape data: line of _ 1 0
start find
state find
    on 0|1    move right
    otherwise move left -> add
state add
    on 1      write 0 move left
    {last}
"""
SAME = OWN.format(last="otherwise write 1 -> accept")
FORGETS = OWN.format(last="on 0      write 1 -> accept")
SLOWER = SAME.replace("-> accept", "move right -> done\nstate done\n    otherwise -> accept")


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("increment.tm").write_text(INCREMENT.read_text(encoding="utf-8"), encoding="utf-8")


def told(capsys: pytest.CaptureFixture[str], text: str, *options: str, one: str = "increment.tm") -> tuple[int, list[str]]:
    Path("own.tm").write_text(text, encoding="utf-8")
    status = main(["same", one, "own.tm", *options])
    return status, capsys.readouterr().out.splitlines()


def test_the_same_machine(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["the same machine: on every input they take the same steps (proved: 2 pairs of states)"]
    assert told(capsys, SAME) == (0, words)


def test_a_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "increment.tm"]) == 0
    capsys.readouterr()
    status, words = told(capsys, SAME, one="increment.safetensors")
    assert (status, words[0].split(":")[0]) == (0, "the same machine")


def test_a_checkpoint_with_a_damaged_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "increment.tm"]) == 0
    checkpoint = Path("increment.safetensors")
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole.replace(b'\\"start\\":\\"to_end', b'\\"start\\":\\"to_ene'))
    assert checkpoint.read_bytes() != whole
    capsys.readouterr()
    assert main(["same", "increment.tm", "increment.safetensors"]) == 1
    said = "the checkpoint's metadata are damaged; compile the machine again"
    assert capsys.readouterr().err == f"error: increment.safetensors: {said}\n"


def test_another_ending(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, FORGETS) == (1, [
        "not the same: they end differently on the empty tape",
        "  increment.tm  accept after 2 steps, data 1 (from position -1)",
        "  own.tm        stuck after 1 step, data blank",
        "they part in step 2 on the empty tape",
    ])  # fmt: skip


def test_other_steps(capsys: pytest.CaptureFixture[str]) -> None:
    status, words = told(capsys, SLOWER, "--effort", "1000")
    assert status == 1
    assert words[:3] == [
        "not the same: they part in step 2 on the empty tape",
        "  increment.tm  accept after 2 steps, data 1 (from position -1)",
        "  own.tm        accept after 3 steps, data 1 (from position -1)",
    ]
    assert (
        words[3] == "no input was found on which they end differently; inputs of fewer than 6 symbols were all looked at (67 cases)"
    )
    status, words = told(capsys, SLOWER, "--effort", "1000", "--results")
    assert status == 1
    assert words == [
        "undecided: no input was found on which they end differently; inputs of fewer than 6 symbols were all looked at (67 cases)"
    ]


def test_all_inputs_can_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    quick = "machine a\ntape data: line of _ 1\nstart s\nstate s\n    otherwise -> accept\n"
    Path("quick.tm").write_text(quick, encoding="utf-8")
    slow = quick.replace("otherwise", "otherwise -> t\nstate t\n    otherwise")
    assert told(capsys, slow, "--results", one="quick.tm") == (
        0, ["no input was found on which they end differently; all inputs were looked at (2 cases)"]
    )  # fmt: skip


WALK = """\
machine walk
tape data: line of _ 1
start s
state s
    otherwise write 1 move right -> t
state t
    {back}
state u
    on 1      -> accept
    otherwise -> reject
"""


PARTING = (
    "no proof: the states u of walk.tm and u of own.tm part where they read _ (leave _, -> reject and leave _, -> accept), "
    "and no input is known that leads there"
)


def test_states_that_no_run_enters(capsys: pytest.CaptureFixture[str]) -> None:
    one = WALK.format(back="otherwise move left -> u")
    Path("walk.tm").write_text(one, encoding="utf-8")
    assert told(capsys, one.replace("reject", "accept"), one="walk.tm") == (
        0, ["the same machine: on every input they take the same steps (all inputs were looked at: 4 cases)"]
    )  # fmt: skip
    endless = WALK.format(back="on 1 move right\n    otherwise write 1 move left -> u")
    Path("walk.tm").write_text(endless, encoding="utf-8")
    status, words = told(capsys, endless.replace("reject", "accept"), "--effort", "500", one="walk.tm")
    assert status == 1
    assert words[0].startswith("undecided: no input was found on which they end differently; inputs of fewer than ")
    assert words[1:] == [PARTING]


def test_other_symbols(capsys: pytest.CaptureFixture[str]) -> None:
    other = SAME.replace("1", "b").replace("0", "a")
    status, words = told(capsys, other)
    assert (status, words[0]) == (1, "not the same: they end differently on the empty tape")
    assert words[-2:] == [
        "only increment.tm has the symbols 0 1 on data: inputs are of those that both have",
        "only own.tm has the symbols b a on data: inputs are of those that both have",
    ]
    status, words = told(capsys, other, "--rename", "a=0", "--rename", "b=1")
    assert (status, len(words)) == (0, 1)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = told(capsys, FORGETS, "--json")
    document = json.loads(lines[0])
    assert (status, document["same"], document["results"]["input"]) == (1, False, {"start": 0, "text": ""})
    assert [one["verdict"] for one in document["results"]["outcomes"]] == ["accept", "stuck"]


@pytest.mark.parametrize("wrong", ["ab", "a=", "a=bc", "=", ""])
def test_a_renaming_that_is_none(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.tm").write_text(SAME, encoding="utf-8")
    assert main(["same", "increment.tm", "own.tm", "--rename", wrong]) == 2
    assert f"--rename {wrong}: write one symbol, = and what it is called in ONE" in capsys.readouterr().err
