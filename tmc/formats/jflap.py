"""JFLAP: XML with states and transitions, ``.jff``. An empty symbol is the blank; a final state accepts.

To read ``!x`` is to read any symbol of the machine but x, to read ``~`` any; to write ``~`` is to write nothing. Blocks that hold a
machine of their own, and variables, are refused.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from tmc.formats.determinism import Reads
from tmc.formats.draft import MOST_TAPES, Draft, Rule, State, in_bounds, refusal, tapes_refused
from tmc.formats.markup import Element, elements
from tmc.formats.rows import halting_names, rows
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.source import Source

MOVES = {"L": Move.LEFT, "R": Move.RIGHT, "S": Move.STAY}
BLANK, ANY = "□", "~"


def read(source: Source, name: str, most_tapes: int = MOST_TAPES) -> Draft:
    """The machine of a file, of `most_tapes` at most. Raises `Rejected`, with the place of what cannot be read."""
    root = elements(source)
    kind = root.first("type")
    if root.name != "structure" or kind is None:
        raise refusal(source, root.start, root.start + 1, "this is not a file of JFLAP: it has no `structure` with a `type`")
    if kind.text != "turing":
        raise refusal(source, kind.start, kind.start + 1, f"this is not a Turing machine but `{kind.text}`")
    tapes = _tapes(source, root, most_tapes)
    reading = _Reading(source, root.first("automaton") or root, tapes)
    return reading.draft(name)


def _tapes(source: Source, root: Element, most: int) -> int:
    found = root.first("tapes")
    if found is None:
        return 1
    if not re.fullmatch("[1-9][0-9]?", found.text):
        raise refusal(source, found.start, found.start + 1, f"`{found.text}` is not a number of tapes")
    if int(found.text) > most:
        raise tapes_refused(source, found.start, found.start + 1, int(found.text), most)
    return int(found.text)


class _Reading:
    def __init__(self, source: Source, automaton: Element, tapes: int) -> None:
        self.source, self.automaton, self.tapes = source, automaton, tapes
        self.nodes = [*automaton.all("state"), *automaton.all("block")]
        self.names: dict[str, str] = {}
        self.taken = set[str]()
        self.inner = {child.name: child for child in automaton.children}
        for node in self.nodes:
            self._node(node)
        self.alphabet = self._alphabet()
        in_bounds(source.name, max(map(len, self.alphabet)))

    def _node(self, node: Element) -> None:
        number = node.attributes.get("id", "")
        if number in self.names:
            raise self._refusal(node, f"a second state with the id `{number}`")
        inner = node.first("tag")
        block = None if inner is None else self.inner.get(inner.text)
        if block is not None and block.has("transition"):
            raise self._refusal(
                node, "this block is a machine of its own", "put its states into the machine: blocks cannot be imported"
            )
        name = node.attributes.get("name", f"q{number}")
        while name in self.taken:
            name += f"_{number}"
        self.taken.add(name)
        self.names[number] = name

    def _refusal(self, element: Element, message: str, help: str = "") -> Exception:
        return refusal(self.source, element.start, element.start + 1 + len(element.name), message, help=help)

    def draft(self, name: str) -> Draft:
        initial = [node for node in self.nodes if node.first("initial") is not None]
        if len(initial) != 1:
            where = initial[1] if initial else self.automaton
            what = "a second initial state" if initial else "no state is initial"
            raise self._refusal(where, what, "mark one state `<initial/>`")
        start = self.names[initial[0].attributes.get("id", "")]
        final = frozenset(self.names[node.attributes.get("id", "")] for node in self.nodes if node.first("final") is not None)
        rules = self._rules()
        if start in final:
            rules[start] = [Rule((None,) * self.tapes, (None,) * self.tapes, (Move.STAY,) * self.tapes, start)]
        idle = [name for name, own in rules.items() if not own and name not in final and name != start]
        reject = frozenset(name for name in idle if "reject" in name.lower())
        kept = [name for name in self.names.values() if name not in reject and (name not in final or name == start)]
        states = tuple(State(one, tuple(rules[one])) for one in kept)
        remarks = tuple(" ".join(note.text.split()) for note in self.automaton.all("note") for note in note.all("text"))
        return Draft(name, BLANK, self.alphabet, states, start, final, reject, remarks=remarks)

    def _rules(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = {name: [] for name in self.names.values()}
        reads = Reads(self.source)
        for transition in self.automaton.all("transition"):
            state, target = (self._end(transition, which) for which in ("from", "to"))
            read = tuple(self._symbols(transition, tape) for tape in range(self.tapes))
            written = tuple(self._written(transition, tape) for tape in range(self.tapes))
            write = tuple(None if own == (new,) else new for own, new in zip(read, written, strict=True))
            reads.add(state, read, transition.start, transition.start + len("<transition>"))
            found[state].append(Rule(read, write, tuple(self._move(transition, tape) for tape in range(self.tapes)), target))
        return found

    def _end(self, transition: Element, which: str) -> str:
        element = transition.first(which)
        if element is None or element.text not in self.names:
            raise self._refusal(element or transition, f"this transition has no state `{which}`" if element is None
                                else f"there is no state with the id `{element.text}`")  # fmt: skip
        return self.names[element.text]

    def _part(self, transition: Element, name: str, tape: int) -> Element | None:
        parts = transition.all(name)
        numbered = [part for part in parts if part.attributes.get("tape") == str(tape + 1)]
        return next(iter(numbered or (parts if tape == 0 else [])), None)

    def _one(self, transition: Element, name: str, tape: int) -> str:
        """A symbol; an element that is empty or not there means the blank."""
        part = self._part(transition, name, tape)
        if part is None or not part.text:
            return BLANK
        if len(part.text) != 1:
            raise self._refusal(part, f"`{part.text}` is not one character", "variables cannot be imported")
        return part.text

    def _written(self, transition: Element, tape: int) -> str | None:
        symbol = self._one(transition, "write", tape)
        return None if symbol == ANY else symbol

    def _but(self, transition: Element, tape: int) -> str | None:
        """What is not read: the x of `!x`, or nothing, of `~`. None if a transition reads one symbol."""
        part = self._part(transition, "read", tape)
        if part is not None and part.text == ANY:
            return ""
        return part.text[1] if part is not None and len(part.text) == 2 and part.text.startswith("!") else None

    def _symbols(self, transition: Element, tape: int) -> tuple[str, ...]:
        but = self._but(transition, tape)
        if but is not None:
            return tuple(one for one in (BLANK, *self.alphabet[tape]) if one != but)
        return (self._one(transition, "read", tape),)

    def _alphabet(self) -> tuple[tuple[str, ...], ...]:
        """The symbols of each tape as they are met, without the blank."""
        found: list[dict[str, None]] = [{} for _ in range(self.tapes)]
        for transition in self.automaton.all("transition"):
            for tape in range(self.tapes):
                but = self._but(transition, tape)
                found[tape][self._one(transition, "read", tape) if but is None else but] = None
                found[tape][self._written(transition, tape) or BLANK] = None
        return tuple(tuple(one for one in symbols if one not in (BLANK, "")) for symbols in found)

    def _move(self, transition: Element, tape: int) -> Move:
        part = self._part(transition, "move", tape)
        if part is None or part.text not in MOVES:
            text = "" if part is None else part.text
            raise self._refusal(part or transition, f"`{text}` is not a move", "a move is L, R or S")
        return MOVES[part.text]


def write(table: Table) -> str:
    """A machine on lines as such a file. A state that rejects is not final there. Raises `Rejected` for a grid."""
    called = halting_names(table, "accept", "reject")
    found = rows(table, "JFLAP", MOST_TAPES, "!~}")
    transitions = [(row, called[row.target] if row.halts else row.target) for row in found]
    names = [table.states[table.start], *(state for state in table.states if state != table.states[table.start])]
    names += [called[name] for name in ("accept", "reject") if any(target == called[name] for _, target in transitions)]
    numbers = {name: number for number, name in enumerate(names)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<structure>", "  <type>turing</type>"]
    lines += [f"  <tapes>{len(table.tapes)}</tapes>"] if len(table.tapes) > 1 else []
    lines.append("  <automaton>")
    for name, number in numbers.items():
        marks = ("<initial/>" if number == 0 else "") + ("<final/>" if name == called["accept"] else "")
        place = f"<x>{80 + 120 * (number % 6)}.0</x><y>{80 + 100 * (number // 6)}.0</y>"
        lines.append(f'    <state id="{number}" name="{escape(name, {chr(34): "&quot;"})}">{place}{marks}</state>')
    for row, target in transitions:
        lines.append(f"    <transition><from>{numbers[row.state]}</from><to>{numbers[target]}</to>")
        for tape, (read, new, move) in enumerate(zip(row.read, row.write, row.move, strict=True), 1):
            which = f' tape="{tape}"' if len(table.tapes) > 1 else ""
            letter = next(letter for letter, way in MOVES.items() if way is move)
            parts = ("read", _symbol(read)), ("write", _symbol(new)), ("move", letter)
            lines.append("      " + "".join(f"<{part}{which}>{text}</{part}>" for part, text in parts))
        lines.append("    </transition>")
    return "\n".join([*lines, "  </automaton>", "</structure>", ""])


def _symbol(symbol: str) -> str:
    return "" if symbol == "_" else escape(symbol)
