"""Bounds: from expressions to polynomials."""

from __future__ import annotations

from functools import lru_cache
from typing import assert_never

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Bounds
from tmc.ir.tape import Tape
from tmc.source import Span
from tmc.syntax import tree

HIGHEST_DEGREE = 16
LARGEST_NUMBER = 10**12

GRID_VARIABLES = {"m": "the number of examples", "d": "the number of features"}
LINE_VARIABLES = {"n": "the length of the input"}


def lower_bounds(machine: tree.Machine, tapes: tuple[Tape, ...], findings: Findings) -> Bounds:
    """The machine's bounds; notes what is wrong with them."""
    for second in machine.bounds[1:]:
        label = f"the first is in line {findings.line(machine.bounds[0].span)}"
        findings.error(Code.DEFINED_TWICE, second.span, "a second `bounds` block", label, "put all bounds into one block")
    known: dict[str, Polynomial | None] = {}
    variables = _variables(tapes)
    for bound in (bound for block in machine.bounds for bound in block.bounds):
        name = bound.kind.text
        if name in known and len(machine.bounds) == 1:
            findings.error(Code.DEFINED_TWICE, bound.kind.span, f"a second bound of `{name}`", "", "keep one of the two")
        if name == "work" and len(tapes) == 1:
            advice = "leave this line out, or declare a work tape"
            findings.error(
                Code.BAD_BOUND, bound.kind.span, "a bound of the work tape, but the machine has no work tape", "", advice
            )
        known[name] = _polynomial(bound.value, variables, findings)
    return Bounds(known.get("steps"), known.get("work"))


def _variables(tapes: tuple[Tape, ...]) -> dict[str, str]:
    if not tapes:  # an error already: which of the variables there are cannot be told
        return GRID_VARIABLES | LINE_VARIABLES
    return LINE_VARIABLES if tapes[0].kind == "line" else GRID_VARIABLES


def _polynomial(value: tree.Expression, variables: dict[str, str], findings: Findings) -> Polynomial | None:
    """The polynomial of an expression; None, and an error, if it is not a polynomial or far too large."""
    match value:
        case tree.Number():
            number = _number(value, LARGEST_NUMBER, findings)
            return None if number is None else Polynomial.constant(number)
        case tree.Variable():
            return _variable(value, variables, findings)
        case tree.Sum():
            return _combined(value.terms, variables, findings, product=False)
        case tree.Product():
            return _combined(value.factors, variables, findings, product=True)
        case tree.Power():
            return _power(value, variables, findings)
    assert_never(value)


def _variable(variable: tree.Variable, variables: dict[str, str], findings: Findings) -> Polynomial | None:
    if variable.name in variables:
        return Polynomial.variable(variable.name)
    known = " and ".join(f"`{name}`, {meaning}" for name, meaning in variables.items())
    findings.error(
        Code.BAD_BOUND, variable.span, f"a bound of this machine has no variable `{variable.name}`", "", f"there is {known}"
    )
    return None


def _number(number: tree.Number, largest: int, findings: Findings) -> int | None:
    digits = number.digits.lstrip("0") or "0"
    if len(digits) <= len(str(largest)) and int(digits) <= largest:
        return int(digits)
    findings.error(Code.BAD_BOUND, number.span, "this number is too large", "", f"the largest that can stand here is {largest}")
    return None


def _power(power: tree.Power, variables: dict[str, str], findings: Findings) -> Polynomial | None:
    base = _polynomial(power.base, variables, findings)
    exponent = _number(power.exponent, HIGHEST_DEGREE, findings)
    if base is None or exponent is None:
        return None
    if _degree(base) * exponent > HIGHEST_DEGREE:
        _note_degree(power.span, findings)
        return None
    return _sane(_raised(base, exponent), power.span, findings)


@lru_cache(maxsize=64)
def _raised(base: Polynomial, exponent: int) -> Polynomial:
    """A power; a constant may grow large here, but not beyond reason."""
    result = Polynomial.constant(1)
    for _ in range(exponent):
        result = result * base
    return result


def _combined(
    parts: tuple[tree.Expression, ...], variables: dict[str, str], findings: Findings, *, product: bool
) -> Polynomial | None:
    """The sum or the product of some expressions."""
    polynomials = [_polynomial(part, variables, findings) for part in parts]
    result: Polynomial | None = polynomials[0]
    for part, polynomial in zip(parts[1:], polynomials[1:], strict=True):
        if result is None or polynomial is None:
            return None
        span = parts[0].span.to(part.span)
        result = _product(result, polynomial, span, findings) if product else _sane(result + polynomial, span, findings)
    return result


def _product(left: Polynomial, right: Polynomial, span: Span, findings: Findings) -> Polynomial | None:
    if _degree(left) + _degree(right) > HIGHEST_DEGREE:
        _note_degree(span, findings)
        return None
    return _sane(left * right, span, findings)


def _note_degree(span: Span, findings: Findings) -> None:
    findings.error(Code.BAD_BOUND, span, "the degree of this bound is too high", "", f"the highest degree is {HIGHEST_DEGREE}")


def _sane(polynomial: Polynomial, span: Span, findings: Findings) -> Polynomial | None:
    if all(coefficient <= LARGEST_NUMBER for _, coefficient in polynomial.terms):
        return polynomial
    findings.error(
        Code.BAD_BOUND, span, "the numbers of this bound grow too large", "", f"the largest coefficient is {LARGEST_NUMBER}"
    )
    return None


def _degree(polynomial: Polynomial) -> int:
    return max((sum(exponent for _, exponent in monomial) for monomial, _ in polynomial.terms), default=0)
