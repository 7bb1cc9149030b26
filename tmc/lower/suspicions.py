"""Warnings about a machine that is well formed, but hardly what was meant."""

from __future__ import annotations

from tmc.ir.table import Table
from tmc.ir.tape import Tape
from tmc.lower.findings import Findings, show
from tmc.lower.tapes import FIRST_SYMBOLS
from tmc.syntax import tree


def note_suspicions(machine: tree.Machine, table: Table, findings: Findings) -> None:
    """Note states that nothing reaches, a machine that cannot halt, and symbols that are not used."""
    reached = _reached(table)
    for number, state in enumerate(machine.states):
        if number not in reached:
            advice = f"remove it, or let a rule go `-> {state.name.text}`"
            findings.warning("TMC103", state.name.span, f"nothing reaches the state `{state.name.text}`", "", advice)
    if not any(transition.halts for transition in table.transitions if transition.state in reached):
        message = f"machine `{table.name}` can never halt"
        findings.warning("TMC104", machine.name.span, message, "", "let a rule go `-> accept` or `-> reject`")
    for position, (written, tape) in enumerate(zip(machine.tapes, table.tapes, strict=True)):
        _note_unused(written, tape, _used(machine, position), findings)


def _reached(table: Table) -> set[int]:
    """The states that can be entered, as far as the transitions alone tell."""
    targets: dict[int, set[int]] = {}
    for transition in table.transitions:
        targets.setdefault(transition.state, set()).add(transition.target)
    reached = {table.start}
    waiting = [table.start]
    while waiting:
        new = {target for target in targets.get(waiting.pop(), ()) if target >= 0} - reached
        reached |= new
        waiting += sorted(new)
    return reached


def _used(machine: tree.Machine, position: int) -> set[str]:
    """The characters that rules name for a tape, and tests write on the data tape."""
    used: set[str] = set()
    for rule in (rule for state in machine.states for rule in state.rules):
        patterns = rule.on.patterns[position : position + 1] if rule.on else ()
        used.update(symbol.text for pattern in patterns if isinstance(pattern, tree.OneOf) for symbol in pattern.symbols)
        items = rule.write.items[position : position + 1] if rule.write else ()
        used.update(item.text for item in items if isinstance(item, tree.Symbol))
    data = [line for test in machine.tests for line in test.lines if isinstance(line, tree.Data)] if position == 0 else []
    used.update(character for line in data for symbol in line.run for character in symbol.text)
    return used


def _note_unused(written: tree.Tape, tape: Tape, used: set[str], findings: Findings) -> None:
    for symbol in written.symbols:
        if symbol.text not in used and symbol.text not in FIRST_SYMBOLS:
            message = f"no rule reads or writes `{show(symbol.text)}` on tape `{tape.name}`"
            findings.warning("TMC105", symbol.span, message, "", "remove it from the tape")
