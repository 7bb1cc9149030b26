"""``tmc trace``: a run as data, every step and every layer of it, in a file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import ENDINGS, Count
from tmc.cli.bars import bar
from tmc.cli.machine_given import Given, given
from tmc.cli.machine_input import Input, with_input
from tmc.cli.machine_texts import allowing_use
from tmc.cli.printing import print_json
from tmc.diagnostics import Rejected
from tmc.files import check_writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tmc.recording.layout import Kept
    from tmc.recording.network import Layers
    from tmc.recording.record import Job
    from tmc.recording.sinks import Sink

MOST = 1 << 31  # cells of all lattices together, with --layers
EVERY = 1024  # steps between two reports

EPILOG = """\b
Examples:
  tmc trace machines/increment.tm --data 1011 -o run.npz
  tmc trace machines/gauss.tm --input data.npz --query 3 --changes -o run.npz
  tmc trace gauss.safetensors --input data.npz --layers -o run.jsonl

Read back in Python:
  run = tmc.load_trace("run.npz")
  run.configuration(7), run.rule(7), run.layer(7), run.cell(20, 0, 3)"""


@click.command("trace", epilog=EPILOG)
@click.argument("file")
@allowing_use
@with_input
@click.option(
    "-o", "--output", "path", metavar="FILE", required=True, help="Where to write: .npz (arrays) or .jsonl (lines of JSON)."
)
@click.option("--changes", is_flag=True, help="Keep the network's lattice, too: what each layer changes.")
@click.option("--layers", "whole", is_flag=True, help="Keep the network's lattice, too: all of it after each layer.")
@click.option(
    "--max-steps",
    type=Count(0),
    help="Take so many steps, or fewer if the run ends.  [default: the machine's own bound, else 10000000]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about what was written.")
def command(
    file: str,
    text: str | None,
    archive: str | None,
    picture: str | None,
    query: int,
    path: str,
    changes: bool,
    whole: bool,
    max_steps: int | None,
    as_json: bool,
) -> None:
    """Write a run into a file: the configuration before every step, the rule that is taken, and the layer at which the network is
    there; with --changes or --layers the network's cells after every layer, and how many of them were evaluated.

    FILE is a machine (.tm), - for stdin, or a checkpoint (.safetensors). What the file holds is written down in docs/trace.md;
    `tmc.load_trace` reads it back. A run of any length is written block by block. After an interrupt there is no file.
    """
    if changes and whole:
        raise click.UsageError("--changes and --layers exclude each other: say whether to keep changes or whole lattices.")
    ending = _ending(path)
    check_writable(path)
    for read in (file, archive, picture):
        if read is not None and Path(path).exists() and Path(read).exists() and Path(path).samefile(read):
            raise Rejected(f"the trace would overwrite {read}; name another file with -o")
    kept: Kept = "changes" if changes else "layers" if whole else "none"
    subject = given(file, Input(text, archive, picture, query))
    from tmc.recording.record import Job
    from tmc.run.result import decide

    job = Job(subject.table, subject.file, subject.data, decide(subject.table, subject.data, max_steps))
    count = _write(subject, job, path, ending, kept)
    verdict, steps = job.result.verdict, job.result.steps
    if as_json:
        print_json({"file": path, "machine": job.table.name, "verdict": verdict, "steps": steps, "layers": count})
        return
    layers = "" if count is None else f" and {count} layers"
    click.echo(f"{path}: {steps} steps{layers} of {job.table.name}, {verdict}{_size(path)}")


def _size(path: str) -> str:
    """How large a file is; "" for a device."""
    size = Path(path).stat().st_size if Path(path).is_file() else 0
    return f", {size / 1e6:.1f} MB" if size >= 100_000 else f", {size / 1e3:.1f} kB" if size else ""


def _ending(path: str) -> str:
    ending = Path(path).suffix.lower()
    if ending not in (".npz", ".jsonl"):
        said = f"{path} ends in {ending}" if ending in ENDINGS else f"{path} has no ending that says what to write"
        raise click.UsageError(f"{said}: a trace is written as .npz (arrays) or .jsonl (lines of JSON).")
    return ending


def _write(subject: Given, job: Job, path: str, ending: str, kept: Kept) -> int | None:
    """Write the file; returns how many layers of the network it holds."""
    from tmc.recording.record import about, record

    network, begin, layers = None, None, None
    if kept != "none":
        from tmc.recording.network import Layers, beginning

        network = subject.compiled()
        train = subject.network is not None and not network.is_trained
        begin = beginning(network, job.table, job.data, job.result.run, train=train)
        layers = Layers(network, begin, whole=kept == "layers")
        _check_size(job, layers, kept)
    target = "" if network is None else network.checkpoint.target.name
    document = about(job, kept, target, begin, layers)
    with bar(total=job.result.steps, desc="writing", unit="step", unit_scale=True, delay=1) as shown:

        def watch(step: int) -> None:
            if step % EVERY == 0:
                shown.update(step - shown.n)

        with _sink(path, ending, document, job, layers) as sink:
            record(job, sink, layers, watch)
    return None if layers is None else layers.done


@contextmanager
def _sink(path: str, ending: str, document: dict[str, object], job: Job, layers: Layers | None) -> Iterator[Sink]:
    from tmc.recording.record import names_of, numbers_of
    from tmc.recording.sinks import archive, lines

    data = numbers_of(job.data)
    if ending == ".npz":
        with archive(path, document, data) as sink:
            yield sink
        return
    with lines(path, document, data, names_of(job, layers)) as sink:
        yield sink


def _check_size(job: Job, layers: Layers, kept: Kept) -> None:
    """Raise `Rejected` when whole lattices would fill the disk."""
    cells = 2 * job.result.steps * layers.rows * layers.columns
    if kept == "layers" and cells > MOST:
        raise Rejected(
            f"all lattices of {job.result.steps} steps hold about {cells:.1e} cells; use --changes, or fewer --max-steps"
        )
