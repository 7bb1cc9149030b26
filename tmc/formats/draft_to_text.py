"""Draft to text: a machine of another program in the language, state by state and rule by rule as its author wrote it.

Names and symbols stay as they are where the language has them; others are renamed, and a comment at the head says how.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from tmc.formats.draft import Draft, Rule, State, in_bounds
from tmc.formats.fold import folded
from tmc.formats.names import characters, identifiers, written
from tmc.formats.walls import walled
from tmc.frozen import frozen
from tmc.ir.tape import Move
from tmc.source import Source
from tmc.syntax.formatter import format_source

TAPES = ("data", "work")


@frozen
class Imported:
    """A machine that was imported: its text, formatted, and what its states and symbols are called there."""

    text: str
    states: Mapping[str, str]
    symbols: Mapping[str, str]
    wall: str = ""


def draft_to_text(draft: Draft) -> Imported:
    """The machine in the language, three tapes or more folded into two. Raises `Rejected` if it has too many symbols, states or
    rules."""
    rules = sum(len(state.rules) for state in draft.states)
    in_bounds(draft.name, max(map(len, draft.symbols)), len(draft.states), rules)
    own = {state.name for state in draft.states}
    draft, wall = walled(draft) if draft.wall else (draft, "")
    draft = folded(draft)
    in_bounds(draft.name, max(map(len, draft.symbols)))
    states = identifiers(state.name for state in draft.states)
    symbols = characters((symbol for tape in draft.symbols for symbol in tape), draft.blank)
    text = "\n".join(_Writer(draft, states, symbols, own).lines()) + "\n"
    return Imported(format_source(Source(f"{draft.name}.tm", text)), states, symbols, symbols.get(wall, ""))


class _Writer:
    def __init__(self, draft: Draft, states: Mapping[str, str], symbols: Mapping[str, str], own: Container[str]) -> None:
        self.draft, self.states, self.symbols = draft, states, symbols
        self.own = own  # the states that the source has

    def lines(self) -> Iterator[str]:
        draft = self.draft
        yield from (_comment(remark) for remark in draft.remarks)
        yield from self._legend()
        yield from [f"machine {next(iter(identifiers([draft.name]).values()))}", *(_about(line) for line in draft.about)]
        for name, own in zip(TAPES, draft.symbols, strict=False):
            listed = " ".join(written(one) for one in ["_", *(self.symbols[symbol] for symbol in own)])
            yield f"tape {name}: line of {listed}"
        yield f"start {self.states[draft.start]}"
        for state in draft.states:
            yield from self._state(state)

    def _legend(self) -> Iterator[str]:
        """Comments on what has another name here."""
        for what, names in (("state", self.states), ("symbol", self.symbols)):
            renamed = [(old, new) for old, new in names.items() if old != new]
            for old, new in renamed:
                if what == "state" and old not in self.own:
                    continue
                yield _comment(f"{what} {new} was {_shown(old)}")
        if self.draft.input:
            given = "".join(self.symbols.get(symbol, symbol) for symbol in self.draft.input)
            yield _comment(f"example input: {given}")

    def _state(self, state: State) -> Iterator[str]:
        yield from (_comment(remark) for remark in state.remarks)
        yield f"state {self.states[state.name]}"
        for rule in state.rules:
            yield f"    {self._rule(rule, state)}" + (f"   {_comment(rule.remark)}" if rule.remark else "")

    def _rule(self, rule: Rule, state: State) -> str:
        words = [self._condition(rule)]
        items = ["." if symbol is None else written(self.symbols[symbol]) for symbol in rule.write]
        ways = ["." if move is Move.STAY else move.name.lower() for move in rule.move]
        words += [f"{word} {', '.join(_trimmed(parts))}" for word, parts in (("write", items), ("move", ways)) if _trimmed(parts)]
        target = self._target(rule.target)
        if rule.target != state.name or target in ("accept", "reject"):
            words.append(f"-> {target}")
        return " ".join(words)

    def _condition(self, rule: Rule) -> str:
        if all(read is None for read in rule.read):
            return "otherwise"
        patterns = ["*" if read is None else "|".join(written(self.symbols[symbol]) for symbol in read) for read in rule.read]
        return f"on {', '.join(_trimmed(patterns, '*'))}"

    def _target(self, target: str) -> str:
        if target in self.draft.accept:
            return "accept"
        return "reject" if target in self.draft.reject else self.states[target]


def _trimmed(items: list[str], nothing: str = ".") -> list[str]:
    """Without what means nothing at the end."""
    while items and items[-1] == nothing:
        items = items[:-1]
    return items


def _comment(remark: str) -> str:
    return f"# {remark}".rstrip()


def _about(line: str) -> str:
    return '    "' + line.replace('"', "'").replace("\\", "/") + '"'


def _shown(name: str) -> str:
    return f"'{name}'" if name.isprintable() and name.strip() == name and name else ascii(name)
