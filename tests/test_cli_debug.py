"""The debugger by words: scripts of commands, and when there is no terminal."""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Outcome
from tmc.cli import extras
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build, save

Tmc = Callable[..., Outcome]


@pytest.fixture
def debug(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Carry out commands on a machine."""
    monkeypatch.chdir(machines)

    def run(name: str, *commands: str, options: tuple[str, ...] = ("--data", "1011")) -> Outcome:
        (tmp_path / "script").write_text("\n".join(commands) + "\n")
        outcome = tmc("debug", f"{name}.tm", *options, "--commands", tmp_path / "script")
        return Outcome(outcome.status, outcome.out, outcome.err.replace(str(tmp_path / "script"), "SCRIPT"))

    return run


def test_a_script(debug: Callable[..., Outcome]) -> None:
    script = ("# on the way", "run carry", "show", "watch data[2]", "run", "back", "set state = to_end", "p state", "q", "p")
    assert debug("increment", *script) == Outcome(
        0,
        """\
> run carry
carry, at step 5
step 5  layer 10  carry reads 1: writes 0, moves left, stays in carry
  increment.tm:20: on 1 write 0 move left
> show
step 5  layer 10  carry reads 1: writes 0, moves left, stays in carry
  increment.tm:20: on 1 write 0 move left
data   1 0 1[1]
       0     3
> watch data[2]
watch 1: data[2] is 1
> run
watch 1, data[2]: 1 → 0, at step 7
step 7  layer 14  carry reads 0: writes 1, accepts
  increment.tm:21: on 0|_ write 1 -> accept
> back
step 6
step 6  layer 12  carry reads 1: writes 0, moves left, stays in carry
  increment.tm:20: on 1 write 0 move left
> set state = to_end
state: carry → to_end at step 6
step 6  layer 12  to_end reads 1: moves right, stays in to_end
  increment.tm:15: on 0|1 move right
> p state
to_end
> q
""",
        "",
    )  # fmt: skip


def test_the_network_and_the_source(debug: Callable[..., Outcome]) -> None:
    outcome = debug("increment", "step 2", "list", "lattice", "cell", "cell 0", "layer", "cell 2", "cell 99")
    assert outcome.err == "error: SCRIPT:8: there is no such cell: the lattice has positions -16 to 39\n"
    assert outcome.status == 1
    assert ">   15      on 0|1                move right\n" in outcome.out
    assert "layer 4\n" in outcome.out
    assert " 1  0  1* 1 " in outcome.out
    assert "cell 2 after layer 4: symbol 1, control here, state to_end\n" in outcome.out
    assert "cell 0 after layer 4: symbol 1\n" in outcome.out
    assert "cell 2 after layer 5: symbol 1, move right, control here, state to_end\n" in outcome.out


def test_a_learner_and_what_if(debug: Callable[..., Outcome], tmp_path: Path) -> None:
    """What would it answer if a cell were another at step 40: run there, set, run on; and undone it answers as before."""
    datasets.save(datasets.parity(3, 5, 4, seed=2), tmp_path / "data.npz")
    options = ("--input", str(tmp_path / "data.npz"), "--query", "1")
    whole = debug("gauss", "end", "undo", options=options)
    assert whole.err == "error: SCRIPT:2: nothing was changed\n"
    said = whole.out.splitlines()[1]
    changed = debug("gauss", "goto 40", "set data[5, 2] = 1", "set data[5, 1] = 1", "end", "info", "undo", "end", options=options)
    assert changed.status == 0
    assert changed.out.count("edited at step 40\n") == 1  # the second set adds to the first
    assert changed.out.splitlines()[-2] == said


def test_a_checkpoint(tmc: Tmc, tmp_path: Path) -> None:
    from conftest import compiled

    save(from_build(compiled("increment")), tmp_path / "m.safetensors")
    (tmp_path / "script").write_text("step\nlist\nlattice\n")
    outcome = tmc("debug", tmp_path / "m.safetensors", "--data", "11", "--commands", tmp_path / "script")
    assert (outcome.status, outcome.err) == (0, "")
    assert "increment.tm:15: on 0|1 move right" in outcome.out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("jump", "there is no command 'jump'; `help` lists what there is"),
        ("stepp", "there is no command 'stepp'; did you mean 'step'?"),
        ("continu", "there is no command 'continu'; did you mean 'run'?"),
        ("e", "'e' is end or enable; write one of them"),
        ("step x", "'x' is not a number"),
        ("goto", "a number is missing"),
        ("delete 4", "there is no breakpoint or watch 4"),
        ("delete", "a number is missing"),
        ("print", "say what to print: print data[3], print head + 1, print state == to_end"),
        ("watch", "say what to watch: watch data[3], watch state, watch head > 4"),
        ("undo now", "nothing stands behind this command, not 'now'"),
        ("break if", "a condition is missing after `if`: if head > 3"),
        ("data[3] = 1", "there is no command 'data[3]'; `set` changes and `print` shows: set data… = …"),
        ("cell 1 2", "say which cell: cell POSITION"),
        ("layer -1", "'-1' is not a number"),
    ],
)
def test_commands_that_cannot_be_carried_out(debug: Callable[..., Outcome], command: str, said: str) -> None:
    assert debug("increment", command) == Outcome(1, f"> {command}\n", f"error: SCRIPT:1: {said}\n")


def test_every_command_has_help(debug: Callable[..., Outcome]) -> None:
    from tmc.debug.commands import WORDS

    outcome = debug("palindrome", "help", *(f"help {each.names[0]}" for each in WORDS), options=("--data", "ab"))
    assert outcome.status == 0
    assert all(f"{each.names[0]} " in outcome.out for each in WORDS)
    assert "a head (head, work_head)" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 76


def test_without_a_terminal(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("debug", machines / "increment.tm", "--data", "1")
    assert (outcome.status, outcome.out) == (2, "")
    assert "the debugger needs a terminal; without one give it --commands FILE, where - is stdin." in outcome.err
    outcome = tmc("debug", "-", "--data", "1", "--commands", "-")
    assert (outcome.status, "machine and commands cannot both come from stdin." in outcome.err) == (2, True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_missing_extra(tmc: Tmc, machines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(extras, "import_module", missing)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    assert tmc("debug", machines / "increment.tm", "--data", "1").status == 1
    said = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert said == "error: the debugger's screen needs Textual: pip install 'turing-machine-compiler[debug]'\n"


def test_an_interrupt_stops_a_script(machines: Path, tmp_path: Path) -> None:
    (tmp_path / "script").write_text("break if step == 100000000\nrun\n")
    rules = "state a\n    on *  move right -> b\nstate b\n    on *  move left -> a\n"
    (tmp_path / "m.tm").write_text(f"machine m\ntape t: line of _ 1\nstart a\n{rules}")
    program = [sys.executable, "-m", "tmc", "debug", str(tmp_path / "m.tm"), "--data", "", "--commands", str(tmp_path / "script")]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        assert [running.stdout.readline() for _ in range(3)][-1] == "> run\n"
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
    assert running.returncode == 130
    assert rest.startswith("interrupted at step ")


def test_the_script_in_the_documentation(tmc: Tmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = (ROOT / "docs/debug.md").read_text().split("$ echo 'run if head == -5' | tmc debug ")[1].split("```")[0]
    arguments, said = block.split("\n", 1)
    monkeypatch.chdir(ROOT)
    (tmp_path / "script").write_text("run if head == -5\n")
    assert tmc("debug", *shlex.split(arguments)[:-1], tmp_path / "script") == Outcome(0, said, "")


ENDLESS = """machine {name}

tape data: line of _ 0 1

start go

state go
    {rule}
"""


ON = "step 100: the machine runs for ever, the same "


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("otherwise move right", f"{ON}step again and again, each time 1 cell further right on the tape data"),
        ("otherwise -> back\nstate back\n    otherwise -> go", f"{ON}2 steps again and again"),
    ],
)
def test_a_run_without_an_end(rule: str, said: str, tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "on.tm").write_text(ENDLESS.format(name="on", rule=rule), encoding="utf-8")
    for words in ("end", "goto end"):
        (tmp_path / "script").write_text(f"{words}\n", encoding="utf-8")
        outcome = tmc("debug", tmp_path / "on.tm", "--data", "", "--commands", tmp_path / "script")
        assert (outcome.status, outcome.out.splitlines()[1]) == (0, said)
