"""What a network has learnt so far, kept beside the file that is to hold it, so that training can go on after an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter

import click

from tmc.diagnostics import Rejected
from tmc.net.learn import Learnt
from tmc.net.training import SUFFIX, Identity, Training, difference, load, save

INTERVAL = 2.0  # seconds of training that are lost at most when the process is killed
SHARE = 0.02  # of the time, at most, is spent on keeping


def part_of(trained: str) -> Path | None:
    """The file in which the progress of a training is kept; None beside a device."""
    path = Path(trained)
    if (path.exists() and not path.is_file()) or Path("/dev") in path.absolute().parents:
        return None
    return path.with_name(path.name + SUFFIX)


class TrainingProgress:
    """How far a training has come, and the file `part` in which it is kept. Without that nothing is kept."""

    def __init__(self, part: Path | None, identity: Identity, rows: int, columns: int) -> None:
        self.begin: Learnt | None = None
        self._part, self._identity, self._shape = part, identity, (rows, columns)
        self._latest: Learnt | None = None
        self._kept = 0  # steps, in the file
        self._due = perf_counter() + INTERVAL

    def find(self, restart: bool) -> None:
        """Go on from what is there. Raises `Rejected` when that belongs to another training, unless it is to be forgotten."""
        if self._part is None or not self._part.exists():
            return
        found = load(self._part)
        if restart:
            self._part.unlink()
            return
        what = difference(found.identity, self._identity)
        if what or found.learnt.weight.shape != self._shape:
            what = what or "it has examples of another number or size"
            raise Rejected(f"{self._part} is of another training: {what}; remove it, or begin anew with --restart")
        self.begin = self._latest = found.learnt
        self._kept, examples = found.learnt.steps, self._shape[0] - 1
        at = f"at example {self._kept + 1}" if self._kept < examples else f"after example {examples}"
        click.echo(f"continuing {at} of {examples}", err=True)

    def after(self, learnt: Learnt) -> None:
        """Keep what is learnt, if it is time."""
        self._latest = learnt
        began = perf_counter()
        if self._part is None or began < self._due:
            return
        try:
            self._keep(self._part, learnt)
        except Rejected as rejected:
            click.echo(f"warning: {rejected}; training goes on, but not after an interruption", err=True)
            self._part = None
        ended = perf_counter()
        self._due = ended + max(INTERVAL, (ended - began) / SHARE)

    def interrupted(self, error: KeyboardInterrupt) -> None:
        """Keep what is learnt, and say so in the error."""
        learnt = self._latest
        if self._part is None or learnt is None:
            return
        try:
            self._keep(self._part, learnt)
        except Rejected as rejected:
            error.args = (str(rejected),)
            return
        examples = self._shape[0] - 1
        what = f"{min(learnt.steps, examples)} of {examples} examples"
        error.args = (f"{what} are learnt, see {self._part}; run the same command again to go on",)

    def remove(self) -> None:
        """The trained network is written: remove the progress."""
        if self._part is not None:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def _keep(self, part: Path, learnt: Learnt) -> None:
        if learnt.steps > self._kept:
            save(Training(self._identity, learnt), part)
            self._kept = learnt.steps


@contextmanager
def interruptible(progress: TrainingProgress) -> Iterator[None]:
    """Whatever interrupts what is done here, what is learnt by then is kept; and removed when all is done."""
    try:
        yield
    except KeyboardInterrupt as error:
        progress.interrupted(error)
        raise
    progress.remove()
