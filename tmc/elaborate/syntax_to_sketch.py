"""From the syntax trees of a program with holes to a sketch: its rules for every choice of what fills them."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from tmc.diagnostics import Code, Diagnostic
from tmc.elaborate.expansion import Expansion, expand, state_names
from tmc.elaborate.findings import Findings
from tmc.elaborate.holes import goals, holes_of
from tmc.elaborate.names import Template
from tmc.elaborate.standstill import note_idle_rules
from tmc.ir.sketch import Hole, SketchRule, SketchTable
from tmc.ir.table import Transition
from tmc.syntax.program import Program

MOST_CHOICES = 1 << 14  # for the holes of one rule: all of them are listed


def syntax_to_sketch(program: Program) -> tuple[SketchTable, tuple[Diagnostic, ...]]:
    r"""The sketch that a machine with holes (or without any) is, and the warnings that are true whatever fills them.

    The rules of a sketch for a choice of its holes, of which the first that applies is taken, are those of the table of the text in
    which the holes are filled so - but for the order of states: here the machine starts in the first. And states of used files to
    which a hole may lead are there in every filling. Raises `SourceRejected` with all errors.

    ::

        >>> text = "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 move ?\n  otherwise -> ?"
        >>> [hole.words for hole in syntax_to_sketch(read_program(Source("m.tm", text)))[0].holes]
        [('stay', 'left', 'right'), ('s', 'accept', 'reject')]
    """
    findings = Findings(program.source, list(program.faults))
    expansion = expand(program, findings)
    findings.reject_errors()
    expansion.check(program.machine.name.text)
    order = [expansion.start, *(number for number in expansion.rules if number != expansion.start)]
    numbers = {number: position for position, number in enumerate(order)}
    holes = _holes(program, expansion, numbers, findings)
    note_idle_rules(program.machine, findings)
    findings.reject_errors()
    return _sketch(program, expansion, numbers, holes), findings.in_order()


Holes = dict[tuple[str, int], list[Hole]]  # by the states of the machine's own file, and the positions of rules


def _holes(program: Program, expansion: Expansion, numbers: dict[int, int], findings: Findings) -> Holes:
    """The holes of all rules, in the order of the text; notes rules that have too many."""
    instances, holes = expansion.lowering.instances, Holes()
    for template in instances.names.own[0]:
        for position, rule in enumerate(template.state.rules):
            targets = {}
            if rule.holes:
                made = [(goal, instances.make(goal, (), None)) for goal in goals(template, instances.names)]
                targets = {goal.state.name.text: numbers[number] for goal, number in made if number in numbers}
            found = holes_of(template, rule, expansion.lowering.tapes, targets, program.source)
            if prod(len(hole.words) for hole in found) > MOST_CHOICES:
                message = f"the holes of this rule make more than {MOST_CHOICES} rules of it"
                findings.error(Code.ENDLESS_STATES, rule.span, message, "", "fill some of them, or make it several rules")
            holes[template.state.name.text, position] = found
    return holes


def _sketch(program: Program, expansion: Expansion, numbers: dict[int, int], holes: Holes) -> SketchTable:
    machine, instances = program.machine, expansion.lowering.instances
    first, found = dict[tuple[str, int], int](), list[Hole]()
    for place, of_rule in holes.items():
        first[place] = len(found)
        found += of_rule
    rules: list[SketchRule] = []
    for number, position in numbers.items():
        template = instances.all[number].template
        for place, transitions in _by_rule(template, expansion.rules[number]):
            own = holes[place] if template.file == 0 else []
            held = tuple(range(first[place], first[place] + len(own))) if own else ()
            placed = [_placed(transition, position, numbers) for transition in transitions]
            rules.append(SketchRule(position, tuple(placed), held))
    states = state_names(program, [instances.all[number] for number in numbers])
    name, about, tapes = machine.name.text, machine.about, expansion.lowering.tapes
    return SketchTable(name, about, tapes, states, tuple(found), tuple(rules), expansion.bounds, expansion.tests)


def _by_rule(template: Template, lowered: list[tuple[int, Transition]]) -> list[tuple[tuple[str, int], list[Transition]]]:
    """The transitions of every rule of a state, with the rule's place."""
    name, count = template.state.name.text, len(template.state.rules)
    return [((name, place), [transition for position, transition in lowered if position == place]) for place in range(count)]


def _placed(transition: Transition, state: int, numbers: dict[int, int]) -> Transition:
    target = transition.target if transition.halts else numbers[transition.target]
    return replace(transition, state=state, target=target)
