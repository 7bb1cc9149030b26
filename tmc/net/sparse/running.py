"""The sparse engine on one lattice of a network, without torch (`tmc.net.sparse.engine`)."""

from __future__ import annotations

from typing import Protocol

from tmc.native.tables import Floats, Ints
from tmc.net.sparse.engine import EngineRun, PatchCache
from tmc.net.sparse.patches import ANSWERED, LEAVES_LEFT, LEAVES_RIGHT, RESTS

SETTLED = ANSWERED | RESTS
LEAVES = LEAVES_LEFT | LEAVES_RIGHT


class LatticeRun(Protocol):
    """One lattice, advanced layer by layer."""

    @property
    def layers(self) -> int:
        """How many layers were run."""

    def advance(self, most: int = 1, until: int = SETTLED) -> tuple[bool, bool, bool]:
        """One layer, or up to `most`, stopping at the latest when it has one of the marks `until`.

        Returns whether it has its answer, is at rest, and has *overflowed*: something that belongs to the run stands, or stood, in
        its last column, where the next layer may lose it: a symbol of the work tape or the control (on a line the control in the
        first column, too).
        """

    def lattice(self) -> Floats:
        """The lattice: (rows, columns, channels)."""


class SparseRun:
    """A lattice (rows, columns, channels), where something changes. `cache` holds the patches met so far, for the next lattice of
    the same network."""

    def __init__(self, lattice: Floats, cache: PatchCache) -> None:
        self._running = EngineRun(cache, lattice)

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._running.layers

    @property
    def looked_up(self) -> int:
        """How many cells saw a change and so were looked up, over all layers."""
        return self._running.looked_up

    @property
    def at_rest(self) -> bool:
        """Whether the last layer changed nothing."""
        return self._running.at_rest

    def lattice(self) -> Floats:
        """The lattice: (rows, columns, channels)."""
        return self._running.values()

    def changed(self) -> tuple[Ints, Floats]:
        """The cells that the last layer changed, in the order of rows: their places (n, 2) and what they are now (n, channels)."""
        return self._running.changed()

    def advance(self, most: int = 1, until: int = SETTLED) -> tuple[bool, bool, bool]:
        """Up to `most` layers, see `LatticeRun`."""
        self._running.run(self.layers + most, until)
        return self._running.seen(ANSWERED), self._running.at_rest, self._running.seen(LEAVES)
