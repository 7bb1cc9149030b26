"""What a proof needs of a target beyond what the compiler has: which patches are legal, which cells the head tells apart.

A target has one class here, beside the module that says in its terms what the rules mean. A new target is a line in `PROOFS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Protocol

from tmc.automaton.reachable import Reachable
from tmc.net.checkpoint.reading import Checkpoint
from tmc.pipeline import Stages
from tmc.targets.registry import SCALAR, WIDE
from tmc.targets.scalar.target import NumeralCoding
from tmc.verify.head_and_memory import cells_read
from tmc.verify.legal_cells import Legal
from tmc.verify.precision import Contract, contract
from tmc.verify.scalar_terms import ScalarPatches
from tmc.verify.unit_terms import Apart
from tmc.verify.weights_to_rules import Patches, WeightProof
from tmc.verify.wide_terms import WidePatches


class TargetProof(Protocol):
    """What a target provides for proofs about its networks."""

    def patches(self, checkpoint: Checkpoint, stages: Stages, claimed: Reachable, cells: Legal) -> Patches:
        """The legal patches, and what the rules make of them."""

    def cells(self, checkpoint: Checkpoint, stages: Stages, cells: Legal) -> Iterator[tuple[int, ...]]:
        """Legal cells, one at least for each that the head tells apart."""

    def contract(self, checkpoint: Checkpoint, patches: Patches, agreement: WeightProof) -> Contract | None:
        """In which number formats the network is exact besides its own; None when that is not known."""


class WideProof:
    """Of trits."""

    def patches(self, checkpoint: Checkpoint, stages: Stages, claimed: Reachable, cells: Legal) -> Patches:
        """See `TargetProof`."""
        return WidePatches(stages.rules, stages.rules.invariants)

    def cells(self, checkpoint: Checkpoint, stages: Stages, cells: Legal) -> Iterator[tuple[int, ...]]:
        """See `TargetProof`."""
        return cells_read(checkpoint, stages.rules, stages.filters.channels)

    def contract(self, checkpoint: Checkpoint, patches: Patches, agreement: WeightProof) -> Contract | None:
        """See `TargetProof`."""
        return contract(checkpoint, patches.variables, agreement.units)


class ScalarProof:
    """Of numbers."""

    def patches(self, checkpoint: Checkpoint, stages: Stages, claimed: Reachable, cells: Legal) -> Patches:
        """See `TargetProof`. The numeral is the one in the file, which was compared with the compiler's."""
        coding = checkpoint.coding()[1]
        assert isinstance(coding, NumeralCoding)
        return ScalarPatches(stages.rules, cells, claimed.invariants, coding.numeral, coding.unit, Apart(checkpoint))

    def cells(self, checkpoint: Checkpoint, stages: Stages, cells: Legal) -> Iterator[tuple[int, ...]]:
        """See `TargetProof`: all of them."""
        return every(cells)

    def contract(self, checkpoint: Checkpoint, patches: Patches, agreement: WeightProof) -> Contract | None:
        """See `TargetProof`."""
        return None


def every(cells: Legal) -> Iterator[tuple[int, ...]]:
    """All legal cells."""
    for values in {*cells.computing.values(), *cells.decoding.values()}:
        yield from product(*map(sorted, values))


PROOFS: dict[str, TargetProof] = {WIDE.name: WideProof(), SCALAR.name: ScalarProof()}
