"""The machines in the documents are machines, and do what their tests say."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from conftest import ROOT
from tmc.pipeline import look_over
from tmc.source import Source
from tmc.testing.machine_files import Selection, run_file
from tmc.version import DISTRIBUTION, how_to_install

FOR_CONTRIBUTORS = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MACHINES = [
    (document.name, block)
    for document in DOCUMENTS
    for block in FENCED.findall(document.read_text(encoding="utf-8"))
    if re.match(r"(#.*\n)*(machine|learner) \w+\n", block)
]


@pytest.mark.parametrize(("document", "block"), MACHINES, ids=[document for document, _ in MACHINES])
def test_a_machine_in_a_document(document: str, block: str, tmp_path: Path) -> None:
    assert not look_over(Source(document, block))
    file = tmp_path / "machine.tm"
    file.write_text(block, encoding="utf-8")
    report = run_file(str(file), Selection())
    assert report.outcomes
    assert not [outcome for outcome in report.outcomes if outcome.faults]


@pytest.mark.parametrize("document", [*DOCUMENTS, *FOR_CONTRIBUTORS], ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (document.parent / target).exists(), target


def test_every_command_is_in_the_language_guide_or_the_readme() -> None:
    from tmc.cli import COMMANDS

    text = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert not [name for name in COMMANDS if f"tmc {name}" not in text]


def test_what_is_installed_has_one_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == DISTRIBUTION
    texts = [*DOCUMENTS, *(ROOT / "editors").rglob("README.md"), *(ROOT / "tmc").rglob("*.py")]
    said = [name for text in texts for name in re.findall(r"\b((?:tmc|turing[\w-]*)\[[a-z]+\])", text.read_text(encoding="utf-8"))]
    assert len(said) >= 8
    assert not set(said) - {how_to_install(extra).split("'")[1] for extra in project["optional-dependencies"]}


# --- what contributors are told of the code

CODE = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tmc").rglob("*.py")))
PACKAGES = sorted(path.parent for path in (ROOT / "tmc").rglob("__init__.py"))


def quoted(text: str) -> list[str]:
    """What stands between single backquotes, outside of blocks."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCED.sub("", text))


def fits(name: str) -> bool:
    """Whether there is a file or folder of this name: from the root, from `tmc`, or from a room. NAME and nnn stand for any."""
    pattern = re.sub("NAME|nnn", "*", name).rstrip("/")
    return any(next(place.glob(pattern), None) for place in (ROOT, ROOT / "tmc", *PACKAGES))


def is_known(name: str) -> bool:
    """Whether the code has this name, be it a module, a class, a function or an attribute; of dotted ones, the last part."""
    last = name.split(".")[-1]
    return fits(last) or fits(f"{last}.py") or bool(re.search(rf"(?m)\b(def|class) {last}\b|^ *{last}\b(, \w+)*( ?[:=])", CODE))


@pytest.mark.parametrize("document", FOR_CONTRIBUTORS, ids=lambda path: path.name)
def test_paths_and_names_are_there(document: Path) -> None:
    from tmc.cli import COMMANDS

    wrong, looked_at = [], 0
    for said in quoted(document.read_text(encoding="utf-8")):
        words, name = said.split(), said.partition(":")[0].partition("(")[0]
        if words[0] == "tmc":
            looked_at += 1
            wrong += [said] * (words[1] not in COMMANDS)
        elif words[0] == "python":
            looked_at += 1
            wrong += [said] * (not (ROOT / words[1]).is_file())
        elif "/" in name or re.search(r"\.(py|md)$", name):
            looked_at += 1
            wrong += [said] * (not fits(name))
        elif re.fullmatch(r"[A-Za-z_][\w.]+", name):
            looked_at += 1
            wrong += [said] * (not is_known(name))
    assert wrong == []
    assert looked_at >= 6


def test_a_path_that_is_not_there_is_noticed() -> None:
    assert fits("net/sparse/patches.py")
    assert fits("docs/diagnostics/TMCnnn.md")
    assert is_known("certificate.certify")
    assert not any(map(fits, ("net/patches.py", "lower/targets.py", "run/machine_code.py", "tests/test_NAMES.py")))
    assert not any(map(is_known, ("certificate.certified_by", "Findings.says_nothing")))


def test_every_room_is_in_the_table() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    cells = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `") or "`__main__`" in row]
    told = {name.rstrip("/") for cell in cells for name in quoted(cell)} | {"__init__", "__main__"}
    there = {path.stem for path in (ROOT / "tmc").glob("*.py")} | {
        path.parent.name for path in (ROOT / "tmc").glob("*/__init__.py")
    }
    assert told == there


@pytest.mark.parametrize("room", [path for path in PACKAGES if path != ROOT / "tmc"], ids=lambda path: path.name)
def test_a_room_says_where_to_start(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    found = re.search(r"Start (here|at [^.;]*)", said)
    assert found, room
    for name in quoted(found[1]):
        assert (room / f"{name}.py").is_file() or (room / name / "__init__.py").is_file(), name
