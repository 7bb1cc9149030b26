"""The step of Algorithm 1 beside `torch.optim.SGD`, which it stands for: the same to the last bit."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from conftest import ROOT, compiled
from tmc.net.autograd import descend
from tmc.net.checkpoint.reading import from_build
from tmc.net.draw import draw
from tmc.net.learn import SgdStep, train
from tmc.net.network import Network


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("learning_rate", [1.0, 1 / 3, 0.1, 3.0**-20])
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (17, 5), (40, 33)])
def test_a_step_is_that_of_plain_sgd(shape: tuple[int, int], learning_rate: float, dtype: torch.dtype) -> None:
    random = torch.Generator().manual_seed(shape[0])
    ours, other = (torch.nn.Parameter(torch.zeros(shape, dtype=dtype)) for _ in range(2))
    optimizer = torch.optim.SGD([other], lr=learning_rate)
    for _ in range(20):
        gradient = torch.randn(shape, generator=random, dtype=dtype)
        other.grad = gradient.clone()
        descend(ours, gradient, learning_rate)
        optimizer.step()
        assert torch.equal(ours, other)


@pytest.mark.parametrize("scale", ["integer", "paper"])
@pytest.mark.parametrize("seed", range(4))
def test_training_of_random_weights_is_plain_sgd(scale: str, seed: int) -> None:
    """A second network takes every step by torch's optimizer, from the gradients that the first one has seen."""
    learner = Network(draw(from_build(compiled("majority", "scalar", scale)), seed).checkpoint)
    random = np.random.default_rng(seed)
    x, y = (random.choice(np.array([-1, 1], dtype=np.int8), size) for size in ((3, 2), 3))
    other = torch.nn.Parameter(torch.zeros(4, 3, dtype=learner.dtype))
    optimizer = torch.optim.SGD([other], lr=learner.learning_rate)

    def watch(step: SgdStep) -> None:
        np.testing.assert_array_equal(learner.memory.weight.detach(), other.detach())  # it may be nan, where it explodes
        other.grad = step.gradient.clone()
        optimizer.step()

    train(learner, x, y, learner.shape(3, 2, depth=3), watch=watch)
    np.testing.assert_array_equal(learner.memory.weight.detach(), other.detach())
    assert bool(other.any())


def test_training_and_asking_load_none_of_torchs_compiler() -> None:
    program = (
        "import sys, numpy as np, tmc\n"
        "from tmc.net.checkpoint.reading import from_build\n"
        "from tmc.net.rcnn import RCNN\n"
        "network = RCNN(from_build(tmc.compile('machines/majority.tm')))\n"
        "network.fit(np.eye(2), np.array([0, 1])).predict(np.eye(2))\n"
        "print(sorted({'torch._dynamo', 'sympy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
