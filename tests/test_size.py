"""How large the network of Gaussian elimination is: no larger than the design's own figures, and as the README says."""

from __future__ import annotations

from conftest import ROOT
from tmc.files import read_text
from tmc.ir.filters import size
from tmc.pipeline import compile_machine


def test_gauss_is_no_larger_than_the_prototype() -> None:
    build = compile_machine(read_text(ROOT / "machines" / "gauss.tm"))
    figures = size(build.filters)
    steps, conjunctions = figures.units
    assert len(build.table.states) <= 10
    assert figures.channels <= 15
    assert steps <= 239
    assert conjunctions <= 230
    assert figures.weights <= 91_000
    assert figures.nonzero <= 3_900
    assert len({*figures.values, *figures.biases, 0}) <= 14  # the distinct numbers in the network, biases and 0 included


def test_the_readme_gives_the_figures_as_they_are() -> None:
    figures = size(compile_machine(read_text(ROOT / "machines" / "gauss.tm")).filters)
    units = " + ".join(map(str, figures.units))
    nonzero = f"{figures.nonzero:,}".replace(",", " ")
    said = f"{figures.channels} channels, {units} hidden units and {nonzero} weights that are not 0"
    assert said in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
