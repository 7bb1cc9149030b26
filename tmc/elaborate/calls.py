"""Whether every call fits the state that it names, and every parameter its uses."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, count
from tmc.elaborate.kinds import (
    DIRECTION,
    DIRECTIONS,
    STATE,
    SYMBOL,
    A,
    Kinds,
    ParameterUse,
    calls_of,
    key,
    kind_of,
    nested,
    uses_of,
)
from tmc.elaborate.names import HALTING, Names, Template
from tmc.frozen import frozen
from tmc.source import Span
from tmc.syntax import tree
from tmc.syntax.program import Program, find_in_library

_FITTING = {
    STATE: "write the name of a state",
    DIRECTION: f"the directions are {', '.join(DIRECTIONS)}",
    SYMBOL: "write a symbol, such as 1 or '#', or alternatives such as 0|1",
}
_BEFORE_ALL = tree.State(tree.Name("", Span(0, 0)), (), (), Span(0, 0))  # where the machine is when `start` calls its first state


def check_calls(program: Program, names: Names, kinds: Kinds, findings: Findings) -> None:
    """Note parameters that are used as two kinds or not at all, and calls that do not fit."""
    for own in names.own:
        for template in own:
            checker = _Checker(template, names, kinds, findings.within(program.files[template.file].source))
            checker.check_parameters()
            for call in calls_of(template.state):
                checker.check_call(call)
    for start in program.machine.starts:
        checker = _Checker(Template(0, _BEFORE_ALL), names, kinds, findings)
        for call in nested(start.call) if start.call.name.text not in HALTING else ():
            checker.check_call(call)
            checker.check_nothing_captured(call)


@frozen
class _Checker:
    """Looks at the rules of one state."""

    template: Template
    names: Names
    kinds: Kinds
    findings: Findings

    def check_parameters(self) -> None:
        """Every use of a parameter must be of its kind; a parameter without use is a lint (but not in a used file)."""
        own = self.kinds[key(self.template)]
        for use in uses_of(self.template):
            self._check_use(use, own)
        for parameter in self.template.state.parameters if self.template.file == 0 else ():
            if parameter.text not in own:
                message = f"the parameter `{parameter.text}` is never used"
                self.findings.warning(Code.UNUSED_NAME, parameter.span, message, "", "remove it")

    def _check_use(self, use: ParameterUse, own: dict[str, str]) -> None:
        kind = kind_of(self.template, use, self.names, self.kinds)
        if kind and kind != own[use.name]:
            message = f"`{use.name}` stands for {A[kind]} here, and for {A[own[use.name]]} elsewhere"
            self.findings.error(Code.ARGUMENT_KIND, use.span, message, "", "make it two parameters")

    def check_nothing_captured(self, call: tree.Call) -> None:
        """The first state cannot depend on what is read."""
        for argument in call.arguments:
            if isinstance(argument, tree.Captured):
                message = f"nothing is captured as `${argument.name.text}`"
                advice = "a machine has read nothing yet when it starts: write a symbol"
                self.findings.error(Code.UNKNOWN_CAPTURE, argument.span, message, "", advice)

    def check_call(self, call: tree.Call) -> None:
        """The name must be a state's, and the arguments as many as its parameters and of their kinds."""
        name = call.name.text
        if name in self.template.parameters or name in HALTING:
            if call.arguments:
                what = f"`{name}` is {'a halting state' if name in HALTING else 'a parameter'}"
                around = _around(call.arguments)
                self.findings.error(Code.ARGUMENT_COUNT, around, f"`{name}` takes no arguments", what, "leave the arguments out")
            return
        callee = self.names.find(self.template.file, name)
        if callee is None:
            self._note_unknown(call.name)
        elif len(callee.parameters) != len(call.arguments):
            self._note_count(callee, call.arguments, call.name.span)
        else:
            for parameter, argument in zip(callee.parameters, call.arguments, strict=True):
                kind = self.kinds[key(callee)].get(parameter, "")
                if kind:
                    self._check_argument(argument, kind, f"`{parameter}` of `{name}`")

    def _check_argument(self, argument: tree.Argument, kind: str, role: str) -> None:
        bare = argument.name if isinstance(argument, tree.Call) and not argument.arguments else None
        if bare is not None and bare.text in self.template.parameters:
            return  # its kind follows from this very use, or is checked there
        if kind == STATE:
            fits = isinstance(argument, tree.Call)
            if bare is not None and bare.text not in HALTING:
                self._check_bare_state(bare)
        elif kind == DIRECTION:
            fits = bare is not None and bare.text in DIRECTIONS
        else:
            fits = not isinstance(argument, tree.Call) or (bare is not None and len(bare.text) == 1)
        if not fits:
            self.findings.error(
                Code.ARGUMENT_KIND, argument.span, f"{role} stands for {A[kind]}, which this is not", "", _FITTING[kind]
            )

    def _check_bare_state(self, name: tree.Name) -> None:
        callee = self.names.find(self.template.file, name.text)
        if callee is None:
            self._note_unknown(name)
        elif callee.parameters:
            self._note_count(callee, (), name.span)

    def _note_count(self, callee: Template, given: tuple[tree.Argument, ...], place: Span) -> None:
        name, parameters = callee.state.name.text, callee.parameters
        wanted = f"{count(len(parameters), 'argument')}: {', '.join(parameters)}" if parameters else "no arguments"
        here = {0: "no argument here", 1: "1 argument here"}.get(len(given), f"{len(given)} arguments here")
        span = _around(given) if given else place
        kinds = self.kinds[key(callee)]
        what = ", ".join(f"`{parameter}` is {A[kinds[parameter]]}" for parameter in parameters if parameter in kinds)
        advice = (what or f"write `{name}({', '.join(parameters)})`") if parameters else "leave the arguments out"
        self.findings.error(Code.ARGUMENT_COUNT, span, f"`{name}` takes {wanted}", here, advice)

    def _note_unknown(self, name: tree.Name) -> None:
        """An unknown state - unless something could not be read that may well define it."""
        if self.names.may_lack(self.template.file, name.text):
            return
        visible = self.names.visible[self.template.file]
        near = self.findings.near(name.text, (*visible, *self.template.parameters, *HALTING))
        advice = f"there is a state named `{near}`" if near else f"define it with `state {name.text}`"
        if near in self.template.parameters:
            advice = f"there is a parameter named `{near}`"
        library = find_in_library(name.text)
        if library:
            advice = f'`{library}` has one: add the line `use "{library}"`'
        if name.text in ("halt", "stop", "stuck"):
            advice = "to halt, go to `accept` or `reject`; a machine is stuck where no rule applies"
        where = "not defined in this machine" if self.template.file == 0 and self.names.is_machine else "not defined in this file"
        self.findings.error(Code.UNKNOWN_STATE, name.span, f"no state is named `{name.text}`", where, advice)


def _around(arguments: tuple[tree.Argument, ...]) -> Span:
    return arguments[0].span.to(arguments[-1].span)
