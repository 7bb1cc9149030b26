"""Real data with two values a feature, and two classes: scikit-learn's handwritten digits, and its breast cancer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tmc.bench.baselines import Signs
from tmc.bench.engines import by_machine_code

if TYPE_CHECKING:
    from tmc.pipeline import Stages

INK = 7  # of a pixel's 0 to 16: above it a pixel is 1
FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class DataSplit:
    """Examples `x` (m, d) with labels `y` (m,), queries `z` (q, d) with labels `wanted` (q,): all -1 and +1."""

    x: Signs
    y: Signs
    z: Signs
    wanted: Signs


def digits(m: int, queries: int | None, seed: int, most: int = 0) -> DataSplit:
    """Handwritten threes (-1) and eights (+1), 8 x 8 pixels each: +1 where there is more ink than `INK`. Otherwise as `cancer`."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    chosen = (labels == 3) | (labels == 8)
    return _split(pixels[chosen], labels[chosen] == 8, m, queries, seed, most, lambda examples: np.full(pixels.shape[1], INK))


def cancer(m: int, queries: int | None, seed: int, most: int = 0) -> DataSplit:
    """Thirty measurements of tumours, malignant (+1) and benign (-1): +1 above the median of the examples.

    The order is drawn from the seed alone. Examples are the first `m`; queries come after the first `most` (or `m`, if that is
    more), so they are the same for all `m` up to it: so many, or all. ValueError when there are not so many, or all examples are of
    one class.
    """
    from sklearn.datasets import load_breast_cancer

    measured, labels = load_breast_cancer(return_X_y=True)
    return _split(measured, labels == 0, m, queries, seed, most, lambda examples: np.median(examples, axis=0))


def _split(
    features: NDArray[np.float64],
    labels: NDArray[np.bool_],
    m: int,
    queries: int | None,
    seed: int,
    most: int,
    thresholds: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> DataSplit:
    order, first = np.random.default_rng(seed).permutation(len(features)), max(m, most)
    end = len(features) if queries is None else first + queries
    if not m or not first < end <= len(features):
        raise ValueError(f"{first} examples and {'others' if queries is None else queries} to ask about: there are {len(features)}")
    examples, asked = order[:m], order[first:end]
    if len(set(labels[examples].tolist())) < 2:
        raise ValueError(f"the {m} examples of this seed are of one class, and two are needed")
    bits, classes = features > thresholds(features[examples]), np.where(labels, 1, -1).astype(np.int8)
    signs = np.where(bits, 1, -1).astype(np.int8)
    return DataSplit(signs[examples], classes[examples], signs[asked], classes[asked])


def nearest(x: Signs, y: Signs, queries: Signs) -> tuple[Signs, NDArray[np.bool_]]:
    """One nearest neighbour in Hamming distance, the first if there are several: labels (q,), and where there are several."""
    distances = (queries[:, None] != x[None]).sum(axis=2)
    several = (distances == distances.min(axis=1, keepdims=True)).sum(axis=1) > 1
    return y[distances.argmin(axis=1)], several


def validated(machines: Sequence[Stages], split: DataSplit, seed: int) -> list[float]:
    """The accuracy of each machine in cross validation over the examples alone: `FOLDS` parts (or fewer, of few examples), each
    asked about with the others on the tape. The queries have no part in it."""
    order = np.random.default_rng([seed, FOLDS]).permutation(len(split.x))
    parts = [part for part in np.array_split(order, FOLDS) if 0 < len(part) < len(order)]
    return [sum(_right(stages, split, part) for part in parts) / sum(map(len, parts)) for stages in machines]


def _right(stages: Stages, split: DataSplit, part: NDArray[np.int64]) -> int:
    others = np.setdiff1d(np.arange(len(split.x)), part)
    found, _ = by_machine_code(stages.table, split.x[others], split.y[others], split.x[part])
    return int((found == split.y[part]).sum())
