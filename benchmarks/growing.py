"""Compiling machines of ever more states: seconds of each stage, beside the same with a quarter of the states.

A ratio of 4 is growth in proportion; a state's code takes another trit for every three times the states, so a little more is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import median

from benchmarks.measure import Comparison, process, seconds
from tmc.automaton.rules_to_cells import rules_to_cells
from tmc.automaton.table_to_rules import table_to_rules
from tmc.net.checkpoint.reading import from_stages, to_bytes
from tmc.optimise.passes import optimise
from tmc.pipeline import Stages, lower_table, without_collection
from tmc.report.families import family
from tmc.targets.wide.cells_to_filters import cells_to_filters

SIZES, LARGE, RUNS = (16, 64, 256, 1024), 4096, 3
LARGEST = (10_000, 100_000)
Seconds = dict[str, float]  # by stage

_CHILD = "from tmc.net.checkpoint.reading import *; from tmc.pipeline import lower_table; from tmc.report.families import family; "


def comparisons() -> Iterator[Comparison]:
    """Every stage at every size; then the peak memory."""
    yield from _stages(SIZES, RUNS)
    yield _memory(SIZES[-1])


def larger() -> Iterator[Comparison]:
    """What takes some minutes."""
    yield from _stages((SIZES[-1], LARGE), 1)
    yield _memory(LARGE)
    yield from _largest()


def _largest() -> Iterator[Comparison]:
    """From the table to the bytes of the checkpoint, beside the same with a tenth of the states."""
    (few, *less), (many, *more) = ((states, *_whole(states)) for states in LARGEST)
    for name, unit, other, ours in zip(("compiling", "peak memory", "file"), ("s", "MB", "MB"), less, more, strict=True):
        yield Comparison(f"{name}, {many} states", ours, other, ours / other, unit, f"{few} states")


def _whole(states: int) -> tuple[float, float, float]:
    """Seconds, the peak memory of a process that does nothing else, and the size of the file."""
    table, content = family(states, seed=0), list[bytes]()
    took = seconds(lambda: content.append(to_bytes(from_stages(lower_table(table)))))
    return took, _peak(states), len(content.pop()) / 1e6


def _stages(sizes: tuple[int, ...], runs: int) -> Iterator[Comparison]:
    measured = [[_seconds(states) for states in sizes] for _ in range(runs)]  # sizes in turn: a machine's speed drifts for all
    for index, (few, many) in enumerate(pairwise(sizes)):
        for stage in measured[0][0]:
            pairs = [(run[index + 1][stage], run[index][stage]) for run in measured]
            ours, other = (median(times) for times in zip(*pairs, strict=True))
            ratio = median(a / b for a, b in pairs)
            yield Comparison(f"{stage}, {many} states", ours, other, ratio, "s", f"{few} states")


def _seconds(states: int) -> Seconds:
    """What each stage takes, from the table to the bytes of the checkpoint."""
    stages: dict[str, Callable[..., object]] = {
        "optimise": lambda table: optimise(table)[0],
        "rules": table_to_rules,
        "cells": rules_to_cells,
        "filters": cells_to_filters,
    }
    given: list[object] = [family(states, seed=0)]
    with without_collection():  # as in the compiler
        took = {name: seconds(lambda stage=stage: given.append(stage(given[-1]))) for name, stage in stages.items()}
    took["checkpoint"] = seconds(lambda: to_bytes(from_stages(Stages(given[1], *given[1:]))))  # type: ignore[arg-type]
    return took | {"all stages": sum(took.values())}


def _memory(states: int) -> Comparison:
    ours, other = _peak(states), _peak(states // 4)
    return Comparison(f"peak memory of a process, {states} states", ours, other, ours / other, "MB", f"{states // 4} states")


def _peak(states: int) -> float:
    return process("-c", f"{_CHILD}to_bytes(from_stages(lower_table(family({states}, seed=0))))")[1]
