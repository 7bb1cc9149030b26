"""No sum of a network is ever rounded: in the number format of its file, in whatever order its terms are added up.

A sum is exact in every order if all its terms are multiples of one power of two, 2^e, and no partial sum can be more than 2^p times
that, p being the binary digits of the format. Then every product is exact, too, and fused or not makes no difference. As 2^e is a
normal number of the format, nothing changes where a processor makes 0 of numbers that are smaller than that.

Where a sum is so far below 0 that rounding cannot lift it to 0, the ReLU makes 0 of it: it need not be exact.

Inputs are all values that occur in legal cells, not one of each class: cells that come to the same after some layers may differ
before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from tmc.ir.lattice import HERE, PLACES
from tmc.net.checkpoint.reading import Checkpoint
from tmc.verify.boxes import Number
from tmc.verify.precision import exponents as exponents_up_to
from tmc.verify.unit_terms import Apart, Floats, dense, exactly

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
CHUNK = 1 << 14  # values that are looked at together
ANY = 1 << 12  # an exponent that no number has: 0 is a multiple of every power of two
MARGIN = 1 + 2.0**-30  # for what is found here with floats: at most so much too small


@dataclass(frozen=True, slots=True)
class Float:
    """A number format: its binary digits, the exponent of its smallest normal number, and its largest power of two."""

    name: str
    digits: int
    least: int
    largest: float


FLOATS = {"float32": Float("float32", 24, -126, 2.0**127), "float64": Float("float64", 53, -1022, 2.0**1023)}
Inputs = Sequence[tuple[tuple[int, ...], Floats]]  # variables: the inputs that each has, and their values, (values, inputs)


@dataclass(frozen=True, slots=True)
class Rounded:
    """A unit whose sum may be rounded: of which layer of the ``recurrent`` convolution or the ``head``, from 1, and why."""

    group: str
    layer: int
    unit: int
    why: str


@dataclass(frozen=True, slots=True)
class SumRange:
    """What terms of some units come to: the most that those above and those below 0 add up to, the exponent of the power of two of
    which all are multiples, and how many there are at most. Shapes: (units,), or (cases, units) for the first three."""

    up: Floats
    down: Floats
    step: Ints
    terms: Ints

    @property
    def reach(self) -> Floats:
        """The most that a partial sum comes to, up or down."""
        return np.maximum(self.up, -self.down)

    def and_more(self, other: SumRange) -> SumRange:
        """Both together."""
        return SumRange(self.up + other.up, self.down + other.down, np.minimum(self.step, other.step), self.terms + other.terms)

    def of(self, units: Ints) -> SumRange:
        """Those of some units."""
        return SumRange(self.up[..., units], self.down[..., units], self.step[..., units], self.terms[units])


def exponents(values: Floats) -> Ints:
    """The exponent of the largest power of two that each number is a multiple of."""
    return exponents_up_to(values, ANY)


def of_numbers(bias: Floats) -> SumRange:
    """Numbers that stand alone."""
    return SumRange(np.maximum(bias, 0), np.minimum(bias, 0), exponents(bias), np.ones(len(bias), dtype=np.int64))


def of_products(weights: Floats, values: Floats, step: Ints | None = None) -> SumRange:
    """Products of weights (units, inputs) and inputs that have some values (cases, inputs), each at its most. `step`: of which
    power of two each input is a multiple, if the values do not say that."""
    high, low = values.max(axis=0, initial=0), values.min(axis=0, initial=0)
    up, down = np.maximum(weights, 0), np.minimum(weights, 0)
    used = (weights != 0) & ((high != 0) | (low != 0))
    step = exponents(values).min(axis=0, initial=ANY) if step is None else step
    steps = np.where(used, exponents(weights) + step, ANY).min(axis=1, initial=ANY)
    return SumRange(up @ high + down @ low, up @ low + down @ high, steps, used.sum(axis=1))


def case_by_case(weights: Floats, values: Floats) -> SumRange:
    """The same, for each case: of one and the same case are all values that are added up."""
    up, down = np.maximum(weights, 0).T, np.minimum(weights, 0).T
    positive, negative = np.maximum(values, 0), np.minimum(values, 0)
    steps, zero = exponents(values), values == 0
    step = [np.where((row != 0) & ~zero, steps + exponents(row), ANY).min(axis=1, initial=ANY) for row in weights]
    terms = (weights != 0).sum(axis=1)
    return SumRange(positive @ up + negative @ down, positive @ down + negative @ up, np.stack(step, axis=1), terms)


@dataclass(frozen=True, slots=True)
class _Contribution:
    """What a variable gives to a layer: the weights on the units that look at it, and what those come to, (cases, units)."""

    weights: Floats
    values: Floats

    @property
    def sums(self) -> Floats:
        """Shape (cases, units of the layer)."""
        return np.asarray(self.values @ self.weights.T)


@dataclass(frozen=True, slots=True)
class _Above:
    """What units with a ReLU come to: their biases, the most of each before the ReLU, `highest`, of which power of two all their
    terms are multiples, and what each variable adds to them, (values, units)."""

    bias: Floats
    highest: Floats
    step: Ints
    tables: Sequence[Floats]

    @property
    def most(self) -> Floats:
        """After the ReLU."""
        return np.maximum(self.highest, 0)

    def by_variable(self) -> Iterator[Floats]:
        """The same where a variable has one of its values, (values, units), for each of the variables."""
        for table in self.tables:
            yield np.maximum(self.highest - table.max(axis=0) + table, 0)

    def finest_step(self) -> Ints:
        """Of which power of two their sums are multiples, where they are above 0."""
        found = exponents(self.bias)
        for table, most in zip(self.tables, self.by_variable(), strict=True):
            found = np.minimum(found, np.where(most > 0, exponents(table), ANY).min(axis=0))
        return found


class _Rounds(Exception):
    """Carries what was found."""


def rounded(checkpoint: Checkpoint, apart: Apart, inputs: Inputs) -> tuple[int, Rounded | None]:
    """The first unit of a checkpoint of which a sum may be rounded, its inputs having these values; None if all sums are exact. And
    how many sums were looked at."""
    work = _SumProof(checkpoint, apart)
    with np.errstate(all="ignore"):  # what is not finite is found
        try:
            work.normal()
            work.recurrent(inputs)
            work.head(inputs)
        except _Rounds as found:
            return work.cases, found.args[0]
    return work.cases, None


class _SumProof:
    """The layers, one after the other."""

    def __init__(self, checkpoint: Checkpoint, apart: Apart) -> None:
        head = [(dense(weight), bias.astype(np.float64)) for weight, bias in checkpoint.layers("head")]
        self._layers = {"recurrent": apart.layers, "head": head}
        self._apart, self.cases = apart, 0
        self._format = FLOATS[checkpoint.layers("head")[0][1].dtype.name]

    def normal(self) -> None:
        """Every weight and every bias is a number, and 0 or a normal one."""
        for group, layers in self._layers.items():
            for layer, (matrix, bias) in enumerate(layers, 1):
                numbers = np.column_stack([matrix, bias])
                small = (numbers != 0) & (np.abs(numbers) < 2.0**self._format.least)
                finite: Bools = np.asarray(np.isfinite(numbers).all(axis=1))
                self._require(finite, group, layer, "a weight or its bias is not a number")
                self._require(
                    ~small.any(axis=1), group, layer, f"a weight or its bias is not a normal number of {self._format.name}"
                )

    def recurrent(self, inputs: Inputs) -> None:
        """The recurrent convolution: layers whose units look at one input each, the joint one, and the last."""
        for layer in range(1, len(self._apart.layers) - 1):
            terms, total = self._constant(layer)
            alone = np.flatnonzero(self._apart.looks_at_nothing(layer))
            self._check(layer, alone, terms.of(alone), total[alone])
        given = []
        for indices, values in inputs:
            if not indices:
                continue  # a field of one value is no input
            found = [self._one_input(index, values[:, column]) for column, index in enumerate(indices)]
            weights = np.concatenate([self._apart.layers[-2][0][:, self._apart.units(index)] for index in indices], axis=1)
            given.append(_Contribution(weights, _distinct(np.concatenate(found, axis=1))))
        joint = len(self._apart.layers) - 1
        self._last("recurrent", joint + 1, self._joint("recurrent", joint, *self._constant(joint), given))

    def head(self, inputs: Inputs) -> None:
        """The head, which reads the channels of one cell."""
        matrix, bias = self._layers["head"][0]
        given = []
        for indices, values in inputs:
            at = [column for column, index in enumerate(indices) if index % len(PLACES) == HERE]
            if at:
                given.append(_Contribution(matrix[:, [indices[column] // len(PLACES) for column in at]], values[:, at]))
        self._last("head", 2, self._joint("head", 1, of_numbers(bias), bias, given))

    def _constant(self, layer: int) -> tuple[SumRange, Floats]:
        """The biases of a layer and what units that look at nothing give to it: as terms, and their sum."""
        matrix, bias = self._apart.layers[layer - 1]
        fixed = self._apart.fixed[layer - 1]
        used = np.flatnonzero(fixed)
        return of_numbers(bias).and_more(of_products(matrix[:, used], fixed[None, used])), bias + matrix[:, used] @ fixed[used]

    def _one_input(self, index: int, numbers: Floats) -> Floats:
        """The layers before the joint one, where an input is each of some numbers. Returns what its units come to there."""
        outputs = []
        for first in range(0, len(numbers), CHUNK):
            some = numbers[first : first + CHUNK]
            values = some[:, None]
            for layer, sums in self._apart.steps(index, some):
                constant = self._constant(layer)[0].of(sums.units)
                large = np.flatnonzero(~self._is_exact(of_products(sums.weights, values).and_more(constant)))
                if len(large):
                    terms = case_by_case(sums.weights[large], values).and_more(constant.of(large))
                    self._check(layer, sums.units[large], terms, sums.total[:, large])
                self.cases += sums.total.size
                values = np.maximum(sums.total, 0)
            outputs.append(values)
        return np.concatenate(outputs)

    def _check(self, layer: int, units: Ints, terms: SumRange, total: Floats) -> None:
        """Sums of a layer before the joint one are exact, or far below 0."""
        right = np.atleast_2d(self._is_exact(terms) | self._is_off(terms, total))
        for case, at in np.argwhere(~right)[:1].tolist():
            reach, step = np.atleast_2d(terms.reach)[case, at], np.atleast_2d(terms.step)[case, at]
            raise _Rounds(Rounded("recurrent", layer, int(units[at]), self._why(reach, step)))

    def _joint(self, group: str, layer: int, constant: SumRange, bias: Floats, given: Sequence[_Contribution]) -> _Above:
        """The sums over all variables. Returns what the units come to."""
        terms, tables, highest = constant, [variable.sums for variable in given], bias.copy()
        for variable, table in zip(given, tables, strict=True):
            terms = terms.and_more(of_products(variable.weights, variable.values))
            highest += table.max(axis=0)
            self.cases += table.size
        for unit in np.flatnonzero(~self._is_exact(terms)).tolist():
            levels, all_terms = [table[:, unit] for table in tables], terms.of(np.array([unit]))
            slack = float(all_terms.terms[0] * 2.0**-51 * (all_terms.up - all_terms.down)[0])
            where = constant.of(np.array([unit]))
            for variable, level in zip(given, levels, strict=True):
                possible = ~(highest[unit] - level.max() + level < -slack)
                where = where.and_more(_largest(case_by_case(variable.weights[[unit]], variable.values[possible])))
            exact = highest[unit] < -slack or self._is_exact(where)[0]
            below = _nearest_below(float(bias[unit]), levels) if exact else None
            if not exact or not (below is None or self._is_off(all_terms, np.array([-float(below)]))[0]):
                worst = all_terms if exact else where
                raise _Rounds(Rounded(group, layer, unit, self._why(worst.reach[0], worst.step[0])))
        return _Above(bias, highest, terms.step, tables)

    def _last(self, group: str, layer: int, above: _Above) -> None:
        """A layer without a ReLU."""
        matrix, bias = self._layers[group][layer - 1]
        terms = of_numbers(bias).and_more(of_products(matrix, above.most[None], above.step))
        self.cases += len(bias)
        for unit in np.flatnonzero(~self._is_exact(terms)).tolist():
            row, own = matrix[[unit]], bias[[unit]]
            reach = min((self._reach_at_once(row[0], own[0], most) for most in above.by_variable()), default=np.inf)
            fine = of_numbers(own).and_more(of_products(row, above.most[None], above.finest_step()))
            at_once = SumRange(np.array([min(reach, terms.reach[unit])]), np.zeros(1), fine.step, fine.terms)
            if not self._is_exact(at_once)[0]:
                raise _Rounds(Rounded(group, layer, unit, self._why(at_once.up[0], at_once.step[0])))

    @staticmethod
    def _reach_at_once(weights: Floats, bias: float, most: Floats) -> float:
        """How far partial sums reach, if these are the most that inputs come to in each of some cases."""
        up = most @ np.maximum(weights, 0) + max(bias, 0)
        down = most @ np.minimum(weights, 0) + min(bias, 0)
        return float(np.maximum(up, -down).max())

    def _is_exact(self, terms: SumRange) -> Bools:
        reach, limit = terms.reach * MARGIN, 2.0 ** (self._format.digits + np.maximum(terms.step, -2000).astype(np.float64))
        return (reach <= limit) & (reach <= self._format.largest) & (terms.step >= self._format.least)

    def _is_off(self, terms: SumRange, total: Floats) -> Bools:
        """Whether sums that come to a `total` are below 0 however they are rounded: each of so many times is by 2^-p at most."""
        size = terms.up - terms.down
        safe = (size <= self._format.largest) & (terms.step >= self._format.least)
        return safe & (total < -4 * terms.terms * 2.0**-self._format.digits * size)

    def _why(self, reach: float, step: int) -> str:
        """Why a sum may be rounded."""
        form = self._format
        if not reach * MARGIN <= form.largest:
            return f"its sum may be more than {form.name} holds"
        if step < form.least:
            return f"its terms are multiples of 2^{step}, and {form.name} has no normal numbers below 2^{form.least}"
        needed = max(form.digits + 1, ceil(log2(reach)) - int(step))
        return f"its sum may be rounded: it needs {needed} binary digits, {form.name} has {form.digits}"

    def _require(self, right: Bools, group: str, layer: int, why: str) -> None:
        for unit in np.flatnonzero(~right)[:1].tolist():
            raise _Rounds(Rounded(group, layer, unit, why))


def _largest(terms: SumRange) -> SumRange:
    """The largest of all cases."""
    up, down, step = terms.up.max(axis=0, initial=0), terms.down.min(axis=0, initial=0), terms.step.min(axis=0, initial=ANY)
    return SumRange(up, down, step, terms.terms)


def _distinct(rows: Floats) -> Floats:
    """Each row once."""
    first = {row.tobytes(): number for number, row in enumerate(rows + 0.0)}  # no two zeros
    return rows[list(first.values())]


def _nearest_below(bias: float, levels: Sequence[Floats]) -> Number | None:
    """How far below 0 the largest sum is that is below 0, with one level of each variable: None if all are 0 or more."""
    highest = [float(level.max()) for level in levels]
    top = exactly(bias) + sum(map(exactly, highest))
    falls = [
        [exactly(high) - exactly(low) for low in np.unique(level)[::-1].tolist()]
        for high, level in zip(highest, levels, strict=True)
    ]

    def below(position: int, left: Number) -> Iterator[Number]:
        if left < 0:
            yield -left
        elif position < len(falls):
            for fall in falls[position]:
                yield from below(position + 1, left - fall)
                if left < fall:
                    break

    return min(below(0, top), default=None)
