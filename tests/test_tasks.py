"""Tasks: problems that a learner of the class can be right about, drawn from a seed."""

from __future__ import annotations

import numpy as np
import pytest

from tmc.learn.data.datasets import DataSet
from tmc.learn.data.streams import FRESH, stream
from tmc.learn.data.tasks import TASKS, Task, points, problems

PLAIN = [name for name, task in TASKS.items() if task.told is None]
ONLY = {"positives": 1, "negatives": -1}


def column(x: np.ndarray) -> np.ndarray:
    """The numbers of points, given as -1 and +1, in the order of counting."""
    return (x > 0) @ (1 << np.arange(x.shape[1])[::-1])


def drawn(name: str, count: int = 12, d: int = 3, m: int = 3, queries: int = 4, seed: int = 1) -> list[DataSet]:
    return problems(TASKS[name], count, d, m, queries, seed)


def same(one: DataSet, other: DataSet) -> bool:
    return all(np.array_equal(a, b) for (_, a), (_, b) in zip(one.arrays(), other.arrays(), strict=True))


@pytest.mark.parametrize("name", TASKS)
def test_sizes(name: str) -> None:
    for each in drawn(name):
        arrays = dict(each.arrays())
        assert {key: array.shape for key, array in arrays.items()} == {
            "X_train": (3, 3), "y_train": (3,), "X_test": (4, 3), "y_test": (4,),
        }  # fmt: skip
        assert all(array.dtype == np.int8 and set(array.ravel()) <= {-1, 1} for array in arrays.values())
    assert TASKS[name].name == name
    assert TASKS[name].about


@pytest.mark.parametrize("name", PLAIN)
def test_queries_are_determined(name: str) -> None:
    """Some function of the class has the labels of the examples, and all that have them have those of the queries."""
    values = TASKS[name].values(3)
    for each in drawn(name):
        agree = (values[:, column(each.x_train)] == (each.y_train > 0)).all(axis=1)
        assert agree.any()
        assert (values[agree][:, column(each.x_test)] == (np.asarray(each.y_test) > 0)).all()


@pytest.mark.parametrize("name", ONLY)
def test_examples_of_one_label(name: str) -> None:
    assert all((each.y_train == ONLY[name]).all() for each in drawn(name))
    assert any((np.asarray(each.y_test) != ONLY[name]).any() for each in drawn(name, 40, m=6))


def test_what_the_learner_is_told() -> None:
    """`missed`: a single 1 means that all are; `latest`: the last example is right. Each label comes up, and others are told."""
    for name, truth in (("missed", np.max), ("latest", lambda labels: labels[-1])):
        every = drawn(name, 40)
        assert all((each.y_test == truth(each.y_train)).all() for each in every)
        assert {int(np.asarray(each.y_test)[0]) for each in every} == {-1, 1}
        assert any(len(set(each.y_train)) == 2 for each in every)


@pytest.mark.parametrize("name", TASKS)
def test_the_same_arguments_give_the_same_problems(name: str) -> None:
    first, again, more, other = drawn(name, 5), drawn(name, 5), drawn(name, 8), drawn(name, 8, seed=2)
    assert all(map(same, first, again))
    assert all(map(same, first, more))
    assert not all(map(same, more, other))


def test_points() -> None:
    assert points(2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_each_function_once() -> None:
    assert {name: len(task.values(3)) for name, task in TASKS.items()} == {
        "constants": 2, "missed": 2, "latest": 2, "dictators": 3, "literals": 6, "conjunctions": 7, "positives": 7,
        "disjunctions": 7, "negatives": 7, "majorities": 4, "parities": 8,
    }  # fmt: skip
    assert TASKS["parities"].values(2).tolist() == [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]]
    assert len(TASKS["constants"].values(11)) == 2


@pytest.mark.parametrize("d", [12, 21, 1 << 40])
def test_too_many_features(d: int) -> None:
    with pytest.raises(ValueError, match=rf"^parities of {d} features are too many to be looked at: at most 11 features$"):
        problems(TASKS["parities"], 1, d, 1, 1, 0)


@pytest.mark.parametrize(("d", "m", "queries"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_nothing_to_draw(d: int, m: int, queries: int) -> None:
    with pytest.raises(ValueError, match="of at least 1"):
        problems(TASKS["parities"], 1, d, m, queries, 0)


def test_a_class_that_determines_little() -> None:
    """All functions: only the examples themselves are determined."""
    every = Task("all", "", lambda d: (np.arange(1 << (1 << d))[:, None] >> np.arange(1 << d) & 1).astype(np.uint8))
    for each in problems(every, 10, 2, 2, 3, 0):
        assert set(column(each.x_test)) <= set(column(each.x_train))


def test_problems_for_other_uses_are_others() -> None:
    """Those that a search has not seen: no two of them come from the same random bits."""
    assert (
        len({stream(seed, number, use).random_raw() for seed in range(9) for number in range(9) for use in range(4)}) == 9 * 9 * 4
    )
    chosen, fresh = drawn("parities", 20, d=8, m=9), problems(TASKS["parities"], 20, 8, 9, 4, 1, FRESH)
    assert not any(same(one, other) for one in chosen for other in fresh)
    with pytest.raises(ValueError, match="seeds and numbers are from 0 to 4294967295, not 4294967296 and 0"):
        problems(TASKS["parities"], 1, 2, 2, 1, 1 << 32)
