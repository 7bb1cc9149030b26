"""`tmc report --family`: figures of machines that grow, lines that fit them, and plots."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from math import isclose
from pathlib import Path

import pytest

from conftest import Outcome
from tmc.diagnostics import Rejected
from tmc.ir.filters import size
from tmc.pipeline import lower_table
from tmc.report import growth
from tmc.report.families import family
from tmc.report.growth import Refused, Row, fits, line, measure, power

Tmc = Callable[..., Outcome]
ROW = Row(4, 1, (), 1, 1, 1, 1, 1, 4, 0.0, 0.0)
MISSING = "error: plots need matplotlib: pip install 'turing-machine-compiler[plot]'\n"


def row(states: int) -> Row:
    """A machine that grows as lines and squares do, exactly."""
    log = states.bit_length() - 1
    return replace(ROW, states=states, d_rc=14 * states + 70, values=9 * states + 800, entries=states**2, bits=2 * log, digits=log)


def test_lines_are_found() -> None:
    found = {(fit.figure, fit.least): fit for fit in fits([row(1 << exponent) for exponent in range(2, 10)])}
    assert isclose(found["d_rc", 4].slope, 14)
    assert isclose(found["d_rc", 64].constant, 70)
    assert isclose(found["values", 64].at(1000), 9800)
    assert isclose(found["bits", 4].slope, 2)
    assert all(fit.off < 1e-9 and isclose(fit.r2, 1) for fit in found.values() if fit.figure != "significant")


def test_what_a_line_misses() -> None:
    """Through (1, 1), (2, 3) and (3, 2) the line is y = x / 2 + 1: 1/2, 1 and 1/2 off."""
    fit = line("d_rc", "s", [(1, 1), (2, 3), (3, 2)])
    assert isclose(fit.slope, 1 / 2)
    assert isclose(fit.constant, 1)
    assert isclose(fit.off, 1 / 2)
    assert isclose(fit.r2, 1 / 4)


def test_powers() -> None:
    found = power([row(1 << exponent) for exponent in range(2, 8)])
    assert found is not None
    assert isclose(found, 2)
    assert power([row(4)]) is None


def test_a_figure_is_that_of_the_network() -> None:
    found = measure(8, 0, "wide", "integer")
    assert isinstance(found, Row)
    figures = size(lower_table(family(8, 0)).filters)
    assert (found.d_rc, found.used) == (max(figures.units), figures.units)
    assert found.digits is None


def test_the_table(tmc: Tmc) -> None:
    outcome = tmc("report", "--family", "--target", "wide", "--max-states", 16, "--seed", 3)
    assert outcome.status == 0
    assert [text.partition(":")[0] for text in outcome.err.splitlines()] == ["4 states", "8 states", "16 states"]
    lines = outcome.out.splitlines()
    assert lines[0] == "machines of a family, seed 3, target wide"
    assert [text.split()[0] for text in lines[1:5]] == ["s", "4", "8", "16"]
    assert any(text.startswith("d_rc = ") for text in lines)
    assert tmc("report", "--family", "--target", "wide", "--max-states", 4).out.endswith(
        "too few machines for a fit: raise --max-states\n"
    )


def test_for_programs(tmc: Tmc) -> None:
    found = json.loads(tmc("report", "--family", "--target", "wide", "--max-states", 16, "--json").out)
    assert [machine["states"] for machine in found["machines"]] == [4, 8, 16]
    assert {fit["figure"] for fit in found["fits"]} == {"d_rc", "values", "bits", "significant"}


def test_a_machine_that_does_not_fit_is_named(tmc: Tmc, monkeypatch: pytest.MonkeyPatch) -> None:
    def lower(table: object, target: str, scale: str) -> object:
        if len(table.states) == 8:  # type: ignore[attr-defined]
            raise Rejected("it is too large")
        return lower_table(table, "wide")  # type: ignore[arg-type]

    monkeypatch.setattr(growth, "lower_table", lower)
    assert measure(8, 0, "scalar", "integer") == Refused(8, "it is too large")
    outcome = tmc("report", "--family", "--max-states", 16)
    assert outcome.status == 0
    assert "8 states: rejected" in outcome.err
    assert outcome.out.splitlines()[3].split(maxsplit=1) == ["8", "it is too large"]


@pytest.mark.long
def test_the_scalar_network_is_narrow() -> None:
    for states in (4, 16, 64):
        found = measure(states, 1, "scalar", "integer")
        assert isinstance(found, Row)
        assert found.d_rc == max(found.used) <= 100 * states
        assert found.digits is not None
        assert found.significant <= found.digits <= 53


def test_plots(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for arguments, name in (
        (("--family", "--target", "wide", "--max-states", 16), "family"),
        ((machines / "gauss.tm",), "circuit"),
    ):
        path = tmp_path / f"{name}.png"
        pictures = []
        for _ in range(2):
            outcome = tmc("report", *arguments, "--plot", tmp_path)
            assert outcome.status == 0
            assert outcome.err.endswith(f"wrote {path}\n")
            pictures.append(path.read_bytes())
        assert pictures[0].startswith(b"\x89PNG")
        assert pictures[0] == pictures[1]


def test_no_plot(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gauss = machines / "gauss.tm"
    folder = tmp_path / "none"
    outcome = tmc("report", gauss, "--plot", folder)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"error: cannot write {folder}/circuit.png: the folder {folder} does not exist; create it first\n"
    for name in [name for name in sys.modules if name.startswith(("matplotlib.", "tmc.view.plots"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for arguments in ((gauss,), ("--family",)):
        assert tmc("report", *arguments, "--plot", tmp_path) == Outcome(1, "", MISSING)


def test_plots_of_circuits_are_for_learners(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    outcome = tmc("report", machines / "increment.tm", "--plot", tmp_path)
    assert outcome.status == 1
    assert outcome.err.endswith("a circuit has a size for learners that promise a bound on steps; leave --plot out\n")
