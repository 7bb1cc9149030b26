"""How the tests of machines went: as data, as text for people and as a document for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tmc.run.loops import Loop
from tmc.run.simulator import Run
from tmc.testing.figures import MachineFigures
from tmc.testing.lockstep import Agreement


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test expected and what came instead; `marks` stands under that and points at the differences."""

    expected: str
    got: str
    marks: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """One under the other, aligned."""
        return (f"expected  {self.expected}", f"got       {self.got}", *([f"          {self.marks}"] if self.marks else []))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test went; `place` is the file and the line where it stands. It passed when there are no `faults`.

    `followed` is the part of the run that was done in lockstep: None when it ran on the table only, or the stages disagreed.
    `trace` shows the last steps of a run that failed. `loop`: why the run never ends, if that is proved.
    """

    name: str
    place: str
    run: Run
    followed: Agreement | None
    faults: tuple[Failure, ...]
    trace: tuple[str, ...] = ()
    loop: Loop | None = None

    @property
    def layers(self) -> int | None:
        """The layers after which the network had the result; None if the run has no result, or was not followed that far."""
        if self.loop is not None:
            return None
        return None if self.followed is None or self.followed.run.steps < self.run.steps else self.followed.layers

    @property
    def length(self) -> str:
        """How long the run was: ``64 steps, 153 layers``."""
        steps = counted(self.run.steps, "step")
        if self.loop is not None:
            return f"runs for ever, seen after {steps}"
        if self.run.verdict == "timeout":
            return f"stopped after {steps}"
        if self.layers is not None:
            return f"{steps}, {counted(self.layers, 'layer')}"
        return steps if self.followed is None else f"{steps}, the network followed for {self.followed.run.steps}"

    @property
    def failure(self) -> tuple[str, ...]:
        """What went wrong, line by line."""
        faults = (line for fault in self.faults for line in fault.lines)
        last = ("the last steps:", *(f"  {line}" for line in self.trace)) if self.trace else ()
        return (*faults, *last) if self.faults else ()

    @property
    def summary(self) -> str:
        """The first thing that went wrong, on one line."""
        return " ".join(f"expected {self.faults[0].expected}, got {self.faults[0].got}".split()) if self.faults else ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """A machine's file and how its tests went, except for those `left_out`.

    `error` says why there was nothing to test with, `remark` why there is nothing to test. `figures` are there when there
    was something to test with.
    """

    file: str
    error: str = ""
    remark: str = ""
    warnings: int = 0
    outcomes: tuple[Outcome, ...] = ()
    left_out: int = 0
    figures: MachineFigures | None = None

    @property
    def passed(self) -> int:
        """Tests that passed."""
        return sum(not outcome.faults for outcome in self.outcomes)

    @property
    def failed(self) -> int:
        """Tests that failed; a file that cannot be tested counts as one."""
        return len(self.outcomes) - self.passed + bool(self.error)

    def text(self, only_failures: bool = False) -> str:
        """What to say of the file, if anything; with `only_failures` nothing of tests that passed."""
        nothing_chosen = self.left_out and not self.outcomes
        if nothing_chosen or (only_failures and not self.failed):
            return ""
        rows = [self.file, *([self.error] if self.error else [])]
        rows += [f"  {counted(self.warnings, 'warning')}; `tmc check` says which"] if self.warnings else []
        rows += [f"  {self.remark}"] if self.remark else []
        for outcome in self.outcomes:
            if outcome.faults:
                rows += [f"  FAIL  {outcome.name}  ({outcome.length})  {outcome.place}"]
                rows += [f"        {line}" for line in outcome.failure]
            elif not only_failures:
                rows += [f"  ok    {outcome.name}  ({outcome.length})"]
        return "\n".join(rows)

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "file": self.file,
            "error": self.error or None,
            "warnings": self.warnings,
            "left_out": self.left_out,
            "figures": None if self.figures is None else asdict(self.figures),
            "tests": [_document(outcome) for outcome in self.outcomes],
        }


def _document(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "place": outcome.place,
        "passed": not outcome.faults,
        "verdict": outcome.run.verdict if outcome.loop is None else "loops",
        "steps": outcome.run.steps,
        "work_cells": outcome.run.work_cells,
        "layers": outcome.layers,
        "faults": [{"expected": fault.expected, "got": fault.got} for fault in outcome.faults],
        "trace": list(outcome.trace),
    }


def counted(count: int, what: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{count} {what}{'' if count == 1 else 's'}"
