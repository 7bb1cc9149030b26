"""automata-lib: the arguments of `DTM`, `NTM` or `MNTM`, as a dictionary, as JSON, or as the call in Python. Nothing is executed.

A machine without a choice is read. It accepts in a final state; where there is no transition it stops.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any

from tmc.diagnostics import Rejected
from tmc.formats.determinism import Reads
from tmc.formats.draft import MOST_TAPES, Draft, Rule, State, refusal, tapes_refused
from tmc.formats.rows import halting_names, rows
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.source import Source

MOVES = {"L": Move.LEFT, "R": Move.RIGHT, "N": Move.STAY}
NEEDED = ("transitions", "initial_state", "blank_symbol", "final_states")
LARGEST = 500_000  # characters
CALLS = ("DTM", "NTM", "MNTM")


def read(source: Source, name: str, most_tapes: int = MOST_TAPES) -> Draft:
    """The machine of a text, of `most_tapes` at most. Raises `Rejected`, with the place of what cannot be read."""
    return _Reading(source, most_tapes).draft(name)


class _Reading:
    def __init__(self, source: Source, most_tapes: int) -> None:
        self.source = source
        self.starts = [0, *(match.end() for match in re.finditer("\n", source.text))]
        self.listed: dict[str, set[str] | None] = {}  # states and symbols, as far as they were asked for
        self.parts = dict(self._arguments(self._expression()))
        for part in NEEDED:
            if part not in self.parts:
                raise refusal(source, 0, 1, f"there is no `{part}`", help="these are the arguments of DTM")
        tapes = self.parts.get("n_tapes")
        self.tapes = 1 if tapes is None else self._value(tapes)
        if tapes is not None and not (isinstance(self.tapes, int) and 0 < self.tapes < 100):
            raise self._refusal(tapes, f"`{self.tapes}` is not a number of tapes")
        if tapes is not None and self.tapes > most_tapes:
            raise tapes_refused(source, *self._span(tapes), self.tapes, most_tapes)
        self.several = tapes is not None

    def _expression(self) -> ast.expr:
        """The dictionary or the call, which may be assigned to a name, behind imports."""
        if len(self.source.text) > LARGEST:
            raise Rejected(f"{self.source.name}: it has more than {LARGEST} characters, the most that is read as Python")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                body = ast.parse(self.source.text).body
        except SyntaxError as error:
            place = self.starts[min(error.lineno or 1, len(self.starts)) - 1] + max(0, (error.offset or 1) - 1)
            raise refusal(self.source, place, place + 1, f"this is not Python: {error.msg}") from None
        except (RecursionError, MemoryError, ValueError):
            raise Rejected(f"{self.source.name}: this is not Python: it is nested too deeply, or has a zero byte") from None
        for statement in body:
            value = getattr(statement, "value", None) if isinstance(statement, ast.Assign | ast.Expr) else None
            if isinstance(value, ast.Dict | ast.Call):
                return value
        raise refusal(self.source, 0, 1, "there is no dictionary and no call of DTM or MNTM in this text")

    def _arguments(self, node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called not in CALLS:
                raise self._refusal(node, f"`{called}` is not read", f"{', '.join(CALLS[:-1])} and {CALLS[-1]} are")
            if node.args:
                raise self._refusal(node.args[0], "this argument has no name", "write `states={…}, …`")
            for keyword in node.keywords:
                if keyword.arg is None:
                    raise self._refusal(keyword.value, "`**` is not read", "write the arguments out")
                yield keyword.arg, keyword.value
        else:
            for key, value in self._pairs(node):
                yield str(self._value(key)), value

    def draft(self, name: str) -> Draft:
        blank, start = str(self._value(self.parts["blank_symbol"])), str(self._value(self.parts["initial_state"]))
        final = frozenset(str(self._value(state)) for state in self._items(self.parts["final_states"]))
        rules = {str(self._value(key)): self._rules(key, value) for key, value in self._pairs(self.parts["transitions"])}
        self._refuse_final(start, final)
        targets = dict.fromkeys(rule.target for own in rules.values() for rule in own)
        names = list(dict.fromkeys([start, *rules, *(state for state in targets if state not in final)]))
        reject = frozenset(state for state in names if not rules.get(state) and "reject" in state.lower() and state != start)
        kept = [state for state in names if state not in final and state not in reject]
        symbols: list[dict[str, None]] = [{} for _ in range(self.tapes)]
        for own in rules.values():
            for rule in own:
                for tape in range(self.tapes):
                    symbols[tape] |= dict.fromkeys(one for one in (*(rule.read[tape] or ()), rule.write[tape]) if one is not None)
        given = self._items(self.parts["input_symbols"]) if "input_symbols" in self.parts else []
        symbols[0] = dict.fromkeys([*sorted(str(self._value(one)) for one in given), *symbols[0]])
        listed = tuple(tuple(one for one in own if one != blank) for own in symbols)
        return Draft(name, blank, listed, tuple(State(one, tuple(rules.get(one, ()))) for one in kept), start, final, reject)

    def _refuse_final(self, start: str, final: frozenset[str]) -> None:
        """A machine of automata-lib halts in a final state: it does not begin there, and nothing leads away."""
        if start in final:
            raise self._refusal(self.parts["initial_state"], f"the initial state `{start}` is final")
        for key, _ in self._pairs(self.parts["transitions"]):
            if str(self._value(key)) in final:
                raise self._refusal(key, f"the final state `{self._value(key)}` has transitions")

    def _known(self, part: str, node: ast.expr, what: str) -> str:
        """A state or a symbol, which is in a list if there is one that can be read."""
        if part not in self.listed:
            given = self.parts.get(part)
            written = isinstance(given, ast.Tuple | ast.List | ast.Set)
            self.listed[part] = {str(self._value(one)) for one in self._items(given)} if given is not None and written else None
        value, listed = str(self._value(node)), self.listed[part]
        if listed is not None and value not in listed:
            raise self._refusal(node, what.format(value))
        return value

    def _state(self, node: ast.expr) -> str:
        return self._known("states", node, "there is no state `{}`")

    def _symbol(self, node: ast.expr) -> str:
        return self._known("tape_symbols", node, "`{}` is not one of the tape symbols")

    def _rules(self, key: ast.expr, node: ast.expr) -> list[Rule]:
        state, reads, found = self._state(key), Reads(self.source), list[Rule]()
        for read_node, value in self._pairs(node):
            read = [self._symbol(one) for one in (self._items(read_node) if self.several else [read_node])]
            if self.several or self._are_choices(value):
                choices = self._items(value)
                if len(choices) != 1:
                    what = "no transition" if not choices else "a choice between transitions"
                    raise self._refusal(value, f"{what} for one reading", "machines with a choice cannot be imported")
                value = choices[0]
            target, written, moves = self._done(value)
            if len(read) != self.tapes or len(written) != self.tapes:
                raise self._refusal(read_node, f"this is not a symbol for each of {self.tapes} tapes")
            start, end = self._span(read_node)
            reads.add(state, tuple((symbol,) for symbol in read), start, end)
            write = tuple(None if new == old else new for old, new in zip(read, written, strict=True))
            found.append(Rule(tuple((symbol,) for symbol in read), write, moves, target))
        return found

    def _are_choices(self, node: ast.expr) -> bool:
        """Whether this is a set of transitions, as in an NTM, and not the one of a DTM."""
        items = self._items(node)
        return isinstance(node, ast.Set) or not items or isinstance(items[0], ast.Tuple | ast.List)

    def _done(self, node: ast.expr) -> tuple[str, list[str], tuple[Move, ...]]:
        """A next state, what is written, and the moves: ``("q1", "x", "R")``, or of several tapes ``("q1", (("x", "R"), …))``."""
        parts = self._items(node)
        if self.several and len(parts) == 2:
            pairs = [self._items(one) for one in self._items(parts[1])]
            if all(len(pair) == 2 for pair in pairs):
                written = [self._symbol(pair[0]) for pair in pairs]
                return self._state(parts[0]), written, tuple(self._move(pair[1]) for pair in pairs)
        if not self.several and len(parts) == 3:
            return self._state(parts[0]), [self._symbol(parts[1])], (self._move(parts[2]),)
        raise self._refusal(node, "this is not a next state with what is written and a direction")

    def _move(self, node: ast.expr) -> Move:
        text = str(self._value(node))
        if text not in MOVES:
            raise self._refusal(node, f"`{text}` is not a direction", "a direction is L, R or N")
        return MOVES[text]

    def _pairs(self, node: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
        if not isinstance(node, ast.Dict) or any(key is None for key in node.keys):
            raise self._refusal(node, "a dictionary is needed here")
        return [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]

    def _items(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return node.elts
        empty = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
        if empty and isinstance(node, ast.Call) and not node.args:
            return []
        raise self._refusal(node, "a list, a tuple or a set is needed here")

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int) and not isinstance(node.value, bool):
            return node.value
        raise self._refusal(node, "a text or a number is needed here")

    def _span(self, node: ast.expr) -> tuple[int, int]:
        end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._place(node.lineno, node.col_offset), self._place(*end)

    def _place(self, line: int, column: int) -> int:
        """The offset of a line, counted from 1, and a column, counted in bytes."""
        start = self.starts[min(line, len(self.starts)) - 1]
        return start + len(self.source.text[start : start + column].encode()[:column].decode(errors="ignore"))

    def _refusal(self, node: ast.expr, message: str, help: str = "") -> Rejected:
        start, end = self._span(node)
        return refusal(self.source, start, min(end, start + 60), message, help=help)


def write(table: Table) -> str:
    """A machine on one line as the arguments of `DTM`, in JSON. Raises `Rejected` for a grid and for a second tape."""
    called = halting_names(table, "accept", "reject")
    transitions: dict[str, dict[str, list[str]]] = {}
    targets = set[str]()
    for row in rows(table, "automata-lib's DTM", 1):
        target = called[row.target] if row.halts else row.target
        targets.add(target)
        letter = next(letter for letter, move in MOVES.items() if move is row.move[0])
        transitions.setdefault(row.state, {})[row.read[0]] = [target, row.write[0], letter]
    symbols = list(table.data.symbols)
    document = {
        "states": sorted({*table.states, *targets, called["accept"]}), "input_symbols": symbols[1:], "tape_symbols": symbols,
        "transitions": transitions, "initial_state": table.states[table.start], "blank_symbol": symbols[0],
        "final_states": [called["accept"]],
    }  # fmt: skip
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
