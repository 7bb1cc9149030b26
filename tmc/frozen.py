"""Frozen dataclasses that are quick to define: a compiler of many small types defines them all at every start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

Type = TypeVar("Type")
Values = tuple[Any, ...]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Type]) -> type[Type]:
    """``dataclass(frozen=True, slots=True)`` for classes all of whose fields are given in their order, in a quarter of its time.

    `dataclass` writes and compiles every method for every class; here that is done for `__init__` only. TypeError for a field that
    is not given, or only by its name.

    ::

        >>> @frozen
        ... class Place:
        ...     line: int
        ...     column: int = 1
        >>> Place(3) == Place(3, 1), Place(3)
        (True, Place(line=3, column=1))
    """
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    parts = fields(made)
    if any(not part.init or part.kw_only or part.hash is not None for part in parts):
        raise TypeError(f"{cls.__name__}: a field that is not plain needs `dataclass`")

    values, compared = _values(parts), _values([part for part in parts if part.compare])
    made.__init__ = _initialiser(made, parts)
    made.__eq__ = lambda self, other: compared(self) == compared(other) if self.__class__ is other.__class__ else NotImplemented
    made.__hash__ = lambda self: hash(compared(self))
    made.__reduce__ = lambda self: (type(self), values(self))
    if "__repr__" not in cls.__dict__:
        made.__repr__ = _shown
    made.__setattr__ = made.__delattr__ = _refused
    found: type[Type] = made
    return found


def _values(parts: Sequence[Field[Any]]) -> Callable[[Any], Values]:
    """The function from an object to what these fields hold."""
    names = [part.name for part in parts]
    if len(names) < 2:  # `attrgetter` gives a tuple only if there are several
        return lambda self: tuple([getattr(self, name) for name in names])
    return attrgetter(*names)


def _initialiser(cls: type, parts: Sequence[Field[Any]]) -> Callable[..., None]:
    """The method that takes the fields in their order and puts each into its slot."""
    known: dict[str, Any] = {"MISSING": MISSING}
    parameters, body = list[str](), list[str]()
    for part in parts:
        name = value = part.name
        known[f"set_{name}"] = getattr(cls, name).__set__  # a base's, if the field is
        if part.default_factory is not MISSING:
            known[f"make_{name}"] = part.default_factory
            parameters.append(f"{name}=MISSING")
            value = f"make_{name}() if {name} is MISSING else {name}"
        elif part.default is not MISSING:
            known[f"default_{name}"] = part.default
            parameters.append(f"{name}=default_{name}")
        else:
            parameters.append(name)
        body.append(f"set_{name}(self, {value})")
    exec(f"def __init__(self, {', '.join(parameters)}): {'; '.join(body) or 'pass'}", known)  # noqa: S102 - as dataclasses does
    made: Callable[..., None] = known["__init__"]
    return made


def _shown(self: Any) -> str:
    shown = [f"{part.name}={getattr(self, part.name)!r}" for part in fields(self) if part.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refused(self: object, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot change {name!r} of a {type(self).__qualname__}: it is frozen")
