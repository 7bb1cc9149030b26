"""Refusing machines with a choice: two rules of a state for one reading."""

from __future__ import annotations

from itertools import product
from math import prod

from tmc.formats.draft import refusal
from tmc.source import Source

MOST_READINGS = 1_000_000
Read = tuple[tuple[str, ...], ...]  # the symbols of each tape


class Reads:
    """What the rules of each state read, as they are met in a text."""

    def __init__(self, source: Source) -> None:
        self._source, self._seen = source, dict[tuple[str, ...], int]()
        self._left = MOST_READINGS

    def add(self, state: str, read: Read, start: int, end: int) -> None:
        """Note a rule at a place. Raises `Rejected` if an earlier one is for one of its readings."""
        self._left -= prod(map(len, read))
        if self._left < 0:
            raise refusal(self._source, start, end, f"the rules down to this one are for more than {MOST_READINGS} readings")
        for symbols in product(*read):
            key = (state, *symbols)
            if key in self._seen:
                line, _ = self._source.place(self._seen[key])
                what = f"a second rule for the state `{state}` on {' '.join(symbols)}"
                help = "machines with a choice cannot be imported"
                raise refusal(self._source, start, end, what, f"the first is in line {line}", help)
            self._seen[key] = start
