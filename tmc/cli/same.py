"""``tmc same``: whether two machines are the same, with a proof or an input that tells them apart."""

from __future__ import annotations

import click

from tmc.cli.arguments import MACHINE, Count
from tmc.cli.machine_texts import allowing_use
from tmc.cli.printing import print_json
from tmc.cli.tables import table_of_file

EPILOG = """\b
Examples:
  tmc same machines/increment.tm mine.tm
  tmc same --results machines/palindrome.tm mine.tm
  tmc same --rename x=1 --rename y=0 mine.tm gauss.safetensors"""


@click.command("same", epilog=EPILOG)
@click.argument("one", type=MACHINE)
@click.argument("other", type=MACHINE)
@allowing_use
@click.option("--results", is_flag=True, help="Compare how runs end, not the steps on the way.")
@click.option(
    "--rename", "renamings", metavar="A=B", multiple=True, help="A symbol A of OTHER is called B in ONE; may be repeated."
)
@click.option("--max-steps", type=Count(1), default=10_000, show_default=True, help="Follow each run for so many steps.")
@click.option("--effort", type=Count(1), default=2_000_000, show_default=True, help="Steps of all runs of a search together.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(one: str, other: str, results: bool, renamings: tuple[str, ...], max_steps: int, effort: int, as_json: bool) -> int:
    """Say whether two machines are the same.

    ONE and OTHER are machines (.tm) or checkpoints, whose machine is meant. They are the same if their tables are bisimilar: then
    they take the same steps on every input, whatever their states are called. If they are not, the shortest input is searched for
    on which they take different steps, and the shortest on which they end differently: with another verdict, or on a line another
    data tape.

    The exit status is 0 if they are proved to be the same, 1 if they differ or it stays undecided. With --results it is also 0 if
    all inputs were looked at and there is none on which they end differently.
    """
    from tmc.cli.same_report import document, lines
    from tmc.verify.same import same

    found = same(table_of_file(one), table_of_file(other), _renamed(renamings), max_steps, effort)
    if as_json:
        print_json(document(found))
    else:
        click.echo("\n".join(lines(found, (one, other), results)))
    return (
        0 if found.same or (results and found.results is not None and found.results.told is None and found.results.complete) else 1
    )


def _renamed(renamings: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for renaming in renamings:
        own, equals, others = renaming[:1], renaming[1:2], renaming[2:]
        if equals != "=" or len(others) != 1 or own in found:
            raise click.UsageError(f"--rename {renaming}: write one symbol, = and what it is called in ONE, each symbol once.")
        found[own] = others
    return found
