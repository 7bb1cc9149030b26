"""What is given by name or as a number is refused when it cannot be meant, in Python as on the command line."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tmc
from conftest import ROOT, compiled
from tmc.diagnostics import Rejected
from tmc.given import check_count, check_flag, check_name
from tmc.net.checkpoint.reading import from_build
from tmc.net.choice import choose
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
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
