"""Progress bars: on a terminal those of tqdm; elsewhere nothing is shown, and tqdm is not loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any


def seen() -> bool:
    """Whether anybody sees a bar: stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def bar(lines: Iterable[Any] | None = None, **options: Any) -> Any:
    """A bar as tqdm makes it with these `options`, which is gone in the end; one that shows nothing unless it is `seen`."""
    if not seen():
        return _Hidden(lines or ())
    from tqdm import tqdm

    return tqdm(lines, leave=False, **options)


class _Hidden:
    """What commands ask of a bar, without one."""

    def __init__(self, lines: Iterable[Any]) -> None:
        self._lines, self.n = lines, 0.0

    def __enter__(self) -> _Hidden:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(self._lines)

    def update(self, more: float = 1) -> None:
        """Go on."""
        self.n += more

    def say(self, *_: object, **__: object) -> None:
        """Say something beside the bar."""

    set_description = set_description_str = set_postfix_str = say

    def external_write_mode(self) -> nullcontext[None]:
        """While something else is printed."""
        return nullcontext()
