"""What is wrong with a network, said of the unit that is to blame: its layer, what it is for, and the weights that make it so."""

from __future__ import annotations

from collections.abc import Sequence

from tmc.ir.table import file_of
from tmc.ir.units import Unit
from tmc.pipeline import Stages
from tmc.verify.labels import Labels, Place
from tmc.verify.sums import Rounded

SHOWN = 3  # units that are named
LONGEST = 50  # characters of a unit's name: those of conjunctions are long


def rounded_unit(found: Rounded, stages: Stages) -> str:
    """A unit of which a sum may be rounded, in words."""
    return f"{unit_named(Place(found.group, found.layer, found.unit), stages)}: {found.why}"


def misplaced_units(found: Labels, stages: Stages) -> tuple[str, ...]:
    """Units whose labels are another's, in words."""
    said = [
        f"{unit_named(place, stages)}: it is not that, but{label(_units(stages, place.group, place.layer)[index], stages)[1:]}"
        for place, index in found.misplaced[:SHOWN]
    ]
    said += [
        f"{unit_named(place, stages)}: its weights are not the compiler's, so it is not shown to be what its label says"
        for place in found.unshown[:SHOWN]
    ]
    advice = ("`tmc verify MODEL --relabel FILE` writes the network with its units in the order of their labels",)
    more = (*_more(len(found.misplaced), "stand in the place of others"), *_more(len(found.unshown), "are not the compiler's"))
    return (*said, *more, *(advice if found.misplaced and not found.changed else ()))


def changed_units(found: Labels, stages: Stages) -> tuple[str, ...]:
    """Units that are not what the compiler makes, in words: where to look for what is wrong."""
    said = [f"{unit_named(place, stages)}: its weights are not the compiler's" for place in found.changed[:SHOWN]]
    return (*said, *_more(len(found.changed), "are not the compiler's either"))


def unit_named(place: Place, stages: Stages) -> str:
    """A unit: its layer, its index, and its label."""
    units = _units(stages, place.group, place.layer)
    return f"{_layer(place.group, place.layer)}, unit {place.unit}{label(units[place.unit], stages)}"


def _layer(group: str, layer: int) -> str:
    return f"layer {layer}" if group == "recurrent" else f"head, layer {layer}"


def _units(stages: Stages, group: str, layer: int) -> Sequence[Unit]:
    return (stages.filters.recurrent if group == "recurrent" else stages.filters.head)[layer - 1].units


def _more(count: int, what: str) -> tuple[str, ...]:
    return (f"{count - SHOWN} more {what}",) if count > SHOWN else ()


def label(unit: Unit, stages: Stages) -> str:
    """What a unit is for: its name, its rule and the line of that."""
    file = file_of(unit.rule, stages.rules.files) or f"{stages.lowered.name}.tm"
    line = f" ({file}:{unit.line})" if unit.line else ""
    name = unit.name if len(unit.name) <= LONGEST else unit.name[:LONGEST].rstrip() + " …"
    return (f", `{name}`" if name else "") + (f", for the rule `{unit.rule}`{line}" if unit.rule else "")
