"""The precision contract is kept: where it says exact, runs in that format are; where it says not, one is shown that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from conftest import ROOT, compiled
from tmc.files import read_text
from tmc.ir.tape import Line
from tmc.learn.data.datasets import parity
from tmc.net.answer import start_on_query
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.net.learn import memorise
from tmc.net.network import Network
from tmc.net.rcnn import RCNN
from tmc.pipeline import compile_machine
from tmc.run.observe import window
from tmc.verify.certificate import certify
from tmc.verify.precision import FORMATS, Contract

TORCH = {"float64": torch.float64, "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
LAYERS = 60


def contract_of(checkpoint: Checkpoint) -> Contract:
    found = certify(checkpoint).contract
    assert found is not None
    return found


def first_lattice(name: str) -> torch.Tensor:
    build = compiled(name)
    cells = window(build.lowered, build.rules, Line.of({i: 1 + i % (len(build.table.data.symbols) - 1) for i in range(6)}), 8, 14)
    return torch.tensor([[build.encode(cell) for cell in row] for row in cells], dtype=torch.float64).permute(2, 0, 1)[None]


def run(checkpoint: Checkpoint, lattice: torch.Tensor, dtype: torch.dtype, rounded: bool = False) -> list[torch.Tensor]:
    """The lattices of some layers, computed in a number format."""
    network = Network(checkpoint)
    network.recurrent.to(dtype)
    found, lattice = [], lattice.to(dtype)
    with torch.no_grad():
        for _ in range(LAYERS):
            lattice = network.recurrent(lattice)
            lattice = lattice.round() if rounded else lattice
            found.append(lattice.double())
    return found


@pytest.mark.parametrize("name", ["increment", "busy_beaver_3", "palindrome"])
def test_exact_where_it_says_so(name: str) -> None:
    checkpoint, lattice = from_build(compiled(name)), first_lattice(name)
    contract, right = contract_of(checkpoint), run(checkpoint, lattice, torch.float64)
    assert {*TORCH, "tf32"} == {*contract.exact}
    for form in TORCH:
        assert all(torch.equal(a, b) for a, b in zip(right, run(checkpoint, lattice, TORCH[form]), strict=True))


def scaled(checkpoint: Checkpoint, factor: float) -> Checkpoint:
    """The same function: the steps of the first layer are larger, and count for less."""
    tensors: dict[str, Any] = dict(checkpoint.tensors)
    for name in ("recurrent.0.weight", "recurrent.0.bias"):
        tensors[name] = tensors[name] * np.float32(factor)
    tensors["recurrent.2.weight"] = tensors["recurrent.2.weight"] / np.float32(factor)
    return replace(checkpoint, tensors=tensors)


def test_not_exact_where_it_says_not() -> None:
    """The same network with other numbers: float32 still holds them, half the formats do not, and their runs differ."""
    lattice = first_lattice("busy_beaver_3")
    checkpoint = from_build(compiled("busy_beaver_3"))
    right = run(checkpoint, lattice, torch.float64)
    stretched = scaled(checkpoint, 2.0**15)
    contract = contract_of(stretched)
    assert "float32" in contract.exact
    assert "float16" not in contract.exact
    fault = contract.fault(next(form for form in FORMATS if form.name == "float16"))
    assert fault == "layer 1: its sums need 18 binary digits, float16 has 11"
    assert all(torch.equal(a, b) for a, b in zip(right, run(stretched, lattice, torch.float32), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(right, run(stretched, lattice, torch.float16), strict=True))


@pytest.mark.parametrize("name", ["increment", "busy_beaver_3"])
def test_harmless_noise(name: str) -> None:
    """Noise of the size that is promised changes nothing; noise that is much larger does."""
    checkpoint, lattice = from_build(compiled(name)), first_lattice(name)
    noise, right = contract_of(checkpoint).noise, run(checkpoint, lattice, torch.float64)
    assert noise > 0

    def noisy(size: float, seed: int) -> list[torch.Tensor]:
        rng = np.random.default_rng(seed)
        tensors = {
            key: tensor + (size * rng.choice([-1, 1], size=tensor.shape)).astype(np.float32)
            if key.startswith("recurrent")
            else tensor
            for key, tensor in checkpoint.tensors.items()
        }
        return run(replace(checkpoint, tensors=tensors), lattice, torch.float64, rounded=True)

    for seed in range(5):
        assert all(torch.equal(a, b) for a, b in zip(right, noisy(noise, seed), strict=True))
    assert any(not torch.equal(a, b) for seed in range(5) for a, b in zip(right, noisy(0.5, seed), strict=True))


@pytest.mark.long
def test_one_number_per_cell_needs_its_own_format() -> None:
    """Of the target scalar only the format of the file is said to be exact: in others it goes wrong at once, or is no number."""
    checkpoint = from_build(compile_machine(read_text(ROOT / "machines" / "majority.tm"), target="scalar"))
    data, network = parity(3, 4, 1, seed=1), RCNN(checkpoint)
    shape = network.shape(4, 3)
    memorise(network, data.x_train, data.y_train, shape)
    lattice = start_on_query(network, data.x_test[0], shape).lattice().clone()
    assert not certify(checkpoint).contract
    assert certify(checkpoint).dtype == "float64"
    right = run(checkpoint, lattice, torch.float64)
    for form in (torch.float32, torch.bfloat16):
        assert not torch.equal(right[0], run(checkpoint, lattice, form)[0])
    with pytest.raises(RuntimeError, match="overflow"):
        run(checkpoint, lattice, torch.float16)
