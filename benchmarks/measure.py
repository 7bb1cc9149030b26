"""Measuring two things in turn, A B A B …, so that a machine whose speed drifts drifts for both."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

RUNS = 7


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ours` and `other`: medians in `unit`; `ratio`: the median of ours / other, pair by pair."""

    name: str
    ours: float
    other: float
    ratio: float
    unit: str
    against: str


def compare(
    name: str, against: str, unit: str, ours: Callable[[], float], other: Callable[[], float], runs: int = RUNS
) -> Comparison:
    """Measure both `runs` times in turn, after one run of each that does not count."""
    ours(), other()
    pairs = [(ours(), other()) for _ in range(runs)]
    return Comparison(
        name, median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs), unit, against
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of a call."""
    began = perf_counter()
    work()
    return perf_counter() - began


_LAUNCHER = """
import os, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(time.perf_counter() - began, usage.ru_maxrss / 1000, usage.ru_utime + usage.ru_stime)
sys.exit(status != 0)
"""


def process(*arguments: str) -> tuple[float, float, float]:
    """Wall-clock seconds, peak memory (MB) and seconds of processor time of a Python process with these arguments.

    A small process starts it, because what its parent holds counts as a child's peak. Bytecode is cached, or modules that are not
    installed would be compiled every time.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", _LAUNCHER, *arguments]
    launcher = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
    if launcher.returncode:
        raise SystemExit(f"failed: python {' '.join(arguments)}")
    took, peak, worked = map(float, launcher.stdout.split())
    return took, peak, worked
