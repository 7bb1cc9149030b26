"""``tmc data``: make data sets."""

from __future__ import annotations

import click

from tmc.cli.arguments import Count, OutputType, Share

EXAMPLE = "Example: tmc data parity --d 8 --m 24 --queries 200 --seed 0 -o data.npz"


@click.group("data", epilog=EXAMPLE)
def command() -> None:
    """Make data sets: examples, queries and their labels, in an .npz archive."""


@command.command("parity", epilog=EXAMPLE)
@click.option("--d", type=click.IntRange(1, 4096), required=True, help="Features.")
@click.option("--m", type=Count(1), required=True, help="Examples.")
@click.option("--queries", type=Count(1), required=True, help="Queries.")
@click.option("--noise", type=Share(0, 1), default=0.0, help="Fraction of the examples' labels to flip.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same file, byte by byte."
)
@click.option("-o", "--output", metavar="FILE", type=OutputType(".npz"), required=True, help="The .npz archive to write.")
def parity(d: int, m: int, queries: int, noise: float, seed: int, output: str) -> None:
    """Draw a parity problem: the label is the sum, modulo 2, of a random set of features.

    The examples determine the label of every query, unless --noise flips some of theirs.
    """
    from tmc.files import check_writable

    check_writable(output)
    from tmc.learn.data import datasets

    datasets.save(datasets.parity(d, m, queries, noise, seed), output)
    click.echo(f"{output}: {d} features, {m} examples, {queries} queries", err=True)
