"""What is wrong with a network, said of the unit that is to blame: its layer, what it is for, and the weights that make it so."""

from __future__ import annotations

from tmc.ir.units import Unit
from tmc.pipeline import Stages
from tmc.verify.sums import Rounded


def rounded_unit(found: Rounded, stages: Stages) -> str:
    """A unit of which a sum may be rounded, in words."""
    layers = stages.filters.recurrent if found.group == "recurrent" else stages.filters.head
    where = f"layer {found.layer}" if found.group == "recurrent" else f"head, layer {found.layer}"
    return f"{where}, unit {found.unit}{label(layers[found.layer - 1].units[found.unit], stages)}: {found.why}"


def label(unit: Unit, stages: Stages) -> str:
    """What a unit is for: its name, its rule and the line of that."""
    line = f" ({stages.lowered.name}.tm:{unit.line})" if unit.line else ""
    return (f", `{unit.name}`" if unit.name else "") + (f", for the rule `{unit.rule}`{line}" if unit.rule else "")
