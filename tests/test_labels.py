"""Units that stand in the place of others: the network does the same, and its labels are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from conftest import Outcome, compiled
from tmc.net.checkpoint import Checkpoint, from_build, load, save
from tmc.verify.certificate import certify
from tmc.verify.labels import labels, relabelled

Tmc = Callable[..., Outcome]
LAYERS = {"wide": ("recurrent.2", "recurrent.4"), "scalar": ("V4", "V5")}


def permuted(held: Checkpoint, layer: tuple[str, str], order: np.ndarray) -> Checkpoint:
    this = layer[0]
    mine, theirs = map(held.target.weight_name, layer)
    tensors = dict(held.tensors)
    for name in (f"{this}.bias", mine):
        tensors[name] = tensors[name][order]
    tensors[theirs] = np.ascontiguousarray(tensors[theirs][:, order])
    return replace(held, tensors=tensors)


def swapped(held: Checkpoint, layer: tuple[str, str], one: int, other: int) -> Checkpoint:
    order = np.arange(len(held.tensors[f"{layer[0]}.bias"]))
    order[[one, other]] = other, one
    return permuted(held, layer, order)


def faults(held: Checkpoint) -> dict[str, tuple[str, ...]]:
    return {stage.name: tuple(map(str, stage.faults)) for stage in certify(held).stages if not stage.holds}


def test_what_is_said(tmc: Tmc, tmp_path: Path) -> None:
    fresh, path = from_build(compiled("gauss")), tmp_path / "gauss.safetensors"
    held = swapped(fresh, LAYERS["wide"], 30, 60)
    one, other, advice = faults(held)["labels"]
    names = [("find → take", 24), ("eliminate → next_column", 44)]
    for said, unit, (is_not, line), (is_now, real) in ((one, 30, *names), (other, 60, *reversed(names))):
        first, second = said.split(": it is not that, but ")
        assert re.fullmatch(rf"layer 2, unit {unit}, `.* …`, for the rule `{is_not}` \(gauss\.tm:{line}\)", first)
        assert re.fullmatch(rf"`.* …`, for the rule `{is_now}` \(gauss\.tm:{real}\)", second)
    assert advice == "`tmc verify MODEL --relabel FILE` writes the network with its units in the order of their labels"
    save(held, path)
    assert tmc("verify", path).status == 1
    again = tmc("verify", path, "--relabel", tmp_path / "again.safetensors")
    assert (again.status, again.err) == (0, "")
    assert {name: tensor.tobytes() for name, tensor in load(tmp_path / "again.safetensors").tensors.items()} == {
        name: tensor.tobytes() for name, tensor in fresh.tensors.items()
    }


@pytest.mark.parametrize("target", LAYERS)
@pytest.mark.parametrize("seed", range(4))
def test_any_order_is_found_and_undone(target: str, seed: int) -> None:
    fresh, held = from_build(compiled("gauss", target)), from_build(compiled("gauss", target))
    random = np.random.default_rng(seed)
    for modules in held.target.modules.values():
        for layer in pairwise(modules):
            held = permuted(held, layer, random.permutation(len(held.tensors[f"{layer[0]}.bias"])))
    found = labels(held, compiled("gauss", target))
    assert found.misplaced
    assert not found.changed
    again = relabelled(held, found)
    assert again is not None
    assert not labels(again, compiled("gauss", target)).misplaced
    layers = [weight for group in fresh.target.modules for weight, _ in again.layers(group)]
    expected = [weight for group in fresh.target.modules for weight, _ in fresh.layers(group)]
    assert all(np.array_equal(one, other) for one, other in zip(layers, expected, strict=True))


@pytest.mark.parametrize("target", LAYERS)
def test_a_unit_that_does_nothing_is_named(tmc: Tmc, tmp_path: Path, target: str) -> None:
    held, (this, _) = from_build(compiled("gauss", target)), LAYERS[target]
    tensors = {name: tensor.copy() for name, tensor in held.tensors.items()}
    tensors[f"{this}.bias"][30], tensors[held.target.weight_name(this)][30] = 0, 0
    wrong = replace(held, tensors=tensors)
    said = faults(wrong)["rules → weights"]
    layer, line = {"wide": (2, "`find → take` (gauss.tm:24)"), "scalar": (4, "`take → return` (gauss.tm:30)")}[target]
    assert said[-1].startswith(f"layer {layer}, unit 30, ")
    assert said[-1].endswith(f"for the rule {line}: its weights are not the compiler's")
    assert all(len(one) < 200 for one in said)
    save(wrong, tmp_path / "wrong.safetensors")
    outcome = tmc("verify", tmp_path / "wrong.safetensors", "--relabel", tmp_path / "again.safetensors")
    assert outcome.status == 1
    assert "no order of its units is that of its labels" in outcome.err
    assert not (tmp_path / "again.safetensors").exists()


@pytest.mark.parametrize("more", [True, False])
def test_another_number_of_units(more: bool) -> None:
    held = from_build(compiled("increment"))
    order = np.append(np.arange(len(held.tensors["recurrent.2.bias"])), 0) if more else np.arange(5)
    units = [held.about["units"]["recurrent.2"][unit] for unit in order]
    changed = permuted(held, ("recurrent.2", "recurrent.4"), order)
    wrong = replace(changed, about={**held.about, "units": {**held.about["units"], "recurrent.2": units}})
    made = len(held.about["units"]["recurrent.2"])
    assert faults(wrong) == {"table → metadata": (f"layer 2 has {len(order)} units, and the compiler makes {made}",)}


def test_a_swap_that_is_hidden_by_scaling() -> None:
    held = swapped(from_build(compiled("gauss")), LAYERS["wide"], 30, 43)
    tensors = {name: tensor.copy() for name, tensor in held.tensors.items()}
    for unit in (30, 43):
        for name in ("recurrent.2.weight", "recurrent.2.bias"):
            tensors[name][unit] *= 2
        tensors["recurrent.4.weight"][:, unit] /= 2
    said = faults(replace(held, tensors=tensors))
    assert list(said) == ["labels"]
    assert [one.split(", `")[0] for one in said["labels"]] == ["layer 2, unit 30", "layer 2, unit 43"]


def test_units_that_read_the_same_and_are_read_for_different_things() -> None:
    held, build = from_build(compiled("gauss", "scalar")), compiled("gauss", "scalar")
    read, rows, pairs = held.tensors["V5"][0], dict[bytes, int](), []
    for unit, row in enumerate(np.column_stack([held.tensors["V4"], held.tensors["V4.bias"]])):
        other = rows.setdefault(row.tobytes(), unit)
        pairs += [(other, unit)] if read[other] != read[unit] and read[other] and read[unit] else []
    one, other = pairs[0]
    tensors = {**held.tensors, "V5": held.tensors["V5"].copy()}
    tensors["V5"][0, [one, other]] = read[[other, one]]
    found = labels(replace(held, tensors=tensors), build)
    assert {place.unit for place, _ in found.misplaced} == {one, other}
