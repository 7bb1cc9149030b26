"""The lattice: evaluating only what may have changed is evaluating everything."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from tmc.ir.lattice import (
    EAST,
    HERE,
    NORTH,
    OFFSETS,
    PLACES,
    SOUTH,
    WEST,
    Cell,
    Evolution,
    Lattice,
    Local,
    Patch,
    advance,
    matching,
)

BORDER = (7, 7)


def random_local(seed: int, quiet: float) -> Local:
    """A local function drawn at random, value by value: most patches, the share `quiet`, leave the cell as it is."""
    known: dict[Patch, Cell] = {}

    def local(patch: Patch) -> Cell:
        if patch not in known:
            random = Random(f"{seed} {patch}")
            known[patch] = patch[HERE] if random.random() < quiet else (random.randrange(2), random.randrange(2))
        return known[patch]

    return local


def random_lattice(seed: int, rows: int, columns: int) -> Lattice:
    random = Random(seed)
    return tuple(tuple((random.randrange(2), random.randrange(2)) for _ in range(columns)) for _ in range(rows))


def everywhere(local: Local, lattice: Lattice) -> Lattice:
    """Every cell's next value, straight from the definition."""

    def cell(row: int, column: int) -> Cell:
        inside = 0 <= row < len(lattice) and 0 <= column < len(lattice[0])
        return lattice[row][column] if inside else BORDER

    def patch(row: int, column: int) -> Patch:
        return tuple(cell(row + up, column + left) for up, left in OFFSETS)  # type: ignore[return-value]

    return tuple(tuple(local(patch(r, c)) for c in range(len(lattice[0]))) for r in range(len(lattice)))


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_the_guards_that_hold_are_found(count: int) -> None:
    """All of them, each once and in order, and no other: guards without a test and such as nothing passes among them."""
    for seed in range(20):
        random = Random(seed)
        guards = [
            [(place, part, random.sample(range(3), random.choice([0, 1, 1, 1, 2, 3])))
             for place, part in random.sample(list(product(range(9), range(2))), random.randrange(4))]
            for _ in range(count)
        ]  # fmt: skip
        holding = matching(guards)
        for _ in range(20):
            patch = tuple((random.randrange(3), random.randrange(3)) for _ in OFFSETS)
            expected = [n for n, guard in enumerate(guards) if all(patch[place][part] in values for place, part, values in guard)]
            assert holding(patch) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("quiet", [0.0, 0.7, 0.95, 1.0])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (4, 1), (4, 5)])
def test_only_what_may_change_is_evaluated(quiet: float, rows: int, columns: int) -> None:
    for seed in range(8):
        local, lattice = random_local(seed, quiet), random_lattice(seed, rows, columns)
        evolution = Evolution(local, BORDER, lattice)
        assert not evolution.at_rest
        for layer in range(12):
            assert (evolution.lattice, evolution.layers) == (lattice, layer)
            before, lattice = lattice, everywhere(local, lattice)
            assert advance(local, BORDER, before) == lattice
            evolution.advance()
            changed = {(r, c) for r in range(rows) for c in range(columns) if before[r][c] != lattice[r][c]}
            assert set(evolution.changed()) == changed
            assert evolution.at_rest == (before == lattice)
            assert all(evolution.cell(r, c) == lattice[r][c] for r in range(rows) for c in range(columns))


def test_a_local_function_sees_its_nine_neighbours_row_by_row() -> None:
    lattice: Lattice = tuple(tuple((3 * row + column,) for column in range(3)) for row in range(3))
    seen: list[Patch] = []
    advance(lambda patch: seen.append(patch) or patch[HERE], (-1,), lattice)  # type: ignore[func-returns-value]
    patch = next(patch for patch in seen if patch[HERE] == (4,))
    assert patch == tuple((number,) for number in range(9))
    assert [PLACES[place] for place in (NORTH, WEST, HERE, EAST, SOUTH)] == ["north", "west", "here", "east", "south"]
    assert [OFFSETS[place] for place in (NORTH, WEST, HERE, EAST, SOUTH)] == [(-1, 0), (0, -1), (0, 0), (0, 1), (1, 0)]


def test_a_patch_is_evaluated_once() -> None:
    count = 0

    def local(patch: Patch) -> Cell:
        nonlocal count
        count += 1
        return patch[HERE]

    known: dict[Patch, Cell] = {}
    for _ in range(2):
        Evolution(local, (0,), (((1,),) * 6,), known).advance()
    assert count == 3  # the left end, the middle, the right end
