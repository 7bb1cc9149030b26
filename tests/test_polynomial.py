"""Polynomials: arithmetic that agrees with evaluation, and one way to write each."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmc.ir.polynomial import Polynomial

M, D, N = (Polynomial.variable(name) for name in "mdn")
ONE = Polynomial.constant(1)
POINTS = tuple({"m": m, "d": d} for m, d in product((0, 1, 2, 7), repeat=2))

monomials = st.sampled_from(((), (("m", 1),), (("d", 1),), (("m", 1), ("d", 1)), (("d", 2),), (("m", 3),)))
polynomials = st.dictionaries(monomials, st.integers(0, 9), max_size=4).map(Polynomial.of)


@given(polynomials, polynomials)
def test_sum_and_product_are_those_of_the_values(one: Polynomial, other: Polynomial) -> None:
    for point in POINTS:
        assert (one + other).evaluate(point) == one.evaluate(point) + other.evaluate(point)
        assert (one * other).evaluate(point) == one.evaluate(point) * other.evaluate(point)


@given(polynomials, polynomials)
def test_equal_polynomials_compare_equal(one: Polynomial, other: Polynomial) -> None:
    assert one + other == other + one
    assert one * other == other * one
    assert (one + other) * one == one * one + one * other


@pytest.mark.parametrize(
    ("polynomial", "text"),
    [
        (Polynomial.of({}), "0"),
        (Polynomial.constant(0), "0"),
        (Polynomial.constant(60), "60"),
        (N, "n"),
        (D * M, "m*d"),
        ((M + ONE) * D * D, "m*d^2 + d^2"),
        (Polynomial.constant(2) * N + Polynomial.constant(3), "2*n + 3"),
    ],
)
def test_as_text(polynomial: Polynomial, text: str) -> None:
    assert str(polynomial) == text


def test_zero_terms_vanish() -> None:
    assert Polynomial.of({(("m", 1),): 0, (): 4}) == Polynomial.constant(4)
    assert Polynomial.constant(0) * M == Polynomial.of({})


def test_variables() -> None:
    assert (M * D + ONE).variables() == {"m", "d"}
    assert ONE.variables() == frozenset()
    with pytest.raises(KeyError):
        M.evaluate({"d": 1})
