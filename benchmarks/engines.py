"""The engines on one trained network: evaluating only cells whose patch has changed, beside the dense convolution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.measure import Comparison, compare, seconds
from tmc.files import read_text, shipped
from tmc.learn.datasets import parity
from tmc.net.answer import Answers, answer
from tmc.net.checkpoint import from_build
from tmc.net.learn import memorise
from tmc.net.rcnn import RCNN
from tmc.pipeline import compile_machine

SIZES = ((4, 8, 20), (6, 12, 10))  # d, m, queries


def comparisons() -> Iterator[Comparison]:
    """Milliseconds per layer for the whole batch; the answers must be the same."""
    network = RCNN(from_build(compile_machine(read_text(shipped("machines") / "gauss.tm"))))
    return (_compare(network, d, m, queries) for d, m, queries in SIZES)


def _compare(network: RCNN, d: int, m: int, queries: int) -> Comparison:
    dataset = parity(d, m, queries, seed=0)
    shape = network.shape(m, d)
    memorise(network, dataset.x_train, dataset.y_train, shape)
    seen: dict[str, Answers] = {}

    def milliseconds(engine: str) -> float:
        took = seconds(lambda: seen.update({engine: answer(network, dataset.x_test, shape, engine=engine)}))
        return 1000 * took / int(seen[engine].layers.max())

    name = f"answering, gauss d={d} m={m}, {queries} queries, per layer"
    found = compare(name, "the dense engine", "ms", lambda: milliseconds("frontier"), lambda: milliseconds("dense"), runs=5)
    if not all(np.array_equal(getattr(seen["frontier"], part), getattr(seen["dense"], part)) for part in ("outputs", "layers")):
        raise SystemExit("the engines disagree")
    return found
