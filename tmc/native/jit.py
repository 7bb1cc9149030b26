"""Inner loops as machine code: `kernel` for those that Python calls, `part` for what kernels call.

Both stay plain functions of numbers and arrays (`tmc.native.written`), in what numba understands. Their machine code, all kernels
of a module in one object file, is found in a cache (`tmc.native.machine_code`) by a digest of everything that went into it; only
where it is not there is numba loaded and compiles it (`tmc.native.compiler`).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import cached_property
from types import FunctionType
from typing import Any, TypeVar, cast

import numpy as np

from tmc.diagnostics import InternalError
from tmc.native.written import NUMBER, Kernel, Part, groups

Function = TypeVar("Function", bound=Callable[..., Any])
WORD = (1 << 64) - 1  # all bits of a word


class MachineCode(Kernel):
    """A function that runs as machine code. It lets go of Python's lock: threads run it side by side."""

    @cached_property
    def _machine_code(self) -> Callable[[int, int, int], int]:
        from tmc.native.machine_code import addresses  # needed only here

        address = addresses(self.group)[self.__name__]
        return ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(address)

    def __call__(self, *arguments: Any) -> int:
        """Its result, a whole number."""
        words: list[int] = []
        kinds = tuple(_lay(arguments, words))
        if kinds != self.kinds:
            raise InternalError(f"{self.__name__} takes {' '.join(self.kinds)}, not {' '.join(kinds)}")
        given, result = np.array([0, 0, *words], np.uint64), self._machine_code
        start = given.__array_interface__["data"][0]
        if result(start, start + 8, start + 16):
            raise InternalError(f"{self.__name__} failed")
        return int(given.view(np.int64)[0])


def kernel(function: Function) -> Function:
    """A function of arrays and whole numbers, which returns a whole number, as machine code."""
    group = groups.setdefault(function.__module__, [])
    group.append(MachineCode(cast("FunctionType", function), group))
    return cast("Function", group[-1])


def part(function: Function) -> Function:
    """A function that kernels of its module call."""
    return cast("Function", Part(cast("FunctionType", function)))


def _lay(arguments: tuple[Any, ...], words: list[int]) -> Iterator[str]:
    """Put arguments into `words` as machine code takes them: a number as it is, of an array where it begins and its shape. Gives
    the kinds found."""
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            if not (argument.flags.c_contiguous and argument.dtype.isnative):
                raise InternalError("a kernel's arrays lie in memory row by row, as the processor has its numbers")
            words.append(argument.__array_interface__["data"][0])
            words.extend(argument.shape)
            yield f"{argument.dtype.char}{argument.ndim}"
        elif isinstance(argument, tuple):
            yield from _lay(argument, words)
        else:
            words.append(int(argument) & WORD)
            yield NUMBER
