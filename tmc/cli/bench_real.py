"""``tmc bench digits`` and ``tmc bench cancer``: a machine on real data, by every engine, beside scikit-learn's classifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.arguments import Count, OutputType
from tmc.cli.bars import bar
from tmc.cli.extras import check_learn, check_plot
from tmc.cli.printing import print_json
from tmc.cli.renamed import Renamed
from tmc.diagnostics import Rejected
from tmc.files import read_text, shipped, write_atomically

if TYPE_CHECKING:
    from tmc.bench.beside import BenchReport
    from tmc.bench.real import DataSplit
    from tmc.view.plots import Panel

EPILOG = """\b
Examples:
  tmc bench {0} --examples 12 --queries 20
  tmc bench {0} --examples 15 --examples 30 --plot {0}.png --json > {0}.json"""
MACHINES = ("stump", "decision_list", "perceptron")  # that are tried on the tumours
STYLES = ("first", "second", "third", "fourth", "fifth", "sixth")

Load = Callable[[int, int | None, int, int], "DataSplit"]


def _options(examples: int) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """What both commands have."""
    asked, said = f"Examples; may be repeated.  [default: {examples}]", "Queries.  [default: all that are no examples]"
    options = (
        click.option("--examples", "sizes", type=Count(2), multiple=True, default=(examples,), help=asked),
        click.option("--queries", type=Count(1), help=said),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same split."),
        click.option(
            "--dense-queries",
            "dense",
            cls=Renamed,
            was="--dense",
            type=Count(0),
            default=3,
            show_default=True,
            help="Queries for the dense convolution.",
        ),
        click.option("--plot", metavar="FILE", type=OutputType(".png"), help="Also draw the figure (.png)."),
        click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line for every number of examples."),
    )
    return lambda command: reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.command("digits", epilog=EPILOG.format("digits"))
@_options(60)
def digits(**given: Any) -> int:
    """Handwritten threes and eights, told apart by nearest.tm.

    The network that nearest.tm is compiled into learns images of scikit-learn's digits, 8 x 8 pixels that are 1 where there is more
    than 7 of 16 ink, and is asked about others. Beside it: the machine's table, one nearest neighbour in NumPy and by scikit-learn,
    and scikit-learn's other classifiers on the same pixels.

    The exit status is 1 when the network, the table and NumPy ever answer differently.
    """
    return _bench("digits", ("nearest",), **given)


@click.command("cancer", epilog=EPILOG.format("cancer"))
@_options(40)
def cancer(**given: Any) -> int:
    """Tumours, malignant or benign, told apart by the machine that does best on the examples.

    The thirty measurements of scikit-learn's breast cancer are 1 above their median over the examples. Of stump.tm,
    decision_list.tm and perceptron.tm the one is taken that does best in cross validation over the examples; its network learns
    them and is asked about others. Beside it: the machine's table, and scikit-learn's classifiers on the same data.

    The exit status is 1 when the network and the table ever answer differently.
    """
    return _bench("cancer", MACHINES, **given)


def _bench(
    data: str,
    machines: Sequence[str],
    sizes: tuple[int, ...],
    queries: int | None,
    seed: int,
    dense: int,
    plot: str | None,
    as_json: bool,
) -> int:
    check_learn()
    if plot is not None:
        check_plot(plot)
    splits = _splits(data, sizes, queries, seed)
    reports = []
    for report in _reports(data, machines, splits, seed, dense):
        reports.append(report)
        if as_json:
            print_json(asdict(report))
        else:
            click.echo("\n".join(_lines(report)))
    if plot is not None:
        from tmc.view.plots import draw

        said = f"{reports[0].queries} queries, {reports[0].d} features, seed {seed}"
        write_atomically(Path(plot), draw(f"tmc bench {data}", _panels(reports), said))
        click.echo(f"wrote {plot}", err=True)
    return 0 if all(report.agreed for report in reports) else 1


def _splits(data: str, sizes: tuple[int, ...], queries: int | None, seed: int) -> list[DataSplit]:
    """All problems, before any work: `Rejected` when there are not enough data."""
    from tmc.bench import real

    load: Load = {"digits": real.digits, "cancer": real.cancer}[data]
    try:
        return [load(m, queries, seed, max(sizes)) for m in sorted(set(sizes))]
    except ValueError as error:
        raise Rejected(f"{data}: {error}") from None


def _reports(data: str, machines: Sequence[str], splits: Sequence[DataSplit], seed: int, dense: int) -> Iterator[BenchReport]:
    from tmc.bench.beside import compare
    from tmc.pipeline import compile_machine

    stages = [compile_machine(read_text(str(shipped("machines") / f"{name}.tm"))) for name in machines]
    form = "{desc} [{elapsed}]"
    with bar(bar_format=form) as shown:
        for split in splits:
            m = len(split.x)
            yield compare(data, stages, split, seed, dense, lambda what, m=m: shown.set_description_str(f"{m} examples, {what}"))  # type: ignore[misc]


def _lines(report: BenchReport) -> Iterator[str]:
    """A report, for people."""
    yield f"{report.data}: {report.m} examples, {report.queries} queries, {report.d} features, seed {report.seed}"
    if report.validated:
        scores = ", ".join(f"{name} {score:.3f}" for name, score in report.validated)
        yield f"in cross validation over the examples: {scores}"
    yield f"{report.machine} answers after {report.steps:.0f} steps, its network after {report.layers:.0f} layers (means)"
    width = max(len(one.learner) for one in report.learners)
    yield f"  {'':{width}}  accuracy  as the table  learning, s  answering, ms a query"
    for one in report.learners:
        answering = f"{one.answering * 1000:22.3f}" if one.answering else f"{'':22}"
        agrees = f"{one.agrees} of {report.queries}"
        yield f"  {one.learner:{width}}  {one.accuracy:8.3f}  {agrees:>12}  {one.learning:11.3f}  {answering}".rstrip()
    if report.dense is not None:
        some, same = report.dense, "the same numbers as" if report.dense.same else "OTHER NUMBERS than"
        yield f"the dense convolution takes {some.layer * 1000:.2f} ms a layer, {some.query:.0f} s for the layers of a query"
        yield f"  (measured: the first {some.layers} layers of {some.queries} queries; {same} the sparse engine has there)"
    if report.ties is not None:
        said = "answers all others as the table does" if report.untied_same else "ANSWERS OTHERS DIFFERENTLY"
        yield f"{report.ties} queries have several nearest examples; scikit-learn {said}"
    yield "all that should agree agree on every query" if report.agreed else "WHAT SHOULD AGREE DOES NOT"
    yield ""


def _panels(reports: Sequence[BenchReport]) -> list[Panel]:
    from tmc.bench.beside import MACHINE_CODE, NEIGHBOURS, NETWORK, OTHERS, TABLE
    from tmc.view.plots import Curve, Panel

    ms = tuple(float(report.m) for report in reports)

    def curves(names: Sequence[str], of: Callable[[Any], float]) -> tuple[Curve, ...]:
        known = [name for name in names if name in {one.learner for one in reports[0].learners}]
        found = ([of(_measured(report, name)) for report in reports] for name in known)
        return tuple(
            Curve(name, tuple(zip(ms, ys, strict=True)), style) for name, ys, style in zip(known, found, STYLES, strict=False)
        )

    accuracy = curves((NETWORK, TABLE, *OTHERS), lambda one: one.accuracy)
    times = curves((NETWORK, MACHINE_CODE, TABLE, NEIGHBOURS), lambda one: one.answering * 1000)
    if all(report.dense is not None for report in reports):
        dense = tuple((report.m, report.dense.query * 1000) for report in reports if report.dense is not None)
        times = (*times, Curve("network, dense (extrapolated)", dense, STYLES[5]))
    machines = ", ".join(dict.fromkeys(report.machine for report in reports))
    return [
        Panel(f"accuracy: {machines}, and others", "examples", "accuracy on new queries", accuracy, log="x", marks=ms),
        Panel("time of a query", "examples", "milliseconds", times, log="xy", marks=ms),
    ]


def _measured(report: BenchReport, learner: str) -> Any:
    return next(one for one in report.learners if one.learner == learner)
