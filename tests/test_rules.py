"""Local rules: what a layer of them does, and that two rules never write one field at once."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from conftest import compiled
from tmc.diagnostics import InternalError
from tmc.ir.conflicts import exclusive, implies, validate
from tmc.ir.lattice import EAST, HERE, WEST, Patch
from tmc.ir.rules import (
    Copy,
    Field,
    Guard,
    Invariant,
    Literal,
    Rule,
    Rules,
    Write,
    local,
    show_literal,
    step,
)
from tmc.lower.table_to_rules import table_to_rules
from tmc.verify.machines import Family, random_machine

COLOUR = Field("colour", ("white", "red", "blue"), persists=True)
SPARK = Field("spark", ("no", "yes"), persists=False)


def rules(*some: Rule, invariants: tuple[Invariant, ...] = ()) -> Rules:
    return Rules((COLOUR, SPARK), some, invariants, ())


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


def test_guards_that_read_one_thing_differently_exclude_each_other() -> None:
    assert exclusive((colour(0),), (colour(1, 2),))
    assert not exclusive((colour(0, 1),), (colour(1, 2),))
    assert not exclusive((colour(0),), (colour(1, place=WEST),))
    assert not exclusive((), ())


def test_a_guard_implies_what_one_of_its_literals_says() -> None:
    assert implies((colour(0), colour(1, place=WEST)), (colour(0, 2),))
    assert implies((colour(0),), ())
    assert not implies((colour(0, 2),), (colour(0),))
    assert not implies((colour(0),), (colour(0, place=EAST),))
    assert not implies((colour(0),), (Literal(HERE, "spark", (0,)),))


def test_an_invariant_excludes_guards_that_imply_two_of_its_members() -> None:
    here, west, east = ((colour(2, place=place),) for place in (HERE, WEST, EAST))
    one = Invariant("one blue cell", (here, west, east))
    assert exclusive(here, west, [one])
    assert exclusive((*here, colour(0, place=EAST)), west, [one])
    assert not exclusive(here, here, [one])
    assert not exclusive(here, (colour(0, 2, place=WEST),), [one])
    assert not exclusive(here, west, [])


def test_validation_names_the_pair_that_may_write_one_field() -> None:
    red = Rule("paint it red", (colour(0),), (Write("colour", 1),))
    blue = Rule("paint it blue", (colour(2, place=WEST),), (Write("colour", 2),))
    with pytest.raises(InternalError, match=r"^rules `paint it red` and `paint it blue` may both write colour$"):
        validate(rules(red, blue))
    validate(rules(red, replace(blue, guard=(*blue.guard, colour(1, 2)))))
    validate(rules(red, replace(blue, writes=(Write("spark", 1),))))
    never = Invariant("white stands alone", ((colour(0),), (colour(2, place=WEST),)))
    validate(rules(red, blue, invariants=(never,)))


def test_the_rules_of_one_state_are_compared_with_those_of_any_state() -> None:
    state = Field("state", ("none", "a", "b"), persists=True)
    in_a, in_b = (Rule(name, (Literal(HERE, "state", (n,)),), (Write("spark", 1),)) for name, n in (("a", 1), ("b", 2)))
    anywhere = Rule("anywhere", (colour(0),), (Write("spark", 1),))
    validate(Rules((state, COLOUR, SPARK), (in_a, in_b), (), ()))
    with pytest.raises(InternalError, match="`b` and `anywhere` may both write spark"):
        validate(Rules((state, COLOUR, SPARK), (replace(in_a, writes=()), in_b, anywhere), (), ()))


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_the_shipped_machines_have_rules_that_exclude_each_other(name: str) -> None:
    validate(compiled(name).rules)


def double_writes(automaton: Rules, patches: list[Patch]) -> bool:
    try:
        for patch in patches:
            local(automaton)(patch)
    except InternalError:
        return True
    return False


def without(guard: Guard, index: int) -> Guard:
    return (*guard[:index], *guard[index + 1 :])


def test_a_lost_literal_of_the_control_is_noticed() -> None:
    """Take away the literal by which a transition tells its reading from others of its state: the check must see it."""
    automaton = compiled("gauss").rules
    refused = 0
    for number, rule in enumerate(automaton.rules):
        for index, literal in enumerate(rule.guard):
            if not rule.line or literal.field not in ("symbol", "state", "kind", "inside"):
                continue
            weaker = replace(rule, guard=without(rule.guard, index))
            mutant = replace(automaton, rules=(*automaton.rules[:number], weaker, *automaton.rules[number + 1 :]))
            try:
                validate(mutant)
            except InternalError as error:
                refused += 1
                assert f"`{rule.name}`" in str(error)
            else:
                assert wholly_covered(automaton, rule, weaker), rule
    assert refused > 30


def wholly_covered(automaton: Rules, rule: Rule, weaker: Rule) -> bool:
    """Whether what the weaker rule adds meets no other rule of its state that writes one of its fields."""
    fields = {write.field for write in rule.writes}
    others = [other for other in automaton.rules if other is not rule and fields & {write.field for write in other.writes}]
    return all(exclusive(weaker.guard, other.guard, automaton.invariants) for other in others)


@pytest.mark.parametrize("seed", range(10))
def test_what_validation_accepts_never_writes_twice(seed: int) -> None:
    """On arbitrary patches without any invariant: then only the guards themselves keep rules apart."""
    random = Random(seed)
    automaton = table_to_rules(random_machine(random, Family(kind=random.choice(("grid", "line")))))
    kept: list[Rule] = []
    for rule in automaton.rules:
        mutant = replace(automaton, rules=(*kept, rule), invariants=())
        try:
            validate(mutant)
        except InternalError:
            continue
        kept.append(rule)
    patches = [random_patch(random, automaton) for _ in range(60)]
    assert not double_writes(replace(automaton, rules=tuple(kept)), patches)


def random_patch(random: Random, automaton: Rules) -> Patch:
    cells = (tuple(random.choice(field.numbers()) for field in automaton.fields) for _ in range(9))
    return tuple(cells)  # type: ignore[return-value]


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
