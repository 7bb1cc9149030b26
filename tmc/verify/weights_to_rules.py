"""Weights to rules: the proof that the recurrent convolution of a checkpoint does to every legal patch what the local rules say.

Both are sums of boxes over the fields of the patch: the network's by its weights (`tmc.verify.unit_terms`), the rules' by their
guards (`tmc.verify.rule_terms`). Their difference, for each channel, has to be 0 wherever the invariants hold. It is taken apart:
what the network adds within the guard of a rule goes with what that rule adds. Groups that are 0 by themselves are done with; those
that are not are proved together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tmc.ir.cells import code, width
from tmc.ir.lattice import PLACES
from tmc.ir.rules import Guard, Rules
from tmc.net.checkpoint import Checkpoint
from tmc.verify.boxes import EVERYWHERE, Box, Number, Proof, Term, meet, within
from tmc.verify.rule_terms import Wide
from tmc.verify.unit_terms import Additive, Variable, additive, exactly, levels_of, unit_terms


@dataclass(frozen=True, slots=True)
class Fault:
    """A patch for which a channel is not what the rules say: the values of fields, by place and name; any others will do."""

    channel: str
    patch: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        fields = ", ".join(f"{place}.{field} = {value}" for place, field, value in self.patch)
        return f"{self.channel} is wrong where {fields or 'nothing is asked'}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a proof came to: `faults` is empty if it succeeded. `boxes` on which the units of the joint layer are above 0, `groups`
    of terms that were proved to be 0 in `cases`; how near to its kink a unit comes (`margin`)."""

    units: int
    boxes: int
    groups: int
    cases: int
    margin: Number
    faults: tuple[Fault, ...]


def prove(checkpoint: Checkpoint, rules: Rules) -> Agreement:
    """Prove that a network of the target `wide` does what the rules say. Raises `Rejected` when its layers are of another kind."""
    wide = Wide(rules)
    network = additive(checkpoint, variables_of(wide))
    units = [unit_terms(network, unit, levels_of(network, unit)) for unit in range(len(network.bias))]
    guards = [box for rule in rules.rules if (box := wide.box(rule.guard)) is not None]
    proof, faults, groups = Proof(wide.sizes(), impossible(wide)), [], 0
    channel = 0
    for field, described in enumerate(rules.fields):
        for digit in range(width(len(described.values))):
            found = _by_group(network, channel, [unit.terms for unit in units], guards)
            for term in _expected(wide, field, digit):
                home = _home(term[0], guards)
                found.setdefault(home, []).append((term[0], -term[1]))
            groups += len(found)
            open_terms = [term for terms in found.values() if proof.counterexample(terms) is not None for term in terms]
            values = proof.counterexample(open_terms)
            if values is not None:
                faults.append(Fault(f"{described.name}.{digit}", _patch(wide, values)))
            channel += 1
    margin = min([exactly(network.margin), *(unit.margin for unit in units)])
    return Agreement(len(units), sum(len(unit.terms) for unit in units), groups, proof.cases, margin, tuple(faults))


def variables_of(wide: Wide) -> list[Variable]:
    """The fields of a patch as the network's inputs have them: trits."""
    found = []
    for place, name in enumerate(PLACES):
        first = 0
        for field, numbers in zip(wide.rules.fields, wide.numbers, strict=True):
            trits = width(len(field.values))
            inputs = tuple((first + digit) * len(PLACES) + place for digit in range(trits))
            values = np.array([code(number, trits) for number in numbers], dtype=np.float64).reshape(len(numbers), trits)
            found.append(Variable(f"{name}.{field.name}", inputs, values))
            first += trits
    return found


def impossible(wide: Wide) -> list[Box]:
    """What no patch of a run is in: two members of an invariant at once."""
    pairs = (pair for invariant in wide.rules.invariants for pair in combinations(invariant.members, 2))
    return [box for pair in pairs if (box := _both(wide, *pair)) is not None]


def _both(wide: Wide, one: Guard, other: Guard) -> Box | None:
    first, second = wide.box(one), wide.box(other)
    return None if first is None or second is None else meet(first, second)


def _expected(wide: Wide, field: int, digit: int) -> Iterable[Term]:
    yield from wide.persistence(field, digit)
    for rule in wide.rules.rules:
        yield from wide.changes(rule, field, digit)


def _by_group(network: Additive, channel: int, units: list[tuple[Term, ...]], guards: list[Box]) -> dict[Box, list[Term]]:
    """What the network makes of a channel, by the rule in whose guard it does so (or none)."""
    found: dict[Box, list[Term]] = {EVERYWHERE: [(EVERYWHERE, exactly(float(network.constants[channel])))]}
    for unit in np.flatnonzero(network.weights[channel]).tolist():
        weight = exactly(float(network.weights[channel, unit]))
        for box, number in units[unit]:
            found.setdefault(_home(box, guards), []).append((box, weight * number))
    return found


def _home(box: Box, guards: list[Box]) -> Box:
    return next((guard for guard in guards if within(box, guard)), EVERYWHERE)


def _patch(wide: Wide, values: dict[int, int]) -> tuple[tuple[str, str, str], ...]:
    fields, described = len(wide.rules.fields), []
    for variable, value in sorted(values.items()):
        field = wide.rules.fields[variable % fields]
        described.append((PLACES[variable // fields], field.name, field.values[wide.numbers[variable % fields][value]]))
    return tuple(described)
