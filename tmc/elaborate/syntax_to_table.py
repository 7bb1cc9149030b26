"""From the syntax trees of a program to the transition table."""

from __future__ import annotations

from dataclasses import replace

from tmc.diagnostics import Diagnostic, Severity
from tmc.elaborate.expansion import Expansion, expand, state_names
from tmc.elaborate.findings import Findings
from tmc.elaborate.holes import note_sketch
from tmc.elaborate.lints import Lints
from tmc.ir.disjoint import first_match
from tmc.ir.table import Guard, Table, Transition, validate
from tmc.syntax.program import Program


def syntax_to_table(program: Program) -> tuple[Table, tuple[Diagnostic, ...]]:
    """The table of a machine, and the warnings, in the order of the text; see `table_and_diagnostics`."""
    table, found = table_and_diagnostics(program)
    return table, tuple(diagnostic for diagnostic in found if diagnostic.severity is Severity.WARNING)


def table_and_diagnostics(program: Program) -> tuple[Table, tuple[Diagnostic, ...]]:
    r"""The table of a machine, and warnings and notes in the order of the text.

    In goes a machine with the files that it uses, out comes a validated table: in every state at most one transition applies, the
    one made from the first rule that applies. States are those of the machine's own file in the order of the text, then those with
    arguments and those of used files in the order in which rules ask for them. Raises `SourceRejected` with all errors.

    ::

        >>> text = "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 move right\n  otherwise -> accept"
        >>> len(table_and_diagnostics(read_program(Source("m.tm", text)))[0].transitions)
        2
    """
    findings = Findings(program.source, list(program.faults))
    expansion = expand(program, findings)
    note_sketch(program, findings)
    findings.reject_errors()
    expansion.check(program.machine.name.text)
    return _table(program, expansion, findings), findings.in_order()


def _table(program: Program, expansion: Expansion, findings: Findings) -> Table:
    """The table of a machine without errors; adds lints."""
    machine, lowering = program.machine, expansion.lowering
    instances, lints = lowering.instances, Lints(program, findings)
    numbers = {wanted: number for number, wanted in enumerate(instances.order)}
    transitions: list[Transition] = []
    for wanted, lowered in expansion.rules.items():
        instance = instances.all[wanted]
        left = first_match([transition.guard for _, transition in lowered])
        lints.look_at_rules(instance, lowered, left, lowering.tapes)
        for (_, transition), guards in zip(lowered, left, strict=True):
            target = transition.target if transition.halts else numbers[transition.target]
            transitions += [_placed(transition, numbers[wanted], target, guard) for guard in guards]
    states = state_names(program, [instances.all[wanted] for wanted in numbers])
    start, promised, tests = numbers[expansion.start], expansion.bounds, expansion.tests
    table = Table(machine.name.text, machine.about, lowering.tapes, states, start, tuple(transitions), promised, tests)
    validate(table)
    lints.look_at_table(table, [instances.all[wanted].template for wanted in numbers], lowering.used)
    return table


def _placed(transition: Transition, state: int, target: int, guard: Guard) -> Transition:
    """The transition with these in their places, which often they are already."""
    if (transition.state, transition.target) == (state, target) and transition.guard is guard:
        return transition
    return replace(transition, state=state, target=target, guard=guard)
