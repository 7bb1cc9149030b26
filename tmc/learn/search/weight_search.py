"""Restarts over networks of random weights (Corollary 2): Algorithm 1 again and again, and what validates best is kept.

Candidates are tried in blocks, and one is given up once it has made more mistakes than the best of the blocks before; of equally
good ones the first is kept. So the winner does not depend on interruptions, and every candidate without a mistake is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from tmc.learn.data.tasks import Task, problems
from tmc.learn.search.weights import CHUNK, NetworkPrior, network
from tmc.net.answer import answer
from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.learn import train
from tmc.net.many import Batch, labels, outputs
from tmc.net.network import Network, Shape

FIRST, GROWTH = 1, 4  # problems that decide first which candidates go on; and how many times more they are each time


@dataclass(frozen=True, slots=True)
class Tally:
    """How far restarts are: `tried` candidates, of which number `best` makes so few `mistakes` on the `queries` (-1: none was
    bearable), and so many are `perfect`: make none."""

    tried: int = 0
    best: int = -1
    mistakes: int = 0
    perfect: int = 0
    queries: int = 0

    @property
    def error(self) -> float:
        """The share of queries that the best does not answer rightly; 1 without one."""
        return 1.0 if self.best < 0 else self.mistakes / self.queries


def batch(task: Task, count: int, d: int, m: int, queries: int, seed: int, layers: int) -> Batch:
    """So many problems of a task, of one size. ValueError as `Task.draw`."""
    sets = problems(task, count, d, m, queries, seed)
    x, y, asked = (np.stack([getattr(each, name) for each in sets]) for name in ("x_train", "y_train", "x_test"))
    wanted = np.stack([each.y_test for each in sets if each.y_test is not None])
    return Batch(x, y, asked, wanted, layers)


def restart(
    prior: NetworkPrior,
    batches: Sequence[Batch],
    candidates: int,
    *,
    max_error: float = 1.0,
    begin: Tally | None = None,
    after: Callable[[Tally, float], None] = lambda tally, seconds: None,
) -> Tally:
    """Try the first `candidates` of a prior on all problems of all batches.

    One that makes more than a `max_error` share of mistakes is given up, too. `begin`: how far earlier restarts came. `after` is
    told of every block, and the seconds since the beginning.
    """
    queries = sum(each.wanted.size for each in batches)
    tally, began = begin or Tally(queries=queries), perf_counter()
    limit = tally.mistakes if tally.best >= 0 else int(max_error * queries)
    while tally.tried < candidates:
        count = min(CHUNK - tally.tried % CHUNK, candidates - tally.tried)
        mistakes = _mistakes(prior, tally.tried, count, batches, limit)
        leader = int(mistakes.argmin())
        if mistakes[leader] < limit or (tally.best < 0 and mistakes[leader] == limit):
            tally = replace(tally, best=tally.tried + leader, mistakes=int(mistakes[leader]))
            limit = tally.mistakes
        tally = replace(tally, tried=tally.tried + count, perfect=tally.perfect + int((mistakes == 0).sum()))
        after(tally, perf_counter() - began)
    return tally


def _mistakes(prior: NetworkPrior, first: int, count: int, batches: Sequence[Batch], limit: int) -> NDArray[np.int64]:
    """Of each candidate the mistakes, those that are given up have more than `limit`."""
    weights = prior.networks(first, count)
    mistakes, left = np.zeros(count, np.int64), np.arange(count)
    for part in _parts(batches):
        found = labels(outputs({name: tensor[left] for name, tensor in weights.items()}, prior.architecture.frame, part))
        mistakes[left] += (found != part.wanted).sum(axis=(1, 2))
        left = left[mistakes[left] <= limit]
        if not len(left):
            break
    return mistakes


def _parts(batches: Sequence[Batch]) -> Iterator[Batch]:
    """The problems, a few of each batch first and then more and more."""
    begin, end, most = 0, FIRST, max(len(each.x) for each in batches)
    while begin < most:
        yield from (each.part(begin, end) for each in batches if begin < len(each.x))
        begin, end = end, end * GROWTH


def error(prior: NetworkPrior, number: int, compiled: Checkpoint, given: Batch) -> float:
    """The share of queries that a candidate does not answer rightly when it is trained and asked by itself, with the network that
    `network` makes of it."""
    rcnn = Network(network(prior, number, compiled))
    shape = Shape(given.x.shape[1], given.x.shape[2], given.layers, given.pads, bounded=False)
    alike: dict[tuple[bytes, bytes], list[int]] = {}  # problems with the same examples: it is trained once for all of them
    for index, (x, y) in enumerate(zip(given.x, given.y, strict=True)):
        alike.setdefault((x.tobytes(), y.tobytes()), []).append(index)
    mistakes = 0
    for which in alike.values():
        train(rcnn, given.x[which[0]], given.y[which[0]], shape, full_depth=True)
        found = answer(rcnn, given.queries[which].reshape(-1, shape.d), shape, full_depth=True)
        mistakes += int((labels(found.outputs) != given.wanted[which].ravel()).sum())
    return mistakes / given.wanted.size
