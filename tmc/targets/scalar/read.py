"""Layers 1 to 3 of the paper's network read the nine numbers of the patch, a group of digits each, the most significant first.

Steps between the codes tell which they are, and take them away, so that the next layer can read the next group. The state is the
last: in layer 3 a *tent* over each state that a rule asks for, `σ(v - q + 1) - 2 σ(v - q) + σ(v - q - 1)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from tmc.frozen import frozen
from tmc.ir.lattice import HERE
from tmc.ir.numeral import Numeral, Real
from tmc.ir.units import Number
from tmc.targets.scalar.digit_rules import DigitLiteral, Term
from tmc.targets.scalar.digits import CONTROL_DIGIT, STATE
from tmc.targets.scalar.edges import Edges
from tmc.targets.scalar.forms import Form, LayerBuilder, UnitRange
from tmc.targets.scalar.groups import LAYERS, Group, ReadingPlan
from tmc.targets.scalar.layout import worth_of
from tmc.targets.scalar.questions import answers, in_thirds

WHOLE, THIRD_OF_1 = Real(1), Real(0, 1)


@frozen
class PartlyRead:
    """What is known of the number at a place: `rest` is what is left of it, for each test by how much it fails (0: it holds; 1),
    and for each value its code, in thirds if it is a value in thirds. All are forms over one layer.

    What is left is `reach` at most, up or down. `control`, from layer 3 on where it is asked: by how much the tests fail that there
    is some state (0), and that there is no state (1).
    """

    reading: ReadingPlan
    rest: Form
    reach: int
    fails: dict[int, Form]
    codes: dict[int, Form]
    control: dict[frozenset[int], Form]


@frozen
class Patch:
    """A patch that has been read: layers 1 to 3, and what is known after them, as forms over the last. `states`: by how much the
    test fails that the cell itself has some state."""

    layers: tuple[LayerBuilder, ...]
    places: dict[int, PartlyRead]
    states: dict[int, Form]

    def fails(self, literal: DigitLiteral) -> Form:
        """By how much a literal fails: 0 if it holds, else 1 - where it must be right; elsewhere something between."""
        if literal.digit == STATE:
            (state,) = literal.codes
            return self.states[state]
        place = self.places[literal.place]
        if literal.digit == CONTROL_DIGIT:
            return place.control[literal.codes]
        return place.fails[next(i for i, test in enumerate(place.reading.questions.tests) if answers(test, literal))]

    def code(self, term: Term) -> Form:
        """The code of the digit of which a term speaks."""
        place = self.places[term.place]
        if term.digit == STATE:
            return place.rest
        key = (term.digit, in_thirds(term))
        return place.codes[next(i for i, value in enumerate(place.reading.questions.values) if (value.digit, value.thirds) == key)]

    def is_read_last(self, literal: DigitLiteral) -> bool:
        """Whether the digit of a literal is read in layer 3."""
        groups = self.places[literal.place].reading.groups
        return any(literal.digit in group.digits and group.layer == LAYERS[-1] for group in groups)


def read(numeral: Numeral, readings: Iterable[ReadingPlan], states: Iterable[int]) -> Patch:
    """Read each place of the patch as its reading says. `states` are those that rules ask for, in the order of their units."""
    reach = numeral.reach()
    numbers = UnitRange(Fraction(reach), 0, 0 if numeral.pad is None else numeral.pad.bit_length() - 1)
    places = {r.questions.place: PartlyRead(r, Form.unit(r.questions.place), reach, {}, {}, {}) for r in readings}
    inputs, layers = [numbers] * 9, list[LayerBuilder]()
    for number in LAYERS:
        layer = LayerBuilder(f"V{number}", inputs)
        above = {where: _StateUnits(place, layer) for where, place in places.items()}
        places = {where: _PlaceInLayer(numeral, place, layer, number, above[where]).read() for where, place in places.items()}
        inputs = layer.ranges
        layers.append(layer)
    return Patch(tuple(layers), places, {state: above[HERE].tent(state) for state in states})


class _StateUnits:
    """Units that tell the state, when nothing else is left of the number at a place. Each is made once, when it is needed."""

    def __init__(self, place: PartlyRead, layer: LayerBuilder) -> None:
        self.place, self.layer = place, layer
        self.units: dict[int, Form] = {}

    def above(self, state: int) -> Form:
        """By how much the code of the state is above another."""
        if state not in self.units:
            name, most = f"{self.place.reading.questions.name}.state > {state}", max(0, self.place.reach - state)
            self.units[state] = self.layer.add(Form.sum([(self.place.rest, 1)], -state), name, most=most)
        return self.units[state]

    def control(self) -> dict[frozenset[int], Form]:
        """See `PartlyRead`."""
        some = Form.sum([(self.above(0), 1), (self.above(1), -1)])
        return {frozenset({0}): some, frozenset({1}): Form.sum([(some, -1)], 1)}

    def tent(self, state: int) -> Form:
        """0 at a state, and 1 at all others."""
        return Form.sum([(self.above(state - 1), -1), (self.above(state), 2), (self.above(state + 1), -1)], 1)


@frozen
class _PlaceInLayer:
    """A place in one of the layers 1 to 3: `place` is what was known before it."""

    numeral: Numeral
    place: PartlyRead
    layer: LayerBuilder
    number: int
    states: _StateUnits

    def read(self) -> PartlyRead:
        """What is known after the layer."""
        place, layer, number = self.place, self.layer, self.number
        questions, groups = place.reading.questions, place.reading.groups
        name = questions.name
        fails = {}
        for index, form in place.fails.items():
            unit = layer.add(Form.sum([(form, -1)], 1), f"{name}: {_test(questions.tests[index])}", most=1, known=WHOLE)
            fails[index] = Form.sum([(unit, -1)], 1)
        codes = {index: self._carry(index) for index in place.codes}
        rest, reach = place.rest, place.reach
        control = self.states.control() if number == LAYERS[-1] and questions.states else {}
        group = next((group for group in groups if group.layer == number), None)
        if questions.through or any(group.layer > number for group in groups):
            known = WHOLE if any("raw" in group.digits for group in groups if group.layer < number) else None
            unit = layer.add(Form.sum([(rest, 1)], reach + 1), f"{name}: what is left", most=2 * reach + 1, known=known)
            rest = Form.sum([(unit, 1)], -reach - 1)
        if group is not None:
            told = self._steps(group)
            fails, codes = fails | told.fails, codes | told.codes
            rest = Form.sum([(rest, 1), (told.taken, -1)])
            reach = len(self.numeral.states) if group is groups[-1] else self.numeral.reach(group.digits[-1])
        return PartlyRead(place.reading, rest, reach, fails, codes, control)

    def _carry(self, index: int) -> Form:
        """A code that has been read, for the next layer."""
        value = self.place.reading.questions.values[index]
        most = self.numeral.most[value.digit]
        offset = Real(0, most) if value.thirds else Real(most)
        name = f"{self.place.reading.questions.name}.{value.digit}"
        known = THIRD_OF_1 if value.thirds else WHOLE
        unit = self.layer.add(Form.sum([(self.place.codes[index], 1)], offset), name, most=2 * most, known=known)
        return Form.sum([(unit, 1)], offset.times(-1))

    def _steps(self, group: Group) -> _Told:
        """Steps between the segments of a group, and what they tell."""
        questions = self.place.reading.questions
        bases = {digit: group.base(digit) for digit in group.digits}
        ours = {index: group.value(index) for index in group.values}
        tests = {index: group.answer(index) for index in group.tests}
        last = group.layer == LAYERS[-1]
        plain = [column for digit, column in bases.items() if digit != "raw"]
        plain += [column for index, column in ours.items() if not questions.values[index].thirds]
        plain += [] if last else tests.values()
        thirds = [column for index, column in ours.items() if questions.values[index].thirds]
        thirds += [bases["raw"]] if "raw" in bases else []
        edges = Edges(questions.name, self.place.rest, self.place.reach, group, self.layer, self.numeral)
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

        fails = {index: edges.outside(index) if last else Form.sum([(along(at, 1), -1)], 1) for index, at in tests.items()}
        codes = {index: along(column, 1, questions.values[index].thirds) for index, column in ours.items()}
        taken = Form.sum((along(column, worth_of(self.numeral, digit), digit == "raw"), 1) for digit, column in bases.items())
        return _Told(fails, codes, taken)


@frozen
class _Told:
    """What the steps of a group tell, and what they take away from the number."""

    fails: dict[int, Form]
    codes: dict[int, Form]
    taken: Form


def _changes(columns: list[list[int]], index: int) -> bool:
    """Whether any of these functions of the segment changes at a step."""
    return any(column[index] != column[index + 1] for column in columns)


def _test(literal: DigitLiteral) -> str:
    """A test in words."""
    return f"{literal.digit} in {', '.join(map(str, sorted(literal.codes)))}"
