"""Tasks: distributions of learning problems, from which as many problems as are wanted are drawn.

A problem is a hidden function of a class, examples of it, and queries. Features are drawn uniformly. Every query is *determined*:
all functions of the class that agree with the examples agree on it. So a learner of the class can be right every time, and nobody
could be who learns it from fewer examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tmc.learn.data.datasets import Bits, DataSet
from tmc.learn.data.streams import PROBLEMS, stream

MOST_VALUES = 1 << 22  # a class is looked at as a whole: its functions, times all points that there are

Told = Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Task:
    """A class of functions of `d` features: `functions` gives their values (functions, 2^d) on all points, see `points`.

    `only`: all examples have this label (None: any). `told`: the labels (m,) that the learner is told, of those that are true.
    """

    name: str
    about: str
    functions: Callable[[int], Bits]
    only: int | None = None
    told: Told | None = None

    def values(self, d: int) -> Bits:
        """The functions of the class, each once. ValueError when they are too many to be looked at."""
        return _values(self, d)

    def draw(self, random: np.random.Generator, d: int, m: int, queries: int) -> DataSet:
        """A problem with `m` examples, whose queries are drawn from the determined points, with repetition: at least the examples'
        are determined. ValueError when the class is too large."""
        if min(d, m, queries) < 1:
            raise ValueError("a problem needs d, m and queries of at least 1")
        values, every = self.values(d), points(d)  # in this order: there may be too many points to be looked at
        hidden = values[random.integers(len(values))]
        among = np.arange(len(every)) if self.only is None else np.flatnonzero(hidden == self.only)
        examples = among[random.integers(0, len(among), m)]
        left = values[(values[:, examples] == hidden[examples]).all(axis=1)]
        determined = np.flatnonzero((left == left[0]).all(axis=0))
        labels = hidden[examples] if self.told is None else self.told(hidden[examples], random)
        asked = determined[random.integers(0, len(determined), queries)]
        return DataSet(_signs(every[examples]), _signs(labels), _signs(every[asked]), _signs(hidden[asked]))


def points(d: int) -> Bits:
    """All points of `d` features (2^d, d), 0 and 1, in the order of counting."""
    return np.asarray((np.arange(1 << d)[:, None] >> np.arange(d - 1, -1, -1)) & 1, np.uint8)


@cache
def _values(task: Task, d: int) -> Bits:
    if d > 20 or 4**d > MOST_VALUES:
        raise ValueError(f"{task.name} of {d} features are too many to be looked at: at most {_most_features()} features")
    return np.unique(task.functions(d), axis=0)


def _most_features() -> int:
    return (MOST_VALUES.bit_length() - 1) // 2


def _signs(bits: NDArray[np.uint8]) -> NDArray[np.int8]:
    return (2 * bits.astype(np.int8) - 1).astype(np.int8)


def _of_sets(
    value: Callable[[NDArray[np.int64], int], NDArray[np.bool_]], odd: bool = False, none: bool = False
) -> Callable[[int], Bits]:
    """The functions that a set of features stands for: `value` of how many of them are 1, and of how many they are. `odd`: sets of
    an odd size alone; `none`: the set may be empty."""

    def functions(d: int) -> Bits:
        every = points(d).astype(np.int64)
        sets = [list(chosen) for size in range(0 if none else 1, d + 1, 1 + odd) for chosen in combinations(range(d), size)]
        return np.array([value(every[:, chosen].sum(axis=1), len(chosen)) for chosen in sets], np.uint8)

    return functions


def _constants(d: int) -> Bits:
    return np.repeat(np.array([[0], [1]], np.uint8), 1 << d, axis=1)


def _dictators(d: int) -> Bits:
    return points(d).T


def _literals(d: int) -> Bits:
    return np.concatenate([points(d).T, 1 - points(d).T])


def _some_missed(labels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Half of the ones are told as zeros, but not all of them."""
    told = labels & random.integers(0, 2, len(labels), dtype=np.uint8)
    told[random.integers(len(labels))] = labels[0]
    return told


def _once_otherwise(labels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """The first so many examples, never all, were labelled when the answer was the other one."""
    return labels ^ (np.arange(len(labels)) < random.integers(len(labels))).astype(np.uint8)


_conjunctions = _of_sets(lambda ones, size: ones == size)
_disjunctions = _of_sets(lambda ones, size: ones > 0)

TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task("constants", "always the same label", _constants),
        Task("missed", "always the same label; if it is 1, half of the examples say 0, not all", _constants, None, _some_missed),
        Task("latest", "always the same label, but the first examples say the other one", _constants, None, _once_otherwise),
        Task("dictators", "one feature is the label", _dictators),
        Task("literals", "one feature, or its negation, is the label", _literals),
        Task("conjunctions", "1 when all features of a set are", _conjunctions),
        Task("positives", "1 when all features of a set are, and all examples are labelled 1", _conjunctions, 1),
        Task("disjunctions", "1 when a feature of a set is", _disjunctions),
        Task("negatives", "1 when a feature of a set is, and all examples are labelled 0", _disjunctions, 0),
        Task("majorities", "1 when most features of a set of odd size are", _of_sets(lambda ones, size: 2 * ones > size, odd=True)),
        Task(
            "parities",
            "1 when an odd number of features of a set, which may be empty, is",
            _of_sets(lambda ones, size: ones % 2 == 1, none=True),
        ),
    )
}  # fmt: skip


def problems(task: Task, count: int, d: int, m: int, queries: int, seed: int, use: int = PROBLEMS) -> list[DataSet]:
    """So many problems of a task; the same arguments give the same, and the first ones of a larger `count` are these. Those for
    another `use`, of `tmc.learn.data.streams`, are independent of them. ValueError as `Task.draw`, and for a seed beyond 32
    bits."""
    return [task.draw(np.random.Generator(stream(seed, number, use)), d, m, queries) for number in range(count)]
