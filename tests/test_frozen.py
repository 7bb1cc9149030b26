"""`frozen` against `dataclass(frozen=True, slots=True)`, which it stands for."""

from __future__ import annotations

import copy
import pickle
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from inspect import signature
from types import FunctionType
from typing import Any

import pytest

from tmc.frozen import frozen


@frozen
class Ours:
    """Three fields, one of them with a default."""

    first: int
    second: tuple[int, ...]
    third: str = "x"


@frozen
class One:
    """A single field."""

    only: int


@frozen
class Empty:
    """No field at all."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """The same by the library."""

    first: int
    second: tuple[int, ...]
    third: str = "x"


ARGUMENTS: list[tuple[Any, ...]] = [(1, (2,)), (1, (2,), "x"), (1, (2,), "y"), (2, (), "x"), (1.0, (2,))]


def test_it_shows_and_compares_like_a_dataclass() -> None:
    for one in ARGUMENTS:
        assert repr(Ours(*one)) == repr(Theirs(*one)).replace("Theirs", "Ours")
        assert hash(Ours(*one)) == hash(Theirs(*one))
        assert Ours(*one) != Theirs(*one)
        for other in ARGUMENTS:
            assert (Ours(*one) == Ours(*other)) == (Theirs(*one) == Theirs(*other))
    assert (One(1) == One(1), One(1) == One(2), hash(One(1)) == hash((1,)), repr(One(1))) == (True, False, True, "One(only=1)")
    assert (Empty() == Empty(), hash(Empty()) == hash(()), repr(Empty())) == (True, True, "Empty()")


def test_it_is_a_dataclass() -> None:
    ours = Ours(1, second=(2,))
    assert is_dataclass(ours)
    assert [part.name for part in fields(ours)] == ["first", "second", "third"]
    assert replace(ours, third="y") == Ours(1, (2,), "y")
    assert Ours.__match_args__ == ("first", "second", "third")
    assert Ours.__slots__ == ("first", "second", "third")
    assert copy.copy(ours) == copy.deepcopy(ours) == pickle.loads(pickle.dumps(ours)) == ours
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'second'"):
        Ours(1)  # type: ignore[call-arg]


def test_it_is_frozen() -> None:
    ours: Any = Ours(1, (2,))
    for name in ("first", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(ours, name, 1)
        with pytest.raises(FrozenInstanceError):
            delattr(ours, name)


@pytest.mark.parametrize("odd", [field(init=False), field(hash=True), field(kw_only=True), field(default=[]), []])
def test_other_fields_are_refused(odd: Any) -> None:
    with pytest.raises(TypeError, match="a field that is not plain needs `dataclass`"):
        frozen(type("Odd", (), {"__annotations__": {"part": "object"}, "part": odd}))


def test_a_class_that_would_change_its_objects_is_refused() -> None:
    class Odd:
        part: int

        def __post_init__(self) -> None:
            object.__setattr__(self, "part", 1)

    with pytest.raises(TypeError, match="a field that is not plain needs `dataclass`"):
        frozen(Odd)


@frozen
class Asked:
    """Nothing was asked of it yet."""

    first: int
    made: list[int] = field(default_factory=list)
    third: str = "x"


def test_what_is_made_when_it_is_asked_for_is_the_librarys() -> None:
    derived = type("Derived", (Asked,), {})
    assert not any(isinstance(Asked.__dict__[name], FunctionType | dict) for name in ("__init__", "__dataclass_fields__"))
    assert str(signature(derived)).replace("MISSING", "").startswith("(first, made=<dataclasses.")
    assert derived(1, third="y") == derived(1, [], "y")
    assert isinstance(Asked.__dict__["__init__"], FunctionType)
    assert "__init__" not in derived.__dict__
    assert [(part.name, part.type, part.default) for part in fields(derived(1))] == [
        ("first", "int", MISSING), ("made", "list[int]", MISSING), ("third", "str", "x"),
    ]  # fmt: skip
    assert fields(Asked) == fields(derived)
    assert replace(derived(1), first=2) == derived(2)


@frozen
class Own:
    """A class with methods of its own, which stay."""

    first: int
    second: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Own) and self.first == other.first

    def __repr__(self) -> str:
        return f"{self.first}!"


@frozen
class Derived(Own):
    """One of them is inherited."""


def test_methods_that_a_class_has_stay() -> None:
    assert Own(1, 2) == Own(1, 3)
    assert hash(Own(1, 2)) != hash(Own(1, 3))
    assert (repr(Own(1, 2)), repr(Derived(1, 2))) == ("1!", "1!")
    assert Derived(1, 2) != Derived(1, 3)


@frozen
class Full:
    """Fields of every kind that there may be."""

    first: int
    made: list[int] = field(default_factory=list)
    aside: int = field(default=1, compare=False)
    hidden: int = field(default=2, repr=False)


def test_fields_may_be_made_left_aside_and_hidden() -> None:
    one, other = Full(0), Full(0)
    one.made.append(5)
    assert (one.made, other.made, Full(0, [7]).made) == ([5], [], [7])
    assert repr(one) == "Full(first=0, made=[5], aside=1)"
    assert Full(0) == Full(0, aside=3) != Full(0, hidden=3)
    assert hash(Full(0, (), 1)) == hash(Full(0, (), 3)) == hash((0, (), 2))  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(Full(0, aside=3))).aside == 3


@frozen
class More(Ours):
    """The fields of another, and one more."""

    fourth: int = 4


@frozen
class Same(One):
    """The field of another, and none of its own."""


class Plain(One):
    """The same, undecorated."""


@pytest.mark.parametrize("made", [More(1, (2,)), Same(1), Plain(1)], ids=repr)
def test_fields_may_be_those_of_a_base(made: Any) -> None:
    for copied in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), replace(made)):
        assert type(copied) is type(made)
        assert copied == made
    with pytest.raises(FrozenInstanceError):
        made.only = 1


def test_an_object_of_a_derived_class_is_another() -> None:
    assert repr(More(1, (2,), "y", 5)) == "More(first=1, second=(2,), third='y', fourth=5)"
    assert More(1, (2,)) != Ours(1, (2,))
    assert One(1) != Same(1) != Plain(1)
