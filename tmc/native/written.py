"""Kernels as they are written: plain functions of numbers and arrays, what they take, and a digest of all that they are made of.

A kernel's annotations say what its arguments are: numbers, arrays (`Dimensions` says of how many dimensions, if not of one) that
lie in memory row by row, and named tuples of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import sha256
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

NUMBER = "q"  # the kind of an argument that is no array: a whole number of eight bytes


class Dimensions(int):
    """How many dimensions an array has: ``Annotated[NDArray[np.float64], Dimensions(2)]``."""


class Part:
    """A function that kernels call."""

    def __init__(self, function: FunctionType) -> None:
        self.function, self.__doc__, self.__name__ = function, function.__doc__, function.__name__

    def __call__(self, *arguments: Any) -> Any:
        """Not from Python."""
        raise TypeError(f"only kernels call {self.__name__}")


class Intrinsic:
    """A function that kernels call and that is written for the compiler: the one of the same name in `tmc.native.intrinsics`."""

    def __init__(self, name: str) -> None:
        self.name = name


class Kernel:
    """A function that becomes machine code, with the others of its module."""

    def __init__(self, function: FunctionType, group: list[Kernel]) -> None:
        self.function, self.group, self.__doc__, self.__name__ = function, group, function.__doc__, function.__name__

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The annotations of its arguments and, last, of its result."""
        return get_type_hints(self.function, include_extras=True)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Its arguments, one after the other: ``q`` for a number, for an array numpy's letter and its dimensions (``d2``)."""
        return tuple(kind for name, hint in self.hints.items() if name != "return" for kind in kinds_of(hint))


groups: dict[str, list[Kernel]] = {}


def group_of(module: str) -> list[Kernel]:
    """The kernels of a module."""
    return groups[module]


def kinds_of(hint: Any) -> Iterator[str]:
    """The kinds that an annotation stands for, see `Kernel.kinds`."""
    for part_of in parts_of(hint) or ():
        yield from kinds_of(part_of)
    if parts_of(hint) is None:
        dtype, dimensions = array_of(hint) or (None, 0)
        yield f"{dtype.char}{dimensions}" if dtype else NUMBER


def names_of(hint: Any) -> list[Any]:
    """The names of a named tuple's parts, in their order, and within them likewise; [] if the value is not a named tuple."""
    return [*zip(getattr(hint, "_fields", ()), map(names_of, parts_of(hint) or ()), strict=False)]


def parts_of(hint: Any) -> list[Any] | None:
    """The annotations of a tuple's parts; None if the type is not a tuple."""
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return list(get_type_hints(hint, include_extras=True).values())
    return list(get_args(hint)) if get_origin(hint) is tuple else None


def array_of(hint: Any) -> tuple[np.dtype[Any], int] | None:
    """What an array holds, and its dimensions; None if the type is not an array."""
    dimensions = next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Dimensions)), 1)
    hint = getattr(hint, "__origin__", hint) if dimensions != 1 else hint
    return (np.dtype(get_args(get_args(hint)[1])[0]), dimensions) if get_origin(hint) is np.ndarray else None


def digest(group: list[Kernel]) -> str:
    """A digest of all that the machine code of some kernels is made of: their code, that of their parts, and the values of all
    names in them, wherever those come from."""
    found, seen = sha256(), set[int]()
    for one in group:
        found.update(repr((one.__name__, one.kinds, [*map(names_of, one.hints.values())])).encode())
        _digest(one.function, found.update, seen)
    return found.hexdigest()


def _digest(function: FunctionType, update: Callable[[bytes], None], seen: set[int]) -> None:
    if id(function) in seen:
        return
    seen.add(id(function))
    for code in codes_of(function.__code__):
        update(as_bytes(code))
        for name in code.co_names:
            value = function.__globals__.get(name)
            if isinstance(value, Part | Kernel):
                _digest(value.function, update, seen)
            elif not isinstance(value, ModuleType | FunctionType):
                update(f"{name} {value.name if isinstance(value, Intrinsic) else value!r}\n".encode())


def codes_of(code: CodeType) -> Iterator[CodeType]:
    """A piece of code and those within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes_of(constant)


def as_bytes(code: CodeType) -> bytes:
    """All that a piece of code does, but for the pieces within it; not where it stands."""
    plain = (constant for constant in code.co_consts if not isinstance(constant, CodeType))
    constants = [sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant for constant in plain]
    return repr((code.co_name, code.co_names, code.co_varnames, constants)).encode() + code.co_code
