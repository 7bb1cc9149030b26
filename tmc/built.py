"""What `tmc.compile` returns: a build, and the way from it to a network. The compiler itself knows nothing of networks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tmc.pipeline import Build

if TYPE_CHECKING:
    from tmc.net.rcnn import RCNN


@dataclass(frozen=True, slots=True, repr=False)
class CompiledMachine(Build):
    """A compiled machine, all of whose stages are here."""

    @staticmethod
    def of(build: Build) -> CompiledMachine:
        """The same build."""
        return CompiledMachine(**{part.name: getattr(build, part.name) for part in fields(Build)})

    def network(self) -> RCNN:
        """The network, a module of torch, as `tmc.load` returns it from a file."""
        from tmc.net.rcnn import of_build

        return of_build(self)
