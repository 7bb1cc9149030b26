"""Polynomials with natural coefficients: how a machine's bounds are written down.

A bound is a promise such as ``2*m*d^2 + 60``; its variables are ``m`` and ``d`` (grid machines) or ``n`` (line machines).
"""

from __future__ import annotations

from collections.abc import Mapping

from tmc.frozen import frozen

Monomial = tuple[tuple[str, int], ...]  # ((variable, exponent), …), sorted by variable; () is the constant


@frozen
class Polynomial:
    """``Σ coefficient · monomial``, in a canonical order: equal polynomials compare equal.

    >>> m, d = Polynomial.variable("m"), Polynomial.variable("d")
    >>> str((m + Polynomial.constant(1)) * d * d)
    'm*d^2 + d^2'
    """

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def of(coefficients: Mapping[Monomial, int]) -> Polynomial:
        """The polynomial with these coefficients; zero ones are dropped."""
        kept = [(monomial, c) for monomial, c in coefficients.items() if c]
        return Polynomial(tuple(sorted(kept, key=_graded)))

    @staticmethod
    def constant(value: int) -> Polynomial:
        """The constant polynomial ``value``."""
        return Polynomial.of({(): value})

    @staticmethod
    def variable(name: str) -> Polynomial:
        """The polynomial that is one variable."""
        return Polynomial.of({((name, 1),): 1})

    def __add__(self, other: Polynomial) -> Polynomial:
        total = dict(self.terms)
        for monomial, c in other.terms:
            total[monomial] = total.get(monomial, 0) + c
        return Polynomial.of(total)

    def __mul__(self, other: Polynomial) -> Polynomial:
        total: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                product = _multiply(left, right)
                total[product] = total.get(product, 0) + a * b
        return Polynomial.of(total)

    def variables(self) -> frozenset[str]:
        """The variables that occur."""
        return frozenset(name for monomial, _ in self.terms for name, _ in monomial)

    def evaluate(self, values: Mapping[str, int]) -> int:
        """The value at ``values``. Raises KeyError for a variable without a value."""
        total = 0
        for monomial, c in self.terms:
            for name, exponent in monomial:
                c *= values[name] ** exponent
            total += c
        return total

    def __str__(self) -> str:
        return " + ".join(_show(monomial, c) for monomial, c in self.terms) or "0"


def _multiply(left: Monomial, right: Monomial) -> Monomial:
    exponents = dict(left)
    for name, exponent in right:
        exponents[name] = exponents.get(name, 0) + exponent
    return tuple(sorted(exponents.items(), key=lambda item: _rank(item[0])))


def _rank(variable: str) -> tuple[int, str]:
    """The order in which variables are written: examples before features."""
    return ("mdn".find(variable), variable)


def _graded(term: tuple[Monomial, int]) -> tuple[int, Monomial]:
    monomial, _ = term
    return (-sum(exponent for _, exponent in monomial), monomial)


def _show(monomial: Monomial, coefficient: int) -> str:
    factors = [name if exponent == 1 else f"{name}^{exponent}" for name, exponent in monomial]
    if coefficient != 1 or not factors:
        factors.insert(0, str(coefficient))
    return "*".join(factors)
