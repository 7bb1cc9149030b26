"""Local rules: what a layer of them does."""

from __future__ import annotations

import pytest

from conftest import compiled
from tmc.diagnostics import InternalError
from tmc.ir.lattice import HERE, WEST
from tmc.ir.rules import Copy, Field, Literal, Rule, Rules, Write, show_literal, step

COLOUR = Field("colour", ("white", "red", "blue"), persists=True)
SPARK = Field("spark", ("no", "yes"), persists=False)


def rules(*some: Rule) -> Rules:
    return Rules((COLOUR, SPARK), some, (), ())


def colour(*values: int, place: int = HERE) -> Literal:
    return Literal(place, "colour", values)


def test_what_persists_stays_and_what_does_not_falls_back() -> None:
    assert step(rules(), (((2, 1), (1, 0)),)) == (((2, 0), (1, 0)),)


def test_a_rule_writes_where_its_guard_holds() -> None:
    spread = Rule("spread", (colour(0), colour(1, 2, place=WEST)), (Copy("colour", WEST, "colour"), Write("spark", 1)))
    lattice = (((2, 0), (0, 0), (0, 0), (1, 0)),)
    lattice = step(rules(spread), lattice)
    assert lattice == (((2, 0), (2, 1), (0, 0), (1, 0)),)
    assert step(rules(spread), lattice) == (((2, 0), (2, 0), (2, 1), (1, 0)),)


def test_beyond_the_edges_everything_is_at_rest() -> None:
    edge = Rule("edge", (colour(0, place=WEST),), (Write("colour", 1),))
    assert step(rules(edge), (((2, 0), (2, 0)),)) == (((1, 0), (2, 0)),)


def test_two_writers_at_once_are_an_error_even_when_they_agree() -> None:
    one, other = (Rule(name, (colour(0),), (Write("spark", 1),)) for name in ("one", "other"))
    with pytest.raises(InternalError, match=r"^rules `one` and `other` both write spark$"):
        step(rules(one, other), (((0, 0),),))


def test_a_literal_in_words() -> None:
    words = rules()
    assert show_literal(colour(1), words) == "colour = red"
    assert show_literal(colour(0, 1), words) == "colour ≠ blue"
    assert show_literal(Literal(WEST, "spark", (1,)), words) == "west.spark = yes"


def test_a_field_that_the_machine_has_no_use_for() -> None:
    assert compiled("gauss").rules.has("push")
    assert not compiled("increment").rules.has("push")
    with pytest.raises(KeyError):
        compiled("increment").rules.field("push")
