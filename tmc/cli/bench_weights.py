"""``tmc bench weights``: restarts over whole networks of random weights, as the paper's Algorithm 1 has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.arguments import Count
from tmc.cli.bars import bar
from tmc.cli.printing import print_json
from tmc.cli.renamed import Renamed

if TYPE_CHECKING:
    from tmc.bench.weights import Attempt, DrawFigures

EPILOG = """\b
Examples:
  tmc bench weights --width 2 --candidates 4096 --redraws 256
  tmc bench weights --json > weights.json"""
WIDTHS = (1, 2, 4, 8)
MOST = 6  # entries that are redrawn


@click.command("weights", epilog=EPILOG)
@click.option(
    "--width", "widths", type=click.IntRange(1, 64), multiple=True, help="d_rc; may be repeated.  [default: 1, 2, 4 and 8]"
)
@click.option("--candidates", type=Count(1), default=1 << 14, show_default=True, help="Networks drawn for each line.")
@click.option(
    "--redraws", type=Count(1), default=1 << 10, show_default=True, help="The same for networks of a compiled machine's size."
)
@click.option(
    "--test-problems",
    cls=Renamed,
    was="--fresh",
    type=Count(1),
    default=1000,
    show_default=True,
    help="New problems to test the network on that is found.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same networks.")
@click.option("--json", "as_json", is_flag=True, help="Print every line as one JSON object, as soon as it is measured.")
def weights(widths: tuple[int, ...], candidates: int, redraws: int, test_problems: int, seed: int, as_json: bool) -> int:
    """Restarts over whole networks, every filter weight uniform from U_s.

    First what it would take to draw a compiled network; then restarts over tiny networks, over networks of a compiled machine's
    size, and over that machine's network with a few entries drawn. What the columns mean is said in docs/learning.md.
    """
    from tmc.bench.weights import Effort, figures, own, redrawn, tiny

    large = Effort(redraws, test_problems, seed, max_error=0)  # the faster given up, the better: their networks take long

    sections: tuple[tuple[str, str, Iterable[Any]], ...] = (
        ("machines", _MACHINES, (("", each) for each in figures())),
        (
            "tiny",
            "Restarts over tiny networks: L = 1, d_head = 1, U_s = {-1, -1/2, 0, 1/2, 1}",
            tiny(widths or WIDTHS, Effort(candidates, test_problems, seed)),
        ),
        ("own", "Restarts over networks of the size of first_label, with its own U_s", own(large)),
        ("redrawn", "Restarts over the entries of first_label, so many of them drawn", redrawn(MOST, large)),
    )
    for number, (kind, title, lines) in enumerate(sections):
        if not as_json:
            click.echo(f"{'' if number == 0 else chr(10)}{title}\n{_MACHINE_HEAD if kind == 'machines' else _ATTEMPT_HEAD}")
        for name, line in _watched(kind, lines):
            if as_json:
                print_json({"kind": kind, **_document(name, line)})
            else:
                click.echo(_machine(line) if kind == "machines" else _attempt(name, line))
    return 0


def _watched(kind: str, lines: Iterable[Any]) -> Iterator[Any]:
    """The lines, with a bar on a terminal."""
    with bar(lines, desc=kind, unit="line") as shown:
        yield from shown


_MACHINES = "What it takes to draw exactly the network of a machine, or one of those that are counted as the same"
_MACHINE_HEAD = (
    f"  {'machine':14}{'scale':>8}{'states':>8}{'d_rc':>6}{'entries':>9}{'|U_s|':>7}{'log2 chance':>13}{'of the same':>13}"
)
_ATTEMPT_HEAD = (
    f"  {'which':12}{'goal':14}{'needs':13}{'m x d':14}{'d_rc':>4}{'L':>4}{'log2 chance':>13}{'found':>7}{'of':>8}{'log2':>7}"
    f"{'restarts':>9}{'rate/s':>8}{'first':>8}  {'blind':>6}{'valid':>7}{'fresh':>7}{'larger':>7}"
)


def _machine(line: DrawFigures) -> str:
    together = line.log2_chance + line.log2_equivalents
    return (
        f"  {line.machine:14}{line.scale:>8}{line.states:8}{line.width:6}{line.entries:9,}{line.values:7}"
        f"{line.log2_chance:13,.1f}{together:13,.1f}"
    )


def _attempt(name: str, line: Attempt) -> str:
    tally, sizes = line.tally, ", ".join(f"{m}x{d}" for m, d in line.goal.sizes)
    often = f"{'' if tally.perfect else '<'}{line.log2_frequency:.1f}"
    first, restarts = (f"{tally.best}", f"{_needed(line):,}") if tally.perfect else ("-", "-")
    validation = tally.error if tally.best >= 0 else None
    errors = "".join(f"{'-' if error is None else f'{error:.3f}':>7}" for error in (validation, line.fresh, line.elsewhere))
    return (
        f"  {name:12}{line.goal.task.name:14}{line.goal.needs:13}{sizes:14}{line.prior.architecture.width:4}{line.layers:4}"
        f"{line.prior.log2_chance:13,.1f}{tally.perfect:7,}{tally.tried:8,}{often:>7}{restarts:>9}{line.rate:8,.0f}{first:>8}"
        f"  {line.blind:6.3f}{errors}"
    )


def _needed(line: Attempt) -> int | None:
    """How many draws meet one of those that work, with probability 1 - δ, as often as they were found."""
    from tmc.bench.weights import SURE
    from tmc.learn.search.guarantees import restarts

    return restarts(line.tally.perfect / line.tally.tried, SURE) if line.tally.perfect else None


def _document(name: str, line: DrawFigures | Attempt) -> dict[str, Any]:
    from tmc.bench.weights import DrawFigures

    if isinstance(line, DrawFigures):
        return asdict(line)
    architecture, tally = line.prior.architecture, line.tally
    return {
        "which": name,
        "goal": line.goal.task.name,
        "needs": line.goal.needs,
        "sizes": [list(size) for size in line.goal.sizes],
        "width": architecture.width,
        "head": architecture.head,
        "layers": line.layers,
        "values": len(architecture.values),
        "entries": architecture.entries,
        "log2_chance": line.prior.log2_chance,
        "log2_restarts": line.log2_restarts,
        "tried": tally.tried,
        "found": tally.perfect,
        "log2_frequency": line.log2_frequency,
        "restarts": _needed(line),
        "best": tally.best,
        "rate": line.rate,
        "errors": {
            "blind": line.blind,
            "validation": None if tally.best < 0 else tally.error,
            "fresh": line.fresh,
            "larger": line.elsewhere,
        },
    }
