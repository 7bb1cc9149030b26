"""What is wrong with a network, said of the unit that is to blame: its layer, what it is for, and the weights that make it so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tmc.ir.units import Unit
from tmc.pipeline import Stages
from tmc.verify.labels import Labels, UnitIndex
from tmc.verify.sums import Rounded
from tmc.verify.unit_terms import SeveralInputs

SHOWN = 3  # units that are named
LONGEST = 50  # characters of a unit's name: those of conjunctions are long


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in words, and where it is one unit's: `place` is that unit, `unit` what it is for."""

    text: str
    place: UnitIndex | None = None
    unit: Unit | None = None

    def __str__(self) -> str:
        return self.text


def rounded_unit(found: Rounded, stages: Stages) -> Fault:
    """A unit of which a sum may be rounded."""
    return of_unit(UnitIndex(found.group, found.layer, found.unit), found.why, stages)


def units_of_several(found: SeveralInputs, differing: Labels, stages: Stages) -> Iterable[Fault]:
    """Units that look at several inputs each where those of a compiled network look at one; and the first ones of a rule that are
    not the compiler's."""
    for unit in found.units[:SHOWN]:
        yield of_unit(UnitIndex("recurrent", found.layer, unit), "it looks at several inputs; a compiled one looks at one", stages)
    yield from _more(len(found.units), f"of layer {found.layer} look at several inputs")
    named = {UnitIndex("recurrent", found.layer, unit) for unit in found.units}
    others = [place for place in differing.changed if place not in named]
    of_rules = [place for place in others if _units(stages, place.group, place.layer)[place.unit].line]
    yield from _changed(of_rules, stages)
    yield from _more(len(others), "of other layers are not the compiler's", len(of_rules[:SHOWN]))


def misplaced_units(found: Labels, stages: Stages) -> Iterable[Fault]:
    """Units whose labels are another's."""
    for place, index in found.misplaced[:SHOWN]:
        other = label(_units(stages, place.group, place.layer)[index], stages)
        yield of_unit(place, f"it is not that, but{other[1:]}", stages)
    for place in found.unshown[:SHOWN]:
        yield of_unit(place, "its weights are not the compiler's, so it is not shown to be what its label says", stages)
    yield from _more(len(found.misplaced), "stand in the place of others")
    yield from _more(len(found.unshown), "are not the compiler's")
    if found.misplaced and not found.changed:
        yield Fault("`tmc verify MODEL --relabel FILE` writes the network with its units in the order of their labels")


def changed_units(found: Labels, stages: Stages) -> Iterable[Fault]:
    """Units that are not what the compiler makes: where to look for what is wrong."""
    yield from _changed(found.changed, stages)
    yield from _more(len(found.changed), "are not the compiler's either")


def _changed(places: Sequence[UnitIndex], stages: Stages) -> Iterable[Fault]:
    return (of_unit(place, "its weights are not the compiler's", stages) for place in places[:SHOWN])


def of_unit(place: UnitIndex, wrong: str, stages: Stages) -> Fault:
    """What is wrong with one unit."""
    unit = _units(stages, place.group, place.layer)[place.unit]
    return Fault(f"{unit_named(place, stages)}: {wrong}", place, unit)


def unit_named(place: UnitIndex, stages: Stages) -> str:
    """A unit: its layer, its index, and its label."""
    units = _units(stages, place.group, place.layer)
    return f"{_layer(place.group, place.layer)}, unit {place.unit}{label(units[place.unit], stages)}"


def _layer(group: str, layer: int) -> str:
    return f"layer {layer}" if group == "recurrent" else f"head, layer {layer}"


def _units(stages: Stages, group: str, layer: int) -> Sequence[Unit]:
    return (stages.filters.recurrent if group == "recurrent" else stages.filters.head)[layer - 1].units


def _more(count: int, what: str, shown: int = SHOWN) -> tuple[Fault, ...]:
    return (Fault(f"{count - shown} more {what}"),) if count > shown else ()


def label(unit: Unit, stages: Stages) -> str:
    """What a unit is for: its name, its rule and the line of that."""
    file = unit.file or f"{stages.lowered.name}.tm"
    line = f" ({file}:{unit.line})" if unit.line else ""
    name = unit.name if len(unit.name) <= LONGEST else unit.name[:LONGEST].rstrip() + " …"
    return (f", `{name}`" if name else "") + (f", for the rule `{unit.rule}`{line}" if unit.rule else "")
