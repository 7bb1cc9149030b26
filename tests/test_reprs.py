"""What a Python prompt shows of the package's objects fits on a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import tmc
from conftest import ROOT, compiled
from tmc.built import CompiledMachine
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build
from tmc.pipeline import lower_table
from tmc.source import Source
from tmc.verify.certificate import certify
from tmc.verify.faults import Fault


def test_a_build_and_its_stages() -> None:
    build = compiled("gauss")
    sizes = "7 states, 25 transitions -> 14 channels, 107 + 227 hidden units"
    assert repr(build) == f"<Build of gauss, target wide: {sizes}>"
    assert repr(lower_table(build.table)) == f"<Stages of gauss, target wide: {sizes}>"
    assert repr(build.table) == "<Table of gauss: 7 states, 25 transitions>"
    assert repr(build.rules) == "<Rules: 57 on 12 fields>"
    assert repr(build.cells) == "<Cells: 14 trits, 207 conjunctions>"
    assert repr(build.filters) == "<Filters of the target wide: 14 channels, 107 + 227 hidden units>"
    assert repr(build.filters.recurrent[0]) == "<Layer steps: 126 inputs, 107 units, ReLU>"
    assert repr(build.syntax) == "<Machine gauss: 7 states, 5 tests>"
    assert repr(build.program) == "<Program gauss.tm: 0 used files>"
    assert repr(compiled("gauss", "scalar").filters).startswith("<Filters of the target scalar: 1 channel, ")


def test_a_text() -> None:
    assert repr(Source("a.tm", "machine m\n")) == "<Source a.tm: 10 characters>"


def test_a_checkpoint() -> None:
    checkpoint = from_build(compiled("gauss"))
    assert repr(checkpoint) == "<Checkpoint gauss.tm, target wide: 10 tensors, untrained>"
    trained = replace(checkpoint, tensors={**checkpoint.tensors, "memory.weight": np.ones((5, 3), dtype=np.float32)})
    assert repr(trained) == "<Checkpoint gauss.tm, target wide: 11 tensors, trained on 4 examples>"


def test_a_certificate() -> None:
    certificate = certify(from_build(compiled("increment")))
    assert repr(certificate) == "<Certificate of increment, target wide: verified>"
    stages = tuple(replace(stage, faults=(Fault("wrong"),) * (stage.name in ("rules", "labels"))) for stage in certificate.stages)
    assert repr(replace(certificate, stages=stages)) == "<Certificate of increment, target wide: not verified: rules, labels>"


def test_runs() -> None:
    run = tmc.simulate(ROOT / "machines" / "increment.tm", "1" * 1000)
    assert repr(run) == "<Result of increment: accept after 2002 steps>"
    assert repr(run.run) == "<Run: accept after 2002 steps>"


def test_data() -> None:
    assert repr(datasets.parity(8, 200, 50)) == "<DataSet: 200 examples of 8 features, 50 queries with labels>"


def test_a_network_is_a_page_at_most() -> None:
    assert len(repr(CompiledMachine.of(compiled("gauss")).network())) < 1000


def test_all_of_them_are_compared_by_what_they_hold() -> None:
    one = compiled("gauss")
    assert one.table == replace(one.table, name="gauss")
    assert one.table != replace(one.table, about="")
    assert repr(one.table) == repr(replace(one.table, about=""))
