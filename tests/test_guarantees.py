"""How much validation data a choice needs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tmc.learn.search.guarantees import deviation, gap, restarts, validation_size


@pytest.mark.parametrize("candidates", [1, 10, 1 << 20])
@pytest.mark.parametrize("epsilon", [0.5, 0.1, 0.01])
def test_size_is_the_least_that_does(candidates: int, epsilon: float) -> None:
    n = validation_size(candidates, epsilon, 0.05)
    assert gap(candidates, n, 0.05) <= epsilon < gap(candidates, n - 1, 0.05)


def test_by_hand() -> None:
    assert deviation(50, 200, 0.01) == math.sqrt(math.log(10_000) / 400)
    assert restarts(0.5, 0.25) == 2
    assert restarts(1.0, 0.01) == 1


def test_never_violated() -> None:
    """Fifty coins of known bias: the one that looks best is within the gap of the best, in all of 2000 repetitions."""
    random, errors, n = np.random.default_rng(0), np.linspace(0.2, 0.5, 50), 100
    seen = random.binomial(n, errors, size=(2000, 50)) / n
    assert np.abs(seen - errors).max() < deviation(50, n, 1e-3 / 2000)
    assert (errors[seen.argmin(axis=1)] - errors.min()).max() <= gap(50, n, 0.05)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (deviation, (0, 10, 0.1), "candidates is at least 1, not 0"),
        (deviation, (1, 0, 0.1), "n is at least 1, not 0"),
        (gap, (1, 1, 0.0), "delta is between 0 and 1, not 0.0"),
        (validation_size, (1, 1.0, 0.1), "epsilon is between 0 and 1, not 1.0"),
        (restarts, (0.0, 0.1), "a probability is between 0 and 1, not 0.0"),
    ],
)
def test_refused(function: object, arguments: tuple[float, ...], message: str) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match=message):
        function(*arguments)
