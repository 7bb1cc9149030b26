"""The proof that weights do what the rules say holds for every machine, and fails when a weight is changed that matters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import ROOT, compiled
from tmc.diagnostics import Rejected
from tmc.ir.cells import Cells
from tmc.ir.lattice import PLACES, Cell, Local
from tmc.ir.rules import Rules
from tmc.ir.rules import local as rules_of
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.verify.boxes import Proof, Term
from tmc.verify.weights_to_rules import Counterexample, prove
from tmc.verify.wide_terms import WidePatches

MACHINES = sorted(path.stem for path in (ROOT / "machines").glob("*.tm"))
CHANGES = {"busy_beaver_2": 300, "palindrome": 80, "gauss": 25}


@pytest.mark.parametrize("name", MACHINES)
def test_every_machine(name: str) -> None:
    build = compiled(name)
    found = prove(from_build(build), WidePatches(build.rules, build.rules.invariants))
    assert found.faults == ()
    assert found.margin >= 1
    assert found.cases >= found.groups > len(build.cells.trits)


def changed(checkpoint: Checkpoint, rng: np.random.Generator) -> Checkpoint:
    """One weight or bias of the recurrent convolution is another."""
    names = sorted(name for name in checkpoint.tensors if name.startswith("recurrent"))
    name = names[rng.integers(len(names))]
    tensor = checkpoint.tensors[name].copy()
    where = np.flatnonzero(tensor) if rng.random() < 0.7 and tensor.any() else np.arange(tensor.size)
    tensor.reshape(-1)[rng.choice(where)] += rng.choice([-4, -1, 1, 2])
    return replace(checkpoint, tensors={**checkpoint.tensors, name: tensor})


def evaluated(checkpoint: Checkpoint, patch: NDArray[np.float64]) -> list[float]:
    """What the network makes of a patch, shape (9, channels)."""
    values: Any = patch.T.reshape(-1)
    for index, (weight, bias) in enumerate(checkpoint.layers("recurrent")):
        assert isinstance(weight, np.ndarray)
        values = (np.maximum(values, 0) if index else values) @ weight.reshape(len(weight), -1).T.astype(np.float64) + bias
    return [float(value) for value in values]


def patch_of(fault: Counterexample, rules: Rules) -> list[Cell]:
    """The patch of a fault, all else at rest."""
    cells = [list(rules.border) for _ in PLACES]
    for place, name, value in fault.patch:
        field = rules.field(name)
        cells[PLACES.index(place)][rules.index(name)] = next(n for n in field.numbers() if field.values[n] == value)
    return [tuple(cell) for cell in cells]


def is_right(checkpoint: Checkpoint, cells: Cells, rules: Local, patch: list[Cell]) -> bool:
    values = np.array([cells.encode(cell) for cell in patch], dtype=np.float64)
    return evaluated(checkpoint, values) == [float(trit) for trit in cells.encode(rules(tuple(patch)))]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CHANGES)
def test_changed_weights(name: str) -> None:
    """Where there is a fault, its patch shows it; where there is none, none of many patches of runs does."""
    build, rng = compiled(name), np.random.default_rng(0)
    rules, caught, harmless = rules_of(build.rules), 0, 0
    numbers = [field.numbers() for field in build.rules.fields]
    fresh, patches = from_build(build), WidePatches(build.rules, build.rules.invariants)
    for _ in range(CHANGES[name]):
        checkpoint = changed(fresh, rng)
        try:
            found = prove(checkpoint, patches)
        except Rejected as rejected:
            assert "look at several inputs" in str(rejected)
            continue
        for fault in found.faults[:1]:
            assert not is_right(checkpoint, build.cells, rules, patch_of(fault, build.rules))
        caught, harmless = caught + bool(found.faults), harmless + (not found.faults)
        if not found.faults:
            for _ in range(50):
                cells = [tuple(int(rng.choice(n)) if rng.random() < 0.3 else 0 for n in numbers) for _ in PLACES]
                try:
                    rules(tuple(cells))  # type: ignore[arg-type]
                except Exception:  # noqa: BLE001 - two rules write one field: no patch of a run
                    continue
                assert is_right(checkpoint, build.cells, rules, cells)
    assert caught > CHANGES[name] / 2
    assert harmless > 0


def test_sums_that_are_nought() -> None:
    two: list[Term] = [(((0, 0b01),), 2), (((0, 0b10),), 2), ((), -2)]
    terms: list[Term] = [*two, (((0, 0b01), (1, 0b011)), 1), (((0, 0b01), (1, 0b100)), 1), (((0, 0b01),), -1)]
    assert Proof([2, 3]).counterexample(terms) is None
    assert Proof([2, 3]).counterexample([*terms, (((0, 0b10), (1, 0b100)), 5)]) == {0: 1, 1: 2}
    assert Proof([2, 3], [((0, 0b10), (1, 0b110))]).counterexample([*terms, (((0, 0b10), (1, 0b100)), 5)]) is None
