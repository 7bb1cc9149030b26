"""Local rules: the machine as a cellular automaton whose cells have named fields.

A cell is a tuple of value numbers, one per field. In one layer every cell looks at its patch; each rule whose guard holds writes
some fields. A field that no rule writes keeps its value if it persists; otherwise it returns to its value number 0.
No two rules may write the same field of a cell at once: `tmc.ir.conflicts` shows it from the guards and the stated invariants, and
`local` checks it again whenever a cell is evaluated.
"""

from __future__ import annotations

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.lattice import HERE, PLACES, Cell, Lattice, Local, Patch, advance, matching


@frozen
class Field:
    """A part of a cell. `values[0]` is the value at rest and beyond the edges; a value named "" does not occur."""

    name: str
    values: tuple[str, ...]
    persists: bool

    def numbers(self) -> tuple[int, ...]:
        """The numbers of the values that occur."""
        return tuple(number for number, value in enumerate(self.values) if value)


@frozen
class Literal:
    """The field `field` of the cell at `place` has one of `values`. Places are those of `tmc.ir.lattice`."""

    place: int
    field: str
    values: tuple[int, ...]


Guard = tuple[Literal, ...]


@frozen
class Write:
    """`field` becomes `value`."""

    field: str
    value: int


@frozen
class Copy:
    """`field` becomes what `source` is in the cell at `place`: the number is copied."""

    field: str
    place: int
    source: str


@frozen
class Rule:
    """When all of `guard` holds, do all of `writes`. `line` is the source line it comes from (0: the construction's own)."""

    name: str
    guard: Guard
    writes: tuple[Write | Copy, ...]
    line: int = 0


@frozen
class Invariant:
    """At most one of `members` holds in any patch that a run can reach."""

    name: str
    members: tuple[Guard, ...]


@frozen
class Rules:
    """The automaton. `transparent` guards say where a cell passes the derivative of its symbol on (construction: memorising);
    they change no value. `files`: the rules, by name, that come from another file than the machine's own, with its name."""

    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    invariants: tuple[Invariant, ...]
    transparent: tuple[Guard, ...]
    files: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"<Rules: {len(self.rules)} on {len(self.fields)} fields>"

    def field(self, name: str) -> Field:
        """The field of this name; KeyError when the machine has no use for it."""
        return self.fields[self.index(name)]

    def index(self, name: str) -> int:
        """Its position in a cell."""
        for position, field in enumerate(self.fields):
            if field.name == name:
                return position
        raise KeyError(name)

    def has(self, name: str) -> bool:
        """Whether the machine uses this field."""
        return any(field.name == name for field in self.fields)

    @property
    def border(self) -> Cell:
        """What stands beyond the edges."""
        return (0,) * len(self.fields)


def local(rules: Rules) -> Local:
    """The function from a patch to the cell's next value. Raises InternalError when two rules write one field."""
    position = {field.name: index for index, field in enumerate(rules.fields)}
    kept = tuple(field.persists for field in rules.fields)
    holding = matching(
        [[(literal.place, position[literal.field], frozenset(literal.values)) for literal in rule.guard] for rule in rules.rules]
    )
    compiled = [(rule, [_compile_write(write, position) for write in rule.writes]) for rule in rules.rules]

    def next_value(patch: Patch) -> Cell:
        own = patch[HERE]
        new = [value if keep else 0 for value, keep in zip(own, kept, strict=True)]
        writers: dict[int, Rule] = {}
        for number in holding(patch):
            rule, writes = compiled[number]
            for index, constant, place, source in writes:
                if index in writers:
                    raise InternalError(f"rules `{writers[index].name}` and `{rule.name}` both write {rules.fields[index].name}")
                writers[index] = rule
                new[index] = constant if place < 0 else patch[place][source]
        return tuple(new)

    return next_value


def _compile_write(write: Write | Copy, position: dict[str, int]) -> tuple[int, int, int, int]:
    """``(field, constant, place, source)``; a place of -1 means the constant."""
    if isinstance(write, Write):
        return position[write.field], write.value, -1, 0
    return position[write.field], 0, write.place, position[write.source]


def step(rules: Rules, lattice: Lattice) -> Lattice:
    """One layer."""
    return advance(local(rules), rules.border, lattice)


def show_literal(literal: Literal, rules: Rules) -> str:
    """A literal in words, such as ``west.push = right``."""
    field = rules.field(literal.field)
    names = [field.values[number] for number in literal.values]
    subject = literal.field if literal.place == HERE else f"{PLACES[literal.place]}.{literal.field}"
    others = [field.values[number] for number in field.numbers() if number not in literal.values] if len(names) > 1 else []
    if len(others) == 1:
        return f"{subject} ≠ {others[0]}"
    return f"{subject} = {' or '.join(names)}"
