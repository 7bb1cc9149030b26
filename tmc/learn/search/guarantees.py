"""How much validation data a choice among machines needs, and how far the chosen one may be from the best (Corollary 2).

All of it is Hoeffding's inequality and a union bound over the candidates: with probability at least ``1 - δ`` over `n` validation
examples drawn independently, the validation error of each of `K` candidates that were fixed beforehand is within
``√(ln(2K/δ) / 2n)`` of its true error. So the one with the least validation error has a true error of at most that of the best
candidate and twice as much again.
"""

from __future__ import annotations

import math
from numbers import Real


def deviation(candidates: int, n: int, delta: float) -> float:
    """How far, with probability ``1 - delta``, the validation error of any of the candidates is from its true error at most, with
    `n` validation examples. Raises ValueError for `n` = 0 or a `delta` that is not between 0 and 1."""
    return math.sqrt(_log(candidates, delta) / (2 * _positive("n", n)))


def gap(candidates: int, n: int, delta: float) -> float:
    """How much larger than the best candidate's, with probability ``1 - delta``, the chosen one's true error is at most. Errors as
    `deviation`."""
    return 2 * deviation(candidates, n, delta)


def validation_size(candidates: int, epsilon: float, delta: float) -> int:
    """The number of validation examples with which `gap` is at most `epsilon`: ``2 ln(2K/δ) / ε²``. ValueError when `epsilon` or
    `delta` is not between 0 and 1."""
    return math.ceil(2 * _log(candidates, delta) / between_0_and_1("epsilon", epsilon) ** 2)


def between_0_and_1(name: str, value: object) -> float:
    """A parameter that is a number between 0 and 1. ValueError when it is not."""
    number = float(value) if isinstance(value, Real) else math.nan  # True is 1, which is not between them
    if not 0 < number < 1:
        raise ValueError(f"{name} is between 0 and 1, not {value if isinstance(value, Real) else repr(value)}")
    return number


def restarts(probability: float, delta: float) -> int:
    """How many draws meet, with probability ``1 - delta``, a machine that each of them is with this probability. ValueError when
    one of these is not between 0 and 1."""
    if not 0 < probability <= 1:
        raise ValueError(f"a probability is between 0 and 1, not {probability}")
    log = math.log(1 / between_0_and_1("delta", delta))
    return 1 if probability == 1 else max(1, math.ceil(log / -math.log1p(-probability)))


def _log(candidates: int, delta: float) -> float:
    return math.log(2 * _positive("candidates", candidates) / between_0_and_1("delta", delta))


def _positive(name: str, number: int) -> int:
    if number < 1:
        raise ValueError(f"{name} is at least 1, not {number}")
    return number
