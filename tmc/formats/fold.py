"""Fold: a machine with three tapes or more as one with two, of which the second holds tapes 2 to k.

Their cells take turns there: position p of tape j is cell (k - 1) p + j - 2. A symbol under a head is *marked*, with its tape.
Between two steps the work head stands to the left of all marks. A step of the machine is then:

1. the work head walks to the right over all marks, and the state keeps what they are;
2. the rule is chosen, and does what it does to the first tape;
3. the work head walks back to the left. At each mark it writes the new symbol, and carries the mark k - 1 cells if its head moves.

With heads at most d cells apart, a step takes less than 2 (k - 1) (d + k + 4) steps. Marks add the symbols of all folded tapes to
the alphabet; the states are up to the product of the symbols of tapes 2 to k for each state, and 2**(k - 1) for each outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tmc.formats.draft import Draft, Rule, State, in_bounds
from tmc.formats.walls import fresh
from tmc.frozen import frozen
from tmc.ir.tape import Move

Seen = tuple[str | None, ...]  # of each folded tape the symbol under its head, None if not seen yet
Deed = tuple[str | None, Move]  # what to write (None: nothing) and where to go
OPPOSITE = {Move.LEFT: Move.RIGHT, Move.RIGHT: Move.LEFT}


@frozen
class _Read:
    """Walk to the right until all marks are seen."""

    state: str
    seen: Seen


@frozen
class _Act:
    """All marks are seen: choose a rule."""

    state: str
    seen: tuple[str, ...]


@frozen
class _Do:
    """Walk to the left and do at each mark what is to be done there; None where it is done. Then go to `target`."""

    target: str
    deeds: tuple[Deed | None, ...]


@frozen
class _Carry:
    """Walk so many cells more, and mark the symbol there for a tape; then come back, and go on."""

    tape: int
    way: Move
    cells: int
    then: _Walk | str


@frozen
class _Walk:
    """Walk so many cells, and go on."""

    way: Move
    cells: int
    then: _Do | str


Key = _Read | _Act | _Do | _Carry | _Walk | str


def folded(draft: Draft) -> Draft:
    """The machine with tapes 2 to k on one. Raises `Rejected` if that has too many symbols, states or rules."""
    return _Folding(draft).draft() if len(draft.symbols) > 2 else draft


class _Folding:
    def __init__(self, draft: Draft) -> None:
        self.source = draft
        self.states = {state.name: state for state in draft.states}
        self.tapes = len(draft.symbols) - 1  # those that are folded
        self.symbols = [(draft.blank, *own) for own in draft.symbols[1:]]
        self.plain = tuple(dict.fromkeys(symbol for own in self.symbols for symbol in own))
        taken = {*self.plain, *draft.symbols[0]}
        self.marks = [{one: fresh(f"{one}^{tape}", taken) for one in own} for tape, own in enumerate(self.symbols, 2)]
        self.halting = draft.accept | draft.reject
        self.taken = {*self.states, *self.halting}
        self.names: dict[Key, str] = {}
        self.fitting: dict[_Read | _Act, tuple[Rule, ...]] = {}
        self.waiting: list[Key] = []
        self.numbers = 0

    def draft(self) -> Draft:
        """The folded machine."""
        source = self.source
        work = (*self.plain[1:], *(mark for marks in self.marks for mark in marks.values()))
        in_bounds(source.name, len(work), what="folded it has")
        first = [fresh(f"mark_{tape + 2}", self.taken) for tape in range(self.tapes)]
        begin = [self._begin(tape, first) for tape in range(self.tapes)]
        found, rules = begin, len(begin)
        while self.waiting:
            key = self.waiting.pop()
            found.append(self._state(key))
            rules += len(found[-1].rules)
            in_bounds(source.name, 0, len(found), rules, "folded it has at least")
        symbols, remarks = (source.symbols[0], work), (*source.remarks, *self._remarks())
        return replace(source, symbols=symbols, states=tuple(found), start=first[0], remarks=remarks)

    def _remarks(self) -> Iterator[str]:
        last, cost = self.tapes + 1, f"{2 * self.tapes} (d + {self.tapes + 5})"
        yield f"Tapes 2 to {last} were folded into the tape work, where their cells take turns; x^2 is x under the head of tape 2."
        yield f"A step of the machine takes less than {cost} steps here if the heads of these tapes are d cells apart."

    def _begin(self, tape: int, names: list[str]) -> State:
        last = tape + 1 == self.tapes
        target = self._name(_Walk(Move.LEFT, tape, self.source.start)) if last else names[tape + 1]
        way = Move.STAY if last else Move.RIGHT
        return State(names[tape], (self._rule(None, self.marks[tape][self.source.blank], way, target),))

    def _name(self, key: Key) -> str:
        """What the state of a key is called; it waits to be made if it is new."""
        if isinstance(key, str):
            key = key if key in self.halting else _Read(key, (None,) * self.tapes)
        if isinstance(key, _Walk) and not key.cells:
            return self._name(key.then)
        if isinstance(key, str):
            return key
        if key not in self.names:
            self.names[key] = self._new_name(key)
            self.waiting.append(key)
        return self.names[key]

    def _new_name(self, key: Key) -> str:
        if isinstance(key, _Read | _Act):
            blank = self.source.blank
            seen = [f"{tape}{'blank' if one == blank else one}" for tape, one in enumerate(key.seen, 2) if one is not None]
            return fresh("_".join([key.state, *seen]), self.taken) if seen else key.state
        self.numbers += 1
        return fresh(f"{type(key).__name__[1:].lower()}_{self.numbers}", self.taken)

    def _state(self, key: Key) -> State:
        name = self.names[key]
        if isinstance(key, _Read):
            remarks = self.states[key.state].remarks if name == key.state else ()
            return State(name, tuple(self._reading(key)), remarks)
        if isinstance(key, _Act):
            return State(name, tuple(self._acting(key)))
        if isinstance(key, _Do):
            return State(name, tuple(self._doing(key)))
        if isinstance(key, _Carry):
            return State(name, tuple(self._carrying(key)))
        assert isinstance(key, _Walk)
        return State(name, (self._rule(None, None, key.way, self._name(replace(key, cells=key.cells - 1))),))

    def _rule(self, read: tuple[str, ...] | None, write: str | None, way: Move, target: str) -> Rule:
        """A rule for the work tape alone."""
        return Rule((None, read), (None, write), (Move.STAY, way), target)

    def _reading(self, key: _Read) -> Iterator[Rule]:
        """On a mark for which there is no rule, whatever the other marks are, the machine is stuck."""
        passed, stuck = list(self.plain), False
        for tape, marks in enumerate(self.marks):
            if key.seen[tape] is not None:
                passed += marks.values()
                continue
            fitting = self._by_symbol(self._fitting(key), tape)
            stuck = stuck or len(fitting) < len(marks)
            for symbol in filter(fitting.__contains__, marks):
                seen = (*key.seen[:tape], symbol, *key.seen[tape + 1 :])
                whole = tuple(one for one in seen if one is not None)
                then = _Act(key.state, whole) if len(whole) == self.tapes else _Read(key.state, seen)
                self.fitting[then] = fitting[symbol]
                way = Move.STAY if isinstance(then, _Act) else Move.RIGHT
                yield self._rule((marks[symbol],), None, way, self._name(then))
        yield self._rule(tuple(passed) if stuck else None, None, Move.RIGHT, self.names[key])

    def _fitting(self, key: _Read | _Act) -> tuple[Rule, ...]:
        """The rules that are for what is seen."""
        return self.fitting.get(key, self.states[key.state].rules)

    def _by_symbol(self, rules: tuple[Rule, ...], tape: int) -> dict[str, tuple[Rule, ...]]:
        """For each symbol of a folded tape the rules that may be for it, if there are any."""
        found: dict[str, list[Rule]] = {}
        for rule in rules:
            for symbol in rule.read[tape + 1] or self.symbols[tape]:
                found.setdefault(symbol, []).append(rule)
        return {symbol: tuple(own) for symbol, own in found.items()}

    def _acting(self, key: _Act) -> Iterator[Rule]:
        for rule in self._fitting(key):
            deeds: tuple[Deed | None, ...] = tuple(zip(rule.write[1:], rule.move[1:], strict=True))
            if rule.target in self.halting:
                deeds = tuple(None if deed == (None, Move.STAY) else deed for deed in deeds)
            target = self._name(_Do(rule.target, deeds) if any(deeds) else rule.target)
            yield Rule((rule.read[0], None), (rule.write[0], None), (rule.move[0], Move.STAY), target, rule.remark)

    def _doing(self, key: _Do) -> Iterator[Rule]:
        for tape, deed in enumerate(key.deeds):
            if deed is None:
                continue
            left = (*key.deeds[:tape], None, *key.deeds[tape + 1 :])
            after = _Do(key.target, left) if any(left) else None
            write, way = deed
            for symbol, mark in self.marks[tape].items():
                new = symbol if write is None else write
                if way is not Move.STAY:
                    yield self._rule((mark,), new, way, self._name(self._carry(tape, way, after, key.target)))
                    continue
                then: Key = after or self._end(key.target, self.tapes - 1)
                way_on = Move.STAY if then in self.halting else Move.LEFT
                yield self._rule((mark,), self.marks[tape][new], way_on, self._name(then))
        yield self._rule(None, None, Move.LEFT, self.names[key])

    def _end(self, target: str, cells: int) -> _Walk | str:
        """Walk to the left of all marks, unless the machine halts."""
        return target if target in self.halting else _Walk(Move.LEFT, cells, target)

    def _carry(self, tape: int, way: Move, after: _Do | None, target: str) -> _Carry:
        """Carry a mark, of which way one cell is done."""
        if after is not None:
            return _Carry(tape, way, self.tapes - 1, _Walk(OPPOSITE[way], self.tapes, after))
        return _Carry(tape, way, self.tapes - 1, self._end(target, 0 if way is Move.LEFT else 2 * self.tapes))

    def _carrying(self, key: _Carry) -> Iterator[Rule]:
        if key.cells:
            yield self._rule(None, None, key.way, self._name(replace(key, cells=key.cells - 1)))
            return
        for symbol, mark in self.marks[key.tape].items():
            yield self._rule((symbol,), mark, Move.STAY, self._name(key.then))
