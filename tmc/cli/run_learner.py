"""The part of ``tmc run`` that is for learners: the network learns examples and answers queries."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.bars import bar
from tmc.cli.printing import print_json
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tmc.cli.run_options import RunOptions
    from tmc.cli.run_progress import TrainingProgress
    from tmc.learn.data.datasets import DataSet, Queries
    from tmc.net.answers import Answers
    from tmc.net.described import Described, Shape
    from tmc.net.learn import Learnt


@dataclass(frozen=True, slots=True)
class Files:
    """What is read, the network and the data set, and what is written, predictions and the trained network, if they are wanted."""

    model: str
    archive: str
    output: str | None
    trained: str | None


def learn_and_answer(network: Described, files: Files, options: RunOptions) -> None:
    """Train the network on the examples (a trained network may have none given), answer the queries, and report."""
    from tmc.cli.run_progress import interruptible
    from tmc.learn.data import datasets

    given = datasets.load_queries(files.archive) if network.is_trained else datasets.load(files.archive)
    _check_targets(files)
    shape = _shape(network, given, files, options)
    began = perf_counter()
    with ExitStack() as stack:
        if isinstance(given, datasets.DataSet):
            progress = _progress(network, given, shape, files, options)
            stack.enter_context(interruptible(progress))
            _learn(network, given, shape, options, progress)
        answers = _answer(network, given.x_test, shape, options)
        seconds = perf_counter() - began
        _write(network, answers, files)
    report = _report(network, given, answers, shape, options, seconds)
    learnt = "learnt" if isinstance(given, datasets.DataSet) else "had learnt"
    if options.as_json:
        print_json(report, sort=True)
    else:
        click.echo(_as_text(answers, report, learnt, shape))
    _remark(network, answers, shape)


def _check_targets(files: Files) -> None:
    """Nothing that was read may be overwritten, except a network by the same network, trained."""
    targets = (("--output", files.output, (files.archive, files.model)), ("--save", files.trained, (files.archive, files.output)))
    for option, target, others in targets:
        for other in others:
            if target is not None and other is not None and Path(target).resolve() == Path(other).resolve():
                raise Rejected(f"{option} would overwrite {other}; name another file")
    from tmc.cli.run_progress import part_of

    part = None if files.trained is None else part_of(files.trained)
    for other in (files.archive, files.model, files.output):
        if part is not None and other is not None and part.resolve() == Path(other).resolve():
            raise Rejected(f"--save would overwrite {other}, where it keeps what is learnt so far; name another file")


def _shape(network: Described, given: DataSet | Queries, files: Files, options: RunOptions) -> Shape:
    from tmc.learn.data.datasets import DataSet

    d = given.x_test.shape[1]
    read = [given.x_test]
    if isinstance(given, DataSet):
        m = len(given.x_train)
        read += [given.x_train, given.y_train]
    else:
        rows, columns = network.memory_array().shape
        m = rows - 1
        if d != columns - 1:
            learnt = f"{files.model} has learnt examples of {_count(columns - 1, 'feature')}"
            raise Rejected(f"{files.archive}: X_test has {_count(d, 'feature')}, but {learnt}")
    needed = {"1" if value > 0 else "0" for array in read for value in set(array.ravel().tolist())}
    for symbol in sorted(needed - set(network.symbols())):
        raise Rejected(f"{files.archive}: the data hold a {symbol}, which is not a symbol of the machine {network.name}")
    return network.shape(m, d, work=options.work, depth=options.max_layers)


def _progress(network: Described, dataset: DataSet, shape: Shape, files: Files, options: RunOptions) -> TrainingProgress:
    """The progress of this training: what an interrupted run has kept, and what is to be kept."""
    from tmc.cli.run_progress import TrainingProgress, part_of
    from tmc.net.training import identity

    known = identity(network, dataset.x_train, dataset.y_train, shape, options.full_depth)
    progress = TrainingProgress(None if files.trained is None else part_of(files.trained), known, shape.m + 1, shape.d + 1)
    progress.find(options.restart)
    return progress


def _learn(network: Described, dataset: DataSet, shape: Shape, options: RunOptions, progress: TrainingProgress) -> None:
    from tmc.net.learn import memorise, train

    learn, begin = train if network.is_drawn else memorise, progress.begin
    initial = 0 if begin is None else begin.steps
    with bar(total=shape.m + 1, initial=initial, desc="learning", unit="example") as shown:

        def after(learnt: Learnt) -> None:
            shown.update()
            progress.after(learnt)

        engine, full_depth = options.engine, options.full_depth
        learn(network, dataset.x_train, dataset.y_train, shape, full_depth=full_depth, engine=engine, begin=begin, after=after)


def _answer(network: Described, x: NDArray[np.int8], shape: Shape, options: RunOptions) -> Answers:
    from tmc.net.answer import answer

    form = "{desc}: {percentage:3.0f}% |{bar}| {elapsed}, {postfix}"
    with bar(total=1.0, desc="answering", bar_format=form) as shown:

        def progress(share: float, answered: int) -> None:
            shown.set_postfix_str(f"{answered}/{len(x)} queries answered", refresh=False)
            shown.update(share - shown.n)

        engine, dtype = options.engine, options.dtype
        return answer(network, x, shape, engine=engine, dtype=dtype, full_depth=options.full_depth, progress=progress)


def _write(network: Described, answers: Answers, files: Files) -> None:
    from tmc.learn.data import datasets
    from tmc.net.learn import trained_checkpoint

    if files.output is not None:
        datasets.save_predictions(answers.labels, answers.undecided, files.output)
    if files.trained is not None:
        from tmc.net.checkpoint import reading as checkpoint

        checkpoint.save(trained_checkpoint(network), files.trained)


def _report(
    network: Described, given: DataSet | Queries, answers: Answers, shape: Shape, options: RunOptions, seconds: float
) -> dict[str, Any]:
    right = None if given.y_test is None else float((answers.labels == given.y_test).mean())
    return {
        "machine": network.name,
        "predictions": answers.labels.tolist(),
        "undecided": answers.undecided.nonzero()[0].tolist(),
        "accuracy": right,
        "layers": int(answers.layers.max()),
        "layers_run": answers.layers_run,
        "depth": shape.depth if shape.bounded else None,
        "engine": answers.engine.name,
        "chosen": answers.engine.why,
        "numbers": answers.engine.dtype,
        "cells_evaluated": answers.evaluated.cells,
        "patches_evaluated": answers.evaluated.patches,
        "seconds": round(seconds, 3),
    }


def _as_text(answers: Answers, report: dict[str, Any], learnt: str, shape: Shape) -> str:
    examples = f"{_count(shape.m, 'example')} of {_count(shape.d, 'feature')}"
    undecided = len(report["undecided"])
    accuracy = "unknown (no y_test)" if report["accuracy"] is None else format(report["accuracy"], ".3f")
    counted = f" ({undecided} undecided counted as +1)" if undecided and report["accuracy"] is not None else ""
    of = f" of {report['depth']}" if report["depth"] else ""
    rows = [
        f"{report['machine']}: {learnt} {examples}, answered {_count(len(report['predictions']), 'query', 'queries')}",
        f"  accuracy   {accuracy}{counted}",
        f"  undecided  {undecided}",
        f"  layers     {report['layers']}{of}"
        + (f", {report['layers_run']} run" if report["layers_run"] > report["layers"] else ""),
        f"  engine     {_engine(answers, report['seconds'])}",
    ]
    return "\n".join(rows)


def _engine(answers: Answers, seconds: float) -> str:
    """``sparse (auto: few cells change in a layer), 0.1 s; 81,034 cells evaluated, 10,231 of them by the weights``."""
    engine, evaluated = answers.engine, answers.evaluated
    name = f"{engine.name} ({f'auto: {engine.why}' if engine.why else engine.dtype})"
    patches = f", {evaluated.patches:,} of them by the weights" if engine.name == "sparse" else ""
    return f"{name}, {seconds:.1f} s; {evaluated.cells:,} cells evaluated{patches}"


def _remark(network: Described, answers: Answers, shape: Shape) -> None:
    """Warnings about undecided answers."""
    from tmc.net.remarks import More, at_rest, cut_off

    more = More("allow more with --work", "allow more with --max-layers")
    for remark in (*cut_off(network, answers, shape, more), *at_rest(network, answers, shape)):
        click.echo(f"warning: {remark}", err=True)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
