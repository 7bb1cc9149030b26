"""``tmc run``: run a compiled network, on examples and queries or on a text."""

from __future__ import annotations

from pathlib import Path

import click

from tmc.cli.arguments import CHECKPOINT, Count, OutputType
from tmc.cli.renamed import Renamed
from tmc.cli.run_options import RunOptions
from tmc.cli.threads import load_numpy_for_small_matrices
from tmc.diagnostics import Rejected
from tmc.files import check_writable

EPILOG = """\b
Examples:
  tmc run --input data.npz
  tmc run gauss.safetensors --input data.npz --output predictions.npz --json
  tmc run increment.safetensors --data 1011"""


@click.command("run", epilog=EPILOG)
@click.argument("model", required=False, type=CHECKPOINT)
@click.option("--input", "archive", metavar="FILE", help="For a learner: its data (.npz): X_train, y_train, X_test, maybe y_test.")
@click.option(
    "--data", "text", metavar="TEXT", help="For a line machine: its data tape, written as in a test; '' is the empty tape."
)
@click.option("-o", "--output", metavar="FILE", type=OutputType(".npz"), help="With --input: write the predictions here (.npz).")
@click.option(
    "--save",
    "trained",
    metavar="FILE",
    type=OutputType(".safetensors"),
    help="With --input: write the trained network here (.safetensors).",
)
@click.option("--restart", is_flag=True, help="With --save: delete what an interrupted run has learnt, and learn anew.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "sparse", "dense"]),
    default="auto",
    show_default=True,
    help="How to evaluate: only where something changes, or every cell.",
)
@click.option(
    "--dtype",
    cls=Renamed,
    was="--numbers",
    type=click.Choice(["float64", "float32", "bfloat16", "float16"]),
    help="For the dense engine: the number format to compute with; refused unless exact.  [default: the fastest that is exact]",
)
@click.option("--full-depth", is_flag=True, help="Run every layer, also when nothing changes any more.")
@click.option("--max-layers", type=Count(1), help="Run at most so many layers.  [default: what the machine's bounds ask for]")
@click.option(
    "--work",
    type=Count(1),
    help="Room for so many work-tape cells; with --data, beside --window.  [default: the machine's bound, or as many as needed]",
)
@click.option("--window", type=Count(0), help="With --data: the head may go so many cells to either side.  [default: no limit]")
def command(
    model: str | None,
    archive: str | None,
    text: str | None,
    output: str | None,
    trained: str | None,
    restart: bool,
    as_json: bool,
    engine: str,
    dtype: str | None,
    full_depth: bool,
    max_layers: int | None,
    work: int | None,
    window: int | None,
) -> None:
    """Run a compiled network on data.

    A learner's network learns the examples of a data set by gradient descent and answers its queries; one that was trained before
    may be given queries alone. A line machine's network works on a text. The exit status is 0 also for undecided queries.

    With --save, what is learnt so far is kept in FILE.part when the run is interrupted, and the same command goes on from there.

    MODEL is a checkpoint that `tmc compile` wrote; when it is left out, the only one in this folder.
    """
    options = RunOptions(as_json, engine, dtype, full_depth, max_layers, work, window, restart)
    _check_usage(archive, text, output, trained, options)
    for target in (output, trained):
        if target is not None:
            check_writable(target)
    load_numpy_for_small_matrices()
    path = _only_checkpoint() if model is None else model
    from tmc.cli.run_learner import Files, learn_and_answer
    from tmc.cli.run_line import run_on_text
    from tmc.net.sparse.plain import load

    network = load(path)
    if archive is not None and not network.reads_grid:
        raise click.UsageError(f"the machine {network.name} reads a line: give it --data, not --input.")
    if archive is not None:
        learn_and_answer(network, Files(path, archive, output, trained), options)
    elif network.reads_grid:
        raise click.UsageError(f"the machine {network.name} learns from examples: give it --input, not --data.")
    else:
        run_on_text(network, str(text), options)


def _check_usage(archive: str | None, text: str | None, output: str | None, trained: str | None, options: RunOptions) -> None:
    """Which options go together."""
    if archive is None and text is None:
        raise click.UsageError("say what to run on: --input FILE for a learner, --data TEXT for a line machine.")
    if archive is not None and text is not None:
        raise click.UsageError("--input and --data exclude each other.")
    if archive is not None and options.window is not None:
        raise click.UsageError("--window goes with --data: a learner's grid has the size of its data.")
    if text is not None and output is not None:
        raise click.UsageError("--output goes with --input; with --data, `--json > FILE` keeps the result.")
    if options.dtype is not None and (options.engine != "dense" or text is not None):
        raise click.UsageError("--dtype goes with --input and --engine dense.")
    if text is not None and trained is not None:
        raise click.UsageError("--save goes with --input: a line machine learns nothing.")
    if options.restart and trained is None:
        raise click.UsageError("--restart goes with --save: an interrupted run keeps what it has learnt only with --save.")
    if text is not None and options.work is not None and options.window is None:
        raise click.UsageError("with --data, --work goes with --window: without --window the tapes grow as needed.")


def _only_checkpoint() -> str:
    """The only checkpoint in the current folder."""
    from tmc.net.checkpoint.reading import is_checkpoint

    found = sorted(path.name for path in Path().glob("*.safetensors") if is_checkpoint(path))
    if not found:
        raise Rejected("there is no checkpoint in this folder; make one with `tmc compile FILE`, or name one")
    if len(found) > 1:
        raise Rejected(f"there is more than one checkpoint in this folder ({', '.join(found)}); name the one to run")
    return found[0]
