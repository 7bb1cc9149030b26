"""Every name of a text with what it means, just as the compiler takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from tmc.editor.referents import Mention, NameKind, Referent
from tmc.elaborate.kinds import DIRECTION, DIRECTIONS, SYMBOL, Kinds, key
from tmc.elaborate.names import HALTING, Names
from tmc.source import Span
from tmc.syntax import tree
from tmc.syntax.program import Program
from tmc.syntax.reach import Refusal, find_used


def mentions(program: Program, names: Names, kinds: Kinds) -> tuple[Mention, ...]:
    """The mentions in the program's own file, in the order of the text. A name that means nothing is left out."""
    machine = program.machine
    scope = NameScope(names, kinds, machine.tapes)
    found: list[Mention] = []
    for use in machine.uses:
        path = find_used(use.path, program.source)
        found += [Mention(use.path_span, Referent(NameKind.FILE, str(path)))] if not isinstance(path, Refusal) else []
    for tape in machine.tapes:
        found += _tape(tape)
    for bound in (bound for block in machine.bounds for bound in block.bounds):
        found.append(Mention(bound.kind.span, Referent(NameKind.BOUND, bound.kind.text)))
        found += _variables(bound.value)
    for start in machine.starts:
        found += scope.call(start.call)
    for state in machine.states:
        found += _state(state, scope)
    for test in machine.tests:
        for line in test.lines:
            found += _test_line(line, machine.tapes)
    return tuple(sorted(found, key=lambda mention: mention.span))


@dataclass(frozen=True, slots=True)
class NameScope:
    """What names mean at some place: in a state it has parameters, and in a rule there is what the rule captures."""

    names: Names
    kinds: Kinds
    tapes: tuple[tree.Tape, ...]
    parameters: dict[str, Referent] = field(default_factory=dict)
    captures: dict[str, Referent] = field(default_factory=dict)

    def state(self, name: tree.Name) -> Iterator[Mention]:
        """A name where a state is wanted."""
        template = self.names.find(0, name.text)
        if name.text in self.parameters:
            yield Mention(name.span, self.parameters[name.text])
        elif name.text in HALTING:
            yield Mention(name.span, Referent(NameKind.HALTING, name.text))
        elif template is not None:
            yield Mention(name.span, Referent(NameKind.STATE, name.text, (template.state.name.span,), template.file))

    def direction(self, name: tree.Name) -> Iterator[Mention]:
        """A name where a direction is wanted."""
        if name.text in self.parameters:
            yield Mention(name.span, self.parameters[name.text])
        elif name.text in DIRECTIONS:
            yield Mention(name.span, Referent(NameKind.DIRECTION, name.text))

    def symbol(self, symbol: tree.Symbol, tape: int | None) -> Iterator[Mention]:
        """A word where a symbol of a tape is wanted, or (None) of any tape."""
        if not symbol.quoted and symbol.text in self.parameters:
            yield Mention(symbol.span, self.parameters[symbol.text])
        elif len(symbol.text) == 1:
            tapes = self.tapes if tape is None else self.tapes[tape : tape + 1]
            yield Mention(symbol.span, _symbol(symbol.text, tapes))

    def captured(self, name: tree.Name) -> Iterator[Mention]:
        """A capture where it is used again."""
        if name.text in self.captures:
            yield Mention(name.span, self.captures[name.text])

    def call(self, call: tree.Call) -> Iterator[Mention]:
        """A state with its arguments."""
        yield from self.state(call.name)
        template = None if call.name.text in self.parameters else self.names.find(0, call.name.text)
        for position, argument in enumerate(call.arguments):
            kind = ""
            if template is not None and position < len(template.parameters):
                kind = self.kinds[key(template)].get(template.parameters[position], "")
            yield from self._argument(argument, kind)

    def _argument(self, argument: tree.Argument, kind: str) -> Iterator[Mention]:
        match argument:
            case tree.OneOf(symbols):
                for symbol in symbols:
                    yield from self.symbol(symbol, None)
            case tree.Captured(name):
                yield from self.captured(name)
            case tree.Call(name, arguments) if not arguments and kind == DIRECTION:
                yield from self.direction(name)
            case tree.Call(name, arguments) if not arguments and kind == SYMBOL:
                yield from self.symbol(tree.Symbol(name.text, name.span), None)
            case tree.Call():  # of a parameter without use nothing is known; a state is the best guess
                yield from self.call(argument)
            case _:
                assert_never(argument)


def _tape(tape: tree.Tape) -> Iterator[Mention]:
    yield Mention(tape.name.span, Referent(NameKind.TAPE, tape.name.text, (tape.name.span,)))
    for symbol in tape.symbols:
        yield Mention(symbol.span, _symbol(symbol.text, (tape,)))


def _symbol(character: str, tapes: Iterable[tree.Tape]) -> Referent:
    listed = [[symbol.span for symbol in tape.symbols if symbol.text == character] for tape in tapes]
    return Referent(NameKind.SYMBOL, character, tuple(spans[0] for spans in listed if spans))


def _variables(value: tree.Expression) -> Iterator[Mention]:
    match value:
        case tree.Variable(name, span):
            yield Mention(span, Referent(NameKind.VARIABLE, name))
        case tree.Sum(parts) | tree.Product(parts):
            for part in parts:
                yield from _variables(part)
        case tree.Power(base):
            yield from _variables(base)
        case tree.Number():
            pass
        case _:
            assert_never(value)


def _state(state: tree.State, scope: NameScope) -> Iterator[Mention]:
    yield Mention(state.name.span, Referent(NameKind.STATE, state.name.text, (state.name.span,)))
    parameters: dict[str, Referent] = {}
    for name in state.parameters:
        own = Referent(NameKind.PARAMETER, name.text, (name.span,))
        parameters.setdefault(name.text, own)
        yield Mention(name.span, own)
    for rule in state.rules:
        captures: dict[str, Referent] = {}
        for pattern in rule.on.patterns if rule.on else ():
            if isinstance(pattern, tree.Capture):
                name = pattern.name
                captures.setdefault(name.text, Referent(NameKind.CAPTURE, name.text, (name.span,)))
        yield from _rule(rule, replace(scope, parameters=parameters, captures=captures))


def _rule(rule: tree.Rule, scope: NameScope) -> Iterator[Mention]:
    for tape, pattern in enumerate(rule.on.patterns if rule.on else ()):
        if isinstance(pattern, tree.Capture):
            yield from scope.captured(pattern.name)
        one_of = pattern.among if isinstance(pattern, tree.Capture) else pattern
        for symbol in one_of.symbols if isinstance(one_of, tree.OneOf) else ():
            yield from scope.symbol(symbol, tape)
    for edge in rule.at.edges if rule.at else ():
        yield Mention(edge.span, Referent(NameKind.EDGE, edge.name))
    for tape, item in enumerate(rule.write.items if rule.write else ()):
        if isinstance(item, tree.Captured):
            yield from scope.captured(item.name)
        elif isinstance(item, tree.Symbol):
            yield from scope.symbol(item, tape)
    for step in rule.move.items if rule.move else ():
        if isinstance(step, tree.Name):
            yield from scope.direction(step)
    if rule.call:
        yield from scope.call(rule.call)


def _test_line(line: tree.TestLine, tapes: tuple[tree.Tape, ...]) -> Iterator[Mention]:
    match line:
        case tree.Example(features, label) | tree.Query(features, label):
            for value in (*features, label):
                yield Mention(value.span, _symbol(value.text, tapes[:1]))
        case tree.Data(run):
            yield from _run(run, tapes[:1])
        case tree.Holds(name, run):
            tape = next((tape for tape in tapes if tape.name.text == name.text), None)
            if tape:
                yield Mention(name.span, Referent(NameKind.TAPE, tape.name.text, (tape.name.span,)))
                yield from _run(run, (tape,))
        case tree.Verdict(name, span):
            yield Mention(Span(span.end - len(name), span.end), Referent(NameKind.HALTING, name))
        case _:
            assert_never(line)


def _run(run: tuple[tree.Symbol, ...], tapes: tuple[tree.Tape, ...]) -> Iterator[Mention]:
    """A run of symbols: each character by itself, unless it is quoted."""
    for symbol in run:
        if symbol.quoted:
            yield Mention(symbol.span, _symbol(symbol.text, tapes))
            continue
        for start, character in enumerate(symbol.text, symbol.span.start):
            yield Mention(Span(start, start + 1), _symbol(character, tapes))
