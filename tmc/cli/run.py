"""``tmc run``: let a compiled network learn a data set and answer its queries."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from tmc.diagnostics import Rejected
from tmc.files import check_writable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tmc.learn.datasets import DataSet
    from tmc.net.answer import Answers
    from tmc.net.network import Network, Shape

EPILOG = """\b
Examples:
  tmc run --input data.npz
  tmc run gauss.safetensors --input data.npz --output predictions.npz --json"""


@dataclass(frozen=True, slots=True)
class _Options:
    """How to run, as opposed to what on."""

    engine: str
    full_depth: bool
    max_layers: int | None
    work: int | None


@click.command("run", epilog=EPILOG)
@click.argument("model", required=False)
@click.option(
    "--input", "archive", required=True, metavar="FILE", help="The data set (.npz): X_train, y_train, X_test, maybe y_test."
)
@click.option("--output", metavar="FILE", help="Write the predictions here (.npz).")
@click.option("--save", "trained", metavar="FILE", help="Write the trained network here (.safetensors).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--engine", type=click.Choice(["frontier", "dense"]), default="frontier", show_default=True, help="How to evaluate.")
@click.option("--full-depth", is_flag=True, help="Run every layer, also when nothing changes any more.")
@click.option(
    "--max-layers", type=click.IntRange(1), help="Run at most so many layers.  [default: what the machine's bounds ask for]"
)
@click.option(
    "--work", type=click.IntRange(1), help="Room for so many work-tape cells.  [default: what the machine's bounds ask for]"
)
def command(
    model: str | None,
    archive: str,
    output: str | None,
    trained: str | None,
    as_json: bool,
    engine: str,
    full_depth: bool,
    max_layers: int | None,
    work: int | None,
) -> None:
    """Let a compiled network learn a data set by gradient descent and answer its queries.

    MODEL is a checkpoint that `tmc compile` wrote; when it is left out, the only one in this folder.
    """
    options = _Options(engine, full_depth, max_layers, work)
    for target in (output, trained):
        if target is not None:
            check_writable(target)
    path = _only_checkpoint() if model is None else model
    from tmc.learn import datasets
    from tmc.net.rcnn import load

    dataset = datasets.load(archive)
    network = load(path)
    _check_targets(output, trained, archive, path)
    shape = _shape(network, dataset, options, archive)
    began = perf_counter()
    answers = _learn_and_answer(network, dataset, shape, options)
    seconds = perf_counter() - began
    _write(network, dataset, answers, output, trained)
    report = _report(network, dataset, answers, shape, options, seconds)
    click.echo(json.dumps(report, sort_keys=True) if as_json else _as_text(report, len(dataset.x_train), dataset.x_train.shape[1]))
    _remark(network, answers, shape, options)


def _check_targets(output: str | None, trained: str | None, archive: str, model: str) -> None:
    """Nothing that was read may be overwritten, except a network by the same network, trained."""
    for option, target, others in (("--output", output, (archive, model)), ("--save", trained, (archive, output))):
        for other in others:
            if target is not None and other is not None and Path(target).resolve() == Path(other).resolve():
                raise Rejected(f"{option} would overwrite {other}; name another file")


def _only_checkpoint() -> str:
    """The only checkpoint in the current folder."""
    from tmc.net.checkpoint import is_checkpoint

    found = sorted(path.name for path in Path().glob("*.safetensors") if is_checkpoint(path))
    if not found:
        raise Rejected("there is no checkpoint in this folder; make one with `tmc compile FILE`, or name one")
    if len(found) > 1:
        raise Rejected(f"there is more than one checkpoint in this folder ({', '.join(found)}); name the one to run")
    return found[0]


def _shape(network: Network, dataset: DataSet, options: _Options, archive: str) -> Shape:
    m, d = dataset.x_train.shape
    shape = network.shape(m, d, work=options.work, depth=options.max_layers)
    needed = {"1" if value > 0 else "0" for _, array in dataset.arrays() for value in set(array.ravel().tolist())}
    for symbol in sorted(needed - set(network.symbols())):
        raise Rejected(f"{archive}: the data hold a {symbol}, which is not a symbol of the machine {network.name}")
    return shape


def _learn_and_answer(network: Network, dataset: DataSet, shape: Shape, options: _Options) -> Answers:
    from tqdm import tqdm

    from tmc.net.answer import answer
    from tmc.net.learn import memorise

    quiet = sys.stderr is None or not sys.stderr.isatty()
    with tqdm(total=shape.m + 1, desc="learning", unit="example", leave=False, disable=quiet) as bar:
        memorise(network, dataset.x_train, dataset.y_train, shape, full_depth=options.full_depth, watch=lambda _: bar.update())
    total = shape.depth if shape.bounded else None
    with tqdm(total=total, desc="answering", unit="layer", leave=False, disable=quiet) as bar:

        def progress(layers: int, answered: int) -> None:
            bar.set_postfix_str(f"{answered}/{len(dataset.x_test)} queries answered", refresh=False)
            bar.update(layers - bar.n)

        shown = None if quiet else progress
        return answer(network, dataset.x_test, shape, engine=options.engine, full_depth=options.full_depth, progress=shown)


def _write(network: Network, dataset: DataSet, answers: Answers, output: str | None, trained: str | None) -> None:
    from tmc.learn import datasets
    from tmc.net.learn import trained_checkpoint

    if output is not None:
        datasets.save_predictions(answers.labels, answers.undecided, output)
    if trained is not None:
        from tmc.net import checkpoint

        checkpoint.save(trained_checkpoint(network), trained)


def _report(
    network: Network, dataset: DataSet, answers: Answers, shape: Shape, options: _Options, seconds: float
) -> dict[str, Any]:
    right = None if dataset.y_test is None else float((answers.labels == dataset.y_test).mean())
    return {
        "machine": network.name,
        "predictions": answers.labels.tolist(),
        "undecided": answers.undecided.nonzero()[0].tolist(),
        "accuracy": right,
        "layers": int(answers.layers.max()),
        "depth": shape.depth if shape.bounded else None,
        "engine": options.engine,
        "seconds": round(seconds, 3),
    }


def _as_text(report: dict[str, Any], m: int, d: int) -> str:
    rows = [
        f"{report['machine']}: learnt {m} examples of {d} features, answered {len(report['predictions'])} queries",
        f"  accuracy   {'unknown (no y_test)' if report['accuracy'] is None else format(report['accuracy'], '.3f')}",
        f"  undecided  {len(report['undecided'])}",
        f"  layers     {report['layers']}" + (f" of {report['depth']}" if report["depth"] else ""),
        f"  engine     {report['engine']}, {report['seconds']:.1f} s",
    ]
    return "\n".join(rows)


def _remark(network: Network, answers: Answers, shape: Shape, options: _Options) -> None:
    """What the user should know of answers that do not count."""
    late = answers.undecided & ~answers.overflow & (answers.layers >= shape.depth)
    stuck = answers.undecided & ~answers.overflow & ~late
    if answers.overflow.any():
        limit = "" if options.work else f", which is what {network.name} promises" if network.promises("work") else ""
        more = f"used more than {shape.pads - 1} work-tape cells{limit}; allow more with --work"
        click.echo(f"warning: {_queries(answers.overflow)} {more}", err=True)
    if late.any():
        why = f"{network.name} breaks its bound on steps" if shape.bounded else "allow more with --max-layers"
        click.echo(f"warning: {_queries(late)} had no answer after {shape.depth} layers; {why}", err=True)
    if stuck.any():
        why = f"{network.name} is stuck there, or stands still for ever; see `tmc simulate --trace`"
        click.echo(f"warning: {_queries(stuck)} came to rest without an answer; {why}", err=True)


def _queries(which: NDArray[np.bool_]) -> str:
    count = int(which.sum())
    return f"{count} quer{'y' if count == 1 else 'ies'} (the first is number {int(which.argmax())})"
