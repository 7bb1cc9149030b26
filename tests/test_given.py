"""What is given by name or as a number is refused when it cannot be meant, in Python as on the command line."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tmc
from conftest import ROOT, compiled
from tmc.diagnostics import Rejected
from tmc.given import check_count, check_flag, check_name, renamed
from tmc.learn.search.searching import Tables, problem, search
from tmc.net.checkpoint.reading import from_build
from tmc.net.choice import choose
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
from tmc.run.shapes import MachineShape
from tmc.targets import registry

GAUSS = ROOT / "machines" / "gauss.tm"
THERE = ", ".join(registry.TARGETS)
TARGETS = {
    ("wyde", "integer"): f"no target is called 'wyde'; there are {THERE}",
    ("Wide", "integer"): f"no target is called 'Wide'; there are {THERE}",
    (None, "integer"): f"no target is called None; there are {THERE}",
    (("wide",), "integer"): f"no target is called ('wide',); there are {THERE}",
    ("scalar", "papr"): "no scale is called 'papr'; there are integer, paper",
    ("scalar", None): "no scale is called None; there are integer, paper",
    ("wide", "paper"): "the scale paper goes with the target scalar",
}


@pytest.mark.parametrize(("given", "said"), TARGETS.items(), ids=str)
def test_targets_and_scales(given: tuple[object, object], said: str) -> None:
    target, scale = given
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        tmc.compile(GAUSS, target=target, scale=scale)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        lower_table(compiled("gauss").table, target, scale)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("engine", "numbers", "said"),
    [
        ("fast", None, "no engine is called 'fast'; there are auto, sparse, dense"),
        (True, None, "no engine is called True; there are auto, sparse, dense"),
        ("dense", "float8", "no number format is called 'float8'; there are float64, float32, bfloat16, float16"),
        ("auto", "float32", "a number format goes with the engine dense"),
        ("sparse", "float32", "a number format goes with the engine dense"),
    ],
)
def test_engines_and_number_formats(engine: str, numbers: str | None, said: str) -> None:
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        choose(RCNN(from_build(compiled("gauss"))), engine, numbers)


def test_a_name() -> None:
    check_name("colour", "red", ("red", "blue"))
    with pytest.raises(Rejected, match=r"^no colour is called 'green'; there are red, blue$"):
        check_name("colour", "green", ("red", "blue"))


@pytest.mark.parametrize("number", [3, np.int64(3), np.uint8(3)])
def test_a_count(number: object) -> None:
    found = check_count("layers", number, 3)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (2, "layers: 2 is not in the range x>=3"),
        (-3, "layers: -3 is not in the range x>=3"),
        (3.0, "layers: 3.0 is not a whole number"),
        ("3", "layers: '3' is not a whole number"),
        (True, "layers: True is not a whole number"),
        (None, "layers: None is not a whole number"),
    ],
)
def test_no_count(given: object, said: str) -> None:
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        check_count("layers", given, 3)


def test_a_flag() -> None:
    check_flag("deep", given=True)
    for given in (1, "no", None, np.bool_(1)):
        with pytest.raises(Rejected, match=r"^deep: .* is not True or False$"):
            check_flag("deep", given)


def test_old_names_of_arguments() -> None:
    @renamed(enough="stop_at_error")
    def search(stop_at_error: float = 0.0) -> float:
        return stop_at_error

    assert (search(), search(1), search(stop_at_error=2)) == (0, 1, 2)
    with pytest.warns(DeprecationWarning, match=r"^search: the argument enough is now called stop_at_error$") as said:
        assert search(enough=3) == 3  # type: ignore[call-arg]
    assert said[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="enough"):
        assert search(enough=3, stop_at_error=4) == 4  # type: ignore[call-arg]


def test_public_functions_take_old_names() -> None:
    prior = Tables(MachineShape("grid", 1, 3, 1, ()), 0)
    given = problem(prior.shape, *(np.ones(size, dtype=np.int8) for size in ((1, 1), 1, (1, 1), 1)), 10)
    with pytest.warns(DeprecationWarning, match="bearable is now called max_error"):
        assert search(prior, [given], 10, bearable=0.5, workers=1) == search(prior, [given], 10, max_error=0.5, workers=1)  # type: ignore[call-arg]
    network = RCNN(from_build(compiled("gauss")))
    network.fit([[0, 1], [1, 1]], [1, 0])
    with pytest.warns(DeprecationWarning, match="predict: the argument numbers is now called dtype"):
        assert network.predict([[1, 0]], engine="dense", numbers="float32").tolist() == [1]  # type: ignore[call-arg]
