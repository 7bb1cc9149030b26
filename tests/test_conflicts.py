"""Conflicts: two rules that may write one field at once are found, and nothing else is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations, product
from random import Random

import pytest

from conftest import compiled
from tmc.automaton.table_to_rules import table_to_rules
from tmc.diagnostics import InternalError
from tmc.ir import conflicts
from tmc.ir.conflicts import Claim, exclusive, implies, validate
from tmc.ir.lattice import EAST, HERE, WEST, Patch
from tmc.ir.rules import Field, Guard, Invariant, Literal, Rule, Rules, Write, local
from tmc.report.families import family
from tmc.testing.random_machines import Family, random_machine

COLOUR = Field("colour", ("white", "red", "blue"), persists=True)
SPARK = Field("spark", ("no", "yes"), persists=False)


def rules(*some: Rule, invariants: tuple[Invariant, ...] = ()) -> Rules:
    return Rules((COLOUR, SPARK), some, invariants, ())


def colour(*values: int, place: int = HERE) -> Literal:
    return Literal(place, "colour", values)


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


def test_a_guard_that_implies_two_members_excludes_whatever_implies_one() -> None:
    here, west = (colour(2),), (colour(2, place=WEST),)
    one = Invariant("one blue cell", (here, west))
    assert exclusive((*here, *west), west, [one])
    assert exclusive(west, (*here, *west), [one])
    assert not exclusive((*here, *west), (), [one])


def test_validation_names_the_pair_that_may_write_one_field() -> None:
    red = Rule("paint it red", (colour(0),), (Write("colour", 1),))
    blue = Rule("paint it blue", (colour(2, place=WEST),), (Write("colour", 2),))
    with pytest.raises(InternalError, match=r"^rules `paint it red` and `paint it blue` may both write colour$"):
        validate(rules(red, blue))
    validate(rules(red, replace(blue, guard=(*blue.guard, colour(1, 2)))))
    validate(rules(red, replace(blue, writes=(Write("spark", 1),))))
    never = Invariant("white stands alone", ((colour(0),), (colour(2, place=WEST),)))
    validate(rules(red, blue, invariants=(never,)))


def test_a_rule_that_writes_one_field_twice() -> None:
    with pytest.raises(InternalError, match=r"^rule `paint it` writes one field twice$"):
        validate(rules(Rule("paint it", (colour(0),), (Write("colour", 1), Write("colour", 2)))))


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


# --- the same, pair by pair


def plainly_exclusive(one: Guard, other: Guard, invariants: tuple[Invariant, ...]) -> bool:
    things = {(literal.place, literal.field): set(literal.values) for literal in one}
    if any(things.get((x.place, x.field), set(x.values)).isdisjoint(x.values) for x in other):
        return True
    pairs = ((a, b) for invariant in invariants for a, b in permutations(invariant.members, 2))
    return any(implies(one, a) and implies(other, b) for a, b in pairs)


def plainly_valid(automaton: Rules) -> bool:
    return all(
        {write.field for write in one.writes}.isdisjoint(write.field for write in other.writes)
        or plainly_exclusive(one.guard, other.guard, automaton.invariants)
        for one, other in combinations(automaton.rules, 2)
    )


def valid(automaton: Rules) -> bool:
    try:
        validate(automaton)
    except InternalError:
        return False
    return True


def changed(random: Random, automaton: Rules) -> Rules:
    """The same rules, but for one that lost a literal, admits more, stands twice, or writes something else; or no invariants."""
    number = random.randrange(len(automaton.rules))
    rule = automaton.rules[number]
    index = random.randrange(len(rule.guard))
    literal = rule.guard[index]
    weaker = replace(literal, values=tuple(sorted({*literal.values, random.choice(automaton.field(literal.field).numbers())})))
    field = random.choice(automaton.fields)
    instead = random.choice((
        (replace(rule, guard=without(rule.guard, index)),),
        (replace(rule, guard=(*rule.guard[:index], weaker, *rule.guard[index + 1 :])),),
        (rule, replace(random.choice(automaton.rules), writes=rule.writes)),
        (replace(rule, writes=(Write(field.name, 0),)),),
    ))  # fmt: skip
    invariants = automaton.invariants if random.random() < 0.9 else automaton.invariants[1:]
    return replace(automaton, rules=(*automaton.rules[:number], *instead, *automaton.rules[number + 1 :]), invariants=invariants)


@pytest.mark.parametrize("seed", range(12))
def test_a_machine_is_refused_where_some_pair_is(seed: int) -> None:
    random = Random(seed)
    automaton = table_to_rules(random_machine(random, Family(kind=("grid", "line", "rows")[seed % 2], work_tape=seed % 4 > 0)))
    assert plainly_valid(automaton)
    verdicts = []
    for _ in range(12):
        mutant = changed(random, automaton)
        verdicts.append(valid(mutant))
        assert verdicts[-1] == plainly_valid(mutant)
    assert not all(verdicts)


def drawn(random: Random) -> Rules:
    """Any rules at all on three fields, `state` among them."""
    fields = (Field("state", ("none", "a", "b", "c"), persists=True), COLOUR, SPARK)
    things = [(place, field) for place in (HERE, WEST) for field in fields]

    def guard(longest: int) -> Guard:
        chosen = random.sample(things, random.randint(1, longest))
        return tuple(
            Literal(place, field.name, tuple(sorted(random.sample(field.numbers(), random.randint(1, 2)))))
            for place, field in chosen
        )

    some = tuple(
        Rule(str(number), guard(5), tuple(Write(field.name, 0) for field in random.sample(fields, random.randint(1, 2))))
        for number in range(random.randint(2, 4))
    )
    invariants = tuple(Invariant(str(number), tuple(guard(2) for _ in range(3))) for number in range(random.randint(0, 2)))
    return Rules(fields, some, invariants, ())


def test_any_rules_are_refused_where_some_pair_is() -> None:
    random, verdicts = Random(0), Counter[bool]()
    for _ in range(2000):
        automaton = drawn(random)
        verdicts[plainly_valid(automaton)] += 1
        assert valid(automaton) == plainly_valid(automaton), automaton
    assert min(verdicts.values()) > 300


# --- machines of many states


def with_rule(automaton: Rules, number: int, rule: Rule) -> Rules:
    return replace(automaton, rules=(*automaton.rules[:number], rule, *automaton.rules[number + 1 :]))


def test_a_fault_is_found_among_many_states() -> None:
    """A transition that has lost what it asks of `move`, of the state or of the data symbol."""
    automaton, random, verdicts = table_to_rules(family(60, seed=1)), Random(0), Counter[bool]()
    transitions = [number for number, rule in enumerate(automaton.rules) if "→" in rule.name]
    for number, lost in product(random.sample(transitions, 20), ("move", "state", "symbol")):
        rule = automaton.rules[number]
        weaker = replace(rule, guard=tuple(literal for literal in rule.guard if literal.field != lost))
        others = (*automaton.rules[:number], *automaton.rules[number + 1 :])
        expected = all(plainly_valid(replace(automaton, rules=(weaker, other))) for other in others)  # the others are valid
        assert valid(with_rule(automaton, number, weaker)) == expected
        verdicts[expected] += 1
    assert verdicts[False] > 30


def test_where_the_bits_tell_no_guards_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    automaton = table_to_rules(family(60, seed=0))

    def never(self: Claim, other: Claim) -> bool:
        raise AssertionError((self, other))

    monkeypatch.setattr(conflicts.Claim, "excludes", never)
    validate(automaton)


def test_things_of_many_values_are_told_apart_by_the_guards_themselves() -> None:
    many = Field("many", tuple(map(str, range(conflicts.MOST_VALUES + 1))), persists=True)
    some = [Rule(str(value), (Literal(HERE, "many", (value,)),), (Write("spark", 0),)) for value in (0, 1)]
    validate(Rules((many, SPARK), tuple(some), (), ()))
    with pytest.raises(InternalError, match="`0` and `0` may both write spark"):
        validate(Rules((many, SPARK), (some[0], some[0]), (), ()))
