"""``tmc search``: find a learning algorithm among small machines."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.arguments import MACHINE
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tmc.ir.polynomial import Polynomial
    from tmc.ir.table import Table
    from tmc.learn.datasets import DataSet
    from tmc.learn.found import Tally
    from tmc.learn.search import Best, Prior

EPILOG = """\b
Examples:
  tmc search --tasks constants --states 1
  tmc search --tasks positives --states 2 --d 4 --m 2 --log positives.jsonl -o positives.tm
  tmc search --tasks parities --sketch machines/sketches/gauss.tm --d 4 --m 6 -o gauss.tm
  tmc search --input one.npz --input two.npz --states 2 --scheduler tcp://127.0.0.1:8786"""

EDGES = ("top", "bottom", "left", "right")
FRESH_SEED = 1 << 32  # is added to the seed for problems that the search has not seen
LEADERS = 5  # lines of the leaderboard
SLOWLY = 60  # seconds between two lines of progress where there is no terminal


def _edges(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    edges = tuple(edge for edge in re.split(r"[,\s]+", value.strip()) if edge and edge != "none")
    for edge in edges:
        if edge not in EDGES:
            raise click.BadParameter(f"there is no edge `{edge}`; edges are {', '.join(EDGES)}.", ctx, param)
    return edges


def _name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[^\W\d]\w*", value):
        raise click.BadParameter(f"`{value}` is not a name: that has letters, digits and `_` only.", ctx, param)
    return value


@click.command("search", epilog=EPILOG)
@click.option("--tasks", metavar="NAME", help="Draw problems of this kind; `--tasks list` says which there are.")
@click.option("--d", type=click.IntRange(1, 11), default=3, show_default=True, help="Features of a problem.")
@click.option("--m", type=click.IntRange(1, 4096), default=3, show_default=True, help="Examples of a problem.")
@click.option("--problems", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Problems to choose by.")
@click.option("--queries", type=click.IntRange(1, 100_000), default=5, show_default=True, help="Queries of each problem.")
@click.option("--input", "inputs", metavar="FILE", multiple=True, help="A data set (.npz) as a problem; may be repeated.")
@click.option("--states", type=click.IntRange(1, 1000), default=2, show_default=True, help="States of every machine.")
@click.option("--edges", callback=_edges, default="bottom,right", show_default=True, help="Edges that it can feel, or none.")
@click.option(
    "--work", type=click.IntRange(0, 8), default=0, help="Symbols of a work tape beside the blank.  [default: no such tape]"
)
@click.option("--sketch", metavar="FILE", type=MACHINE, help="Fill the holes of this machine (.tm) instead.")
@click.option("--candidates", type=click.IntRange(1), default=10_000_000, show_default=True, help="Machines to try at most.")
@click.option("--prior", type=click.Choice(["tables", "all"]), help="Draw them, or try one after the other.  [default: what fits]")
@click.option("--steps", type=click.IntRange(1, 10_000), metavar="K", help="A run has K (m + 1)(d + 1) steps.  [default: 4]")
@click.option("--enough", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Stop at this share of mistakes.")
@click.option(
    "--seed", type=click.IntRange(0, (1 << 31) - 1), default=0, show_default=True, help="The same seed, the same machine."
)
@click.option("--workers", type=click.IntRange(1, 4096), help="Threads.  [default: one for each core]")
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of a Dask cluster do it.")
@click.option("--log", metavar="FILE", help="Keep how far it is (.jsonl), and go on from there.")
@click.option("--restart", is_flag=True, help="Forget what the log says.")
@click.option("--fresh", type=click.IntRange(0), default=1000, show_default=True, help="New problems to try the winner on.")
@click.option("--confirm", type=click.IntRange(0), default=10, show_default=True, help="Of these, how many its network gets too.")
@click.option("--name", callback=_name, default="found", show_default=True, help="What the winner is called.")
@click.option("-o", "--output", metavar="FILE", help="Write it as a machine (.tm).  [default: print it]")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as one JSON object.")
def command(**options: Any) -> int:
    """Find a learning algorithm: try many small machines on learning problems, and keep the one that answers best.

    The problems are drawn from a kind of task, or are data sets of yours; a machine has the examples on its tape and is asked the
    queries. The winner is tried on new problems and written down as a machine one can read. Its compiled network, trained on the
    examples of some of these problems by gradient descent, must answer as it does.

    The exit status is 1 when the network does not.
    """
    given = _Given(**{name: value for name, value in options.items() if name in _Given.__slots__})
    if options["tasks"] == "list":
        click.echo("\n".join(_tasks()))
        return 0
    return _search(given, **{name: value for name, value in options.items() if name not in _Given.__slots__})


def _tasks() -> Iterable[str]:
    from tmc.learn.tasks import TASKS

    width = max(map(len, TASKS))
    return (f"{task.name:{width}}  {task.about}" for task in TASKS.values())


@dataclass(frozen=True, slots=True)
class _Given:
    """What the problems and the machines are."""

    tasks: str | None
    d: int
    m: int
    problems: int
    queries: int
    inputs: tuple[str, ...]
    states: int
    edges: tuple[str, ...]
    work: int
    sketch: str | None
    candidates: int
    prior: str | None
    steps: int | None
    seed: int

    def data(self, count: int, seed: int) -> list[DataSet]:
        """The problems; `Rejected` when they cannot be had."""
        if (self.tasks is None) == (not self.inputs):
            raise click.UsageError("name a kind of task with --tasks, or data sets with --input; `--tasks list` says what there is")
        return self._drawn(count, seed) if self.tasks is not None else [_labelled(path) for path in self.inputs]

    def _drawn(self, count: int, seed: int) -> list[DataSet]:
        from tmc.learn.tasks import TASKS, problems

        if self.tasks is None or self.tasks not in TASKS:
            raise click.UsageError(f"there is no kind of task `{self.tasks}`; there are {', '.join(TASKS)}")
        try:
            return problems(TASKS[self.tasks], count, self.d, self.m, self.queries, seed)
        except ValueError as error:
            raise Rejected(str(error)) from None

    def machines(self) -> tuple[Prior, Polynomial, tuple[int, int]]:
        """The prior, how many steps a run has, and the numbers of the symbols for -1 and +1."""
        from tmc.learn.found import steps

        if self.sketch is not None:
            return _sketched(self.sketch, self.candidates, self.seed, self.steps)
        from tmc.ir.tape import EDGES as ALL
        from tmc.learn.enumeration import AllTables
        from tmc.learn.search import Tables
        from tmc.run.shapes import Shape

        edges = tuple(edge for edge in ALL if edge.name.lower() in self.edges)
        try:
            shape = Shape("grid", self.states, 3, 1 + self.work, edges)
        except ValueError:
            raise Rejected(f"machines of {self.states} states are too large for a search with these edges and symbols") from None
        every = AllTables(shape)
        one_by_one = every.size <= self.candidates if self.prior is None else self.prior == "all"
        if one_by_one and every.size > 1 << 62:
            raise Rejected(f"there are 2^{every.size.bit_length() - 1} such tables, too many to try one by one; use --prior tables")
        return every if one_by_one else Tables(shape, self.seed), steps(self.steps or 4), (1, 2)


def _labelled(path: str) -> DataSet:
    from tmc.learn import datasets

    data = datasets.load(path)
    if data.y_test is None:
        raise Rejected(f"{path} has no y_test: without the right answers nothing can be chosen")
    return data


def _sketched(path: str, candidates: int, seed: int, factor: int | None) -> tuple[Prior, Polynomial, tuple[int, int]]:
    from tmc.files import read_text
    from tmc.learn.found import steps
    from tmc.learn.sketch import Sketch

    sketch = Sketch(read_text(path))
    if sketch.shape.kind != "grid":
        raise Rejected(f"{path}: the machine {sketch.table.name} reads a {sketch.shape.kind}, not a grid of examples")
    prior: Prior = sketch if sketch.size <= candidates else sketch.drawn(seed)
    limit = sketch.table.bounds.steps if factor is None else None
    data = sketch.table.tapes[0]
    try:
        numbers = data.number("0"), data.number("1")
    except ValueError:
        raise Rejected(f"{path}: the tape {data.name} lacks the symbols 0 and 1, in which data are written") from None
    return prior, steps(factor or 4) if limit is None else limit, numbers


def _search(
    given: _Given, enough: float, workers: int | None, scheduler: str | None, log: str | None, restart: bool,
    fresh: int, confirm: int, name: str, output: str | None, as_json: bool, **_: object,
) -> int:  # fmt: skip
    from tmc.files import check_writable, write_atomically
    from tmc.learn.search import problem, search
    from tmc.learn.searchlog import Log, header

    if output is not None:
        check_writable(output)
    data = given.data(given.problems, given.seed)
    prior, limit, numbers = given.machines()
    try:
        laid = [problem(prior.shape, p.x_train, p.y_train, p.x_test, _right(p), limit.evaluate(_sizes(p)), numbers) for p in data]
    except ValueError as error:
        raise Rejected(f"these problems are not for a search: {error}") from None
    kept = Log(log, header(prior, laid), restart) if log is not None else None
    progress = _Progress(given.candidates if prior.size is None else min(given.candidates, prior.size), kept)
    try:
        begin = kept.latest if kept else None
        progress.begin(begin)
        best = search(
            prior, laid, given.candidates, begin=begin, workers=workers, scheduler=scheduler, enough=enough, after=progress.after
        )
    finally:
        progress.end()
        if kept:
            kept.close()
    text = _text(prior, best, data, limit, name, given)
    seen = given.data(fresh, given.seed + FRESH_SEED) if given.tasks and fresh else []
    tally, network = _tried(text, seen, confirm if given.tasks else len(data), data)
    if output is not None:
        write_atomically(output, text.encode())
    told = _document(prior, best, progress, tally, network, text)
    click.echo(json.dumps(told, indent=2) if as_json else "\n".join(_lines(told, output, text)))
    return 0 if network.right == network.queries else 1


def _sizes(data: DataSet) -> dict[str, int]:
    return dict(zip(("m", "d"), data.x_train.shape, strict=True))


def _right(data: DataSet) -> Any:
    return data.y_test


def _text(prior: Prior, best: Best, data: Sequence[DataSet], limit: Polynomial, name: str, given: _Given) -> str:
    """The winner as a text: a sketch with its holes filled, or the rules that it needs on the problems."""
    where = f"the task {given.tasks}" if given.tasks else ", ".join(given.inputs)
    remark = f"Found on {len(data)} problem{'s' if len(data) > 1 else ''} of {where}: number {best.number} of {prior.name},\n"
    remark += f"the best of {best.tried}; it answers {best.right} of {best.queries} queries rightly."
    filled = getattr(prior, "filled", None)
    if filled is not None:
        return "".join(f"# {line}\n" for line in remark.splitlines()) + "#\n" + str(filled(best.number))
    from tmc.learn.found import readable

    table: Table = best.table(prior, name)
    return readable(table, data, limit, remark)


def _tried(text: str, fresh: Sequence[DataSet], confirm: int, data: Sequence[DataSet]) -> tuple[Tally, Tally]:
    """How the winner does on new problems, and how its network does what it does."""
    from tmc.learn.found import Tally, by_network, by_table

    tally, network = Tally(), Tally()
    for tally in by_table(text, fresh):  # noqa: B007 - the last one counts
        pass
    for network in by_network(text, (fresh or data)[:confirm]):  # noqa: B007
        pass
    return tally, network


class _Progress:
    """A line on the terminal: how many, how fast, the best, and how long it will take; and the log."""

    def __init__(self, candidates: int, log: Any) -> None:
        self._candidates, self._log, self._shown = candidates, log, sys.stderr is not None and sys.stderr.isatty()
        self._begun, self._said = 0, 0.0
        self.leaders: list[Best] = []
        self.seconds = 0.0
        self.tried = 0

    def begin(self, best: Best | None) -> None:
        """Where an earlier search came to."""
        for one in self._log.rounds if self._log else ():
            self._lead(one)
        if best is not None:
            self._begun = best.tried
            click.echo(f"continuing after {best.tried:,} candidates", err=True)

    def _lead(self, best: Best) -> None:
        if best.number >= 0 and (not self.leaders or best.number != self.leaders[-1].number):
            self.leaders.append(best)

    def after(self, best: Best, seconds: float) -> None:
        """A round is over."""
        if self._log:
            self._log.add(best)
        self._lead(best)
        self.seconds, self.tried = seconds, best.tried - self._begun
        if self._shown or seconds > self._said + SLOWLY:
            self._said = seconds
            rate = self.tried / max(seconds, 1e-9)
            left = (self._candidates - best.tried) / rate
            best_of = f"best {best.right}/{best.queries}" if best.number >= 0 else "none yet"
            line = f"{best.tried:,} of {self._candidates:,}, {rate / 1e6:.2f} million/s, {best_of}, {left:.0f} s left"
            click.echo(f"\r\x1b[K{line}" if self._shown else line, nl=not self._shown, err=True)

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def _document(prior: Prior, best: Best, progress: _Progress, tally: Tally, network: Tally, text: str) -> dict[str, Any]:
    rate = progress.tried / progress.seconds if progress.seconds else None
    return {
        "prior": prior.name,
        "candidates": best.tried,
        "of": prior.size,
        "number": best.number,
        "right": best.right,
        "queries": best.queries,
        "seconds": round(progress.seconds, 3),
        "candidates_per_second": rate and round(rate),
        "leaders": [{"number": one.number, "right": one.right, "found_by": one.tried} for one in progress.leaders[::-1]],
        "fresh": {"problems": tally.problems, "solved": tally.solved, "queries": tally.queries, "right": tally.right},
        "network": {"problems": network.problems, "queries": network.queries, "as_the_table": network.right},
        "machine": text,
    }


def _lines(told: dict[str, Any], output: str | None, text: str) -> Iterable[str]:
    rate = told["candidates_per_second"]
    yield f"prior      {told['prior']}" + (f", {told['of']:,} machines" if told["of"] else "")
    yield f"tried      {told['candidates']:,}" + (f", {told['seconds']:.1f} s, {rate / 1e6:.2f} million/s" if rate else "")
    yield f"best       number {told['number']}: {told['right']} of {told['queries']} queries"
    for leader in told["leaders"][1:LEADERS]:
        yield f"           before that, number {leader['number']}: {leader['right']}"
    fresh, network = told["fresh"], told["network"]
    if fresh["problems"]:
        solved = f"all of them in {fresh['solved']} of {fresh['problems']} problems"
        yield f"fresh      {fresh['right']} of {fresh['queries']} queries; {solved}"
    if network["queries"]:
        yield f"network    {network['as_the_table']} of {network['queries']} queries answered as the machine does"
    yield f"written    {output}" if output is not None else f"\n{text}".rstrip()
