"""Ordinary networks, trained on the same examples by gradient descent: a perceptron of two hidden layers, a small transformer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tmc.bench.baselines import Signs, best_of

STEPS = 1500  # of gradient descent, at most; it ends when the loss on the examples is below ENOUGH
ENOUGH, EVERY = 1e-3, 50
BATCH = 64


def mlp(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """Two hidden layers of 256 ReLUs, by SGD with momentum 0.9, batches of 64; a learning rate of 0.1 or 0.01, a weight decay of
    0 or 1e-3; 1500 steps, or until the loss on the examples is below 0.001."""

    def make(d: int) -> nn.Module:
        return nn.Sequential(nn.Linear(d, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))

    def optimizer(option: tuple[float, float], network: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.SGD(network.parameters(), lr=option[0], momentum=0.9, weight_decay=option[1])

    return _trained([(0.1, 0.0), (0.1, 1e-3), (0.01, 0.0), (0.01, 1e-3)], make, optimizer, x, y, queries, seed)


def transformer(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """A transformer encoder over the features as tokens: two layers, four heads, width 32 and 64 inside; read off a token of its
    own. AdamW, batches of 64, a learning rate of 1e-3 or 3e-4; as many steps as the other."""

    def optimizer(option: float, network: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.AdamW(network.parameters(), lr=option, weight_decay=0.01)

    return _trained([1e-3, 3e-4], _Encoder, optimizer, x, y, queries, seed)


class _Encoder(nn.Module):
    """Tokens are a sign and a place."""

    def __init__(self, d: int, width: int = 32) -> None:
        super().__init__()
        self.symbol, self.place = nn.Embedding(3, width), nn.Parameter(torch.randn(d + 1, width) * 0.02)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Signs (q, d) to one number each (q, 1)."""
        symbols = nn.functional.pad((x > 0).long(), (1, 0), value=2)
        return self.head(self.encoder(self.symbol(symbols) + self.place)[:, 0])  # type: ignore[no-any-return]


def _trained(
    options: list[Any],
    make: Callable[[int], nn.Module],
    optimizer: Callable[[Any, nn.Module], torch.optim.Optimizer],
    x: Signs,
    y: Signs,
    queries: Signs,
    seed: int,
) -> Signs:
    def learn(option: Any, x: Signs, y: Signs, queries: Signs) -> Signs:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = make(x.shape[1])
            _descend(network, optimizer(option, network), torch.from_numpy(x).float(), torch.from_numpy(y).float())
            with torch.no_grad():
                outputs = network(torch.from_numpy(queries).float())[:, 0]
        return torch.where(outputs < 0, -1, 1).to(torch.int8).numpy()

    return learn(best_of(options, learn, x, y, seed), x, y, queries)


def _descend(network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    for step in range(STEPS):
        some = torch.randperm(len(x))[:BATCH]
        optimizer.zero_grad()
        loss = nn.functional.softplus(-y[some] * network(x[some])[:, 0]).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % EVERY == 0:
            with torch.no_grad():
                if float(nn.functional.softplus(-y * network(x)[:, 0]).mean()) < ENOUGH:
                    return
