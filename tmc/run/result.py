"""How a run ended, with everything by its name: what `tmc.simulate` returns and `tmc simulate` prints.

`tmc.run.simulator.Run` is the same in numbers, for all that counts and compares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Grid, Line
from tmc.run.loops import Loop, loop_after, simulate_to_the_end
from tmc.run.simulator import Pause, Promise, Run, simulate, step_limit
from tmc.run.tape_limit import EXACT, TapeLimit, first_longer
from tmc.run.tapes import text_of_grid, text_of_line

Ending = Literal["accept", "reject", "stuck", "loops", "timeout", "interrupted"]
DECIDED = ("accept", "reject", "stuck", "loops")


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """How a run ended. ``print(result)`` shows the verdict and the tapes.

    `verdict`: ``accept`` or ``reject``; ``stuck`` when no rule applies; ``loops`` when the run is proved to go on for ever, see
    `loop`; undecided are ``timeout``, when the steps are used up, and ``interrupted``. `max_tape`: how many cells the tapes were to
    hold at most, if the run was ended because they hold more; that is a ``timeout``, too.
    """

    table: Table
    run: Run
    loop: Loop | None = None
    stopped: bool = False
    max_tape: int | None = None

    @property
    def verdict(self) -> Ending:
        """How the run ended, in a word."""
        if self.loop is not None:
            return "loops"
        return "interrupted" if self.stopped else self.run.verdict

    @property
    def decided(self) -> bool:
        """Whether the end of the run is known, or that it never ends."""
        return self.verdict in DECIDED

    @property
    def configuration(self) -> Configuration:
        """The last configuration, in numbers."""
        return self.run.configuration

    @property
    def steps(self) -> int:
        """How many steps were taken; of a loop, before it was found."""
        return self.run.steps

    @property
    def state(self) -> str:
        """The state at the end, by its name."""
        return self.table.target_name(self.configuration.state)

    @property
    def head(self) -> int | tuple[int, int]:
        """Where the data head stands: a position counted from where it began, or the row and the column of a grid."""
        return self.configuration.head if self.table.is_grid else self.configuration.head[1]

    @property
    def data(self) -> str | tuple[str, ...]:
        """The data tape as text, without the blanks around it; a grid row by row."""
        data = self.configuration.data
        return text_of_grid(self.table.data, data) if isinstance(data, Grid) else text_of_line(self.table.data, data)

    @property
    def work(self) -> str:
        """The work tape as text, without the blanks around it; "" if the machine has no work tape."""
        return "" if self.table.work is None else text_of_line(self.table.work, self.configuration.work)

    @property
    def work_cells(self) -> int:
        """How many cells of the work tape its head stood on."""
        return self.run.work_cells

    @property
    def steps_promise(self) -> Promise | None:
        """The bound on steps, and whether the run kept it; None if there is no such bound."""
        return self.run.steps_promise

    @property
    def work_promise(self) -> Promise | None:
        """The bound on cells of the work tape, and whether the run kept it; None if there is no such bound."""
        return self.run.work_promise

    @property
    def promise_broken(self) -> bool:
        """Whether the run went beyond a bound that its machine declares."""
        return self.run.promise_broken

    @property
    def broken(self) -> tuple[str, ...]:
        """A sentence for each bound that the run has broken."""
        found = (self._broken("steps", self.run.steps_promise), self._broken("work", self.run.work_promise))
        return tuple(sentence for sentence in found if sentence)

    def _broken(self, what: str, promise: Promise | None) -> str:
        if promise is None or promise.kept:
            return ""
        unit = {"steps": "steps", "work": "cells of the work tape"}[what]
        used = f"{'more than ' if what == 'steps' and self.run.verdict == 'timeout' else ''}{promise.used}"
        if self.loop is not None and (what == "steps" or self.loop.work):
            used = "ever more"
        allowed = f"its bound {what} {promise.bound} allows {promise.limit} here"
        return f"{self.table.name} breaks its promise: it took {used} {unit}, and {allowed}"

    def __repr__(self) -> str:
        return f"<Result of {self.table.name}: {self.verdict} after {_steps(self.steps)}>"

    def _repr_html_(self) -> str | None:
        """The verdict and the last tapes, for notebooks."""
        from tmc.notebook import shown

        return shown("run", self)

    def __str__(self) -> str:
        head = f"{self.verdict} after {_steps(self.steps)}{self._remark()}"
        data = (self.data,) if isinstance(self.data, str) else self.data
        return "\n".join([head, *named_tapes(self.table, data, *([] if self.work is None else [(self.work,)]))])

    def _remark(self) -> str:
        where = f" in state {self.state}"
        match self.verdict:
            case "stuck":
                return f"{where}, where no rule applies: undecided"
            case "loops":
                assert self.loop is not None
                return f"{where}, runs for ever: {self.loop.words([tape.name for tape in self.table.tapes])}"
            case "timeout" if self.max_tape is not None:
                return f"{where}, its tapes hold more than {self.max_tape} cells: undecided"
            case "timeout":
                return f"{where}, still running: undecided"
            case "interrupted":
                head = self.head
                place = f"at position {head}" if isinstance(head, int) else f"in row {head[0]}, column {head[1]}"
                return f"{where}, the head {place}, still running: undecided"
        return ""

    def document(self) -> dict[str, Any]:
        """The result for programs. A tape's `start` is the position of the first symbol of its text."""
        end = self.configuration
        return {
            "machine": self.table.name,
            "verdict": self.verdict,
            "steps": self.steps,
            "loop": None if self.loop is None else asdict(self.loop),
            **configuration_document(self.table, end),
            "work_cells": self.work_cells,
            "bounds": {"steps": _promised(self.run.steps_promise), "work": _promised(self.run.work_promise)},
            **({} if self.max_tape is None else {"max_tape": self.max_tape}),
        }


def decide(
    table: Table,
    data: Grid | Line,
    max_steps: int | None = None,
    watch: Callable[[int], None] | None = None,
    pause: Pause | None = None,
    max_tape: int | None = None,
) -> Result:
    """Run a machine, and find out how it ends if that can be known.

    Without `max_steps` it takes as many steps as `tmc.run.simulator.step_limit` says, and a loop ends it. With `max_steps` it
    takes exactly so many, if it does not halt before. With `max_tape` it ends when the line tapes together hold more than so many
    cells between their outermost symbols, which is looked at as `tmc.run.tape_limit` says. For `watch` and `pause` see
    `tmc.run.simulator.simulate`. Raises `Rejected` as that does.
    """
    limit = step_limit(table, data) if max_steps is None else max_steps
    if max_tape is not None:
        return _within(table, data, limit, max_steps, watch, pause, max_tape)
    if max_steps is None:
        run, loop = simulate_to_the_end(table, data, limit, watch, pause)
    else:
        run = simulate(table, data, limit, watch, pause)
        loop = loop_after(table, run) if run.steps == limit else None
    if loop is not None:
        run = for_ever(table, data, run, loop)
    stopped = run.verdict == "timeout" and loop is None and run.steps < limit
    return Result(table, run, loop, stopped)


def _within(
    table: Table,
    data: Grid | Line,
    limit: int,
    max_steps: int | None,
    watch: Callable[[int], None] | None,
    pause: Pause | None,
    max_tape: int,
) -> Result:
    """The same with a limit on tapes: it ends at the first step after which they are too long, or when they are seen to be."""
    longer = first_longer(table, data, max_tape, min(limit, EXACT))
    looking = TapeLimit(max_tape, pause)
    exactly = max_steps if longer is None or max_steps is None else min(max_steps, longer)
    if longer is not None and max_steps is None:
        run, loop = simulate_to_the_end(table, data, longer, watch, pause)
        result = Result(table, run if loop is None else for_ever(table, data, run, loop), loop)
    else:
        result = decide(table, data, exactly, watch, looking)
    met = looking.met or (longer is not None and result.steps == longer)
    return replace(result, stopped=False, max_tape=max_tape) if met and result.loop is None and not result.decided else result


def for_ever(table: Table, data: Grid | Line, run: Run, loop: Loop) -> Run:
    """The same run, whose promises are those of a run that never ends."""
    steps, work = run.steps_promise, run.work_promise
    if steps is not None:
        steps = replace(steps, kept=False)
    if work is not None and not loop.work:  # what the head visits in the first round it visits in all
        work = simulate(table, data, run.steps + loop.period).work_promise
    elif work is not None:
        work = replace(work, kept=False)
    return replace(run, steps_promise=steps, work_promise=work)


def configuration_document(table: Table, configuration: Configuration) -> dict[str, Any]:
    """A configuration for programs."""
    data, work = configuration.data, configuration.work
    return {
        "state": table.target_name(configuration.state),
        "head": list(configuration.head) if table.is_grid else configuration.head[1],
        "data": text_of_grid(table.data, data) if isinstance(data, Grid) else text_of_line(table.data, data),
        "data_start": None if isinstance(data, Grid) else data.start,
        "work": text_of_line(table.work, work) if table.work else "",
        "work_start": work.start,
        "work_head": configuration.work_head,
    }


def named_tapes(table: Table, *tapes: tuple[str, ...]) -> list[str]:
    """The lines of the tapes with the tape's name before the first of each."""
    width = max(len(tape.name) for tape in table.tapes)
    named = [
        (tape.name if i == 0 else "", line) for tape, lines in zip(table.tapes, tapes, strict=False) for i, line in enumerate(lines)
    ]
    return [f"{name:{width}}  {line}".rstrip() for name, line in named]


def _steps(number: int) -> str:
    return f"{number} step{'' if number == 1 else 's'}"


def _promised(promise: Promise | None) -> dict[str, Any] | None:
    if promise is None:
        return None
    return {"bound": str(promise.bound), "limit": promise.limit, "used": promise.used, "kept": promise.kept}
