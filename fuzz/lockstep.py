"""Random machines through all stages and engines, layer by layer: `python fuzz/lockstep.py --machines 10000 --seed 0`.

Each machine runs on one random input as table, rules, cells, filters and the networks of both targets, by the dense and by the
sparse engine. Nothing may differ in any number, at any layer.

A third of the machines on lines have a work tape, and a sixteenth of those on grids and rows: as one number per cell these take
seconds each to compile. `--work` draws all of them with one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from random import Random

import torch

from tmc.diagnostics import Rejected
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.net.checkpoint.reading import from_stages
from tmc.net.engines import Sparse, patches_of
from tmc.net.rcnn import RCNN
from tmc.pipeline import Stages, lower_table
from tmc.testing.lockstep import Caches, Mismatch, engine_of, lockstep
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine

STEPS = 24  # how far a machine that does not halt is followed
KINDS = ("grid", "line", "rows")


def drawn(seed: int, work: bool) -> tuple[Table, Grid | Line]:
    """A machine and an input."""
    random, kind = Random(seed), KINDS[seed % 3]
    work = work or seed // 27 % (3 if kind == "line" else 16) == 0
    gaps, halts = (0.0, 0.05, 0.15)[seed // 3 % 3], (0.02, 0.1, 0.2)[seed // 9 % 3]
    family = Family(kind, (1, 4), (2, 4), work_tape=work, gaps=gaps, halts=halts)
    table = random_machine(random, family)
    return table, random_line(random, table, (0, 5)) if kind == "line" else random_grid(random, table, (1, 3), (1, 3))


def follow(stages: Stages, data: Grid | Line) -> int:
    """Run everything side by side; the layers that were compared. Raises `Mismatch`."""
    network = RCNN(from_stages(stages))
    agreement = lockstep(stages, data, STEPS, network, Caches())
    dense = engine_of(network, stages, data, agreement.run)
    sparse = Sparse(network, dense.lattice(), patches_of(network))
    with torch.no_grad():
        while dense.layers < agreement.layers:
            dense.advance()
            sparse.advance()
            if not torch.equal(dense.lattice(), sparse.lattice()):
                raise Mismatch(f"layer {dense.layers}: the engines dense and sparse differ")
    return agreement.layers


def main() -> int:
    """Draw, follow, count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", action="store_true", help="give every machine a work tape")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    given = parser.parse_args()
    torch.set_num_threads(1)
    counts, began, mismatches = Counter(), time.perf_counter(), 0
    for number in range(given.seed, given.seed + given.machines):
        if time.perf_counter() - began > given.seconds:
            break
        table, data = drawn(number, given.work)
        counts["with a work tape"] += table.work is not None
        for target in ("wide", "scalar"):
            try:
                counts[f"layers, {target}"] += follow(lower_table(table, target), data)
                counts[f"machines, {target}"] += 1
            except Rejected:
                counts[f"too large, {target}"] += 1
            except Mismatch as mismatch:
                print(f"seed {number}, {target}: {mismatch}")
                mismatches += 1
        if sys.stderr.isatty():
            print(f"\r{number - given.seed + 1} machines", end="", file=sys.stderr)
    print(f"{time.perf_counter() - began:.0f} s, {mismatches} mismatches; {dict(sorted(counts.items()))}")
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
