"""``tmc test``: run the tests that stand beside machines, on the table and on the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.diagnostics import Rejected, SourceRejected
from tmc.files import read_text

if TYPE_CHECKING:
    from tmc.verify.machine_tests import Outcome

EPILOG = """\b
Examples:
  tmc test machines
  tmc test machines/gauss.tm machines/increment.tm"""


@click.command("test", epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True)
@click.option("--table-only", is_flag=True, help="Run the tests on the table only, not on the network.")
def command(paths: tuple[str, ...], table_only: bool) -> int:
    """Run the tests that stand beside machines.

    PATHS are machines (.tm) and folders of machines. Each test runs on the table and on the compiled network, which must agree at
    every step; and the machine must keep the bounds that it promises. The exit status is 1 when a test fails.
    """
    outcomes: list[Outcome | str] = []
    for path in _machines(paths):
        click.echo(path)
        outcomes += _run(path, table_only)
    passed = sum(not isinstance(outcome, str) and not outcome.faults for outcome in outcomes)
    failed = len(outcomes) - passed
    click.echo(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _machines(paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        if not Path(path).is_dir():
            yield path
            continue
        found = sorted(str(file) for file in Path(path).rglob("*.tm") if "lib" not in file.relative_to(path).parts)
        if not found:
            raise Rejected(f"{path}: there is no machine (.tm) in this folder")
        yield from found


def _run(path: str, table_only: bool) -> Iterator[Outcome | str]:
    """The outcomes of one machine's tests; a machine that cannot be compiled counts as one failure."""
    from tmc.pipeline import compile_machine
    from tmc.verify.machine_tests import run_tests

    try:
        build = compile_machine(read_text(path))
    except Rejected as error:
        click.echo(str(error) if isinstance(error, SourceRejected) else f"  error: {error}")
        yield str(error)
        return
    if not build.table.tests:
        click.echo("  no tests")
    for outcome in run_tests(build, network=not table_only):
        click.echo(_as_text(outcome))
        yield outcome


def _as_text(outcome: Outcome) -> str:
    rows = [f"  {'FAIL' if outcome.faults else 'ok  '}  {outcome.name}  ({outcome.steps} steps{_followed(outcome)})"]
    rows += [f"        {fault}" for fault in outcome.faults]
    if outcome.faults and outcome.tail:
        rows.append("        the last steps:")
        rows += [f"          {line}" for line in outcome.tail]
    return "\n".join(rows)


def _followed(outcome: Outcome) -> str:
    if outcome.followed is None:
        return ""
    if outcome.followed.run.steps < outcome.steps:
        return f", the network followed for {outcome.followed.run.steps}"
    return f", {outcome.followed.layers} layers"
