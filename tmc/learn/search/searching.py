"""Search: many small machines are tried on problems, and the one that answers most queries rightly is kept.

Candidate number `n` is a function of the prior, the seed and `n` alone. Candidates are tried in rounds of known sizes, and one is
given up once it has made as many mistakes as the best of the rounds before; of equally good ones the first is kept. So the winner
does not depend on how many workers there are, or where, nor on how often the search was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tmc.given import renamed
from tmc.ir.table import Table
from tmc.ir.tape import BLANK, Grid
from tmc.learn.search.pools import Block, Leader, cluster, threads
from tmc.run.many import DrawnMachines, Inputs, lay, right_answers, verdict_bits
from tmc.run.shapes import Entries, MachineShape, described, unpack

FIRST_ROUND, ROUND = 1 << 8, 1 << 22  # candidates of the first round; each is as long as all before it, and none longer than this
BLOCK_ENTRIES, BLOCK_STEPS = 1 << 24, 1 << 30  # of all candidates of a block: 64 megabytes, and some seconds
RIGHT = {1: ("accept", "stuck"), -1: ("reject",)}  # stuck is undecided, which counts as +1; a run that is cut off is a mistake


class Prior(Protocol):
    """An endless or finite sequence of machines of one shape. `size`: how many there are, None: no end."""

    @property
    def shape(self) -> MachineShape:
        """The shape of all of them."""

    @property
    def size(self) -> int | None:
        """How many there are; None: no end."""

    def machines(self, first: int, count: int) -> Entries | DrawnMachines:
        """Those from number `first` on."""

    @property
    def name(self) -> str:
        """What it is, in a word, with all that tells it from others."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Prior `tables`: every entry of a table of `shape` drawn uniformly and independently (`tmc.run.shapes.choices`)."""

    shape: MachineShape
    seed: int = 0

    @property
    def size(self) -> None:
        """There is no end."""
        return

    @property
    def name(self) -> str:
        """See `Prior`."""
        return f"tables of {described(self.shape)}, seed {self.seed}"

    def machines(self, first: int, count: int) -> DrawnMachines:
        """See `Prior`."""
        return DrawnMachines(self.shape, self.seed, count, first)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Queries that a machine is asked, each with its examples: `inputs` (queries) and the `labels` that are right, -1 and +1."""

    inputs: Inputs
    labels: NDArray[np.int8]


def problem(
    shape: MachineShape,
    x: NDArray[np.int8],
    y: NDArray[np.int8],
    queries: NDArray[np.int8],
    labels: NDArray[np.int8],
    limit: int,
    numbers: tuple[int, int] = (1, 2),
) -> Problem:
    """Examples `x` (m, d) with labels `y` (m,), and `queries` (q, d) with theirs (q,), all -1 and +1, for runs of up to `limit`
    steps. ValueError when the shape is not one of learners, or lacks a symbol."""
    return Problem(lay(shape, grids(x, y, queries, numbers), limit), labels)


def grids(x: NDArray[np.int8], y: NDArray[np.int8], queries: NDArray[np.int8], numbers: tuple[int, int] = (1, 2)) -> list[Grid]:
    """The data tape for each query; `numbers` are those of the symbols that stand for -1 and +1."""
    zero, one = numbers
    rows = np.where(np.column_stack([x, y]) > 0, one, zero).tolist()
    examples = tuple(map(tuple, rows))
    return [Grid((*examples, (*row, BLANK))) for row in np.where(queries > 0, one, zero).tolist()]


@dataclass(frozen=True, slots=True)
class Best:
    """How far a search is: `tried` candidates, of which number `number` answers `right` of `queries` rightly (-1: none was found
    yet)."""

    tried: int = 0
    number: int = -1
    right: int = -1
    queries: int = 0

    @property
    def error(self) -> float:
        """The share of queries that the best does not answer rightly."""
        return (self.queries - self.right) / self.queries

    def table(self, prior: Prior, name: str = "found") -> Table:
        """The best machine."""
        machines = prior.machines(self.number, 1)
        entries = machines.entries() if isinstance(machines, DrawnMachines) else machines
        return unpack(prior.shape, entries[0], name)


@renamed(enough="stop_at_error", bearable="max_error")
def search(
    prior: Prior,
    problems: Sequence[Problem],
    candidates: int,
    *,
    begin: Best | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    stop_at_error: float = 0.0,
    max_error: float = 1.0,
    after: Callable[[Best, float], None] = lambda best, seconds: None,
) -> Best:
    """The best of the first `candidates` of a prior (or of all there are, if these are fewer), over all queries of all problems.

    `begin`: how far an earlier search came; it is returned if that was as far, or farther. The search ends early when the best
    makes no more than a share `stop_at_error` of mistakes. A candidate that makes more than a share `max_error` of them is never
    taken, even if there is no better one: the smaller that is, the sooner candidates are given up, and the faster the search.
    `after` is called after every round, with the seconds since the beginning. `workers`: threads of this process, by default one
    per core; with the address of a Dask `scheduler` its workers do it instead. The best is the same in any case. Raises `Rejected`
    if no scheduler answers there.
    """
    queries = sum(len(each.labels) for each in problems)
    best, began = begin or Best(queries=queries), perf_counter()
    end = candidates if prior.size is None else min(candidates, prior.size)
    given = prior, together(problems)
    with threads(leader, given, workers) if scheduler is None else cluster(leader, given, scheduler) as pool:
        while best.tried < end and not (best.number >= 0 and best.error <= stop_at_error):
            first, last = best.tried, min(end, best.tried + _round(best.tried))
            mistakes = most_mistakes(max_error, queries) if best.number < 0 else queries - best.right - 1
            size = min(pool.block, _block(prior.shape, given[1], mistakes))
            blocks = ((start, min(size, last - start), mistakes) for start in range(first, last, size))
            right, number = max(pool.leaders(blocks))
            best = replace(best, number=-number, right=right) if right > best.right else best
            best = replace(best, tried=last)
            after(best, perf_counter() - began)
    return best


def most_mistakes(share: float, queries: int) -> int:
    """The most mistakes on so many queries that are no more than a share of them."""
    nearest = round(share * queries)
    return nearest if nearest / queries <= share else nearest - 1


def leader(given: tuple[Prior, Sequence[Problem]], block: Block) -> Leader:
    """The first of the best candidates of a block; -1 right if all make more mistakes than are allowed."""
    (prior, problems), (first, count, mistakes) = given, block
    machines, numbers = prior.machines(first, count), np.arange(count)
    right, asked = np.zeros(count, np.int64), 0
    for each in problems:
        right += right_answers(machines, each.inputs, _wanted(each), mistakes=mistakes, workers=1)
        asked += len(each.labels)
        left = np.flatnonzero(right >= asked - mistakes)
        if each is not problems[-1]:
            machines = machines.entries(left) if isinstance(machines, DrawnMachines) else machines[left]
        numbers, right = numbers[left], right[left]
    if not len(numbers):
        return -1, 0
    place = int(right.argmax())
    return int(right[place]), -(first + int(numbers[place]))


def _wanted(problem: Problem) -> NDArray[np.uint8]:
    """For each query the verdicts that are right, as `verdict_bits`."""
    return verdict_bits([RIGHT[-1], RIGHT[1]])[(problem.labels > 0).astype(np.int64)]


def together(problems: Sequence[Problem]) -> list[Problem]:
    """Problems of one size as one problem: candidates are drawn once for all of them."""
    alike: dict[tuple[int, int, bytes], list[Problem]] = {}
    for each in problems:
        alike.setdefault((each.inputs.limit, each.inputs.head, each.inputs.shifts.tobytes()), []).append(each)
    return [_joined(same) for same in alike.values()]


def _joined(problems: Sequence[Problem]) -> Problem:
    data = np.concatenate([each.inputs.data for each in problems])
    return Problem(replace(problems[0].inputs, data=data), np.concatenate([each.labels for each in problems]))


def _block(shape: MachineShape, problems: Sequence[Problem], mistakes: int) -> int:
    """How many candidates fit into the memory that a block may take, and are done in seconds even if none of them ever halts (then
    each is given up after so many mistakes)."""
    steps = sum(min(len(each.labels), mistakes + 1) * each.inputs.limit for each in problems)
    return max(1, min(BLOCK_ENTRIES // (shape.states << shape.reading_bits), BLOCK_STEPS // max(1, steps)))


def _round(tried: int) -> int:
    """The candidates that are left of a round."""
    if tried < ROUND:
        return max(FIRST_ROUND, 1 << tried.bit_length()) - tried
    return ROUND - tried % ROUND
