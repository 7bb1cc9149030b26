"""Compiling inner loops to machine code."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """A function of arrays and numbers as machine code, compiled when it is first called, and kept beside its source for the next
    process, or in the user's cache folder; where neither can be written, or the disk is full, it is compiled anew each time.

    It lets go of Python's lock: threads run it side by side.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except (RuntimeError, OSError):  # "no locator available": no folder to keep it in
        return cast("Function", numba.njit(nogil=True)(function))
    _spare(compiled)
    return cast("Function", compiled)


def _spare(compiled: Any) -> None:
    """Let a function do without its cache, whatever is wrong with that: what cannot be read is compiled, what cannot be written is
    not kept."""
    cache = compiled._cache
    load, save = cache.load_overload, cache.save_overload

    def load_overload(*arguments: Any) -> Any:
        try:
            return load(*arguments)
        except Exception:  # noqa: BLE001 - it unpickles: damage may raise anything
            with suppress(OSError):
                cache.flush()  # or it would stay damaged for ever
            return None

    def save_overload(*arguments: Any) -> None:
        with suppress(OSError, EOFError, ValueError, pickle.UnpicklingError):  # it reads what is there first
            save(*arguments)

    cache.load_overload, cache.save_overload = load_overload, save_overload


def inlined(function: Function) -> Function:
    """A part of kernels, copied into each of them: a call would cost as much as a few steps."""
    return cast("Function", numba.njit(inline="always", nogil=True)(function))
