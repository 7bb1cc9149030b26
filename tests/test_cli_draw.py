"""``tmc draw``: every kind of picture is valid and says what it should; what cannot be drawn is said in one line."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from ctypes.util import find_library
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from conftest import Outcome, compiled
from tmc.cli import extras
from tmc.cli.draw import WHAT
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build, save
from tmc.net.rcnn import RCNN
from tmc.targets.scalar.target import NumeralCoding
from tmc.view import graphviz
from tmc.view.layout import grouped

Tmc = Callable[..., Outcome]
SVG = "{http://www.w3.org/2000/svg}"
GRAPHS = ("table", "rules", "filters")
SIGNS = (("plus", 1), ("minus", -1))
FIVE = ("gauss", "nearest", "palindrome", "busy_beaver_5", "universal")
CAIRO = pytest.mark.skipif(None in (find_spec("cairosvg"), find_library("cairo")), reason="CairoSVG or cairo is not installed")
DOT = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
INPUTS = {"busy_beaver_5": "", "palindrome": "abba", "universal": "p x s r_1Rxx r11Lxx s r_1Lx r11 p", "increment": "1011"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    datasets.save(datasets.parity(3, 5, 4, seed=0), path)
    return path


def options(what: str, machine: str, data: Path) -> list[object]:
    """What a picture of this machine needs."""
    if what not in ("trace", "space-time", "memory"):
        return []
    if machine in INPUTS:
        return ["--data", INPUTS[machine], *(["--steps", 300] if what == "space-time" else [])]
    return ["--input", data]


def check_picture(content: str) -> ET.Element:
    """What every picture has: a size, a title and a description, colours for light and dark, and nothing from elsewhere."""
    root = ET.fromstring(content)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert [len(part.text or "") > 10 for part in root[:2]] == [True, True]
    style = root.findtext(f"{SVG}style", "")
    assert "prefers-color-scheme: dark" in style
    assert "http" not in style + "".join(part.get("href", "") for part in root.iter())
    return root


@DOT
@pytest.mark.parametrize(
    ("machine", "what"), [(name, what) for name in FIVE for what in WHAT if what != "memory" or name not in INPUTS]
)
def test_pictures_are_valid_and_the_same_each_time(
    tmc: Tmc, machines: Path, tmp_path: Path, data: Path, machine: str, what: str
) -> None:
    path, again = tmp_path / "one.svg", tmp_path / "two.svg"
    given = options(what, machine, data)
    outcome = tmc("draw", machines / f"{machine}.tm", "--what", what, *given, "-o", path)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{path}: ")
    assert machine in check_picture(path.read_text(encoding="utf-8")).findtext(f"{SVG}title", "")
    tmc("draw", machines / f"{machine}.tm", "--what", what, *given, "-o", again)
    assert again.read_bytes() == path.read_bytes()


@DOT
@pytest.mark.parametrize("what", GRAPHS)
@pytest.mark.parametrize("form", ["mmd", "graphml"])
def test_graphs_in_other_languages(tmc: Tmc, machines: Path, tmp_path: Path, what: str, form: str) -> None:
    path, build = tmp_path / f"out.{form}", compiled("increment")
    assert tmc("draw", machines / "increment.tm", "--what", what, "-o", path).status == 0
    text = path.read_text(encoding="utf-8")
    if form == "graphml":
        assert ET.fromstring(text.encode()).tag.endswith("graphml")
        return
    lines = text.splitlines()
    assert lines[0] == ("stateDiagram-v2" if what == "table" else "flowchart LR")
    if what == "rules":
        assert sum('["' in line and ":::transition" in line for line in lines) == sum("→" in r.name for r in build.rules.rules)
    if what == "table":
        assert "    s0 --> s0: on 0#124;1<br>move right" in lines
        assert "    [*] --> s0" in lines


def test_a_path_in_other_languages_is_that_path_alone(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    sizes = []
    for marked in ([], ["--line", "24"], ["--rule", "find -> take"]):
        tmc("draw", machines / "gauss.tm", "--what", "filters", *marked, "-o", tmp_path / "path.graphml")
        sizes.append((tmp_path / "path.graphml").read_text(encoding="utf-8").count("<node "))
    assert sizes[1] == sizes[2] == 9 + 14 + 3 + 6  # channels read, steps, conjunctions, channels changed
    assert sizes[0] > 300


@pytest.mark.parametrize(("target", "machine", "line"), [("wide", "gauss", 24), ("scalar", "increment", 20)])
def test_the_path_of_a_rule(tmc: Tmc, machines: Path, tmp_path: Path, target: str, machine: str, line: int) -> None:
    """What is lit are the units of the rule, what leads to them, and what they change: the same as by the weights."""
    path = tmp_path / "out.svg"
    shown = ("--what", "filters", "--line", line, "--target", target)
    assert tmc("draw", machines / f"{machine}.tm", *shown, "-o", path).status == 0
    layers = compiled(machine, target).filters.recurrent
    own = {(rank, index) for rank, layer in enumerate(layers) for index, unit in enumerate(layer.units) if unit.line == line}
    lit = set(own)
    for rank in reversed(range(len(layers))):
        lit |= {(rank - 1, source) for at, index in lit if at == rank for source, _ in layers[rank].units[index].weights}
    last = len(layers) - 1
    lit |= {(last, i) for i, unit in enumerate(layers[-1].units) if any((last - 1, source) in own for source, _ in unit.weights)}
    kinds = [box.get("class", "").split() for box in check_picture(path.read_text(encoding="utf-8")).iter(f"{SVG}rect")]
    assert len([kind for kind in kinds if {"node", "lit"} <= set(kind)]) == len(lit) > len(own) > 0


@DOT
def test_marked_rules_of_a_table(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.svg"
    assert tmc("draw", machines / "universal.tm", "--line", "std.tm:13", "-o", path).status == 0
    edges = [part for part in ET.parse(path).iter(f"{SVG}g") if part.get("class") == "edge lit"]
    assert [edge.findtext(f"{SVG}title", "").split(":")[0] for edge in edges] == [
        "seek(p,left,right,find) → seek(p,left,right,find)"
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--line", "9"), "gauss has no rule at line 9: those of gauss stand at 22, 23, 24, 25, 30,"),
        (("--line", "std.tm:9"), "gauss has no rule at std.tm:9: none comes from std.tm"),
        (("--rule", "find -> tak"), "gauss has no rule called 'find -> tak'; did you mean 'find → take'?"),
        (("--rule", "xyz", "--what", "rules"), "gauss has no rule called 'xyz'; --what rules shows their names"),
        (
            ("--rule", "find -> take", "--line", "25", "--what", "filters"),
            "the rule 'find -> take' of gauss does not stand at line 25",
        ),
    ],
)
def test_rules_that_are_not_there(tmc: Tmc, machines: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    outcome = tmc("draw", machines / "gauss.tm", *arguments, "-o", tmp_path / "out.svg")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"error: {said}")
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "out.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "out.gif"), "no picture has the ending .gif: name a file that ends in one of .svg, .png, .pdf, .mmd, .graphml."),
        (("-o", "out"), "out has no ending that says what to write"),
        (("-o", "out.mmd", "--what", "cells"), ".mmd goes with --what table, rules or filters, not cells."),
        (("-o", "out.svg", "--filling"), "--filling goes with --what memory, not table."),
        (("-o", "out.svg", "--line", "x"), "--line x is no line: write it as 24, or as std.tm:13"),
        (("-o", "out.svg", "--line", "3", "--what", "trace"), "--rule and --line go with --what table, rules or filters"),
        (("-o", "out.svg", "--from", "3"), "--from and --steps go with --what trace or space-time, not table."),
        (("-o", "out.svg", "--what", "space-time", "--size", "0x3"), "--size 0x3 is no size: write it as 720x600"),
        (("-o", "out.svg", "--what", "space-time", "--size", "5000x3"), "--size 5000x3 is no size"),
        (("-o", "out.svg", "--size", "3x3"), "--size and --colours go with --what space-time, not table."),
        (("-o", "out.svg", "--what", "memory"), "a network that is not trained has no memory yet: give it --input FILE"),
        (("-o", "out.svg", "--what", "trace"), "the machine gauss learns from examples: give it --input FILE"),
        (("-o", "out.svg", "--target", "scalar"), "--target scalar goes with --what cells, filters or memory, not table."),
        (("-o", "out.svg", "--zoom", "0"), "0.0 is not in the range"),
        ((), "Missing option '-o' / '--output'."),
    ],
)
def test_wrong_usage(
    tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = tmc("draw", machines / "gauss.tm", *arguments)
    assert outcome.status == 2
    assert said in " ".join(outcome.err.split())
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_or_in_the_way(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.svg"
    own.write_bytes((machines / "increment.tm").read_bytes())
    assert tmc("draw", own, "-o", own).err.startswith(f"error: the picture would overwrite {own}")
    outcome = tmc("draw", machines / "increment.tm", "-o", tmp_path / "no" / "out.svg")
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    monkeypatch.setattr(graphviz.shutil, "which", lambda _: None)
    outcome = tmc("draw", machines / "increment.tm", "-o", tmp_path / "out.svg")
    assert outcome.status == 1
    assert outcome.err == ("error: Graphviz, which lays out state diagrams, is not installed: install it (its program is `dot`)\n")


def test_without_cairosvg(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tmc.view.raster", raising=False)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    outcome = tmc("draw", machines / "increment.tm", "--what", "cells", "-o", tmp_path / "out.pdf")
    assert outcome.status == 1
    assert outcome.err == "error: PDF needs CairoSVG (SVG needs nothing): pip install 'turing-machine-compiler[draw]'\n"

    def no_library(_module: str) -> None:
        raise OSError("no library called cairo was found")

    monkeypatch.setattr(extras, "import_module", no_library)
    outcome = tmc("draw", machines / "increment.tm", "--what", "cells", "-o", tmp_path / "out.png")
    assert outcome.status == 1
    assert "PNG needs cairo, a library of the system (SVG needs nothing): install it" in outcome.err
    assert list(tmp_path.iterdir()) == []


@CAIRO
def test_png_and_pdf(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    contents = {}
    for name in ("a.png", "b.png", "a.pdf", "b.pdf"):
        outcome = tmc("draw", machines / "increment.tm", "--what", "trace", "--data", "1011", "-o", tmp_path / name, "--zoom", "1")
        assert (outcome.status, outcome.err) == (0, "")
        contents[name] = (tmp_path / name).read_bytes()
    assert contents["a.png"].startswith(b"\x89PNG")
    assert contents["a.pdf"].startswith(b"%PDF")
    assert contents["a.png"] == contents["b.png"]
    assert contents["a.pdf"] == contents["b.pdf"]
    assert b"/CreationDate (D:20000101000000Z" in contents["a.pdf"]  # whenever it is made


@CAIRO
def test_a_png_that_is_too_large(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    outcome = tmc("draw", machines / "gauss.tm", "--what", "rules", "--zoom", 20, "-o", tmp_path / "out.png")
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert "pixels is too large: give a smaller --zoom, or write .svg or .pdf" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_parts_of_runs(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.svg"
    shown = ("draw", machines / "increment.tm", "--data", "1011", "-o", path, "--json")
    assert json.loads(tmc(*shown, "--what", "trace", "--from", "3").out)["first"] == 3
    assert json.loads(tmc(*shown, "--what", "trace", "--from", "3", "--steps", "2").out)["last"] == 4
    figures = json.loads(tmc(*shown, "--what", "space-time", "--from", "3", "--steps", "2").out)
    assert (figures["first"], figures["last"], figures["tapes"][0]["rows"]) == (3, 5, 3)
    figures = json.loads(tmc(*shown, "--what", "space-time", "--size", "2x3").out)
    assert (figures["last"], figures["tapes"][0]["rows"], figures["tapes"][0]["columns"]) == (8, 3, 2)
    outcome = tmc(*shown, "--what", "trace", "--from", "100")
    assert outcome.err == "error: the run of increment ends after step 8, and there is no step 100\n"
    outcome = tmc(*shown, "--what", "trace", "--steps", "501")
    assert outcome.err == "error: 501 configurations are too many for one picture: say --steps 500, or draw --what space-time\n"


def test_a_run_that_loops_ends_where_that_is_seen(tmc: Tmc, tmp_path: Path) -> None:
    machine = tmp_path / "away.tm"
    machine.write_text("machine away\ntape data: line of _ 1\nstart a\nstate a\n    on _|1  write 1  move right\n")
    outcome = tmc("draw", machine, "--what", "space-time", "--data", "", "-o", tmp_path / "out.svg")
    assert outcome.status == 0
    assert "steps, loops" in (tmp_path / "out.svg").read_text(encoding="utf-8")


def test_the_memory(tmc: Tmc, machines: Path, tmp_path: Path, data: Path) -> None:
    """What is drawn is what the network holds: squares of each sign, in a checkpoint, at the end, and after every step."""
    examples = datasets.load(data)
    build = compiled("gauss")
    network = RCNN(from_build(build)).fit(examples.x_train, examples.y_train)
    trained, plain = tmp_path / "trained.safetensors", tmp_path / "plain.safetensors"
    network.save(trained)
    save(from_build(build), plain)
    weight = network.memory_array()
    side = 26  # of a square
    wanted = {sign: {(x * side, y * side) for y, x in np.argwhere(weight * sense > 0).tolist()} for sign, sense in SIGNS}
    assert wanted["plus"]
    assert wanted["minus"]
    for file, given in ((trained, []), (plain, ["--input", data]), (machines / "gauss.tm", ["--input", data])):
        assert tmc("draw", file, "--what", "memory", *given, "-o", tmp_path / "out.svg").status == 0
        root = check_picture((tmp_path / "out.svg").read_text(encoding="utf-8"))
        for sign, squares in wanted.items():
            corners = [path.get("d", "").split("M")[1:] for path in root.iter(f"{SVG}path") if path.get("class") == sign]
            found = [tuple(map(int, corner.partition("h")[0].split(","))) for corner in chain.from_iterable(corners)]
            assert sorted(found) == sorted(squares)
    assert tmc("draw", plain, "--what", "memory", "--input", data, "--filling", "-o", tmp_path / "out.svg").status == 0
    root = ET.parse(tmp_path / "out.svg")
    squares = [path.get("d", "").count("z") for path in root.iter(f"{SVG}path") if path.get("class") in ("minus", "plus")]
    assert sum(squares) == sum(int(np.count_nonzero(weight[:row])) for row in range(len(weight) + 1))
    outcome = tmc("draw", trained, "--what", "memory", "--input", data, "-o", tmp_path / "out.svg")
    assert outcome.err.startswith(f"error: {trained} has learnt its examples already: leave --input out")
    outcome = tmc("draw", trained, "--what", "memory", "--filling", "-o", tmp_path / "out.svg")
    assert outcome.err.startswith(f"error: {trained} holds only the memory at the end")
    outcome = tmc("draw", machines / "increment.tm", "--what", "memory", "--input", data, "-o", tmp_path / "out.svg")
    assert outcome.err == "error: the machine increment reads a line, and its network has no memory\n"


@DOT
def test_a_checkpoint_is_drawn_as_its_machine(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    file = tmp_path / "increment.safetensors"
    save(from_build(compiled("increment")), file)
    for what in ("table", "rules", "cells", "filters", "trace", "space-time"):
        given = ["--data", "11"] if what in ("trace", "space-time") else []
        pictures = []
        for shown in (file, machines / "increment.tm"):
            assert tmc("draw", shown, "--what", what, *given, "-o", tmp_path / "out.svg").status == 0
            pictures.append((tmp_path / "out.svg").read_bytes())
        assert pictures[0] == pictures[1], what


@pytest.mark.parametrize(
    ("machine", "scale"), [("increment", "integer"), pytest.param("dictator", "paper", marks=pytest.mark.long)]
)
def test_the_cell_as_one_number(tmc: Tmc, machines: Path, tmp_path: Path, machine: str, scale: str) -> None:
    path = tmp_path / "out.svg"
    shown = ("--what", "cells", "--target", "scalar", "--scale", scale, "-o", path)
    assert tmc("draw", machines / f"{machine}.tm", *shown).status == 0
    coding = compiled(machine, "scalar", scale).coding
    assert isinstance(coding, NumeralCoding)
    texts = [part.text or "" for part in check_picture(path.read_text(encoding="utf-8")).iter(f"{SVG}text")]
    weights = [coding.unit.of(digit.weight) for digit in coding.numeral.digits]
    said = [f"× {grouped(weight) if isinstance(weight, int) else weight}" for weight in weights]
    assert [text for text in texts if text.startswith("×")] == said
