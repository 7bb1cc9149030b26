"""Progress bars: on a terminal those of tqdm; elsewhere a line of text now and then, and tqdm is not loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from time import monotonic
from typing import Any

import click

SOON, SLOWLY = 20.0, 60.0  # seconds from the first step to the first line where there is no terminal, and between two lines


def seen() -> bool:
    """Whether bars are shown: stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def bar(lines: Iterable[Any] | None = None, **options: Any) -> Any:
    """A bar of tqdm with these `options`, which is removed at the end; where it is not `seen`, lines of text instead."""
    if not seen():
        return _Lines(lines or (), **options)
    from tqdm import tqdm

    return tqdm(lines, leave=False, **options)


class _Lines:
    """What commands ask of a bar, as a line of text on stderr now and then."""

    def __init__(
        self, lines: Iterable[Any], desc: str = "", unit: str = "", total: float | None = None, initial: float = 0, **_: object
    ) -> None:
        self._lines, self._desc, self._unit, self._total, self._postfix = lines, desc, unit, total, ""
        self.n: float = initial
        self._due: float | None = None  # when the next line is, once the first step is done: before, machine code is loaded

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        for line in self._lines:
            yield line
            self.update()

    def update(self, more: float = 1) -> None:
        """Go on."""
        self.n += more
        self._say()

    def set_description_str(self, desc: str, **_: object) -> None:
        """What is being done."""
        self._desc = desc

    def set_postfix_str(self, text: str, **_: object) -> None:
        """What else is to be said."""
        self._postfix = text
        self._say()

    set_description = set_description_str

    def external_write_mode(self) -> nullcontext[None]:
        """While something else is printed."""
        return nullcontext()

    def _say(self) -> None:
        now = monotonic()
        if self._due is None:
            self._due = now + SOON
        if now >= self._due:
            click.echo(self._line(), err=True)
            self._due = now + SLOWLY

    def _line(self) -> str:
        """Such as ``learning: 3 of 9 examples`` or ``answering: 40%, 2/4 queries answered``."""
        if isinstance(self._total, float):
            how_far = f"{self.n / self._total:.0%}"
        else:
            of = "" if self._total is None else f" of {self._total:,}"
            how_far = f"{self.n:,}{of}" + f" {self._unit}s" * bool(self._unit)
        return f"{self._desc}: " * bool(self._desc) + ", ".join(filter(None, (how_far, self._postfix)))
