"""From the syntax trees of a program to the transitions of its states: each rule as if it stood alone, states on demand."""

from __future__ import annotations

from tmc.diagnostics import Code, Diagnostic, InternalError
from tmc.elaborate.arguments import RuleScope, state_of
from tmc.elaborate.bounds import lower_bounds
from tmc.elaborate.calls import check_calls
from tmc.elaborate.comments import note_comments
from tmc.elaborate.findings import Findings
from tmc.elaborate.holes import goals, note_holes_in_libraries
from tmc.elaborate.instances import UNASKED, FileSpan, Instance, Instances, Unknown
from tmc.elaborate.kinds import infer_kinds
from tmc.elaborate.machine_tests import lower_tests
from tmc.elaborate.names import HALTING, Template, gather_names
from tmc.elaborate.rule_to_transition import RuleContext, lower_rule
from tmc.elaborate.standstill import note_idle_rules
from tmc.elaborate.tapes import lower_tapes
from tmc.frozen import frozen
from tmc.ir.table import Bounds, GridTest, LineTest, Transition
from tmc.syntax import tree
from tmc.syntax.lost import NOTHING
from tmc.syntax.program import Program

Lowered = list[tuple[int, Transition]]  # the transitions of a state, with the positions of their rules


@frozen
class Expansion:
    """All that the rules of a machine stand for. `rules` has the transitions of every instance that is asked for, by its number,
    in the order of being asked for; targets are numbers of instances, and `start` is one."""

    lowering: RuleContext
    start: int
    rules: dict[int, Lowered]
    bounds: Bounds
    tests: tuple[GridTest | LineTest, ...]

    def check(self, name: str) -> None:
        """Raise `InternalError` when something is missing of a machine in which no error was found."""
        if self.lowering.lost or self.start not in self.rules:
            raise InternalError(f"{name}: something was left out, and nothing was said of it: {self.lowering.lost}")


def expand(program: Program, findings: Findings) -> Expansion:
    """What the rules of a machine stand for; notes all that is wrong with it (the result is of no use then)."""
    machine = program.machine
    tapes = lower_tapes(machine, program.lost, findings)
    names = gather_names(program, findings)
    kinds = infer_kinds(names)
    check_calls(program, names, kinds, findings)
    note_holes_in_libraries(program, findings)
    lowering = RuleContext(tapes, Instances(names), kinds)
    start = _first_states(program, lowering, findings)
    bounds = lower_bounds(machine, tapes, findings)
    rules = _expanded(program, lowering, findings)
    note_comments(machine, tapes, findings)
    _note_used(program, findings)
    return Expansion(lowering, start, rules, bounds, lower_tests(machine, tapes, program.lost, findings))


def _note_used(program: Program, findings: Findings) -> None:
    """What is said about the used files that could be read, whatever machine uses them."""
    for file in program.files[1:]:
        if file.lost == NOTHING:
            within = findings.within(file.source)
            note_comments(file.syntax, (), within)
            note_idle_rules(file.syntax, within)


def look_over_library(program: Program) -> tuple[Diagnostic, ...]:
    """What can be said about a library by itself: names, parameters, calls and captures, but nothing about symbols."""
    findings = Findings(program.source, list(program.faults))
    names = gather_names(program, findings)
    kinds = infer_kinds(names)
    check_calls(program, names, kinds, findings)
    note_holes_in_libraries(program, findings)
    lowering = RuleContext((), Instances(names), kinds)
    for template in names.own[0]:
        _lowered(_unasked(template), UNASKED, program, lowering, findings)
    note_comments(program.machine, (), findings)
    note_idle_rules(program.machine, findings)
    return findings.in_order()


def _first_states(program: Program, lowering: RuleContext, findings: Findings) -> int:
    """Ask for the machine's own states without parameters, and for the first state; returns that one's number."""
    instances, machine = lowering.instances, program.machine
    for template in instances.names.own[0]:
        if not template.parameters:
            instances.want(instances.make(template, (), None), FileSpan(program.source, template.state.span), findings)
    lost = program.lost
    if not machine.states and not machine.uses and not lost.may_have("machine", "learner", "state", "use"):
        message = f"machine `{machine.name.text}` has no state"
        findings.error(Code.PART_MISSING, machine.name.span, message, "", "add a line such as `state find`, and rules below it")
    if not machine.starts:
        first = next((state.name.text for state in machine.states), "find")
        message = f"machine `{machine.name.text}` has no `start`"
        if not lost.may_have("machine", "learner", "start"):
            findings.error(Code.PART_MISSING, machine.name.span, message, "", f"add a line such as `start {first}`")
        return 0
    for second in machine.starts[1:]:
        label = f"the first is in line {findings.line(machine.starts[0].span)}"
        findings.error(
            Code.DEFINED_TWICE, second.span, "a second `start`", label, "a machine starts in one state: keep one of the two"
        )
    call = machine.starts[0].call
    if call.name.text in HALTING:
        advice = "a machine starts in a state that has rules"
        findings.error(Code.UNKNOWN_STATE, call.span, f"`{call.name.text}` is a halting state", "", advice)
        return 0
    found = state_of(call, RuleScope(UNASKED, "", 0, "", {}), instances, lowering.kinds, findings)
    if found is None:
        return 0
    instances.want(found, FileSpan(program.source, call.span), findings)
    return found


def _expanded(program: Program, lowering: RuleContext, findings: Findings) -> dict[int, Lowered]:
    """The transitions of every instance that some rule asks for; own states that no rule asks for are checked as well."""
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


def _lowered(instance: Instance, number: int, program: Program, lowering: RuleContext, findings: Findings) -> Lowered:
    template = instance.template
    file = program.files[template.file]
    within = findings.within(file.source)
    scope = RuleScope(number, template.state.name.text, template.file, file.name, instance.bindings)
    lowered: Lowered = []
    for position, rule in enumerate(template.state.rules):
        transitions = lower_rule(rule, scope, lowering, within)
        lowered += ((position, transition) for transition in transitions)
        place = FileSpan(file.source, rule.target.call.span if rule.target else rule.span)
        targets = [transition.target for transition in transitions]
        if rule.target and isinstance(rule.target.call, tree.Hole) and number != UNASKED:
            targets += [lowering.instances.make(goal, (), number) for goal in goals(template, lowering.instances.names)]
        if number != UNASKED and not all(lowering.instances.want(target, place, within) for target in targets):
            break
    return lowered


def state_names(program: Program, instances: list[Instance]) -> tuple[str, ...]:
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
