"""``tmc search``: find a learning algorithm among small machines."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tmc.cli.arguments import MACHINE, Count, OutputType, Share
from tmc.cli.machine_texts import allowed_folders, allowing_use
from tmc.cli.printing import print_json
from tmc.cli.renamed import Renamed
from tmc.cli.search_given import SearchOptions
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tmc.cli.search_report import SearchProgress
    from tmc.ir.polynomial import Polynomial
    from tmc.learn.data.datasets import DataSet
    from tmc.learn.search.found import Score
    from tmc.learn.search.searching import Best, Prior, Problem
    from tmc.learn.search.searchlog import Log
    from tmc.source import Source

EPILOG = """\b
Examples:
  tmc search --task constants --states 1
  tmc search --task positives --states 2 --d 4 --m 2 --log positives.jsonl -o positives.tm
  tmc search --task parities --sketch docs/sketches/gauss.tm --d 4 --m 6 -o gauss.tm
  tmc search --input one.npz --input two.npz --states 2 --scheduler tcp://127.0.0.1:8786"""

EDGES = ("top", "bottom", "left", "right")
REMARK = 100  # columns
WITHOUT = {  # options, and those that have no effect with them
    "sketch": ("states", "edges", "work_symbols", "name"),
    "inputs": ("d", "m", "problems", "queries", "test_problems"),
    "scheduler": ("jobs",),
}


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
@click.option(
    "--task", cls=Renamed, was="--tasks", metavar="NAME", help="Draw problems of this kind; `--task list` says which there are."
)
@click.option("--d", type=click.IntRange(1, 11), default=3, show_default=True, help="Features of every example.")
@click.option("--m", type=Count(1, 4096), default=3, show_default=True, help="Number of examples of every problem.")
@click.option("--problems", type=Count(1, 100_000), default=20, show_default=True, help="Problems to choose by.")
@click.option("--queries", type=Count(1, 100_000), default=5, show_default=True, help="Queries of each problem.")
@click.option("--input", "inputs", metavar="FILE", multiple=True, help="A data set (.npz) as a problem; may be repeated.")
@click.option("--states", type=Count(1, 1000), default=2, show_default=True, help="States of every machine.")
@click.option(
    "--edges", callback=_edges, default="bottom,right", show_default=True, help="Edges that a machine can ask for, or none."
)
@click.option(
    "--work-symbols",
    cls=Renamed,
    was="--work",
    type=Count(0, 8),
    default=0,
    help="Symbols of a work tape beside the blank.  [default: no such tape]",
)
@click.option("--sketch", metavar="FILE", type=MACHINE, help="Fill the holes of this machine (.tm) instead.")
@allowing_use
@click.option("--candidates", type=Count(1), default=10_000_000, show_default=True, help="Machines to try at most.")
@click.option("--prior", type=click.Choice(["tables", "all"]), help="Draw them, or try one after the other.  [default: what fits]")
@click.option(
    "--step-factor",
    cls=Renamed,
    was="--steps",
    type=click.IntRange(1, 10_000),
    metavar="K",
    help="A run has K (m + 1)(d + 1) steps.  [default: 4, or what the sketch says]",
)
@click.option(
    "--stop-at-error",
    cls=Renamed,
    was="--enough",
    type=Share(0, 1),
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Stop at a machine with this share of mistakes, or less.",
)
@click.option(
    "--max-error",
    cls=Renamed,
    was="--bearable",
    type=Share(0, 1),
    metavar="SHARE",
    default=1.0,
    show_default=True,
    help="Give up machines that make a larger share of mistakes.",
)
@click.option(
    "--seed", type=click.IntRange(0, (1 << 31) - 1), default=0, show_default=True, help="The same seed gives the same machine."
)
@click.option(
    "-j", "--jobs", cls=Renamed, was="--workers", type=click.IntRange(1, 4096), metavar="N",
    help="Use so many threads.  [default: one per core]",
)  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="Use the workers of a Dask cluster instead.")
@click.option("--log", metavar="FILE", type=OutputType(".jsonl"), help="Log the progress (.jsonl), and go on from what it says.")
@click.option("--restart", is_flag=True, help="Delete the log, and begin anew.")
@click.option(
    "--test-problems",
    cls=Renamed,
    was="--fresh",
    type=Count(0),
    default=1000,
    show_default=True,
    help="New problems to test the winner on.",
)
@click.option("--confirm", type=Count(0), default=10, show_default=True, help="How many of these its network answers, too.")
@click.option("--name", callback=_name, default="found", show_default=True, help="What the winner is called.")
@click.option("-o", "--output", metavar="FILE", type=OutputType(".tm"), help="The machine to write (.tm).  [default: print it]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def command(**options: Any) -> int:
    """Find a learning algorithm: try many small machines on learning problems, and keep the one that answers best.

    The problems are drawn from a kind of task, or are data sets of yours; a machine has the examples on its tape and is asked the
    queries. The winner is tried on new problems and written down as a machine one can read. Its compiled network, trained on the
    examples of some of these problems by gradient descent, must answer as it does.

    The exit status is 1 when the network does not, and when no machine makes as few mistakes as --max-error says.
    """
    if options["task"] == "list":
        click.echo("\n".join(_tasks()))
        return 0
    _check_usage(options)
    given = SearchOptions(**{name: value for name, value in options.items() if name in SearchOptions.__slots__})
    return _search(given, **{name: value for name, value in options.items() if name not in SearchOptions.__slots__})


def _check_usage(options: dict[str, Any]) -> None:
    """Raise UsageError for options that exclude each other."""
    context = click.get_current_context()
    flags = {param.name: param.opts[-1] for param in context.command.params}
    for one, others in WITHOUT.items():
        for other in others if options[one] else ():
            if context.get_parameter_source(other) is not ParameterSource.DEFAULT:
                raise click.UsageError(f"{flags[other]} has no effect with {flags[one]}; leave it out")
    if options["restart"] and options["log"] is None:
        raise click.UsageError("--restart goes with --log")
    if options["log"] is not None and options["output"] is not None and _one_file(options["log"], options["output"]):
        raise click.UsageError("the log and the machine need two files")


def _one_file(one: str, other: str) -> bool:
    """Whether both names mean the same file, now or when it will be there."""
    try:
        return Path(one).resolve() == Path(other).resolve() or Path(one).samefile(other)
    except (OSError, ValueError):  # one of them is not there, or cannot be
        return False


def _tasks() -> Iterable[str]:
    from tmc.learn.data.tasks import TASKS

    width = max(map(len, TASKS))
    return (f"{task.name:{width}}  {task.about}" for task in TASKS.values())


def _search(
    given: SearchOptions, stop_at_error: float, max_error: float, jobs: int | None, scheduler: str | None, log: str | None,
    restart: bool, test_problems: int, confirm: int, name: str, output: str | None, as_json: bool,
) -> int:  # fmt: skip
    from tmc.cli.search_report import SearchProgress, document, lines
    from tmc.files import check_writable, write_atomically
    from tmc.learn.data.streams import FRESH, PROBLEMS
    from tmc.learn.search.searching import search
    from tmc.learn.search.searchlog import Log, header
    from tmc.source import Source

    if output is not None:
        check_writable(output)
    data = given.data(given.problems, PROBLEMS)
    new = given.data(test_problems, FRESH) if given.task else []
    prior, limit, numbers = given.machines()
    laid = _laid(prior, data, limit, numbers)
    kept = (
        Log(log, header(prior, laid, max_error), restart, queries=sum(len(each.labels) for each in laid))
        if log is not None
        else None
    )
    progress = SearchProgress(given.candidates if prior.size is None else min(given.candidates, prior.size), kept)
    with _watched(progress, kept):
        best = search(
            prior,
            laid,
            given.candidates,
            begin=kept.latest if kept else None,
            workers=jobs,
            scheduler=scheduler,
            stop_at_error=stop_at_error,
            max_error=max_error,
            after=progress.after,
        )
    if best.number < 0:
        raise Rejected(
            f"each of {best.tried:,} machines makes more than a share {max_error:g} of mistakes; "
            "allow more (--max-error), or try more (--candidates)"
        )
    text = _text(prior, best, data, limit, name, given)
    if output is not None:
        write_atomically(output, text.encode())
    source = Source(given.sketch or "found.tm", text, allowed=allowed_folders())  # beside the sketch are the files that it uses
    tally, network = _tried(source, limit, new, (new or data)[: confirm if given.task else len(data)])
    told = document(prior, best, progress, tally, network, text)
    if as_json:
        print_json(told, indent=2)
    else:
        click.echo("\n".join(lines(told, output)))
    return 0 if network.right == network.queries else 1


def _laid(prior: Prior, data: Sequence[DataSet], limit: Polynomial, numbers: tuple[int, int]) -> list[Problem]:
    """The problems, ready to be run; `Rejected` when these machines cannot read them."""
    from tmc.learn.search.searching import problem

    def one(x: Any, y: Any, queries: Any, labels: Any) -> Problem:
        return problem(prior.shape, x, y, queries, labels, limit.evaluate({"m": len(x), "d": x.shape[1]}), numbers)

    try:
        return [one(each.x_train, each.y_train, each.x_test, each.y_test) for each in data]
    except ValueError as error:
        raise Rejected(f"these problems are not for a search: {error}") from None


@contextmanager
def _watched(progress: SearchProgress, log: Log | None) -> Iterator[None]:
    """Whatever happens meanwhile, the line on the terminal is cleared and the log closed."""
    progress.begin(log.latest if log else None)
    try:
        yield
    except KeyboardInterrupt as error:
        progress.interrupted(error)
        raise
    finally:
        progress.end()
        if log is not None:
            log.close()


def _text(prior: Prior, best: Best, data: Sequence[DataSet], limit: Polynomial, name: str, given: SearchOptions) -> str:
    """The winner as a text: a sketch with its holes filled, or the rules that it needs on the problems."""
    where = f"the task {given.task}" if given.task else ", ".join(given.inputs)
    what = f"number {best.number} of {prior.name}, the best of {best.tried}"
    count = f"{len(data)} problem{'s' if len(data) > 1 else ''}"
    said = f"Found on {count} of {where}: {what}; it answers {best.right} of {best.queries} queries rightly."
    said = said.encode(errors="backslashreplace").decode()  # names of files need not be UTF-8
    remark = wrap(said, REMARK - 2, break_long_words=False, break_on_hyphens=False)
    filled = getattr(prior, "filled", None)
    if filled is not None:
        return "".join(f"# {line}\n" for line in remark) + "#\n" + str(filled(best.number))
    from tmc.learn.search.found import readable

    return readable(best.table(prior, name), data, limit, "\n".join(remark))


def _tried(source: Source, limit: Polynomial, fresh: Sequence[DataSet], confirm: Sequence[DataSet]) -> tuple[Score, Score]:
    """How the winner does on new problems, and how its network does what it does."""
    from tmc.learn.search.found import Score, by_network, by_table

    tally, network = Score(), Score()
    for tally in by_table(source, fresh, limit):  # noqa: B007 - the last one counts
        pass
    for network in by_network(source, confirm, limit) if confirm else ():  # noqa: B007
        pass
    return tally, network
