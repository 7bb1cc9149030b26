"""Whether two machines are the same: proved, refuted by the shortest input that tells them apart, or undecided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tmc.ir.alphabets import Aligned, aligned
from tmc.ir.table import Table
from tmc.testing.telling_apart import EFFORT, MAX_STEPS, Search, by_results, by_steps
from tmc.verify.bisimulation import Bisimulation, bisimulation


@dataclass(frozen=True, slots=True)
class Sameness:
    """How two machines compare. `both` are the two over one alphabet, in which all that follows is said.

    `proof`: if it holds, they take the same steps on every input, and nothing else was looked for. Else `steps` is the search for
    the shortest input on which they take different steps, `results` that for one on which they end differently.
    """

    both: Aligned
    proof: Bisimulation
    steps: Search | None
    results: Search | None

    @property
    def same(self) -> bool:
        """Whether they are proved to take the same steps on every input: by bisimulation, or by looking at all inputs."""
        return self.proof.holds or (self.steps is not None and self.steps.told is None and self.steps.complete)


def same(
    one: Table, other: Table, renamed: Mapping[str, str] | None = None, max_steps: int = MAX_STEPS, effort: int = EFFORT
) -> Sameness:
    """Compare two machines; `renamed` says what symbols of `other` are called in `one`.

    A run is followed for `max_steps` steps, each of the two searches takes `effort` steps in all. Raises `Rejected` if one reads a
    line and the other a grid, or if symbols cannot be renamed so.
    """
    both = aligned(one, other, renamed)
    proof = bisimulation(both)
    if proof.holds and one.is_grid == other.is_grid:
        return Sameness(both, proof, None, None)
    return Sameness(both, proof, by_steps(both, max_steps, effort), by_results(both, max_steps, effort))
