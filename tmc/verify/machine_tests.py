"""Running the tests that stand beside a machine: the table gives the result, and every later stage must agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmc.ir.table import Configuration, GridTest, LineTest, Table, Transition, applicable, apply
from tmc.ir.tape import BLANK, Grid, Line
from tmc.pipeline import Build
from tmc.run.simulator import Run, simulate
from tmc.run.tapes import line_of_text, marked_grid, marked_line, text_of_line
from tmc.verify.lockstep import Agreement, Known, Mismatch, lockstep

if TYPE_CHECKING:
    from tmc.net.network import Network

FOLLOWED = 10_000  # how many steps of a test are done in lockstep; the table goes on alone
TAIL = 5  # how many of the last steps a failure shows
SHOWN = 36  # how many characters of a tape it shows on either side of the head


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test went. `faults` is empty when it passed; `tail` shows the last steps of one that failed.

    `followed` is the part of the run that was done in lockstep; None when it ran on the table only, or the stages disagreed.
    """

    name: str
    line: int
    steps: int
    followed: Agreement | None
    faults: tuple[str, ...]
    tail: tuple[str, ...] = ()


def run_tests(build: Build, network: bool = True) -> Iterator[Outcome]:
    """Run every test of a machine; with `network`, in lockstep through all stages and the PyTorch network, `FOLLOWED` steps far."""
    compiled, known = _network(build) if network else None, Known()
    for test in build.table.tests:
        yield _run(build, test, compiled, known)


def _run(build: Build, test: GridTest | LineTest, network: Network | None, known: Known) -> Outcome:
    table = build.table
    data = tape_of(table, test)
    run = simulate(table, data)
    faults = [*_wrong_results(table, test, run), *_broken_promises(run)]
    followed = None
    if network is not None and run.verdict != "timeout":  # that is a failure already, and may have taken very long
        try:
            followed = lockstep(build, data, FOLLOWED, network, known)
        except Mismatch as mismatch:
            faults.append(f"the network does not do what the table does: {mismatch}")
    return Outcome(test.name, test.line, run.steps, followed, tuple(faults), _tail(table, data, run) if faults else ())


def _network(build: Build) -> Network:
    from tmc.net.checkpoint import from_build
    from tmc.net.network import Network

    return Network(from_build(build))


def tape_of(table: Table, test: GridTest | LineTest) -> Grid | Line:
    """The data tape with which a test begins."""
    if isinstance(test, LineTest):
        return line_of_text(table.data, test.data)
    number = {bit: table.data.number(str(bit)) for bit in (0, 1) if str(bit) in table.data.symbols}
    examples = tuple((*(number[bit] for bit in features), number[label]) for features, label in test.examples)
    return Grid((*examples, (*(number[bit] for bit in test.query), BLANK)))


def _wrong_results(table: Table, test: GridTest | LineTest, run: Run) -> Iterator[str]:
    if isinstance(test, GridTest):
        expected = "accept" if test.answer else "reject"
        if run.verdict != expected:
            yield f"expected the label {test.answer} ({expected}), got {run.verdict}"
        return
    if run.verdict != test.verdict:
        yield f"expected {test.verdict}, got {run.verdict}"
    for name, text in test.tapes:
        found = _final(table, run.configuration, name)
        if found != text.strip("_"):
            yield f"expected {name} to be {text or '_'}, got {found or '_'}"


def _final(table: Table, configuration: Configuration, name: str) -> str:
    if name == table.data.name and isinstance(configuration.data, Line):
        return text_of_line(table.data, configuration.data)
    return text_of_line(table.tapes[1], configuration.work)


def _broken_promises(run: Run) -> Iterator[str]:
    for what, promise in (("steps", run.steps_promise), ("work-tape cells", run.work_promise)):
        if promise is not None and not promise.kept:
            took = "more" if promise.used <= promise.limit else promise.used
            yield f"the machine promises at most {promise.bound} = {promise.limit} {what}; it took {took}"


def _tail(table: Table, data: Grid | Line, run: Run) -> tuple[str, ...]:
    """The last steps, a line each (a grid shows the row of the head)."""
    first = max(0, run.steps - TAIL + 1)
    configuration = simulate(table, data, first).configuration
    last = []
    for number in range(first, run.steps + 1):
        transition = applicable(table, configuration)
        last.append(_show(table, number, configuration, transition))
        if transition is not None:
            configuration = apply(transition, configuration)
    return tuple(last)


def _show(table: Table, step: int, configuration: Configuration, transition: Transition | None) -> str:
    tape, head = configuration.data, configuration.head
    shown = marked_grid(table.data, tape, head)[head[0]] if isinstance(tape, Grid) else marked_line(table.data, tape, head[1])
    place = f"row {head[0]}: " if isinstance(tape, Grid) else ""
    work = marked_line(table.work, configuration.work, configuration.work_head) if table.work else ""
    parts = [f"step {step}", f"{table.target_name(configuration.state)}", f"{place}{_near_the_head(shown)}"]
    parts += [f"{table.work.name} {_near_the_head(work)}"] if table.work else []
    parts += [f"line {transition.line}"] if transition is not None else []
    return "  ".join(parts)


def _near_the_head(tape: str) -> str:
    """The part of a tape around its head, which stands in brackets."""
    first, last = max(0, tape.index("[") - SHOWN), tape.index("[") + SHOWN
    return ("…" if first else "") + tape[first:last].rstrip() + ("…" if last < len(tape) else "")
