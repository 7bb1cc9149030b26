"""The learners in `machines`: each answers what the same algorithm in plain Python answers, and keeps its promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from random import Random

import pytest

from conftest import ROOT, compiled
from tmc.files import read_text
from tmc.ir.table import Table
from tmc.ir.tape import BLANK, Grid
from tmc.net.checkpoint.reading import from_build
from tmc.net.rcnn import RCNN
from tmc.pipeline import read_machine
from tmc.run.simulator import Run, simulate
from tmc.testing.lockstep import Caches, lockstep

Bits = tuple[int, ...]
Example = tuple[Bits, int]  # features, label
Examples = Sequence[Example]
Learner = Callable[[Examples, Bits], bool]

# --- the algorithms


def majority(examples: Examples, query: Bits) -> bool:
    ones = sum(label for _, label in examples)
    return ones > len(examples) - ones


def dictator(examples: Examples, query: Bits) -> bool:
    dictators = [j for j in range(len(query)) if all(x[j] == label for x, label in examples)]
    return bool(dictators) and query[dictators[-1]] == 1


def stump(examples: Examples, query: Bits) -> bool:
    return query[min(range(len(query)), key=lambda j: sum(x[j] != label for x, label in examples))] == 1


def conjunction(examples: Examples, query: Bits) -> bool:
    literals = {(j, value) for j in range(len(query)) for value in (0, 1)}
    for x, label in examples:
        if label:
            literals = {(j, value) for j, value in literals if x[j] == value}
    return all(query[j] == value for j, value in literals)


def decision_list(examples: Examples, query: Bits) -> bool:
    rules, left = [], [((*x, 1), label) for x, label in examples]  # the last feature always holds: a rule for it is the "else"
    while left and (rule := first_rule(left)):
        rules.append(rule)
        left = [(x, label) for x, label in left if x[rule[0]] != rule[1]]
    return next((label == 1 for j, value, label in rules if (*query, 1)[j] == value), False)


def first_rule(examples: Examples) -> tuple[int, int, int] | None:
    """Feature, value and label of the first rule that holds for some examples and is right about all those."""
    for j in reversed(range(len(examples[0][0]))):
        for value in (1, 0):
            labels = {label for x, label in examples if x[j] == value}
            if len(labels) == 1:
                return j, value, labels.pop()
    return None


def nearest(examples: Examples, query: Bits) -> bool:
    return min(examples, key=lambda example: sum(a != b for a, b in zip(example[0], query, strict=True)))[1] == 1


def memory(examples: Examples, query: Bits) -> bool:
    return dict(examples).get(query) == 1


def perceptron(examples: Examples, query: Bits) -> bool:
    weights = [0] * len(query)
    for x, label in examples:
        if predicted(weights, x) != label:
            weights = [w + (1 if bit == label else -1) for w, bit in zip(weights, x, strict=True)]
    return predicted(weights, query)


def predicted(weights: list[int], x: Bits) -> bool:
    return sum(w if bit else -w for w, bit in zip(weights, x, strict=True)) > 0


def gauss(examples: Examples, query: Bits) -> bool:
    rows = [[*x, label] for x, label in examples]
    answer = [*query, 0]
    for column in range(len(query)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is not None:
            rows.remove(pivot)
            rows, answer = [added(row, pivot, column) for row in rows], added(answer, pivot, column)
    return answer[-1] == 1


def added(row: list[int], pivot: list[int], column: int) -> list[int]:
    return [a ^ b for a, b in zip(row, pivot, strict=True)] if row[column] else row


LEARNERS: dict[str, Learner] = {
    learner.__name__: learner
    for learner in (majority, dictator, stump, conjunction, decision_list, nearest, memory, perceptron, gauss)
}
EVERY = pytest.mark.parametrize("name", LEARNERS)

# --- machines and data


@cache
def table(name: str) -> Table:
    return read_machine(read_text(ROOT / "machines" / f"{name}.tm"))[0]


def every_data_set(d: int, m: int) -> Iterator[tuple[Examples, Bits]]:
    """All examples and queries of a size."""
    features = tuple(product((0, 1), repeat=d))
    for examples in product(product(features, (0, 1)), repeat=m):
        for query in features:
            yield examples, query


TRUTHS: tuple[Callable[[Bits], int], ...] = (
    lambda x: 1,
    lambda x: x[0],
    lambda x: x[0] ^ x[-1],
    lambda x: x[0] * x[-1],
    lambda x: int(2 * sum(x) > len(x)),
)


def random_data_set(random: Random, d: int, m: int) -> tuple[Examples, Bits]:
    """Examples, some of them alike, whose labels follow a rule, with or without noise; and a query, often one of them."""
    few = [bits(random, d) for _ in range(random.choice((1, 2, 2 * m)))]
    features = [random.choice(few) for _ in range(m)]
    truth, noise = random.choice(TRUTHS), random.choice((0.0, 0.2, 0.5))
    examples = [(x, truth(x) ^ (random.random() < noise)) for x in features]
    return examples, random.choice((bits(random, d), random.choice(features)))


def bits(random: Random, count: int) -> Bits:
    return tuple(random.randrange(2) for _ in range(count))


def grid_of(name: str, examples: Examples, query: Bits) -> Grid:
    numbers = [table(name).data.number(symbol) for symbol in "01"]
    rows = tuple(tuple(numbers[bit] for bit in (*x, label)) for x, label in examples)
    return Grid((*rows, (*(numbers[bit] for bit in query), BLANK)))


def answered(name: str, examples: Examples, query: Bits) -> Run:
    """The machine's run, after checking it."""
    run = simulate(table(name), grid_of(name, examples, query))
    assert run.verdict == ("accept" if LEARNERS[name](examples, query) else "reject"), (examples, query)
    assert not run.promise_broken, (run.steps_promise, run.work_promise, examples, query)
    return run


# --- tests


def test_all_learners_are_here() -> None:
    assert {path.stem for path in (ROOT / "machines").glob("*.tm") if table(path.stem).is_grid} == set(LEARNERS)


@EVERY
@pytest.mark.parametrize(("d", "m"), [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)])
def test_all_small_data_sets(name: str, d: int, m: int) -> None:
    for examples, query in every_data_set(d, m):
        answered(name, examples, query)


@pytest.mark.long
@EVERY
@pytest.mark.parametrize(("d", "m"), [(1, 4), (1, 5), (2, 3), (3, 2)])
def test_all_larger_data_sets(name: str, d: int, m: int) -> None:
    for examples, query in every_data_set(d, m):
        answered(name, examples, query)


@EVERY
def test_random_data_sets(name: str) -> None:
    random = Random(name)
    answers = {answered(name, *random_data_set(random, random.randint(1, 6), random.randint(1, 9))).verdict for _ in range(300)}
    assert answers == {"accept", "reject"}


CONCEPTS: dict[str, Callable[[Bits], bool]] = {
    "dictator": lambda x: x[1] == 1,
    "stump": lambda x: x[2] == 1,
    "conjunction": lambda x: x[0] == 1 and x[3] == 0,
    "decision_list": lambda x: x[1] == 0 and (x[0] == 0 or x[3] == 0),
    "gauss": lambda x: x[0] ^ x[2] ^ x[3] == 1,
    "nearest": lambda x: x[0] * x[1] ^ x[2] * x[3] == 1,
    "memory": lambda x: x[0] * x[1] ^ x[2] * x[3] == 1,
}


@pytest.mark.parametrize("name", CONCEPTS)
def test_what_it_can_learn_it_has_learned(name: str) -> None:
    """A learner is right about all its examples when some hypothesis of its kind is."""
    random = Random(1)
    for _ in range(40):
        examples = [(x, int(CONCEPTS[name](x))) for x in (bits(random, 4) for _ in range(random.randint(1, 9)))]
        x, label = random.choice(examples)
        assert (answered(name, examples, x).verdict == "accept") == label


def worst_case(name: str, d: int, m: int) -> tuple[Examples, Bits]:
    """Examples and a query with which a learner takes as many steps as it promises at most."""
    ones, zeros = (1,) * d, (0,) * d
    match name:
        case "dictator":
            return [*[(ones, 1)] * (m - 1), (zeros, 1)], ones
        case "memory":
            return [(ones, 1), *[((0, *ones[1:]), 1)] * (m - 1)], ones
        case "nearest" | "stump":
            return [(zeros, 1)] * m, ones
        case _:
            return [(ones, 1)] * m, ones


@pytest.mark.parametrize("name", ["majority", "dictator", "stump", "conjunction", "nearest", "memory"])
@pytest.mark.parametrize(("d", "m"), [(1, 1), (1, 4), (3, 1), (4, 8)])
def test_a_promise_is_no_larger_than_it_has_to_be(name: str, d: int, m: int) -> None:
    run = answered(name, *worst_case(name, d, m))
    assert run.steps_promise is not None
    assert run.steps == run.steps_promise.limit


def follow(name: str, random: Random, rows: int, columns: int, runs: int) -> None:
    """The network does what the table does, layer by layer."""
    build, caches = compiled(name), Caches()
    network = RCNN(from_build(build))
    for _ in range(runs):
        examples, query = random_data_set(random, random.randint(1, columns), random.randint(1, rows))
        lockstep(build, grid_of(name, examples, query), network=network, caches=caches)


@EVERY
def test_in_the_network(name: str) -> None:
    follow(name, Random(name), rows=3, columns=2, runs=1)


@pytest.mark.long
@EVERY
def test_much_in_the_network(name: str) -> None:
    follow(name, Random(name), rows=5, columns=4, runs=10)
