"""Draft to text: a machine of another program in the language, state by state and rule by rule as its author wrote it.

Names and symbols stay as they are where the language has them; others are renamed, and a comment at the head says how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tmc.diagnostics import Rejected
from tmc.formats.draft import Draft, Rule, State
from tmc.formats.names import characters, identifiers, written
from tmc.frozen import frozen
from tmc.ir.tape import Move
from tmc.source import Source
from tmc.syntax.formatter import format_source

TAPES = ("data", "work")
MOST_SYMBOLS = 256


@frozen
class Imported:
    """A machine that was imported: its text, formatted, and what its states and symbols are called there."""

    text: str
    states: Mapping[str, str]
    symbols: Mapping[str, str]
    wall: str = ""


def draft_to_text(draft: Draft) -> Imported:
    """The machine in the language. Raises `Rejected` if it has more symbols than a tape can have."""
    states = identifiers(state.name for state in draft.states)
    symbols = characters((symbol for tape in draft.symbols for symbol in tape), draft.blank)
    wall = _spare("#", symbols.values()) if draft.wall else ""
    writer = _Writer(draft, states, symbols, wall)
    for tape in draft.symbols:
        if len(tape) + 1 + draft.wall > MOST_SYMBOLS:
            raise Rejected(f"{draft.name}: it has {len(tape) + 1} symbols on a tape, and a tape has {MOST_SYMBOLS} at most")
    text = "\n".join(writer.lines()) + "\n"
    return Imported(format_source(Source(f"{draft.name}.tm", text)), states, symbols, wall)


def _spare(wanted: str, taken: object) -> str:
    return next(one for one in (wanted, "|", "[", "%", "@") if one not in list(taken))  # type: ignore[call-overload]


class _Writer:
    def __init__(self, draft: Draft, states: Mapping[str, str], symbols: Mapping[str, str], wall: str) -> None:
        self.draft, self.states, self.symbols, self.wall = draft, states, symbols, wall

    def lines(self) -> Iterator[str]:
        draft = self.draft
        yield from (_comment(remark) for remark in draft.remarks)
        yield from self._legend()
        yield from [f"machine {next(iter(identifiers([draft.name]).values()))}", *(_about(line) for line in draft.about)]
        for name, own, first in zip(TAPES, draft.symbols, (True, False), strict=False):
            wall = [self.wall] if self.wall and first else []
            listed = " ".join(written(one) for one in ["_", *(self.symbols[symbol] for symbol in own), *wall])
            yield f"tape {name}: line of {listed}"
        begin = self._free("begin") if self.wall else self.states[draft.start]
        yield f"start {begin}"
        if self.wall:
            yield from self._wall(begin)
        for state in draft.states:
            yield from self._state(state)

    def _legend(self) -> Iterator[str]:
        """Comments on what has another name here."""
        for what, names in (("state", self.states), ("symbol", self.symbols)):
            renamed = [(old, new) for old, new in names.items() if old != new]
            for old, new in renamed:
                yield _comment(f"{what} {new} was {_shown(old)}")
        if self.wall:
            yield _comment(f"{self.wall} stands to the left of the first cell, where the tape ends")

    def _wall(self, begin: str) -> Iterator[str]:
        build = self._free("build_wall")
        yield f"state {begin}"
        yield f"    otherwise move left -> {build}"
        yield f"state {build}"
        yield f"    otherwise write {written(self.wall)} move right -> {self.states[self.draft.start]}"

    def _free(self, name: str) -> str:
        while name in self.states.values():
            name += "_"
        return name

    def _state(self, state: State) -> Iterator[str]:
        yield from (_comment(remark) for remark in state.remarks)
        yield f"state {self.states[state.name]}"
        if self.wall:
            yield f"    on {written(self.wall)} move right"
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
