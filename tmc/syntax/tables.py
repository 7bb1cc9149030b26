"""The parser's tables: what `grammars/tmc.lark` means to a parser that reads from left to right and looks one word ahead (LALR).

Lark makes them of the grammar, see `tmc.syntax.from_lark`. That takes longer than to compile a machine, so they are kept beside the
grammar, with a checksum of both: where that is wrong, be they stale or damaged, they are made again, and kept if they can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field
from functools import cache

from tmc.diagnostics import Rejected
from tmc.files import shipped, write_atomically
from tmc.frozen import frozen
from tmc.syntax.table_file import GRAMMAR, TABLES, Document, packed, unpacked

END = "$END"  # the terminal that stands for the end of the text
Match = Callable[[str, int], re.Match[str] | None]


@frozen
class Production:
    """A rule of the grammar. `takes` says for each symbol on its right side whether its value is a child of the rule: ``keep``,
    ``drop``, or ``splice``, where it is the symbol's own children that are. `lifted`: an only child stands for the rule itself."""

    name: str
    takes: tuple[str, ...]
    lifted: bool
    size: int
    is_plain: bool  # all symbols are kept
    is_mere: bool  # its only symbol stands for it

    @staticmethod
    def of(name: str, takes: Sequence[str], lifted: bool) -> Production:
        """A rule, and what follows of it."""
        is_plain = all(take == "keep" for take in takes)
        return Production(name, tuple(takes), lifted, len(takes), is_plain, lifted and is_plain and len(takes) == 1)


@frozen
class ParserTables:
    """`terminals` are regular expressions by name, in the order in which they are tried. `ignored` may stand anywhere.

    Of a state, `actions` says for each symbol where to go: to another state, or ``~n`` to apply rule n. `starts` has a first and a
    last state for everything that a text may be.
    """

    terminals: dict[str, str]
    ignored: tuple[str, ...]
    rules: tuple[Production, ...]
    starts: dict[str, tuple[int, int]]
    actions: tuple[dict[str, int], ...]
    _scanners: dict[int, list[tuple[str, Match]]] = field(default_factory=dict, repr=False, compare=False)

    def scanners(self, state: int) -> list[tuple[str, Match]]:
        """The terminals that can come in a state, but for the ignored ones, in the order in which to try them."""
        if state not in self._scanners:
            possible = self.actions[state].keys()
            self._scanners[state] = [(name, _match(pattern)) for name, pattern in self.terminals.items() if name in possible]
        return self._scanners[state]

    def ignored_words(self) -> Match:
        """What is ignored, as much as there is of it. No terminal begins like it."""
        return _match(f"(?:{'|'.join(self.terminals[name] for name in self.ignored)})+")


@cache
def _match(pattern: str) -> Match:
    return re.compile(pattern).match


@cache
def tables() -> ParserTables:
    """The tables of the language."""
    folder = shipped("grammars")
    grammar = (folder / GRAMMAR).read_text(encoding="utf-8")
    try:
        kept = (folder / TABLES).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        kept = ""
    found = unpacked(kept, grammar)
    if found is None:
        found = _made(grammar)
        with suppress(Rejected):  # an installation may not be writable
            write_atomically(folder / TABLES, packed(found, grammar).encode())
    return from_document(found)


def _made(grammar: str) -> Document:
    from tmc.syntax.from_lark import document_of

    return document_of(grammar)


def from_document(document: Document) -> ParserTables:
    """Tables from plain dictionaries, lists and strings."""
    return ParserTables(
        document["terminals"],
        tuple(document["ignored"]),
        tuple(Production.of(*rule) for rule in document["rules"]),
        {name: (first, last) for name, (first, last) in document["starts"].items()},
        tuple(document["actions"]),
    )
