"""First match made disjoint: the same meaning, no overlap, and few pieces."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.ir import disjoint
from tmc.ir.disjoint import first_match
from tmc.ir.table import ANY_EDGE, Guard, overlap
from tmc.source import Source
from tmc.syntax.program import read_program

DATA, WORK = range(4), range(3)
READINGS = tuple(product(DATA, WORK, product((False, True), repeat=4)))


def subsets(symbols: range) -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.sampled_from(symbols), min_size=1).map(lambda chosen: tuple(sorted(chosen)))


tests_of_edges = st.tuples(*(st.sampled_from((None, None, True, False)) for _ in range(4)))
guards = st.lists(st.builds(Guard, subsets(DATA), subsets(WORK), tests_of_edges), max_size=7)


def check(rules: list[Guard]) -> None:
    remains = first_match(rules)
    assert len(remains) == len(rules)
    for reading in READINGS:
        first = next((number for number, guard in enumerate(rules) if guard.admits(*reading)), None)
        owners = [number for number, left in enumerate(remains) for guard in left if guard.admits(*reading)]
        assert owners == ([] if first is None else [first])
    for left in remains:
        assert not any(overlap(one, other) for one in left for other in left if one is not other)


@given(guards)
@settings(max_examples=60, deadline=None)
def test_means_what_first_match_means(rules: list[Guard]) -> None:
    check(rules)


def test_without_trying_it_means_the_same(monkeypatch) -> None:
    monkeypatch.setattr(disjoint, "MOST_READINGS_TO_TRY", 0)
    given(guards)(settings(max_examples=30, deadline=None)(check))()


@given(guards)
@settings(max_examples=60, deadline=None)
def test_no_two_pieces_could_be_one(rules: list[Guard]) -> None:
    for left in first_match(rules):
        assert not [(a, b) for a in left for b in left if a != b and differences(a, b) == 1]


def differences(one: Guard, other: Guard) -> int:
    return sum(x != y for x, y in zip((one.data, one.work, *one.edges), (other.data, other.work, *other.edges), strict=True))


def test_nothing_gives_nothing() -> None:
    assert first_match([]) == ()


def test_a_rule_below_one_that_takes_all_has_nothing_left() -> None:
    everything = Guard((0, 1), (0,))
    assert first_match([everything, everything]) == ((everything,), ())


def test_what_is_left_of_otherwise() -> None:
    at_right = Guard((0, 1, 2), (0,), (None, None, None, True))
    on_one = Guard((1,), (0,))
    otherwise = Guard((0, 1, 2), (0,))
    not_right = (None, None, None, False)
    assert first_match([at_right, on_one, otherwise]) == (
        (at_right,),
        (Guard((1,), (0,), not_right),),
        (Guard((0, 2), (0,), not_right),),
    )


def test_symbols_keep_together_where_rules_do_not_tell_them_apart() -> None:
    many = tuple(range(50))
    one, rest = first_match([Guard((7,), many), Guard(many, many, ANY_EDGE)])
    assert one == (Guard((7,), many),)
    assert rest == (Guard((*range(7), *range(8, 50)), many),)


def test_gauss_stays_small() -> None:
    text = (Path(__file__).parents[1] / "machines" / "gauss.tm").read_text(encoding="utf-8")
    source = Source("gauss.tm", text)
    table, warnings = syntax_to_table(read_program(source))
    assert warnings == ()
    assert len(table.transitions) <= 34
