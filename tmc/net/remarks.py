"""Warnings about undecided answers: which queries were cut off, by what, and what to do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import CutOff
from tmc.net.answer import answer
from tmc.net.answers import Answers
from tmc.net.described import Described, Shape


@dataclass(frozen=True, slots=True)
class More:
    """How to allow more work-tape cells, and more layers."""

    work: str = "declare enough `work` in the machine's bounds"
    layers: str = "declare enough `steps` in the machine's bounds"


def answer_and_tell(network: Described, x: NDArray[np.int8]) -> Answers:
    """Answer queries (q, d) of a trained network in its own size. Queries that are cut off raise the warning `CutOff`."""
    rows, columns = network.memory_array().shape
    shape = network.shape(rows - 1, columns - 1)
    answers = answer(network, x, shape)
    for remark in cut_off(network, answers, shape, More()):
        warnings.warn(remark, CutOff, stacklevel=3)
    return answers


def cut_off(network: Described, answers: Answers, shape: Shape, more: More) -> Iterator[str]:
    """Queries whose runs were not run to their ends: more room or more layers might answer them."""
    late = _late(answers, shape)
    if answers.overflow.any():
        promises = network.promises("work") and shape.pads == network.shape(shape.m, shape.d).pads
        promised = f", which is what {network.name} promises" if promises else ""
        yield f"{queries(answers.overflow)} used more than {count(answers.pads - 1, 'work-tape cell')}{promised}; {more.work}"
    if late.any():
        why = f"{network.name} breaks its bound on steps" if shape.bounded else more.layers
        yield f"{queries(late)} had no answer after {count(shape.depth, 'layer')}; {why}"


def at_rest(network: Described, answers: Answers, shape: Shape) -> Iterator[str]:
    """Queries whose runs have ended without an answer."""
    stuck = answers.undecided & ~answers.overflow & ~_late(answers, shape)
    if stuck.any():
        why = f"{network.name} is stuck there, or stands still for ever; see `tmc simulate --trace`"
        yield f"{queries(stuck)} came to rest without an answer; {why}"


def _late(answers: Answers, shape: Shape) -> NDArray[np.bool_]:
    return np.asarray(answers.undecided & ~answers.overflow & (answers.layers >= shape.depth), np.bool_)


def queries(which: NDArray[np.bool_]) -> str:
    """``2 queries (the first is query 0)``."""
    return f"{count(int(which.sum()), 'query', 'queries')} (the first is query {int(which.argmax())})"


def count(number: int, one: str, many: str = "") -> str:
    """``1 query``, ``2 queries``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
