"""Fuzzing of everything that reads a file: checkpoints, data sets, machines, machines of other programs.

``make fuzz-loaders`` runs it for twenty minutes, ``make fuzz-loaders MINUTES=1`` for one; it goes on where it ended before. Input
number `n` is a good file, changed by the random numbers of seed `n`. It is a failure when anything comes of it but success or a
`Rejected`, a warning too; when it takes more than 10 s of processor time; or when the process, Python, torch and all, has used more
than 500 MB of memory. ``loaders.py --show N`` writes input `N` to a file and runs it with a traceback.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from foreign_texts import foreign_texts
from mutations import mutated

from tmc.cli import main as tmc
from tmc.diagnostics import InternalError, Rejected
from tmc.files import write_atomically
from tmc.formats.registry import FORMATS
from tmc.learn.data import datasets
from tmc.net.checkpoint import sparse_writing
from tmc.net.checkpoint.reading import from_build, is_checkpoint, load, to_bytes
from tmc.net.draw import draw
from tmc.net.learn import memorise, trained_checkpoint
from tmc.net.rcnn import RCNN
from tmc.pipeline import compile_machine
from tmc.source import Source

SLOWEST = 10.0  # seconds of processor time
LARGEST = 500 << 20  # bytes of memory, all that the process has
EVERY = 10.0  # seconds between two notes of how far it is
STAGES = ("syntax", "table", "rules", "cells", "filters")
SAID = io.StringIO()  # what the commands say: one for all of them, as click keeps every stream that it has ever written to
SUFFIX = {"checkpoint": "safetensors", "archive": "npz", "machine": "tm"}
NAMES = tuple(form.name for form in FORMATS)
FOLDED = 9  # an input of this number, in whatever format, is imported with --fold
FOREIGN = "foreign"  # stands for all formats of other programs
KINDS = ("checkpoint", "checkpoint", "archive", "machine", FOREIGN, FOREIGN)


class TooLong(BaseException):
    """It took more processor time than it may."""


def good_files() -> dict[str, list[bytes]]:
    """What is changed: checkpoints of both targets, trained, drawn and stored sparse; data sets; machines."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "machines").rglob("*.tm"))}

    def built(name: str, *how: str) -> Any:
        return from_build(compile_machine(Source(str(ROOT / "machines" / f"{name}.tm"), texts[name]), frozenset(), *how))

    data = datasets.parity(3, 6, 5, seed=0)
    learner = RCNN(built("gauss"))
    memorise(learner, data.x_train, data.y_train, learner.shape(6, 3))
    checkpoints = [built("gauss"), built("increment"), built("majority", "scalar", "integer"), built("gauss", "scalar", "paper")]
    checkpoints += [trained_checkpoint(learner), draw(checkpoints[2], 1).checkpoint]
    before, sparse_writing.DENSE = sparse_writing.DENSE, 0
    checkpoints.append(built("gauss"))
    sparse_writing.DENSE = before
    archives = [datasets.to_bytes(data), datasets.to_bytes(datasets.parity(9, 40, 3))]
    machines = [text.encode() for text in texts.values()]
    foreign = {name: [text.encode() for text in texts] for name, texts in foreign_texts().items()}
    return {"checkpoint": [to_bytes(each) for each in checkpoints], "archive": archives, "machine": machines, **foreign}


def made_elsewhere() -> dict[str, list[bytes]]:
    """The good files, made by a process of their own: what compiling and training take of memory is not what reading takes."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(good_files)


def input_of(number: int, files: dict[str, list[bytes]], kinds: tuple[str, ...] = KINDS) -> tuple[str, bytes]:
    """The kind and the content of an input."""
    random = Random(number)
    kind = random.choice(kinds)
    kind = random.choice(NAMES) if kind == FOREIGN else kind
    return kind, mutated(kind, random, random.choice(files[kind]))


def run(kind: str, path: Path, number: int) -> str:
    """Everything that reads such a file; returns what became of it."""
    try:
        if kind == "checkpoint":
            return _checkpoint(path)
        if kind == "archive":
            return _archive(path)
        if kind in NAMES:
            return _foreign(kind, path, number)
        commands = [["check", str(path)], ["inspect", str(path), "--stage", STAGES[number % len(STAGES)]]]
    except Rejected as rejected:
        if "\n" in str(rejected):
            raise AssertionError(f"more than one line: {rejected}") from None
        return "rejected"
    statuses = [_command(command) for command in commands]
    return "rejected" if any(statuses) else "fine"


def _foreign(kind: str, path: Path, number: int) -> str:
    """Imported, as it is or otherwise; what comes of it has no errors."""
    options = [[], ["--fold"], ["--fold", "--semi-infinite", "--tape", "2=1"], ["--semi-infinite"]][number // 8 % 4]
    own = ["--from", kind] if number % 8 else []
    made = path.with_suffix(".tm")
    if _command(["import", str(path), *own, *options, "-o", str(made)]):
        return "rejected"
    if _command(["check", str(made)]):
        raise AssertionError(f"what was imported has errors: {SAID.getvalue()[:300]}")
    return "fine"


def _command(arguments: list[str]) -> int:
    SAID.seek(0)
    SAID.truncate()
    with redirect_stdout(SAID), redirect_stderr(SAID):
        status = tmc(arguments)
    if status not in (0, 1):
        raise AssertionError(f"exit status {status}: {SAID.getvalue()[-300:]}")
    return status


def _checkpoint(path: Path) -> str:
    """Read, even if the digest does not fit, built, written again."""
    is_checkpoint(path)
    network = RCNN(load(path, as_written=False))
    if network.reads_grid:
        network.shape(6, 3)
    network.save(path)
    if load(path).digest != network.checkpoint.digest:
        raise AssertionError("what was saved is not what was loaded")
    return "fine"


def _archive(path: Path) -> str:
    try:
        datasets.load(path)
    except Rejected:
        datasets.load_queries(path)
    return "fine"


def outcome(kind: str, content: bytes, number: int, folder: Path) -> str:
    """What became of an input; a failure is named by its exception and its place."""
    path = folder / f"input.{SUFFIX.get(kind, 'txt')}"
    path.write_bytes(content)
    forget_peak()
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)
    try:
        result = run(kind, path, number)
    except (Exception, TooLong) as error:  # noqa: BLE001 - any of them is what is looked for
        places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        mine = [place for place in places if "loaders" not in place]
        name = "InternalError" if isinstance(error, InternalError) else type(error).__name__
        return f"FAILED {name} at {(mine or places)[-1]}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return f"FAILED: {peak() >> 20} MB of memory" if peak() > LARGEST else result


def peak() -> int:
    """The most memory, in bytes, since the last call of `forget_peak`."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(text.split("VmHWM:")[1].split()[0])


def forget_peak() -> None:
    """Count the most memory from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


@dataclass
class Tally:
    """How far the fuzzing is: the number of the next input, seconds spent, what became of the inputs, the most memory of any."""

    next: int = 0
    seconds: float = 0.0
    peak: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, found: str) -> None:
        """Count an input that has just been run."""
        if found.startswith("FAILED"):
            print(f"{self.next} ({kind}): {found}", flush=True)
        self.outcomes[f"{kind} {'failed' if found.startswith('FAILED') else found}"] += 1
        self.peak = max(self.peak, peak())
        self.next += 1

    @property
    def failures(self) -> int:
        """The number of inputs that failed."""
        return sum(count for name, count in self.outcomes.items() if name.endswith("failed"))

    def __str__(self) -> str:
        """The summary."""
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        return f"{self.next} cases, {self.seconds:.0f} s, {self.failures} crashes, peak memory {self.peak >> 20} MB ({kinds})"


def read_tally(state: Path) -> Tally:
    """How far the fuzzing was when `state` was written."""
    known = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    return Tally(known.get("next", 0), known.get("seconds", 0.0), known.get("peak", 0), Counter(known.get("outcomes", {})))


def write_tally(tally: Tally, state: Path) -> None:
    """Keep how far it is."""
    known = {**vars(tally), "seconds": round(tally.seconds, 1), "outcomes": dict(sorted(tally.outcomes.items()))}
    write_atomically(state, json.dumps(known, indent=1).encode())


def fuzz(seconds: float, state: Path, kinds: tuple[str, ...]) -> int:
    """Fuzz for so long, from where `state` says; returns the number of failures of all time."""
    files, tally = made_elsewhere(), read_tally(state)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for kind, contents in files.items():
            for content in contents:
                if (found := outcome(kind, content, FOLDED, folder)) != "fine" and kind != "machine":
                    raise AssertionError(f"a good {kind} is not fine: {found}")
        gc.collect()
        print(f"from case {tally.next}; {peak() >> 20} MB of memory before the first", flush=True)
        began, before = time.monotonic(), tally.seconds
        noted = began
        while (now := time.monotonic()) < began + seconds:
            kind, content = input_of(tally.next, files, kinds)
            tally.add(kind, outcome(kind, content, tally.next, folder))
            tally.seconds = before + time.monotonic() - began
            if now > noted + EVERY:
                noted = now
                write_tally(tally, state)
    write_tally(tally, state)
    print(f"in all: {tally}")
    return tally.failures


def show(number: int, kinds: tuple[str, ...]) -> None:
    """Write one input to a file and run it."""
    kind, content = input_of(number, good_files(), kinds)
    path = Path(tempfile.gettempdir()) / f"input-{number}.{SUFFIX.get(kind, 'txt')}"
    path.write_bytes(content)
    print(path, run(kind, path, number))


def _too_long(*_: object) -> None:
    raise TooLong(f"more than {SLOWEST:g} s")


def main() -> None:
    """Fuzz, or show one input."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=1200)
    options.add_argument("--state", type=Path, default=Path(".fuzz/loaders.json"), help="how far it is; it goes on from there")
    options.add_argument("--show", type=int, metavar="N", help="run input N alone")
    options.add_argument("--only", choices=sorted(set(KINDS)), help="inputs of this kind only; say it with --show, too")
    chosen = options.parse_args()
    kinds = (chosen.only,) if chosen.only else KINDS
    warnings.simplefilter("error")
    os.environ["NO_COLOR"] = "1"
    signal.signal(signal.SIGPROF, _too_long)
    if chosen.show is not None:
        show(chosen.show, kinds)
        return
    chosen.state.parent.mkdir(parents=True, exist_ok=True)
    sys.exit(fuzz(chosen.seconds, chosen.state, kinds) > 0)


if __name__ == "__main__":
    main()
