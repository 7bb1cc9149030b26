"""From the syntax trees of a program to the transition table."""

from __future__ import annotations

from dataclasses import replace

from tmc.diagnostics import Diagnostic, InternalError
from tmc.ir.table import Guard, Table, Transition, validate
from tmc.lower.arguments import Scope, state_of
from tmc.lower.bounds import lower_bounds
from tmc.lower.calls import check_calls
from tmc.lower.disjoint import first_match
from tmc.lower.findings import Findings
from tmc.lower.instances import UNASKED, Instance, Instances, Place, Unknown
from tmc.lower.kinds import infer_kinds
from tmc.lower.machine_tests import lower_tests
from tmc.lower.names import HALTING, Template, gather_names
from tmc.lower.rule_to_transition import Lowering, lower_rule
from tmc.lower.suspicions import Suspicions
from tmc.lower.tapes import lower_tapes
from tmc.syntax.program import Program


def syntax_to_table(program: Program) -> tuple[Table, tuple[Diagnostic, ...]]:
    r"""The table of a machine, and warnings in the order of the text.

    In goes a machine with the files that it uses, out comes a validated table: in every state at most one transition applies, the
    one made from the first rule that applies. States are those of the machine's own file in the order of the text, then those with
    arguments and those of used files in the order in which rules ask for them. Raises `SourceRejected` with all errors.

    ::

        >>> text = "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 move right\n  otherwise -> accept"
        >>> len(syntax_to_table(read_program(Source("m.tm", text)))[0].transitions)
        2
    """
    machine = program.machine
    findings = Findings(program.source, list(program.errors))
    tapes = lower_tapes(machine, findings)
    names = gather_names(program, findings)
    kinds = infer_kinds(names)
    check_calls(program, names, kinds, findings)
    lowering = Lowering(tapes, Instances(names), kinds)
    start = _first_states(program, lowering, findings)
    bounds = lower_bounds(machine, tapes, findings)
    rules = _expanded(program, lowering, findings)
    tests = lower_tests(machine, tapes, findings)
    findings.reject_errors()
    if lowering.holes or start not in rules:
        raise InternalError(f"{machine.name.text}: something was left out, and nothing was said of it: {lowering.holes}")

    instances, suspicions = lowering.instances, Suspicions(program, findings)
    numbers = {wanted: number for number, wanted in enumerate(instances.order)}
    transitions: list[Transition] = []
    for wanted, lowered in rules.items():
        instance = instances.all[wanted]
        left = first_match([transition.guard for _, transition in lowered])
        suspicions.look_at_rules(instance, lowered, left, tapes)
        for (_, transition), guards in zip(lowered, left, strict=True):
            target = transition.target if transition.halts else numbers[transition.target]
            transitions += [_placed(transition, numbers[wanted], target, guard) for guard in guards]
    states = _state_names(program, [instances.all[wanted] for wanted in numbers])
    table = Table(machine.name.text, machine.about, tapes, states, numbers[start], tuple(transitions), bounds, tests)
    validate(table)
    suspicions.look_at_table(table, [instances.all[wanted].template for wanted in numbers], lowering.used)
    return table, findings.in_order()


def look_over_library(program: Program) -> tuple[Diagnostic, ...]:
    """What can be said about a library by itself: names, parameters, calls and captures, but nothing about symbols."""
    findings = Findings(program.source, list(program.errors))
    names = gather_names(program, findings)
    kinds = infer_kinds(names)
    check_calls(program, names, kinds, findings)
    lowering = Lowering((), Instances(names), kinds)
    for template in names.own[0]:
        _lowered(_unasked(template), UNASKED, program, lowering, findings)
    return findings.in_order()


Lowered = list[tuple[int, Transition]]  # the transitions of a state, with the positions of their rules


def _first_states(program: Program, lowering: Lowering, findings: Findings) -> int:
    """Ask for the machine's own states without parameters, and for the first state; returns that one's number."""
    instances, machine = lowering.instances, program.machine
    for template in instances.names.own[0]:
        if not template.parameters:
            instances.want(instances.make(template, (), None), Place(program.source, template.state.span), findings)
    if not machine.states and not machine.uses:
        message = f"machine `{machine.name.text}` has no state"
        findings.error("TMC003", machine.name.span, message, "", "add a line such as `state find`, and rules below it")
    if not machine.starts:
        first = next((state.name.text for state in machine.states), "find")
        message = f"machine `{machine.name.text}` has no `start`"
        findings.error("TMC003", machine.name.span, message, "", f"add a line such as `start {first}`")
        return 0
    for second in machine.starts[1:]:
        label = f"the first is in line {findings.line(machine.starts[0].span)}"
        findings.error("TMC011", second.span, "a second `start`", label, "a machine starts in one state: keep one of the two")
    call = machine.starts[0].call
    if call.name.text in HALTING:
        advice = "a machine starts in a state that has rules"
        findings.error("TMC004", call.span, f"`{call.name.text}` is a halting state", "", advice)
        return 0
    found = state_of(call, Scope(UNASKED, "", 0, "", {}), instances, lowering.kinds, findings)
    if found is None:
        return 0
    instances.want(found, Place(program.source, call.span), findings)
    return found


def _expanded(program: Program, lowering: Lowering, findings: Findings) -> dict[int, Lowered]:
    """The transitions of every instance that some rule asks for; own states that none asks for are looked at all the same."""
    instances = lowering.instances
    rules: dict[int, Lowered] = {}
    for number in instances.order:  # which grows meanwhile
        rules[number] = _lowered(instances.all[number], number, program, lowering, findings)
        if instances.endless:
            break
    made = {instances.all[number].template.state.name.text for number in rules if instances.all[number].template.file == 0}
    for template in instances.names.own[0]:
        if template.state.name.text not in made:
            _lowered(_unasked(template), UNASKED, program, lowering, findings)
    return rules


def _unasked(template: Template) -> Instance:
    """An instance that no rule asks for, to be looked at."""
    return Instance(template, tuple(Unknown() for _ in template.parameters), template.state.name.text, 1, None)


def _lowered(instance: Instance, number: int, program: Program, lowering: Lowering, findings: Findings) -> Lowered:
    template = instance.template
    file = program.files[template.file]
    within = findings.within(file.source)
    scope = Scope(number, template.state.name.text, template.file, file.name, instance.bindings)
    lowered: Lowered = []
    for position, rule in enumerate(template.state.rules):
        transitions = lower_rule(rule, scope, lowering, within)
        lowered += ((position, transition) for transition in transitions)
        place = Place(file.source, rule.target.call.span if rule.target else rule.span)
        if number != UNASKED and not all(lowering.instances.want(t.target, place, within) for t in transitions):
            break
    return lowered


def _placed(transition: Transition, state: int, target: int, guard: Guard) -> Transition:
    """The transition with these in their places, which often they are already."""
    if (transition.state, transition.target) == (state, target) and transition.guard is guard:
        return transition
    return replace(transition, state=state, target=target, guard=guard)


def _state_names(program: Program, instances: list[Instance]) -> tuple[str, ...]:
    """The names of the states: of two that would be called the same, the one from a used file has the file's name before it."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    for number, instance in sorted(enumerate(instances), key=lambda item: item[1].template.file != 0):  # own states first
        name = instance.name
        while name in taken:
            name = f"{program.files[instance.template.file].name}:{name}"
        taken.add(name)
        names[number] = name
    return tuple(names[number] for number in range(len(instances)))
