"""The networks that a machine can be compiled to, and the scales of their numbers."""

from __future__ import annotations

from tmc.diagnostics import Rejected
from tmc.given import check_name

TARGETS, SCALES = ("wide", "scalar"), ("integer", "paper")  # the first of each is the default


def check_target(target: str, scale: str) -> None:
    """Raise `Rejected` unless there is such a target, and it has such a scale."""
    check_name("target", target, TARGETS)
    check_name("scale", scale, SCALES)
    if scale == "paper" and target != "scalar":
        raise Rejected("the scale paper goes with the target scalar")
