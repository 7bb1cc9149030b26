"""What a checkpoint says of itself beside what its table's network would say: every key, and of the units every one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tmc.ir.document import Document
from tmc.pipeline import Stages
from tmc.verify.faults import Fault, of_unit
from tmc.verify.labels import UnitIndex

OTHERWISE = {"version", "format", "source", "table"}  # what stands for itself, or is compared by other stages


def compared(about: Document, expected: Document) -> list[str]:
    """The keys that are compared."""
    return sorted((expected.keys() | about.keys()) - OTHERWISE)


def other_sizes(units: Any, expected: Document, stages: Stages) -> Iterator[Fault]:
    """Layers that have more or fewer units than the compiler makes."""
    for group, modules in stages.target.modules.items():
        for layer, module in enumerate(modules, 1):
            found, right = _count(units[module]), _count(expected[module])
            if found != right:
                where = f"layer {layer}" if group == "recurrent" else f"{group}, layer {layer}"
                yield Fault(f"{where} has {found} units, and the compiler makes {right}")


def _count(units: Any) -> int:
    return int(units["count"]) if isinstance(units, dict) else len(units)


def metadata_faults(about: Document, expected: Document, stages: Stages) -> Iterator[Fault]:
    """What a checkpoint says of itself and is not so. A checkpoint of an older tmc does not say of its units in which file their
    rules stand: what is not said is not wrong."""
    for key in compared(about, expected):
        if key == "units":
            yield from _unit_faults(about.get(key), expected[key], stages)
        elif about.get(key) != expected.get(key):
            yield Fault(_not_so(key))


def _not_so(key: str) -> str:
    if key == "drawn":
        return "its weights were drawn at random (--random-init), not compiled"
    return f"the file describes its {key} wrongly"


def _unit_faults(units: Any, expected: Document, stages: Stages) -> Iterator[Fault]:
    """The first thing that is said of a unit and is not so."""
    if not isinstance(units, dict) or units.keys() != expected.keys():
        yield Fault(_not_so("units"))
        return
    sizes = tuple(other_sizes(units, expected, stages))
    if sizes:
        yield from sizes
        return
    for group, modules in stages.target.modules.items():
        for layer, module in enumerate(modules, 1):
            found, right = units[module], expected[module]
            if _agree(found, right):
                continue
            pairs = zip(found, right, strict=False) if isinstance(found, list) and isinstance(right, list) else ()
            wrong = next((index for index, (one, other) in enumerate(pairs) if not _agree(one, other)), None)
            if wrong is None:
                yield Fault(_not_so("units"))
            else:
                place = UnitIndex(group, layer, wrong)
                yield of_unit(place, f"what the file says of it is not so: {_said(found[wrong], right[wrong])}", stages)
            return


def _agree(found: Any, right: Any) -> bool:
    """Whether what is said of one unit or of a layer is right, but for files that are not said."""
    if isinstance(found, list) and isinstance(right, list):
        return len(found) == len(right) and all(map(_agree, found, right))
    if isinstance(found, dict) and isinstance(right, dict):
        return bool(found == {key: right[key] for key in right if key in found or key not in ("file", "files")})
    return bool(found == right)


def _said(found: Any, right: Document) -> str:
    """In what a unit's entry is wrong."""
    if not isinstance(found, dict):
        return "it says nothing"
    keys = sorted(key for key in found.keys() | right.keys() if found.get(key) != right.get(key))
    return ", ".join(f"its {key} is said to be {found.get(key)!r}" for key in keys)
