"""The syntax tree: a file as it was written, every node with its place in the text.

Nothing is resolved here: names are names, a symbol may still have too many characters, and there may be two `bounds`.
"""

from __future__ import annotations

from tmc.frozen import frozen
from tmc.source import Span


@frozen
class Name:
    """A name, or a word used as one."""

    text: str
    span: Span


@frozen
class Symbol:
    """A symbol as meant, that is without its quotes; in a run of symbols, several characters may belong to one node."""

    text: str
    span: Span
    quoted: bool = False


@frozen
class Tape:
    """``tape data: grid of _ 0 1``."""

    name: Name
    kind: Name
    symbols: tuple[Symbol, ...]
    span: Span


@frozen
class Number:
    """A number in a bound, still as digits: it may be absurdly long."""

    digits: str
    span: Span


@frozen
class Variable:
    """A variable in a bound."""

    name: str
    span: Span


@frozen
class Sum:
    """``a + b + c``."""

    terms: tuple[Expression, ...]
    span: Span


@frozen
class Product:
    """``a * b * c``."""

    factors: tuple[Expression, ...]
    span: Span


@frozen
class Power:
    """``a ^ 2``."""

    base: Expression
    exponent: Number
    span: Span


Expression = Number | Variable | Sum | Product | Power


@frozen
class Bound:
    """``steps 2*n + 3``; `kind` is ``steps`` or ``work``."""

    kind: Name
    value: Expression
    span: Span


@frozen
class Bounds:
    """A `bounds` block; `span` is that of its first line."""

    bounds: tuple[Bound, ...]
    span: Span


@frozen
class Use:
    """``use "std.tm"``; `path_span` is that of the text with its quotes."""

    path: str
    path_span: Span
    span: Span


@frozen
class Start:
    """``start find``."""

    call: Call
    span: Span


@frozen
class Any:
    """``*`` as a pattern."""

    span: Span


@frozen
class OneOf:
    """``0|1`` as a pattern or an argument, or a single symbol. A word may be the name of a parameter."""

    symbols: tuple[Symbol, ...]
    span: Span


@frozen
class Capture:
    """``$x`` or ``$x in 0|1`` as a pattern; `among` is None when any symbol will do. The name is without its ``$``."""

    name: Name
    among: OneOf | None
    span: Span


@frozen
class Hole:
    """``?`` in the place of a pattern, of what is written, of a direction or of a state: left open, and found by a search."""

    span: Span


Pattern = Any | OneOf | Capture | Hole


@frozen
class Captured:
    """``$x`` as what is written, or as an argument."""

    name: Name
    span: Span


@frozen
class Call:
    """A state, by its name and its arguments; as an argument itself, a bare name may also be a symbol or a direction."""

    name: Name
    arguments: tuple[Argument, ...]
    span: Span


Argument = Call | OneOf | Captured


@frozen
class On:
    """``on 1, 0|1``: one pattern per tape."""

    patterns: tuple[Pattern, ...]
    span: Span


@frozen
class Edge:
    """``left`` or ``not left``."""

    name: str
    touching: bool
    span: Span


@frozen
class At:
    """``at bottom not left``."""

    edges: tuple[Edge, ...]
    span: Span


@frozen
class Leave:
    """``.``: the tape is left alone."""

    span: Span


@frozen
class Write:
    """``write 0, .``: one item per tape."""

    items: tuple[Symbol | Leave | Captured | Hole, ...]
    span: Span


@frozen
class Move:
    """``move left, .``: one direction per tape."""

    items: tuple[Name | Leave | Hole, ...]
    span: Span


@frozen
class Target:
    """``-> take``."""

    call: Call | Hole
    span: Span


@frozen
class Rule:
    """A rule. Without `on` and `at` it is ``otherwise``, the rule without a condition; no `target` means the same state."""

    on: On | None
    at: At | None
    write: Write | None
    move: Move | None
    target: Target | None
    span: Span

    @property
    def call(self) -> Call | None:
        """What it goes to by name; None: it stays in its state, or a hole is in the place of the name."""
        return self.target.call if self.target and isinstance(self.target.call, Call) else None

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Its holes, in the order of the text."""
        parts = (self.on.patterns if self.on else (), self.write.items if self.write else (), self.move.items if self.move else ())
        found = [item for items in parts for item in items if isinstance(item, Hole)]
        return (*found, self.target.call) if self.target and isinstance(self.target.call, Hole) else tuple(found)


@frozen
class State:
    """A state and its rules; `span` is that of its first line."""

    name: Name
    parameters: tuple[Name, ...]
    rules: tuple[Rule, ...]
    span: Span


@frozen
class Example:
    """``example 1 1 0 -> 1``."""

    features: tuple[Name, ...]
    label: Name
    span: Span


@frozen
class Query:
    """``query 0 0 1 -> 1``."""

    features: tuple[Name, ...]
    label: Name
    span: Span


@frozen
class Data:
    """``data 1011``: what the data tape holds at the start."""

    run: tuple[Symbol, ...]
    span: Span


@frozen
class Verdict:
    """``-> accept``: how the run ends (accept, reject, stuck), or that it never does (loop)."""

    name: str
    span: Span


@frozen
class Holds:
    """``data is 1100``: what a tape holds at the end."""

    tape: Name
    run: tuple[Symbol, ...]
    span: Span


TestLine = Example | Query | Data | Verdict | Holds


@frozen
class Test:
    """A test; `span` is that of its first line."""

    __test__ = False  # or pytest takes it for one of ours

    name: str
    lines: tuple[TestLine, ...]
    span: Span


@frozen
class Machine:
    """A whole file, its parts in the order of the text; `about` is the description, one line per string.

    `kind` is ``machine``, ``learner`` (a machine whose data are examples and a query) , ``library`` (a file of states that
    names no machine: `name` is empty then) or ``tests`` (a file of nothing but tests).
    """

    kind: str
    name: Name
    about: str
    uses: tuple[Use, ...]
    tapes: tuple[Tape, ...]
    bounds: tuple[Bounds, ...]
    starts: tuple[Start, ...]
    states: tuple[State, ...]
    tests: tuple[Test, ...]

    def __repr__(self) -> str:
        return f"<Machine {self.name.text}: {len(self.states)} states, {len(self.tests)} tests>"

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes of all its rules, in the order of the text; a file that has some is a *sketch*."""
        return tuple(hole for state in self.states for rule in state.rules for hole in rule.holes)
