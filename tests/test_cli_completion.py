from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outcome
from tmc import cli

Tmc = Callable[..., Outcome]

# Ask as bash does when the tab key is pressed: a line per word to complete, the last one of each.
ASKING = """
source <(tmc completion bash)
complete -p tmc
while read -r -a COMP_WORDS; do
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
    _tmc_completion tmc
    echo "${COMPREPLY[*]}"
done
"""


@pytest.fixture
def offered(tmc: Tmc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[str]]:
    """What a shell is told to offer for the last of these words, in a folder with a few files."""
    for place in ("a.tm", "b.txt", "c.safetensors", ".hidden.tm", "machines/gauss.tm", "machines/lib/std.tm"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    monkeypatch.chdir(tmp_path)

    def ask(*words: str) -> list[str]:
        monkeypatch.setenv("_TMC_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        outcome = tmc()
        assert (outcome.status, outcome.err) == (0, "")
        return outcome.out.split()

    return ask


def test_commands_and_options(offered: Callable[..., list[str]]) -> None:
    assert offered("tmc", "") == [f"plain,{name}" for name in cli.COMMANDS]
    assert offered("tmc", "fm") == ["plain,fmt"]
    assert offered("tmc", "fmt", "--") == ["plain,--check", "plain,--diff", "plain,--help"]
    assert offered("tmc", "data", "p") == ["plain,parity"]
    assert offered("tmc", "completion", "") == ["plain,bash", "plain,zsh", "plain,fish"]
    assert offered("tmc", "explain", "tmc10")[0] == "plain,TMC101"


def test_files(offered: Callable[..., list[str]]) -> None:
    assert offered("tmc", "check", "") == ["plain,a.tm", "plain,machines/"]
    assert offered("tmc", "check", "a.tm", "m") == ["dir,machines/"]
    assert offered("tmc", "check", "machines/") == ["plain,machines/gauss.tm", "plain,machines/lib/"]
    assert offered("tmc", "fmt", "machines/lib/s") == ["plain,machines/lib/std.tm"]
    assert offered("tmc", "check", ".h") == ["plain,.hidden.tm"]
    assert offered("tmc", "check", "nothing/") == []


def test_names_that_need_quotes_are_left_to_the_shell(offered: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "two words.tm").touch()
    assert offered("tmc", "check", "t") == ["file,t"]


@pytest.mark.parametrize(("shell", "sign"), [("bash", "complete -o nosort -F"), ("zsh", "#compdef tmc"), ("fish", "complete ")])
def test_scripts(tmc: Tmc, shell: str, sign: str) -> None:
    outcome = tmc("completion", shell)
    assert (outcome.status, outcome.err) == (0, "")
    assert sign in outcome.out
    assert f"_TMC_COMPLETE={shell}_complete" in outcome.out


def test_the_usual_way_to_ask_for_a_script(tmc: Tmc, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmc("completion", "bash").out
    monkeypatch.setenv("_TMC_COMPLETE", "bash_source")
    assert tmc().out.rstrip() == script.rstrip()
    monkeypatch.setenv("_TMC_COMPLETE", "nonsense")
    assert tmc().status == 1


def test_other_shells(tmc: Tmc) -> None:
    assert tmc("completion", "sh").status == 2
    assert tmc("completion").status == 2


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "tmc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tmc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "a.tm").touch()
    done = subprocess.run(
        ["bash", "--norc", "-c", ASKING],
        input="tmc fm\ntmc check a\ntmc new x --l\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["complete -o nosort -F _tmc_completion tmc", "fmt", "a.tm", "--line --learner"]
