"""Learners in the manner of scikit-learn (the extra ``turing-machine-compiler[learn]``): networks, restarts over small machines.

Start at `machine`.

All of them are for two classes and for features of two values each. Features that have more are cut at their median over the
examples on the tape; the cut belongs to what is learnt. `save` of each writes a file, `load` here reads it.
"""

from __future__ import annotations

from pathlib import Path

from tmc.given import check_path
from tmc.learn.estimators.binary import TwoClasses
from tmc.learn.estimators.machine import MachineClassifier
from tmc.learn.estimators.restarts import RestartClassifier, TuringOptimalClassifier

__all__ = ["MachineClassifier", "RestartClassifier", "TuringOptimalClassifier", "load"]


def load(path: str | Path) -> TwoClasses:
    """The estimator that `save` wrote, whichever of the three it is; nothing in the file is executed.

    Its network is compiled again from the table in the file, and its memory is the one that was trained. Raises `Rejected` when the
    file is missing, empty, cut short, damaged, or of another kind or version.
    """
    from tmc.learn.estimators.saving import load

    check_path("a saved estimator", path)
    return load(path, (MachineClassifier, RestartClassifier, TuringOptimalClassifier))
