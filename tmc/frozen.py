"""Frozen dataclasses that are quick to define: a compiler of many small types defines them all at every start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields, is_dataclass
from inspect import get_annotations
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

Type = TypeVar("Type")
Values = tuple[Any, ...]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Type]) -> type[Type]:
    """``dataclass(frozen=True, slots=True)`` for classes all of whose fields are given in their order, in a tenth of its time.

    `dataclass` writes and compiles every method for every class; here that is done for `__init__` only, and not before the first
    object. What `dataclasses.fields` and `dataclasses.replace` read is made by `dataclass` itself, once they are used. As there, a
    method that the class has stays. TypeError for a field that is not given, or only by its name.

    ::

        >>> @frozen
        ... class Place:
        ...     line: int
        ...     column: int = 1
        >>> Place(3) == Place(3, 1), Place(3)
        (True, Place(line=3, column=1))
    """
    own = {name: _part(cls, name) for name in get_annotations(cls)}
    bases = {part.name: part for base in reversed(cls.__mro__[1:]) if is_dataclass(base) for part in fields(base)}
    parts = {**bases, **own}
    if hasattr(cls, "__post_init__") or not all(map(_is_plain, parts.values())):
        raise TypeError(f"{cls.__name__}: a field that is not plain needs `dataclass`")

    names = tuple(parts)
    values, compared = _values(names), _values([name for name in names if parts[name].compare])
    made: dict[str, object] = {
        "__slots__": tuple(name for name in own if name not in bases),
        "__match_args__": names,
        "__init__": _WhenAsked(lambda made: _initialiser(made, parts)),
        "__eq__": lambda self, other: compared(self) == compared(other) if self.__class__ is other.__class__ else NotImplemented,
        "__hash__": lambda self: hash(compared(self)),
        "__reduce__": lambda self: (type(self), values(self)),
        "__setattr__": _refused,
        "__delattr__": _refused,
        "__dataclass_fields__": _WhenAsked(lambda _: _described(cls).__dataclass_fields__),  # the library asks for these two only
        "__dataclass_params__": _WhenAsked(lambda _: _described(cls).__dataclass_params__),
    }
    if cls.__repr__ is object.__repr__:
        made["__repr__"] = _shown
    return _again(cls, own, made)


class _WhenAsked:
    """An attribute of a class that is made when it is first asked for."""

    def __init__(self, make: Callable[[Any], object]) -> None:
        self.make = make

    def __set_name__(self, cls: type, name: str) -> None:
        self.cls, self.name = cls, name

    def __get__(self, instance: object, owner: type) -> Any:
        setattr(self.cls, self.name, self.make(self.cls))
        return getattr(owner if instance is None else instance, self.name)


def _again(cls: type[Type], fields: Collection[str], attributes: Mapping[str, object]) -> type[Type]:
    """The same class with more attributes, of which what it has itself stays. A field is no longer an attribute of the class."""
    left_out = {*fields, "__dict__", "__weakref__"}
    namespace = {name: value for name, value in cls.__dict__.items() if name not in left_out}
    if namespace.get("__hash__", cls) is None:  # so it is where a class has an `__eq__` of its own
        del namespace["__hash__"]
    meta: Any = type(cls)
    again: type[Type] = meta(cls.__name__, cls.__bases__, {**attributes, **namespace})
    again.__qualname__ = cls.__qualname__
    return again


def _described(cls: Any) -> Any:
    """The class as it was written, once `dataclass` has looked at it."""
    return cls if "__dataclass_fields__" in cls.__dict__ else dataclass(init=False, repr=False, eq=False)(cls)


def _part(cls: type, name: str) -> Field[Any]:
    given = cls.__dict__.get(name, MISSING)
    part: Field[Any] = given if isinstance(given, Field) else field(default=given)
    return part


def _is_plain(part: Field[Any]) -> bool:
    return part.init and part.kw_only is not True and part.hash is None and type(part.default).__hash__ is not None


def _values(names: Sequence[str]) -> Callable[[Any], Values]:
    """The function from an object to what these fields hold."""
    if len(names) < 2:  # `attrgetter` gives a tuple only if there are several
        return lambda self: tuple([getattr(self, name) for name in names])
    return attrgetter(*names)


def _initialiser(cls: type, parts: Mapping[str, Field[Any]]) -> Callable[..., None]:
    """The method that takes the fields in their order and puts each into its slot."""
    known: dict[str, Any] = {"MISSING": MISSING}
    parameters, body = list[str](), list[str]()
    for name, part in parts.items():
        value = name
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
