"""Initialisation of Algorithm 1: networks whose weights are drawn at random from U_s."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from pathlib import Path

import numpy as np
import pytest

from conftest import Outcome, compiled
from tmc.net.checkpoint.reading import Checkpoint, from_build, load
from tmc.net.draw import draw
from tmc.net.rcnn import RCNN
from tmc.report.theorem import report


def majority(target: str) -> Checkpoint:
    return from_build(compiled("majority", target))


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_entries_are_drawn_from_the_values_of_the_compiled_network(target: str) -> None:
    drawn, figures = draw(majority(target), 7), report(compiled("majority", target))
    values = {float(value) for value in figures.drawn}
    assert drawn.checkpoint.tensors.keys() == majority(target).tensors.keys()
    for name, tensor in drawn.checkpoint.tensors.items():
        assert (tensor.shape, tensor.dtype) == (majority(target).tensors[name].shape, majority(target).tensors[name].dtype)
        assert set(tensor.ravel().tolist()) <= values
    assert (drawn.values, drawn.entries) == (len(values), figures.entries)
    assert drawn.log2_chance == figures.log2_chance == -figures.entries * log2(len(values))
    assert 0 < drawn.right < drawn.entries


def test_all_values_are_equally_likely() -> None:
    drawn = draw(majority("wide"), 1)
    numbers = np.concatenate([tensor.ravel() for tensor in drawn.checkpoint.tensors.values()])
    counts = np.unique(numbers, return_counts=True)[1]
    expected = drawn.entries / drawn.values
    assert len(counts) == drawn.values
    assert ((counts - expected) ** 2 / expected).sum() < drawn.values + 6 * (2 * drawn.values) ** 0.5  # chi squared


def test_a_seed_is_a_network() -> None:
    one, same, other = (draw(majority("scalar"), seed).checkpoint.tensors["V2"] for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_it_is_trained_and_asked_like_any_other(target: str) -> None:
    network = RCNN(draw(majority(target), 0).checkpoint)
    assert network.is_drawn
    network.fit([[0, 1], [1, 1]], [1, 0])
    assert set(network.predict([[1, 0], [0, 0]], undecided=1).tolist()) <= {-1, 1}
    assert not RCNN(majority(target)).is_drawn


def test_the_command(tmc: Callable[..., Outcome], machines: Path, tmp_path: Path) -> None:
    path = tmp_path / "drawn.safetensors"
    outcome = tmc("compile", machines / "majority.tm", "--target", "scalar", "--random-init", 7, "-o", path)
    drawn = draw(majority("scalar"), 7)
    assert (outcome.status, outcome.out.count("\n")) == (0, 1)
    assert f"{drawn.entries} weights and biases drawn from {drawn.values} values; {drawn.right} are what" in outcome.out
    assert f"probability 2^{drawn.log2_chance:.1f}" in outcome.out
    assert all(np.array_equal(tensor, drawn.checkpoint.tensors[name]) for name, tensor in load(path).tensors.items())
