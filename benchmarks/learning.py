"""Algorithm 1: the chain rule patch by patch, beside autograd through dense layers. The trained `W` must be the same."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from benchmarks.measure import Comparison, compare, seconds
from tmc.files import read_text, shipped
from tmc.learn.data.datasets import parity
from tmc.net.checkpoint.reading import from_build
from tmc.net.learn import train
from tmc.net.rcnn import RCNN
from tmc.pipeline import compile_machine

SMALL, LARGE = (8, 16), (64, 128)  # d, m
TARGETS = (("wide", "integer"), ("scalar", "integer"), ("scalar", "paper"))


def comparisons() -> Iterator[Comparison]:
    """Seconds for a pass over a small set of examples."""
    return (_compare(target, scale, *SMALL, runs=5) for target, scale in TARGETS)


def larger() -> Iterator[Comparison]:
    """The same of a large one; by autograd the target `scalar` would take minutes."""
    return (_compare(target, scale, *LARGE, runs=1) for target, scale in TARGETS[:1])


def _compare(target: str, scale: str, d: int, m: int, runs: int) -> Comparison:
    network = RCNN(from_build(compile_machine(read_text(shipped("machines") / "gauss.tm"), target=target, scale=scale)))
    dataset = parity(d, m, 1, seed=0)
    memories: dict[str, torch.Tensor] = {}

    def learn(engine: str) -> float:
        took = seconds(lambda: train(network, dataset.x_train, dataset.y_train, network.shape(m, d), engine=engine))
        memories[engine] = network.memory.weight.detach()
        return took

    name = f"learning, gauss d={d} m={m}, {target}" + (f", {scale}" if target == "scalar" else "")
    found = compare(name, "autograd", "s", lambda: learn("sparse"), lambda: learn("dense"), runs)
    if not torch.equal(memories["sparse"], memories["dense"]):
        raise SystemExit("the engines disagree")
    return found
