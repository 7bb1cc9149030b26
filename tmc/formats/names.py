"""Names and symbols of other programs in our words: what cannot stay as it is gets a name that still tells what it was."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tmc.width import width_of

HALTING = ("accept", "reject")
SPARE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + "".join(map(chr, range(0xC0, 0x250)))
WORDS = {
    "#": "hash", "$": "dollar", "*": "star", "+": "plus", "-": "minus", "/": "slash", "=": "equals", "!": "bang", "?": "question",
    "<": "less", ">": "greater", "&": "and", "%": "percent", "@": "at", "'": "prime", "~": "tilde", "^": "hat", "|": "bar",
}  # fmt: skip


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """A name of the language for each of these, all different: letters, digits and `_`, not beginning with a digit.

    ::

        >>> identifiers(["q0", "0", "go-right", "go right", "accept"])
        {'q0': 'q0', '0': 's0', 'go-right': 'go_right', 'go right': 'go_right_2', 'accept': 'accept_'}
    """
    found: dict[str, str] = {}
    names = list(dict.fromkeys(names))
    taken = {*HALTING, *(name for name in names if _is_name(name))}
    counts: dict[str, int] = {}  # the last number behind a name
    for name in names:
        found[name] = name if _is_name(name) else _free(_identifier(name), taken, counts)
        taken.add(found[name])
    return found


def _is_name(name: str) -> bool:
    plain = re.fullmatch(r"[^\W\d]\w*", name) is not None and unicodedata.normalize("NFC", name) == name
    return plain and name not in HALTING


def _identifier(name: str) -> str:
    if name in HALTING:
        return f"{name}_"
    spelt = "".join(f"_{WORDS[letter]}_" if letter in WORDS and letter != "-" else letter for letter in name)
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFC", spelt)).strip("_")
    if not plain:
        return "state"
    return f"s{plain}" if plain[0].isdigit() else plain if re.fullmatch(r"[^\W\d]\w*", plain) else f"s_{plain}"


def _free(name: str, taken: set[str], counts: dict[str, int]) -> str:
    free = name
    while free in taken:
        counts[name] = counts.get(name, 1) + 1
        free = f"{name}_{counts[name]}"
    return free


def characters(symbols: Iterable[str], blank: str) -> dict[str, str]:
    """A character for each symbol, all different; the blank's is `_`.

    A symbol that is one visible character keeps it. Others get the first free character of their own, else any free one.

    ::

        >>> characters(["0", "1", "x1", "x2", "_"], " ")
        {' ': '_', '0': '0', '1': '1', 'x1': 'x', 'x2': 'a', '_': 'b'}
    """
    found = {blank: "_"}
    symbols = [symbol for symbol in dict.fromkeys(symbols) if symbol != blank]
    kept = {symbol for symbol in symbols if _is_character(symbol)}
    taken = {"_", *kept}
    for symbol in symbols:
        if symbol in kept:
            found[symbol] = symbol
            continue
        wanted = [*(letter for letter in symbol if letter.isalnum() and _is_character(letter)), *SPARE]
        found[symbol] = next(letter for letter in wanted if letter not in taken)
        taken.add(found[symbol])
    return found


def _is_character(symbol: str) -> bool:
    return len(symbol) == 1 and symbol != "_" and symbol.isprintable() and not symbol.isspace() and width_of(symbol) > 0


def written(character: str) -> str:
    """A symbol as a rule writes it: in quotes unless it is a letter, a digit or `_`."""
    return character if re.fullmatch(r"\w", character) else f"'{character}'"
