"""Morphett's simulator: five words on a line - state, symbol, new symbol, direction, new state - and comments after `;`.

`*` for a symbol or a state means any, for what is new: the same. A rule for a state and a symbol goes before one for the state
and any symbol, that before one for any state and the symbol, and that before one for both. States that begin with ``halt`` halt;
where no rule applies, the machine stops. A comment ``$INITIAL_TAPE:`` gives an example input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tmc.formats.draft import Draft, Rule, State, in_bounds, refusal
from tmc.formats.rows import halting_names, rows
from tmc.frozen import frozen
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.source import Source

MOVES = {"l": Move.LEFT, "r": Move.RIGHT, "*": Move.STAY, "g": Move.LEFT, "d": Move.RIGHT}  # g and d in the French version
PARTS = ("state", "symbol", "new symbol", "direction", "new state")
ANY = "*"
INPUT = re.compile(r";.*\$INITIAL_TAPE:?[ \t]*(.*)")


@frozen
class _Word:
    """A word of a line and where it stands."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)


@frozen
class _Tuple:
    """A line with a rule, and the comments before it."""

    words: tuple[_Word, ...]
    remark: str
    before: tuple[str, ...]


def read(source: Source, name: str) -> Draft:
    """The machine of a text. It begins in the state 0; where there is none, in the state of the first rule.

    Raises `Rejected`, with the place of what cannot be read.
    """
    remarks, tuples = _tuples(source)
    if not tuples:
        raise refusal(source, 0, 1, "there is no rule in this text", help="a rule is: state symbol new-symbol direction new-state")
    _no_double(source, tuples)
    own = list(dict.fromkeys(one.words[0].text for one in tuples if one.words[0].text != ANY))
    targets = dict.fromkeys(one.words[4].text for one in tuples if one.words[4].text != ANY)
    halting = frozenset(filter(_halts, (*own, *targets)))  # whatever rules they have, no one comes to them
    states = [state for state in dict.fromkeys([*own, *targets]) if state not in halting]
    start = "0" if "0" in states or not states else states[0]
    if start not in states:
        states.append(start)
    symbols = dict.fromkeys(word.text for one in tuples for word in one.words[1:3] if word.text not in (ANY, "_"))
    in_bounds(source.name, len(symbols), len(states))
    given = INPUT.search(source.text)
    reject = frozenset(state for state in halting if "reject" in state.lower())
    return Draft(
        name, "_", (tuple(symbols),), _states(states, tuples), start, halting - reject, reject, remarks=remarks,
        input=None if given is None else _input(given.group(1).strip()),
    )  # fmt: skip


def _input(text: str) -> tuple[str, ...] | None:
    """An example input. A `*` says where the head begins; if that is elsewhere, it is no input of ours."""
    return None if text.find("*") > 0 else tuple(text.replace("*", "").replace(" ", "_"))


def _halts(state: str) -> bool:
    return state.lower().startswith("halt")


def _tuples(source: Source) -> tuple[tuple[str, ...], list[_Tuple]]:
    """The comments at the head, up to an empty line, and the rules."""
    head: list[str] = []
    before: list[str] = []
    found: list[_Tuple] = []
    offset = 0
    for line in source.text.split("\n"):
        code, semicolon, comment = line.partition(";")
        words = tuple(_Word(match.group(), offset + match.start()) for match in re.finditer(r"\S+", code))
        offset += len(line) + 1
        if words:
            found.append(_Tuple(_checked(source, words), comment.strip(), tuple(before)))
            before = []
        elif semicolon:
            before.append(comment.strip())
        elif not found and not head:
            head, before = before, []
    return tuple(head), found


def _checked(source: Source, words: tuple[_Word, ...]) -> tuple[_Word, ...]:
    """The five words of a rule; a breakpoint behind them is left out."""
    if len(words) == 6 and words[5].text == "!":
        words = words[:5]
    if len(words) < len(PARTS):
        raise refusal(source, words[0].start, words[-1].end, f"the {PARTS[len(words)]} is missing", "a rule has five words")
    if len(words) > len(PARTS):
        raise refusal(source, words[5].start, words[-1].end, "there is more than a rule on this line", "not a word of the rule",
                      "a comment begins with `;`")  # fmt: skip
    for word in words[1:3]:
        if len(word.text) != 1:
            raise refusal(source, word.start, word.end, f"`{word.text}` is not one character", "a symbol is one character")
    if words[3].text.lower() not in MOVES:
        raise refusal(source, words[3].start, words[3].end, f"`{words[3].text}` is not a direction", "l, r or *")
    return words


def _no_double(source: Source, tuples: Iterable[_Tuple]) -> None:
    seen: dict[tuple[str, str], _Word] = {}
    for one in tuples:
        state, symbol = one.words[:2]
        if (state.text, symbol.text) in seen:
            line, _ = source.place(seen[state.text, symbol.text].start)
            raise refusal(
                source, state.start, symbol.end, f"a second rule for state `{state.text}` and symbol `{symbol.text}`",
                f"the first is in line {line}", "remove one of them; machines with a choice cannot be imported",
            )  # fmt: skip
        seen[state.text, symbol.text] = state


def _states(names: Iterable[str], tuples: list[_Tuple]) -> tuple[State, ...]:
    """The rules of each state: its own, then those of any state; of each the ones with a symbol first."""
    rules: dict[str, list[_Tuple]] = {}
    for one in tuples:
        rules.setdefault(one.words[0].text, []).append(one)
    anywhere = sorted(rules.get(ANY, ()), key=_is_any)
    found = list[State]()
    for name in names:
        own = sorted(rules.get(name, ()), key=_is_any)
        ordered = own if any(map(_is_any, own)) else [*own, *anywhere]
        before = rules[name][0].before if name in rules else ()
        found.append(State(name, tuple(_rule(name, one) for one in _first_of_each(ordered)), before))
    return tuple(found)


def _is_any(one: _Tuple) -> bool:
    return one.words[1].text == ANY


def _first_of_each(tuples: Iterable[_Tuple]) -> Iterator[_Tuple]:
    """Without rules for a symbol that an earlier one is for."""
    seen = set[str]()
    for one in tuples:
        if one.words[1].text not in seen:
            seen.add(one.words[1].text)
            yield one


def _rule(state: str, one: _Tuple) -> Rule:
    _, symbol, new_symbol, direction, new_state = (word.text for word in one.words)
    read = None if symbol == ANY else (symbol,)
    write = None if new_symbol in (ANY, symbol) else new_symbol
    return Rule((read,), (write,), (MOVES[direction.lower()],), state if new_state == ANY else new_state, one.remark)


def write(table: Table) -> str:
    """A machine on one line as such a text: its start is the state of the first line. Raises `Rejected` for a grid, and for signs
    that mean something else there."""
    called = halting_names(table, "halt-accept", "halt-reject")
    letters = {Move.LEFT: "l", Move.RIGHT: "r", Move.STAY: "*"}
    found = [f"; {table.name}: begin in state {_word(table.states[table.start])}"]
    state = ""
    for row in rows(table, "Morphett's simulator", 1, "*;"):
        found += [""] if row.state != state else []
        state = row.state
        target = called[row.target] if row.halts else _word(row.target)
        found.append(" ".join([_word(row.state), *row.read, *row.write, letters[row.move[0]], target]))
    return "\n".join([*found, ""])


def _word(state: str) -> str:
    """A state's name; one that halts by its looks gets another."""
    plain = re.sub(r"[\s;]", "", state)
    return f"q-{plain}" if plain.lower().startswith("halt") or plain == ANY else plain
