from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, Outcome

Tmc = Callable[..., Outcome]
STAGES = ("syntax", "table", "rules", "cells", "filters")


def test_the_table_is_shown_by_default(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("inspect", machines / "increment.tm")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == (ROOT / "tests" / "golden" / "increment.table.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("form", "first"), [("text", ""), ("json", "{"), ("dot", "digraph"), ("graphml", "<?xml")])
def test_every_stage_in_every_format(tmc: Tmc, machines: Path, tmp_path: Path, stage: str, form: str, first: str) -> None:
    shown = tmc("inspect", machines / "increment.tm", "--stage", stage, "--format", form)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith(first)
    written = tmc("inspect", machines / "increment.tm", "--stage", stage, "--format", form, "-o", tmp_path / "out")
    assert written == Outcome(0, "", "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == shown.out


def test_json_is_one_sorted_object(tmc: Tmc, machines: Path) -> None:
    out = tmc("inspect", machines / "increment.tm", "--stage", "syntax", "--format", "json").out
    document = json.loads(out)
    assert out == json.dumps(document, indent=2, sort_keys=True) + "\n"
    assert document["node"] == "machine"
    assert document["states"][0]["line"] == 14
    assert document["states"][0]["rules"][0]["on"]["patterns"][0]["symbols"][1]["text"] == "1"


def test_warnings_go_to_stderr(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "idle.tm"
    path.write_text("machine idle\ntape data: line of _ 0\nstart a\nstate a\n    on 0  move right\n")
    outcome = tmc("inspect", path)
    assert outcome.status == 0
    assert outcome.out.startswith("Table of idle\n")
    assert outcome.err.startswith("warning[TMC1")


def test_a_machine_with_errors(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "wrong.tm"
    path.write_text("machine wrong\ntape data: line of _ 0\nstart a\nstate a\n    on 0  -> b\n    on _  -> accept\n")
    outcome = tmc("inspect", path, "-o", tmp_path / "out")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("error[TMC004]")
    assert not (tmp_path / "out").exists()
    assert tmc("inspect", path, "--stage", "syntax").status == 0  # names are not looked up yet


def test_a_file_that_is_not_there(tmc: Tmc) -> None:
    assert tmc("inspect", "nowhere.tm") == Outcome(1, "", "error: cannot read nowhere.tm: it does not exist\n")


def test_an_output_that_cannot_be_written(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    outcome = tmc("inspect", machines / "increment.tm", "-o", tmp_path / "no" / "out")
    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("arguments", [(), ("--stage", "weights"), ("--format", "svg"), ("--stage",)])
def test_wrong_usage(tmc: Tmc, machines: Path, arguments: tuple[str, ...]) -> None:
    files = (machines / "increment.tm",) if arguments else ()
    outcome = tmc("inspect", *files, *arguments)
    assert (outcome.status, outcome.out) == (2, "")


def test_help_has_examples(tmc: Tmc) -> None:
    assert "tmc inspect machines/gauss.tm --stage rules --format json" in tmc("inspect", "--help").out


@pytest.mark.parametrize(("form", "expected"), [("text", "[]"), ("json", "[]"), ("dot", "['networkx']")])
def test_heavy_modules_are_not_imported(form: str, expected: str) -> None:
    program = (
        "import sys\nfrom tmc.cli import main\n"
        f"main(['inspect', 'machines/increment.tm', '--stage', 'filters', '--format', '{form}', '-o', '/dev/null'])\n"
        "print(sorted({'networkx', 'torch', 'numpy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)
    assert shown.stdout.strip() == expected


def test_the_source_is_never_overwritten(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    source = tmp_path / "gauss.tm"
    text = (machines / "gauss.tm").read_text(encoding="utf-8")
    source.write_text(text, encoding="utf-8")
    outcome = tmc("inspect", source, "-o", source)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"error: the output would overwrite {source}; name another file with -o\n"
    assert source.read_text(encoding="utf-8") == text
