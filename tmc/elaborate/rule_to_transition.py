"""A rule as transitions, as if it stood alone in its state: several when it captures what is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from itertools import product
from math import prod
from typing import TypeVar

from tmc.diagnostics import Code
from tmc.elaborate.arguments import RuleScope, note_doubles, state_of
from tmc.elaborate.captures import Admitted, captures_of, common_characters, note_captures
from tmc.elaborate.findings import Findings, count, show
from tmc.elaborate.instances import UNASKED, Direction, FileSpan, Instances, Symbols
from tmc.elaborate.kinds import Kinds
from tmc.elaborate.names import HALTING
from tmc.elaborate.tapes import symbol_number
from tmc.frozen import frozen
from tmc.ir.table import EdgeTest, Guard, Transition
from tmc.ir.tape import BLANK, Edge, Move, Symbol, Tape
from tmc.syntax import tree

MOVES = {move.name.lower(): move for move in Move}
HORIZONTAL = ("left", "right", "stay")
_EDGES = tuple(edge.name.lower() for edge in Edge)

Written = tree.Symbol | tree.Leave | tree.Captured | tree.Hole
Item = TypeVar("Item", tree.Pattern, Written, tree.Name | tree.Leave | tree.Hole)


@frozen
class RuleContext:
    """What the rules of a machine are lowered with. `used` gathers, tape by tape, the characters that rules name."""

    tapes: tuple[Tape, ...]
    instances: Instances
    kinds: Kinds
    used: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    lost: list[int] = field(default_factory=list)  # lines of rules that became nothing: an error must have been noted


def lower_rule(rule: tree.Rule, scope: RuleScope, lowering: RuleContext, findings: Findings) -> list[Transition]:
    """The transitions of a rule, disjoint, disregarding the rules above it; notes what is wrong with it (they are of no use then).

    `findings` looks at the text that the rule stands in. Targets are numbers of instances. Of a rule with holes these are the
    transitions that it would have without them: any symbol is read, nothing is written or moved, the state is the same.
    """
    admitted = _admitted(rule, scope, lowering, findings)
    edges = _edge_test(rule, lowering.tapes, findings)
    captures = captures_of(rule)
    mentioned = set(note_captures(rule, captures, scope.file == 0, findings))
    items = rule.move.items if rule.move else ()
    moves = [_moved(item, tape, scope, findings) for item, tape in _per_tape(items, lowering.tapes, findings)]
    moving = any(move is not Move.STAY for move in moves)
    if rule.move and moving and scope.file == 0 and rule.call and rule.call.name.text in HALTING:
        advice = f"leave the move out, or go to a state that goes to {rule.call.name.text}"
        findings.note(Code.MOVE_AT_HALT, rule.move.span, "a rule that halts does not move", "this has no effect", advice)
    told_apart = [name for name, positions in captures.items() if name in mentioned or len(positions) > 1]
    choices = [common_characters(captures[name], admitted, lowering.tapes) for name in told_apart]
    place = FileSpan(findings.source, rule.on.span if rule.on else rule.span)
    made_of_more = bool(told_apart or scope.bindings)  # than itself: only such rules can be endlessly many
    if made_of_more and not lowering.instances.spend(prod(map(len, choices)), scope.number, place, findings):
        return []
    transitions: list[Transition] = []
    if told_apart:  # perhaps there is no choice, and what is wrong with the rest would not be seen
        _transition(rule, scope, None, moves, lowering, findings)
    _note_used(told_apart, captures, choices, lowering)
    for choice in product(*choices):
        captured = dict(zip(told_apart, choice, strict=True))
        guard = _guard(admitted, edges, captures, captured, lowering.tapes)
        made = _transition(rule, scope.choosing(captured), guard, moves, lowering, findings)
        if not made and scope.number != UNASKED:
            lowering.lost.append(findings.line(rule.span))
        transitions += made
    return transitions


def _note_used(told_apart: list[str], captures: dict[str, list[int]], choices: list[list[str]], lowering: RuleContext) -> None:
    """Note the symbols that captures tell apart as used."""
    for name, characters in zip(told_apart, choices, strict=True):
        for position in captures[name]:
            lowering.used[min(position, 1)].update(characters)


def _transition(
    rule: tree.Rule, scope: RuleScope, guard: Guard | None, moves: list[Move], lowering: RuleContext, findings: Findings
) -> list[Transition]:
    """The transition for one choice of captured symbols; empty if an argument is not known."""
    items = rule.write.items if rule.write else ()
    writes = [_written(item, tape, scope, lowering, findings) for item, tape in _per_tape(items, lowering.tapes, findings)]
    target = state_of(rule.call, scope, lowering.instances, lowering.kinds, findings) if rule.call else scope.number
    if guard is None or target is None:
        return []
    move_data, move_work = (*(moves if target >= 0 else []), Move.STAY, Move.STAY)[:2]
    write_data, write_work = (*writes, None, None)[:2]
    line = findings.line(rule.span)
    return [Transition(scope.number, guard, target, write_data, write_work, move_data, move_work, line, scope.file_name)]


def _per_tape(items: tuple[Item, ...], tapes: tuple[Tape, ...], findings: Findings) -> list[tuple[Item, Tape]]:
    """The items with their tapes; notes items for which there is no tape."""
    extra = items[len(tapes) :]
    if extra and tapes:
        message = f"{count(len(items), 'item')}, but the machine has {count(len(tapes), 'tape')}"
        around = extra[0].span.to(extra[-1].span)
        advice = "write one item per tape: " + ", ".join(f"`{tape.name}`" for tape in tapes)
        if len(tapes) == 1:
            advice += "; if a work tape is meant, declare it: `tape work: line of _ 0 1`"
        findings.error(Code.TOO_MANY_ITEMS, around, message, "", advice)
    return list(zip(items, tapes, strict=False))


def _admitted(rule: tree.Rule, scope: RuleScope, lowering: RuleContext, findings: Findings) -> list[Admitted]:
    """What the patterns admit, tape by tape; None where that is not known."""
    admitted: list[Admitted] = [tuple(range(len(tape.symbols))) for tape in lowering.tapes]
    patterns = rule.on.patterns if rule.on else ()
    for number, (pattern, tape) in enumerate(_per_tape(patterns, lowering.tapes, findings)):
        one_of = pattern.among if isinstance(pattern, tree.Capture) else pattern
        if isinstance(one_of, tree.OneOf):
            admitted[number] = _alternatives(one_of, tape, lowering.used[min(number, 1)], scope, findings)
    return admitted


def _alternatives(one_of: tree.OneOf, tape: Tape, used: set[str], scope: RuleScope, findings: Findings) -> Admitted:
    numbers: set[Symbol] = set()
    known = True
    note_doubles(one_of, scope, findings)
    for symbol in one_of.symbols:
        found = _numbers(symbol, tape, used, scope, findings)
        known &= found is not None
        numbers |= set(found or ())
    return tuple(sorted(numbers)) if known else None


def _numbers(symbol: tree.Symbol, tape: Tape, used: set[str], scope: RuleScope, findings: Findings) -> Admitted:
    """The numbers of what a word of a pattern stands for: a symbol, or a parameter's symbols; None when they are not known."""
    bound = None if symbol.quoted else scope.bindings.get(symbol.text)
    if bound is None:
        number = symbol_number(tape, symbol, findings)
        used.update(symbol.text)
        return () if number is None else (number,)
    if not isinstance(bound, Symbols):
        return None
    used.update(bound.characters)
    return tuple(number for number in _bound_numbers(bound, tape, findings) if number is not None)


def _bound_numbers(bound: Symbols, tape: Tape, findings: Findings) -> Iterator[Symbol | None]:
    within = findings.within(bound.place.source)
    for character in bound.characters:
        yield symbol_number(tape, tree.Symbol(character, bound.place.span, quoted=True), within)


def _guard(
    admitted: list[Admitted],
    edges: EdgeTest,
    captures: dict[str, list[int]],
    captured: dict[str, str],
    tapes: tuple[Tape, ...],
) -> Guard | None:
    """The readings that satisfy the condition, given what is captured; None when they are not known."""
    sets: list[tuple[Symbol, ...]] = []
    for position, numbers in enumerate(admitted):
        names = [name for name in captured if position in captures[name]]
        if numbers is None:
            return None
        sets.append((tapes[position].number(captured[names[0]]),) if names else numbers)
    data, work = (*sets, (BLANK,), (BLANK,))[:2]
    return Guard(data, work, edges) if data and work else None


def _written(item: Written, tape: Tape, scope: RuleScope, lowering: RuleContext, findings: Findings) -> Symbol | None:
    used = lowering.used[min(lowering.tapes.index(tape), 1)]
    if isinstance(item, tree.Leave | tree.Hole):
        return None
    if isinstance(item, tree.Captured):
        used.update(scope.captured.get(item.name.text, ""))
        return _captured_number(item, tape, scope, findings)
    bound = None if item.quoted else scope.bindings.get(item.text)
    if bound is None:
        used.update(item.text)
        return symbol_number(tape, item, findings)
    if not isinstance(bound, Symbols):
        return None
    used.update(bound.characters)
    if len(bound.characters) > 1:
        message = f"`{scope.parameter_of(item.text)}` is written, so alternatives cannot stand for it"
        findings.within(bound.place.source).error(Code.ARGUMENT_KIND, bound.place.span, message, "", "give one symbol")
        return None
    return next(_bound_numbers(bound, tape, findings))


def _captured_number(item: tree.Captured, tape: Tape, scope: RuleScope, findings: Findings) -> Symbol | None:
    character = scope.captured.get(item.name.text)
    if character is None or character in tape.symbols:
        return None if character is None else tape.number(character)
    message = f"tape `{tape.name}` has no symbol `{show(character)}`, which `${item.name.text}` may be"
    common = "|".join(show(symbol) for symbol in tape.symbols)
    findings.error(Code.UNKNOWN_SYMBOL, item.span, message, "", f"capture less: `${item.name.text} in {common}`")
    return None


def _moved(item: tree.Name | tree.Leave | tree.Hole, tape: Tape, scope: RuleScope, findings: Findings) -> Move:
    if isinstance(item, tree.Leave | tree.Hole):
        return Move.STAY
    bound = scope.bindings.get(item.text)
    if bound is None:
        return _direction(item.text, tape, FileSpan(findings.source, item.span), findings)
    if isinstance(bound, Direction):
        return _direction(bound.name, tape, bound.place, findings)
    return Move.STAY


def moves_of(tape: Tape) -> dict[str, Move]:
    """The moves that a tape has, by their names."""
    return MOVES if tape.kind == "grid" else {name: MOVES[name] for name in HORIZONTAL}


def _direction(name: str, tape: Tape, place: FileSpan, findings: Findings) -> Move:
    possible = moves_of(tape)
    if name in possible:
        return MOVES[name]
    near = findings.near(name, possible)
    advice = f"did you mean `{near}`?" if near else f"the moves of a {_kind(tape)} are {', '.join(possible)}"
    unknown = f"no move is called `{name}`"
    message = f"tape `{tape.name}` is a line: it has no `{name}`" if name in MOVES else unknown
    findings.within(place.source).error(Code.UNKNOWN_MOVE, place.span, message, "", advice)
    return Move.STAY


def _kind(tape: Tape) -> str:
    return "grid" if tape.kind == "grid" else "line"


def _edge_test(rule: tree.Rule, tapes: tuple[Tape, ...], findings: Findings) -> EdgeTest:
    if rule.at and tapes and tapes[0].kind == "line":
        message = "`at` asks for an edge of a grid, but the data tape is a line"
        findings.error(
            Code.NO_EDGES, rule.at.span, message, "", "a line has no edges: mark its ends with a symbol, such as the blank"
        )
    tests: dict[str, bool] = {}
    for edge in rule.at.edges if rule.at else ():
        if edge.name in tests:
            same = tests[edge.name] == edge.touching
            message = f"edge `{edge.name}` is named twice" if same else f"the head cannot touch `{edge.name}` and not touch it"
            findings.error(Code.LISTED_TWICE, edge.span, message, "", "name an edge once")
        tests[edge.name] = edge.touching
    top, bottom, left, right = map(tests.get, _EDGES)
    return top, bottom, left, right
