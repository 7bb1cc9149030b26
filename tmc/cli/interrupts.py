"""Signals that end a command, held back until it has said how far it has come."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tmc.cli import ENDING


class Interrupt:
    """Whether a signal has asked the command to end, and which."""

    signal: signal.Signals | None = None

    def __bool__(self) -> bool:
        return self.signal is not None

    @property
    def status(self) -> int:
        """The exit status of a command that was ended so."""
        return 0 if self.signal is None else 128 + self.signal


@contextmanager
def held_back() -> Iterator[Interrupt]:
    """The first of the signals only sets the `Interrupt`, which the command looks at now and then; the next one does what it would
    have done. Signals that somebody else deals with or ignores are left alone, and all of them in a thread."""
    found, before = Interrupt(), dict[int, Any]()

    def note(number: int, frame: FrameType | None) -> None:
        found.signal = signal.Signals(number)
        for held, handler in before.items():
            signal.signal(held, handler)

    if threading.current_thread() is threading.main_thread():
        held = [number for number in (signal.SIGINT, *ENDING) if callable(signal.getsignal(number))]
        before.update({number: signal.signal(number, note) for number in held})
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
