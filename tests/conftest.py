"""What many tests need: a command line to call, machines as tables, and where the repository is."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tmc.cli import bars, main
from tmc.files import write_atomically
from tmc.ir.table import ANY_EDGE, Bounds, EdgeTest, Guard, Table, Transition
from tmc.ir.tape import Move, Tape
from tmc.pipeline import Build, compile_machine
from tmc.source import Source
from tmc.verify import certificate

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".pytest_cache" / "compiled"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side: torch's threads would only wait for each other
bars.SOON = float("inf")  # no line of progress, however long a loaded machine takes
signal.signal(signal.SIGINT, signal.default_int_handler)  # what was started in the background ignores it, and so do its children


def blocks(count: int) -> list[Any]:
    """So many blocks of random cases as a test's parameter: the first belongs to the long tests, the others are there to soak."""
    return [pytest.param(number, marks=pytest.mark.long if number == 0 else pytest.mark.soak) for number in range(count)]


@cache
def compiled(name: str, target: str = "wide", scale: str = "integer") -> Build:
    """A machine of the folder `machines`, such as ``gauss``, compiled once for all tests.

    What takes long, which is any target but `wide`, is compiled once for all processes and kept for later runs, until something of
    tmc or of the machines changes.
    """
    source = Source(f"{name}.tm", (ROOT / "machines" / f"{name}.tm").read_text(encoding="utf-8"))
    if target == "wide":
        return compile_machine(source, target=target, scale=scale)
    path = KEPT / f"{_digest()}-{name}-{target}-{scale}"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        write_atomically(path, pickle.dumps(compile_machine(source, target=target, scale=scale)))
    build: Build = pickle.loads(path.read_bytes())
    return build


@cache
def _digest() -> str:
    """Of all that a compiled machine depends on. What is kept for another digest is removed."""
    found = sha256(sys.version.encode())
    for path in sorted(path for folder in ("tmc", "grammars", "machines") for path in (ROOT / folder).rglob("*.*")):
        if path.suffix in (".py", ".lark", ".tm"):
            found.update(f"{path.relative_to(ROOT)} {path.stat().st_size} ".encode() + path.read_bytes())
    digest = found.hexdigest()
    for path in KEPT.glob("*"):
        if not path.name.startswith(digest):
            path.unlink(missing_ok=True)
    return digest


def shared(function: Callable[..., Any], most: int = 16) -> Callable[..., Any]:
    """The same function, which computes once what it is asked again about the same objects. It must be pure, and they unchanged."""
    known: dict[tuple[int, ...], tuple[tuple[Any, ...], Any]] = {}

    def ask(*arguments: Any) -> Any:
        key = tuple(map(id, arguments))  # no other objects have these while they are kept
        if key not in known:
            known[key] = arguments, function(*arguments)
            if len(known) > most:
                del known[next(iter(known))]
        return known[key][1]

    return ask


# Many tests certify networks of one machine whose weights differ: what is shown of its table and its rules is shown once.
certificate.lower_table = lru_cache(16)(certificate.lower_table)
for _name in ("run_beside", "reachable", "computing", "legal", "decoding"):
    setattr(certificate, _name, shared(getattr(certificate, _name)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command line ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def tmc(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the command line in this process."""

    def run(*arguments: object) -> Outcome:
        status = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a document with the value at one place changed."""
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = replaced(document[path[0]], path[1:], value)
    return copy


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once; tests open pages in contexts of their own."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    quiet = ["quic", "background-networking", "component-update", "sync", "gpu"]
    arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{feature}" for feature in quiet)]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        yield started
        started.close()


@pytest.fixture
def machines() -> Path:
    """The folder of machines."""
    return ROOT / "machines"


def line_table(*transitions: Transition, symbols: str = "_01", work: str = "", bounds: Bounds = Bounds()) -> Table:  # noqa: B008
    """A line machine with states named a, b, c …, started in the first."""
    tapes = (Tape("data", "line", tuple(symbols)), *((Tape("work", "line", tuple(work)),) if work else ()))
    return _table(tapes, transitions, bounds)


def grid_table(*transitions: Transition, symbols: str = "_01", bounds: Bounds = Bounds()) -> Table:  # noqa: B008
    """A grid machine with one tape."""
    return _table((Tape("data", "grid", tuple(symbols)),), transitions, bounds)


def rows_table(*transitions: Transition, work: str = "", bounds: Bounds = Bounds()) -> Table:  # noqa: B008
    """A machine on the rows of a grid."""
    table = line_table(*transitions, work=work, bounds=bounds)
    return replace(table, tapes=(replace(table.data, kind="rows"), *table.tapes[1:]))


def _table(tapes: tuple[Tape, ...], transitions: tuple[Transition, ...], bounds: Bounds) -> Table:
    count = max((max(t.state, t.target) for t in transitions), default=0) + 1
    return Table("toy", "", tapes, tuple("abcdefgh"[:count]), 0, transitions, bounds)


def rule(
    state: int, data: tuple[int, ...], target: int, write: int | None = None, move: Move = Move.STAY, **more: object
) -> Transition:
    """A transition that reads a blank work tape; `more`: `edges`, `line`, `write_work`, `move_work`, `work`."""
    edges: EdgeTest = more.pop("edges", ANY_EDGE)  # type: ignore[assignment]
    work: tuple[int, ...] = more.pop("work", (0,))  # type: ignore[assignment]
    return Transition(state, Guard(data, work, edges), target, write_data=write, move_data=move, **more)  # type: ignore[arg-type]
