"""What `tmc.compile` returns: a build, and the way from it to a network. The compiler itself knows nothing of networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmc.frozen import frozen
from tmc.pipeline import Build

if TYPE_CHECKING:
    from tmc.net.rcnn import RCNN


@frozen
class CompiledMachine(Build):
    """A compiled machine, all of whose stages are here."""

    @staticmethod
    def of(build: Build) -> CompiledMachine:
        """The same build."""
        return CompiledMachine(*(getattr(build, name) for name in Build.__match_args__))

    def network(self) -> RCNN:
        """The network, a module of torch, as `tmc.load` returns it from a file."""
        from tmc.net.rcnn import of_build

        return of_build(self)
