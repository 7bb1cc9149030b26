"""How each place's number is read: its digits cut into groups, a layer of the network for each group, the most significant first.

A *group* is a few digits next to each other. Its codes, in the order of their values, are cut into *segments*: all cells of a
segment look alike to the layer that reads the group. Codes must be in different segments when a question tells them apart, and
whenever what stands below the group is asked for: the layer must then take the group's digits away exactly.

Layers are balanced: of the many ways to cut, that is taken which makes the widest of the three layers narrowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise, product

from tmc.automaton.reachable import Sort
from tmc.frozen import frozen
from tmc.ir.lattice import HERE
from tmc.ir.numeral import Codes, FieldGroup, Numeral, room
from tmc.targets.scalar.digit_rules import DigitLiteral
from tmc.targets.scalar.digits import CONTROL_DIGIT
from tmc.targets.scalar.questions import Questions

LAYERS = (1, 2, 3)  # the layers that read
LIMIT = 1 << 50  # of sums: float64 has 53 binary digits, and at the integer scale everything is three times as large
Order = tuple[str, ...]


class Population:
    """The cells that can occur, on digits: for every sort the codes of some digits together."""

    def __init__(self, parts: tuple[FieldGroup, ...], names: tuple[str, ...], sorts: tuple[Sort, ...]) -> None:
        self.parts, self.size = parts, len(sorts)
        position = {name: index for index, name in enumerate(names)}
        self._held = [
            [
                [part.codes[v] for v in product(*(sorted(sort.values[position[f]]) for f in part.fields)) if v in part.codes]
                for part in parts
            ]
            for sort in sorts
        ]
        self._known: dict[tuple[int, Order], tuple[Codes, ...]] = {}

    def codes(self, sort: int, digits: Order) -> tuple[Codes, ...]:
        """The codes of these digits that cells of a sort have together."""
        key = (sort, digits)
        if key not in self._known:
            pieces, where = [], {}
            for number, (part, held) in enumerate(zip(self.parts, self._held[sort], strict=True)):
                own = [index for index, digit in enumerate(part.digits) if digit in digits]
                where.update({part.digits[index]: (number, place) for place, index in enumerate(own)})
                pieces.append(sorted({tuple(codes[index] for index in own) for codes in held}))
            found = {tuple(pick[where[d][0]][where[d][1]] for d in digits) for pick in product(*pieces)}
            self._known[key] = tuple(sorted(found))
        return self._known[key]

    def digits(self) -> Order:
        """The digits that are ever different from 0, but for the control's; and the answer, always."""
        found = (digit for part in self.parts for digit in part.digits if digit != CONTROL_DIGIT)
        return tuple(digit for digit in found if digit == "answer" or self._occurs(digit))

    def _occurs(self, digit: str) -> bool:
        return any(codes != (0,) for sort in range(self.size) for codes in self.codes(sort, (digit,)))


@frozen
class Segment:
    """Codes of a group's digits, neighbours in value, that look alike.

    `base`: the codes that are taken away exactly, where what is below must be read, else None. `answers` says for each test of the
    group's digits whether it holds, `values` what the code of each digit asked for is (None: it does not matter).
    """

    codes: tuple[Codes, ...]
    base: Codes | None
    answers: tuple[bool | None, ...]
    values: tuple[int | None, ...]


@frozen
class Group:
    """Digits that a layer reads, of cells of the sorts `play`, and its segments in the order of their values.

    `tests` and `values` are the numbers of those of the place's questions that are about these digits.
    """

    digits: Order
    layer: int
    play: frozenset[int]
    tests: tuple[int, ...]
    values: tuple[int, ...]
    segments: tuple[Segment, ...]

    def strain(self, numeral: Numeral, reach: int) -> int:
        """What the terms of the sum add up to that takes the group away, if the number is `reach` at most."""
        bases = [numeral.worth(self.digits, base) for base in zip(*map(self.base, self.digits), strict=True)]
        rises = sum(abs(b - a) for a, b in pairwise(bases)) // 3
        return rises // room(numeral.reach(self.digits[-1])) * reach

    def base(self, digit: str) -> list[int]:
        """For each segment the code of a digit that is taken away."""
        index = self.digits.index(digit)
        return filled([None if segment.base is None else segment.base[index] for segment in self.segments], 0)

    def value(self, number: int) -> list[int]:
        """For each segment the code that answers one of its values."""
        index = self.values.index(number)
        return filled([segment.values[index] for segment in self.segments], 0)

    def ends(self, number: int) -> tuple[int | None, int | None] | None:
        """Of a test that holds on one interval, between which segments it begins and ends to hold: `i` is between `i` and `i + 1`.
        (None: it holds from the first one on, or up to the last.) None for a test of another kind."""
        answers = self.answer(number)
        changes = [index for index, (one, other) in enumerate(pairwise(answers)) if one != other]
        if len(changes) > 2 or not any(answers) or (len(changes) == 2 and answers[0]):
            return None
        if len(changes) == 2:
            return changes[0], changes[1]
        return (None, *changes, None)[:2] if answers[0] else (*changes, None)  # type: ignore[return-value]

    def answer(self, number: int) -> list[int]:
        """For each segment whether one of its tests holds: 1 or 0."""
        index = self.tests.index(number)
        answers = [segment.answers[index] for segment in self.segments]
        return filled([None if answer is None else int(answer) for answer in answers], 0)


def filled(column: Sequence[int | None], default: int) -> list[int]:
    """Give what does not matter the value before it, or, at the beginning, the one after it."""
    current = next((value for value in column if value is not None), default)
    result = []
    for value in column:
        current = current if value is None else value
        result.append(current)
    return result


@frozen
class ReadingPlan:
    """How a place is read. `cost`: the number of units in each layer, but for those that read the state."""

    questions: Questions
    groups: tuple[Group, ...]
    cost: tuple[int, int, int]


def readings(population: Population, questions: Questions, order: Order, numeral: Numeral) -> list[ReadingPlan]:
    """All ways to read one place, for one order of the digits, but for those that are worse in every layer than another, and those
    whose sums float64 cannot hold."""
    best: list[ReadingPlan] = []
    for reading in sorted(_GroupReader(population, questions, order).readings(), key=lambda reading: reading.cost):
        worse = any(all(a <= b for a, b in zip(other.cost, reading.cost, strict=True)) for other in best)
        if not worse and _strain(reading, numeral) < LIMIT:
            best.append(reading)
    return best


def _strain(reading: ReadingPlan, numeral: Numeral) -> int:
    """The most that the terms of any sum add up to that takes a group away."""
    strain = reach = numeral.reach()
    for group in reading.groups:
        strain, reach = max(strain, group.strain(numeral, reach)), numeral.reach(group.digits[-1])
    return strain


class _GroupReader:
    def __init__(self, population: Population, questions: Questions, order: Order) -> None:
        self.population, self.questions, self.order = population, questions, order
        self.everywhere = frozenset(range(population.size - (questions.place == HERE)))
        self.layers = LAYERS[:-1] if questions.states else LAYERS
        self._known: dict[tuple[Order, frozenset[int], frozenset[int]], tuple[Segment, ...]] = {}

    def readings(self) -> Iterator[ReadingPlan]:
        """Every way to cut."""
        used = self._used()
        for count in range(min(1, len(used)), min(len(self.layers), len(used)) + 1):
            for cuts in combinations(range(1, len(used)), max(0, count - 1)):
                ends = (0, *cuts, len(used))
                pieces = tuple(used[start:end] for start, end in pairwise(ends) if end > start)
                if any(piece[-1] == "kind" for piece in pieces):
                    continue  # raw products are closer together than what stands below
                for layers in combinations(self.layers, count):
                    groups = tuple(self._groups(pieces, layers))
                    if layers[-1:] != LAYERS[-1:] or all(groups[-1].ends(test) for test in groups[-1].tests):
                        yield ReadingPlan(self.questions, groups, self._cost(groups))

    def _used(self) -> Order:
        """The digits that must be read: those asked about, whatever else may stand above a state that is asked for, and all
        between."""
        asked = {test.digit for test in self.questions.tests} | {value.digit for value in self.questions.values}
        for digit in self.order:
            if any(codes != (0,) for sort in self.questions.through for codes in self.population.codes(sort, (digit,))):
                asked.add(digit)
        if "kind" in asked and "raw" in self.order:
            asked.add("raw")
        return self.order[: 1 + max((self.order.index(digit) for digit in asked), default=-1)]

    def _groups(self, pieces: tuple[Order, ...], layers: tuple[int, ...]) -> Iterator[Group]:
        play = self.everywhere
        for digits, layer in zip(pieces, layers, strict=True):
            below = self._asked_below(self.order.index(digits[-1])) & play
            tests = tuple(index for index, test in enumerate(self.questions.tests) if test.digit in digits)
            values = tuple(index for index, value in enumerate(self.questions.values) if value.digit in digits)
            yield Group(digits, layer, play, tests, values, self._segments(digits, play, below))
            play = below

    def _asked_below(self, position: int) -> frozenset[int]:
        """The sorts for which a question is asked about a digit below this position."""
        lower = self.order[position + 1 :]
        domains = [test.domain for test in self.questions.tests if test.digit in lower]
        domains += [value.domain for value in self.questions.values if value.digit in lower]
        return self.questions.through.union(*domains)

    def _segments(self, digits: Order, play: frozenset[int], below: frozenset[int]) -> tuple[Segment, ...]:
        key = (digits, play, below)
        if key not in self._known:
            self._known[key] = tuple(_merged(self._labelled(digits, play, below)))
        return self._known[key]

    def _labelled(self, digits: Order, play: frozenset[int], below: frozenset[int]) -> Iterator[Segment]:
        """A segment for every code, by value."""
        tests = [(digits.index(test.digit), test) for test in self.questions.tests if test.digit in digits]
        values = [(digits.index(value.digit), value) for value in self.questions.values if value.digit in digits]
        owners: dict[Codes, list[int]] = {}
        for sort in sorted(play):
            for codes in self.population.codes(sort, digits):
                owners.setdefault(codes, []).append(sort)
        asked: dict[
            tuple[int, ...], tuple[list[tuple[int, DigitLiteral] | None], list[int | None], bool]
        ] = {}  # of cells of these sorts
        for codes, owned in sorted(owners.items()):
            sorts = tuple(owned)
            if sorts not in asked:
                asked[sorts] = (
                    [None if test.domain.isdisjoint(sorts) else (index, test) for index, test in tests],
                    [None if value.domain.isdisjoint(sorts) else index for index, value in values],
                    not below.isdisjoint(sorts),
                )
            tested, valued, is_exact = asked[sorts]
            answers = [codes[on[0]] in on[1].codes if on and codes[on[0]] in on[1].among else None for on in tested]
            found = [None if index is None else codes[index] for index in valued]
            yield Segment((codes,), codes if is_exact else None, tuple(answers), tuple(found))

    def _cost(self, groups: tuple[Group, ...]) -> tuple[int, int, int]:
        """The units in each layer: steps, the number itself as long as something of it is read later, and what is known already."""
        cost, last = [], groups[-1].layer if groups else 0
        for layer in LAYERS:
            steps = sum(2 * len(group.segments) - 2 + group.digits.count("raw") * 4 for group in groups if group.layer == layer)
            carried = layer < last or bool(self.questions.through)
            known = sum(len(group.tests) + len(group.values) for group in groups if group.layer < layer)
            cost.append(steps + carried + known)
        return cost[0], cost[1], cost[2]


def _merged(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours that need not be told apart, made one."""
    current: Segment | None = None
    for segment in segments:
        if current is None:
            current = segment
        elif _alike(current, segment):
            answers = tuple(b if a is None else a for a, b in zip(current.answers, segment.answers, strict=True))
            values = tuple(b if a is None else a for a, b in zip(current.values, segment.values, strict=True))
            current = Segment((*current.codes, *segment.codes), current.base, answers, values)
        else:
            yield current
            current = segment
    if current is not None:
        yield current


def _alike(one: Segment, other: Segment) -> bool:
    return one.base == other.base and _may_be_one(one.answers, other.answers) and _may_be_one(one.values, other.values)


def _may_be_one(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether the two differ nowhere but where one of them does not matter."""
    return one == other or all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def balanced(options: list[list[ReadingPlan]], other: int) -> tuple[ReadingPlan, ...]:
    """One reading of each place, so that the widest layer is narrow; it need not be narrower than `other`."""
    best: tuple[tuple[int, int], tuple[ReadingPlan, ...]] | None = None
    for weights in ((1, 1, 1), (3, 1, 1), (1, 3, 1), (1, 1, 3), (2, 2, 1), (2, 1, 2), (1, 2, 2)):
        chosen = [min(found, key=lambda r: sum(w * c for w, c in zip(weights, r.cost, strict=True))) for found in options]
        width = _improve(options, chosen, other)
        if best is None or width < best[0]:
            best = width, tuple(chosen)
    assert best is not None
    return best[1]


def _improve(options: list[list[ReadingPlan]], chosen: list[ReadingPlan], other: int) -> tuple[int, int]:
    """Change one place's reading at a time as long as that helps; returns the width of the widest layer and that of all
    together."""
    total = [sum(reading.cost[layer] for reading in chosen) for layer in range(3)]
    width = max(other, *total), sum(total)
    better = True
    while better:
        better = False
        for place, found in enumerate(options):
            for reading in found:
                changed = [t - a + b for t, a, b in zip(total, chosen[place].cost, reading.cost, strict=True)]
                if (max(other, *changed), sum(changed)) < width:
                    chosen[place], total, better = reading, changed, True
                    width = max(other, *total), sum(total)
    return width
