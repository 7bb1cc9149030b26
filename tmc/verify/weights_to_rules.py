"""Weights to rules: the proof that the recurrent convolution of a checkpoint does to every legal patch what the local rules say.

Both are sums of boxes over the fields of the patch: the network's by its weights (`tmc.verify.unit_terms`), the rules' by their
guards (`tmc.verify.wide_terms`). Their difference, for each channel, has to be 0 wherever the invariants hold. It is taken apart:
what the network adds within the guard of a rule goes with what that rule adds. Groups that are 0 by themselves are done with; those
that are not are proved together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tmc.net.checkpoint.reading import Checkpoint
from tmc.verify.boxes import EVERYWHERE, Box, Number, Proof, Term, within
from tmc.verify.sums import Inputs
from tmc.verify.unit_terms import Additive, InputVariable, UnitTerms, additive, exactly, levels_of, unit_terms

SHOWN = 5  # fields of a patch that are said


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A patch for which a channel is not what the rules say: the values of fields, by place and name; any others will do."""

    channel: str
    patch: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        asked = sorted(self.patch, key=lambda asked: asked[0] != "here")
        said = [f"{place}.{field} = {value}" for place, field, value in asked if value != "none"]
        more = f", and {len(self.patch) - SHOWN} more" if len(self.patch) > SHOWN else ""
        return f"{self.channel} is wrong where {', '.join(said[:SHOWN]) or 'nothing is asked'}{more}"


@dataclass(frozen=True, slots=True)
class WeightProof:
    """What a proof came to: `faults` is empty if it succeeded. The `units` of the joint layer, `groups`
    of terms that were proved to be 0 in `cases`; how near to its kink a unit comes (`margin`)."""

    units: tuple[UnitTerms, ...]
    groups: int
    cases: int
    margin: Number
    faults: tuple[Counterexample, ...]


class Patches(Protocol):
    """The patches of a target, as variables with values, and what the rules say of each channel there."""

    @property
    def sizes(self) -> Sequence[int]:
        """The number of values of each variable."""

    @property
    def variables(self) -> Sequence[InputVariable]:
        """What the network has as inputs at each of them."""

    @property
    def occurring(self) -> Inputs:
        """What the network has as inputs, as `variables` do, but all of it: a value of those may stand for several numbers."""

    @property
    def impossible(self) -> Sequence[Box]:
        """What no patch is in."""

    @property
    def channels(self) -> Sequence[str]:
        """The names of the channels."""

    def expected(self, channel: int) -> Iterable[tuple[Box, Term]]:
        """What a channel is next: terms, each with the box of the rules by which it is."""

    def describe(self, values: dict[int, int]) -> tuple[tuple[str, str, str], ...]:
        """Values of variables: places, fields and their values."""


def prove(checkpoint: Checkpoint, patches: Patches) -> WeightProof:
    """Prove that a network does what the rules say in all patches. Raises `Rejected` when its layers are of another kind."""
    network = additive(checkpoint, patches.variables)
    units = [unit_terms(network, unit, levels_of(network, unit)) for unit in range(len(network.bias))]
    proof, faults, groups = Proof(patches.sizes, patches.impossible), [], 0
    for channel, name in enumerate(patches.channels):
        found = _groups(network, channel, [unit.terms for unit in units], patches.expected(channel))
        groups += len(found)
        open_terms = [term for terms in found if proof.counterexample(terms) is not None for term in terms]
        values = proof.counterexample(open_terms)
        if values is not None:
            faults.append(Counterexample(name, patches.describe(values)))
    margin = min([exactly(network.margin), *(unit.margin for unit in units)])
    return WeightProof(tuple(units), groups, proof.cases, margin, tuple(faults))


def _groups(
    network: Additive, channel: int, units: list[tuple[Term, ...]], expected: Iterable[tuple[Box, Term]]
) -> list[list[Term]]:
    """What the network makes of a channel less what the rules do, by the box of the rules in which it does so."""
    found: dict[Box, list[Term]] = {EVERYWHERE: [(EVERYWHERE, exactly(float(network.constants[channel])))]}
    for home, (box, number) in expected:
        found.setdefault(home, []).append((box, -number))
    homes = _Homes(found)
    for unit in np.flatnonzero(network.weights[channel]).tolist():
        weight = exactly(float(network.weights[channel, unit]))
        for box, number in units[unit]:
            found[homes.of(box)].append((box, weight * number))
    return list(found.values())


class _Homes:
    """Boxes, to be asked in which of them, the smallest, a box is."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._boxes = sorted(boxes, key=len, reverse=True)

    def of(self, box: Box) -> Box:
        """The smallest of the boxes that has all of `box` in it."""
        best: Box | None = None
        for home in self._boxes:
            if within(box, home) and (best is None or within(home, best)):
                best = home
        return EVERYWHERE if best is None else best
