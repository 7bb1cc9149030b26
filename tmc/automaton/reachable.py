"""Which cells can occur: a set that holds every cell of every run, and few more, derived from the rules alone.

A *sort* is a box of cells: a set of values for every field, and every combination of them. Sorts are told apart by the fields that
say what a cell is doing (`EXACT`); the tapes' symbols and the carries are sets. The state is left out: it stands where the control
is, and any will do. The sorts are the least fixed point of the rules: whatever a rule may make of a cell that may occur, beside
neighbours that may occur, may occur. Transitions that do the same to the fields told apart are taken together, so that a machine of
many states is no more work than one of few.

That alone would let the control walk onto the pads and waves run through raw memory. Three things keep it tight:

- the invariants of the rules, by which many rules are exclusive with what a cell is;
- more of that kind, see `_facts`;
- the two *phases* of a grid: no cell of the memory is raw, or sends a decoding signal, once the control is born, because the cell
  in which it is born is the last one that the decoding reaches. So the cells of the one phase never stand beside those of the
  other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

from tmc.automaton.signals import ACCEPTED, CONTROL, PAD, PUSH_LEFT, PUSH_RIGHT, RAW, REJECTED
from tmc.frozen import frozen
from tmc.ir.conflicts import Claims
from tmc.ir.lattice import EAST, HERE, NORTH, NORTH_EAST, NORTH_WEST, SOUTH, SOUTH_EAST, SOUTH_WEST, WEST
from tmc.ir.rules import Copy, Guard, Invariant, Literal, Rule, Rules, Write

EXACT = ("answer", "kind", "move", "push", "control", "inside")
Values = tuple[frozenset[int], ...]


@frozen
class Sort:
    """Cells that may occur: every combination of a value of each field. `computing` says in which phase."""

    values: Values
    computing: bool


@frozen
class Reachable:
    """All the sorts of a machine, those of the first phase first, and the invariants that they rest on."""

    sorts: tuple[Sort, ...]
    border: Sort
    invariants: tuple[Invariant, ...]


def reachable(rules: Rules) -> Reachable:
    """The sorts of cells that a run can reach."""
    return _Exploration(rules).run()


def is_transition(rule: Rule) -> bool:
    """Whether a rule is a transition of the table: it tests the control's own state."""
    own = {literal.field: literal.values for literal in at(rule.guard, HERE)}
    return "state" in own and own["control"] == (CONTROL,)


def without_state(guard: Guard) -> Guard:
    """A guard but for what it says of states."""
    return tuple(literal for literal in guard if literal.field != "state")


@frozen
class _PossibleChanges:
    """What rules of one kind may do: for each field that some of them change, the ways in which they do (None: not at all).
    If they are `transitions`, the guard is not all that they ask for, and only one of them applies at a time."""

    guard: Guard
    changes: tuple[tuple[str, tuple[Write | Copy | None, ...]], ...]
    transitions: bool


def _actions(rules: Rules) -> Iterator[_PossibleChanges]:
    """The rules, without states, and transitions of one kind taken together."""
    kinds: dict[tuple[Guard, tuple[Write | Copy, ...]], list[Rule]] = {}
    for rule in rules.rules:
        if is_transition(rule):
            guard = tuple(x for x in without_state(rule.guard) if x.field in EXACT and x.place in (HERE, EAST))
            kinds.setdefault((guard, tuple(w for w in rule.writes if w.field in EXACT)), []).append(rule)
        else:
            writes = tuple((write.field, (write,)) for write in rule.writes if write.field != "state")
            yield _PossibleChanges(without_state(rule.guard), writes, transitions=False)
    for (guard, told_apart), alike in kinds.items():
        changes: dict[str, tuple[Write | Copy | None, ...]] = {write.field: (write,) for write in told_apart}
        others = [{write.field: write for write in rule.writes if write.field not in (*changes, "state")} for rule in alike]
        for field in sorted({field for found in others for field in found}):
            changes[field] = tuple(dict.fromkeys(found.get(field) for found in others))
        yield _PossibleChanges(guard, tuple(changes.items()), transitions=True)


def _facts(rules: Rules) -> tuple[Invariant, ...]:
    """What also holds in every patch of a run.

    - Nothing comes to a cell with a verdict: a halting transition leaves no control behind, and waves run away from it to the
      right.
    - Neither the decoding nor the control comes to a pad: pads are whole columns, and a transition that moves right does not ask
    for one.
    - Nothing is close behind a vertical wave. It starts where the control leaves a row, and the control cannot signal in that row
      again before it has come back, which takes it three layers: by then the wave is four cells ahead.
    """
    verdict: Guard = (Literal(HERE, "answer", (REJECTED, ACCEPTED)),)
    here: Guard = (Literal(HERE, "control", (CONTROL,)),)
    quiet = tuple(Invariant(f"{i.name}, or a verdict", (verdict, *i.members)) for i in rules.invariants if here in i.members)
    if not rules.has("kind"):
        return quiet
    pad: Guard = (Literal(HERE, "kind", (PAD,)),)
    beside: list[Guard] = [(Literal(place, "control", (CONTROL,)),) for place in (HERE, NORTH, EAST, SOUTH)]
    moves = rules.field("move").values
    beside.append((Literal(EAST, "move", (moves.index("decode"),)),))
    if "right" in moves:
        beside.append((Literal(WEST, "control", (CONTROL,)), Literal(WEST, "move", (moves.index("right"),))))
    return (*quiet, Invariant("nothing but waves on a pad", (pad, *beside)), *_behind_vertical_waves(rules))


def _behind_vertical_waves(rules: Rules) -> Iterator[Invariant]:
    """For every two places of a row: the one further right has a vertical signal, the other has any."""
    move = rules.field("move")
    vertical = tuple(number for number in move.numbers() if move.values[number] in ("up", "down"))
    moving = tuple(number for number in move.numbers() if move.values[number] not in ("none", "decode"))
    signals: list[tuple[str, tuple[int, ...]]] = [("move", moving)]
    if rules.has("push"):
        signals.append(("push", (PUSH_LEFT, PUSH_RIGHT)))
    if not vertical:
        return
    for row in ((NORTH_WEST, NORTH, NORTH_EAST), (WEST, HERE, EAST), (SOUTH_WEST, SOUTH, SOUTH_EAST)):
        for behind, ahead in combinations(row, 2):
            for field, values in signals:
                pair = ((Literal(ahead, "move", vertical),), (Literal(behind, field, values),))
                yield Invariant("nothing close behind a vertical wave", pair)


class _Exploration:
    """The fixed point, phase by phase."""

    def __init__(self, rules: Rules) -> None:
        self.rules = replace(rules, invariants=(*rules.invariants, *_facts(rules)))
        self.actions = tuple(_actions(rules))
        self.names = tuple(field.name for field in rules.fields)
        self.position = {name: index for index, name in enumerate(self.names)}
        self.exact = tuple(self.position[name] for name in EXACT if name in self.position)
        self.border = Sort(tuple(frozenset({0}) for _ in self.names), computing=True)
        self.claims = Claims(self.rules.invariants)
        self.excluded: dict[tuple[Guard, Guard], bool] = {}

    def run(self) -> Reachable:
        """All the sorts."""
        if not self.rules.has("kind"):
            symbol = frozenset(self.rules.field("symbol").numbers())
            start = (self._sort(symbol=symbol), self._sort(symbol=symbol, control=frozenset({CONTROL})))
            return Reachable(_Phase(self, start).sorts(), self.border, self.rules.invariants)
        inside = {"inside": frozenset({self.rules.field("inside").values.index("yes")})}
        raw = self._sort(symbol=frozenset(range(3)), **inside)
        pad = self._sort(kind=frozenset({PAD}), **inside)
        decoding = _Phase(self, (raw, pad))
        computing = _Phase(self, (*decoding.born, *filter(None, map(self._at_rest, decoding.sorts()))))
        first = tuple(replace(sort, computing=False) for sort in decoding.sorts())
        return Reachable((*first, *computing.sorts()), self.border, self.rules.invariants)

    def _sort(self, **values: frozenset[int]) -> Sort:
        return Sort(tuple(values.get(name, frozenset({0})) for name in self.names), computing=True)

    def _at_rest(self, sort: Sort) -> Sort | None:
        """The decoded cells among these, without any signal."""
        if sort.values[self.position["kind"]] == {RAW}:
            return None
        fields = zip(self.rules.fields, sort.values, strict=True)
        values = tuple(found if field.persists else found & {0} for field, found in fields)
        return replace(sort, values=values) if all(values) else None

    def excludes(self, one: Guard, other: Guard) -> bool:
        """Whether no patch of a run satisfies both."""
        key = (one, other)
        if key not in self.excluded:
            self.excluded[key] = self.claims.of(one).excludes(self.claims.of(other))
        return self.excluded[key]


def refine(position: Mapping[str, int], values: Values, literals: Guard) -> Values | None:
    """The cells among these for which literals about them hold, if any; `position` is that of each field."""
    refined = list(values)
    for literal in literals:
        index = position[literal.field]
        refined[index] &= frozenset(literal.values)
        if not refined[index]:
            return None
    return tuple(refined)


def as_guard(names: tuple[str, ...], values: Values, place: int) -> Guard:
    """Cells as a guard that a cell at `place` satisfies if it is one of them."""
    return tuple(Literal(place, name, tuple(sorted(found))) for name, found in zip(names, values, strict=True))


def at(guard: Guard, place: int) -> Guard:
    """The literals about one place."""
    return tuple(literal for literal in guard if literal.place == place)


Seen = dict[tuple[int, str], frozenset[int]]  # what a rule may copy: the values of a field of a neighbour


class _Phase:
    """One phase: all that its first sorts may become while no control is born among them. What is born is in `born`."""

    def __init__(self, exploration: _Exploration, first: tuple[Sort, ...]) -> None:
        self.all = exploration
        self.found: dict[Values, Values] = {}
        self.born: list[Sort] = []
        self.has_control = any(CONTROL in sort.values[exploration.position["control"]] for sort in first)
        for sort in first:
            self._add(sort.values)
        while self._round():
            pass

    def sorts(self) -> tuple[Sort, ...]:
        ordered = sorted(self.found.values(), key=lambda values: [sorted(found) for found in values])
        return tuple(Sort(values, computing=True) for values in ordered)

    def _add(self, values: Values) -> bool:
        """Take cells up; whether any of them is new. Cells that differ in a field that is told apart are different sorts."""
        new = False
        exact = self.all.exact
        for pick in product(*(sorted(values[index]) for index in exact)):
            single = list(values)
            for index, value in zip(exact, pick, strict=True):
                single[index] = frozenset({value})
            key = tuple(single[index] for index in exact)
            known = self.found.get(key)
            union = tuple(single) if known is None else tuple(a | b for a, b in zip(known, single, strict=True))
            if union != known:
                self.found[key] = union
                new = True
        return new

    def _round(self) -> bool:
        """Apply every rule once; whether that led to anything new."""
        before = tuple(self.found.values())
        self._seen: dict[tuple[int, Guard], tuple[Values, ...]] = {}
        views = {action: view for action in self.all.actions if (view := self._view(action, before)) is not None}
        new = False
        for values in before:
            for firing in self._firing(values, views):
                for after in self._after(values, firing, views):
                    new |= self._add(after)
        return new

    def _view(self, action: _PossibleChanges, sorts: tuple[Values, ...]) -> Seen | None:
        """What a rule may copy from its neighbours; None if they can never be what it asks for."""
        seen: Seen = {}
        writes = [write for _, ways in action.changes for write in ways]
        sources = {(write.place, write.source) for write in writes if isinstance(write, Copy) and write.place != HERE}
        for place in sorted({literal.place for literal in action.guard} - {HERE} | {place for place, _ in sources}):
            literals = at(action.guard, place)
            if (place, literals) not in self._seen:
                cells = (refine(self.all.position, values, literals) for values in (*sorts, self.all.border.values))
                self._seen[place, literals] = tuple(found for found in cells if found is not None)
            cells_there = self._seen[place, literals]
            if not cells_there:
                return None
            for field in (field for where, field in sources if where == place):
                index = self.all.position[field]
                seen[place, field] = frozenset().union(*(values[index] for values in cells_there))
        return seen

    def _firing(self, values: Values, views: dict[_PossibleChanges, Seen]) -> Iterator[tuple[_PossibleChanges, ...]]:
        """The sets of rules that may apply at once to one of these cells, the empty set included."""
        here = tuple(literal for literal in as_guard(self.all.names, values, HERE) if literal.field in EXACT)
        may: list[_PossibleChanges] = []
        must: list[_PossibleChanges] = []
        for action in views:
            refined = refine(self.all.position, values, at(action.guard, HERE))
            if refined is None or self.all.excludes(here, action.guard):
                continue
            certain = not action.transitions and refined == values and all(literal.place == HERE for literal in action.guard)
            (must if certain else may).append(action)
        may = [action for action in may if not any(self.all.excludes(action.guard, other.guard) for other in must)]
        yield from self._together(may, tuple(must))

    def _together(
        self, actions: list[_PossibleChanges], chosen: tuple[_PossibleChanges, ...]
    ) -> Iterator[tuple[_PossibleChanges, ...]]:
        yield chosen
        for index, action in enumerate(actions):
            rest = [other for other in actions[index + 1 :] if not self._apart(action, other)]
            yield from self._together(rest, (*chosen, action))

    def _apart(self, one: _PossibleChanges, other: _PossibleChanges) -> bool:
        """Whether two rules never apply at once. Of all transitions one does at most."""
        return (one.transitions and other.transitions) or self.all.excludes(one.guard, other.guard)

    def _after(self, values: Values, firing: tuple[_PossibleChanges, ...], views: dict[_PossibleChanges, Seen]) -> Iterator[Values]:
        """What these cells become when exactly these rules apply."""
        guard = tuple(literal for action in firing for literal in at(action.guard, HERE))
        own = refine(self.all.position, values, guard)
        if own is None:
            return
        fields, position = self.all.rules.fields, self.all.position
        kept = [found if field.persists else frozenset({0}) for field, found in zip(fields, own, strict=True)]
        after = kept.copy()
        for action in firing:
            for field, ways in action.changes:
                index = position[field]
                found = (self._written(way, own, views[action]) if way else kept[index] for way in ways)
                after[index] = frozenset().union(*found)
        if not self.has_control and CONTROL in after[position["control"]]:
            self.born.append(Sort(tuple(after), computing=True))
        else:
            yield tuple(after)

    def _written(self, write: Write | Copy, own: Values, seen: Seen) -> frozenset[int]:
        if isinstance(write, Write):
            return frozenset({write.value})
        return own[self.all.position[write.source]] if write.place == HERE else seen[write.place, write.source]
