"""Lints: warnings about a machine that is well formed, but probably not what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, show
from tmc.elaborate.instances import Instance
from tmc.elaborate.names import Template
from tmc.elaborate.standstill import note_standstill, stands_still
from tmc.elaborate.tapes import FIRST_SYMBOLS
from tmc.ir.disjoint import first_match
from tmc.ir.table import Guard, Table, Transition, overlap
from tmc.ir.tape import BLANK, EDGES, Tape
from tmc.source import Span
from tmc.syntax import tree
from tmc.syntax.program import Program

MOST_SHOWN = 4  # symbols of a combination that no rule covers


@dataclass(slots=True)
class Lints:
    """Adds warnings about the machine's own states, not those of used files."""

    program: Program
    findings: Findings
    _alive: dict[tuple[str, int], bool] = field(default_factory=dict)  # rules, by state and position: whether one can ever apply
    _uncovered: set[Span] = field(default_factory=set)  # the names of states some reading of which no rule covers
    _endless: set[Span] = field(default_factory=set)  # rules that are taken for ever in some instance
    _above: dict[tuple[str, int], list[int]] = field(default_factory=dict)  # the lines that take all that a rule would

    def look_at_rules(
        self,
        instance: Instance,
        lowered: Sequence[tuple[int, Transition]],
        left: Sequence[Sequence[Guard]],
        tapes: tuple[Tape, ...],
    ) -> None:
        """Note what no rule of an instance covers, and rules that are taken for ever; remember which of its rules never apply.

        `lowered` are the transitions of its rules with the rules' positions, `left` what the transitions above leave of each guard.
        """
        if instance.template.file != 0:
            return
        state = instance.template.state
        for position in range(len(state.rules)):
            self._alive.setdefault((state.name.text, position), False)
        guards = [transition.guard for _, transition in lowered]
        for number, (position, _) in enumerate(lowered):
            self._alive[state.name.text, position] |= bool(left[number])
        self._note_standstill(instance, lowered, left, tapes[0].kind)
        taking = [(place, step.line, rest) for (place, step), rest in zip(lowered, left, strict=True) if rest]
        own: dict[int, list[Guard]] = {}
        for (position, _), guard in zip(lowered, guards, strict=True):
            own.setdefault(position, []).append(guard)
        for position in range(len(state.rules)):
            key = (state.name.text, position)
            if not self._alive[key] and key not in self._above:
                self._above[key] = list(islice(_takers(position, own.get(position, []), taking), MOST_SHOWN + 1))
        for position, rule in enumerate(state.rules):
            if rule.at and _is_impossible(rule.at):
                self._alive[state.name.text, position] = False
        everything = Guard(*_all_symbols(tapes))
        if everything in guards:
            return
        *_, uncovered = first_match([*guards, everything])
        possible = [guard for guard in uncovered if not _impossible(guard)]
        if possible:
            self._note_uncovered(instance, possible[0], tapes)

    def _note_standstill(
        self, instance: Instance, lowered: Sequence[tuple[int, Transition]], left: Sequence[Sequence[Guard]], kind: str
    ) -> None:
        """Note rules of which, in this instance, every transition is taken for ever once it is taken."""
        still: dict[int, bool] = {}
        for (position, transition), remaining in zip(lowered, left, strict=True):
            for guard in remaining:
                still[position] = still.get(position, True) and stands_still(transition, guard, kind)
        for position, is_still in still.items():
            rule = instance.template.state.rules[position]
            if is_still and rule.span not in self._endless:
                self._endless.add(rule.span)
                note_standstill(rule, instance.name if instance.arguments else "", self.findings)

    def _note_uncovered(self, instance: Instance, guard: Guard, tapes: tuple[Tape, ...]) -> None:
        state = instance.template.state
        if state.name.span in self._uncovered:
            return
        self._uncovered.add(state.name.span)
        where = f"no rule of `{instance.name}` covers `{_condition(guard, tapes)}`"
        advice = "the machine is stuck there: add a rule, such as `otherwise -> reject`"
        self.findings.warning(Code.NOT_COVERED, state.name.span, where, "", advice)

    def look_at_table(self, table: Table, templates: Sequence[Template], used: tuple[set[str], set[str]]) -> None:
        """Note rules that never apply, states that nothing reaches, a machine that cannot halt, and symbols without use.

        `templates` are those of the table's states, `used` the characters that rules name, tape by tape.
        """
        machine = self.program.machine
        self._note_dead_rules(machine)
        reached = _reached(table)
        names = {templates[number].state.name.text for number in reached if templates[number].file == 0}
        for state in machine.states:
            if state.name.text not in names:
                arguments = f"({', '.join(name.text for name in state.parameters)})" if state.parameters else ""
                advice = f"remove it, or add a rule that goes `-> {state.name.text}{arguments}`"
                self.findings.warning(
                    Code.UNREACHED_STATE, state.name.span, f"nothing reaches the state `{state.name.text}`", "", advice
                )
        if not any(transition.halts for transition in table.transitions if transition.state in reached):
            message = f"machine `{table.name}` can never halt"
            self.findings.warning(
                Code.NEVER_HALTS, machine.name.span, message, "", "add a rule that goes `-> accept` or `-> reject`"
            )
        used[0].update(_in_tests(machine))
        for position, (written, tape) in enumerate(zip(machine.tapes, table.tapes, strict=True)):
            _note_unused(written, tape, used[position], self.findings)

    def _note_dead_rules(self, machine: tree.Machine) -> None:
        for state in machine.states:
            for position, rule in enumerate(state.rules):
                if self._alive.get((state.name.text, position)) is False:
                    self._note_dead(rule, self._above.get((state.name.text, position), []))

    def _note_dead(self, rule: tree.Rule, above: list[int]) -> None:
        parts = [part.span for part in (rule.on, rule.at) if part]
        condition = parts[0].to(parts[-1]) if parts else Span(rule.span.start, rule.span.start + len("otherwise"))
        lines = [str(line) for line in above]
        label, advice = "no symbol satisfies all of its patterns", "capture symbols that both tapes have"
        if rule.at and _is_impossible(rule.at):
            label, advice = "the head cannot touch opposite edges at once", "all edges of an `at` must hold: make it two rules"
            lines = []
        if lines:
            shown = lines if len(lines) <= MOST_SHOWN else [*lines[: MOST_SHOWN - 1], "others"]
            where = f"line {lines[0]} takes" if len(lines) == 1 else f"lines {', '.join(shown[:-1])} and {shown[-1]} take"
            label, advice = f"{where} all that it would", "remove it, or move it up"
        self.findings.warning(Code.RULE_NEVER_APPLIES, condition, "this rule can never apply", label, advice)


def _takers(position: int, own: Sequence[Guard], taking: Sequence[tuple[int, int, Sequence[Guard]]]) -> Iterator[int]:
    """The lines of the rules above one that never applies which take some of what it would. `own` are its guards, `taking` the
    positions, lines and remaining guards of those that take something."""
    taken: set[int] = set()
    for place, line, guards in taking:
        if place < position and line not in taken and any(overlap(a, b) for a in guards for b in own):
            taken.add(line)
            yield line


def _all_symbols(tapes: tuple[Tape, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    data, work = (*(tuple(range(len(tape.symbols))) for tape in tapes), (BLANK,))[:2]
    return data, work


def _is_impossible(at: tree.At) -> bool:
    touched = {edge.name for edge in at.edges if edge.touching}
    return touched >= {"left", "right"} or touched >= {"top", "bottom"}


def _impossible(guard: Guard) -> bool:
    """Whether a guard asks for opposite edges at once: a grid has at least two rows and two columns."""
    top, bottom, left, right = guard.edges
    return bool((top and bottom) or (left and right))


def _condition(guard: Guard, tapes: tuple[Tape, ...]) -> str:
    """A guard as a rule's condition."""
    sets = (guard.data, guard.work)
    patterns = [_pattern(numbers, tape) for numbers, tape in zip(sets, tapes, strict=False)]
    while len(patterns) > 1 and patterns[-1] == "*":
        patterns.pop()
    asked = [
        edge.name.lower() if test else f"not {edge.name.lower()}"
        for edge, test in zip(EDGES, guard.edges, strict=True)
        if test is not None
    ]
    at = f" at {' '.join(asked)}" if asked else ""
    return f"on {', '.join(patterns)}{at}"


def _pattern(numbers: tuple[int, ...], tape: Tape) -> str:
    if len(numbers) == len(tape.symbols):
        return "*"
    shown = [show(tape.symbols[number]) for number in numbers[:MOST_SHOWN]]
    return "|".join(shown + ["…"] * (len(numbers) > MOST_SHOWN))


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


def _in_tests(machine: tree.Machine) -> set[str]:
    """The characters that tests write on the data tape."""
    data = [line for test in machine.tests for line in test.lines if isinstance(line, tree.Data)]
    return {character for line in data for symbol in line.run for character in symbol.text}


def _note_unused(written: tree.Tape, tape: Tape, used: set[str], findings: Findings) -> None:
    for symbol in written.symbols:
        if symbol.text not in used and symbol.text not in FIRST_SYMBOLS:
            message = f"no rule names the symbol `{show(symbol.text)}` of tape `{tape.name}`"
            findings.warning(Code.UNUSED_SYMBOL, symbol.span, message, "", "remove it from the tape, or use it in a rule or a test")
