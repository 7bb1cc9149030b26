"""`tmc report`: the figures of a network, beside the paper's bounds."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isclose, log2
from pathlib import Path

from conftest import Outcome, compiled
from tmc.report.theorem import circuit, report

Tmc = Callable[..., Outcome]

GAUSS = """\
gauss, target wide
                 here                                       the paper
states s         7
symbols          3 and 3
transitions      25
channels         14                                         1 (target scalar)
d_rc             227                                        100 s = 700
hidden units     107 + 227
d_head           5                                          constant
weights, biases  41378                                      O(s^2)
not 0            2220
|U_s|            13: -9 -7 -5 -4 -3 -2 -1 -1/2 0 1/2 1 2 4  O(s)
bits             6; of one alone 4                          log2 s + constant
layers           4 t + m + d + 2                            c1 (t + m + d), c1 = 4
log2 chance      -153116.8                                  -c2 s^2 log2 s, c2 = 1113.1
circuit for d = 2, m = 4: 9641920 gates (232 layers of 40 cells)
"""


def test_gauss(tmc: Tmc, machines: Path) -> None:
    assert tmc("report", machines / "gauss.tm", "--circuit", 2, 4) == Outcome(0, GAUSS, "")


def test_for_programs(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("report", machines / "increment.tm", "--json")
    assert outcome.status == 0
    found = json.loads(outcome.out)
    assert (found["machine"], found["states"], found["units"], found["circuits"]) == ("increment", 2, [14, 17], [])


def test_every_weight_is_drawn() -> None:
    figures = report(compiled("gauss"))
    filters = compiled("gauss").filters
    layers = (*filters.recurrent, *filters.head)
    assert figures.entries == sum(len(layer) * (layer.inputs + 1) for layer in layers)
    assert isclose(figures.log2_chance, -figures.entries * log2(13))
    everything = {weight for layer in layers for unit in layer.units for _, weight in unit.weights}
    everything |= {unit.bias for layer in layers for unit in layer.units}
    assert set(figures.drawn) == everything | {0}


def test_the_scalar_network(tmc: Tmc, machines: Path) -> None:
    """A machine of two states on a line: small, and it has no memory."""
    found = json.loads(tmc("report", machines / "increment.tm", "--target", "scalar", "--json").out)
    assert (found["target"], found["scale"], found["channels"], found["c1"]) == ("scalar", "integer", 1, 4)
    assert len(set(found["units"])) == 1
    assert max(found["used"]) == found["d_rc"] == found["units"][0]
    assert found["floats"] == ("float32" if found["digits"] <= 24 else "float64")
    assert found["c2"] == round(found["entries"] * log2(len(found["values"])) / 4, 1)
    text = tmc("report", machines / "increment.tm", "--target", "scalar").out
    assert text.startswith("increment, target scalar, scale integer\n")
    listed = " ".join(text.partition("U_s:")[2].split()) or text.partition("|U_s|")[2].splitlines()[0]
    assert " ".join(found["values"]) in listed
    assert max(map(len, text.splitlines())) <= 132


def test_what_does_not_go_together(tmc: Tmc, machines: Path) -> None:
    gauss = machines / "gauss.tm"
    wrong = {
        (): "name a FILE, or --family: one of the two.",
        (gauss, "--family"): "name a FILE, or --family: one of the two.",
        (gauss, "--scale", "paper"): "--scale paper goes with --target scalar.",
        ("--family", "--circuit", 2, 4): "--circuit is for a FILE; leave --circuit or --family out.",
        (gauss, "--max-states", 8): "--seed and --max-states are for --family; leave them out for a FILE.",
        ("--family", "--max-states", 12): "Invalid value for '--max-states': 12 is not a power of two, such as 64.",
    }
    for arguments, said in wrong.items():
        outcome = tmc("report", *arguments)
        assert (outcome.status, outcome.out, outcome.err.splitlines()[-1]) == (2, "", f"Error: {said}")


def test_circuits_are_for_learners_with_bounds(tmc: Tmc, machines: Path) -> None:
    assert circuit(compiled("increment"), 2, 2) is None
    outcome = tmc("report", machines / "increment.tm", "--circuit", 2, 2)
    assert outcome.status == 1
    assert outcome.err.endswith("a circuit has a size for learners that promise a bound on steps; leave --circuit out\n")
    assert tmc("report", machines / "gauss.tm", "--circuit", 0, 2).status == 2
    assert tmc("report", machines / "nothing.tm").status == 1
