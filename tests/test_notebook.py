"""What a notebook shows of a build, a table, a run and a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import tmc
from conftest import ROOT, compiled, line_table, rule
from tmc.built import CompiledMachine
from tmc.ir.tape import Move
from tmc.net.checkpoint.reading import from_build
from tmc.net.rcnn import RCNN
from tmc.view import graphviz

DOT = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str | None) -> ET.Element:
    assert picture is not None
    return ET.fromstring(picture)


@DOT
def test_a_table_is_its_state_diagram() -> None:
    picture = compiled("increment").table._repr_svg_()
    assert parsed(picture).findtext(f"{SVG}title") == "State diagram of increment"
    assert " id=" not in str(picture)


@DOT
def test_a_build_says_its_sizes_above_the_diagram() -> None:
    build = CompiledMachine.of(compiled("increment"))
    root = parsed(build._repr_html_())
    assert "".join(root[0].itertext()) == "increment: 2 states, 4 transitions → target wide, " + build.filters.sizes
    assert len(root.findall(f".//{SVG}svg")) == 1


def test_a_run_shows_its_last_tapes() -> None:
    run = tmc.simulate(ROOT / "machines" / "increment.tm", data="1011")
    root = parsed(run._repr_html_())
    assert "".join(root[0].itertext()) == "accept after 8 steps of increment"
    signs = [sign.text for sign in root.iter(f"{SVG}text") if "sign" in sign.get("class", "").split()]
    assert "".join(map(str, signs)) == "1100"


def test_a_network_shows_its_memory_once_it_is_trained() -> None:
    network = RCNN(from_build(compiled("gauss")))
    root = parsed(network._repr_html_())
    assert len(root.findall(".//tr")) == 5
    assert root.find(f".//{SVG}svg") is None
    network.fit([[0, 1], [1, 1]], [1, 0])
    paths = [path for path in parsed(network._repr_html_()).iter(f"{SVG}path") if path.get("class") in ("plus", "minus")]
    assert sum(path.get("d", "").count("z") for path in paths) == np.count_nonzero(network.memory_array())


def test_without_graphviz_they_are_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz.shutil, "which", lambda _: None)
    assert compiled("increment").table._repr_svg_() is None
    assert "svg" not in str(CompiledMachine.of(compiled("increment"))._repr_html_())


@DOT
def test_what_is_too_large_to_be_seen_is_text() -> None:
    many = [rule(number, (0,), number + 1, move=Move.RIGHT) for number in range(80)]
    table = replace(line_table(rule(0, (0,), 0)), states=tuple(f"s{number}" for number in range(81)), transitions=tuple(many))
    assert table._repr_svg_() is None


def test_nothing_is_loaded_for_it_before_it_is_asked_for() -> None:
    program = (
        "import sys, tmc; run = tmc.simulate('machines/increment.tm', data='1'); before = set(sys.modules); "
        "run._repr_html_(); print('tmc.view.notebook' in before, 'networkx' in sys.modules, 'cairosvg' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)
    assert shown.stdout == "False False False\n"
