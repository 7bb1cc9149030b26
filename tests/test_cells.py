"""Cells: numbers as trits and back, and conjunctions that change what the rules change."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from conftest import compiled
from tmc.automaton.rules_to_cells import rules_to_cells
from tmc.automaton.table_to_rules import table_to_rules
from tmc.diagnostics import InternalError
from tmc.ir.cells import Cells, Conjunction, Trit, TritLiteral, code, local, number, show_literal, step, width
from tmc.ir.lattice import HERE, WEST, Patch
from tmc.ir.rules import local as local_rules
from tmc.testing.random_machines import Family, random_machine


@pytest.mark.parametrize(("values", "trits"), [(1, 0), (2, 1), (3, 1), (4, 2), (9, 2), (10, 3), (27, 3), (28, 4)])
def test_how_many_trits(values: int, trits: int) -> None:
    assert width(values) == trits


def test_the_code_of_a_value() -> None:
    assert [code(value, 1) for value in range(3)] == [(0,), (-1,), (1,)]
    assert code(0, 4) == (0, 0, 0, 0)
    assert code(5, 2) == (1, -1)  # 5 = 2 + 1·3, lowest first


def test_codes_are_all_different_and_read_back() -> None:
    for trits in range(4):
        codes = [code(value, trits) for value in range(3**trits)]
        assert set(codes) == set(product((-1, 0, 1), repeat=trits))
        assert [number(trits) for trits in codes] == list(range(3 ** len(codes[0])))


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_decoding_is_the_inverse_of_encoding(name: str) -> None:
    build, random = compiled(name), Random(0)
    for _ in range(200):
        cell = tuple(random.choice(field.numbers()) for field in build.rules.fields)
        trits = build.cells.encode(cell)
        assert len(trits) == len(build.cells.trits)
        assert build.cells.decode(trits) == cell
        assert all(trit in known.values for trit, known in zip(trits, build.cells.trits, strict=True))
    assert build.cells.encode(build.rules.border) == build.cells.border


def test_trits_by_name() -> None:
    cells = compiled("gauss").cells
    assert [trit.name for trit in cells.trits if trit.field == "move"] == ["move.0", "move.1"]
    assert cells.trits[cells.index("move", 1)].name == "move.1"
    with pytest.raises(KeyError, match=r"move\.2"):
        cells.index("move", 2)


TOY = Cells(
    trits=(Trit("a", 0, (-1, 0, 1), persists=True), Trit("b", 0, (0, 1), persists=False)),
    conjunctions=(Conjunction("go", 0, (TritLiteral(WEST, 0, (1,)), TritLiteral(HERE, 0, (-1, 0))), ((0, 1), (1, 1))),),
    transparent=(),
    values=(("a", ("none", "minus", "plus")), ("b", ("no", "", "yes"))),
)


def test_a_layer_adds_the_changes_of_what_holds() -> None:
    assert step(TOY, (((1, 0), (-1, 1), (0, 0), (1, 1)),)) == (((1, 0), (0, 1), (0, 0), (1, 0)),)


def test_a_trit_never_leaves_its_range() -> None:
    twice = Cells(TOY.trits, TOY.conjunctions * 2, (), TOY.values)
    with pytest.raises(InternalError, match="a trit leaves"):
        step(twice, (((1, 0), (0, 0)),))


def test_a_literal_in_words() -> None:
    assert show_literal(TritLiteral(WEST, 0, (1,)), TOY) == "west.a.0 = +1"
    assert show_literal(TritLiteral(HERE, 0, (-1, 0)), TOY) == "a.0 = -1 or 0"


@pytest.mark.parametrize("seed", range(12))
def test_cells_change_as_the_rules_say_on_any_patch_that_rules_admit(seed: int) -> None:
    """Also on patches that no run ever reaches, as long as no two rules write one field there."""
    random = Random(seed)
    family = Family(kind=random.choice(("grid", "line")), work_tape=random.random() < 0.7)
    rules = table_to_rules(random_machine(random, family))
    cells = rules_to_cells(rules)
    compared = 0
    for _ in range(150):
        patch: Patch = tuple(  # type: ignore[assignment]
            tuple(0 if random.random() < 0.6 else random.choice(field.numbers()) for field in rules.fields) for _ in range(9)
        )
        try:
            expected = local_rules(rules)(patch)
        except InternalError:
            continue
        compared += 1
        assert local(cells)(tuple(map(cells.encode, patch))) == cells.encode(expected)  # type: ignore[arg-type]
    assert compared > 30
