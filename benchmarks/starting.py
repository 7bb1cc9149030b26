"""Small commands as whole processes, beside a Python that only imports what a network could be expected to need: torch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Comparison, compare, process
from tmc.files import read_text, shipped
from tmc.learn.data.datasets import parity, save
from tmc.net.checkpoint import reading as checkpoint
from tmc.pipeline import compile_machine

D, M, QUERIES = 4, 6, 3
TORCH = "import torch"
TWO_TESTS = """
machine flip
    "Turns the digit under the head."

tape data: line of _ 0 1

start only

state only
    on 0   write 1   -> accept
    on 1   write 0   -> accept
    on _             -> reject

test "a nought"
    data 0
    -> accept
    data is 1

test "a one"
    data 1
    -> accept
    data is 0
"""


def comparisons() -> Iterator[Comparison]:
    """Of each command: seconds by the clock, then of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in _commands(Path(folder)):
            for index, what in ((0, "whole process"), (2, "processor time")):
                yield compare(
                    f"{name}, {what}, s",
                    f'python -c "{TORCH}"',
                    "s",
                    lambda index=index, arguments=arguments: process("-m", "tmc", *arguments)[index],
                    lambda index=index: process("-c", TORCH)[index],
                )


def _commands(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Commands, and what they are called in the table."""
    for name in ("gauss", "increment"):
        machine = compile_machine(read_text(shipped("machines") / f"{name}.tm"))
        checkpoint.save(checkpoint.from_build(machine), folder / f"{name}.safetensors")
    save(parity(D, M, QUERIES, seed=0), folder / "data.npz")
    (folder / "flip.tm").write_text(TWO_TESTS, encoding="utf-8")
    data = ("--input", str(folder / "data.npz"))
    yield f"tmc run gauss, {M} examples, {QUERIES} queries", ("run", str(folder / "gauss.safetensors"), *data)
    yield "tmc run increment --data 1011", ("run", str(folder / "increment.safetensors"), "--data", "1011")
    yield "tmc test, two trivial tests", ("test", str(folder / "flip.tm"))
