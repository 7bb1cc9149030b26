"""One wrong weight is caught in lockstep, or shown not to matter on that input: no patch of the run comes out differently."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import pytest
import torch
from torch import Tensor

from conftest import compiled
from tmc.diagnostics import Rejected
from tmc.ir import filters as filter_stage
from tmc.ir.lattice import Cell, Evolution, Patch
from tmc.ir.tape import Grid, Line
from tmc.net.checkpoint.reading import from_build
from tmc.net.network import exact
from tmc.net.rcnn import RCNN
from tmc.run.observe import memory, window
from tmc.testing.lockstep import Mismatch, lockstep
from tmc.testing.machine_tests import tape_of

RECURRENT = tuple(f"recurrent.{index}.{kind}" for index in (0, 2, 4) for kind in ("weight", "bias"))
HEAD = tuple(f"head.{index}.{kind}" for index in (0, 2) for kind in ("weight", "bias"))


def fresh(name: str) -> RCNN:
    return RCNN(from_build(compiled(name)))


def tape(name: str, test: int) -> Grid | Line:
    """The data tape of one of the machine's tests."""
    return tape_of(compiled(name).table, compiled(name).table.tests[test])


@cache
def patches(name: str, test: int) -> Tensor:
    """Every patch of the run of a test, the decoding included: shape (patches, channels, 3, 3)."""
    stages, data = compiled(name), tape(name, test)
    if isinstance(data, Line):
        lattice = window(stages.table, stages.rules, data, 2, 8)
    else:
        signs = [[1 if symbol == 2 else -1 for symbol in row] for row in data.rows]
        query = [*signs[-1][:-1], 1]
        products = [tuple(value * row[-1] * sign for value, sign in zip([*row[:-1], 1], query, strict=True)) for row in signs[:-1]]
        lattice = memory(stages.rules, (*products, tuple(query)), 6)
    known: dict[Patch, Cell] = {}
    encoded = tuple(tuple(stages.cells.encode(cell) for cell in row) for row in lattice)
    evolution = Evolution(filter_stage.local(stages.filters), stages.filters.border, encoded, known)
    while not evolution.at_rest:
        evolution.advance()
    found = torch.tensor(sorted(known), dtype=torch.float32)
    return found.permute(0, 2, 1).reshape(len(known), -1, 3, 3)


def outcomes(network: RCNN, name: str, test: int) -> Tensor:
    """The next cell for every patch of the run."""
    with torch.no_grad(), exact():
        return network.recurrent(patches(name, test))[:, :, 1, 1]


def flipped(name: str, parameter: str, random: Random) -> RCNN:
    """The network with one weight negated or set to 0 (a bias that is 0: to 1)."""
    network = fresh(name)
    values = dict(network.named_parameters())[parameter].data.view(-1)
    position = random.choice(values.nonzero()[:, 0].tolist() or range(len(values)))
    values[position] = -values[position] if random.random() < 0.5 else 0 if values[position] else 1
    return network


def verdict(network: RCNN, name: str, test: int) -> str:
    try:
        lockstep(compiled(name), tape(name, test), network=network)
    except Mismatch as mismatch:
        assert "network" in str(mismatch)
        return "caught"
    except Rejected as error:
        assert "did not memorise" in str(error)
        return "does not learn"
    return "missed"


def count(name: str, test: int, parameter: str, flips: int) -> Counter[str]:
    """Flip weights one at a time; what lockstep says must be what the patches say."""
    found: Counter[str] = Counter()
    right = outcomes(fresh(name), name, test)
    for seed in range(flips):
        mutant = flipped(name, parameter, Random(f"{parameter} {seed}"))
        said = verdict(mutant, name, test)
        if said != "does not learn":
            assert (said == "caught") == (not torch.equal(outcomes(mutant, name, test), right)), seed
        found[said] += 1
    return found


@pytest.mark.parametrize("parameter", RECURRENT)
@pytest.mark.parametrize("name", ["increment", "gauss"])
def test_a_flipped_weight_is_caught_or_does_not_matter(name: str, parameter: str) -> None:
    found = count(name, 1, parameter, 6)
    assert found["missed"] < 6


@pytest.mark.long
def test_most_flipped_weights_are_caught() -> None:
    found = sum((count("gauss", 0, parameter, 12) for parameter in RECURRENT), Counter[str]())
    assert found["missed"] < found.total() / 2


def responses(network: RCNN) -> Tensor:
    """The head's values at every symbol and answer that a cell may hold, and its slopes there."""
    symbol, answer = compiled("gauss").filters.symbol, compiled("gauss").filters.answer
    grid = torch.cartesian_prod(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([-1.0, 0.0, 1.0]))
    cells = torch.zeros(9, len(compiled("gauss").filters.channels), 1, 1)
    cells[:, symbol, 0, 0], cells[:, answer, 0, 0] = grid[:, 0], grid[:, 1]
    cells.requires_grad_()
    with exact():
        values = network.head(cells).flatten()
        (slopes,) = torch.autograd.grad(values.sum(), cells)
    return torch.cat([values.detach(), slopes.flatten()])


@pytest.mark.parametrize("parameter", HEAD)
def test_every_weight_of_the_head_matters(parameter: str) -> None:
    right = responses(fresh("gauss"))
    for position in dict(fresh("gauss").named_parameters())[parameter].flatten().nonzero()[:, 0].tolist():
        for factor in (-1, 0):
            network = fresh("gauss")
            dict(network.named_parameters())[parameter].data.view(-1)[position] *= factor
            assert not torch.equal(responses(network), right), (position, factor)
