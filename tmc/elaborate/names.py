"""Names of states: which state a name means, file by file."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings
from tmc.frozen import frozen
from tmc.ir.table import ACCEPT, REJECT
from tmc.syntax import tree
from tmc.syntax.lost import Lost
from tmc.syntax.program import File, Program
from tmc.syntax.words import CLAUSES, DIRECTIONS, EDGES

HALTING = {"accept": ACCEPT, "reject": REJECT}
RESERVED = {  # what no parameter can be named, and why
    **dict.fromkeys((*CLAUSES, "not", "in"), "it is a word of the language"),
    **dict.fromkeys(EDGES, "it is an edge"),
    **dict.fromkeys(DIRECTIONS, "it would hide the direction"),
}


@frozen
class Template:
    """A state as written, in the file at position `file`: with parameters, it is the pattern of many."""

    file: int
    state: tree.State

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(name.text for name in self.state.parameters)


@frozen
class Names:
    """What names of states mean. `visible` has for every file the states that its rules can go to: its own, and those of the files
    it uses."""

    visible: tuple[dict[str, Template], ...]
    own: tuple[tuple[Template, ...], ...]  # the states of every file, in the order of the text
    lost: tuple[tuple[Lost, ...], ...]  # for every file, what could not be read of it and of the files it uses
    complete: bool  # whether there is a tree of every used file: else a name that is not found may be defined there
    is_machine: bool  # whether the first file is a machine's, not a library

    def may_lack(self, file: int, name: str) -> bool:
        """Whether a name that is not found in a file may be that of a state which could not be read."""
        return not self.complete or any(lost.may_define(name) for lost in self.lost[file])

    def find(self, file: int, name: str) -> Template | None:
        """The state that a name means in a file."""
        return self.visible[file].get(name)


def gather_names(program: Program, findings: Findings) -> Names:
    """The names of all files; notes those that are given twice."""
    own = [_own(number, file, findings.within(file.source)) for number, file in enumerate(program.files)]
    visible = tuple(_visible(number, own, program, findings) for number in range(len(own)))
    states = tuple(tuple(names.values()) for names in own)
    lost = tuple((file.lost, *(program.files[used].lost for _, used in file.uses)) for file in program.files)
    return Names(visible, states, lost, program.complete, program.machine.kind != "library")


def _visible(number: int, own: list[dict[str, Template]], program: Program, findings: Findings) -> dict[str, Template]:
    """The states that the rules of a file can go to; notes names that two used files have, and the file itself has not."""
    names, origins = dict(own[number]), dict.fromkeys(own[number], number)
    file = program.files[number]
    for use, used in file.uses:
        for name, template in own[used].items():
            names.setdefault(name, template)
            if origins.setdefault(name, used) not in (used, number):
                message = f"`{program.files[origins[name]].name}` and `{program.files[used].name}` both have a state `{name}`"
                advice = "use one of the two files, or define the state here"
                findings.within(file.source).error(Code.DEFINED_TWICE, use.path_span, message, "", advice)
    return names


def _own(number: int, file: File, findings: Findings) -> dict[str, Template]:
    first: dict[str, Template] = {}
    for state in file.syntax.states:
        name = state.name.text
        earlier = first.setdefault(name, Template(number, state)).state
        if earlier is not state:
            label = f"the first is in line {findings.line(earlier.span)}"
            advice = "give it another name, or make the two one"
            findings.error(Code.DEFINED_TWICE, state.name.span, f"a second state named `{name}`", label, advice)
        if name in HALTING:
            findings.error(
                Code.DEFINED_TWICE, state.name.span, f"`{name}` is a halting state and has no rules", "", "give it another name"
            )
        _check_parameters(state, findings)
    return first


def _check_parameters(state: tree.State, findings: Findings) -> None:
    seen: set[str] = set()
    for parameter in state.parameters:
        if parameter.text in seen:
            findings.error(
                Code.DEFINED_TWICE, parameter.span, f"a second parameter named `{parameter.text}`", "", "give it another name"
            )
        if parameter.text in RESERVED:
            message, label = f"a parameter cannot be named `{parameter.text}`", RESERVED[parameter.text]
            findings.error(Code.RESERVED_PARAMETER, parameter.span, message, label, "give it another name")
        if parameter.text in HALTING:
            findings.error(
                Code.DEFINED_TWICE, parameter.span, f"`{parameter.text}` is a halting state", "", "give the parameter another name"
            )
        seen.add(parameter.text)
