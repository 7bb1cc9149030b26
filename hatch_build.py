"""What a wheel, or an installation of this checkout, needs to have made: the parser's tables."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MakeTables(BuildHookInterface):  # type: ignore[type-arg]
    """Lets lark make `grammars/tmc.tables` of `grammars/tmc.lark`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before anything is put together."""
        subprocess.run([sys.executable, "-m", "tmc.syntax.from_lark"], cwd=self.root, check=True)
