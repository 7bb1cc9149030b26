"""What the words of a rule stand for in one instance of its state: the state a call leads to, and the values of its arguments."""

from __future__ import annotations

from dataclasses import field, replace

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, show
from tmc.elaborate.instances import Bindings, Direction, FileSpan, Instances, Symbols, Unknown, Value
from tmc.elaborate.kinds import DIRECTION, DIRECTIONS, STATE, SYMBOL, Kinds, key
from tmc.elaborate.names import HALTING
from tmc.elaborate.tapes import FIRST_SYMBOLS, is_single
from tmc.frozen import frozen
from tmc.syntax import tree


@frozen
class RuleScope:
    """Where a rule stands: in the instance `number` of a state in the file at position `file`, with these values for its
    parameters and captures."""

    number: int
    state: str
    file: int
    file_name: str
    bindings: Bindings
    captured: dict[str, str] = field(default_factory=dict)

    def choosing(self, captured: dict[str, str]) -> RuleScope:
        """The same with what a rule has captured."""
        return replace(self, captured=captured) if captured else self

    def parameter_of(self, name: str) -> str:
        """A parameter in words."""
        return f"{name}` of `{self.state}"


def state_of(call: tree.Call, scope: RuleScope, instances: Instances, kinds: Kinds, findings: Findings) -> int | None:
    """The number of the instance, or of the halting state, that a call means; None when that is in error or not known."""
    name = call.name.text
    if name in scope.bindings:
        bound = scope.bindings[name]
        return bound if isinstance(bound, int) else None
    if name in HALTING:
        return HALTING[name]
    template = instances.names.find(scope.file, name)
    if template is None or len(template.parameters) != len(call.arguments):
        return None
    arguments: list[Value] = []
    for parameter, argument in zip(template.parameters, call.arguments, strict=True):
        value = _value(argument, kinds[key(template)].get(parameter, ""), scope, instances, kinds, findings)
        if value is None:
            return None
        arguments.append(value)
    return instances.make(template, tuple(arguments), scope.number)


def _value(
    argument: tree.Argument, kind: str, scope: RuleScope, instances: Instances, kinds: Kinds, findings: Findings
) -> Value | None:
    """What an argument stands for; None when it is in error or not known."""
    if kind == "":
        return Unknown()
    bare = argument.name.text if isinstance(argument, tree.Call) and not argument.arguments else None
    place = FileSpan(findings.source, argument.span)
    if bare is not None and bare in scope.bindings:
        return _fitting(scope.bindings[bare], kind)
    if kind == STATE:
        return state_of(argument, scope, instances, kinds, findings) if isinstance(argument, tree.Call) else None
    if kind == DIRECTION:
        return Direction(bare, place) if bare in DIRECTIONS else None
    if bare is not None:
        return Symbols((bare,), place) if len(bare) == 1 else None
    characters = characters_of(argument, scope, findings)
    return None if characters is None else Symbols(characters, place)


def _fitting(value: Value, kind: str) -> Value | None:
    wanted = {STATE: int, DIRECTION: Direction, SYMBOL: Symbols}[kind]
    return value if isinstance(value, wanted) else None


def characters_of(argument: tree.Argument, scope: RuleScope, findings: Findings) -> tuple[str, ...] | None:
    """The characters of an argument that stands for symbols, each once; None when they are in error or not known."""
    if isinstance(argument, tree.Captured):
        character = scope.captured.get(argument.name.text)
        return None if character is None else (character,)
    if not isinstance(argument, tree.OneOf):
        return None
    found: dict[str, None] = {}
    note_doubles(argument, scope, findings)
    for symbol in argument.symbols:
        bound = None if symbol.quoted else scope.bindings.get(symbol.text)
        if bound is None and is_single(symbol, findings, "alternatives are written `0|1`"):
            found[symbol.text] = None
        elif isinstance(bound, Symbols):
            found.update(dict.fromkeys(bound.characters))
        else:
            return None
    return tuple(sorted(found, key=lambda character: (character not in FIRST_SYMBOLS, character)))


def note_doubles(one_of: tree.OneOf, scope: RuleScope, findings: Findings) -> None:
    """Note symbols that are listed twice; a parameter is another word than the quoted symbol of its name."""
    seen: set[tuple[str, bool]] = set()
    for symbol in one_of.symbols:
        word = (symbol.text, symbol.quoted or symbol.text not in scope.bindings)
        if word in seen:
            findings.error(Code.LISTED_TWICE, symbol.span, f"symbol `{show(symbol.text)}` is listed twice", "", "list it once")
        seen.add(word)
