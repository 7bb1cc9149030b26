"""What a caller has given: names that must be one of some, and numbers that must be in a range.

Python refuses with `Rejected` what the command line refuses with the same words.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from operator import index
from os import PathLike
from typing import Any, ParamSpec, TypeVar

from tmc.diagnostics import Rejected

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def check_name(what: str, given: object, names: Sequence[str]) -> None:
    """Raise `Rejected` unless `given` is one of the names: "no engine is called 'x'; there are auto, sparse, dense"."""
    if not isinstance(given, str) or given not in names:
        raise Rejected(f"no {what} is called {given!r}; there are {', '.join(names)}")


def check_count(name: str, given: object, least: int) -> int:
    """A whole number that is `least` or more. Raises `Rejected` for anything else: "max_layers: -3 is not in the range x>=1"."""
    try:
        number = index(given)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(given, bool):
        raise Rejected(f"{name}: {given!r} is not a whole number")
    if number < least:
        raise Rejected(f"{name}: {number} is not in the range x>={least}")
    return number


def kind_of(given: object) -> str:
    """``an int``, ``a tuple``."""
    name = type(given).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def check_flag(name: str, given: object) -> None:
    """Raise `Rejected` unless `given` is True or False."""
    if not isinstance(given, bool):
        raise Rejected(f"{name}: {given!r} is not True or False")


def check_path(what: str, given: object) -> None:
    """Raise `Rejected` unless `given` is the path of a file: "a checkpoint is given as a path, not as a int"."""
    if not isinstance(given, str | PathLike):
        raise Rejected(f"{what} is given as a path, not as {kind_of(given)}")


def renamed(**names: str) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """A decorator: arguments by keyword may have their old names (the keys) for one version more; a DeprecationWarning says the new
    ones."""

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(function)
        def call(*arguments: Arguments.args, **keywords: Arguments.kwargs) -> Result:
            given: dict[str, Any] = dict(keywords)
            for old in names.keys() & given.keys():
                text = f"{function.__name__}: the argument {old} is now called {names[old]}"
                warnings.warn(text, DeprecationWarning, stacklevel=2)
                given.setdefault(names[old], given.pop(old))
            return function(*arguments, **given)

        return call

    return decorate
