"""Files of recordings that are none, damaged or hostile: one line says what is wrong, and nothing is unpickled."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

import tmc as package
from conftest import Outcome
from tmc.diagnostics import Rejected
from tmc.recording import sinks
from tmc.recording.reading import load

Tmc = Callable[..., Outcome]


ABOUT = {"kept": "none", "network": None, "input": {"kind": "line", "start": 0}}


@pytest.fixture
def run(tmc: Tmc, machines: Path, tmp_path: Path) -> Path:
    """A recording with changes, as an archive, and beside it as lines."""
    for ending in ("npz", "jsonl"):
        assert tmc("trace", machines / "palindrome.tm", "--data", "ab", "--changes", "-o", tmp_path / f"run.{ending}").status == 0
    return tmp_path / "run.npz"


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def with_array(path: Path, name: str, array: Any) -> Path:
    """The archive with another array."""
    content = io.BytesIO()
    npy.write_array(content, np.asarray(array), version=(1, 0), allow_pickle=True)
    return rewritten(path, {**members(path), f"{name}.npy": content.getvalue()})


def with_about(path: Path, **changes: Any) -> Path:
    about = json.loads(bytes(np.load(path)["about"]))
    return with_array(path, "about", np.frombuffer(json.dumps({**about, **changes}).encode(), np.uint8))


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(Rejected) as rejected:
        load(path, **options)
    said = str(rejected.value)
    assert str(path) in said
    assert "\n" not in said
    return said.replace(str(path), "PATH")


def test_what_is_no_file(run: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.npz") == "cannot read PATH: it does not exist"
    assert refusal(tmp_path) == "cannot read PATH: it is a folder"
    (tmp_path / "empty").write_bytes(b"")
    assert refusal(tmp_path / "empty") == "PATH is empty"
    for content in (b"state,head\n", b"PK\x03\x04", b"{}\n", b'{"format": "other"}\n', b"{not\n"):
        (tmp_path / "other").write_bytes(content)
        known = "PATH is no recording; `tmc trace` writes them", "PATH is damaged or cut short"
        assert refusal(tmp_path / "other").startswith(known)
    with pytest.raises(Rejected, match="a recording is given as a path"):
        package.load_trace(3)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="embedded null byte"):
        package.load_trace("a\0b")
    np.savez(tmp_path / "data.npz", X=np.zeros(3))
    assert refusal(tmp_path / "data.npz").startswith("PATH is no recording")


def test_versions(run: Path) -> None:
    assert refusal(with_about(run, version=2)) == "PATH: version 2 of recordings, made by a newer tmc; upgrade tmc"
    assert refusal(with_about(run, version="1")) == "PATH is damaged: it has no version"
    assert refusal(with_about(run, format="tmc")).startswith("PATH is no recording")
    lines = run.with_suffix(".jsonl")
    lines.write_text(lines.read_text().replace('"version":1', '"version":7', 1))
    assert refusal(lines) == "PATH: version 7 of recordings, made by a newer tmc; upgrade tmc"


def test_cut_short(run: Path) -> None:
    whole = run.read_bytes()
    for length in range(0, len(whole), 311):
        run.write_bytes(whole[:length])
        refusal(run)
    lines = run.with_suffix(".jsonl")
    text = lines.read_bytes()
    ends = [place + 1 for place, byte in enumerate(text) if byte == 10]
    for length in (*range(1, len(text), 411), *ends[:-1]):
        lines.write_bytes(text[:length])
        said = refusal(lines)
        assert length < ends[0] or "cut short" in said, said


def test_missing_and_further_arrays(run: Path) -> None:
    contents = members(run)
    for name in contents:
        said = refusal(rewritten(run, {other: content for other, content in contents.items() if other != name}))
        expected = f"PATH is damaged: there is no array {name.removesuffix('.npy')}"
        assert said == ("PATH is no recording; `tmc trace` writes them, as .npz or .jsonl" if name == "about.npy" else expected)
    assert refusal(rewritten(run, {**contents, "more.npy": contents["state.npy"]})) == (
        "PATH is damaged: it holds more than a recording does"
    )


def test_hostile_sizes(run: Path) -> None:
    contents = members(run)
    header = io.BytesIO()
    npy.write_array_header_1_0(header, {"descr": "<i4", "fortran_order": False, "shape": (1 << 50,)})
    said = refusal(rewritten(run, {**contents, "state.npy": header.getvalue()}))
    assert said == f"PATH is damaged: the array state is cut short: shape ({1 << 50},) in 0 bytes"
    rewritten(run, contents)
    assert refusal(run, limit=100) == f"PATH has {run.stat().st_size} bytes; at most 100 are read, unless `limit` says otherwise"
    with zipfile.ZipFile(run, "w", zipfile.ZIP_DEFLATED) as archive:  # small in the file, large in memory
        for name, content in {**contents, "state.npy": contents["state.npy"] + bytes(5_000_000)}.items():
            archive.writestr(name, content)
    assert "at most 1000000 are read" in refusal(run, limit=1_000_000)
    lines = run.with_suffix(".jsonl")
    assert "at most 1000 are read" in refusal(lines, limit=1000)
    text = lines.read_text()
    for wrong, right in (
        ('"rows":1', '"rows":99999999999'),
        ('"columns":', '"columns":99999999999'),
        ('"head":1', f'"head":{10**40}'),
    ):
        lines.write_text(text.replace(wrong, right, 1))
        assert wrong in text
        refusal(lines)
    lines.write_text(text.replace('"data":[', '"data":' + "[" * 100_000, 1))
    refusal(lines)


class Pickled:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (Path("hacked"), "x"))


def test_nothing_is_unpickled(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = refusal(with_array(run, "state", np.array([Pickled()], dtype=object)))
    assert said == "PATH is damaged: the array state is not what it should be: |O, shape (1,)"
    run.write_bytes(pickle.dumps(Pickled()))
    refusal(run)
    assert not (tmp_path / "hacked").exists()


def test_arrays_that_are_no_run(run: Path) -> None:
    """Every number is checked: another state, move, symbol, place, layer or cell is noticed."""
    arrays = {name: array.copy() for name, array in np.load(run).items() if name != "about"}
    whole = run.read_bytes()
    noticed = 0
    for name, array in arrays.items():
        if name in ("evaluated", "data", "cells"):
            continue  # their numbers may be others in another run of another machine
        places = list(np.ndindex(array.shape))
        for place in {places[0], places[len(places) // 2], places[-1]}:
            for change in (-1_000_000, 1_000_000)[:: 1 if name in ("state", "transition") else 2]:
                changed = array.copy()
                changed[place] += change
                if name == "layer" and (
                    changed.min() >= 0 and (np.diff(changed) >= 0).all() and changed[-1] <= arrays["layer"][-1]
                ):
                    continue
                run.write_bytes(whole)
                refusal(with_array(run, name, changed))
                noticed += 1
    assert noticed > 20
    for name, message in (
        ("state", "the array state has 3 rows for 9 configurations"),
        ("evaluated", "its changes are not those of its layers"),
    ):
        run.write_bytes(whole)
        cut = arrays[name][:3] if name == "state" else arrays[name][:-1]
        assert message.split(" has ")[0] in refusal(with_array(run, name, cut))
    run.write_bytes(whole)
    assert refusal(with_array(run, "state", arrays["state"].astype(np.int64))).startswith(
        "PATH is damaged: the array state is not what it should be: <i8, shape ("
    )


def test_a_run_on_other_data(run: Path, tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    """What the heads see is checked: the same steps are no run of other data."""
    data = np.load(run)["data"]
    assert "the transition of step 0 does not apply there" in refusal(with_array(run, "data", 3 - data))
    (tmp_path / "grid.txt").write_text("0111\n1011\n1101\n")
    path = tmp_path / "grid.npz"
    assert tmc("trace", machines / "gauss.tm", "--grid", tmp_path / "grid.txt", "-o", path).status == 0
    whole, data = path.read_bytes(), np.load(path)["data"]
    load(path)
    for symbol in range(1, int(data.max()) + 1):
        path.write_bytes(whole)
        assert "does not apply there" in refusal(with_array(path, "data", np.full_like(data, symbol)))


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is so for the temporary files first, while the run goes on."""
    monkeypatch.setattr(sinks, "BLOCK", 1)
    monkeypatch.setattr(sinks, "TemporaryFile", lambda **_: Path("/dev/full").open("wb", buffering=0))  # noqa: SIM115
    with (
        pytest.raises(Rejected, match=r"cannot write .*run\.npz: the disk is full"),
        sinks.archive(tmp_path / "run.npz", ABOUT, [1]),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_documents_that_are_damaged(run: Path) -> None:
    whole = run.read_bytes()
    about = json.loads(bytes(np.load(run)["about"]))
    for changes in (
        {"steps": -1}, {"steps": 10**30}, {"steps": 3}, {"verdict": "won"}, {"verdict": "accept"}, {"verdict": None},
        {"kept": "all"}, {"kept": "none"}, {"table": {}}, {"table": None}, {"network": None}, {"file": 3},
        {"input": {"kind": "grid"}}, {"input": {"kind": "line", "start": "0"}}, {"network": {**about["network"], "rows": 0}},
        {"network": {**about["network"], "fields": []}}, {"network": {**about["network"], "fields": [{"name": 1}]}},
        {"network": {**about["network"], "columns": 1 << 40}},
    ):  # fmt: skip
        run.write_bytes(whole)
        assert refusal(with_about(run, **changes)).startswith("PATH is damaged: "), changes


def test_flipped_bytes(run: Path) -> None:
    """Whatever byte is another, the file is refused or reads as a run of a machine."""
    random = Random(1)
    for path in (run, run.with_suffix(".jsonl")):
        whole = path.read_bytes()
        for _ in range(40):
            damaged = bytearray(whole)
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
            path.write_bytes(bytes(damaged))
            try:
                load(path)
            except Rejected as rejected:
                assert "\n" not in str(rejected)
