"""Table to text: a machine that was found, not written, in the language, with as few rules as can easily be had.

Each state becomes a list of rules of which the first that applies is taken. What the rules say is only bound to hold for some
*readings*: those that are given, or all that the table has a transition for. The others may do anything.

    q0, 0: move right;  q0, 1: move right;  q0, _: accept      becomes      on _ -> accept, otherwise move right
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import GridTest, Guard, Table, Transition
from tmc.ir.tape import BLANK, EDGES, Move, Symbol, Tape, Touching
from tmc.source import Source
from tmc.syntax.formatter import format_source

Reading = tuple[int, Symbol, Symbol, Touching]  # state, data symbol, work symbol, the edges that are touched
Action = tuple[int, Symbol | None, Symbol | None, Move, Move]  # target, written symbols, moves
MANY = 5  # symbols: of a tape with more, patterns are one symbol or any


def table_to_text(table: Table, readings: Iterable[Reading] | None = None, remark: str = "") -> str:
    r"""The text of a machine that does what the table does on these readings, formatted; `remark` becomes a comment at its head.

    States are named after where they mostly move. ::

        >>> one, none, tape = Guard((1,), (0,)), Guard((0,), (0,)), Tape("data", "line", ("_", "1"))
        >>> walk = (Transition(0, one, 0, move_data=Move.RIGHT), Transition(0, none, ACCEPT))
        >>> table_to_text(Table("m", "", (tape,), ("q0",), 0, walk)).splitlines()[-3:]
        ['state go_right', '    on 1        move right', '    otherwise               -> accept']
    """
    lists = [_State(table, wanted).rules() for wanted in _wanted(table, readings)]
    kept = _reached(table.start, lists)
    names = _names(lists, kept)
    blocks = ["\n".join(f"# {line}".rstrip() for line in remark.splitlines())] if remark else []
    about = f'\n    "{table.about}"' if table.about else ""
    blocks += [f"machine {table.name}{about}", "\n".join(map(_tape, table.tapes)), *_bounds(table), f"start {names[table.start]}"]
    for state in kept:
        blocks.append("\n".join([f"state {names[state]}", *(f"    {rule.text(table, state, names)}" for rule in lists[state])]))
    blocks += [_test(test) for test in table.tests if isinstance(test, GridTest)]
    return format_source(Source(f"{table.name}.tm", "\n\n".join(blocks) + "\n"))


@frozen
class Rule:
    """A guard, and what is done where it applies. A guard that admits everything is `otherwise`."""

    guard: Guard
    action: Action

    def text(self, table: Table, state: int, names: Mapping[int, str]) -> str:
        """As it is written."""
        target, *writes, move, work_move = self.action
        patterns = [_pattern(tape, symbols) for tape, symbols in zip(table.tapes, (self.guard.data, self.guard.work), strict=False)]
        on = "" if set(patterns) == {"*"} else "on " + ", ".join(patterns if patterns[-1] != "*" else patterns[:1])
        tests = [(edge.name.lower(), test) for edge, test in zip(EDGES, self.guard.edges, strict=True) if test is not None]
        at = "at " + " ".join(name if test else f"not {name}" for name, test in tests) if tests else ""
        written = ["." if w is None else _symbol(t.symbols[w]) for t, w in zip(table.tapes, writes, strict=False)]
        moves = ["." if m is Move.STAY else m.name.lower() for m, _ in zip((move, work_move), table.tapes, strict=False)]
        arrow = "" if target == state else f"-> {names.get(target) or table.target_name(target)}"
        parts = [f"{on} {at}".strip() or "otherwise", _clause("write", written), _clause("move", moves), arrow]
        found = " ".join(part for part in parts if part)
        return found if len(parts[1] + parts[2] + parts[3]) else f"{found} move stay"


def _cost(guard: Guard, tapes: Sequence[Tape]) -> float:
    """How much there is to read in a guard: what is positive and single is read more easily."""
    symbols = zip((guard.data, guard.work), tapes, strict=False)
    sizes = sum(0 if len(own) == len(tape.symbols) else 1 + (len(own) - 1) / 2 for own, tape in symbols)
    return sizes + sum(1.0 if test else 1.5 for test in guard.edges if test is not None)


def _wanted(table: Table, readings: Iterable[Reading] | None) -> list[dict[Reading, frozenset[Action]]]:
    """For each state and reading what may be done there; nothing where no transition applies."""
    found: list[dict[Reading, frozenset[Action]]] = [{} for _ in table.states]
    own: list[list[Transition]] = [[t for t in table.transitions if t.state == state] for state in range(len(table.states))]
    asked = _asked(table)
    for state, data, work, touching in _all(table, asked) if readings is None else sorted(set(readings)):
        reading = state, data, work, _known(touching, asked)
        taken = next((t for t in own[reading[0]] if t.guard.admits(*reading[1:])), None)
        if taken is not None or readings is not None:
            found[reading[0]][reading] = frozenset() if taken is None else frozenset(_alike(taken, reading))
    return found


def _asked(table: Table) -> Touching:
    """The edges that some transition asks for. Of the others nothing is known, so they are taken to be far away."""
    top, bottom, left, right = (any(t.guard.edges[place] is not None for t in table.transitions) for place in range(len(EDGES)))
    return top, bottom, left, right


def _known(touching: Sequence[bool], asked: Touching) -> Touching:
    top, bottom, left, right = (touches and one for touches, one in zip(touching, asked, strict=True))
    return top, bottom, left, right


def _all(table: Table, asked: Touching) -> Iterator[Reading]:
    data, work = range(len(table.data.symbols)), range(len(table.work.symbols) if table.work else 1)
    for edges in product((False, True), repeat=len(EDGES)):
        yield from (
            (state, one, other, _known(edges, asked)) for state, one, other in product(range(len(table.states)), data, work)
        )


def _alike(taken: Transition, reading: Reading) -> Iterator[Action]:
    """All that does the same: to write what is read is to leave it, and a move that an edge stops is none."""
    _, data, work, touching = reading
    writes = [{None, symbol} if written in (None, symbol) else {written} for written, symbol in
              ((taken.write_data, data), (taken.write_work, work))]  # fmt: skip
    stopped = {Move.STAY, *(Move(edge.value) for edge, touches in zip(EDGES, touching, strict=True) if touches)}
    moves = {Move.STAY} if taken.halts else stopped if taken.move_data in stopped else {taken.move_data}
    work_move = Move.STAY if taken.halts else taken.move_work
    for one in writes[0]:
        yield from ((taken.target, one, other, move, work_move) for other, move in product(writes[1], moves))


class _State:
    """One state: the readings that its rules are about, and what may be done on each. Sets of readings are bits of a number."""

    def __init__(self, table: Table, wanted: Mapping[Reading, frozenset[Action]]) -> None:
        self._tapes, self._readings = table.tapes, tuple(wanted)
        self._stuck = self._set(reading for reading, allowed in wanted.items() if not allowed)
        actions = sorted(frozenset().union(*wanted.values()), key=_plainness)
        self._right = {action: self._set(reading for reading, allowed in wanted.items() if action in allowed) for action in actions}
        self._admitted = [
            (guard, _cost(guard, table.tapes), self._set(reading for reading in wanted if guard.admits(*reading[1:])))
            for guard in _guards(table, self._readings)
        ]

    def _set(self, readings: Iterable[Reading]) -> int:
        chosen = frozenset(readings)
        return sum(1 << place for place, reading in enumerate(self._readings) if reading in chosen)

    def rules(self) -> tuple[Rule, ...]:
        """The shortest list that is found: what is done otherwise is tried out, the exceptions are taken greedily."""
        lists = [self._exceptions(action) for action in ([None] if self._stuck or not self._right else self._right)]
        return min(lists, key=lambda rules: (len(rules), sum(_cost(rule.guard, self._tapes) for rule in rules)))

    def _exceptions(self, otherwise: Action | None) -> tuple[Rule, ...]:
        """The rules, when this is done on all that they leave; None: nothing is."""
        open_, rules = (1 << len(self._readings)) - 1, list[Rule]()
        fine = self._stuck if otherwise is None else self._right[otherwise]
        while left := open_ & ~fine:
            rule, admitted = self._best(open_, left)
            rules.append(rule)
            open_ &= ~admitted
        if otherwise is not None:
            rules.append(Rule(self._admitted[0][0], otherwise))
        return tuple(rules)

    def _best(self, open_: int, left: int) -> tuple[Rule, int]:
        """The guard within which one action is right on all readings that are still open, and that admits most of those left."""
        found: tuple[tuple[float, float, int], Rule, int] | None = None
        for guard, cost, admitted in self._admitted:
            worth = (admitted & left).bit_count(), -cost
            if worth[0] == 0 or (found is not None and worth < found[0][:2]):
                continue
            for order, (action, right) in enumerate(self._right.items()):
                if admitted & open_ & ~right == 0:
                    if found is None or (*worth, -order) > found[0]:
                        found = (*worth, -order), Rule(guard, action), admitted
                    break
        if found is None:
            raise InternalError("no rule says what one reading needs")
        return found[1], found[2]


def _guards(table: Table, readings: Sequence[Reading]) -> Iterator[Guard]:
    """All that a rule about these readings may ask; the first asks nothing."""
    asked = _asked(table)
    tests = list(product(*((None, True, False) if one else (None,) for one in asked)))
    everything = [tuple(range(len(tape.symbols))) for tape in table.tapes]
    data = _sets(everything[0], sorted({data for _, data, _, _ in readings}))
    work = _sets(everything[1] if table.work else (BLANK,), sorted({work for _, _, work, _ in readings}))
    for one, other, (top, bottom, left, right) in product(data, work, tests):
        yield Guard(one, other, (top, bottom, left, right))


def _plainness(action: Action) -> tuple[int, ...]:
    """The less is written and moved, the plainer. (The rest makes the order one.)"""
    target, one, other, move, work_move = action
    work = sum(value is not None for value in (one, other)) + sum(value is not Move.STAY for value in (move, work_move))
    return work, target, -1 if one is None else one, -1 if other is None else other, *move.value, *work_move.value


def _sets(everything: tuple[Symbol, ...], symbols: Sequence[Symbol]) -> list[tuple[Symbol, ...]]:
    """Patterns of symbols that occur: any, one, several."""
    several = range(2, len(symbols)) if len(symbols) <= MANY else ()
    return [everything, *((one,) for one in symbols), *(chosen for size in several for chosen in combinations(symbols, size))]


def _reached(start: int, lists: Sequence[tuple[Rule, ...]]) -> list[int]:
    """The states that rules lead to, in the order in which they are first mentioned."""
    found = [start]
    for state in found:  # it grows
        found += dict.fromkeys(rule.action[0] for rule in lists[state] if rule.action[0] >= 0 and rule.action[0] not in found)
    return found


def _names(lists: Sequence[tuple[Rule, ...]], kept: Sequence[int]) -> dict[int, str]:
    """A name for each state that is kept, after the move that it goes on with, or most of its rules make."""
    names: dict[int, str] = {}
    for state in kept:
        own = [rule.action[3] for rule in lists[state] if rule.action[0] == state] or [rule.action[3] for rule in lists[state]]
        moves = [move for move in own if move is not Move.STAY]
        name = f"go_{max(moves, key=moves.count).name.lower()}" if moves else "look"
        same = sum(other.split("__")[0] == name for other in names.values())
        names[state] = f"{name}__{same + 1}" if same else name
    return {state: name.replace("__", "_") for state, name in names.items()}


def _pattern(tape: Tape, symbols: tuple[Symbol, ...]) -> str:
    return "*" if len(symbols) == len(tape.symbols) else "|".join(_symbol(tape.symbols[symbol]) for symbol in symbols)


def _symbol(symbol: str) -> str:
    return symbol if symbol.isalnum() or symbol == "_" else f"'{symbol}'"


def _clause(word: str, items: Sequence[str]) -> str:
    while items and items[-1] == ".":
        items = items[:-1]
    return f"{word} {', '.join(items)}" if items else ""


def _tape(tape: Tape) -> str:
    return f"tape {tape.name}: {tape.kind} of {' '.join(map(_symbol, tape.symbols))}"


def _bounds(table: Table) -> list[str]:
    given: list[tuple[str, Polynomial | None]] = [("steps", table.bounds.steps), ("work", table.bounds.work)]
    lines = [f"    {name} {bound}" for name, bound in given if bound is not None]
    return ["\n".join(["bounds", *lines])] if lines else []


def _test(test: GridTest) -> str:
    lines = [f"    example {' '.join(map(str, features))} -> {label}" for features, label in test.examples]
    return "\n".join([f'test "{test.name}"', *lines, f"    query {' '.join(map(str, test.query))} -> {test.answer}"])
