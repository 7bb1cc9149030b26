"""The network's output for one input, with its gradient by the memory `W`, by autograd through dense layers of torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.diagnostics import Rejected
from tmc.net.described import Described, Memory, Shape
from tmc.net.modes import SMALL, exact, one_thread, usual
from tmc.net.modules import module_of


class DenseNetwork:
    """`f(z; W)` by `Network.forward`, for autograd; a way of Algorithm 1, see `tmc.net.learn`. Raises `Rejected` when the layers do
    not fit this machine's memory."""

    def __init__(self, network: Described, shape: Shape, full_depth: bool = False) -> None:
        network.check_memory(shape, batch=1, kept=shape.depth if full_depth else 1)
        self.network = module_of(network)
        self.network.wake()
        if self.network.dtype.itemsize < 4:
            format_ = str(self.network.dtype).removeprefix("torch.")
            raise Rejected(f"gradients are not exact in {format_} by autograd; use network.float() before `fit`")
        self._shape, self._full_depth = shape, full_depth
        self._small = (shape.m + 1) * (shape.d + 1 + shape.pads) < SMALL  # torch then does best with one thread

    def differentiate(self, z: NDArray[np.int8], label: float) -> tuple[float, Memory]:
        """`f(z; W)`, and the gradient of the loss `½(label - f)²`."""
        weight = self.network.memory.weight
        with usual(grad=True), exact(), one_thread(self._small):
            output = self.network(torch.from_numpy(z).to(weight.detach())[None], self._shape, self._full_depth)[0]
            (gradient,) = torch.autograd.grad((label - output) ** 2 / 2, weight)
        return float(output.detach()), gradient.cpu().numpy()

    def descend(self, gradient: Memory) -> None:
        """One step of plain gradient descent."""
        weight = self.network.memory.weight
        with usual():
            descend(weight, torch.from_numpy(gradient).to(weight), self.network.learning_rate)


def descend(weight: Tensor, gradient: Tensor, learning_rate: float) -> None:
    """One step of plain stochastic gradient descent, `W ← W - η·gradient`: what `torch.optim.SGD` does, to the last bit.
    Constructing one of those would load torch's compiler, which takes seconds."""
    with torch.no_grad():
        weight.add_(gradient, alpha=-learning_rate)
