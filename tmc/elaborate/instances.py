"""Instances: states with arguments for their parameters, made on demand, each distinct one once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, show
from tmc.elaborate.names import HALTING, Names, Template
from tmc.frozen import frozen
from tmc.ir.table import ACCEPT, REJECT
from tmc.source import Source, Span

MOST_INSTANCES = 10_000  # with parameters; states without are as many as were written
MOST_TRANSITIONS = 20_000  # that rules stand for, all together
LARGEST_NAME = 100  # names in the name of an instance
UNASKED = -3  # stands for the number of an instance that no rule asks for, and that is only looked at
SHOWN = 60  # characters of an instance's name in a message


@frozen
class FileSpan:
    """A place in one of the texts."""

    source: Source
    span: Span


@frozen
class Symbols:
    """What a parameter for symbols stands for: some characters, and where they are written (which makes no difference)."""

    characters: tuple[str, ...]
    place: FileSpan = field(compare=False)


@frozen
class Direction:
    """What a parameter for a direction stands for."""

    name: str
    place: FileSpan = field(compare=False)


@frozen
class Unknown:
    """What a parameter of a state stands for that is only checked, or an argument in error: nothing more is said about it."""


Value = Symbols | Direction | Unknown | int  # int: the number of an instance, `ACCEPT` or `REJECT`
Bindings = dict[str, Value]


@frozen
class Instance:
    """A state of the machine: a template with its arguments; `asked_by` is the instance whose rule first went to it."""

    template: Template
    arguments: tuple[Value, ...]
    name: str
    size: int
    asked_by: int | None

    @property
    def bindings(self) -> Bindings:
        """The arguments by the names of the parameters."""
        return dict(zip(self.template.parameters, self.arguments, strict=True))


class Instances:
    """All instances so far, by number; `order` has those that a rule goes to, in the order of being asked for."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.all: list[Instance] = []
        self.order: list[int] = []
        self._numbers: dict[tuple[int, str, tuple[Value, ...]], int] = {}
        self._wanted: set[int] = set()
        self._parametric = 0
        self._transitions = 0
        self.endless = False

    def make(self, template: Template, arguments: tuple[Value, ...], asked_by: int | None) -> int:
        """The number of the instance of a template with these arguments."""
        key = (template.file, template.state.name.text, arguments)
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            size = 1 + sum(self.all[value].size if isinstance(value, int) and value >= 0 else 1 for value in arguments)
            name = self._name(template, arguments) if size <= LARGEST_NAME else template.state.name.text
            asker = asked_by if asked_by is not None and asked_by >= 0 else None
            self.all.append(Instance(template, arguments, name, size, asker))
        return self._numbers[key]

    def _name(self, template: Template, arguments: tuple[Value, ...]) -> str:
        shown = f"({','.join(map(self.show, arguments))})" if arguments else ""
        return f"{template.state.name.text}{shown}"

    def show(self, value: Value) -> str:
        """A value as it stands in the name of an instance."""
        match value:
            case Symbols(characters):
                return "|".join(map(show, characters))
            case Direction(name):
                return name
            case Unknown():
                return "?"
        halting = {number: name for name, number in HALTING.items()}
        return halting[value] if value in (ACCEPT, REJECT) else self.all[value].name

    def want(self, number: int, place: FileSpan, findings: Findings) -> bool:
        """Ask for an instance's rules; False, and an error, when the expansion seems to have no end."""
        if number < 0 or number in self._wanted:
            return True
        instance = self.all[number]
        if instance.arguments:
            self._parametric += 1
        if instance.size > LARGEST_NAME or self._parametric > MOST_INSTANCES:
            self._note_endless(number, place, findings)
            return False
        self._wanted.add(number)
        self.order.append(number)
        return True

    def spend(self, transitions: int, number: int, place: FileSpan, findings: Findings) -> bool:
        """Count the transitions that a rule stands for; False, and an error, when they are too many."""
        self._transitions += transitions
        if self._transitions > MOST_TRANSITIONS:
            self._note_endless(max(number, 0), place, findings)
        return not self.endless

    def _note_endless(self, number: int, place: FileSpan, findings: Findings) -> None:
        if self.endless:
            return
        self.endless = True
        chain = [self.all[earlier] for earlier in self._askers(number)][::-1]
        last = chain[-1].template
        alike = [instance for instance in chain if instance.template == last and instance.size <= LARGEST_NAME]
        if len(alike) < 2 or alike[-1].size <= alike[0].size:
            message = f"parameters and captures make more than {MOST_INSTANCES} states or {MOST_TRANSITIONS} transitions"
            advice = "use fewer of them, or fewer values for them, as in `$x in 0|1`"
            if chain[-1].size > LARGEST_NAME:
                message, advice = f"the arguments of this state have more than {LARGEST_NAME} parts", "use fewer arguments"
            findings.within(place.source).error(Code.ENDLESS_STATES, place.span, message, "", advice)
            return
        shown = " -> ".join(_shortened(instance.name) for instance in alike[:3])
        message = f"the expansion of `{last.state.name.text}` never ends"
        advice = f"{shown} -> …: each asks for another; pass on only arguments that come to an end"
        findings.within(place.source).error(Code.ENDLESS_STATES, place.span, message, "asks for ever new states", advice)

    def _askers(self, number: int) -> Iterator[int]:
        """An instance, the one that first asked for it, and so on to the first."""
        asked: int | None = number
        while asked is not None:
            yield asked
            asked = self.all[asked].asked_by


def _shortened(name: str) -> str:
    return name if len(name) <= SHOWN else name[: SHOWN - 1] + "…"
