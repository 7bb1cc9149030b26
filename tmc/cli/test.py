"""``tmc test``: run the tests of machines, on the table and on the network."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.arguments import MACHINE, Count, machine_files
from tmc.cli.bars import bar
from tmc.cli.machine_texts import STDIN, allowed_folders, allowing_use, read_machine
from tmc.cli.printing import print_json
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from tmc.source import Source
    from tmc.testing.machine_files import Selection
    from tmc.testing.outcomes import FileReport

SECONDS, CELLS = 120.0, 1_000_000  # of `tmc.testing.limits`, which is loaded later
WORTH = 4  # machines per process: with fewer it takes longer to start (PyTorch) than it saves

EPILOG = """\b
Examples:
  tmc test machines
  tmc test machines/gauss.tm -k features -x
  tmc test submissions --tests hidden.tm --max-steps 100000 --timeout 10
  tmc test machines --figures > table.md"""


@click.command("test", epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=MACHINE)
@allowing_use
@click.option("--table-only", is_flag=True, help="Run the tests on the table only, not on the network.")
@click.option("-k", "text", metavar="TEXT", default="", help="Run only tests whose name contains this, in capitals or not.")
@click.option("-x", "--fail-fast", is_flag=True, help="Stop after the first test that fails.")
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Use so many processes.  [default: one per core, at most]")
@click.option("-q", "--quiet", is_flag=True, help="Print only what failed, and how many passed.")
@click.option("--tests", "others", metavar="FILE", type=MACHINE, help="Run the tests of this file on every machine, not its own.")
@click.option("--require-tests", is_flag=True, help="Fail a machine that has no tests.")
@click.option("--max-steps", type=Count(1), help="Fail a test that takes more steps.  [default: what is promised, else 10000000]")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    default=SECONDS,
    show_default=True,
    help="Fail a test that takes longer.",
)
@click.option("--max-tape", type=Count(1), default=CELLS, show_default=True, help="Fail a test that uses more cells of its tapes.")
@click.option("--figures", is_flag=True, help="Print a table of sizes, steps and layers instead, in Markdown.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def command(
    paths: tuple[str, ...],
    figures: bool,
    as_json: bool,
    jobs: int | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Run the tests of machines.

    PATHS are machines (.tm), folders of machines, and - for stdin. Each test runs on the table and on the compiled network, which
    must agree at every step; and the machine must keep the bounds that it promises. The exit status is 1 when a test fails.

    FILE of --tests holds only tests, or is a machine whose tests are used.
    """
    if figures and as_json:
        raise click.UsageError("--figures and --json exclude each other: the JSON object holds the figures.")
    text, fail_fast = options["text"], options["fail_fast"]
    given = [read_machine(path) if path == STDIN else path for path in machine_files(paths)]
    show = _Show(as_json, figures, quiet)
    worth = 1 if options["table_only"] else len(given) // WORTH
    reports = _run(given, _choice(**options), jobs or max(1, min(worth, _cores())), show)
    if not any(report.outcomes or report.error for report in reports) and text:
        raise Rejected(f"no test has a name that contains {text!r}")
    show.end(reports, fail_fast)
    return 1 if any(report.failed for report in reports) else 0


def _choice(
    text: str,
    table_only: bool,
    fail_fast: bool,
    others: str | None,
    require_tests: bool,
    max_steps: int | None,
    timeout: float,
    max_tape: int,
) -> Selection:
    from tmc.testing.limits import Limits
    from tmc.testing.machine_files import Selection
    from tmc.testing.other_tests import read_tests

    limits = Limits(max_steps, timeout, max_tape)
    tests = None if others is None else read_tests(read_machine(others))
    return Selection(text, table_only, fail_fast, allowed_folders(), limits, tests, require_tests)


@dataclass(frozen=True, slots=True)
class _Show:
    """What to print: one JSON object, a table of figures, only what failed, or everything."""

    as_json: bool
    figures: bool
    quiet: bool

    def report(self, report: FileReport) -> None:
        """The lines about a file whose tests have run."""
        text = "" if self.as_json else report.text(only_failures=self.quiet or self.figures)
        if text:
            click.echo(text, err=self.figures)

    def end(self, reports: Sequence[FileReport], fail_fast: bool) -> None:
        """The line about all files."""
        passed, failed, left_out = (sum(getattr(report, what) for report in reports) for what in ("passed", "failed", "left_out"))
        if self.as_json:
            machines = [report.document() for report in reports]
            totals = {"passed": passed, "failed": failed, "left_out": left_out}
            print_json({**totals, "machines": machines})
            return
        if self.figures:
            from tmc.testing.figures import markdown

            click.echo(markdown([report.figures for report in reports if report.figures is not None]))
        others = f", {left_out} left out" if left_out else ""
        stopped = "; stopped at the first failure" if fail_fast and failed else ""
        click.echo(f"{passed} passed, {failed} failed{others}{stopped}", err=self.figures)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run(files: Sequence[str | Source], choice: Selection, jobs: int, show: _Show) -> list[FileReport]:
    """Test the machines and show each report as soon as it, and all before it, are there; on a terminal with a progress bar."""
    from tmc.testing.machine_files import run_file

    reports = []
    with bar(total=len(files), desc="testing", unit="machine") as shown:

        def watch(test: str, steps: int) -> None:
            shown.set_postfix_str(f"{test}: {steps} steps")

        alone = min(jobs, len(files)) == 1
        tested = (run_file(file, choice, watch) for file in files) if alone else _in_processes(files, choice, jobs)
        with closing(tested):
            for report in tested:
                with shown.external_write_mode():
                    show.report(report)
                shown.set_postfix_str("", refresh=False)
                shown.update()
                reports.append(report)
                if choice.first_failure and report.failed:
                    break
    return reports


def _in_processes(files: Sequence[str | Source], choice: Selection, jobs: int) -> Generator[FileReport]:
    """The reports in the order of the files. Whatever ends this early - an interrupt, a failure - ends the processes."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from tmc.testing.machine_files import run_file

    with ProcessPoolExecutor(min(jobs, len(files)), multiprocessing.get_context("spawn")) as pool:
        try:
            with _interrupts_ignored():  # by the processes that are started here: an interrupt is this one's to report
                reports = pool.map(partial(run_file, choice=choice), files)
            yield from reports
        except BrokenProcessPool:
            raise Rejected(f"a process was ended from outside; if memory is short, use fewer of them: -j {jobs // 2}") from None
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
