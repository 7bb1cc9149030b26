"""Holes: what may fill each, and where holes are not allowed."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, count, show
from tmc.elaborate.kinds import DIRECTIONS
from tmc.elaborate.names import HALTING, Names, Template
from tmc.elaborate.rule_to_transition import moves_of
from tmc.ir.sketch import Hole, HoleKind
from tmc.ir.tape import Tape
from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.syntax.program import Program


def goals(template: Template, names: Names) -> list[Template]:
    """The states that may stand in the place of a hole in a state: those that it can name without arguments."""
    visible = names.visible[template.file].items()
    return [goal for name, goal in visible if not goal.parameters and name not in template.parameters and name not in HALTING]


def holes_of(template: Template, rule: tree.Rule, tapes: tuple[Tape, ...], targets: dict[str, int], source: Source) -> list[Hole]:
    """The holes of a rule, in the order of the text. `targets`: the states that a hole may go to, with what stands for them in a
    transition; `accept` and `reject` are added."""
    found: list[Hole] = []

    def note(part: HoleKind, tape: int, span: Span, options: dict[str, int]) -> None:
        found.append(Hole(part, tape, *source.place(span.start), tuple(options), tuple(options.values())))

    for part, items in ((HoleKind.READ, rule.on and rule.on.patterns), (HoleKind.WRITE, rule.write and rule.write.items)):
        for position, (item, tape) in enumerate(zip(items or (), tapes, strict=False)):
            if isinstance(item, tree.Hole):
                note(part, position, item.span, _symbols(tape, template))
    for position, (way, tape) in enumerate(zip(rule.move.items if rule.move else (), tapes, strict=False)):
        if isinstance(way, tree.Hole):
            note(HoleKind.MOVE, position, way.span, _ways(tape))
    if rule.target and isinstance(rule.target.call, tree.Hole):
        note(HoleKind.TARGET, 0, rule.target.call.span, targets | HALTING)
    return found


def _symbols(tape: Tape, template: Template) -> dict[str, int]:
    """The symbols of a tape as they are written in a state, of which a parameter may hide some."""
    return {f"'{symbol}'" if symbol in template.parameters else show(symbol): number for number, symbol in enumerate(tape.symbols)}


def _ways(tape: Tape) -> dict[str, int]:
    """The moves of a tape."""
    possible = moves_of(tape)
    return {name: place for place, name in enumerate(DIRECTIONS) if name in possible}


def note_holes_in_libraries(program: Program, findings: Findings) -> None:
    """Note files without a machine that have holes: nothing could fill them."""
    for file in program.files:
        if file.syntax.kind == "library" and file.syntax.holes:
            advice = "only a machine's own file has holes: move the state there, or fill the hole"
            findings.within(file.source).error(Code.HOLE, file.syntax.holes[0].span, "a library has no holes", "", advice)


def note_sketch(program: Program, findings: Findings) -> None:
    """Note the error that a file with holes is not yet a machine."""
    machine, name = program.machine, program.source.name
    if machine.holes and not program.lost.may_have("machine", "learner"):
        several = len(machine.holes) > 1
        message = f"`{machine.name.text}` is a sketch, not a machine: it has {count(len(machine.holes), 'hole')}"
        advice = f"fill {'them' if several else 'it'} by a search: "
        advice += f"`tmc search --task NAME --sketch {'FILE' if name.startswith('<') else name}`"
        if any(symbol.text == "?" for tape in machine.tapes for symbol in tape.symbols):
            advice += "; write '?' if the symbol is meant"
        findings.error(Code.HOLE, machine.holes[0].span, message, "the first of them" if several else "", advice)
