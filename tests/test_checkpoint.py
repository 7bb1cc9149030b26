"""Checkpoints: the same bytes every time, all that is known of a network, and one clear line for every bad file."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tracemalloc
from array import array
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save as format_tensors

import tmc
from conftest import ROOT, compiled, replaced
from tmc.diagnostics import Rejected
from tmc.ir.document import table_document
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import FORMAT, KEY, Checkpoint, from_build, is_checkpoint, to_bytes
from tmc.net.checkpoint.writing import DIGEST, MOST_METADATA, Tensor, formatted, save_build
from tmc.net.rcnn import RCNN, load
from tmc.targets.registry import WIDE

Document = dict[str, Any]
Damage = Callable[[Document], None]
NOT_OURS = "this is not a checkpoint made by tmc; make one with `tmc compile`"
DAMAGED = "the checkpoint's metadata are damaged; compile the machine again"
PARTS = {"cells": {}, "channels": [], "learning_rate": 1.0, "table": {}, "units": {}, "format": 1}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def checkpoint(name: str = "gauss") -> Checkpoint:
    return from_build(compiled(name))


def written(about: Any, tensors: dict[str, Any] | None = None, name: str = "increment") -> bytes:
    """A file with these metadata and tensors, whatever they are, and the digest that belongs to them."""
    known = dict(checkpoint(name).tensors) if tensors is None else tensors
    whole = {**about, DIGEST: Checkpoint("", known, {}).digest} if isinstance(about, dict) else about
    return bytes(format_tensors(known, metadata={KEY: json.dumps(whole)}))


def refusal(file: Path, content: bytes) -> str:
    """What is said of a file with this content: one line, without the file's name."""
    file.write_bytes(content)
    with pytest.raises(Rejected) as rejected:
        tmc.load(file)
    text = str(rejected.value)
    assert "\n" not in text
    assert text.startswith((f"{file}: ", f"{file} ", f"cannot read {file}: "))
    return text.removeprefix(f"{file}").removeprefix(":").strip()


# --- what is written


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_the_same_source_gives_the_same_bytes(name: str) -> None:
    source = (ROOT / "machines" / f"{name}.tm").read_text(encoding="utf-8")
    assert to_bytes(from_build(tmc.compile(source))) == to_bytes(checkpoint(name))


def test_the_same_bytes_in_every_process() -> None:
    program = (
        "import tmc, sys; from tmc.net.checkpoint.reading import from_build, to_bytes;"
        "sys.stdout.buffer.write(to_bytes(from_build(tmc.compile('machines/gauss.tm'))))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT, env=environment)
        assert done.stdout == to_bytes(checkpoint())


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_what_is_read_is_what_was_written(file: Path, name: str) -> None:
    files.save(checkpoint(name), file)
    again = files.load(file)
    assert again.about == checkpoint(name).about
    assert again.memory is None
    assert again.tensors.keys() == checkpoint(name).tensors.keys()
    assert all(np.array_equal(again.tensors[key], value) for key, value in checkpoint(name).tensors.items())
    assert to_bytes(again) == file.read_bytes()
    assert is_checkpoint(file)


def header_of(content: bytes) -> Document:
    length = int.from_bytes(content[:8], "little")
    return dict(json.loads(content[8 : 8 + length]))


def test_the_metadata_are_one_sorted_key() -> None:
    metadata = header_of(to_bytes(checkpoint()))["__metadata__"]
    assert list(metadata) == [KEY]
    about = json.loads(metadata[KEY])
    assert metadata[KEY] == json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_the_metadata_say_where_the_network_comes_from() -> None:
    build, about = compiled("gauss"), checkpoint().about
    parts = {"cells", "channels", "encoding", "format", "learning_rate", "source", "table", "target", "units", "version"}
    assert set(about) == parts
    assert (about["format"], about["version"], about["target"]) == (FORMAT, tmc.__version__, "wide")
    assert about["source"] == {"text": build.source.text, "sha256": hashlib.sha256(build.source.text.encode()).hexdigest()}
    assert about["table"] == table_document(build.table)
    assert about["table"]["bounds"]["work"] == {"text": "d + 2", "terms": [[[["d", 1]], 1], [[], 2]]}
    assert build.source.name not in json.dumps(about).replace(build.source.text, "")


def test_the_metadata_say_what_every_channel_and_unit_is() -> None:
    build, about = compiled("gauss"), checkpoint().about
    assert about["channels"] == [trit.name for trit in build.cells.trits] == list(build.filters.channels)
    assert about["encoding"]["values"] == {field.name: list(field.values) for field in build.rules.fields}
    layers = {"recurrent.0": 0, "recurrent.2": 1, "recurrent.4": 2}
    for module, index in layers.items():
        units = build.filters.recurrent[index].units
        assert about["units"][module] == [{"name": u.name, "rule": u.rule, "line": u.line} for u in units]
    assert set(about["units"]) == {*layers, "head.0", "head.2"}


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_the_tensors_are_the_weights_of_the_filters(name: str) -> None:
    filters, tensors = compiled(name).filters, checkpoint(name).tensors
    modules = {f"recurrent.{2 * i}": layer for i, layer in enumerate(filters.recurrent)}
    modules |= {f"head.{2 * i}": layer for i, layer in enumerate(filters.head)}
    assert set(tensors) == {f"{module}.{kind}" for module in modules for kind in ("weight", "bias")}
    for module, layer in modules.items():
        weight, bias = tensors[f"{module}.weight"], tensors[f"{module}.bias"]
        assert weight.dtype == bias.dtype == np.float32
        flat = weight.reshape(len(layer), layer.inputs)
        for row, unit in enumerate(layer.units):
            assert {i: flat[row, i] for i in flat[row].nonzero()[0]} == dict(unit.weights)
            assert bias[row] == unit.bias


# --- the bytes that `tmc compile` writes without numpy


@pytest.mark.parametrize("name", ["gauss", "increment", "majority"])
@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_compiling_writes_what_the_safetensors_library_would(file: Path, name: str, target: str) -> None:
    build = tmc.compile(ROOT / "machines" / f"{name}.tm", target)
    kind = save_build(build, file)
    assert file.read_bytes() == to_bytes(from_build(build))
    assert {tensor.dtype.name for tensor in files.load(file).tensors.values()} == {kind}


@pytest.mark.parametrize("text", ["\0\x01\x1f\x7f\b\f\n\r\t", "\"\\/'", "é\u2028\U0001f600\ufeff", *("x" * n for n in range(9))])
def test_any_metadata_are_written_as_the_safetensors_library_would(text: str) -> None:
    tensors = {name: Tensor((2, 1), array("d", [0.1, -2.0])) for name in ("b", "é", "a.b", "B", "a")}
    arrays = {name: np.array(tensor.numbers).reshape(tensor.shape) for name, tensor in tensors.items()}
    assert formatted(tensors, {text: text}) == to_bytes(Checkpoint("", arrays, {text: text}))


# --- what is not a checkpoint


def test_a_file_that_is_not_there(file: Path) -> None:
    for path, why in (
        (file, "it does not exist"),
        (file.parent, "it is a folder"),
        (Path("/dev/zero"), "it is not an ordinary file"),
    ):
        with pytest.raises(Rejected) as rejected:
            tmc.load(path)
        assert str(rejected.value) == f"cannot read {path}: {why}"
        assert not is_checkpoint(path)


def test_a_pipe_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert not is_checkpoint(file)


def test_an_empty_file(file: Path) -> None:
    assert refusal(file, b"") == "is empty"


def test_a_file_cut_short_anywhere(file: Path) -> None:
    content = to_bytes(checkpoint("increment"))
    length = 8 + int.from_bytes(content[:8], "little")
    for size in (1, 7, 8):
        assert refusal(file, content[:size]) == NOT_OURS
    for size in (*range(9, length, 211), length - 1):
        assert refusal(file, content[:size]) == "this safetensors file is cut short; compile the machine again"
    for size in (length, length + 1, (length + len(content)) // 2, len(content) - 1):
        assert refusal(file, content[:size]).startswith("this is not a whole safetensors file (")
    assert refusal(file, content + b"\0").startswith("this is not a whole safetensors file (")


def test_random_bytes(file: Path) -> None:
    for seed in range(50):
        random = Random(seed)
        content = random.randbytes(random.choice((1, 8, 9, 20, 1000)))
        assert refusal(file, content) == NOT_OURS
        header = b"{" + random.randbytes(30)
        assert refusal(file, len(header).to_bytes(8, "little") + header) == NOT_OURS


def test_flipped_bytes_are_refused_or_harmless(file: Path) -> None:
    """A flipped byte in a name or a comment cannot be noticed, one in the structure must be; nothing else may come out."""
    content = to_bytes(checkpoint("increment"))
    length = int.from_bytes(content[:8], "little")
    for seed in range(150):
        random = Random(seed)
        damaged = bytearray(content)
        damaged[random.randrange(8 + length)] ^= 1 << random.randrange(8)
        loads_or_is_rejected(file, bytes(damaged))


def loads_or_is_rejected(file: Path, content: bytes) -> bool:
    file.write_bytes(content)
    try:
        network = tmc.load(file)
        network.shape(3, 3)
    except Rejected as error:
        assert "\n" not in str(error)
        return False
    return True


def test_a_file_of_somebody_else(file: Path) -> None:
    tensors = {"weight": np.zeros((2, 2), dtype=np.float32)}
    assert refusal(file, bytes(format_tensors(tensors))) == NOT_OURS
    assert refusal(file, bytes(format_tensors(tensors, metadata={"format": "pt"}))) == NOT_OURS
    assert refusal(file, bytes(format_tensors(tensors, metadata={KEY: "not json"}))) == NOT_OURS
    assert not is_checkpoint(file)


def test_other_files_that_are_at_hand(file: Path) -> None:
    for content in ((ROOT / "machines" / "gauss.tm").read_bytes(), b"PK\3\4" + b"\0" * 200, b"\x80\x04\x95" + b"c" * 100):
        assert refusal(file, content) == NOT_OURS


def test_a_header_of_a_terabyte_costs_nothing(file: Path) -> None:
    for claimed in (10**12, 2**63, 2**64 - 1):
        content = claimed.to_bytes(8, "little") + b'{"__metadata__":{}}'
        tracemalloc.start()
        try:
            assert refusal(file, content) == "this safetensors file is cut short; compile the machine again"
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


def test_a_header_that_no_file_has_is_not_read(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.write((MOST_METADATA + 1).to_bytes(8, "little") + b"{")
        sparse.truncate(MOST_METADATA + 100)
    tracemalloc.start()
    try:
        with pytest.raises(Rejected, match=NOT_OURS):
            tmc.load(file)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_tensor_of_a_terabyte_costs_nothing(file: Path) -> None:
    content = to_bytes(checkpoint("increment"))
    header = header_of(content)
    header["recurrent.0.weight"] |= {"shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}
    text = json.dumps(header).encode()
    assert refusal(file, len(text).to_bytes(8, "little") + text).startswith("this is not a whole safetensors file (")


def test_what_is_said_of_a_damaged_file_is_one_line(file: Path) -> None:
    """The safetensors library cites what it does not know."""
    content = to_bytes(checkpoint("increment"))
    header = header_of(content)
    header["recurrent.0.weight"]["dtype"] = "x\ny"
    text = json.dumps(header).encode()
    found = refusal(file, len(text).to_bytes(8, "little") + text)
    assert found.startswith(
        "this is not a whole safetensors file (Error while deserializing: invalid JSON in header: unknown variant"
    )


def test_a_huge_file_is_not_read(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(files.LIMIT + 1)
    with pytest.raises(Rejected, match="is larger than 1073741824 bytes, the most that is read"):
        tmc.load(file)


# --- weights that are not those that were written


def altered(content: bytes, seed: int) -> bytes:
    """The file with one bit of its tensors changed."""
    random, damaged = Random(seed), bytearray(content)
    begin = 8 + int.from_bytes(content[:8], "little")
    damaged[random.randrange(begin, len(content))] ^= 1 << random.randrange(8)
    return bytes(damaged)


@pytest.mark.parametrize(("name", "target"), [("increment", "wide"), ("gauss", "wide"), ("increment", "scalar")])
def test_any_altered_bit_of_the_weights_is_noticed(file: Path, name: str, target: str) -> None:
    content = to_bytes(from_build(compiled(name, target)))
    for seed in range(60):
        said = refusal(file, altered(content, seed))
        if "must hold finite" not in said:
            assert re.fullmatch(
                r"its weights are not those that were written \(digest [0-9a-f]{12}…\); compile the machine again", said
            )


def test_altered_weights_can_be_looked_at(file: Path) -> None:
    content, good = to_bytes(checkpoint()), checkpoint()
    file.write_bytes(content[:-4] + np.float32(3).tobytes())
    found = files.load(file, as_written=False)
    assert (found.written, found.digest != found.written) == (good.digest, True)
    changed = {key for key, tensor in found.tensors.items() if not np.array_equal(tensor, good.tensors[key])}
    assert changed == {max(good.tensors)}
    assert load(file, as_written=False).name == "gauss"


def test_the_digest_is_of_names_kinds_shapes_and_numbers() -> None:
    zeros = np.zeros((2, 3), dtype=np.float32)
    tensors = [{"a": zeros}, {"b": zeros}, {"a": zeros.T}, {"a": zeros.view(np.int32)}, {"a": zeros, "b": zeros[:0]}, {"a": -zeros}]
    assert len({Checkpoint("", each, {}).digest for each in tensors}) == len(tensors)
    turned = np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3))
    assert Checkpoint("", {"a": turned}, {}).digest == Checkpoint("", {"a": turned.astype("<f4", order="C")}, {}).digest


def test_the_digest_belongs_to_the_file(file: Path) -> None:
    file.write_bytes(to_bytes(checkpoint()))
    digest = json.loads(header_of(file.read_bytes())["__metadata__"][KEY])["digest"]
    assert digest == checkpoint().digest == files.load(file).written
    for wrong in (None, 1, [], "", "x" * 64):
        about = json.loads(header_of(file.read_bytes())["__metadata__"][KEY]) | {"digest": wrong}
        content = bytes(format_tensors(dict(checkpoint().tensors), metadata={KEY: json.dumps(about)}))
        assert (refusal(file, content) == DAMAGED) == (not isinstance(wrong, str))
        file.write_bytes(to_bytes(checkpoint()))


def test_half_a_character_is_not_written(file: Path) -> None:
    with pytest.raises(Rejected, match="holds half a character"):
        files.save(replace(checkpoint(), about={**checkpoint().about, "version": "\ud800"}), file)
    assert not file.exists()


# --- networks that were changed on purpose


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_a_changed_network_is_saved_like_any_other(file: Path, target: str) -> None:
    network = RCNN(from_build(compiled("gauss", target)))
    network.save(file)
    assert file.read_bytes() == to_bytes(network.checkpoint)
    convolution = network.convolutions()[1]
    with torch.no_grad():
        convolution.weight[0, 0] += 1
    network.memory.reset(2, 2)
    network.save(file)
    again = tmc.load(file)
    assert torch.equal(again.convolutions()[1].weight, convolution.weight)
    assert again.memory.weight.shape == (3, 3)
    assert again.checkpoint.digest != network.checkpoint.digest


# --- versions


def test_a_newer_format(file: Path) -> None:
    about = {**checkpoint("increment").about, "format": FORMAT + 1, "version": "9\n9"}
    assert refusal(file, written(about)) == f"the checkpoint's format is {FORMAT + 1}, made by a newer tmc; upgrade tmc"


@pytest.mark.parametrize("format", [0, -1])
def test_a_format_that_never_was(file: Path, format: int) -> None:
    found = refusal(file, written({**checkpoint("increment").about, "format": format}))
    assert found == f"the checkpoint's format is {format}, which this version of tmc does not know; compile the machine again"


@pytest.mark.parametrize("format", ["1", 1.5, None, True, [1]])
def test_a_format_that_is_no_number(file: Path, format: object) -> None:
    assert refusal(file, written({**checkpoint("increment").about, "format": format})) == DAMAGED


@pytest.mark.parametrize("about", [None, [], "format", 3, {}, {"version": "1"}])
def test_metadata_that_say_nothing(file: Path, about: object) -> None:
    assert refusal(file, written(about)) == NOT_OURS


# --- damaged metadata


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a document; of long lists the first and the last two entries."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    if isinstance(value, list):
        for index in sorted({*range(min(2, len(value))), *range(max(0, len(value) - 2), len(value))}):
            yield from places(value[index], (*path, index))


@pytest.mark.parametrize("name", ["increment", "gauss"])
def test_any_value_of_the_metadata_may_be_wrong(name: str) -> None:
    """Only `Rejected` may come out, or a network that works all the same: what was damaged is then for people to read."""
    good = checkpoint(name)
    used = {"cells", "channels", "learning_rate", "table", "units"}
    assert used <= good.about.keys()
    for path in places(good.about):
        if path[0] not in used or (path[0] == "units" and len(path) > 2):
            continue
        for value in (None, "", -1, [], {}, 10**30, True, [[]], "\n"):
            damaged = Checkpoint("x", good.tensors, replaced(good.about, path, value))
            try:
                files._check(damaged)
            except Rejected as error:
                assert str(error).startswith("x: the ")
                assert "\n" not in str(error)
                continue
            built_and_shaped(damaged)


def built_and_shaped(damaged: Checkpoint) -> None:
    network = RCNN(damaged)
    assert isinstance(network.name, str)
    assert all(isinstance(symbol, str) for symbol in network.symbols())
    if network.reads_grid:
        network.shape(3, 3)


@pytest.mark.parametrize("path", list(places(PARTS)))
def test_metadata_with_a_part_missing(file: Path, path: tuple[str, ...]) -> None:
    about = deepcopy(checkpoint("increment").about)
    del about[path[0]]
    assert refusal(file, written(about)) == (NOT_OURS if path == ("format",) else DAMAGED)


@pytest.mark.parametrize("part", ["name", "tapes", "bounds"])
def test_a_table_with_a_part_missing(file: Path, part: str) -> None:
    about = deepcopy(checkpoint("increment").about)
    del about["table"][part]
    assert refusal(file, written(about)) == DAMAGED


@pytest.mark.parametrize(
    "terms",
    [
        [[[["d", 10**9]], 1]],
        [[[["d", 18]], 1]],
        [[[["d", 9], ["m", 9]], 1]],
        [[[["d", 0]], 1]],
        [[[["d", -1]], 1]],
        [[[["n", 1]], 1]],
        [[[["d", 1]], 10**17]],
        [[[["d", 1]], -1]],
        [[[["d", 1]], 1.5]],
        [[["d"], 1]],
        [[1, 1]],
        5,
        "m",
    ],
)
def test_bounds_that_no_machine_can_declare(file: Path, terms: object) -> None:
    about = replaced(checkpoint().about, ("table", "bounds", "steps"), {"text": "x", "terms": terms})
    assert refusal(file, written(about, name="gauss")) == DAMAGED


# --- damaged tensors


@pytest.mark.parametrize("key", sorted(from_build(compiled("increment")).tensors))
def test_a_tensor_is_missing_or_of_the_wrong_shape(file: Path, key: str) -> None:
    good = checkpoint("increment")
    misfit = f"the tensor {key!r} does not fit the checkpoint's metadata; compile the machine again"
    missing = {name: tensor for name, tensor in good.tensors.items() if name != key}
    assert refusal(file, written(good.about, missing)) == misfit
    for wrong in (good.tensors[key][:-1], good.tensors[key].ravel()[None, None], np.zeros((1,) * 5, dtype=np.float32)):
        assert refusal(file, written(good.about, {**good.tensors, key: np.ascontiguousarray(wrong)})) == misfit


def test_a_tensor_too_many(file: Path) -> None:
    good = checkpoint("increment")
    extra = {**good.tensors, "a\nb": np.zeros(1, dtype=np.float32)}
    assert refusal(file, written(good.about, extra)) == (
        "the tensor 'a\\nb' does not fit the checkpoint's metadata; compile the machine again"
    )


@pytest.mark.parametrize("kind", [np.float64, np.float16, np.int8, np.bool_])
def test_a_tensor_of_the_wrong_type(file: Path, kind: type) -> None:
    good = checkpoint("increment")
    changed = {**good.tensors, "head.0.bias": good.tensors["head.0.bias"].astype(kind)}
    expected = "the tensor head.0.bias must hold finite float32 numbers; compile the machine again"
    assert refusal(file, written(good.about, changed)) == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_weight_that_is_no_number(file: Path, value: float) -> None:
    good = checkpoint("increment")
    changed = good.tensors["recurrent.2.weight"].copy()
    changed[0, 0] = value
    expected = "the tensor recurrent.2.weight must hold finite float32 numbers; compile the machine again"
    assert refusal(file, written(good.about, {**good.tensors, "recurrent.2.weight": changed})) == expected


@pytest.mark.parametrize("shape", [(), (3,), (1, 3), (3, 1), (0, 0), (2, 2, 2)])
def test_a_memory_of_the_wrong_shape(file: Path, shape: tuple[int, ...]) -> None:
    good = checkpoint()
    tensors = {**good.tensors, WIDE.memory: np.zeros(shape, dtype=np.float32)}
    expected = f"the tensor {WIDE.memory} must have shape (m+1, d+1); train the network again"
    assert refusal(file, written(good.about, tensors, "gauss")) == expected


def test_other_kinds_of_numbers_that_safetensors_knows(file: Path) -> None:
    content = to_bytes(checkpoint("increment"))
    for kind in ("BF16", "F8_E4M3", "U64", "nonsense"):
        header = header_of(content)
        header["head.2.bias"]["dtype"] = kind
        text = json.dumps(header).encode()
        refusal(file, len(text).to_bytes(8, "little") + text + content[8 + int.from_bytes(content[:8], "little") :])
