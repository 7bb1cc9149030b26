"""What stands in a recording: the names, number formats and shapes of its arrays (docs/trace.md says what they mean).

A recording is a document `about` and arrays. The arrays of steps have a row for each configuration, `steps + 1` of them; those of
layers one for each layer, the first lattice included, `layers + 1` of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tmc.ir.lattice import Cell
from tmc.ir.tape import Symbol

FORMAT, VERSION = "tmc-trace", 1  # the version is raised whenever an older tmc could misread a file
Array = NDArray[np.integer[Any]]
Arrays = dict[str, Array]
Kept = Literal["none", "changes", "layers"]  # what is kept of the lattice: nothing, what each layer changes, all of it

STEPS = {
    "state": "<i4",
    "head": "<i8",
    "work_head": "<i8",
    "transition": "<i4",
    "data_write": "<i4",
    "work_write": "<i4",
    "layer": "<i8",
}
START = {"data": "<i4"}  # the data tape before the first step: the rows of a grid, or the cells of a line from `data_start` on
LAYERS = {"evaluated": "<i8", "cells": "<i4"}
CHANGES = {"changes_begin": "<i8", "changes_place": "<i4", "changes_cell": "<i4"}
LATTICE = {"lattice": "<i4"}
PAIRS = ("head", "changes_place")  # arrays of rows and columns
NONE = -1  # no transition, nothing written


def formats(kept: Kept) -> dict[str, str]:
    """The arrays of a recording and their number formats."""
    layers = {"none": {}, "changes": {**LAYERS, **CHANGES}, "layers": {**LAYERS, **LATTICE}}
    return {**START, **STEPS, **layers[kept]}


def dimensions(name: str, is_grid: bool) -> int:
    """How many axes an array has."""
    if name == "data":
        return 2 if is_grid else 1
    return {"lattice": 3, "cells": 2, "head": 2, "changes_place": 2}.get(name, 1)


@dataclass(frozen=True, slots=True)
class CellField:
    """A part of a cell: its name and those of its values, the first of which is the value at rest."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A configuration and what is done in it: a row of the arrays of steps."""

    state: int
    head: tuple[int, int]
    work_head: int
    transition: int
    data_write: Symbol
    work_write: Symbol
    layer: int


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer did: cells `evaluated`, the places that changed and the numbers of their cells; or all cells, row by row, if the
    whole `lattice` is kept. `new`: the cells that no layer before held, whose numbers follow on theirs."""

    evaluated: int
    new: list[Cell]
    places: list[tuple[int, int]]
    cells: list[int]
    lattice: list[list[int]] | None
