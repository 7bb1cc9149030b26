"""``tmc compile``: from a source text to a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import OutputType
from tmc.cli.machine_texts import STDIN, allowing_use, read_machine
from tmc.cli.passes import leaving_out_passes, say_what_was_saved
from tmc.cli.renamed import Renamed
from tmc.cli.targets import choosing_a_target
from tmc.diagnostics import Rejected, render
from tmc.files import check_writable
from tmc.garbage import without_collection

if TYPE_CHECKING:
    from tmc.pipeline import Build

EPILOG = """\b
Examples:
  tmc compile gauss.tm
  tmc compile machines/gauss.tm -o /tmp/gauss.safetensors
  tmc compile gauss.tm --target scalar --scale paper
  tmc compile gauss.tm --verify
  tmc compile gauss.tm --no-merge-states --no-merge-transitions"""


@click.command("compile", epilog=EPILOG)
@click.argument("file")
@allowing_use
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=OutputType(".safetensors"),
    help="The checkpoint to write.  [default: the machine's file name, .safetensors]",
)
@choosing_a_target
@click.option(
    "--random-init",
    "seed",
    cls=Renamed,
    was="--draw",
    type=click.IntRange(0),
    metavar="SEED",
    help="Draw all weights at random from those of the compiled network, as the paper's Algorithm 1 begins.",
)
@click.option("--verify", is_flag=True, help="Read the checkpoint again and show that it does what the source says.")
@leaving_out_passes
@without_collection()
def command(file: str, output: str | None, target: str, scale: str, seed: int | None, verify: bool, without: frozenset[str]) -> int:
    """Compile a machine to the exact weights of a recurrent convolutional network.

    FILE is a machine (.tm), or - for stdin. The checkpoint (.safetensors) goes to the folder you are in unless -o says otherwise.

    The table is made smaller first: states that nothing reaches are dropped, states that do the same are merged, and so are
    transitions. What that saved is said on stderr.
    """
    from tmc.pipeline import compile_machine

    if verify and seed is not None:
        raise click.UsageError("--verify and --random-init do not go together: weights that are drawn do nothing yet.")
    if file == STDIN and output is None:
        raise click.UsageError("a text from stdin has no file name: say with -o where the checkpoint goes.")
    path = output if output is not None else f"{Path(file).stem}.safetensors"
    source = read_machine(file)
    check_writable(path)
    if Path(path).resolve() == Path(file).resolve():
        raise Rejected(f"the checkpoint would overwrite {file}; name another file with -o")
    build = compile_machine(source, without, target, scale)
    for warning in build.warnings:
        click.echo(render(warning) + "\n", err=True)
    say_what_was_saved(build.savings)
    click.echo(f"{path}: {build.table.name}, {_save(build, path) if seed is None else _save_drawn(build, path, seed)}")
    return _verify(path) if verify else 0


def _verify(path: str) -> int:
    """Show that what was written is right; the exit status."""
    from tmc.cli.verify import certified, report
    from tmc.net.checkpoint import reading as checkpoint

    click.echo()
    return report(certified(checkpoint.load(path)), path)


def _save(build: Build, path: str) -> str:
    """Write the compiled network; returns a summary of it."""
    from tmc.ir.filters import size
    from tmc.net.checkpoint.writing import save_build

    kind = save_build(build, path)
    table, figures = build.table, size(build.filters)
    units = " + ".join(str(count) for count in figures.units)
    numbers = "" if len(build.target.formats) == 1 else f", {kind}"
    machine = f"{_count(len(table.states), 'state')}, {_count(len(table.transitions), 'transition')}"
    return (
        f"{machine} -> {_count(figures.channels, 'channel')}, "
        f"{units} hidden units, {figures.nonzero} weights that are not 0{numbers}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _save_drawn(build: Build, path: str, seed: int) -> str:
    """Write a network of random weights like those of the compiled one; returns a summary of it."""
    from tmc.net.checkpoint import reading as checkpoint
    from tmc.net.draw import draw

    drawn = draw(checkpoint.from_build(build), seed)
    checkpoint.save(drawn.checkpoint, path)
    return (
        f"{drawn.entries} weights and biases drawn from {drawn.values} values; {drawn.right} are "
        f"what the compiler would have put there, and all are with probability 2^{drawn.log2_chance:.1f}"
    )
