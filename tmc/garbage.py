"""Switch off Python's collector of reference cycles, where it takes long and finds nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Do not search for cycles of garbage meanwhile: the stages are millions of objects that are all needed and hold no cycles, and
    to go through them again and again takes a third of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


RARELY = 50_000  # new objects; to load a command makes some 20,000, and they stay


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """For a whole process: search for cycles of garbage only after `RARELY` new objects, not 700, and no more once it ends."""
    _, *older = gc.get_threshold()
    gc.set_threshold(RARELY, *older)
    try:
        yield
    finally:
        gc.freeze()
