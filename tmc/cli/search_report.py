"""What ``tmc search`` prints: its progress and its result."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tmc.learn.search.found import Score
    from tmc.learn.search.searching import Best, Prior
    from tmc.learn.search.searchlog import Log

LEADERS = 5  # lines of the leaderboard
MILLIONS = 100_000  # candidates a second from which on they are told in millions
SLOWLY = 60  # seconds between two lines of progress where there is no terminal


class SearchProgress:
    """A line on the terminal: how many, how fast, the best, and how long it will take; and the log."""

    def __init__(self, candidates: int, log: Log | None) -> None:
        self._candidates, self._log, self._shown = candidates, log, sys.stderr is not None and sys.stderr.isatty()
        self._begun, self._said = 0, 0.0
        self.leaders: list[Best] = []
        self.seconds = 0.0
        self.tried = 0

    def begin(self, best: Best | None) -> None:
        """Where an earlier search came to."""
        for one in self._log.rounds if self._log else ():
            self._lead(one)
        if best is not None:
            self._begun = best.tried
            farther = ", more than were asked for now" if best.tried > self._candidates else ""
            click.echo(f"continuing after {best.tried:,} candidates{farther}", err=True)

    def _lead(self, best: Best) -> None:
        if best.number >= 0 and (not self.leaders or best.number != self.leaders[-1].number):
            self.leaders.append(best)

    def after(self, best: Best, seconds: float) -> None:
        """A round is over."""
        if self._log:
            self._log.add(best)
        self._lead(best)
        self.seconds, self.tried = seconds, best.tried - self._begun
        if self._shown or seconds > self._said + SLOWLY:
            self._said = seconds
            rate = self.tried / max(seconds, 1e-9)
            left = (self._candidates - best.tried) / rate
            best_of = f"best {best.right}/{best.queries}" if best.number >= 0 else "none yet"
            line = f"{best.tried:,} of {self._candidates:,}, {_rate(rate)}, {best_of}, {left:.0f} s left"
            click.echo(f"\r\x1b[K{line}" if self._shown else line, nl=not self._shown, err=True)

    def interrupted(self, error: KeyboardInterrupt) -> None:
        """Say in the error how to go on."""
        if self._log is not None:
            tried = self._log.latest.tried if self._log.latest else 0
            error.args = (f"{tried:,} candidates are tried, see {self._log.path}; run the same command again to go on",)

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def _rate(rate: float) -> str:
    return f"{rate / 1e6:.2f} million/s" if rate >= MILLIONS else f"{rate:,.0f}/s"


def document(prior: Prior, best: Best, progress: SearchProgress, tally: Score, network: Score, text: str) -> dict[str, Any]:
    """The result, as JSON."""
    rate = progress.tried / progress.seconds if progress.seconds else None
    return {
        "prior": prior.name,
        "candidates": best.tried,
        "of": prior.size,
        "number": best.number,
        "right": best.right,
        "queries": best.queries,
        "seconds": round(progress.seconds, 3),
        "candidates_per_second": rate and round(rate),
        "leaders": [{"number": one.number, "right": one.right, "found_by": one.tried} for one in progress.leaders[::-1]],
        "fresh": {"problems": tally.problems, "solved": tally.solved, "queries": tally.queries, "right": tally.right},
        "network": {"problems": network.problems, "queries": network.queries, "as_the_table": network.right},
        "machine": text,
    }


def lines(told: dict[str, Any], output: str | None) -> Iterable[str]:
    """The result, as text."""
    rate = told["candidates_per_second"]
    yield f"prior      {told['prior']}" + (f", {told['of']:,} machine{'s' if told['of'] > 1 else ''}" if told["of"] else "")
    yield f"tried      {told['candidates']:,}" + (f", {told['seconds']:.1f} s, {_rate(rate)}" if rate else "")
    yield f"best       number {told['number']}: {told['right']} of {told['queries']} queries"
    for leader in told["leaders"][1:LEADERS]:
        yield f"           before that, number {leader['number']}: {leader['right']}"
    fresh, network = told["fresh"], told["network"]
    if fresh["problems"]:
        solved = f"all of them in {fresh['solved']} of {fresh['problems']} problems"
        yield f"fresh      {fresh['right']} of {fresh['queries']} queries; {solved}"
    if network["queries"]:
        yield f"network    {network['as_the_table']} of {network['queries']} queries answered as the machine does"
    yield f"written    {output}" if output is not None else f"\n{told['machine']}".rstrip()
