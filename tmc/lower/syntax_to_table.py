"""From the syntax tree to the transition table."""

from __future__ import annotations

from dataclasses import replace

from tmc.diagnostics import Diagnostic
from tmc.ir.table import Table, Transition, overlap, validate
from tmc.lower.bounds import lower_bounds
from tmc.lower.disjoint import first_match
from tmc.lower.findings import Findings
from tmc.lower.machine_tests import lower_tests
from tmc.lower.rule_to_transition import HALTING, States, lower_rule, state_number
from tmc.lower.suspicions import note_suspicions
from tmc.lower.tapes import lower_tapes
from tmc.source import Source, Span
from tmc.syntax import tree


def syntax_to_table(machine: tree.Machine, source: Source) -> tuple[Table, tuple[Diagnostic, ...]]:
    r"""The table of a machine, and warnings in the order of the text.

    In goes the tree of `source`, out comes a validated table: in every state at most one transition applies, the one made from the
    first rule that applies. Raises `SourceRejected` with all errors.

    ::

        >>> text = "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 move right\n  otherwise -> accept"
        >>> source = Source("m.tm", text)
        >>> len(syntax_to_table(parse(source), source)[0].transitions)
        2
    """
    findings = Findings(source)
    tapes = lower_tapes(machine, findings)
    states = _number_states(machine, findings)
    start = _start(machine, states, findings)
    bounds = lower_bounds(machine, tapes, findings)
    rules = [
        [lower_rule(rule, states[state.name.text], tapes, states, findings) for rule in state.rules] for state in machine.states
    ]
    tests = lower_tests(machine, tapes, findings)
    findings.reject_errors()

    transitions = tuple(
        t for state, lowered in zip(machine.states, rules, strict=True) for t in _disjoint(state, lowered, findings)
    )
    table = Table(machine.name.text, machine.about, tapes, tuple(states), start, transitions, bounds, tests)
    validate(table)
    note_suspicions(machine, table, findings)
    return table, findings.in_order()


def _number_states(machine: tree.Machine, findings: Findings) -> States:
    """The numbers of the states, in the order of the text."""
    first: dict[str, tree.State] = {}
    for state in machine.states:
        name = state.name.text
        earlier = first.setdefault(name, state)
        if earlier is not state:
            label = f"the first is in line {findings.line(earlier.span)}"
            findings.error(
                "TMC011", state.name.span, f"a second state named `{name}`", label, "give it another name, or make the two one"
            )
        if name in HALTING:
            findings.error("TMC011", state.name.span, f"`{name}` is a halting state and has no rules", "", "give it another name")
    if not machine.states:
        message = f"machine `{machine.name.text}` has no state"
        findings.error("TMC003", machine.name.span, message, "", "add a line such as `state find`, and rules below it")
    return {name: number for number, name in enumerate(first)}


def _start(machine: tree.Machine, states: States, findings: Findings) -> int:
    """The number of the first state (of any state, if that is in error)."""
    if not machine.starts:
        advice = f"add a line such as `start {next(iter(states), 'find')}`"
        findings.error("TMC003", machine.name.span, f"machine `{machine.name.text}` has no `start`", "", advice)
        return 0
    for second in machine.starts[1:]:
        label = f"the first is in line {findings.line(machine.starts[0].span)}"
        findings.error("TMC011", second.span, "a second `start`", label, "a machine starts in one state: keep one of the two")
    first = machine.starts[0].name
    if first.text in HALTING:
        findings.error("TMC004", first.span, f"`{first.text}` is a halting state", "", "a machine starts in a state that has rules")
        return 0
    return state_number(first, states, findings)


def _disjoint(state: tree.State, rules: list[Transition], findings: Findings) -> list[Transition]:
    """The transitions of a state, each rule without what the rules above it take; notes rules of which nothing is left."""
    transitions = []
    for number, left in enumerate(first_match([rule.guard for rule in rules])):
        if not left:
            above = [rule.line for rule in rules[:number] if overlap(rule.guard, rules[number].guard)]
            _note_never(state.rules[number], above, findings)
        transitions += [replace(rules[number], guard=guard) for guard in left]
    return transitions


def _note_never(rule: tree.Rule, above: list[int], findings: Findings) -> None:
    parts = [part.span for part in (rule.on, rule.at) if part]
    condition = parts[0].to(parts[-1]) if parts else Span(rule.span.start, rule.span.start + len("otherwise"))
    where = f"line {above[0]} takes" if len(above) == 1 else f"lines {', '.join(map(str, above[:-1]))} and {above[-1]} take"
    advice = "remove it, or move it up"
    findings.warning("TMC101", condition, "this rule can never apply", f"{where} all that it would", advice)
