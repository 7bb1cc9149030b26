"""``tmc view``: what it writes, and what it refuses. What the page computes is tested in `test_page.py` and beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from conftest import Outcome, compiled
from test_page import document_in
from tmc.files import shipped
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build, load, save

Run = Callable[..., Outcome]
INCREMENT, GAUSS = shipped("machines") / "increment.tm", shipped("machines") / "gauss.tm"


@pytest.fixture
def parity(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    datasets.save(datasets.parity(3, 6, 2, seed=1), path)
    return path


def test_the_page_is_named_after_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmc: Run) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = tmc("view", INCREMENT, "--data", "1011")
    assert (outcome.status, outcome.err) == (0, "")
    assert re.fullmatch(r"increment\.html: 0\.\d MB\n", outcome.out)
    document = document_in(tmp_path / "increment.html")
    assert (document["name"], document["input"]["text"]) == ("increment", "1011")
    assert document["files"] == [{"name": "", "title": str(INCREMENT), "text": INCREMENT.read_text(encoding="utf-8")}]


def test_the_same_machine_gives_the_same_bytes(tmp_path: Path, tmc: Run) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for page in pages:
        assert tmc("view", INCREMENT, "--data", "1", "-o", page).status == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_a_machine_without_a_picture_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmc: Run) -> None:
    """The diagram is laid out on a circle, with the same ids."""
    with_dot, without = tmp_path / "with.html", tmp_path / "without.html"
    assert tmc("view", INCREMENT, "--data", "1", "-o", with_dot).status == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tmc("view", INCREMENT, "--data", "1", "-o", without).status == 0
    one, other = document_in(with_dot)["diagram"], document_in(without)["diagram"]
    assert one["edges"] == other["edges"] == [0, 1, 2, 3]
    for name in ("state-0", "state-1", "state-accept", "edge-0", "edge-3"):
        assert f'id="{name}"' in unescape(one["svg"])
        assert f'id="{name}"' in other["svg"]


def test_a_checkpoint_trained_or_not(parity: Path, tmp_path: Path, tmc: Run) -> None:
    """The network of a checkpoint is shown as that of its machine's text is; one that has learnt is given queries alone."""
    written, checkpoint, trained = (tmp_path / name for name in ("text.html", "gauss.safetensors", "trained.safetensors"))
    assert tmc("view", GAUSS, "--input", parity, "--query", 1, "-o", written).status == 0
    save(from_build(compiled("gauss")), checkpoint)
    assert tmc("run", checkpoint, "--input", parity, "--save", trained).status == 0
    queries = tmp_path / "queries.npz"
    np.savez(queries, X_test=datasets.load(parity).x_test)
    text = document_in(written)
    for network, data in ((checkpoint, parity), (trained, queries)):
        page = tmp_path / "network.html"
        assert tmc("view", network, "--input", data, "--query", 1, "-o", page).status == 0
        document = document_in(page)
        for part in ("rules", "network", "lattice", "machine", "training"):
            assert document[part] == text[part], part
        assert document["files"][0]["text"] == text["files"][0]["text"]


def test_a_network_that_is_not_its_machines(parity: Path, tmp_path: Path, tmc: Run) -> None:
    """The page computes what the rules do: of other weights it would show nothing true."""
    checkpoint, changed = from_build(compiled("gauss")), tmp_path / "changed.safetensors"
    weights = checkpoint.tensors["recurrent.0.weight"].copy()
    weights[3, 0, 1, 1] += 1
    save(replace(checkpoint, tensors={**checkpoint.tensors, "recurrent.0.weight": weights}), changed)
    assert load(changed).tensors["recurrent.0.weight"][3, 0, 1, 1] == weights[3, 0, 1, 1]
    outcome = tmc("view", changed, "--input", parity, "-o", tmp_path / "page.html")
    assert outcome.status == 1
    assert outcome.err == (
        f"error: {changed}: its weights are not those that the machine in it compiles to, so a page would show another network; "
        "`tmc verify` says where they differ, and `tmc compile` makes them anew\n"
    )
    assert not (tmp_path / "page.html").exists()
    drawn = tmp_path / "drawn.safetensors"
    assert tmc("compile", GAUSS, "--random-init", 1, "-o", drawn).status == 0
    outcome = tmc("view", drawn, "--input", parity, "-o", tmp_path / "page.html")
    assert (outcome.status, outcome.err) == (1, f"error: {drawn}: its weights were drawn at random; it runs no machine\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{increment}"], "Error: the machine increment reads a line: give it --data TEXT, or --data '' for an empty tape."),
        (["{increment}", "--data", "12"], "error: character 2 of the data is '2', which is not a symbol of the tape data (_ 0 1)"),
        (["{increment}", "--data", "1", "-o", "{folder}"], "error: cannot write {folder}: it is a folder; name a file"),
        (["{increment}", "--data", "1", "-o", "{folder}/a/b.html"], "does not exist; create it first"),
        (["{increment}", "--data", "1", "-o", "{folder}/b.png"], "ends in .png, and what is written is .html; name it so."),
        (["{increment}", "--data", "1", "--max-steps", "0"], "0 is not in the range x>=1."),
        (["-", "--data", "1"], "Error: a text from stdin has no file name: say with -o where the page goes."),
        (["{data}", "--data", "1"], "is not a text: there is a zero byte"),
        (["{gauss}", "--input", "{data}", "--query", "2"], "error: there is no query 2: they are numbered from 0 to 1"),
        (["{gauss}", "--input", "{gauss}"], "is not an .npz archive"),
        (["{gauss}", "--data", "1"], "Error: the machine gauss learns from examples: give it --input, not --data."),
        (["{gauss}", "--grid", "{grid}"], "error: a network learns examples of 0 and 1: only the last cell of the grid, the label"),
        (["{gauss}", "--input", "{large}"], "error: the lattice has 301 × 2804 cells, and a page holds 400,000; use less data"),
        (["{network}", "--data", "1", "--target", "scalar"], "is a network already: --target and --scale go with the text of"),
    ],
)  # fmt: skip
def test_refusals(arguments: list[str], said: str, parity: Path, tmp_path: Path, tmc: Run) -> None:
    grid, large, network = tmp_path / "grid.txt", tmp_path / "large.npz", tmp_path / "increment.safetensors"
    grid.write_text("01\n0_\n_1\n", encoding="utf-8")
    names = {"increment": INCREMENT, "gauss": GAUSS, "folder": tmp_path, "data": parity, "grid": grid, "large": large}
    if "{large}" in arguments:
        datasets.save(datasets.parity(1400, 300, 1), large)
    if "{network}" in arguments:
        save(from_build(compiled("increment")), network)
    given = [argument.format(**names, network=network) for argument in arguments]
    outcome = tmc("view", *given, *([] if "-o" in given or "-" in given else ["-o", tmp_path / "page.html"]))
    assert outcome.status == (2 if "Usage" in outcome.err else 1)
    assert said.format(**names) in outcome.err
    assert not list(tmp_path.glob("*.html"))


def test_the_page_overwrites_nothing_that_was_read(tmp_path: Path, tmc: Run) -> None:
    machine = tmp_path / "increment.html"
    machine.write_bytes(INCREMENT.read_bytes())
    outcome = tmc("view", machine, "--data", "1", "-o", machine)
    assert (outcome.status, outcome.err) == (1, f"error: the page would overwrite {machine}; name another file with -o\n")
    assert machine.read_bytes() == INCREMENT.read_bytes()


@pytest.mark.parametrize(("status", "said"), [(0, ""), (1, "warning: no browser could be started; open {page} yourself\n")])
def test_the_page_is_opened(status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmc: Run) -> None:
    page, opened = tmp_path / "a b.html", list[str]()

    def launch(url: str) -> int:
        opened.append(url)
        return status

    monkeypatch.setattr("click.launch", launch)
    outcome = tmc("view", INCREMENT, "--data", "1", "-o", page, "--open")
    assert (outcome.status, outcome.err) == (0, said.format(page=page))
    assert opened == [page.as_uri()]
