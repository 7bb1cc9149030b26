"""Frozen dataclasses that are quick to define: a compiler of many small types defines them all at every start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

Type = TypeVar("Type")
Values = tuple[Any, ...]


@dataclass_transform(frozen_default=True)
def frozen(cls: type[Type]) -> type[Type]:
    """``dataclass(frozen=True, slots=True)`` for classes whose fields are plain, or have a default, in a quarter of its time.

    `dataclass` writes and compiles every method for every class; here that is done for `__init__` only. TypeError for a field that
    is not plain.

    ::

        >>> @frozen
        ... class Place:
        ...     line: int
        ...     column: int = 1
        >>> Place(3) == Place(3, 1), Place(3)
        (True, Place(line=3, column=1))
    """
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    names = tuple(part.name for part in fields(made))
    defaults = {part.name: part.default for part in fields(made) if part.default is not MISSING}
    if any(part.default_factory is not MISSING or not part.init or not part.compare or part.kw_only for part in fields(made)):
        raise TypeError(f"{cls.__name__}: a field that is not plain needs `dataclass`")

    values = _values(names)
    made.__init__ = _initialiser(made, names, defaults)
    made.__eq__ = lambda self, other: values(self) == values(other) if self.__class__ is other.__class__ else NotImplemented
    made.__hash__ = lambda self: hash(values(self))
    made.__reduce__ = lambda self: (made, values(self))
    made.__repr__ = _shown
    made.__setattr__ = made.__delattr__ = _refused
    found: type[Type] = made
    return found


def _values(names: tuple[str, ...]) -> Callable[[Any], Values]:
    """The function from an object to what its fields hold."""
    if len(names) < 2:  # `attrgetter` gives a tuple only if there are several
        return lambda self: tuple([getattr(self, name) for name in names])
    return attrgetter(*names)


def _initialiser(cls: type, names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    """The method that takes the fields in their order and puts each into its slot."""
    parameters = ", ".join(f"{name}=defaults[{name!r}]" if name in defaults else name for name in names)
    body = "; ".join(f"set_{name}(self, {name})" for name in names) or "pass"
    known: dict[str, Any] = {"defaults": defaults} | {f"set_{name}": cls.__dict__[name].__set__ for name in names}
    exec(f"def __init__(self, {parameters}): {body}", known)  # noqa: S102 - as dataclasses does
    made: Callable[..., None] = known["__init__"]
    return made


def _shown(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{part.name}={getattr(self, part.name)!r}' for part in fields(self))})"


def _refused(self: object, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot change {name!r} of a {type(self).__qualname__}: it is frozen")
