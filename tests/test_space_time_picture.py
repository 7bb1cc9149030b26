"""The pixels of space-time diagrams: the colours that the documents promise, bin by bin."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest

from conftest import ROOT
from tmc.files import read_text
from tmc.ir.table import Table
from tmc.ir.tape import Line
from tmc.pipeline import read_machine
from tmc.run.space_time import SpaceTime, space_time
from tmc.testing.machine_tests import tape_of
from tmc.view.colours import BLANK, state_colours, symbol_colours
from tmc.view.png import png
from tmc.view.space_time import pixels


def found(name: str, size: tuple[int, int]) -> SpaceTime:
    table = read_machine(read_text(ROOT / "machines" / f"{name}.tm"))[0]
    return space_time(table, tape_of(table, table.tests[0]) if table.tests else Line(), (0, 10_000), size)


def rounded(colours: list[tuple[int, tuple[int, ...]]]) -> tuple[int, ...]:
    """The mean of colours by weights, halves rounded up."""
    total = sum(weight for weight, _ in colours)
    sums = (Fraction(sum(weight * colour[part] for weight, colour in colours), total) for part in range(3))
    return tuple(int(value + Fraction(1, 2)) for value in sums)


@pytest.mark.parametrize("name", ["busy_beaver_4", "gauss", "universal", "palindrome"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1000, 1000)])
def test_bins_have_the_mean_of_their_symbols_colours(name: str, size: tuple[int, int]) -> None:
    counted = found(name, size)
    states = list(map(tuple, state_colours(len(counted.table.states)).tolist()))
    for tapes in counted.tapes:
        image, colours = pixels(counted, tapes), list(map(tuple, symbol_colours(len(tapes.symbols)).tolist()))
        for row in range(len(tapes.marks)):
            for column in range(tapes.marks.shape[1]):
                wanted = rounded(list(zip(tapes.marks[row, column].tolist(), colours, strict=True)))
                if counted.starts[row + 1] - counted.starts[row] == 1 and tapes.heads[row, column].any():
                    wanted = states[int(np.flatnonzero(tapes.heads[row, column])[0])]
                assert tuple(image[row, column].tolist()) == wanted


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1000, 1000)])
def test_bins_of_states(size: tuple[int, int]) -> None:
    counted = found("busy_beaver_3", size)
    tapes = counted.tapes[0]
    image, colours = pixels(counted, tapes, "states"), list(map(tuple, state_colours(len(counted.table.states)).tolist()))
    for row in range(len(tapes.heads)):
        most = int(tapes.heads[row].sum(axis=1).max())
        for column, kinds in enumerate(tapes.heads[row].tolist()):
            visits = sum(kinds)
            weight = max(visits, most // 6) if visits else 0
            there = rounded(list(zip(kinds, colours, strict=True))) if visits else (0, 0, 0)
            assert tuple(image[row, column].tolist()) == rounded([(weight, there), (most - weight, BLANK["auto"])])


def test_a_png_holds_the_pixels() -> None:
    image = pytest.importorskip("PIL.Image")
    shown = np.random.default_rng(0).integers(0, 256, (37, 53, 3)).astype(np.uint8)
    assert np.array_equal(np.asarray(image.open(BytesIO(png(shown)))), shown)
    assert png(shown) == png(shown.copy())


def test_symbols_and_states_have_colours_of_their_own() -> None:
    for theme in ("light", "dark"):
        for count in (2, 11):
            colours = [*map(tuple, symbol_colours(count, theme).tolist()), *map(tuple, state_colours(12, theme).tolist())]  # type: ignore[arg-type]
            assert len(set(colours)) == len(colours)
    table: Table = found("universal", (2, 2)).table
    assert len(state_colours(len(table.states))) == len(table.states) + 2
