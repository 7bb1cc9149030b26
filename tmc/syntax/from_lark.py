"""From the grammar to the parser's tables, by lark.

``python -m tmc.syntax.from_lark`` writes them down after a change of the grammar; else the next start does, if it can.
"""

from __future__ import annotations

from typing import Any

from lark import Lark
from lark.grammar import Rule, Symbol, Terminal
from lark.lexer import TerminalDef

from tmc.files import shipped, write_atomically
from tmc.syntax.table_file import GRAMMAR, TABLES, Document, packed

STARTS = ("file", "library", "tests")


def document_of(grammar: str) -> Document:
    """The tables of a grammar. The same grammar gives the same tables: states are numbered in the order in which they are reached,
    which depends on nothing that lark is free to choose."""
    lark: Any = Lark(grammar, start=list(STARTS), parser="lalr", maybe_placeholders=False)
    table = lark.parser.parser._parse_table
    rules = sorted(lark.rules, key=_signature)
    numbers = {rule: ~number for number, rule in enumerate(rules)}
    states = _reached(table)
    return {
        "terminals": {terminal.name: terminal.pattern.to_regexp() for terminal in _in_order(lark)},
        "ignored": sorted(lark.ignore_tokens),
        "rules": [[rule.origin.name, [_take(rule, symbol) for symbol in rule.expansion], rule.options.expand1] for rule in rules],
        "starts": {name: [states[table.start_states[name]], states[table.end_states[name]]] for name in STARTS},
        "actions": [
            {name: states[to] if is_shift else numbers[to] for name, (is_shift, to) in _sorted(table, state)} for state in states
        ],
    }


def _in_order(lark: Any) -> list[TerminalDef]:
    """The terminals in the order in which lark's lexer tries them."""
    return list(lark.parser.lexer.root_lexer.terminals)


def _signature(rule: Rule) -> tuple[str, list[str]]:
    return rule.origin.name, [symbol.name for symbol in rule.expansion]


def _take(rule: Rule, symbol: Symbol) -> str:
    """What becomes of a symbol's value: words that are mere signs are dropped, and rules named ``_…`` have no node of their own."""
    if isinstance(symbol, Terminal):
        return "drop" if symbol.filter_out and not rule.options.keep_all_tokens else "keep"
    return "splice" if symbol.name.startswith("_") else "keep"


def _sorted(table: Any, state: int) -> list[tuple[str, tuple[bool, Any]]]:
    """The actions of a state: whether each is to go to another state, and to which, or else which rule to apply."""
    return sorted((name, (str(action) == "Shift", to)) for name, (action, to) in table.states[state].items())


def _reached(table: Any) -> dict[int, int]:
    """New numbers of the states: breadth first, symbols in alphabetical order."""
    numbers = {table.start_states[name]: number for number, name in enumerate(STARTS)}
    for state in (queue := list(numbers)):
        for _, (is_shift, to) in _sorted(table, state):
            if is_shift and to not in numbers:
                numbers[to] = len(numbers)
                queue.append(to)
    return numbers


if __name__ == "__main__":
    folder = shipped("grammars")
    text = (folder / GRAMMAR).read_text(encoding="utf-8")
    write_atomically(folder / TABLES, packed(document_of(text), text).encode())
