"""turingmachine.io: YAML with `blank`, `start state`, `input`, `synonyms` and a `table` from states to symbols to instructions.

An instruction is a direction, ``L`` or ``R``, a synonym, or a mapping such as ``{write: 1, R: next}``. A symbol is a character,
or a list of them. A state without instructions halts, and where there is none for a symbol, the machine stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tmc.diagnostics import Rejected
from tmc.formats.draft import Draft, Rule, State, refusal
from tmc.formats.rows import halting_names, rows
from tmc.frozen import frozen
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.source import Source
from tmc.version import how_to_install

if TYPE_CHECKING:
    from yaml.nodes import Node

MOVES = {"L": Move.LEFT, "R": Move.RIGHT}
DEEPEST = 20  # collections in one another: a machine has four
LARGEST = 500_000  # characters: YAML is read slowly
NULL = "tag:yaml.org,2002:null"


@frozen
class _Instruction:
    """What is written (None: nothing), the move, and the next state (None: the same)."""

    write: str | None
    move: Move
    target: str | None


def read(source: Source, name: str) -> Draft:
    """The machine of a text. Raises `Rejected`, with the place of what cannot be read."""
    reading = _Reading(source)
    parts = _parts(reading)
    if "source code" in parts:  # a document of the site, with the machine inside it
        reading = _Reading(source, reading.block(parts["source code"][1]))
        parts = _parts(reading)
    for needed in ("blank", "start state", "table"):
        if needed not in parts:
            raise refusal(source, 0, 1, f"there is no `{needed}`", help=f"a machine has `{needed}: …`")
    table = list(reading.mapping(parts["table"][1], "the table"))
    names = [reading.text(key, "a state") for key, _ in table]
    synonyms = _synonyms(reading, parts["synonyms"][1], names) if "synonyms" in parts else {}
    blank = reading.symbol(parts["blank"][1])
    states = [_state(reading, key, value, names, synonyms) for key, value in table]
    return _draft(reading, name, blank, states, parts)


def _parts(reading: _Reading) -> dict[str, tuple[Any, Any]]:
    pairs = reading.mapping(reading.root(), "a machine")
    return {reading.text(key, "a part of a machine"): (key, value) for key, value in pairs}


def _draft(reading: _Reading, name: str, blank: str, states: list[State], parts: dict[str, tuple[Any, Any]]) -> Draft:
    start = reading.text(parts["start state"][1], "the start state")
    halting = [state.name for state in states if not state.rules]
    if start not in [state.name for state in states]:
        raise refusal(reading.source, *_span(parts["start state"][1]), f"the state `{start}` is not in the table")
    if start in halting:
        raise refusal(
            reading.source, *_span(parts["start state"][1]), f"the start state `{start}` halts at once", "it has no instruction"
        )
    given = tuple(reading.text(parts["input"][1], "the input")) if "input" in parts and not _is_null(parts["input"][1]) else None
    symbols: dict[str, None] = dict.fromkeys(symbol for symbol in given or () if symbol != blank)
    for state in states:
        for rule in state.rules:
            symbols |= dict.fromkeys(symbol for symbol in (*(rule.read[0] or ()), rule.write[0]) if symbol not in (None, blank))
    reject = frozenset(state for state in halting if "reject" in state.lower())
    kept = tuple(state for state in states if state.rules)
    return Draft(
        name, blank, (tuple(symbols),), kept, start, frozenset(halting) - reject, reject, remarks=reading.head(), input=given
    )  # fmt: skip


def _synonyms(reading: _Reading, node: Node, names: list[str]) -> dict[str, _Instruction]:
    if _is_null(node):
        return {}
    pairs = reading.mapping(node, "the synonyms")
    return {reading.text(key, "a synonym"): _instruction(reading, value, names, {}) for key, value in pairs}


def _state(reading: _Reading, key: Node, node: Node, names: list[str], synonyms: dict[str, _Instruction]) -> State:
    name, rules, seen = reading.text(key, "a state"), list[Rule](), set[str]()
    pairs = [] if _is_null(node) else reading.mapping(node, f"the state `{name}`")
    for symbols_node, value in pairs:
        symbols = tuple(map(reading.symbol, reading.items(symbols_node)))
        for symbol in symbols:
            if symbol in seen:
                what = f"a second instruction for the symbol `{symbol}` in the state `{name}`"
                raise refusal(reading.source, *_span(symbols_node), what, help="remove one of them")
            seen.add(symbol)
        done = _instruction(reading, value, names, synonyms)
        write = None if symbols == (done.write,) else done.write
        target = name if done.target is None else done.target
        rules.append(Rule((symbols,), (write,), (done.move,), target, reading.remark(symbols_node, value)))
    return State(name, tuple(rules), reading.before(key))


def _instruction(reading: _Reading, node: Node, names: list[str], synonyms: dict[str, _Instruction]) -> _Instruction:
    if node.id == "scalar" and not _is_null(node):
        word = reading.text(node, "an instruction")
        if word in MOVES:
            return _Instruction(None, MOVES[word], None)
        if word in synonyms:
            return synonyms[word]
        raise refusal(reading.source, *_span(node), f"`{word}` is neither L nor R nor a synonym", help="as in {write: 1, R: next}")
    write, move, target = None, None, None
    for key, value in reading.mapping(node, "an instruction"):
        word = reading.text(key, "a part of an instruction")
        if word == "write":
            write = reading.symbol(value)
        elif word in MOVES and move is None:
            move = MOVES[word]
            target = None if _is_null(value) else reading.text(value, "a state")
            if target is not None and target not in names:
                raise refusal(
                    reading.source, *_span(value), f"the state `{target}` is not in the table", help="list every state in it"
                )
        else:
            what = "a second direction" if word in MOVES else f"`{word}` is no part of an instruction"
            raise refusal(reading.source, *_span(key), what, help="an instruction has one of L and R, and may have `write`")
    if move is None:
        raise refusal(
            reading.source, *_span(node), "this instruction has no direction", help="add L or R: machines of the site always move"
        )
    return _Instruction(write, move, target)


class _Reading:
    """A text as YAML nodes, with places, and the comments, which YAML leaves out. `text`: that of the source, or a part of it in
    its place."""

    def __init__(self, source: Source, text: str | None = None) -> None:
        self.source, self._text = source, source.text if text is None else text
        self._lines = self._text.split("\n")
        self._used = set[int]()  # lines whose comments were taken

    def root(self) -> Node:
        """The document. Anchors are refused: one may stand for very much."""
        if len(self._text) > LARGEST:
            raise Rejected(f"{self.source.name}: it has more than {LARGEST} characters, the most that is read as YAML")
        try:
            import yaml
        except ImportError:
            raise Rejected(f"reading YAML needs PyYAML: {how_to_install('formats')}") from None
        try:
            depth = 0
            for event in yaml.parse(self._text, yaml.SafeLoader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > DEEPEST:
                    raise refusal(
                        self.source, event.start_mark.index, event.end_mark.index, "this is nested too deeply for a machine"
                    )
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                    raise refusal(self.source, event.start_mark.index, event.end_mark.index, "anchors and aliases are not read")
            node = yaml.compose(self._text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = mark.index if mark is not None else 0
            what = " ".join(str(error.problem or error.context or "it cannot be read").split())
            raise refusal(self.source, place, place + 1, f"this is not YAML: {what}") from None
        except yaml.YAMLError as error:
            raise Rejected(f"{self.source.name}: this is not YAML: {' '.join(str(error).split())}") from None
        if node is None:
            raise refusal(self.source, 0, 1, "there is nothing in this text")
        return node

    def mapping(self, node: Node, what: str) -> Iterator[tuple[Any, Any]]:
        """The pairs of a mapping, in which a word may stand once only."""
        if node.id != "mapping":
            raise refusal(self.source, *_span(node), f"{what} is a mapping, and this is not one", help="write `key: value`")
        pairs: list[tuple[Any, Any]] = node.value
        seen = set[str]()
        for key, value in pairs:
            if key.id == "scalar" and key.value in seen:
                raise refusal(self.source, *_span(key), f"`{key.value}` is here a second time", help="remove one of them")
            if key.id == "scalar":
                seen.add(key.value)
            yield key, value

    def block(self, node: Node) -> str:
        """The text in which all is blank but a block, which is the value of this node: so what is in it has its place."""
        if node.id != "scalar" or getattr(node, "style", None) != "|":
            raise refusal(self.source, *_span(node), "the machine inside this document is not a block", help="begin it with `|`")
        start = self._text.find("\n", node.start_mark.index) + 1 or len(self._text)
        end = max(start, node.end_mark.index)
        return re.sub(r"[^\n]", " ", self._text[:start]) + self._text[start:end] + re.sub(r"[^\n]", " ", self._text[end:])

    def text(self, node: Node, what: str) -> str:
        """The text of a scalar, as it is written."""
        if node.id != "scalar":
            raise refusal(self.source, *_span(node), f"{what} is a word, and this is not one")
        return str(node.value)

    def symbol(self, node: Node) -> str:
        """A symbol: one character."""
        text = self.text(node, "a symbol")
        if len(text) != 1:
            raise refusal(
                self.source, *_span(node), f"`{text}` is not one character", help="a symbol is one character; quote a blank: ' '"
            )
        return text

    def items(self, node: Node) -> list[Any]:
        """The symbols of a list, or the one that stands alone."""
        return list(node.value) if node.id == "sequence" else [node]

    def head(self) -> tuple[str, ...]:
        """The comments before the first line that is not one, up to an empty line."""
        found: list[str] = []
        first = next((number for number, line in enumerate(self._lines) if line.strip()), 0)
        for number, line in enumerate(self._lines[first:], first):
            if not line.lstrip().startswith("#"):
                break
            self._used.add(number)
            found.append(_after_hash(line))
        return tuple(found)

    def before(self, key: Node) -> tuple[str, ...]:
        """The comments on the lines just before a state."""
        found: list[str] = []
        line = key.start_mark.line - 1
        while line >= 0 and self._lines[line].lstrip().startswith("#") and line not in self._used:
            self._used.add(line)
            found.insert(0, _after_hash(self._lines[line]))
            line -= 1
        return tuple(found)

    def remark(self, key: Node, value: Node) -> str:
        """The comment at the end of the line of an instruction."""
        line = value.start_mark.line
        last = (
            max(node.end_mark.column for node in (key, value) if node.end_mark.line == line) if value.end_mark.line == line else 0
        )
        hash_ = re.search(r"(?:^|\s)#", self._lines[line][last:])
        if hash_ is None or line in self._used:
            return ""
        self._used.add(line)
        return _after_hash(self._lines[line][last + hash_.start() :])


def _after_hash(line: str) -> str:
    return line.strip().lstrip("#").strip()


def _is_null(node: Node) -> bool:
    return bool(node.id == "scalar" and node.tag == NULL)


def _span(node: Node) -> tuple[int, int]:
    return node.start_mark.index, max(node.end_mark.index, node.start_mark.index + 1)


def write(table: Table) -> str:
    """A machine on one line as such a text. Raises `Rejected` for a grid, a second tape, a state without rules, and a rule that
    stays: machines there always move."""
    called = halting_names(table, "accept", "reject")
    found = [f"# {' '.join(line.split())}" for line in (table.about or table.name).splitlines()]
    found += ["blank: '_'", f"start state: {_quoted(table.states[table.start])}", "table:"]
    state, targets = "", set[str]()
    for row in rows(table, "turingmachine.io", 1):
        if row.state != state:
            state = row.state
            found.append(f"  {_quoted(state)}:")
        if not row.halts and row.move[0] is Move.STAY:
            where = f"{table.name}: {row.state} stays on {row.read[0]} (line {row.transition.line})"
            raise Rejected(f"{where}, and machines of turingmachine.io always move")
        target = called[row.target] if row.halts else row.target
        targets.add(target)
        parts = [f"write: {_quoted(row.write[0])}"] if row.write != row.read else []
        letter = "L" if row.move[0] is Move.LEFT else "R"
        found.append(f"    {_quoted(row.read[0])}: {{{', '.join([*parts, f'{letter}: {_quoted(target)}'])}}}")
    listed = [f"  {_quoted(name)}:" for name in (*called.values(), *table.states) if name in targets]
    stuck = [name for name in table.states if name in targets and f"  {_quoted(name)}:" not in found]
    if stuck:
        raise Rejected(f"{table.name}: the state {stuck[0]} has no rule; on turingmachine.io it would halt, not be stuck")
    found += [line for line in listed if line not in found]
    return "\n".join([*found, ""])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
