"""The machines in the documents are machines, and do what their tests say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from conftest import ROOT
from tmc.pipeline import look_over
from tmc.source import Source
from tmc.testing.machine_files import Choice, run_file
from tmc.version import DISTRIBUTION, how_to_install

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
    report = run_file(str(file), Choice())
    assert report.outcomes
    assert not [outcome for outcome in report.outcomes if outcome.faults]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
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
