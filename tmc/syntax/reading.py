"""Reading a text by the parser's tables: a word is what the grammar allows where it stands, and a rule applies once it is whole."""

from __future__ import annotations

from typing import Any

from tmc.syntax.build import TreeBuilder
from tmc.syntax.tables import END, ParserTables, Production


class Token:
    """A word of the text, and the terminal that it is."""

    __slots__ = ("end_pos", "start_pos", "text", "type")

    def __init__(self, type: str, text: str, start_pos: int, end_pos: int) -> None:
        self.type, self.text, self.start_pos, self.end_pos = type, text, start_pos, end_pos

    def __str__(self) -> str:
        return self.text


class Unexpected(Exception):
    """A text cannot go on as it does. `position`: of the word that does not fit, or of the last one if the text ends too early
    (`at_end`); `expected`: the terminals with which it could go on."""

    def __init__(self, position: int, expected: frozenset[str], at_end: bool = False) -> None:
        super().__init__()
        self.position, self.expected, self.at_end = position, expected, at_end


def read(tables: ParserTables, text: str, start: str) -> Any:
    """What `TreeBuilder` makes of a text that is a `start` of the grammar. Raises `Unexpected` at the first misfit."""
    reading = _PartialParse(tables, start)
    ignored, scanners, states = tables.ignored_words(), tables.scanners, reading.states
    last = position = 0
    while position < len(text):
        if blank := ignored(text, position):
            position = blank.end()
            continue
        last = position
        for terminal, match in scanners(states[-1]):
            if found := match(text, position):
                position = found.end()
                fits = reading.take(terminal, Token(terminal, found.group(), last, position))
                break
        else:
            fits = False
        if not fits:
            raise Unexpected(last, reading.accepts())
    if not reading.take(END):
        raise Unexpected(last, reading.accepts(), at_end=True)
    return reading.values[0]


class _PartialParse:
    """A text read up to some place: the states that lead there, and what was made of the words so far, one value less."""

    def __init__(self, tables: ParserTables, start: str) -> None:
        first, self.last = tables.starts[start]
        self.tables, self.states = tables, [first]
        self.values: list[Any] = []

    def take(self, terminal: str, token: Token | None = None) -> bool:
        """Go on with a word, which first ends all the rules that must be whole before it; False if it does not fit."""
        actions, rules, states, values = self.tables.actions, self.tables.rules, self.states, self.values
        while (action := actions[states[-1]].get(terminal)) is not None:
            if action >= 0:
                states.append(action)
                values.append(token)
                return True
            rule = rules[~action]
            if not rule.is_mere:
                first = len(values) - rule.size
                values[first:] = [_value(rule, values[first:])]
            _go(self.tables, states, rule)
            if terminal == END and states[-1] == self.last:
                return True
        return False

    def accepts(self) -> frozenset[str]:
        """The terminals with which the text could go on."""
        possible = self.tables.actions[self.states[-1]]
        return frozenset(terminal for terminal in possible if terminal.isupper() and self._fits(terminal))

    def _fits(self, terminal: str) -> bool:
        """Whether a word fits; not every word that has an action does, as several ways may lead to one state."""
        states = self.states.copy()
        while (action := self.tables.actions[states[-1]].get(terminal)) is not None:
            if action >= 0:
                return True
            _go(self.tables, states, self.tables.rules[~action])
            if terminal == END and states[-1] == self.last:
                return True
        return False


_BUILD = TreeBuilder()


def _go(tables: ParserTables, states: list[int], rule: Production) -> None:
    """Leave the states of a rule that is whole, and go on from where it began."""
    first = len(states) - rule.size
    states[first:] = [tables.actions[states[first - 1]][rule.name]]


def _value(rule: Production, values: list[Any]) -> Any:
    """What a rule is, given what its parts are: a node, or the list of its children if its name is ``_…``."""
    children = values if rule.is_plain else _children(rule, values)
    if rule.lifted and len(children) == 1:
        return children[0]
    return children if rule.name.startswith("_") else getattr(_BUILD, rule.name)(children)


def _children(rule: Production, values: list[Any]) -> list[Any]:
    children: list[Any] = []
    for take, value in zip(rule.takes, values, strict=True):
        if take == "keep":
            children.append(value)
        elif take == "splice":
            if children:
                children += value
            else:
                children = value  # lists grow at their end: a long one is never copied
    return children
