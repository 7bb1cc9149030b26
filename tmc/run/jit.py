"""The one place where numba compiles: `kernel`, a decorator for loops over arrays and integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """The function, compiled when it is first called and kept in a cache; where none can be written, for this process.

    While it runs, other threads do, too.
    """
    try:
        compiled: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # "no locator available": neither the package's folder nor the user's can be written
        compiled = numba.njit(nogil=True)(function)
    return cast(Function, compiled)


def inlined(function: Function) -> Function:
    """A part of kernels, copied into each of them: a call would cost as much as a few steps."""
    return cast(Function, numba.njit(inline="always", nogil=True)(function))
