"""Pages on diagnostics: one for every code, and true. ``python tests/test_cli_explain.py`` writes their messages anew."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conftest import ROOT, Outcome
from tmc.cli.explain import as_text, titles
from tmc.diagnostics import Code, Diagnostic, Severity, SourceRejected, render
from tmc.pipeline import is_sketch, look_over, read_machine
from tmc.source import Source
from tmc.syntax.formatter import format_source

Tmc = Callable[..., Outcome]
PAGES = sorted((ROOT / "docs" / "diagnostics").glob("*.md"))
FILE = re.compile(r"(?:^`(\S+)`:\n\n)?^```tm\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^```text\n(.*?)\n?^```\n", re.MULTILINE | re.DOTALL)


def files(part: str) -> dict[str, str]:
    """The files in a part of a page; one alone has no name."""
    return {name or "example.tm": text for name, text in FILE.findall(part)}


def found_in(texts: dict[str, str], folder: Path) -> tuple[Diagnostic, ...]:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    example = Source(str(folder / "example.tm"), texts["example.tm"])
    found = look_over(example)
    if not found and is_sketch(example):  # only those who need a machine complain
        with pytest.raises(SourceRejected) as rejected:
            read_machine(example)
        return rejected.value.diagnostics
    return found


def said_in(found: tuple[Diagnostic, ...], folder: Path) -> str:
    return "\n\n".join(map(render, found)).replace(f"{folder}{os.sep}", "")


def test_every_code_has_a_page() -> None:
    assert [path.stem for path in PAGES] == list(Code) == list(titles())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_true(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.stem}: ")
    prose, _, examples = text.partition("\n## Example\n")
    wrong, _, fixed = examples.partition("\n## Fixed\n")
    severity = Code(page.stem).severity
    assert ("error" if severity is Severity.ERROR else f"It is a {severity.value} because") in prose or page.stem == "TMC002"
    found = found_in(files(wrong), tmp_path)
    assert {diagnostic.code for diagnostic in found} == {page.stem}
    assert SAID.findall(wrong) == [said_in(found, tmp_path)]
    assert found_in(files(fixed), tmp_path) == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_well_set(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    outside = FILE.sub("", SAID.sub("", text))
    assert max(map(len, outside.splitlines())) <= 96
    assert re.findall("^##? (.*)$", outside, re.MULTILINE)[1:] == ["Example", "Fixed"]
    for name, machine in [*files(text.partition("\n## Fixed\n")[2]).items(), *files(text).items()]:
        try:
            assert format_source(Source(name, machine)) == machine
        except SourceRejected:
            assert page.stem in ("TMC001", "TMC002")


def test_a_page_on_the_terminal(tmc: Tmc) -> None:
    outcome = tmc("explain", "TMC106")
    assert outcome == Outcome(0, as_text((ROOT / "docs" / "diagnostics" / "TMC106.md").read_text(encoding="utf-8")), "")
    assert outcome.out.startswith("TMC106: a move when it is all over\n\nA rule that goes to `accept`")
    assert (
        "\n\nExample\n\n    machine find_one\n\n    tape data: line of _ 0 1\n\n    start find\n\n    state find\n"
        "        on 0        move right\n        on 1        move left    -> accept\n"
        "        on _                     -> reject\n\n    note[TMC106]: a rule that halts does not move\n"
        "      --> example.tm:9:17\n      |\n    9 |     on 1        move left    -> accept\n"
    ) in outcome.out
    assert "```" not in outcome.out
    for same in ("tmc106", "106", "Tmc106 "):
        assert tmc("explain", same) == outcome
    assert tmc("explain", "4").out.startswith("TMC004: ")


def test_the_list(tmc: Tmc) -> None:
    outcome = tmc("explain")
    lines = outcome.out.splitlines()
    assert (outcome.status, outcome.err, len(lines)) == (0, "", len(PAGES))
    assert "TMC004  error    a state that is not there" in lines
    assert "TMC101  warning  a rule that can never apply" in lines
    assert "TMC106  note     a move when it is all over" in lines


@pytest.mark.parametrize("code", ["99", "TMC", "TMC999", "4x", "error", "-", "TMC0004"])
def test_codes_that_are_none(tmc: Tmc, code: str) -> None:
    outcome = tmc("explain", code)
    assert (outcome.status, outcome.out) == (2, "")
    why = f"Error: Invalid value for 'CODE': `{code}` is not the code of an error or a warning; `tmc explain` lists all codes.\n"
    assert outcome.err.endswith(why)


@pytest.mark.parametrize("command", ["check", "compile"])
def test_a_person_is_told_of_it(tmp_path: Path, command: str) -> None:
    (tmp_path / "m.tm").write_text("machine m\n", encoding="utf-8")
    program = [sys.executable, "-m", "tmc", command, "m.tm"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    terminal, end = pty.openpty()
    subprocess.run(program, stdout=end, stderr=end, cwd=tmp_path, env=environment, check=False)
    os.close(end)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert shown.endswith("`tmc explain TMC003` says more\r\n")
    piped = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert "tmc explain" not in piped.stdout + piped.stderr


def write_anew() -> None:
    """Write down what is said now, to be read before it is believed."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        with TemporaryDirectory() as folder:
            said = said_in(found_in(files(text.partition("\n## Fixed\n")[0]), Path(folder)), Path(folder))
        page.write_text(SAID.sub(lambda _, said=said: f"```text\n{said}\n```\n", text), encoding="utf-8")


if __name__ == "__main__":
    write_anew()
