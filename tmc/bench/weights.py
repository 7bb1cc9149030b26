"""The paper's own prior, measured: what it would take to draw a compiled network, and restarts that do find working ones.

Every network that is found is one that Algorithm 1 has trained on examples of fresh problems, and that was then asked queries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import log, log2
from statistics import mean
from time import perf_counter

import numpy as np

from tmc.files import read_text, shipped
from tmc.learn.data.datasets import Bits
from tmc.learn.data.tasks import TASKS, Task, points
from tmc.learn.search.weight_search import Tally, batch, error, restart
from tmc.learn.search.weights import Architecture, NetworkPrior, Redrawn, Weights
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.net.draw import draw
from tmc.net.equivalent import log2_equivalents
from tmc.net.many import Batch, FixedCells
from tmc.net.network import Network
from tmc.pipeline import compile_machine
from tmc.source import Source
from tmc.targets.registry import SCALAR

SMALLEST: Mapping[str, tuple[str, ...]] = {  # by what they answer: the lines of their one state
    "always_1": ("otherwise -> accept",),
    "always_0": ("otherwise -> reject",),
    "first_feature": ("on 0 at bottom -> reject", "otherwise move down"),
    "first_label": ("on 0 at right -> reject", "otherwise move right"),
}
SHIPPED = ("majority", "dictator", "memory", "stump", "gauss")
STEPS = {"always_1": "1", "always_0": "1", "first_feature": "m + 1", "first_label": "d + 1"}
THIRD = float(np.float32(1 / 3))  # as the target scalar has it
FRAMES: Mapping[str, FixedCells] = {  # the paper's, and the same with a third as the unit: memory cells ±1, pads 3
    "paper": FixedCells(pad=1.0, border=0.0, learning_rate=THIRD),
    "thirds": FixedCells(pad=3.0, border=0.0, learning_rate=1.0),
}
VALUES = (-1.0, -0.5, 0.0, 0.5, 1.0)
QUERIES = 4  # of a problem
FEW = 16  # times fewer candidates where nothing need be learnt
SURE = 0.05  # δ
VALIDATING, LARGER = 64, 100  # problems that validate; larger ones that are asked in the end
Layers = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be learnt from problems of these `sizes`, m examples of d features. `needs` says what a network must look at."""

    task: Task
    needs: str
    sizes: tuple[tuple[int, int], ...]

    @property
    def larger(self) -> tuple[tuple[int, int], ...]:
        """One example and one feature more than the largest of them."""
        return tuple((m + 1, d + 1) for m, d in self.sizes[-1:])


def _always(value: int) -> Callable[[int], Bits]:
    return lambda d: np.full((1, 1 << d), value, np.uint8)


GOALS = (
    Goal(Task("always +1", "the label is 1", _always(1)), "nothing", ((1, 1),)),
    Goal(Task("always -1", "the label is 0", _always(0)), "nothing", ((1, 1),)),
    Goal(Task("first feature", "the first feature is the label", lambda d: points(d).T[:1]), "the query", ((2, 2),)),
    Goal(TASKS["constants"], "the examples", ((1, 1),)),
    Goal(TASKS["constants"], "the examples", ((1, 1), (2, 2), (3, 3))),
    Goal(TASKS["literals"], "both", ((1, 1),)),
    Goal(TASKS["dictators"], "both", ((2, 2),)),
)


@dataclass(frozen=True, slots=True)
class DrawFigures:
    """A machine, compiled to the target scalar at a scale. `log2_chance`: of drawing exactly its network. `log2_equivalents`: of a
    number of networks that do the same, see `tmc.net.equivalent`; so the chance of one of those is the two together."""

    machine: str
    scale: str
    states: int
    width: int
    entries: int
    values: int
    log2_chance: float
    log2_equivalents: float


@cache
def compiled(machine: str, scale: str = "paper") -> tuple[Checkpoint, int]:
    """One of `SMALLEST` or `SHIPPED`, and how many states it has."""
    if machine in SMALLEST:
        rules = "".join(f"    {line}\n" for line in SMALLEST[machine])
        head = f'learner {machine}\n    ""\n\ntape data: grid of _ 0 1\n\nbounds\n    steps {STEPS[machine]}\n\n'
        source = Source(f"{machine}.tm", f"{head}start only\n\nstate only\n{rules}")
    else:
        source = read_text(str(shipped("machines") / f"{machine}.tm"))
    build = compile_machine(source, target=SCALAR.name, scale=scale)
    return from_build(build), len(build.lowered.states)


def figures(machines: Sequence[str] = (*SMALLEST, *SHIPPED)) -> Iterator[DrawFigures]:
    """What it would take to draw each, at both scales."""
    for machine in machines:
        for scale in ("integer", "paper"):
            checkpoint, states = compiled(machine, scale)
            drawn, width = draw(checkpoint, 0), len(checkpoint.tensors["V1"])
            others = log2_equivalents(checkpoint, drawn.values)
            yield DrawFigures(machine, scale, states, width, drawn.entries, drawn.values, drawn.log2_chance, others)


@dataclass(frozen=True, slots=True)
class Effort:
    """How many `candidates` are drawn, and by which `seed`; `fresh` problems are for the one that is found. One that makes more
    than a `max_error` share of mistakes is given up."""

    candidates: int
    fresh: int
    seed: int
    max_error: float = 0.1


@dataclass(frozen=True, slots=True)
class Attempt:
    """Restarts on a goal: what came of them, so many a second (`rate`), with L `layers` for the first of its sizes.

    `blind` is the least error that is possible without looking at the examples. `fresh` and `elsewhere` are the error of the first
    network that makes no mistake in validation (None: nothing was found), trained and asked by itself: on problems that it was not
    chosen by, and on larger ones.
    """

    goal: Goal
    prior: NetworkPrior
    layers: int
    tally: Tally
    rate: float
    blind: float
    fresh: float | None = None
    elsewhere: float | None = None

    @property
    def log2_frequency(self) -> float:
        """log2 of how often one was found; if nothing was found, of the least chance that would have shown one with probability 1 -
        δ."""
        found, tried = self.tally.perfect, self.tally.tried
        return log2(found / tried) if found else log2(1 - SURE ** (1 / tried))

    @property
    def log2_restarts(self) -> float:
        """log2 of how many draws meet, with probability 1 - δ, one given network: `restarts` of its chance, ``ln(1/δ) / chance``,
        which is too small for a float."""
        return log2(-log(SURE)) - self.prior.log2_chance


def attempt(prior: NetworkPrior, goal: Goal, layers: Layers, effort: Effort) -> Attempt:
    """Restarts; `layers` of examples and features is L. Where nothing need be learnt a few candidates are enough: it takes long to
    give one up, and no time to find one."""

    def problems(sizes: Sequence[tuple[int, int]], count: int, part: int) -> list[Batch]:
        each = -(-count // len(sizes))
        return [batch(goal.task, each, d, m, QUERIES, 4 * effort.seed + part, layers(m, d)) for m, d in sizes]

    candidates = effort.candidates if goal.needs != "nothing" else -(-effort.candidates // FEW)
    validation, began = problems(goal.sizes, VALIDATING, 0), perf_counter()
    tally = restart(prior, validation, candidates, max_error=effort.max_error)
    rate = candidates / (perf_counter() - began)
    found = Attempt(goal, prior, validation[0].layers, tally, rate, blind_error(validation))
    if not tally.perfect:
        return found
    template, _ = compiled("always_0")
    new, other = (
        mean(error(prior, tally.best, template, given) for given in batches)
        for batches in (problems(goal.sizes, effort.fresh, 1), problems(goal.larger, LARGER, 2))
    )
    return replace(found, fresh=new, elsewhere=other)


def blind_error(batches: Sequence[Batch]) -> float:
    """The error of the best answers that the size of a problem and its query alone decide."""
    mistakes = 0
    for each in batches:
        queries = map(tuple, each.queries.reshape(each.wanted.size, -1).tolist())
        counts = Counter(zip(queries, each.wanted.ravel().tolist(), strict=True))
        mistakes += sum(min(count, counts[query, -label]) for (query, label), count in counts.items() if label > 0)
    return mistakes / sum(each.wanted.size for each in batches)


def tiny(widths: Sequence[int], effort: Effort) -> Iterator[tuple[str, Attempt]]:
    """Every goal with networks of these widths, one application of the convolution, d_head 1, U_s of five values; and in which of
    the `FRAMES`."""
    for name, frame in FRAMES.items():
        for goal in GOALS:
            for width in widths:
                prior = Weights(Architecture(width, 1, VALUES, frame), effort.seed)
                yield name, attempt(prior, goal, lambda m, d: 1, effort)


def own(effort: Effort) -> Iterator[tuple[str, Attempt]]:
    """The smallest machine that must learn: in its own width and frame, with its own U_s, and as many layers as it needs."""
    checkpoint, _ = compiled("first_label")
    prior = Weights(Architecture.of(checkpoint), effort.seed)
    for goal in GOALS:
        if goal.sizes == ((1, 1),):
            yield "first_label", attempt(prior, goal, _depth(checkpoint), effort)


def redrawn(most: int, effort: Effort) -> Iterator[tuple[str, Attempt]]:
    """That machine's network again, but only 1, 2, … up to `most` of its entries drawn: of those that are not 0, and of all."""
    checkpoint, _ = compiled("first_label")
    entries, goal = Redrawn(checkpoint, ()).entries, next(goal for goal in GOALS if goal.needs == "the examples")
    for which, places in (("not 0", np.flatnonzero(entries)), ("any", np.arange(len(entries)))):
        order = np.random.default_rng(effort.seed).permutation(places)
        for count in range(1, most + 1):
            prior = Redrawn(checkpoint, tuple(map(int, order[:count])), effort.seed)
            yield f"{count} {which}", attempt(prior, goal, _depth(checkpoint), effort)


def _depth(checkpoint: Checkpoint) -> Layers:
    network = Network(checkpoint)
    return lambda m, d: network.shape(m, d).depth
