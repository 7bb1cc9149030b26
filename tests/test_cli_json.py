"""What programs read is JSON, whatever the encoding of the terminal is and whatever names the user has chosen."""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest

from conftest import ROOT, Outcome
from tmc import cli
from tmc.cli.printing import json_text
from tmc.learn.data import datasets

Tmc = Callable[..., Outcome]
FOX = "🦊"
LINE = """machine fuchs
tape data: line of _ 0 '🦊'
bounds
    steps n + 1
start s
state s
    on '🦊'    move right
    on _|0     -> accept
test "ein 🦊"
    data '🦊'
    -> accept
"""
LEARNER = """learner füchsin
tape data: grid of _ 0 1 '🦊'
start s
state s
    on 1       -> accept
    otherwise  -> reject
test "ein 🦊"
    example 1 -> 1
    query 1 -> 1
"""
SKETCH = LEARNER.replace("on 1       -> accept", "on 1 -> ?")
RUNS = {
    "check": ("fox 🦊.tm", "--json"),
    "diff": ("fox 🦊.safetensors", "--data", FOX, "--json"),
    "draw": ("fox 🦊.tm", "--what", "trace", "--data", FOX, "-o", "run 🦊.svg", "--json"),
    "inspect": ("fox 🦊.tm", "--json"),
    "report": ("fox 🦊.tm", "--json"),
    "run": ("fox 🦊.safetensors", "--data", FOX, "--json"),
    "same": ("fox 🦊.tm", "fox 🦊.tm", "--json"),
    "search": ("--sketch", "sketch 🦊.tm", "--input", "data 🦊.npz", "--candidates", "100", "--stop-at-error", "0.1", "--json"),
    "simulate": ("fox 🦊.tm", "--data", FOX, "--json"),
    "test": ("fox 🦊.tm", "--table-only", "--json"),
    "trace": ("fox 🦊.tm", "--data", FOX, "--layers", "-o", "run 🦊.jsonl", "--json"),
    "verify": ("fox 🦊.safetensors", "--json"),
}
NO_NAMES = {"bench parity", "bench digits", "bench cancer", "bench restarts", "bench weights"}  # they print none of the user's


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(FOX)
    (folder / "fox 🦊.tm").write_text(LINE, encoding="utf-8")
    (folder / "sketch 🦊.tm").write_text(SKETCH, encoding="utf-8")
    datasets.save(datasets.parity(1, 2, 2, seed=0), folder / "data 🦊.npz")
    assert cli.main(["compile", str(folder / "fox 🦊.tm"), "-o", str(folder / "fox 🦊.safetensors")]) == 0
    return folder


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    context = click.Context(cli.tmc)
    for name in cli.COMMANDS:
        command = cli.tmc.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", command.commands[below]) for below in command.commands)
        else:
            yield name, command


def strict(text: str) -> Any:
    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_no_command_is_left_out() -> None:
    able = {name for name, command in commands() if any("--json" in parameter.opts for parameter in command.params)}
    assert able == set(RUNS) | NO_NAMES


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize("name", sorted(RUNS))
def test_json_under_any_encoding(name: str, encoding: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    status = cli.main([name, *RUNS[name]])
    sys.stdout.flush()
    printed = sys.stdout.buffer.getvalue()  # type: ignore[attr-defined]
    told = strict(printed.decode("ascii"))
    assert status in (0, 1)
    assert told or name == "check"
    if name in ("inspect", "test"):
        assert FOX in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize("name", sorted(RUNS))
def test_text_under_any_encoding(name: str, encoding: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the terminal lacks is escaped."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    status = cli.main([name, *(argument for argument in RUNS[name] if argument not in ("--json", "--format", "json"))])
    sys.stdout.flush()
    sys.stderr.flush()
    assert status in (0, 1)
    assert sys.stdout.buffer.getvalue()  # type: ignore[attr-defined]
    assert b"internal error" not in sys.stderr.buffer.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["dot", "graphml"])
def test_graphs_are_utf_8(form: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GraphML says so of itself, and Graphviz takes it for granted."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert cli.main(["inspect", "fox 🦊.tm", "--format", form]) == 0
    assert FOX in unescape(sys.stdout.buffer.getvalue().decode("utf-8"))  # type: ignore[attr-defined]


def test_one_function_writes_json() -> None:
    assert (ROOT / "tmc" / "cli" / "printing.py").is_file()
    for path in sorted((ROOT / "tmc" / "cli").glob("*.py")):
        calls = [node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
        assert ("dumps" in calls) == (path.name == "printing.py"), path.name
        assert "dump" not in calls, path.name


def test_numbers_that_json_lacks() -> None:
    infinity = float("inf")
    assert strict(json_text({"a": [infinity, -infinity, float("nan"), 1.5], "b": (True, None)})) == {
        "a": ["inf", "-inf", "nan", 1.5],
        "b": [True, None],
    }
