"""Compiling inner loops to machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """A function of arrays and numbers as machine code, compiled when it is first called, and kept beside its source for the next
    process, or in the user's cache folder; where neither can be written it is compiled anew each time.

    It lets go of Python's lock: threads run it side by side.
    """
    try:
        return cast("Function", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # "no locator available": no folder to keep it in
        return cast("Function", numba.njit(nogil=True)(function))


def inlined(function: Function) -> Function:
    """A part of kernels, copied into each of them: a call would cost as much as a few steps."""
    return cast("Function", numba.njit(inline="always", nogil=True)(function))
