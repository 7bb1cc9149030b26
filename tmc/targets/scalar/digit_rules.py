"""Rules on digits: each rule of the automaton as a conjunction of literals on digits, and the change that it makes to the cell's
number.

What is preserved: a cell's digits, but for those of fields that do not persist, plus the changes of all the rules that apply, are
the digits of its next value. A change is linear in digits of the patch; where it is not, or a guard is no conjunction of literals
on digits, a rule is split in several.

    left := west.carry1      becomes      left changes by  west.carry1 - left

A literal need not be right about every cell. It is asked of one place after the other (`_ORDER`), and only cells that may stand
there when the literals about earlier places hold are its *domain*: what it says of others does not matter.

Many transitions ask for the same but for states and symbols. What is worked out about the rest of their guards, their *frame*, is
remembered, so that a machine of many states takes little time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from tmc.automaton.reachable import EXACT, Reachable, Sort, Values, as_guard, at, is_transition, refine, without_state
from tmc.automaton.signals import CONTROL, NONE
from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.conflicts import Claim, Claims, validate
from tmc.ir.lattice import EAST, HERE, NORTH, NORTH_EAST, NORTH_WEST, PLACES, SOUTH, SOUTH_EAST, SOUTH_WEST, WEST
from tmc.ir.numeral import Codes, FieldGroup, PartValues
from tmc.ir.rules import Copy, Guard, Literal, Rule, Rules, Write
from tmc.targets.scalar.digits import CONTROL_DIGIT, STATE, centred, state_codes

_ORDER = (HERE, WEST, NORTH_WEST, SOUTH_WEST, EAST, NORTH, SOUTH, NORTH_EAST, SOUTH_EAST)
_COSTLY = (  # the costliest to read first
    "control", "carry2", "carry1", "left", "right", "symbol", "raw", "kind", "answer", "wave", "call", "vertical",
)  # fmt: skip
_TAPES = ("symbol", "right")  # the fields that transitions read from the tapes
Held = tuple[frozenset[PartValues], ...]  # cells: the values that each part may have


@frozen
class DigitLiteral:
    """The digit of the cell at `place` has one of `codes`, if it has one of `among` and the cell is of one of the sorts `domain`
    (numbers; the border comes last)."""

    place: int
    digit: str
    codes: frozenset[int]
    among: frozenset[int]
    domain: frozenset[int]


@frozen
class Term:
    """The digit `target` changes by `factor` times the digit `digit` of the cell at `place`."""

    place: int
    digit: str
    target: str
    factor: int


Standing = tuple[tuple[int, Values], ...]  # the cells that may stand at a place: sorts, by number, and their values there


@frozen
class DigitRule:
    """A rule on digits, or a part of one. `constant` is what digits change by always; `standing` says which cells may stand at the
    places that the terms speak of when it applies."""

    name: str
    line: int
    literals: tuple[DigitLiteral, ...]
    constant: tuple[tuple[str, int], ...]
    terms: tuple[Term, ...]
    standing: tuple[tuple[int, Standing], ...]


def rules_to_digits(
    rules: Rules, cells: Reachable, parts: tuple[FieldGroup, ...]
) -> tuple[tuple[DigitRule, ...], tuple[DigitRule, ...]]:
    """All rules on digits, and the guards that pass on the derivative, as rules without changes."""
    lowering = _DigitLowering(rules, cells, parts)
    lowering.check_apart()
    passing = [Rule("learn", guard, ()) for guard in rules.transparent]
    return (
        tuple(piece for rule in rules.rules for piece in lowering.pieces(rule)),
        tuple(piece for rule in passing for piece in lowering.pieces(rule)),
    )


@frozen
class _Pieces:
    """How a rule is split: `literals` are added, one to each piece."""

    literals: tuple[Literal, ...]


class _MustSplit(Exception):
    """The rule must be split."""

    def __init__(self, literals: tuple[Literal, ...]) -> None:
        self.pieces = _Pieces(literals)


@frozen
class _DigitGuard:
    """What a guard comes to: literals on digits, and for each place the sorts that may stand there when it holds."""

    literals: tuple[DigitLiteral, ...]
    standing: tuple[Standing, ...]


class _DigitLowering:
    def __init__(self, rules: Rules, cells: Reachable, parts: tuple[FieldGroup, ...]) -> None:
        self.rules, self.parts = rules, parts
        self.names = tuple(field.name for field in rules.fields)
        self.position = {name: index for index, name in enumerate(self.names)}
        self.part = {field: part for part in parts for field in part.fields}
        self.states = state_codes(rules)
        self.sorts: tuple[Sort, ...] = (*cells.sorts, cells.border)
        self.claims = Claims(cells.invariants)
        self.excluded: dict[tuple[int, int, Guard], bool] = {}
        self.claimed: dict[Guard, Claim] = {}
        self.frames: dict[Guard, _DigitGuard | _Pieces | None] = {}
        self.changes: dict[object, tuple[dict[str, int], dict[tuple[int, str, str], int]] | _Pieces] = {}
        self.where = {digit: (which, index) for which, part in enumerate(parts) for index, digit in enumerate(part.digits)}
        self.held = [self._hold(sort.values) for sort in self.sorts]

    def pieces(self, rule: Rule) -> Iterator[DigitRule]:
        """A rule, split as far as needed. A rule that can never apply has no pieces."""
        try:
            piece = self._piece(rule)
        except _MustSplit as split:
            for literal in split.pieces.literals:
                yield from self.pieces(replace(rule, guard=(*rule.guard, literal)))
        else:
            if piece is not None:
                yield piece

    def check_apart(self) -> None:
        """No two rules that may apply at once change digits of the same part. InternalError names them."""
        shared = [part for part in self.parts if len(part.fields) > 1]
        writing = (
            replace(rule, writes=tuple(Write(part.fields[0], 0) for part in shared if self._written(rule, part)))
            for rule in self.rules.rules
        )
        validate(replace(self.rules, rules=tuple(writing)))

    @staticmethod
    def _written(rule: Rule, part: FieldGroup) -> tuple[Write | Copy, ...]:
        return tuple(write for write in rule.writes if write.field in part.fields)

    # --- which cells may stand where

    def _piece(self, rule: Rule) -> DigitRule | None:
        guard, transition = without_state(rule.guard), is_transition(rule)
        tapes = tuple(x for x in guard if transition and x.place == HERE and x.field in _TAPES)
        frame = self._frame(tuple(literal for literal in guard if literal not in tapes))
        if frame is None:
            return None
        standing = dict(enumerate(frame.standing))
        standing[HERE] = self._refined(standing[HERE], tapes)
        places = sorted({HERE, *(write.place for write in rule.writes if isinstance(write, Copy))})
        if not all(standing[place] for place in places):
            return None
        literals = [*frame.literals, *self._on_tapes(tapes, frame)]
        if transition:
            literals = self._in_state(rule, literals, frame)
        constant, terms = self._change(rule, standing)
        shown = tuple((place, standing[place]) for place in places)
        return DigitRule(rule.name, rule.line, tuple(literals), constant, terms, shown)

    def _frame(self, guard: Guard) -> _DigitGuard | None:
        if guard not in self.frames:
            try:
                self.frames[guard] = self._new_frame(guard)
            except _MustSplit as split:
                self.frames[guard] = split.pieces
        frame = self.frames[guard]
        if isinstance(frame, _Pieces):
            raise _MustSplit(frame.literals)
        return frame

    def _new_frame(self, guard: Guard) -> _DigitGuard | None:
        """None if no patch satisfies the guard."""
        literals: list[DigitLiteral] = []
        trusted: Guard = ()
        phases = {True, False}
        for place in (place for place in _ORDER if at(guard, place)):
            domain = self._domain(place, trusted, phases)
            literals += self._literals(at(guard, place), place, domain)
            trusted = (*trusted, *at(guard, place))
            if place == HERE:
                phases = {self.sorts[index].computing for index, _ in self._standing(guard, place, domain)}
        possible = all(self._standing(guard, place, self._domain(place, (), phases)) for place in {x.place for x in guard})
        if not possible:
            return None
        standing = (self._standing(guard, place, self._domain(place, guard, phases)) for place in range(len(PLACES)))
        return _DigitGuard(tuple(literals), tuple(standing))

    def _on_tapes(self, tapes: Guard, frame: _DigitGuard) -> Iterator[DigitLiteral]:
        """Literals on what stands under the heads. They are asked of live cells, whose symbols have digits of their own."""
        domain = frozenset(index for index, _ in frame.standing[HERE])
        for field in sorted({literal.field for literal in tapes}):
            wanted = frozenset.intersection(*(frozenset(literal.values) for literal in tapes if literal.field == field))
            among = frozenset().union(*(values[self.position[field]] for _, values in frame.standing[HERE]))
            if not among <= wanted:
                codes, all_codes = (frozenset(map(centred, found)) for found in (wanted & among, among))
                yield DigitLiteral(HERE, field, codes, all_codes, domain)

    def _in_state(self, rule: Rule, literals: list[DigitLiteral], frame: _DigitGuard) -> list[DigitLiteral]:
        """Ask for the rule's state instead of for any."""
        ours = [literal for literal in literals if (literal.place, literal.digit) == (HERE, CONTROL_DIGIT)]
        domain = frozenset(index for index, _ in frame.standing[HERE]).union(*(literal.domain for literal in ours))
        wanted = frozenset({self.states[self._own_state(rule)]})
        rest = [literal for literal in literals if literal not in ours]
        return [*rest, DigitLiteral(HERE, STATE, wanted, frozenset(), domain)]

    @staticmethod
    def _own_state(rule: Rule) -> int:
        return next(literal.values[0] for literal in at(rule.guard, HERE) if literal.field == "state")

    def _domain(self, place: int, given: Guard, phases: set[bool]) -> frozenset[int]:
        """The sorts that may stand at a place, given literals about others."""
        given = tuple(literal for literal in given if literal.place != place)
        border = len(self.sorts) - 1
        found = [
            index for index in range(border) if self.sorts[index].computing in phases and not self._excluded(index, place, given)
        ]
        return frozenset(found if place == HERE else (*found, border))

    def _excluded(self, index: int, place: int, given: Guard) -> bool:
        key = (index, place, given)
        if key not in self.excluded:
            cell = as_guard(self.names, self.sorts[index].values, place)
            exact = tuple(literal for literal in cell if literal.field in EXACT)
            self.excluded[key] = self._claimed(exact).excludes(self._claimed(given))
        return self.excluded[key]

    def _claimed(self, guard: Guard) -> Claim:
        if guard not in self.claimed:
            self.claimed[guard] = self.claims.of(guard)
        return self.claimed[guard]

    def _standing(self, guard: Guard, place: int, domain: frozenset[int]) -> Standing:
        return self._refined(tuple((index, self.sorts[index].values) for index in sorted(domain)), at(guard, place))

    def _refined(self, standing: Standing, literals: Guard) -> Standing:
        refined = ((index, refine(self.position, values, literals)) for index, values in standing)
        return tuple((index, values) for index, values in refined if values is not None)

    def _hold(self, values: Values) -> Held:
        """What the parts of cells may be."""
        return tuple(self._tuples(part, values) for part in self.parts)

    def _tuples(self, part: FieldGroup, values: Values) -> frozenset[PartValues]:
        """The values of a part's fields that cells may have."""
        return frozenset(product(*(values[self.position[field]] for field in part.fields))) & part.codes.keys()

    # --- literals

    def _literals(self, here: Guard, place: int, domain: frozenset[int]) -> Iterator[DigitLiteral]:
        """The literals about one place on digits, as few as possible."""
        domain_held = {index: self.held[index] for index in sorted(domain)}
        wanted = self._wanted(here, place, domain_held)
        if not self._tell(wanted, here, domain_held):
            raise _MustSplit(self._pieces_of(here, place, domain_held))
        for digit in _COSTLY:
            rest = {other: codes for other, codes in wanted.items() if other != digit}
            if digit in wanted and self._tell(rest, here, domain_held):
                wanted = rest
        trusted: dict[str, frozenset[int]] = {}
        for digit in (digit for digit in (_COSTLY if place == HERE else reversed(_COSTLY)) if digit in wanted):
            left = {index: held for index, found in domain_held.items() if (held := self._filtered(found, trusted))}
            yield DigitLiteral(place, digit, wanted[digit], self._codes(left, digit), frozenset(left))
            trusted[digit] = wanted[digit]

    def _wanted(self, here: Guard, place: int, domain: dict[int, Held]) -> dict[str, frozenset[int]]:
        """The codes that the digits of the cells wanted have, where that is not all the codes there are."""
        values = {index: refine(self.position, self.sorts[index].values, here) for index in domain}
        wanted = {index: self._hold(found) for index, found in values.items() if found is not None}
        digits = (digit for part in self.parts for digit in part.digits)
        return {digit: codes for digit in digits if (codes := self._codes(wanted, digit)) != self._codes(domain, digit)}

    def _codes(self, cells: dict[int, Held], digit: str) -> frozenset[int]:
        """The codes of a digit that cells have."""
        which, index = self.where[digit]
        return frozenset(self.parts[which].codes[values][index] for held in cells.values() for values in held[which])

    def _filtered(self, held: Held, wanted: dict[str, frozenset[int]]) -> Held | None:
        """The cells among these whose digits have codes that are wanted, if any."""
        found = list(held)
        for digit, codes in wanted.items():
            which, index = self.where[digit]
            found[which] = frozenset(v for v in found[which] if self.parts[which].codes[v][index] in codes)
        return tuple(found) if all(found) else None

    def _tell(self, wanted: dict[str, frozenset[int]], here: Guard, domain: dict[int, Held]) -> bool:
        """Whether all cells with the codes that are wanted satisfy the guard."""
        left = [held for found in domain.values() if (held := self._filtered(found, wanted))]
        return all(
            self._satisfies(part, values, here)
            for held in left
            for part, found in zip(self.parts, held, strict=True)
            for values in found
        )

    @staticmethod
    def _satisfies(part: FieldGroup, values: PartValues, here: Guard) -> bool:
        return all(values[part.fields.index(x.field)] in x.values for x in here if x.field in part.fields)

    def _pieces_of(self, here: Guard, place: int, domain: dict[int, Held]) -> tuple[Literal, ...]:
        """Literals on one field that cut what is wanted into pieces, each of which is a conjunction on digits if that is
        possible."""
        cuts = []
        for part in (part for part in self.parts if len(part.digits) > 1):
            values = {v for held in domain.values() for v in held[self.parts.index(part)] if self._satisfies(part, v, here)}
            for index, field in enumerate(part.fields):
                found = sorted({value[index] for value in values})
                if len(found) > 1:
                    cuts.append(self._cut(here, place, domain, field, found))
        whole = [cut for cut in cuts if all(self._one_piece((*here, literal), place, domain) for literal in cut)]
        if not cuts:
            raise InternalError(f"no digits tell {here}")
        return min(whole or cuts, key=len)

    def _cut(self, here: Guard, place: int, domain: dict[int, Held], field: str, values: list[int]) -> tuple[Literal, ...]:
        """The values of a field in few groups, each of which makes a conjunction; a value that does not is alone."""
        groups: list[tuple[int, ...]] = []
        for value in values:
            for index, group in enumerate(groups):
                if self._one_piece((*here, Literal(place, field, (*group, value))), place, domain):
                    groups[index] = (*group, value)
                    break
            else:
                groups.append((value,))
        return tuple(Literal(place, field, group) for group in groups)

    def _one_piece(self, here: Guard, place: int, domain: dict[int, Held]) -> bool:
        return self._tell(self._wanted(here, place, domain), here, domain)

    # --- changes

    def _change(self, rule: Rule, standing: dict[int, Standing]) -> tuple[tuple[tuple[str, int], ...], tuple[Term, ...]]:
        constant, terms = self._change_of_state(rule)
        for part in self.parts:
            if CONTROL_DIGIT not in part.digits and self._written(rule, part):
                more, further = self._change_of(rule, part, standing)
                constant |= more
                for key, factor in further.items():
                    terms[key] = terms.get(key, 0) + factor
        found = tuple(Term(*key, factor) for key, factor in sorted(terms.items()) if factor)
        return tuple(sorted((digit, code) for digit, code in constant.items() if code)), found

    def _change_of_state(self, rule: Rule) -> tuple[dict[str, int], dict[tuple[int, str, str], int]]:
        """The control comes with a state, and goes with it."""
        writes = {write.field: write for write in rule.writes}
        write = writes.get(STATE)
        if write is None:
            return {}, {}
        if isinstance(write, Copy):
            return {}, {(write.place, STATE, STATE): 1}
        new = 0 if writes.get("control") == Write("control", NONE) else self.states[write.value]
        if is_transition(rule):
            return {STATE: new - self.states[self._own_state(rule)]}, {}
        leaves = any(literal.field == "control" and literal.values == (CONTROL,) for literal in at(rule.guard, HERE))
        return {STATE: new}, {(HERE, STATE, STATE): -1} if leaves else {}

    def _change_of(
        self, rule: Rule, part: FieldGroup, standing: dict[int, Standing]
    ) -> tuple[dict[str, int], dict[tuple[int, str, str], int]]:
        """What a rule changes in the digits of one part. Many rules do the same."""
        writes = self._written(rule, part)
        copies = [write for write in writes if isinstance(write, Copy)]
        own = frozenset().union(*(self._tuples(part, values) for _, values in standing[HERE]))
        source, place = (self.part[copies[0].source], copies[0].place) if copies else (part, HERE)
        given = frozenset().union(*(self._tuples(source, values) for _, values in standing[place]))
        key = (part.digits, writes, own, place, given)
        if key not in self.changes:
            try:
                self.changes[key] = self._new_change(rule, part, sorted(own), source, sorted(given))
            except _MustSplit as split:
                self.changes[key] = split.pieces
        change = self.changes[key]
        if isinstance(change, _Pieces):
            raise _MustSplit(change.literals)
        return change

    def _new_change(
        self, rule: Rule, part: FieldGroup, own: list[PartValues], source: FieldGroup, given: list[PartValues]
    ) -> tuple[dict[str, int], dict[tuple[int, str, str], int]]:
        constant: dict[str, int] = {}
        terms: dict[tuple[int, str, str], int] = {}
        writes = {write.field: write for write in self._written(rule, part)}
        copies = [write for write in writes.values() if isinstance(write, Copy)]
        place = copies[0].place if copies else HERE
        persists = self.rules.field(part.fields[0]).persists
        rows = []
        for old, copied in product(own, given if copies else [()]):
            if copies and place == HERE and source is part and old != copied:
                continue
            new = tuple(self._new(writes.get(f), part, f, old, source, copied, persists) for f in part.fields)
            if new not in part.codes:
                raise InternalError(f"rule `{rule.name}` makes {part.fields} = {new}, which should not occur")
            rows.append((part.codes[old], source.codes[copied] if copies else (), part.codes[new]))
        for index, target in enumerate(part.digits):
            always, variable = self._linear(rows, index)
            if variable is None and len({new[index] for _, _, new in rows}) > 1:
                raise self._by_value(rule, copies, place, source, given, own, part)
            constant[target] = constant.get(target, 0) + always
            if variable is not None:
                which, digit, factor = variable
                key = (HERE, part.digits[digit], target) if which == 0 else (place, source.digits[digit], target)
                terms[key] = terms.get(key, 0) + factor
            if persists:
                olds = {old[index] for old, _, _ in rows}
                if len(olds) == 1:
                    constant[target] -= olds.pop()
                else:
                    terms[HERE, target, target] = terms.get((HERE, target, target), 0) - 1
        return constant, terms

    def _new(
        self,
        write: Write | Copy | None,
        part: FieldGroup,
        field: str,
        old: PartValues,
        source: FieldGroup,
        copied: PartValues,
        persists: bool,
    ) -> int:
        if isinstance(write, Write):
            return write.value
        if isinstance(write, Copy):
            return copied[source.fields.index(write.source)]
        return old[part.fields.index(field)] if persists else 0

    @staticmethod
    def _linear(rows: list[tuple[Codes, Codes, Codes]], index: int) -> tuple[int, tuple[int, int, int] | None]:
        """The new code of a digit as a constant plus a factor times one code of the old or of the copied digits; no variable at
        all if it is constant, or if there is no such law."""
        if len({new[index] for _, _, new in rows}) == 1:
            return rows[0][2][index], None
        for which in (1, 0):
            for digit in range(len(rows[0][which])):
                law = {row[which][digit]: row[2][index] for row in rows}
                if len(law) < 2 or any(law[row[which][digit]] != row[2][index] for row in rows):
                    continue
                (x, y), *others = sorted(law.items())
                factor, odd = divmod(others[0][1] - y, others[0][0] - x)
                if not odd and all(b - y == factor * (a - x) for a, b in others):
                    return y - factor * x, (which, digit, factor)
        return 0, None

    def _by_value(
        self,
        rule: Rule,
        copies: list[Copy],
        place: int,
        source: FieldGroup,
        given: list[PartValues],
        own: list[PartValues],
        part: FieldGroup,
    ) -> _MustSplit:
        """Split a rule by the value that it copies, else by one that it keeps."""
        for where, owner, tuples in ((place, source, given if copies else []), (HERE, part, own)):
            for index, field in enumerate(owner.fields):
                values = sorted({found[index] for found in tuples})
                if len(values) > 1:
                    return _MustSplit(tuple(Literal(where, field, (value,)) for value in values))
        raise InternalError(f"rule `{rule.name}` has no linear change ({PLACES[place]})")
