"""Networks that are right in exact numbers and wrong in floats: the certificate refuses them, and names the unit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from conftest import ROOT, compiled
from tmc.files import read_text
from tmc.ir.tape import Line
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.net.engines import Dense, Sparse, patches_of
from tmc.net.network import Network
from tmc.pipeline import read_machine
from tmc.run.observe import window
from tmc.verify.certificate import certify
from tmc.verify.sums import of_numbers, of_products

LEARNERS = [path.stem for path in sorted((ROOT / "machines").glob("*.tm")) if read_machine(read_text(path))[0].is_grid]
LARGEST = ("gauss", "nearest", "perceptron")  # whose sums are the longest
Change = Callable[[dict[str, Any]], None]


def changed(checkpoint: Checkpoint, change: Change) -> Checkpoint:
    tensors = {name: tensor.copy() for name, tensor in checkpoint.tensors.items()}
    change(tensors)
    return replace(checkpoint, tensors=tensors)


def lattices(checkpoint: Checkpoint, name: str, engine: str, layers: int = 30) -> list[torch.Tensor]:
    """What an engine makes of an input, layer by layer."""
    build, network = compiled(name, checkpoint.target.name), Network(checkpoint)
    cells = window(build.lowered, build.rules, Line.of({0: 1, 1: 2, 2: 2}), 8, 14)
    lattice = torch.tensor([[build.encode(cell) for cell in row] for row in cells], dtype=network.dtype).permute(2, 0, 1)[None]
    running: Any = Dense(network, lattice) if engine == "dense" else Sparse(network, lattice, patches_of(network))
    found = []
    for _ in range(layers):
        running.advance(1, 0)
        found.append(running.lattice().double())
    return found


def is_right(checkpoint: Checkpoint, name: str, engine: str) -> bool:
    right = lattices(from_build(compiled(name, checkpoint.target.name)), name, engine)
    return all(torch.equal(a, b) for a, b in zip(right, lattices(checkpoint, name, engine), strict=True))


def faults(checkpoint: Checkpoint) -> dict[str, tuple[str, ...]]:
    return {stage.name: tuple(map(str, stage.faults)) for stage in certify(checkpoint).stages if not stage.holds}


def copied(size: float) -> Change:
    """Two units of layer 4 that did nothing are copies of one that does something, and cancel in layer 5."""

    def change(tensors: dict[str, Any]) -> None:
        used = np.flatnonzero(tensors["V5"][0])
        unused = np.flatnonzero(~tensors["V4"].any(axis=1))[:2]
        assert len(unused) == 2
        for unit, sign in zip(unused, (1, -1), strict=True):
            tensors["V4"][unit], tensors["V4.bias"][unit] = tensors["V4"][used[0]], tensors["V4.bias"][used[0]]
            tensors["V5"][0, unit] = sign * size

    return change


def shifted(size: float) -> Change:
    """A unit of layer 1 that is never far below 0 is larger by a constant, and so are the thresholds of those who read it."""

    def change(tensors: dict[str, Any]) -> None:
        unit = int(np.flatnonzero([name.endswith("what is left") for name in names])[0])
        tensors["V1.bias"][unit] += size
        tensors["V2.bias"] -= (size * tensors["V2"][:, unit].astype(np.float64)).astype(tensors["V2.bias"].dtype)

    names = [unit["name"] for unit in from_build(compiled("increment", "scalar")).about["units"]["V1"]]
    return change


@pytest.mark.parametrize(("change", "small", "large"), [(copied, 2.0, 2.0**40), (shifted, 2.0, 2.0**30)])
def test_what_cancels_in_exact_numbers_alone(change: Any, small: float, large: float) -> None:
    fresh = from_build(compiled("increment", "scalar"))
    harmless = changed(fresh, change(small))
    assert list(faults(harmless)) == ["labels"]  # the network is right, but its units are not what their labels say
    assert is_right(harmless, "increment", "dense")
    assert is_right(harmless, "increment", "sparse")
    wrong = changed(fresh, change(large))
    (said,) = faults(wrong)["sums"]
    assert re.fullmatch(r"layer \d, unit \d+.*: its sum may be rounded: it needs \d+ binary digits, float32 has 24", said)
    assert not is_right(wrong, "increment", "dense")  # the sparse engine adds in float64


def test_terms_may_all_be_multiples_of_a_power_of_two_above_1() -> None:
    """As at the paper's scale, where a product, with 25 binary digits after the point, is worth a pad of 2^25."""
    weights, values = np.array([[2.0**25, 3 * 2.0**24, 0.0]]), np.array([[5 * 2.0**-20, 2.0**-19, 2.0**-60], [0.0, 2.0**-15, 1.0]])
    found = of_products(weights, values)
    assert (found.step.tolist(), found.up.tolist()) == ([5], [5 * 2.0**5 + 3 * 2.0**9])
    bias = of_numbers(np.array([-7 * 2.0**4]))
    assert found.and_more(bias).step.tolist() == [4]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in LARGEST else pytest.mark.soak) for name in LEARNERS]
)
def test_every_learner_at_the_papers_scale(name: str) -> None:
    assert not faults(from_build(compiled(name, "scalar", "paper")))
