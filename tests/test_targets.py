"""A target is one object: a third one, made here, goes through everything without anybody's asking for its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

import tmc as library
from conftest import ROOT, Outcome, compiled
from tmc.automaton.reachable import Reachable
from tmc.diagnostics import Rejected
from tmc.ir.cells import Cells
from tmc.ir.document import Document
from tmc.ir.filters import Channels, Filters, Layer
from tmc.ir.lattice import PLACES, Cell
from tmc.ir.rules import Rules
from tmc.ir.units import Unit
from tmc.learn.data import datasets
from tmc.net.checkpoint import reading as checkpoint
from tmc.net.checkpoint import sparse_writing
from tmc.pipeline import Stages
from tmc.targets import registry
from tmc.targets.registry import SCALAR, WIDE, target_at, target_named
from tmc.targets.target import CellReader, Coding, Lowered
from tmc.targets.wide.target import TritCoding, TritReader, Wide
from tmc.verify import proofs
from tmc.verify.certificate import certify
from tmc.verify.legal_cells import Legal
from tmc.verify.proofs import WideProof
from tmc.verify.unit_terms import InputVariable
from tmc.verify.weights_to_rules import Patches
from tmc.verify.wide_terms import Placed, WidePatches

SIDE = len(PLACES)
Tmc = Callable[..., Outcome]


class LastFirst(TritCoding):
    """A channel for each trit, the last one first."""

    def encode(self, cell: Cell) -> Channels:
        return self.cells.encode(cell)[::-1]

    def decode(self, channels: tuple[float, ...]) -> Cell:
        return self.cells.decode(tuple(map(int, channels[::-1])))


class Reversed(Wide):
    """A target like `wide`, with channels in the other order and tensors of other names."""

    name = "reversed"
    says = "channels last first"
    recurrent, head = ("look", "decide", "change"), ("read", "add")
    memory = "store"
    sparse: frozenset[str] = frozenset()

    def lower(self, rules: Rules, cells: Cells, scale: str) -> Lowered:
        return Lowered(turned(super().lower(rules, cells, scale).filters), LastFirst(cells))

    def coding(self, about: Document, cells: Cells) -> tuple[Cells, Coding]:
        if [trit.name for trit in cells.trits][::-1] != about["channels"]:
            raise ValueError("channels")
        return cells, LastFirst(cells)

    def reader(self, about: Document, reads_grid: bool) -> CellReader:
        return TritReader(about, reads_grid)

    def weight_name(self, module: str) -> str:
        return f"{module}.matrix"

    def weight_shape(self, module: str, units: int, inputs: int) -> tuple[int, ...]:
        return units, inputs


def turned(filters: Filters) -> Filters:
    """The same network with its channels in the other order."""
    last = len(filters.channels) - 1
    steps, conjunctions, channels = filters.recurrent
    reading, output = filters.head
    return replace(
        filters,
        target="reversed",
        channels=filters.channels[::-1],
        recurrent=(moved(steps, last, SIDE), conjunctions, replace(channels, units=tuple(channels.units)[::-1])),
        head=(moved(reading, last, 1), output),
        symbol=last - filters.symbol,
        answer=last - filters.answer,
        blank=filters.blank[::-1],
        pad=filters.pad[::-1],
        border=filters.border[::-1],
    )


def moved(layer: Layer, last: int, side: int) -> Layer:
    return replace(layer, units=tuple(moved_unit(unit, last, side) for unit in layer.units))


def moved_unit(unit: Unit, last: int, side: int) -> Unit:
    weights = (((last - index // side) * side + index % side, weight) for index, weight in unit.weights)
    return replace(unit, weights=tuple(sorted(weights)))


class ReversedPatches(WidePatches):
    """What the rules say of the channels, last first."""

    @cached_property
    def variables(self) -> list[InputVariable]:
        last = len(self.channels) - 1
        moved = (tuple((last - i // SIDE) * SIDE + i % SIDE for i in one.inputs) for one in super().variables)
        return [replace(one, inputs=inputs) for one, inputs in zip(super().variables, moved, strict=True)]

    @cached_property
    def channels(self) -> tuple[str, ...]:
        return super().channels[::-1]

    def expected(self, channel: int) -> Iterator[Placed]:
        return super().expected(len(self.channels) - 1 - channel)


class ReversedProof(WideProof):
    def patches(self, held: checkpoint.Checkpoint, stages: Stages, claimed: Reachable, cells: Legal) -> Patches:
        return ReversedPatches(stages.rules, stages.rules.invariants)


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> Reversed:
    """The third target, registered."""
    target = Reversed()
    monkeypatch.setitem(registry.TARGETS, target.name, target)
    monkeypatch.setitem(proofs.PROOFS, target.name, ReversedProof())
    return target


def test_names() -> None:
    assert target_named("wide") is WIDE
    assert target_at("scalar", "paper") is SCALAR
    for name, scale, said in (
        ("wyde", "integer", f"no target is called 'wyde'; there are {', '.join(registry.TARGETS)}"),
        ("wide", "papr", "no scale is called 'papr'; there are integer, paper"),
        ("wide", "paper", "the scale paper goes with the target scalar"),
    ):
        with pytest.raises(Rejected, match=f"^{said}$"):
            target_at(name, scale)


@pytest.mark.parametrize("target", registry.TARGETS.values(), ids=lambda target: target.name)
def test_what_a_target_says_of_its_tensors(target: Wide) -> None:
    held = checkpoint.from_build(compiled("majority", target.name)).tensors
    names = [
        name for modules in target.modules.values() for module in modules for name in (target.weight_name(module), f"{module}.bias")
    ]
    assert sorted(held) == sorted(names)
    assert {tensor.dtype.name for tensor in held.values()} <= set(target.formats)
    assert compiled("majority", target.name).filters.target == target.name
    assert proofs.PROOFS.keys() == registry.TARGETS.keys()
    for group, modules in target.modules.items():
        assert len(modules) == len(target.layers[group])
        assert [layer.name for layer in getattr(compiled("majority", target.name).filters, group)] == list(target.layers[group])


def test_a_third_target_learns(third: Reversed, tmp_path: Path) -> None:
    path = tmp_path / "gauss.safetensors"
    build = library.compile(ROOT / "machines" / "gauss.tm", target=third.name)
    checkpoint.save(checkpoint.from_build(build), path)
    assert sorted(checkpoint.load(path).tensors)[:2] == ["add.bias", "add.matrix"]
    data = datasets.parity(4, 10, 6, seed=1)
    answers = {}
    for engine in ("sparse", "dense"):
        network = library.load(path)
        network.fit(data.x_train, data.y_train, engine=engine)
        answers[engine] = network.predict(data.x_test, engine=engine)
    wide = library.compile(ROOT / "machines" / "gauss.tm").network()
    wide.fit(data.x_train, data.y_train)
    assert answers["sparse"].tolist() == answers["dense"].tolist() == wide.predict(data.x_test).tolist() == data.y_test.tolist()
    trained = library.load(path)
    trained.fit(data.x_train, data.y_train)
    trained.save(tmp_path / "trained.safetensors")
    assert "store" in checkpoint.load(tmp_path / "trained.safetensors").tensors
    assert np.array_equal(library.load(tmp_path / "trained.safetensors").predict(data.x_test), answers["sparse"])


def test_a_third_target_runs_a_line(third: Reversed) -> None:
    network = library.compile(ROOT / "machines" / "increment.tm", target=third.name).network()
    run = network.run("1011")
    assert (run.verdict, run.data) == ("accept", "1100")


@pytest.mark.parametrize("sparse", [frozenset[str](), frozenset({"decide.matrix"})], ids=["nothing", "a layer"])
def test_a_third_target_says_what_may_be_sparse(
    third: Reversed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sparse: frozenset[str]
) -> None:
    monkeypatch.setattr(sparse_writing, "DENSE", 0)
    monkeypatch.setattr(Reversed, "sparse", sparse)
    path = tmp_path / "increment.safetensors"
    checkpoint.save(checkpoint.from_build(library.compile(ROOT / "machines" / "increment.tm", target=third.name)), path)
    held = checkpoint.load(path).tensors
    assert {name.removesuffix(".rows") for name in held if name.endswith(".rows")} == sparse
    assert library.load(path).run("1011").data == "1100"


@pytest.mark.parametrize("machine", ["increment", "majority"])
def test_a_third_target_is_proved(third: Reversed, machine: str) -> None:
    held = checkpoint.from_build(library.compile(ROOT / "machines" / f"{machine}.tm", target=third.name))
    certificate = certify(held)
    assert certificate.holds, [stage for stage in certificate.stages if not stage.holds]
    weights = held.tensors["decide.matrix"].copy()
    weights[0, np.flatnonzero(weights[0])[0]] *= -1
    assert not certify(replace(held, tensors={**held.tensors, "decide.matrix": weights})).holds


def test_a_third_target_is_inspected(third: Reversed, tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "increment.safetensors"
    checkpoint.save(checkpoint.from_build(library.compile(ROOT / "machines" / "increment.tm", target=third.name)), path)
    shown = tmc("inspect", path, "--stage", "filters")
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith("Filters, target reversed\n")
    ran = tmc("run", path, "--data", "1011")
    assert (ran.status, ran.err) == (0, "")
