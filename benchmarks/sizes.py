"""How the time of one query grows with its size: gauss, ``m = 2d``, for each engine; ``--plot FILE`` of this module draws it.

::

    python -m benchmarks.sizes --plot sizes.png
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from math import log
from statistics import median

import numpy as np

from benchmarks.measure import Comparison, seconds
from benchmarks.networks import gauss, taught
from tmc.files import read_text, shipped
from tmc.ir.tape import Grid
from tmc.net.answer import answer, start_on_query
from tmc.pipeline import read_machine
from tmc.run.simulator import simulate

ALL = (4, 8, 16, 32, 64)
RUNS = 5
SOME_LAYERS = 20  # of the dense engine on large grids: the time of these, times the number of all


def comparisons() -> Iterator[Comparison]:
    """Each engine at each size beside half the size. A ratio of 8 is growth as the cube of d, as the machine's steps grow."""
    measured = {name: [run(d) for d in ALL] for name, run in ENGINES.items()}
    for name, times in measured.items():
        for index in range(1, len(ALL)):
            ours, other, d = times[index], times[index - 1], ALL[index]
            title = f"{name}, a query of gauss d={d} m={2 * d}"
            yield Comparison(title, ours, other, ours / other, "s", f"d={d // 2} m={d}")


def _table(d: int) -> float:
    table, _ = read_machine(read_text(shipped("machines") / "gauss.tm"))
    dataset = taught(d, 2 * d, 1)
    signs = np.column_stack([np.vstack([dataset.x_train, dataset.x_test]), np.append(dataset.y_train, 0)])
    numbers = {-1: table.data.number("0"), 1: table.data.number("1"), 0: 0}
    grid = Grid(tuple(tuple(numbers[int(sign)] for sign in row) for row in signs))
    return median(seconds(lambda: simulate(table, grid)) for _ in range(RUNS))


def _sparse(d: int) -> float:
    network, dataset = gauss(), taught(d, 2 * d, 1)
    shape = network.shape(2 * d, d)
    return median(seconds(lambda: answer(network, dataset.x_test, shape, engine="sparse")) for _ in range(RUNS))


def _dense(d: int) -> float:
    network, dataset = gauss(), taught(d, 2 * d, 1)
    shape = network.shape(2 * d, d)
    layers = int(answer(network, dataset.x_test, shape, engine="sparse").layers[0])
    engine = start_on_query(network, dataset.x_test[0], shape)
    took = [seconds(lambda: [engine.advance() for _ in range(SOME_LAYERS)]) / SOME_LAYERS for _ in range(RUNS)]
    return median(took) * layers


ENGINES: dict[str, Callable[[int], float]] = {"table engine": _table, "sparse engine": _sparse, "dense engine, float32": _dense}


def plot(path: str) -> None:
    """Draw seconds against d, both logarithmic, with the slope of the line through the last three sizes."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for (name, run), marker in zip(ENGINES.items(), "osD", strict=True):
        times = [run(d) for d in ALL]
        slope = np.polyfit([log(d) for d in ALL[2:]], [log(time) for time in times[2:]], 1)[0]
        axes.plot(ALL, times, marker=marker, label=f"{name}: about d^{slope:.1f}")
        print(f"{name}: slope {slope:.2f}; " + ", ".join(f"d={d} {time:.3g} s" for d, time in zip(ALL, times, strict=True)))
    axes.set(xscale="log", yscale="log", xlabel="d features (and 2d examples)", ylabel="seconds", title="One query of gauss")
    axes.set_xticks(ALL, [str(d) for d in ALL])
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--plot"] or len(sys.argv) != 3:
        raise SystemExit("usage: python -m benchmarks.sizes --plot FILE")
    plot(sys.argv[2])
