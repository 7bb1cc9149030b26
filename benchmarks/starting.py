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
ANEW = """
import os, tempfile
with tempfile.TemporaryDirectory() as os.environ["NUMBA_CACHE_DIR"]:
    from tmc.native.compile_kernels import main
    main()
"""
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
        commands = [(name, ("-m", "tmc", *arguments)) for name, arguments in _commands(Path(folder))]
        for name, arguments in (*commands, ("all machine code compiled anew", ("-c", ANEW))):
            for index, what in ((0, "whole process"), (2, "processor time")):
                yield compare(
                    f"{name}, {what}, s",
                    f'python -c "{TORCH}"',
                    "s",
                    lambda index=index, arguments=arguments: process(*arguments)[index],
                    lambda index=index: process("-c", TORCH)[index],
                )


def _commands(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Commands, and what they are called in the table."""
    for name in ("gauss", "increment"):
        machine = compile_machine(read_text(shipped("machines") / f"{name}.tm"))
        checkpoint.save(checkpoint.from_build(machine), folder / f"{name}.safetensors")
    save(parity(D, M, QUERIES, seed=0), folder / "data.npz")
    (folder / "flip.tm").write_text(TWO_TESTS, encoding="utf-8")
    save(parity(64, 128, 1, seed=0), folder / "large.npz")
    data, large = (("--input", str(folder / f"{name}.npz")) for name in ("data", "large"))
    yield f"tmc run gauss, {M} examples, {QUERIES} queries", ("run", str(folder / "gauss.safetensors"), *data)
    yield "tmc run gauss, d=64 m=128, 1 query", ("run", str(folder / "gauss.safetensors"), *large)
    yield "tmc run increment --data 1011", ("run", str(folder / "increment.safetensors"), "--data", "1011")
    yield "tmc test, two trivial tests", ("test", str(folder / "flip.tm"))
