"""What parameters stand for - symbols, directions or states - as their use tells."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.elaborate.names import RESERVED, Names, Template
from tmc.frozen import frozen
from tmc.ir.tape import Move
from tmc.source import Span
from tmc.syntax import tree

SYMBOL, DIRECTION, STATE = "symbol", "direction", "state"
DIRECTIONS = tuple(move.name.lower() for move in Move)
A = {SYMBOL: "a symbol", DIRECTION: "a direction", STATE: "a state"}

Key = tuple[int, str]  # a template: its file and name
Kinds = dict[Key, dict[str, str]]  # of the parameters of every template; one that is never used has none


@frozen
class ParameterUse:
    """A place where a name may be a parameter's. Its kind is known, or that of a parameter that it is passed on to."""

    name: str
    span: Span
    kind: str = ""
    callee: str = ""
    position: int = 0


def key(template: Template) -> Key:
    """What a template is known by."""
    return template.file, template.state.name.text


def infer_kinds(names: Names) -> Kinds:
    """The kinds of all parameters: of several uses that disagree, the first tells."""
    templates = [template for own in names.own for template in own]
    kinds: Kinds = {key(template): {} for template in templates}
    uses = {key(template): uses_of(template) for template in templates}
    learned = True
    while learned:
        learned = False
        for template in templates:
            learned |= _learn(template, uses[key(template)], names, kinds)
    return kinds


def uses_of(template: Template) -> list[ParameterUse]:
    """The places in a state's rules where its parameters are used."""
    parameters = [parameter for parameter in template.parameters if parameter not in RESERVED]  # those are in error
    return [use for use in _uses(template.state) if use.name in parameters] if parameters else []


def _uses(state: tree.State) -> Iterator[ParameterUse]:
    for rule in state.rules:
        for pattern in rule.on.patterns if rule.on else ():
            among = pattern.among if isinstance(pattern, tree.Capture) else pattern
            yield from _symbol_uses(among) if isinstance(among, tree.OneOf) else ()
        for item in rule.write.items if rule.write else ():
            if isinstance(item, tree.Symbol) and not item.quoted:
                yield ParameterUse(item.text, item.span, SYMBOL)
        for direction in rule.move.items if rule.move else ():
            if isinstance(direction, tree.Name):
                yield ParameterUse(direction.text, direction.span, DIRECTION)
        if rule.call:
            yield ParameterUse(rule.call.name.text, rule.call.name.span, STATE)
    for call in calls_of(state):
        yield from _argument_uses(call)


def _argument_uses(call: tree.Call) -> Iterator[ParameterUse]:
    for position, argument in enumerate(call.arguments):
        if isinstance(argument, tree.OneOf):
            yield from _symbol_uses(argument)
        elif isinstance(argument, tree.Call) and argument.arguments:
            yield ParameterUse(argument.name.text, argument.name.span, STATE)
        elif isinstance(argument, tree.Call):
            yield ParameterUse(argument.name.text, argument.span, "", call.name.text, position)


def _symbol_uses(one_of: tree.OneOf) -> Iterator[ParameterUse]:
    return (ParameterUse(symbol.text, symbol.span, SYMBOL) for symbol in one_of.symbols if not symbol.quoted)


def calls_of(state: tree.State) -> Iterator[tree.Call]:
    """Every call in a state's rules, those within arguments too."""
    for rule in state.rules:
        if rule.call:
            yield from nested(rule.call)


def nested(call: tree.Call) -> Iterator[tree.Call]:
    """A call and those that stand as arguments in it; bare names, which may mean anything, are left out."""
    yield call
    for argument in call.arguments:
        if isinstance(argument, tree.Call) and argument.arguments:
            yield from nested(argument)


def _learn(template: Template, uses: list[ParameterUse], names: Names, kinds: Kinds) -> bool:
    """Whether something new was learned of a template's parameters."""
    own = kinds[key(template)]
    before = len(own)
    for use in uses:
        kind = kind_of(template, use, names, kinds)
        if kind:
            own.setdefault(use.name, kind)
    return len(own) > before


def kind_of(template: Template, use: ParameterUse, names: Names, kinds: Kinds) -> str:
    """The kind that a use asks for; "" when it is not known (yet)."""
    callee = names.find(template.file, use.callee) if use.callee else None
    if callee is None or use.position >= len(callee.parameters):
        return use.kind
    return kinds[key(callee)].get(callee.parameters[use.position], "")
