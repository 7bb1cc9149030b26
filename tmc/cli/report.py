"""``tmc report``: what a compiled machine comes to, in numbers, beside the paper's bounds; and how a family of machines grows."""

from __future__ import annotations

import click

from tmc.cli.arguments import MACHINE, Count
from tmc.cli.machine_texts import allowing_use
from tmc.cli.renamed import Renamed
from tmc.cli.targets import check_scale
from tmc.targets.registry import DEFAULT, SCALAR, SCALES, TARGETS

FEWEST, MOST = 4, 4096  # states of the machines of the family

EPILOG = """\b
Examples:
  tmc report machines/gauss.tm
  tmc report machines/gauss.tm --circuit 8 16 --json
  tmc report machines/gauss.tm --target scalar --scale paper
  tmc report --family --max-states 512 --plot ."""


def _power_of_two(_context: click.Context, _parameter: click.Parameter, value: int | None) -> int | None:
    if value is not None and value & (value - 1):
        raise click.BadParameter(f"{value} is not a power of two, such as 64.")
    return value


@click.command("report", epilog=EPILOG)
@click.argument("file", type=MACHINE, required=False)
@allowing_use
@click.option(
    "--target", type=click.Choice(tuple(TARGETS)), help=f"The network.  [default: {DEFAULT.name}; with --family {SCALAR.name}]"
)
@click.option("--scale", type=click.Choice(SCALES), help="What the numbers of the target scalar are.  [default: integer]")
@click.option(
    "--circuit", "sizes", type=(Count(1, 4096), Count(1, 10**6)), metavar="D M", multiple=True,
    help="Also unroll it to a Boolean circuit for M examples of D features, and count the gates; may be repeated.",
)  # fmt: skip
@click.option("--family", is_flag=True, help="Instead of a FILE: random machines of 4, 8, 16, … states, and how they grow.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="The same seed gives the same machines.  [default: 0]")
@click.option(
    "--max-states", cls=Renamed, was="--most", type=click.IntRange(FEWEST, MOST), metavar="S", callback=_power_of_two,
    help=f"The states of the family's largest machine, a power of two.  [default: {MOST}]",
)  # fmt: skip
@click.option("--plot", "folder", metavar="DIR", help="Also draw DIR/family.png, or for a FILE the gates in DIR/circuit.png.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    file: str | None,
    target: str | None,
    scale: str | None,
    sizes: tuple[tuple[int, int], ...],
    family: bool,
    seed: int | None,
    max_states: int | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Count what a machine's network consists of, beside the bounds of the paper's Theorem 1.

    s is the number of states, t of steps, U_s the set of distinct weights and biases; d_rc is the width of the recurrent
    convolution. The chance is that of drawing every weight and bias from U_s and hitting exactly this network.
    """
    if family is (file is not None):
        raise click.UsageError("name a FILE, or --family: one of the two.")
    target = target or (SCALAR.name if family else DEFAULT.name)
    if scale is not None:
        check_scale(target, scale)
    if family and sizes:
        raise click.UsageError("--circuit is for a FILE; leave --circuit or --family out.")
    if not family and (seed is not None or max_states is not None):
        raise click.UsageError("--seed and --max-states are for --family; leave them out for a FILE.")
    if file is None:
        from tmc.cli.report_family import FamilyOptions, show_family

        show_family(FamilyOptions(target, scale or SCALES[0], seed or 0, max_states or MOST), folder, as_json)
        return
    from tmc.cli.report_machine import show_machine

    show_machine(file, (target, scale or SCALES[0]), sizes, folder, as_json)
