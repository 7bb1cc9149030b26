"""Boolean circuits: gates with one or two inputs, each after those that it reads."""

from __future__ import annotations

from collections.abc import Sequence

from tmc.frozen import frozen

NOT, AND, OR = "not", "and", "or"
FALSE, TRUE = 0, 1  # the numbers of two wires that never change
FIRST = 2  # the number of the first input

Gate = tuple[str, int, int]  # what it computes, and the wires that it reads (twice the same for `not`)


@frozen
class Circuit:
    """The inputs are the wires from `FIRST` on, and the gates drive those that follow."""

    inputs: int
    gates: tuple[Gate, ...]
    outputs: tuple[int, ...]

    def depth(self) -> int:
        """The most gates on a way from an input to an output."""
        depths = [0] * (FIRST + self.inputs)
        for _, left, right in self.gates:
            depths.append(1 + max(depths[left], depths[right]))
        return max((depths[wire] for wire in self.outputs), default=0)


def evaluate(circuit: Circuit, inputs: Sequence[bool]) -> tuple[bool, ...]:
    """The outputs for these inputs; ValueError when they are not as many as the circuit has."""
    if len(inputs) != circuit.inputs:
        raise ValueError(f"{len(inputs)} inputs for a circuit that has {circuit.inputs}")
    wires = [False, True, *inputs]
    for kind, left, right in circuit.gates:
        a, b = wires[left], wires[right]
        wires.append(not a if kind == NOT else a and b if kind == AND else a or b)
    return tuple(wires[wire] for wire in circuit.outputs)


class Builder:
    """Builds a circuit gate by gate; a gate that is there already is used again, and one with a constant input is left out."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.gates: list[Gate] = []
        self._known: dict[Gate, int] = {}

    def negation(self, wire: int) -> int:
        """The wire that is true where this one is not."""
        if wire in (FALSE, TRUE):
            return TRUE - wire
        if self.gate_of(wire)[0] == NOT:
            return self.gate_of(wire)[1]
        return self._gate(NOT, wire, wire)

    def both(self, left: int, right: int) -> int:
        """The conjunction of two wires."""
        if FALSE in (left, right):
            return FALSE
        if TRUE in (left, right):
            return left if right == TRUE else right
        return left if left == right else self._gate(AND, *sorted((left, right)))

    def either(self, left: int, right: int) -> int:
        """The disjunction of two wires."""
        if TRUE in (left, right):
            return TRUE
        if FALSE in (left, right):
            return left if right == FALSE else right
        return left if left == right else self._gate(OR, *sorted((left, right)))

    def all_of(self, wires: Sequence[int]) -> int:
        """The conjunction of some wires, as a balanced tree; true for no wires."""
        if len(wires) <= 1:
            return wires[0] if wires else TRUE
        middle = len(wires) // 2
        return self.both(self.all_of(wires[:middle]), self.all_of(wires[middle:]))

    def any_of(self, wires: Sequence[int]) -> int:
        """The disjunction of some wires, as a balanced tree; false for no wires."""
        if len(wires) <= 1:
            return wires[0] if wires else FALSE
        middle = len(wires) // 2
        return self.either(self.any_of(wires[:middle]), self.any_of(wires[middle:]))

    def gate_of(self, wire: int) -> Gate:
        """The gate that drives a wire; for an input, one of no kind."""
        return self.gates[wire - self.inputs - FIRST] if wire >= self.inputs + FIRST else ("", wire, wire)

    def circuit(self, outputs: Sequence[int]) -> Circuit:
        """The circuit so far, without the gates that no output needs."""
        needed, first = set(outputs), FIRST + self.inputs
        for position in range(len(self.gates) - 1, -1, -1):
            if first + position in needed:
                needed.update(self.gates[position][1:])
        number = {wire: wire for wire in range(first)}
        kept: list[Gate] = []
        for position, (kind, left, right) in enumerate(self.gates):
            wire = first + position
            if wire in needed:
                number[wire] = first + len(kept)
                kept.append((kind, number[left], number[right]))
        return Circuit(self.inputs, tuple(kept), tuple(number[wire] for wire in outputs))

    def _gate(self, kind: str, left: int, right: int) -> int:
        gate = (kind, left, right)
        if gate not in self._known:
            self._known[gate] = FIRST + self.inputs + len(self.gates)
            self.gates.append(gate)
        return self._known[gate]
