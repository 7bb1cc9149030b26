"""The log of a search: it goes on where it was, and nothing that is not its own is written over."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tmc.diagnostics import Rejected
from tmc.ir.tape import Edge
from tmc.learn.search import searchlog
from tmc.learn.search.searching import Best, Prior, Problem, Tables, problem, search
from tmc.learn.search.searchlog import Log, header
from tmc.run.shapes import MachineShape

HEADER = {"format": "tmc search", "version": 1, "prior": "p", "problems": "d"}
ROUNDS = [Best(256, 3, 7, 10), Best(512, 3, 7, 10), Best(1024, 700, 9, 10)]
NO_LOG = "is not the log of a search; name another file, or write over it with --restart"


def written(path: Path, *rounds: Best, **more: object) -> bytes:
    """A log with these rounds."""
    lines = [{**HEADER, **more}, *map(asdict, rounds)]
    content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    path.write_bytes(content)
    return content


def refused(path: Path, restart: bool = False) -> str:
    """Why a log cannot be opened; the file stays as it is."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(Rejected) as rejected:
        Log(str(path), HEADER, restart)
    assert (path.read_bytes() if path.is_file() else None) == before
    return str(rejected.value).replace(str(path), "LOG")


def test_begun_and_continued(tmp_path: Path) -> None:
    path, expected = tmp_path / "a.jsonl", written(tmp_path / "b.jsonl", *ROUNDS)
    log = Log(str(path), HEADER)
    assert log.latest is None
    log.add(ROUNDS[0])
    log.close()
    for number in (1, 2):
        log = Log(str(path), HEADER)
        assert log.rounds == ROUNDS[:number]
        assert log.latest == ROUNDS[number - 1]
        log.add(ROUNDS[number])
        log.close()
    assert path.read_bytes() == expected


def test_cut_off_anywhere(tmp_path: Path) -> None:
    """A process that was killed may leave any beginning of a log; the search goes on from the last whole line."""
    path, whole = tmp_path / "a.jsonl", written(tmp_path / "b.jsonl", *ROUNDS)
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        log = Log(str(path), HEADER)
        kept = max(0, whole[:end].count(b"\n") - 1)
        assert log.rounds == ROUNDS[:kept]
        for one in ROUNDS[kept:]:
            log.add(one)
        log.close()
        assert path.read_bytes() == whole


def test_queries_that_it_cannot_have(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    written(path, *ROUNDS)
    for queries in (None, 10):
        Log(str(path), HEADER, queries=queries).close()
    with pytest.raises(Rejected, match="line 2 is damaged"):
        Log(str(path), HEADER, queries=11)
    log = Log(str(path), HEADER, restart=True, queries=11)
    log.close()
    assert log.rounds == []


def test_restart(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for content in (written(path, *ROUNDS), written(path, prior="other"), b"a diary\n", b"\xff" * 9):
        path.write_bytes(content)
        log = Log(str(path), HEADER, restart=True)
        log.close()
        assert log.rounds == []
        assert path.read_bytes() == json.dumps(HEADER).encode() + b"\n"


@pytest.mark.parametrize(
    "content", [b"a diary", b"a diary\n", b"\n", b"[]\n", b"{}\n", b"\xff\n", b'{"format": "x"}\n', b"[" * 99999 + b"\n"]
)
def test_not_a_log(tmp_path: Path, content: bytes) -> None:
    """Not even one without a line end is written over."""
    path = tmp_path / "a"
    path.write_bytes(content)
    assert refused(path) == f"LOG {NO_LOG}"


def test_of_another_search(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    written(path, *ROUNDS, prior="q")
    anew = "; name another file, or begin anew with --restart"
    assert refused(path) == f"LOG is the log of a search with another prior (q, not p){anew}"
    written(path, *ROUNDS, problems="e")
    assert refused(path) == f"LOG is the log of a search with other problems{anew}"
    written(path, *ROUNDS, version=2)
    assert refused(path) == "LOG is a log of version 2, this tmc writes 1; begin anew with --restart"


def test_where_not_every_machine_is_wanted(tmp_path: Path) -> None:
    """A log tells which share of mistakes could be borne; only then there may be rounds without a best."""
    path, none, bears = tmp_path / "a.jsonl", Best(256, queries=10), {**HEADER, "bearable": 0.25}
    content = written(path, none, ROUNDS[2], bearable=0.25)
    log = Log(str(path), bears)
    log.close()
    assert log.rounds == [none, ROUNDS[2]]
    assert path.read_bytes() == content
    anew = "; name another file, or begin anew with --restart"
    assert refused(path) == f"LOG is the log of a search with --max-error 0.25{anew}"
    written(path, none)
    assert refused(path) == "LOG: line 2 is damaged; begin anew with --restart"
    written(path, *ROUNDS)
    with pytest.raises(Rejected, match="of a search without --max-error"):
        Log(str(path), bears)
    for broken in (Best(0, queries=10), Best(256), Best(256, right=3, queries=10), Best(256, 3, -1, 10)):
        written(path, broken, bearable=0.25)
        with pytest.raises(Rejected, match="line 2 is damaged"):
            Log(str(path), bears)
    written(path, ROUNDS[0], Best(512, queries=10), bearable=0.25)
    with pytest.raises(Rejected, match="line 3 is damaged"):
        Log(str(path), bears)


BROKEN: list[object] = [
    [], {}, 3, None,
    {**asdict(ROUNDS[1]), "more": 1},
    {**asdict(ROUNDS[1]), "right": "7"},
    {**asdict(ROUNDS[1]), "right": True},
    {**asdict(ROUNDS[1]), "right": 7.0},
    {**asdict(ROUNDS[1]), "right": 11},
    {**asdict(ROUNDS[1]), "right": -1},
    {**asdict(ROUNDS[1]), "right": 8},  # better, and the same machine
    {**asdict(ROUNDS[1]), "number": -1},
    {**asdict(ROUNDS[1]), "number": 512},
    {**asdict(ROUNDS[1]), "number": 300},  # another machine, and no better
    {**asdict(ROUNDS[1]), "number": 2, "right": 8},  # better, and of an earlier round
    {**asdict(ROUNDS[1]), "tried": 256},
    {**asdict(ROUNDS[1]), "queries": 11},
]  # fmt: skip


@pytest.mark.parametrize("line", BROKEN, ids=range(len(BROKEN)))
def test_damaged(tmp_path: Path, line: object) -> None:
    path = tmp_path / "a.jsonl"
    content = written(path, ROUNDS[0])
    path.write_bytes(content + json.dumps(line).encode() + b"\n")
    assert refused(path) == "LOG: line 3 is damaged; begin anew with --restart"


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b'{"tried": 5, "num'])
def test_a_line_that_cannot_be_read(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.jsonl"
    content = written(path, ROUNDS[0])
    path.write_bytes(content + line + b"\n" + json.dumps(asdict(ROUNDS[1])).encode() + b"\n")
    assert refused(path) == "LOG: line 3 is damaged; begin anew with --restart"


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    assert refused(tmp_path) == "cannot write LOG: it is a folder; name a file"
    missing = tmp_path / "no" / "a.jsonl"
    assert refused(missing) == f"cannot write LOG: the folder {tmp_path / 'no'} does not exist; create it first"
    assert refused(Path("/dev/null")) == "cannot write LOG: Invalid argument"


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    written(path, *ROUNDS)
    monkeypatch.setattr(searchlog, "LARGEST", 100)
    assert refused(path) == "LOG is larger than 0.0001 MB, the most that is read"


def test_two_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    log = Log(str(path), HEADER)
    for restart in (False, True):
        assert refused(path, restart) == "another search is writing to LOG; wait for it, or name another file"
    log.close()
    Log(str(path), HEADER).close()


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so, and what is whole of the log can be gone on with."""
    path = tmp_path / "a.jsonl"
    log = Log(str(path), HEADER)
    log.add(ROUNDS[0])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Rejected, match=r"^cannot write .*: the disk is full; free some space, or write elsewhere$"):
            log.add(ROUNDS[1])
    log.close()
    path.write_bytes(path.read_bytes()[:-5])  # what a disk has when it is full
    log = Log(str(path), HEADER)
    assert log.rounds == ROUNDS[:1]
    log.close()


SHAPE = MachineShape("grid", 1, 3, 1, (Edge.RIGHT,))


def parity(seed: int = 0, limit: int = 20) -> Problem:
    x = np.where(np.random.default_rng(seed).random((13, 2)) < 0.5, -1, 1).astype(np.int8)
    return problem(SHAPE, x[:3], x[:3].prod(axis=1), x[3:], x[3:].prod(axis=1), limit)


def test_headers_tell_searches_apart() -> None:
    first = header(Tables(SHAPE), [parity()])
    assert first == header(Tables(SHAPE), [parity()])
    others: list[tuple[Prior, list[Problem]]] = [
        (Tables(SHAPE, 1), [parity()]),
        (Tables(MachineShape("grid", 1, 3, 1, (Edge.LEFT,))), [parity()]),
        (Tables(SHAPE), [parity(1)]),
        (Tables(SHAPE), [parity(limit=21)]),
        (Tables(SHAPE), [parity()] * 2),
    ]
    headers = [json.dumps(header(*other)) for other in others] + [json.dumps(header(Tables(SHAPE), [parity()], 0.5))]
    assert len({json.dumps(first), *headers}) == 7
    assert header(Tables(SHAPE), [parity()], 1.0) == first


def test_however_often_it_was_interrupted(tmp_path: Path) -> None:
    prior, given = Tables(SHAPE), [parity()]

    def going_on(path: Path, rounds: int) -> Best | None:
        """Go on for so many rounds at most, then be interrupted."""
        log = Log(str(path), header(prior, given))

        def after(best: Best, seconds: float) -> None:
            log.add(best)
            if len(log.rounds) == begun + rounds:
                raise KeyboardInterrupt

        begun = len(log.rounds)
        try:
            return search(prior, given, 9000, begin=log.latest, workers=1, stop_at_error=-1, after=after)
        except KeyboardInterrupt:
            return None
        finally:
            log.close()

    best = going_on(tmp_path / "at once", 100)
    found = None
    while found is None:
        found = going_on(tmp_path / "again and again", 1)
    assert found == best
    assert (tmp_path / "at once").read_bytes() == (tmp_path / "again and again").read_bytes()
