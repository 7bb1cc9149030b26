"""What is promised to users can be imported from where the documents say, and costs nothing before it is used."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

PUBLIC = {
    "tmc": ("compile", "load", "load_trace", "simulate", "__version__"),
    "tmc.diagnostics": ("Rejected", "SourceRejected"),
    "tmc.learn": ("MachineClassifier", "RestartClassifier", "TuringOptimalClassifier"),
    "tmc.learn.estimators": ("MachineClassifier", "RestartClassifier", "TuringOptimalClassifier", "load"),
    "tmc.learn.search": ("search", "Tables", "Prior", "Problem", "problem", "Best"),
    "tmc.net.checkpoint": ("Checkpoint", "load", "save", "from_build", "from_stages", "is_checkpoint", "to_bytes"),
    "tmc.verify.certificate": ("certify",),
    "tmc.testing.divergence": ("compare",),
    "tmc.verify.divergence": ("compare",),  # their names before 0.2
    "tmc.verify.strategies": ("machines", "runs"),
}


@pytest.mark.parametrize("module", PUBLIC)
def test_names_that_are_promised(module: str) -> None:
    found = import_module(module)
    for name in PUBLIC[module]:
        assert getattr(found, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(found, "no_such_name")  # noqa: B009


@pytest.mark.parametrize("module", ["tmc.learn", "tmc.learn.search", "tmc.net.checkpoint"])
def test_a_room_by_itself_loads_nothing(module: str) -> None:
    code = (
        f"import sys, {module}; print(*sorted(name for name in sys.modules if name.split('.')[0] in ('numpy', 'torch', 'sklearn')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
