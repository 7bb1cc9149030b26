"""Cells to filters, target `wide`: a channel per trit, and three layers of integer weights.

What is preserved: channels hold the trits themselves, so one application of the filters is one layer of the cells, number for
number.

A trit `v` is read by steps: `σ(4v - 2)` is 2 where v = +1 and 0 elsewhere, `σ(-4v - 2)` likewise for -1. A conjunction adds the
steps of its literals and subtracts what is missing; it is `σ(1)` where all hold and `σ(-1)` or less elsewhere: no unit is ever at
its kink.

    west.push = +1 ∧ control = 0      becomes      σ( step(west.push=+1) - step(control=+1) - 1 )

The symbol's first trit carries what is learnt, and so must not let a derivative through by accident. It is read by flat steps,
`σ(4v - 1) - σ(4v - 3)`, and passed on by one *transparent* unit `σ(v + 1 - 4·(literals missing))`, whose derivative is 1 exactly
where its literals hold.
"""

from __future__ import annotations

from array import array
from fractions import Fraction

from tmc.frozen import frozen
from tmc.ir.cells import Cells, Conjunction, Trit, TritLiteral, show_literal
from tmc.ir.filters import Filters, Layer
from tmc.ir.lattice import HERE, PLACES, Cell
from tmc.ir.units import MIDDLE, SPAN, Number, PackedUnits, Unit, packed

Reading = tuple[int, int, int]  # place, trit, sign: "this trit is +1 (or -1)"


@frozen
class _LiteralTest:
    """How steps tell whether a literal holds: their sum, less 2 if a step is `wanted`, is 0 where it does and else -2."""

    name: str
    parts: tuple[tuple[int, int], ...]  # units and their weights
    wanted: bool


def cells_to_filters(cells: Cells) -> Filters:
    """The filters of the target `wide`."""
    conjunctions = (*_persistence(cells), *cells.conjunctions)
    steps = _Steps(cells, conjunctions)
    channels = tuple(trit.name for trit in cells.trits)
    symbol, answer = cells.index("symbol"), cells.index("answer")
    return Filters(
        target="wide",
        channels=channels,
        recurrent=(steps.layer(), _conjunctions(cells, steps, conjunctions), _changes(cells, steps, conjunctions)),
        head=_head(symbol, answer, len(channels)),
        symbol=symbol,
        answer=answer,
        blank=_constant(cells, "raw"),
        pad=_constant(cells, "pad"),
        border=cells.border,
        files=cells.files,
    )


def _constant(cells: Cells, kind: str) -> Cell:
    """A memory cell of this kind that holds 0. A line machine's cells have no kind: they are simply blank."""
    start = {"kind": kind, "inside": "yes"}
    numbers = [values.index(start[name]) if name in start else 0 for name, values in cells.values]
    return cells.encode(tuple(numbers))


def _persistence(cells: Cells) -> tuple[Conjunction, ...]:
    """What persists is re-read through steps: one conjunction for each value that a trit may keep."""
    return tuple(
        Conjunction(f"keep {trit.field}", 0, (TritLiteral(HERE, index, (value,)),), ((index, value),))
        for index, trit in enumerate(cells.trits)
        if trit.persists
        for value in trit.values
        if value
    )


class _Steps:
    """The first layer: the units by which trits are read, and where each is."""

    def __init__(self, cells: Cells, conjunctions: tuple[Conjunction, ...]) -> None:
        self.cells = cells
        self.memory = cells.index("symbol") if cells.transparent else -1
        given = {id(literal): literal for conjunction in conjunctions for literal in conjunction.literals}  # most are shared
        tested = {*given.values(), *(literal for literals in cells.transparent for literal in literals)}
        readings = {literal: self._readings(literal) for literal in tested}
        self.units: list[Unit] = []
        self.where: dict[Reading, tuple[tuple[int, int], ...]] = {}
        for reading in sorted({reading for terms in readings.values() for reading, _ in terms}):
            self._add(reading)
        self.tests = {literal: self._test(literal, terms) for literal, terms in readings.items()}
        if cells.transparent:
            self.linear = len(self.units)
            self.units.append(Unit("symbol.0 + 2", 2, ((self.memory * 9 + HERE, 1),), "learn"))

    def layer(self) -> Layer:
        """The layer: a 3x3 convolution."""
        return Layer("steps", 9 * len(self.cells.trits), tuple(self.units), relu=True)

    def tests_of(self, literals: tuple[TritLiteral, ...]) -> list[_LiteralTest]:
        """The tests of a conjunction."""
        return [self.tests[literal] for literal in literals]

    def _test(self, literal: TritLiteral, terms: list[tuple[Reading, int]]) -> _LiteralTest:
        parts = tuple((unit, sign * part) for reading, sign in terms for unit, part in self.where[reading])
        return _LiteralTest(show_literal(literal, self.cells), parts, 0 not in literal.values)

    def _readings(self, literal: TritLiteral) -> list[tuple[Reading, int]]:
        """A literal as a sum of readings: those allowed count for it; or, if 0 is allowed too, those excluded count against it."""
        if 0 not in literal.values:
            return [((literal.place, literal.trit, value), 1) for value in literal.values]
        excluded = set(self.cells.trits[literal.trit].values) - set(literal.values)
        return [((literal.place, literal.trit, value), -1) for value in sorted(excluded)]

    def _add(self, reading: Reading) -> None:
        place, trit, sign = reading
        name = f"{PLACES[place]}.{self.cells.trits[trit].name} = {sign:+d}"
        thresholds = ((1, 1, "rise"), (3, -1, "level")) if trit == self.memory else ((2, 1, ""),)
        parts = []
        for threshold, part, label in thresholds:
            parts.append((len(self.units), part))
            self.units.append(Unit(f"{name} {label}".rstrip(), -threshold, ((trit * 9 + place, 4 * sign),), "read"))
        self.where[reading] = tuple(parts)


def _conjunctions(cells: Cells, steps: _Steps, conjunctions: tuple[Conjunction, ...]) -> Layer:
    starts, entries, biases = array("q", [0]), array("i"), array("i")
    known: dict[int, tuple[list[int], int]] = {}  # `_packed` by the identity of the literal, as most are shared
    for conjunction in conjunctions:
        weights: list[int] = []
        total = 0
        for literal in conjunction.literals:
            if id(literal) not in known:
                known[id(literal)] = _packed(steps, literal)
            more, number = known[id(literal)]
            weights += more
            total += number
        if (total >> _WANTED).bit_count() < len(conjunction.literals):  # several literals of one trit, which may share units
            sums, _ = _weights(steps.tests_of(conjunction.literals))
            weights = [packed(unit, weight) for unit, weight in sums.items() if weight]
        weights.sort()
        entries.extend(weights)
        starts.append(len(entries))
        biases.append(1 - 2 * (total & (1 << _WANTED) - 1))
    extra = [unit for literals in cells.transparent for unit in _transparent(steps.tests_of(literals), steps.linear)]
    for unit in extra:
        entries.extend(packed(index, int(weight)) for index, weight in unit.weights)
        starts.append(len(entries))
        biases.append(int(unit.bias))
    known_of = _Conjoined(steps, conjunctions, tuple(extra), dict(cells.files))
    units = PackedUnits(starts, entries, biases, known_of.name, known_of.origin)
    return Layer("conjunctions", len(steps.units), units, relu=True)


_WANTED = 16  # binary digits for how many steps a conjunction wants


def _packed(steps: _Steps, literal: TritLiteral) -> tuple[list[int], int]:
    """The weights of a literal's test, and a number with a bit of its own for the trit above `_WANTED` digits for what it wants: in
    the sum of such numbers these bits tell whether all trits are different."""
    test = steps.tests[literal]
    bit = literal.place * len(steps.cells.trits) + literal.trit
    return [packed(unit, part) for unit, part in test.parts], (1 << _WANTED + bit) + test.wanted


@frozen
class _Conjoined:
    """What is known of the units of the second layer."""

    steps: _Steps
    conjunctions: tuple[Conjunction, ...]
    extra: tuple[Unit, ...]
    files: dict[str, str]

    def name(self, number: int) -> str:
        """The literals of a unit."""
        if number >= len(self.conjunctions):
            return self.extra[number - len(self.conjunctions)].name
        return _name(self.steps.tests_of(self.conjunctions[number].literals))

    def origin(self, number: int) -> tuple[str, int, str]:
        """The rule of a unit with its line and file."""
        if number >= len(self.conjunctions):
            return "learn", 0, ""
        conjunction = self.conjunctions[number]
        return conjunction.rule, conjunction.line, self.files.get(conjunction.rule, "")


def _transparent(tests: list[_LiteralTest], linear: int) -> tuple[Unit, Unit]:
    """The unit that lets the derivative through, `σ(v + 1)` where the literals hold (there v = 0), and the 1 to take away again."""
    weights, bias = _weights(tests, scale=2)
    weights[linear] = 1
    holds, missing = _weights(tests)
    passing = Unit(f"symbol.0 + 1 where {_name(tests)}", bias - 1, _sorted(weights), "learn")
    return passing, Unit(_name(tests), missing + 1, _sorted(holds), "learn")


def _weights(tests: list[_LiteralTest], scale: int = 1) -> tuple[dict[int, int], int]:
    """Weights on the steps and a bias whose sum is `-2 · scale · (how many literals fail)`."""
    weights: dict[int, int] = {}
    for test in tests:
        for unit, part in test.parts:
            weights[unit] = weights.get(unit, 0) + scale * part
    return weights, -2 * scale * sum(test.wanted for test in tests)


def _name(tests: list[_LiteralTest]) -> str:
    return " ∧ ".join([test.name for test in tests])


def _changes(cells: Cells, steps: _Steps, conjunctions: tuple[Conjunction, ...]) -> Layer:
    """The last layer: a unit per channel, adding up what the conjunctions change."""
    found = [array("i") for _ in cells.trits]
    for index, conjunction in enumerate(conjunctions):
        for trit, change in conjunction.changes:
            found[trit].append(index * SPAN + MIDDLE + change)
    first = len(conjunctions)
    for pair in range(len(cells.transparent)):
        found[steps.memory].extend((packed(first + 2 * pair, 1), packed(first + 2 * pair + 1, -1)))
    starts, entries = array("q", [0]), array("i")
    for weights in found:
        entries.extend(weights)
        starts.append(len(entries))
    units = PackedUnits(starts, entries, array("i", [0] * len(found)), _Channels(cells.trits).name, _no_rule)
    return Layer("channels", first + 2 * len(cells.transparent), units, relu=False)


@frozen
class _Channels:
    """What is known of the units of the last layer."""

    trits: tuple[Trit, ...]

    def name(self, number: int) -> str:
        """The name of a channel."""
        return self.trits[number].name


def _no_rule(_: int) -> tuple[str, int, str]:
    return "", 0, ""


def _head(symbol: int, answer: int, channels: int) -> tuple[Layer, Layer]:
    """The answer, plus a function of the symbol that is 0 at -1, 0 and +1 and has slope 1 at 0 (Definition 5: `U1 σ(U2 v)`)."""
    half = Fraction(1, 2)
    tent = ((2, 1, -half), (4, 1, half), (4, -1, -half), (2, -1, half))  # σ(weight·v + bias)·factor: kinks at -½, -¼, ¼, ½
    hidden = [Unit(f"{weight}·symbol.0 {bias:+d}", bias, ((symbol, weight),), "head") for weight, bias, _ in tent]
    hidden.append(Unit("answer.0 + 2", 2, ((answer, 1),), "head"))
    weights: tuple[tuple[int, Number], ...] = tuple(enumerate([*(factor for _, _, factor in tent), 1]))
    return Layer("head", channels, tuple(hidden), relu=True), Layer(
        "output", len(hidden), (Unit("output", -2, weights),), relu=False
    )


def _sorted(weights: dict[int, int]) -> tuple[tuple[int, Number], ...]:
    return tuple(sorted((index, weight) for index, weight in weights.items() if weight))
