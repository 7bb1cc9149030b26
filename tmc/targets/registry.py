"""Which targets there are. A new one is a line here."""

from __future__ import annotations

from tmc.diagnostics import Rejected
from tmc.given import check_name
from tmc.targets.scalar.target import Scalar
from tmc.targets.target import Target
from tmc.targets.wide.target import Wide

WIDE, SCALAR = Wide(), Scalar()
TARGETS: dict[str, Target] = {target.name: target for target in (WIDE, SCALAR)}
DEFAULT = WIDE
SCALES = tuple(dict.fromkeys(scale for target in TARGETS.values() for scale in target.scales))


def target_named(name: str) -> Target:
    """The target of a name, such as ``wide``. Raises `Rejected` for any other."""
    check_name("target", name, tuple(TARGETS))
    return TARGETS[name]


def target_at(name: str, scale: str) -> Target:
    """The target of a name, with a scale of this name. Raises `Rejected` if the target or the scale does not exist."""
    target = target_named(name)
    check_name("scale", scale, SCALES)
    if scale not in target.scales:
        others = " or ".join(other.name for other in TARGETS.values() if scale in other.scales)
        raise Rejected(f"the scale {scale} goes with the target {others}")
    return target
