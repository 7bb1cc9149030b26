"""Rules to the network of the paper's Definition 5, target `scalar`: one number per cell, five matrices and a head of two.

What is preserved: a cell's number is that of the cell of the stage `rules` (`tmc.ir.numeral`), so one application of the filters
is one layer of the rules, number for number.

- Layers 1 to 3 read every number of the patch, a group of digits each, the most significant first: steps between the codes tell
  which they are, and take them away, so that the next layer can read the next group. The state is the last: in layer 3 a *tent*
  over each state that a rule asks for, `σ(v - q + 1) - 2 σ(v - q) + σ(v - q - 1)`.
- Layer 4 has a unit for each rule, `σ(1 - 2 · failing)`, where `failing` is how many of its literals do not hold, and one for what
  it copies, `σ(copied - M · failing)`.
- Layer 5 adds up what stays and what changes.

A step rises inside the gap between two codes, and is flat wherever a number can be, so that no derivative comes through it. In the
first row that is still 0 one unit of layer 4 lets it through, `σ(v + 1 - M · failing)`.

What is left of a number means nothing unless a question about it is still open (`tmc.targets.scalar.groups`). What is read there is
something between the answers, and counts nowhere: a literal that was asked before fails. So all that must be exact is what sums
come to where all is as it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tmc.automaton.reachable import Reachable, reachable
from tmc.diagnostics import InternalError, Rejected
from tmc.frozen import frozen
from tmc.ir.filters import Filters, Layer
from tmc.ir.lattice import HERE, PLACES
from tmc.ir.numeral import FLOAT64, ROUNDED_THIRD, Numeral, Part, Real, Scale, room
from tmc.ir.rules import Rules
from tmc.ir.units import Number
from tmc.targets.scalar.digit_rules import DigitLiteral, DigitRule, Term, rules_to_digits
from tmc.targets.scalar.digits import BEYOND, CONTROL_DIGIT, STATE, parts_of
from tmc.targets.scalar.forms import Form, Growing, Range
from tmc.targets.scalar.groups import LAYERS, Group, Order, Population, Reading, balanced, readings
from tmc.targets.scalar.layout import numeral_of
from tmc.targets.scalar.questions import answers, in_thirds, questions_of

# Orders of the digits, the most significant first. The answer comes first, so that the head can see it, and then the kind: a
# third has many binary digits at the paper's scale. Which is narrowest depends on the alphabets and on the operations that a
# machine uses.
_ORDERS = tuple(
    ("answer", "kind", "raw", *rest.split())
    for rest in (
        "right left symbol vertical wave call carry1 carry2",
        "symbol vertical left right wave call carry1 carry2",
        "symbol right left call vertical wave carry1 carry2",
        "left right wave call vertical carry1 symbol carry2",
    )
)
WHOLE, THIRD_OF_1 = Real(1), Real(0, 1)


@frozen
class Scalar:
    """A machine as the paper's network: how cells are numbers, the layers at some scale, and the binary digits that they need."""

    numeral: Numeral
    scale: Scale
    filters: Filters
    digits: int


def rules_to_scalar(rules: Rules, scale: str = "integer") -> Scalar:
    """The network of the target `scalar`; `scale` is ``integer`` or ``paper``.

    At the paper's scale a memory cell is ±1/3, rounded to float32, and a pad is 1; at the other all is whole. Raises `Rejected`
    when a machine without a memory is asked for at the paper's scale, or float64 cannot hold the numbers.
    """
    cells = reachable(rules)
    parts = parts_of(rules, cells)
    changing, passing = rules_to_digits(rules, cells, parts)
    population = Population(parts, tuple(field.name for field in rules.fields), (*cells.sorts, cells.border))
    numeral, order, reading = _reading(rules, cells, population, changing, passing)
    network = _Network(numeral, order, reading)
    network.read()
    network.decide(changing, passing, tuple(digit for digit in order if _persists(rules, parts, digit)))
    unit = _scale(numeral, scale)
    filters = network.filters(unit)
    needed = network.digits[scale == "paper"]
    if needed > FLOAT64:
        raise Rejected(
            f"the target scalar needs {needed} binary digits for this machine, float64 has {FLOAT64}; use the target wide"
        )
    return Scalar(numeral, unit, filters, needed)


def _persists(rules: Rules, parts: tuple[Part, ...], digit: str) -> bool:
    part = next(part for part in parts if digit in part.digits)
    return rules.field(part.fields[0]).persists


def _scale(numeral: Numeral, name: str) -> Scale:
    if name == "integer":
        return Scale(name, Fraction(1 if numeral.pad is None else 3), Fraction(1))
    if numeral.pad is None:
        raise Rejected("the paper's scale is that of a memory, and a machine on a line has none; leave --scale out")
    return Scale(name, Fraction(1, numeral.pad), ROUNDED_THIRD / numeral.pad)


def _reading(
    rules: Rules, cells: Reachable, population: Population, changing: tuple[DigitRule, ...], passing: tuple[DigitRule, ...]
) -> tuple[Numeral, Order, tuple[Reading, ...]]:
    """The order of the digits for which the widest layer is narrowest, and how each place is read."""
    used = population.digits()
    kept = tuple(digit for digit in used if _persists(rules, population.parts, digit))
    questions = questions_of((*changing, *passing), kept, frozenset(range(len(cells.sorts))))
    best: tuple[tuple[int, int], Numeral, Order, tuple[Reading, ...]] | None = None
    for digits in _ORDERS:
        order = tuple(digit for digit in digits if digit in used)
        numeral = numeral_of(rules, population.parts, population, order)
        options = [readings(population, asked, order, numeral) for asked in questions]
        if not all(options):
            continue
        chosen = balanced(options, 0)
        widths = [sum(reading.cost[layer] for reading in chosen) for layer in range(len(LAYERS))]
        if best is None or (max(widths), sum(widths)) < best[0]:
            best = (max(widths), sum(widths)), numeral, order, chosen
    if best is None:
        raise Rejected("the target scalar cannot hold this machine's cells in float64; use the target wide")
    return best[1:]


@dataclass
class _Place:
    """What is known of the number at a place: `rest` is what is left of it, for each test by how much it fails (0: it holds; 1),
    and for each value its code, in thirds if it is a value in thirds. All are forms over one layer.

    What is left is `reach` at most, up or down.
    """

    reading: Reading
    rest: Form
    reach: int
    fails: dict[int, Form] = field(default_factory=dict)
    codes: dict[int, Form] = field(default_factory=dict)


class _Edges:
    """The units between the segments of a group. Each is made once, when it is needed."""

    def __init__(self, place: _Place, group: Group, layer: Growing, numeral: Numeral) -> None:
        self.place, self.group, self.layer, self.numeral = place, group, layer, numeral
        self.reach = numeral.reach(group.digits[-1])
        self.width = room(self.reach)
        self.units: dict[tuple[int, str], Form] = {}

    def step(self, index: int, in_thirds: bool) -> Form:
        """0 below an edge and 1, or a third, above it. The units of an edge below 0 are large below it: so sums stay small."""
        share = Fraction(1, self.width)
        if self._threshold(index) >= 0:
            return Form.sum([(self._unit(index, ""), share), (self._unit(index, "third" if in_thirds else "level"), -share)])
        one = Real(0, 1) if in_thirds else Real(1)
        return Form.sum(
            [(self._unit(index, "below third" if in_thirds else "below"), -share), (self._unit(index, "far below"), share)], one
        )

    def outside(self, test: int) -> Form:
        """0 where a test holds, on one interval, and 1 or more elsewhere."""
        ends = self.group.ends(test)
        assert ends is not None
        below, above = ends
        sides = [] if below is None else [self._unit(below, "below")]
        sides += [] if above is None else [self._unit(above, "")]
        return Form.sum((unit, Fraction(1, self.width)) for unit in sides)

    def _unit(self, index: int, kind: str) -> Form:
        if (index, kind) not in self.units:
            threshold, width, name = self._threshold(index), self.width, self.place.reading.questions.name
            sign = -1 if "below" in kind else 1
            bias = {
                "": Real(-threshold),
                "level": Real(-threshold - width),
                "third": Real(-threshold, -width),
                "below": Real(threshold + width),
                "below third": Real(threshold, width),
                "far below": Real(threshold),
            }[kind]
            label = f"{name}.{'.'.join(self.group.digits)} > {self.group.segments[index].codes[-1]} {kind}".rstrip()
            form = Form.sum([(self.place.rest, sign)], bias)
            self.units[index, kind] = self.layer.add(
                form, label, most=max(0, self.place.reach - sign * threshold + (width if sign < 0 else 0))
            )
        return self.units[index, kind]

    def _threshold(self, index: int) -> int:
        """Where a step begins to rise: a multiple of its width, and as much again before what it tells apart."""
        segments, width = self.group.segments, self.width
        below, above = (self.numeral.worth(self.group.digits, c) for c in (segments[index].codes[-1], segments[index + 1].codes[0]))
        below, above = below + 3 * self.reach, above - 3 * self.reach
        threshold = (below // (3 * width) + 1) * width
        if not below < 3 * threshold < 3 * (threshold + width) < above:
            raise InternalError(f"no room for a step between {segments[index].codes[-1]} and {segments[index + 1].codes[0]}")
        return threshold


class _Network:
    """The five matrices, layer by layer."""

    def __init__(self, numeral: Numeral, order: Order, chosen: tuple[Reading, ...]) -> None:
        self.numeral, self.order = numeral, order
        self.most = numeral.most
        reach = numeral.reach()
        self.places = {reading.questions.place: _Place(reading, Form.unit(reading.questions.place), reach) for reading in chosen}
        numbers = Range(Fraction(reach), 0, 0 if numeral.pad is None else numeral.pad.bit_length() - 1)
        self.layers: list[Growing] = [Growing("V1", [numbers] * 9)]
        self.closing: list[Growing] = []  # the fifth layer and the head
        self.state_tests: dict[tuple[int, frozenset[int]], Form] = {}
        self.found: dict[DigitLiteral, Form] = {}

    @property
    def digits(self) -> tuple[int, int]:
        """The binary digits that sums need, at the integer scale and at the paper's."""
        layers = (*self.layers, *self.closing)
        return max(layer.digits[0] for layer in layers), max(layer.digits[1] for layer in layers)

    def _worth(self, digit: str) -> Number:
        """The weight of a digit, in thirds if it is `raw`."""
        weight = self.numeral.weights[digit]
        return weight.thirds if digit == "raw" else weight.whole

    # --- layers 1 to 3

    def read(self) -> None:
        """Read every place."""
        for number in LAYERS:
            layer = self.layers[-1]
            for place in self.places.values():
                self._read(place, layer, number)
            self.layers.append(Growing(f"V{number + 1}", layer.ranges))

    def _read(self, place: _Place, layer: Growing, number: int) -> None:
        questions, groups = place.reading.questions, place.reading.groups
        name = questions.name
        fails = {}
        for index, form in place.fails.items():
            unit = layer.add(Form.sum([(form, -1)], 1), f"{name}: {_test(questions.tests[index])}", most=1, known=WHOLE)
            fails[index] = Form.sum([(unit, -1)], 1)
        codes = {index: self._carry(place, layer, index) for index in place.codes}
        rest, reach = place.rest, place.reach
        if number == LAYERS[-1] and questions.states:
            self._read_states(place, layer)
        group = next((group for group in groups if group.layer == number), None)
        if questions.through or any(group.layer > number for group in groups):
            known = WHOLE if any("raw" in group.digits for group in groups if group.layer < number) else None
            unit = layer.add(Form.sum([(rest, 1)], reach + 1), f"{name}: what is left", most=2 * reach + 1, known=known)
            rest = Form.sum([(unit, 1)], -reach - 1)
        if group is not None:
            taken = self._steps(place, group, layer, fails, codes)
            rest = Form.sum([(rest, 1), (taken, -1)])
            reach = len(self.numeral.states) if group is groups[-1] else self.numeral.reach(group.digits[-1])
        place.rest, place.reach, place.fails, place.codes = rest, reach, fails, codes

    def _carry(self, place: _Place, layer: Growing, index: int) -> Form:
        """A code that has been read, for the next layer."""
        value = place.reading.questions.values[index]
        most = self.most[value.digit]
        offset = Real(0, most) if value.thirds else Real(most)
        name = f"{place.reading.questions.name}.{value.digit}"
        known = THIRD_OF_1 if value.thirds else WHOLE
        unit = layer.add(Form.sum([(place.codes[index], 1)], offset), name, most=2 * most, known=known)
        return Form.sum([(unit, 1)], offset.times(-1))

    def _steps(self, place: _Place, group: Group, layer: Growing, fails: dict[int, Form], codes: dict[int, Form]) -> Form:
        """Steps between the segments of a group, and what they tell. Returns what is taken away."""
        questions = place.reading.questions
        bases = {digit: group.base(digit) for digit in group.digits}
        ours = {index: group.value(index) for index in group.values}
        tests = {index: group.answer(index) for index in group.tests}
        last = group.layer == LAYERS[-1]
        plain = [column for digit, column in bases.items() if digit != "raw"]
        plain += [column for index, column in ours.items() if not questions.values[index].thirds]
        plain += [] if last else tests.values()
        thirds = [column for index, column in ours.items() if questions.values[index].thirds]
        thirds += [bases["raw"]] if "raw" in bases else []
        edges = _Edges(place, group, layer, self.numeral)
        steps: dict[bool, dict[int, Form]] = {False: {}, True: {}}
        for index in range(len(group.segments) - 1):
            for in_third, columns in ((False, plain), (True, thirds)):
                if _changes(columns, index):
                    steps[in_third][index] = edges.step(index, in_third)

        def along(column: list[int], factor: Number, in_third: bool = False) -> Form:
            """A function of the segment: the first one's value, and what changes at each step. Steps in thirds are a third high."""
            start = Real(0, column[0]) if in_third else Real(column[0])
            rises = ((steps[in_third][i], column[i + 1] - column[i]) for i in range(len(column) - 1) if column[i] != column[i + 1])
            return Form.sum([(Form.sum(rises, start), factor)])

        for index, column in tests.items():
            fails[index] = edges.outside(index) if last else Form.sum([(along(column, 1), -1)], 1)
        for index, column in ours.items():
            codes[index] = along(column, 1, questions.values[index].thirds)
        return Form.sum((along(column, self._worth(digit), digit == "raw"), 1) for digit, column in bases.items())

    def _read_states(self, place: _Place, layer: Growing) -> None:
        """The tests of the state at a place: whether it is some state, or one of those that rules ask for."""
        where, name = place.reading.questions.place, place.reading.questions.name
        units: dict[int, Form] = {}
        rest, most = place.rest, place.reach

        def above(state: int) -> Form:
            if state not in units:
                units[state] = layer.add(Form.sum([(rest, 1)], -state), f"{name}.state > {state}", most=max(0, most - state))
            return units[state]

        some = Form.sum([(above(0), 1), (above(1), -1)])
        self.state_tests[where, frozenset({0})] = some
        self.state_tests[where, frozenset({1})] = Form.sum([(some, -1)], 1)
        if where == HERE:
            self.above = above
            self.asked: dict[int, Form] = {}

    def _state_fails(self, literal: DigitLiteral) -> Form:
        """By how much a literal on the state or on the control fails."""
        if literal.digit == CONTROL_DIGIT:
            return self.state_tests[literal.place, literal.codes]
        (state,) = literal.codes
        if state not in self.asked:
            tent = [(self.above(state - 1), -1), (self.above(state), 2), (self.above(state + 1), -1)]
            self.asked[state] = Form.sum(tent, 1)
        return self.asked[state]

    # --- layers 4 and 5

    def decide(self, changing: tuple[DigitRule, ...], passing: tuple[DigitRule, ...], kept: Order) -> None:
        """A cell's own digits, the rules, and what lets the derivative through."""
        self.change: dict[int, Number] = {}
        self.constant = Real(0)
        self._keep(kept)
        for rule in changing:
            self._apply(rule)
        for rule in passing:
            self._pass(rule)

    def _large(self, terms: Sequence[Term]) -> int:
        """More than twice what terms can add up to, whether their rule applies or not."""
        most = (2 * self.numeral.reach() if term.digit == STATE else self._span(term) for term in terms)
        return 2 << sum(most).bit_length()

    def _add(
        self, form: Form, weight: Number, name: str, rule: str, line: int = 0, most: int | None = None, matters: Form | None = None
    ) -> None:
        """A unit of layer 4, and what it is worth in layer 5."""
        (index,) = self.layers[3].add(form, name, rule, line, most, matters=matters).weights
        self.change[index] = weight

    def _keep(self, kept: Order) -> None:
        """A cell's digits that persist; its state only where there is one, lest the derivative come through."""
        terms = [(self._code(Term(HERE, digit, digit, 1)), self._worth(digit)) for digit in kept if digit != "raw"]
        offset = sum(self.most[digit] * int(self._worth(digit)) for digit in kept if digit != "raw")
        self._add(Form.sum(terms, offset), 1, "own digits", "keep", most=2 * offset)
        self.constant = self.constant.plus(Real(-offset))
        if "raw" in kept:
            pad = self._worth("raw")
            self._add(Form.sum([(self._code(Term(HERE, "raw", "raw", 1)), 1)], Real(0, 1)), pad, "own product", "keep", most=2)
            self.constant = self.constant.plus(Real(0, -pad))
        nobody = self.state_tests[HERE, frozenset({1})]
        states = len(self.numeral.states)
        own = Term(HERE, STATE, STATE, 1)
        self._add(Form.sum([(self._code(own), 1), (nobody, -self._large([own]))]), 1, "own state", "keep", most=states)

    def _apply(self, rule: DigitRule) -> None:
        """A rule: a unit that says whether it applies, for what changes by a constant, and one for what changes by digits."""
        fails = [self._fails(literal) for literal in rule.literals]
        for thirds in (False, True):
            always = sum(code * self._worth(digit) for digit, code in rule.constant if (digit == "raw") is thirds)
            terms = [term for term in rule.terms if in_thirds(term) is thirds]
            if terms:
                least = sum(map(self._least, terms))
                copied = [(self._code(term), term.factor * (1 if thirds else self._worth(term.target))) for term in terms]
                start = Real(0, -least) if thirds else Real(-least)
                large = self._large(terms)
                form = Form.sum([*copied, *((fail, -large) for fail in fails)], start)
                matters = Form.sum([*copied, *((fail, -large) for fail in self._summed(rule))], start)
                name = " + ".join(f"{term.factor} {PLACES[term.place]}.{term.digit}" for term in terms)
                self._add(
                    form, self._worth("raw") if thirds else 1, name, rule.name, rule.line, sum(map(self._span, terms)), matters
                )
                always += least * (self._worth("raw") if thirds else 1)
            if always:
                self._gate(fails, Real(0, 1) if thirds else Real(1), always, rule)

    def _gate(self, fails: list[Form], height: Real, weight: Number, rule: DigitRule) -> None:
        """A unit that is so high where the rule applies, and else 0."""
        self._add(Form.sum([(fail, -2) for fail in fails], height), weight, "applies", rule.name, rule.line, most=1)

    def _span(self, term: Term) -> int:
        """By how much what a term adds may vary where its rule applies."""
        return len(self.numeral.states) if term.digit == STATE else -2 * self._least(term)

    def _least(self, term: Term) -> int:
        """The least that a term adds; of one in thirds, before it is multiplied by what `raw` is worth."""
        if term.digit == STATE:
            return -len(self.numeral.states) if term.factor < 0 else 0
        most = self.most[term.digit] * abs(term.factor)
        return -most if in_thirds(term) else -most * int(self._worth(term.target))

    def _pass(self, rule: DigitRule) -> None:
        """Let the derivative through where the literals hold, and the value is 0: `σ(v + 1) - 1`."""
        fails = [self._fails(literal) for literal in rule.literals]
        large = self._large([Term(HERE, STATE, STATE, 1)])
        through = Form.sum([(self.places[HERE].rest, 1), *((fail, -large) for fail in fails)], 1)
        self._add(through, 1, "the number", rule.name, most=1)
        self._gate(fails, Real(1), -1, rule)

    def _code(self, term: Term) -> Form:
        """The code of the digit of which a term speaks."""
        place = self.places[term.place]
        if term.digit == STATE:
            return place.rest
        key = (term.digit, in_thirds(term))
        index = next(i for i, value in enumerate(place.reading.questions.values) if (value.digit, value.thirds) == key)
        return place.codes[index]

    def _summed(self, rule: DigitRule) -> list[Form]:
        """By how much its literals fail, but for those of which all units are 0 where they hold."""
        return [self._fails(x) for x in rule.literals if x.digit in (STATE, CONTROL_DIGIT) or not self._is_read_last(x)]

    def _is_read_last(self, literal: DigitLiteral) -> bool:
        groups = self.places[literal.place].reading.groups
        return any(literal.digit in group.digits and group.layer == LAYERS[-1] for group in groups)

    def _fails(self, literal: DigitLiteral) -> Form:
        """By how much a literal fails: 0 if it holds, else 1 - where it must be right; elsewhere something between."""
        if literal not in self.found:
            self.found[literal] = self._new_fails(literal)
        return self.found[literal]

    def _new_fails(self, literal: DigitLiteral) -> Form:
        if literal.digit in (STATE, CONTROL_DIGIT):
            return self._state_fails(literal)
        place = self.places[literal.place]
        index = next(i for i, test in enumerate(place.reading.questions.tests) if answers(test, literal))
        return place.fails[index]

    # --- the filters

    def filters(self, scale: Scale) -> Filters:
        """The network at a scale. Every hidden layer is as wide as the widest."""
        width = max(len(layer.units) for layer in self.layers)
        last = Growing("V5", self.layers[-1].ranges)
        last.add(Form(self.constant, self.change), "number", "")
        hidden = [layer.layer(width, scale) for layer in self.layers]
        layers = [hidden[0], *(replace(layer, inputs=width) for layer in hidden[1:])]
        layers.append(replace(last.layer(1, scale, relu=False), inputs=width))
        self.closing.append(last)
        numeral = self.numeral
        beyond = numeral.weights["answer"].times(BEYOND if numeral.pad else 0)
        return Filters(
            target="scalar",
            channels=("number",),
            recurrent=tuple(layers),
            head=self._head(scale),
            symbol=0,
            answer=0,
            blank=(0,),
            pad=(scale.of(Real(numeral.pad or 0)),),
            border=(scale.of(beyond),),
        )

    def _head(self, scale: Scale) -> tuple[Layer, Layer]:
        """The answer, plus a function that is 0 at the numbers of memory cells and has slope 1 at 0: `U1 σ(U2 v)`."""
        hidden = Growing("U2", [self.layers[0].inputs[0]])
        terms: list[tuple[Form, Number]] = []
        number = Form.unit(0)
        if self.numeral.pad:
            kink = self.numeral.pad // 8  # a product is a third, and nothing else is nearer to 0
            for at, factor in ((-2, -1), (-1, 2), (1, -2), (2, 1)):
                terms.append((hidden.add(Form.sum([(number, 1)], -at * kink), f"number > {at} · {kink}", "head"), factor))
        reach = self.numeral.reach("answer")
        width = 1 if scale.name == "integer" else room(reach)
        threshold = (reach // width + 1) * width
        height = Real(0, 1) if scale.name == "integer" and self.numeral.pad else Real(width)
        for sign, verdict in ((1, "accept"), (-1, "reject")):
            low, high = (
                hidden.add(Form.sum([(number, sign)], bias), f"{verdict}{label}", "head")
                for bias, label in ((Real(-threshold), ""), (Real(-threshold).plus(height, -1), " level"))
            )
            worth = sign / Fraction(scale.of(height))
            terms += [(low, worth), (high, -worth)]
        output = Growing("U1", hidden.ranges)
        output.add(Form.sum(terms), "output", "head")
        self.closing += [hidden, output]
        return hidden.layer(len(hidden.units), scale), output.layer(1, scale, relu=False)


def _changes(columns: list[list[int]], index: int) -> bool:
    """Whether any of these functions of the segment changes at a step."""
    return any(column[index] != column[index + 1] for column in columns)


def _test(literal: DigitLiteral) -> str:
    """A test in words."""
    return f"{literal.digit} in {', '.join(map(str, sorted(literal.codes)))}"
