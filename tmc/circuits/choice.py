"""A number or a symbol that depends on a circuit's inputs: one of a few values, each with the wire that is true there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tmc.circuits.gates import Gates
from tmc.circuits.graph import FALSE, TRUE, Literal
from tmc.ir.filters import Plain

Choice = tuple[tuple[Plain, Literal], ...]  # sorted by value; exactly one wire is true


def constant(value: Plain) -> Choice:
    """Always this value."""
    return ((value, TRUE),)


def chosen(gates: Gates, where: Iterable[tuple[Plain, Literal]]) -> Choice:
    """The choice in which a value is taken where one of its wires is true."""
    wires: dict[Plain, list[Literal]] = {}
    for value, wire in where:
        wires.setdefault(value, []).append(wire)
    joined = [(value, gates.any_of(wires[value])) for value in sorted(wires)]
    return tuple((value, wire) for value, wire in joined if wire != FALSE)


def where(gates: Gates, choice: Choice, values: Sequence[Plain]) -> Literal:
    """The wire that is true where a choice is one of these values."""
    found = [wire for value, wire in choice if value in values]
    return TRUE if len(found) == len(choice) else gates.any_of(found)


def written(gates: Gates, old: Choice, writes: Iterable[tuple[Plain, Literal]]) -> Choice:
    """A choice after some writes: a value is written where its wire is true, and at most one is."""
    writes = list(writes)
    kept = gates.any_of(wire for _, wire in writes) ^ 1
    return chosen(gates, [*((value, gates.both(wire, kept)) for value, wire in old), *writes])


def weighted_sum(gates: Gates, bias: Plain, terms: Sequence[tuple[Plain, Choice]], *, relu: bool) -> Choice:
    """``bias + Σ weight · choice``, and with `relu` 0 where that is negative.

    Sums that can only end at 0 or below are all the same to a ReLU, and are kept as one on the way.
    """
    most = [max(weight * value for value, _ in choice) for weight, choice in terms]
    rest = sum(most)
    if relu and bias + rest <= 0:
        return constant(0)
    sums: Choice = constant(bias)
    for (weight, choice), largest in zip(terms, most, strict=True):
        rest -= largest
        lost = -rest if relu else None
        found = [
            (total + weight * value, gates.both(so_far, wire)) for total, so_far in sums for value, wire in choice
        ]  # fmt: skip
        sums = chosen(gates, ((total if lost is None or total > lost else lost, wire) for total, wire in found if wire != FALSE))
    return chosen(gates, ((max(total, 0), wire) for total, wire in sums)) if relu else sums
