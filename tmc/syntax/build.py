"""From words to the tree: one method per rule of the grammar, called by the parser with what that rule matched."""

# ruff: noqa: D102 (a method means what its rule of the grammar means)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from tmc.source import Span
from tmc.syntax import tree

Node = TypeVar("Node")


class Word(Protocol):
    """A word of the text, as the parser hands it over (it is also a `str`)."""

    type: str
    start_pos: int
    end_pos: int


Children = Sequence[Any]  # tokens and nodes: what a rule of the grammar may hold is known to the grammar only


class TreeBuilder:
    """Builds the nodes bottom-up, so that no depth of nesting can exhaust the stack."""

    def file(self, children: Children) -> tree.Machine:
        """The root: parts of one kind are gathered, in the order of the text."""
        (kind, name, about), *parts = children
        return self._root(kind, name, about, parts)

    def library(self, children: Children) -> tree.Machine:
        return self._root("library", tree.Name("", Span(0, 0)), "", children)

    def tests(self, children: Children) -> tree.Machine:
        return self._root("tests", tree.Name("", Span(0, 0)), "", children)

    def _root(self, kind: str, name: tree.Name, about: str, parts: Children) -> tree.Machine:
        return tree.Machine(
            kind,
            name,
            about,
            _only(tree.Use, parts),
            _only(tree.Tape, parts),
            _only(tree.Bounds, parts),
            _only(tree.Start, parts),
            _only(tree.State, parts),
            _only(tree.Test, parts),
        )

    def machine(self, children: Children) -> tuple[str, tree.Name, str]:
        return str(children[0]), _name(children[1]), "\n".join(children[2:])

    def about(self, children: Children) -> str:
        return str(children[0])[1:-1]

    def use(self, children: Children) -> tree.Use:
        return tree.Use(str(children[1])[1:-1], _span(children[1]), _around(children))

    def tape(self, children: Children) -> tree.Tape:
        return tree.Tape(_name(children[1]), _name(children[2]), _only(tree.Symbol, children), _around(children))

    def symbol(self, children: Children) -> tree.Symbol:
        (token,) = children
        quoted = token.type == "QUOTED"
        return tree.Symbol(str(token)[1:-1] if quoted else str(token), _span(token), quoted)

    def bounds(self, children: Children) -> tree.Bounds:
        return tree.Bounds(tuple(children[1:]), _span(children[0]))

    def bound(self, children: Children) -> tree.Bound:
        return tree.Bound(_name(children[0]), children[1], _around(children))

    def sum(self, children: Children) -> tree.Sum:
        return tree.Sum(tuple(children), _around(children))

    def product(self, children: Children) -> tree.Product:
        return tree.Product(tuple(children), _around(children))

    def power(self, children: Children) -> tree.Power:
        return tree.Power(children[0], children[2], _around(children))

    def number(self, children: Children) -> tree.Number:
        return tree.Number(str(children[0]), _span(children[0]))

    def variable(self, children: Children) -> tree.Variable:
        return tree.Variable(str(children[0]), _span(children[0]))

    def start(self, children: Children) -> tree.Start:
        return tree.Start(children[1], _around(children))

    def state(self, children: Children) -> tree.State:
        parameters, span = next((child for child in children if isinstance(child, tuple)), ((), _around(children[:2])))
        return tree.State(_name(children[1]), parameters, _only(tree.Rule, children), _span(children[0]).to(span))

    def parameters(self, children: Children) -> tuple[tuple[tree.Name, ...], Span]:
        return tuple(_name(child) for child in children if child.type == "NAME"), _around(children)

    def rule(self, children: Children) -> tree.Rule:
        return tree.Rule(
            _first(tree.On, children),
            _first(tree.At, children),
            _first(tree.Write, children),
            _first(tree.Move, children),
            _first(tree.Target, children),
            _around(children),
        )

    def on(self, children: Children) -> tree.On:
        return tree.On(tuple(children[1:]), _around(children))

    def one_of(self, children: Children) -> tree.OneOf:
        return tree.OneOf(tuple(children), _around(children))

    def symbols(self, children: Children) -> tree.OneOf:
        alternatives = tuple(child if isinstance(child, tree.Symbol) else self.symbol([child]) for child in children)
        return tree.OneOf(alternatives, _around(children))

    def capture(self, children: Children) -> tree.Capture:
        return tree.Capture(self.captured(children).name, _first(tree.OneOf, children), _around(children))

    def captured(self, children: Children) -> tree.Captured:
        span = _span(children[0])
        return tree.Captured(tree.Name(str(children[0])[1:], span), span)

    def any(self, children: Children) -> tree.Any:
        return tree.Any(_span(children[0]))

    def hole(self, children: Children) -> tree.Hole:
        return tree.Hole(_span(children[0]))

    def at(self, children: Children) -> tree.At:
        return tree.At(tuple(children[1:]), _around(children))

    def edge(self, children: Children) -> tree.Edge:
        return tree.Edge(str(children[-1]), len(children) == 1, _around(children))

    def write(self, children: Children) -> tree.Write:
        return tree.Write(tuple(children[1:]), _around(children))

    def leave(self, children: Children) -> tree.Leave:
        return tree.Leave(_span(children[0]))

    def move(self, children: Children) -> tree.Move:
        return tree.Move(tuple(children[1:]), _around(children))

    def step(self, children: Children) -> tree.Name | tree.Leave:
        (token,) = children
        return _name(token) if token.type == "NAME" else tree.Leave(_span(token))

    def target(self, children: Children) -> tree.Target:
        return tree.Target(children[1], _around(children))

    def call(self, children: Children) -> tree.Call:
        return tree.Call(_name(children[0]), _only((tree.Call, tree.OneOf, tree.Captured), children[1:]), _around(children))

    def test(self, children: Children) -> tree.Test:
        return tree.Test(str(children[1])[1:-1], tuple(children[2:]), _around(children[:2]))

    def example(self, children: Children) -> tree.Example:
        *features, label = _values(children)
        return tree.Example(tuple(features), label, _around(children))

    def query(self, children: Children) -> tree.Query:
        *features, label = _values(children)
        return tree.Query(tuple(features), label, _around(children))

    def data(self, children: Children) -> tree.Data:
        return tree.Data(children[1], _around((children[0], *children[1])))

    def verdict(self, children: Children) -> tree.Verdict:
        return tree.Verdict(str(children[1]), _around(children))

    def holds(self, children: Children) -> tree.Holds:
        return tree.Holds(_name(children[0]), children[2], _around((children[0], *children[2])))

    def run(self, children: Children) -> tuple[tree.Symbol, ...]:
        return tuple(children)


def _span(child: Any) -> Span:
    return child.span if hasattr(child, "span") else Span(child.start_pos, child.end_pos)


def _around(children: Children) -> Span:
    return _span(children[0]).to(_span(children[-1])) if len(children) > 1 else _span(children[0])


def _name(token: Word) -> tree.Name:
    return tree.Name(str(token), _span(token))


def _values(children: Children) -> tuple[tree.Name, ...]:
    return tuple(_name(child) for child in children if child.type == "WORD")


def _only(kind: type[Node] | tuple[type[Node], ...], children: Iterable[Any]) -> tuple[Node, ...]:
    return tuple([child for child in children if isinstance(child, kind)])


def _first(kind: type[Node], children: Iterable[Any]) -> Node | None:
    for child in children:
        if isinstance(child, kind):
            return child
    return None
