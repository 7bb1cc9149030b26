"""Checkpoints of the target `scalar`: the paper's tensors, read as they were written, and one line for every bad file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save as format_tensors

import tmc
from conftest import compiled, replaced
from tmc.diagnostics import Rejected
from tmc.learn.data.datasets import parity
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import KEY, Checkpoint, from_build, to_bytes
from tmc.net.checkpoint.writing import DIGEST
from tmc.net.learn import memorise, trained_checkpoint
from tmc.net.rcnn import RCNN
from tmc.pipeline import compile_machine

KINDS = [("increment", "integer"), ("majority", "integer"), ("majority", "paper")]
DAMAGED = "the checkpoint's metadata are damaged; compile the machine again"
WRONG: tuple[Any, ...] = (None, "", -1, [], {}, 10**30, True, [[]], "\n", 0, 0.5)


def checkpoint(name: str = "increment", scale: str = "integer") -> Checkpoint:
    return from_build(compiled(name, "scalar", scale))


def refusal(file: Path, about: Any, tensors: dict[str, Any]) -> str:
    """What is said of a file with these metadata and tensors: one line, without the file's name."""
    whole = {**about, DIGEST: Checkpoint("", tensors, {}).digest}
    file.write_bytes(format_tensors(tensors, metadata={KEY: json.dumps(whole)}))
    with pytest.raises(Rejected) as rejected:
        tmc.load(file)
    text = str(rejected.value)
    assert "\n" not in text
    assert text.startswith(f"{file}: ")
    return text.removeprefix(f"{file}: ")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


@pytest.mark.parametrize(("name", "scale"), KINDS)
def test_what_is_read_is_what_was_written(file: Path, name: str, scale: str) -> None:
    good = checkpoint(name, scale)
    files.save(good, file)
    again = files.load(file)
    assert again.about == good.about
    assert (again.target.name, again.memory) == ("scalar", None)
    assert again.tensors.keys() == good.tensors.keys()
    assert all(np.array_equal(again.tensors[key], value) for key, value in good.tensors.items())
    assert all(again.tensors[key].dtype == value.dtype for key, value in good.tensors.items())
    assert to_bytes(again) == to_bytes(good) == file.read_bytes()


@pytest.mark.parametrize("scale", ["integer", "paper"])
def test_a_trained_network_is_kept(file: Path, scale: str) -> None:
    learner, dataset = RCNN(checkpoint("majority", scale)), parity(3, 4, 5, seed=2)
    memorise(learner, dataset.x_train, dataset.y_train, learner.shape(4, 3))
    kept = trained_checkpoint(learner)
    files.save(kept, file)
    assert set(files.load(file).tensors) == {*checkpoint("majority", scale).tensors, "W"}
    assert to_bytes(files.load(file)) == file.read_bytes()
    again = tmc.load(file)
    assert np.array_equal(again.memory.weight.detach().numpy(), learner.memory.weight.detach().numpy())
    assert np.array_equal(again.predict(dataset.x_test), learner.predict(dataset.x_test))


def test_the_same_source_gives_the_same_bytes() -> None:
    source = compiled("increment").source
    fresh = compile_machine(source, target="scalar")
    assert to_bytes(from_build(fresh)) == to_bytes(checkpoint())


def test_the_metadata_say_what_the_number_is() -> None:
    about = checkpoint("majority", "paper").about
    assert (about["target"], about["channels"], about["cells"]["pad"]) == ("scalar", ["number"], [1])
    assert about["number"]["third"] * about["number"]["pad"] == about["learning_rate"] == float(np.float32(1) / np.float32(3))
    assert about["number"]["one"] * about["number"]["pad"] == 1


# --- damaged metadata


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a document; of long lists the first and the last entry."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    if isinstance(value, list):
        for index in sorted({0, len(value) - 1} if value else ()):
            yield from places(value[index], (*path, index))


@pytest.mark.parametrize(("name", "scale"), [("increment", "integer"), ("majority", "paper")])
def test_any_value_of_the_metadata_may_be_wrong(name: str, scale: str) -> None:
    """Only `Rejected` may come out, or a network that can be built and asked for its size."""
    good = checkpoint(name, scale)
    for path in places({key: good.about[key] for key in ("number", "cells", "channels", "learning_rate", "target", "units")}):
        if path[0] == "units" and len(path) > 2:
            continue
        for value in WRONG:
            damaged = Checkpoint("x", good.tensors, replaced(good.about, path, value))
            try:
                files._check(damaged)
            except Rejected as error:
                assert str(error).startswith("x: the ")
                assert "\n" not in str(error)
                continue
            network = RCNN(damaged)
            if network.reads_grid:
                network.shape(3, 3)


@pytest.mark.parametrize("part", ["number", "cells", "channels", "learning_rate", "target", "units"])
def test_metadata_with_a_part_missing(file: Path, part: str) -> None:
    good = checkpoint()
    assert refusal(file, {key: value for key, value in good.about.items() if key != part}, dict(good.tensors)) == DAMAGED


@pytest.mark.parametrize("part", ["scale", "one", "third", "pad", "fields", "digits", "most", "states", "parts"])
def test_a_number_with_a_part_missing(file: Path, part: str) -> None:
    good = checkpoint()
    number = {key: value for key, value in good.about["number"].items() if key != part}
    assert refusal(file, {**good.about, "number": number}, dict(good.tensors)) == DAMAGED


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("number",), None),
        (("number", "one"), 0),
        (("number", "third"), -1),
        (("number", "one"), float("nan")),
        (("number", "third"), float("inf")),
        (("number", "digits"), []),
        (("number", "digits", 0), ["answer", 0, 0]),
        (("number", "digits", 0), ["answer", "7", 0]),
        (("number", "states", 0), [0, 9]),
        (("number", "most"), {"symbol": 1}),
        (("number", "parts", 0, "codes", 0), [[0], [0, 0, 0, 0, 0]]),
        (("cells", "border"), [float("inf")]),
        (("cells", "pad"), [0, 0]),
        (("learning_rate",), 0.0),
        (("learning_rate",), float("inf")),
        (("learning_rate",), 1),
        (("channels",), ["number", "number"]),
        (("target",), "narrow"),
    ],
)
def test_damaged_values(file: Path, path: tuple[Any, ...], value: Any) -> None:
    good = checkpoint()
    assert refusal(file, replaced(good.about, path, value), dict(good.tensors)) == DAMAGED


# --- damaged tensors


@pytest.mark.parametrize("key", sorted(checkpoint().tensors))
def test_a_tensor_is_missing_or_of_the_wrong_shape(file: Path, key: str) -> None:
    good = checkpoint()
    misfit = f"the tensor {key!r} does not fit the checkpoint's metadata; compile the machine again"
    assert refusal(file, good.about, {name: tensor for name, tensor in good.tensors.items() if name != key}) == misfit
    for wrong in (good.tensors[key].ravel()[None, None], np.zeros((1,) * 5, dtype=np.float32)):
        assert refusal(file, good.about, {**good.tensors, key: np.ascontiguousarray(wrong)}) == misfit


def kinds_refusal(key: str) -> str:
    return f"the tensor {key} must hold finite numbers, float32 or float64 like all others; compile the machine again"


@pytest.mark.parametrize("kind", [np.float16, np.int32, np.bool_])
def test_tensors_of_the_wrong_type(file: Path, kind: type) -> None:
    good = checkpoint()
    assert refusal(file, good.about, {key: value.astype(kind) for key, value in good.tensors.items()}) == kinds_refusal("U1")


@pytest.mark.parametrize(("name", "kind"), [("increment", np.float64), ("majority", np.float32)])
def test_tensors_of_both_types(file: Path, name: str, kind: type) -> None:
    good = checkpoint(name)
    assert refusal(file, good.about, {**good.tensors, "V3": good.tensors["V3"].astype(kind)}) == kinds_refusal("V3")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("key", ["V1", "V5.bias", "U2"])
def test_a_weight_that_is_no_number(file: Path, key: str, value: float) -> None:
    good = checkpoint()
    changed = good.tensors[key].copy()
    changed.flat[0] = value
    assert refusal(file, good.about, {**good.tensors, key: changed}) == kinds_refusal(key)


@pytest.mark.parametrize("shape", [(), (3,), (1, 3), (0, 0), (2, 2, 2)])
def test_a_memory_of_the_wrong_shape(file: Path, shape: tuple[int, ...]) -> None:
    good = checkpoint("majority")
    found = refusal(file, good.about, {**good.tensors, "W": np.zeros(shape)})
    assert found == "the tensor W must have shape (m+1, d+1); train the network again"


def test_a_checkpoint_of_the_other_target(file: Path) -> None:
    wide, good = from_build(compiled("increment")), checkpoint()
    assert "does not fit the checkpoint's metadata" in refusal(file, good.about, dict(wide.tensors))
    assert "does not fit the checkpoint's metadata" in refusal(file, wide.about, dict(good.tensors))


@pytest.mark.parametrize("part", ["cells", "number"])
def test_a_number_too_large_for_a_float(file: Path, part: str) -> None:
    """JSON knows integers that no float can hold."""
    good = checkpoint("majority")
    text = json.dumps(good.about)
    about = json.loads(text)
    if part == "cells":
        about["cells"]["blank"] = [10**400]
    else:
        about["number"] = _enlarged(about["number"])
    assert refusal(file, about, dict(good.tensors)) == DAMAGED


def _enlarged(value: Any) -> Any:
    """A document with every number but 0 and 1 too large."""
    if isinstance(value, dict):
        return {key: _enlarged(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_enlarged(part) for part in value]
    return 10**400 if type(value) is int and abs(value) > 1 else value
