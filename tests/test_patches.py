"""Looking only at what changes agrees with applying the weights everywhere, whichever places their units look at."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tmc.net.sparse.engine import EngineRun, PatchCache, SparseLayer, weights_of

Array = NDArray[np.float64]
CHANNELS, LAYERS = 3, 4
APART = {"one layer": (0, 0), "every unit looks everywhere": (0, 3), "one layer is apart": (1, 3), "two layers are apart": (2, 4)}


def _drawn(rng: np.random.Generator, apart: int, layers: int) -> list[tuple[Array, Array]]:
    """Random weights and biases, small integers. The units of the first `apart` layers look at one place, a few at none; the last
    layer's sums are not kept small, so only a few layers stay exact."""
    sizes = [CHANNELS * 9, *rng.integers(5, 12, size=max(layers - 1, 0)), CHANNELS]
    found, places = [], np.arange(CHANNELS * 9) % 9
    for layer, (before, after) in enumerate(pairwise(sizes)):
        weight = rng.integers(-1, 2, size=(after, before)).astype(np.float64)
        if layer < apart:
            mine = rng.integers(0, 9, size=after)
            weight *= mine[:, None] == places
            weight[rng.random(after) < 0.1] = 0
            places = np.where(weight.any(axis=1), mine, 4)
        found.append((weight, rng.integers(-2, 2, size=after).astype(np.float64)))
    return found


def _everywhere(layers: list[tuple[Array, Array]], values: Array, border: Array) -> Array:
    rows, columns, channels = values.shape
    bordered = np.broadcast_to(border, (rows + 2, columns + 2, channels)).copy()
    bordered[1:-1, 1:-1] = values
    patches = np.lib.stride_tricks.sliding_window_view(bordered, (3, 3), axis=(0, 1)).reshape(rows, columns, channels * 9)
    for index, (weight, bias) in enumerate(layers):
        patches = (np.maximum(patches, 0) if index else patches) @ weight.T + bias
    return patches


def _sparse(weight: Array, bias: Array) -> SparseLayer:
    units, inputs = np.nonzero(weight)
    return SparseLayer.of(units, inputs, weight[units, inputs], weight.shape[1], bias)


@pytest.mark.parametrize("kind", APART)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("may_be_apart", [True, False])
def test_any_weights(kind: str, seed: int, may_be_apart: bool) -> None:
    rng = np.random.default_rng(seed)
    apart, count = APART[kind]
    layers = _drawn(rng, apart, count)
    weights = weights_of([_sparse(*layer) for layer in layers], [[]] * CHANNELS, single=False, apart=may_be_apart)
    assert weights.apart >= apart if may_be_apart else weights.apart == 0
    border = rng.integers(-1, 2, size=CHANNELS).astype(np.float64)
    cache = PatchCache(weights, border)
    for _ in range(2):  # the second lattice meets what the first has left
        values = rng.integers(-1, 2, size=(5, 6, CHANNELS)).astype(np.float64)
        running = EngineRun(cache, values)
        for layer in range(LAYERS):
            values = _everywhere(layers, values, border)
            running.run(layer + 1, 0)
            assert np.array_equal(running.values(), values)


@pytest.mark.parametrize("apart", [True, False])
def test_the_sums_of_patches(apart: bool) -> None:
    """`joint_sums` gives what a dense layer gives."""
    rng = np.random.default_rng(0)
    layers = _drawn(rng, 1, 3)
    border = np.zeros(CHANNELS)
    cache = PatchCache(weights_of([_sparse(*layer) for layer in layers], [[]] * CHANNELS, single=False, apart=apart), border)
    values = rng.integers(-1, 2, size=(4, 4, CHANNELS)).astype(np.float64)
    running = EngineRun(cache, values)
    running.run(1, 0)
    sums = cache.joint_sums(running.patches().reshape(-1, 3)).reshape(4, 4, -1)
    assert np.array_equal(sums, _everywhere(layers[: 2 if apart else 1], values, border))


def test_more_is_met_than_there_was_room_for() -> None:
    """Every table grows, and the answers stay the same."""
    rng = np.random.default_rng(1)
    layers = _drawn(rng, 1, 3)
    border = np.zeros(CHANNELS)
    cache = PatchCache(weights_of([_sparse(*layer) for layer in layers], [[]] * CHANNELS, single=False), border)
    values = rng.integers(-40, 40, size=(120, 120, CHANNELS)).astype(np.float64)
    running = EngineRun(cache, values)
    running.run(1, 0)
    assert np.array_equal(running.values(), _everywhere(layers, values, border))
    assert 10_000 < cache.met <= 120 * 120  # a few look alike
    cache.forget()
    again = EngineRun(cache, values[:5, :5])
    again.run(1, 0)
    assert np.array_equal(again.values(), _everywhere(layers, values[:5, :5], border))
