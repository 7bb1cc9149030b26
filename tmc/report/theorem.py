"""What a compilation comes to, in numbers, each beside what the paper allows (Theorem 1, for a machine of s states)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm, log2

from tmc.ir.filters import UNUSED, Size, size
from tmc.ir.table import Table
from tmc.ir.units import FLOAT32, Number
from tmc.pipeline import Stages
from tmc.report.cells_to_circuit import CircuitSize as CircuitSize
from tmc.report.cells_to_circuit import run_size

LAYERS_PER_STEP = 4  # at most; and m + d + 2 layers before the first step
C1 = LAYERS_PER_STEP  # 4 t + m + d + 2 <= 4 (t + m + d): there is an example, and it has a feature, so 2 <= 3 (m + d)


@dataclass(frozen=True, slots=True)
class TheoremReport:
    """The figures of a compiled machine. `table` is the one that the network runs.

    `bits` are those of its weights and biases as multiples of their finest part, `significant` the most of any one of them from its
    first binary 1 to its last: what a float must hold. `used` are the units of each hidden layer that do something. `scale` and
    `digits`, the binary digits that sums need, are None for a target of small integers.
    """

    table: Table
    target: str
    size: Size
    head_weights: int
    bits: int
    significant: int
    used: tuple[int, ...]
    scale: str | None = None
    digits: int | None = None

    @property
    def drawn(self) -> tuple[Number, ...]:
        """U_s: the distinct values of weights and biases, 0 among them."""
        return tuple(sorted({*self.size.values, *self.size.biases, 0}))

    @property
    def entries(self) -> int:
        """How many numbers Algorithm 1 draws: all weights and biases, of the convolution and of the head."""
        return self.size.weights + sum(self.size.units) + self.size.channels + self.head_weights + self.size.head_units + 1

    @property
    def log2_chance(self) -> float:
        """log2 of the probability that drawing every entry uniformly from U_s gives exactly this network."""
        return -self.entries * log2(len(self.drawn))

    @property
    def c2(self) -> float | None:
        """The least c2 such that this probability is at least s^(-c2 s^2); None for one state, where s^anything is 1."""
        states = len(self.table.states)
        return -self.log2_chance / (states**2 * log2(states)) if states > 1 else None

    @property
    def floats(self) -> str:
        """The narrowest floats that hold every sum exactly."""
        return "float32" if self.digits is None or self.digits <= FLOAT32 else "float64"


def report(stages: Stages) -> TheoremReport:
    """The figures of a machine."""
    filters = stages.filters
    figures = size(filters)
    head = sum(layer.inputs * len(layer) for layer in filters.head)
    used = tuple(sum(unit.name != UNUSED for unit in layer.units) for layer in filters.recurrent[:-1])
    numbers = (*figures.values, *figures.biases)
    return TheoremReport(
        stages.lowered,
        filters.target,
        figures,
        head,
        _bits(numbers),
        max(map(_significant, numbers)),
        used,
        stages.coding.scale,
        stages.digits,
    )


def _bits(values: tuple[Number, ...]) -> int:
    """How many bits tell these numbers apart as multiples of their finest part, the sign included."""
    finest = lcm(*(Fraction(value).denominator for value in values))
    largest = max(int(abs(Fraction(value)) * finest) for value in values)
    return 1 + ceil(log2(largest + 1))


def _significant(value: Number) -> int:
    """The binary digits of a binary fraction, from the first 1 to the last."""
    numerator = abs(Fraction(value).numerator)
    return (numerator // (numerator & -numerator)).bit_length() if numerator else 0


def circuit(build: Stages, m: int, d: int) -> CircuitSize | None:
    """The size of the Boolean circuit of a whole run on m examples of d features; None when the machine does not promise bounds, or
    reads no examples. (The circuits of Abbe and Sandon's construction are of this kind: unrolled, a gate used once.)"""
    bounds = build.lowered.bounds
    if not build.lowered.is_grid or bounds.steps is None:
        return None
    values = {"m": m, "d": d}
    work = bounds.work.evaluate(values) if bounds.work is not None and build.lowered.work else 0
    layers = LAYERS_PER_STEP * bounds.steps.evaluate(values) + m + d + 2
    return run_size(build.cells, m + 1, d + 1 + work + 1, layers)
