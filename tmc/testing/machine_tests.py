"""Running the tests that stand beside a machine: the table gives the result, and every later stage must agree with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from tmc.ir.table import Configuration, GridTest, LineTest, Table, start
from tmc.ir.tape import BLANK, Grid, Line
from tmc.optimise.passes import optimise
from tmc.pipeline import Stages, lower_table
from tmc.run.loops import LOOK, Loop, simulate_to_the_end
from tmc.run.result import for_ever
from tmc.run.simulator import Promise, Run, simulate, sizes
from tmc.run.tapes import line_of_symbols, text_of_line
from tmc.run.trace import Texts, in_columns, telling_steps
from tmc.testing.limits import Budget, LimitMet, Limits
from tmc.testing.lockstep import Agreement, Caches, Mismatch, lockstep
from tmc.testing.outcomes import Failure, Outcome, counted

if TYPE_CHECKING:
    from tmc.net.sparse.patchwise import Patchwise

FOLLOWED = 10_000  # how many steps of a test are done in lockstep; the table goes on alone
LONG = 80  # characters of a tape that a failure shows
LIMITS = Limits()  # by default
NEAR = 8  # how many cells on either side of the heads a failure shows


@dataclass(frozen=True, slots=True)
class Subject:
    """A machine about to be tested: its `table` as it is written, and all that was made of it. Without a `network` its tests run on
    the table only. What is in the `caches` stays there."""

    table: Table
    texts: Texts
    stages: Stages
    network: Patchwise | None
    caches: Caches


def prepare(table: Table, texts: Texts, table_only: bool = False) -> Subject:
    """A machine as its tests need it; `texts` are those that its rules come from."""
    stages = lower_table(optimise(table)[0])
    if table_only:
        return Subject(table, texts, stages, None, Caches())
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.sparse.patchwise import Patchwise

    return Subject(table, texts, stages, Patchwise(from_stages(stages)), Caches())


def run_test(
    subject: Subject,
    test: GridTest | LineTest,
    watch: Callable[[int], None] | None = None,
    limits: Limits = LIMITS,
    where: str = "",
) -> Outcome:
    """Run a test on the table as it is written and, `FOLLOWED` steps far, in lockstep through all stages of the optimised one.

    `watch` is told of the steps of a long run. A test that meets one of the `limits` fails. `where` is the file in which it stands
    if that is not the machine's.
    """
    table, budget = subject.table, Budget(limits)
    place = f"{where or subject.texts[''].name}:{test.line}"
    data = tape_of(table, test)
    if not budget.takes(data):
        run = Run("timeout", 0, start(table, data), 0)
        return Outcome(test.name, place, run, None, (Failure(budget.met, "a longer one to begin with"),))
    promised = _promised(table, data)
    run, loop = simulate_to_the_end(table, data, budget.steps(promised), watch, budget.pause)
    if loop is None and run.verdict == "timeout" and not budget.met:
        budget.used_up(run.steps, promised)
    if budget.met:
        return Outcome(test.name, place, run, None, (Failure(budget.met, f"no end after {counted(run.steps, 'step')}"),))
    if loop is not None:
        run = for_ever(table, data, run, loop)
    faults = [*_wrong_results(table, test, run, loop), *_broken_promises(table, test, data, run, loop)]
    followed = None
    if loop is not None or run.verdict != "timeout":  # that is a failure already, and may have taken very long
        try:
            followed = _follow(subject, data, FOLLOWED if loop is None else min(FOLLOWED, run.steps + loop.period), budget)
        except LimitMet:
            faults.append(Failure(budget.met, "no end of the network's run, which was compared up to there"))
        except Mismatch as mismatch:
            faults.append(Failure("the network to do at every layer what the table does", f"a difference: {mismatch}"))
    trace = in_columns(table, subject.texts, telling_steps(table, data, run.steps), NEAR) if faults else ()
    return Outcome(test.name, place, run, followed, tuple(faults), trace, loop)


def _follow(subject: Subject, data: Grid | Line, steps: int, budget: Budget) -> Agreement | None:
    """The part of a run that is done in lockstep, at most so many steps; None when there is no network."""
    if subject.network is None:
        return None
    followed = lockstep(subject.stages, data, steps, subject.network, subject.caches, check=budget.check)
    expected = simulate(subject.table, data, steps)
    if _visible(expected) != _visible(followed.run):  # states may have become one, but nothing else may change
        raise Mismatch(f"the table does {_visible(expected)}, the optimised table {_visible(followed.run)}")
    return followed


def _visible(run: Run) -> tuple[object, ...]:
    """What can be seen of a run without the names of states."""
    end = run.configuration
    return run.verdict, run.steps, end.data, end.head, end.work, end.work_head


def _promised(table: Table, data: Grid | Line) -> int | None:
    """How many steps a machine's promise lets a test take: more than it promises, to tell how many it needs."""
    return None if table.bounds.steps is None else max(table.bounds.steps.evaluate(sizes(data)), LOOK[-1])


def tape_of(table: Table, test: GridTest | LineTest) -> Grid | Line:
    """The data tape with which a test begins."""
    if isinstance(test, LineTest):
        return line_of_symbols(table.data, test.data)
    number = {bit: table.data.number(str(bit)) for bit in (0, 1) if str(bit) in table.data.symbols}
    examples = tuple((*(number[bit] for bit in features), number[label]) for features, label in test.examples)
    return Grid((*examples, (*(number[bit] for bit in test.query), BLANK)))


def _wrong_results(table: Table, test: GridTest | LineTest, run: Run, loop: Loop | None) -> Iterator[Failure]:
    if isinstance(test, GridTest):
        labels = {"accept": "the label 1 (accept)", "reject": "the label 0 (reject)"}
        expected = "accept" if test.answer else "reject"
        if run.verdict != expected:
            yield Failure(labels[expected], labels.get(run.verdict) or _no_answer(table, run, loop))
        return
    if test.verdict == "loop" and run.verdict == "timeout":
        if loop is None:
            yield Failure(test.verdict, f"no end after {counted(run.steps, 'step')}, and no proof that it runs for ever")
        return
    if run.verdict != test.verdict:
        yield Failure(test.verdict, run.verdict if run.verdict in ("accept", "reject") else _no_answer(table, run, loop))
    for name, text in () if run.verdict == "timeout" else test.tapes:
        wanted, found = text.strip("_") or "_", _final(table, run.configuration, name) or "_"
        if found != wanted:
            yield _different_tapes(name, wanted, found)


def _final(table: Table, configuration: Configuration, name: str) -> str:
    if name == table.data.name and isinstance(configuration.data, Line):
        return text_of_line(table.data, configuration.data)
    return text_of_line(table.tapes[1], configuration.work)


def _different_tapes(name: str, wanted: str, found: str) -> Failure:
    """What a tape should hold and what it does, from some way before the first difference if that is far from its beginning."""
    marks = "".join(" " if one == other else "^" for one, other in zip_longest(wanted, found))
    first = max(0, marks.index("^") - LONG // 2) if len(marks) > LONG else 0
    cut = "…" if first else ""
    tapes = (f"{cut}{text[first : first + LONG]}{'…' if len(text) > first + LONG else ''}" for text in (wanted, found))
    expected, got = (f"{name}  {text}" for text in tapes)
    return Failure(expected, got, " " * len(f"{name}  {cut}") + marks[first : first + LONG].rstrip())


def _no_answer(table: Table, run: Run, loop: Loop | None) -> str:
    """Why a run has neither accepted nor rejected."""
    if run.verdict == "stuck":
        return f"stuck: no rule of the state {table.target_name(run.configuration.state)} applies"
    if loop is not None:
        return f"loop: it runs for ever, {loop.words([tape.name for tape in table.tapes])}"
    advice = "" if table.bounds.steps is not None else "; give the machine `bounds`, and it is stopped sooner"
    return f"no end after {counted(run.steps, 'step')}{advice}"


def _broken_promises(table: Table, test: GridTest | LineTest, data: Grid | Line, run: Run, loop: Loop | None) -> Iterator[Failure]:
    if loop is not None and not (isinstance(test, LineTest) and test.verdict == "loop"):
        return  # the fault is that, not the promise
    cells = f" of the tape {table.work.name}" if table.work else ""
    endless = "" if loop is None else "ever more: it runs for ever"
    yield from _broken(run.steps_promise, data, "step", "", "more than " if run.verdict == "timeout" else "", endless)
    yield from _broken(run.work_promise, data, "cell", cells, "", endless if loop is not None and loop.work else "")


def _broken(promise: Promise | None, data: Grid | Line, unit: str, where: str, more: str, endless: str) -> Iterator[Failure]:
    if promise is not None and not promise.kept:
        values = " and ".join(f"{variable} = {value}" for variable, value in sizes(data).items())
        allowed = f"at most {counted(promise.limit, unit)}{where}: the bound {promise.bound}, where {values}"
        yield Failure(allowed, endless or f"{more}{counted(promise.used, unit)}")
