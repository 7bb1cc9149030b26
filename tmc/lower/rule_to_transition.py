"""A rule as a transition, as if it stood alone in its state."""

from __future__ import annotations

from typing import TypeVar

from tmc.ir.table import ACCEPT, REJECT, EdgeTest, Guard, Transition
from tmc.ir.tape import BLANK, Edge, Move, Symbol, Tape
from tmc.lower.findings import Findings, count, show
from tmc.lower.tapes import symbol_number
from tmc.syntax import tree

HALTING = {"accept": ACCEPT, "reject": REJECT}
MOVES = {move.name.lower(): move for move in Move}
HORIZONTAL = ("left", "right", "stay")

States = dict[str, int]
Item = TypeVar("Item", tree.Pattern, tree.Symbol | tree.Leave, tree.Name | tree.Leave)


def lower_rule(rule: tree.Rule, state: int, tapes: tuple[Tape, ...], states: States, findings: Findings) -> Transition:
    """The transition of a rule, disregarding the rules above it; notes what is wrong with it (the transition is of no use then)."""
    target = state_number(rule.target.name, states, findings) if rule.target else state
    writes = [_written(item, tape, findings) for item, tape in _per_tape(rule.write.items if rule.write else (), tapes, findings)]
    moves = [_moved(item, tape, findings) for item, tape in _per_tape(rule.move.items if rule.move else (), tapes, findings)]
    if rule.move and target < 0:
        advice = f"leave the move out, or go to a state that goes to {rule.target.name.text}" if rule.target else ""
        findings.warning("TMC106", rule.move.span, "a rule that halts does not move", "this has no effect", advice)
        moves = []
    move_data, move_work = (*moves, Move.STAY, Move.STAY)[:2]
    write_data, write_work = (*writes, None, None)[:2]
    guard = _guard(rule, tapes, findings)
    return Transition(state, guard, target, write_data, write_work, move_data, move_work, findings.line(rule.span))


def state_number(name: tree.Name, states: States, findings: Findings) -> int:
    """The number of the state that a rule goes to; notes an error when there is none."""
    if name.text in HALTING:
        return HALTING[name.text]
    if name.text not in states:
        near = findings.near(name.text, (*states, *HALTING))
        advice = f"there is a state named `{near}`" if near else f"define it with `state {name.text}`"
        findings.error("TMC004", name.span, f"no state is named `{name.text}`", "not defined in this machine", advice)
    return states.get(name.text, 0)


def _per_tape(items: tuple[Item, ...], tapes: tuple[Tape, ...], findings: Findings) -> list[tuple[Item, Tape]]:
    """The items with their tapes; notes items for which there is no tape."""
    extra = items[len(tapes) :]
    if extra and tapes:
        message = f"{count(len(items), 'item')}, but the machine has {count(len(tapes), 'tape')}"
        around = extra[0].span.to(extra[-1].span)
        findings.error("TMC007", around, message, "", "write one item per tape: " + ", ".join(f"`{tape.name}`" for tape in tapes))
    return list(zip(items, tapes, strict=False))


def _written(item: tree.Symbol | tree.Leave, tape: Tape, findings: Findings) -> Symbol | None:
    return None if isinstance(item, tree.Leave) else symbol_number(tape, item, findings)


def _moved(item: tree.Name | tree.Leave, tape: Tape, findings: Findings) -> Move:
    if isinstance(item, tree.Leave):
        return Move.STAY
    possible = tuple(MOVES) if tape.kind == "grid" else HORIZONTAL
    if item.text in possible:
        return MOVES[item.text]
    near = findings.near(item.text, possible)
    advice = f"did you mean `{near}`?" if near else f"the moves of a {tape.kind} are {', '.join(possible)}"
    unknown = f"no move is called `{item.text}`"
    message = f"tape `{tape.name}` is a line: it has no `{item.text}`" if item.text in MOVES else unknown
    findings.error("TMC008", item.span, message, "", advice)
    return Move.STAY


def _guard(rule: tree.Rule, tapes: tuple[Tape, ...], findings: Findings) -> Guard:
    """The readings that satisfy a rule's condition."""
    admitted = [tuple(range(len(tape.symbols))) for tape in tapes]
    for number, (pattern, tape) in enumerate(_per_tape(rule.on.patterns if rule.on else (), tapes, findings)):
        if isinstance(pattern, tree.OneOf):
            admitted[number] = _alternatives(pattern, tape, findings)
    data, work = (*admitted, (BLANK,), (BLANK,))[:2]
    if rule.at and tapes and tapes[0].kind != "grid":
        message = "`at` asks for an edge of a grid, but the data tape is a line"
        findings.error("TMC009", rule.at.span, message, "", "a line has no edges: mark its ends with a symbol, such as the blank")
    return Guard(data, work, _edge_test(rule.at.edges if rule.at else (), findings))


def _alternatives(pattern: tree.OneOf, tape: Tape, findings: Findings) -> tuple[Symbol, ...]:
    numbers: set[Symbol] = set()
    for symbol in pattern.symbols:
        number = symbol_number(tape, symbol, findings)
        if number in numbers:
            findings.error("TMC010", symbol.span, f"symbol `{show(symbol.text)}` is listed twice", "", "list it once")
        numbers |= set() if number is None else {number}
    return tuple(sorted(numbers))


def _edge_test(edges: tuple[tree.Edge, ...], findings: Findings) -> EdgeTest:
    tests: dict[str, bool] = {}
    for edge in edges:
        if edge.name in tests:
            same = tests[edge.name] == edge.touching
            message = f"edge `{edge.name}` is named twice" if same else f"the head cannot touch `{edge.name}` and not touch it"
            findings.error("TMC010", edge.span, message, "", "name an edge once")
        tests[edge.name] = edge.touching
    top, bottom, left, right = (tests.get(edge.name.lower()) for edge in Edge)
    return top, bottom, left, right
