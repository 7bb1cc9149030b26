"""What parameters stand for - symbols, directions or states - as their use tells; and whether every call fits its state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tmc.ir.tape import Move
from tmc.lower.findings import Findings, count
from tmc.lower.names import HALTING, Names, Template
from tmc.source import Span
from tmc.syntax import tree
from tmc.syntax.program import Program

SYMBOL, DIRECTION, STATE = "symbol", "direction", "state"
DIRECTIONS = tuple(move.name.lower() for move in Move)
_A = {SYMBOL: "a symbol", DIRECTION: "a direction", STATE: "a state"}

Key = tuple[int, str]  # a template: its file and name
Kinds = dict[Key, dict[str, str]]  # of the parameters of every template; one that is never used has none


@dataclass(frozen=True, slots=True)
class _Use:
    """A place where a name may be a parameter's. Its kind is known, or that of a parameter that it is passed on to."""

    name: str
    span: Span
    kind: str = ""
    callee: str = ""
    position: int = 0


def key(template: Template) -> Key:
    """What a template is known by."""
    return template.file, template.state.name.text


def infer_kinds(program: Program, names: Names, findings: Findings) -> Kinds:
    """The kinds of all parameters; notes those that are used as two kinds, those without use, and calls that do not fit."""
    templates = [template for own in names.own for template in own]
    kinds: Kinds = {key(template): {} for template in templates}
    uses = {key(template): [use for use in _uses(template.state) if use.name in template.parameters] for template in templates}
    learned = True
    while learned:
        learned = False
        for template in templates:
            learned |= _learn(template, uses[key(template)], names, kinds)
    for template in templates:
        within = findings.within(program.files[template.file].source)
        for use in uses[key(template)]:
            _check_use(template, use, names, kinds, within)
        for parameter in template.state.parameters if template.file == 0 else ():
            if parameter.text not in kinds[key(template)]:
                within.warning("TMC107", parameter.span, f"the parameter `{parameter.text}` is never used", "", "remove it")
        for call in _calls(template.state):
            _check_call(template, call, names, kinds, within)
    starts = program.machine.starts
    for start in starts:
        for call in _nested(start.call):
            _check_call(Template(0, _NOWHERE), call, names, kinds, findings)
    return kinds


_NOWHERE = tree.State(tree.Name("", Span(0, 0)), (), (), Span(0, 0))


def _uses(state: tree.State) -> Iterator[_Use]:
    for rule in state.rules:
        for pattern in rule.on.patterns if rule.on else ():
            among = pattern.among if isinstance(pattern, tree.Capture) else pattern
            yield from _symbol_uses(among) if isinstance(among, tree.OneOf) else ()
        for item in rule.write.items if rule.write else ():
            if isinstance(item, tree.Symbol) and not item.quoted:
                yield _Use(item.text, item.span, SYMBOL)
        for direction in rule.move.items if rule.move else ():
            if isinstance(direction, tree.Name):
                yield _Use(direction.text, direction.span, DIRECTION)
        if rule.target:
            yield _Use(rule.target.call.name.text, rule.target.call.name.span, STATE)
    for call in _calls(state):
        yield from _argument_uses(call)


def _argument_uses(call: tree.Call) -> Iterator[_Use]:
    for position, argument in enumerate(call.arguments):
        if isinstance(argument, tree.OneOf):
            yield from _symbol_uses(argument)
        elif isinstance(argument, tree.Call) and argument.arguments:
            yield _Use(argument.name.text, argument.name.span, STATE)
        elif isinstance(argument, tree.Call):
            yield _Use(argument.name.text, argument.span, "", call.name.text, position)


def _symbol_uses(one_of: tree.OneOf) -> Iterator[_Use]:
    return (_Use(symbol.text, symbol.span, SYMBOL) for symbol in one_of.symbols if not symbol.quoted)


def _calls(state: tree.State) -> Iterator[tree.Call]:
    """Every call in a state's rules, those within arguments too."""
    for rule in state.rules:
        if rule.target:
            yield from _nested(rule.target.call)


def _nested(call: tree.Call) -> Iterator[tree.Call]:
    """A call and those that stand as arguments in it; bare names, which may mean anything, are left out."""
    yield call
    for argument in call.arguments:
        if isinstance(argument, tree.Call) and argument.arguments:
            yield from _nested(argument)


def _learn(template: Template, uses: list[_Use], names: Names, kinds: Kinds) -> bool:
    """Whether something new was learned of a template's parameters."""
    own = kinds[key(template)]
    before = len(own)
    for use in uses:
        kind = _kind(template, use, names, kinds)
        if kind:
            own.setdefault(use.name, kind)
    return len(own) > before


def _kind(template: Template, use: _Use, names: Names, kinds: Kinds) -> str:
    """The kind that a use asks for; "" when it is not known (yet)."""
    callee = names.find(template.file, use.callee) if use.callee else None
    if callee is None or use.position >= len(callee.parameters):
        return use.kind
    return kinds[key(callee)].get(callee.parameters[use.position], "")


def _check_use(template: Template, use: _Use, names: Names, kinds: Kinds, findings: Findings) -> None:
    kind, own = _kind(template, use, names, kinds), kinds[key(template)].get(use.name, "")
    if kind and kind != own:
        message = f"`{use.name}` stands for {_A[kind]} here, and for {_A[own]} elsewhere"
        findings.error("TMC020", use.span, message, "", "make it two parameters")


def _check_call(template: Template, call: tree.Call, names: Names, kinds: Kinds, findings: Findings) -> None:
    """Note what does not fit: the name of the state, or its arguments."""
    name = call.name.text
    if name in template.parameters or name in HALTING:
        if call.arguments:
            what = "a halting state" if name in HALTING else "a parameter"
            around = _around(call.arguments)
            findings.error("TMC019", around, f"`{name}` takes no arguments", f"`{name}` is {what}", "leave the arguments out")
        return
    callee = names.find(template.file, name)
    if callee is None:
        _note_unknown(template, call.name, names, findings)
        return
    parameters = callee.parameters
    if len(parameters) != len(call.arguments):
        wanted = f"{count(len(parameters), 'argument')}: {', '.join(parameters)}" if parameters else "no arguments"
        span = _around(call.arguments) if call.arguments else call.name.span
        given = (
            "here is none" if not call.arguments else f"here {'is' if len(call.arguments) == 1 else 'are'} {len(call.arguments)}"
        )
        advice = f"write `{name}({', '.join(parameters)})` with your own" if parameters else "leave the arguments out"
        findings.error("TMC019", span, f"`{name}` takes {wanted}", given, advice)
        return
    for parameter, argument in zip(parameters, call.arguments, strict=True):
        kind = kinds[key(callee)].get(parameter, "")
        if kind:
            _check_argument(template, argument, kind, f"`{parameter}` of `{name}`", names, kinds, findings)


def _check_argument(
    template: Template, argument: tree.Argument, kind: str, role: str, names: Names, kinds: Kinds, findings: Findings
) -> None:
    bare = argument.name if isinstance(argument, tree.Call) and not argument.arguments else None
    if bare is not None and bare.text in template.parameters:
        return  # its kind follows from this very use, or is checked there
    if kind == STATE:
        fits = isinstance(argument, tree.Call)
        if bare is not None and bare.text not in HALTING:
            _check_bare_state(template, bare, names, findings)
    elif kind == DIRECTION:
        fits = bare is not None and bare.text in DIRECTIONS
    else:
        fits = not isinstance(argument, tree.Call) or (bare is not None and len(bare.text) == 1)
    if not fits:
        advice = {
            STATE: "write the name of a state",
            DIRECTION: f"the directions are {', '.join(DIRECTIONS)}",
            SYMBOL: "write a symbol, such as 1 or '#', or alternatives such as 0|1",
        }[kind]
        findings.error("TMC020", argument.span, f"{role} stands for {_A[kind]}, which this is not", "", advice)


def _check_bare_state(template: Template, name: tree.Name, names: Names, findings: Findings) -> None:
    callee = names.find(template.file, name.text)
    if callee is None:
        _note_unknown(template, name, names, findings)
    elif callee.parameters:
        message = f"`{name.text}` takes {count(len(callee.parameters), 'argument')}: {', '.join(callee.parameters)}"
        advice = f"write `{name.text}({', '.join(callee.parameters)})` with your own"
        findings.error("TMC019", name.span, message, "here is none", advice)


def _note_unknown(template: Template, name: tree.Name, names: Names, findings: Findings) -> None:
    if not names.complete:
        return
    visible = names.visible[template.file]
    near = findings.near(name.text, (*visible, *template.parameters, *HALTING))
    advice = f"there is a state named `{near}`" if near else f"define it with `state {name.text}`"
    if near in template.parameters:
        advice = f"there is a parameter named `{near}`"
    findings.error("TMC004", name.span, f"no state is named `{name.text}`", "not defined in this machine", advice)


def _around(arguments: tuple[tree.Argument, ...]) -> Span:
    return arguments[0].span.to(arguments[-1].span)
