"""A graph of AND gates: every gate has two inputs, and every wire may be read negated. This is what an AIGER file holds."""

from __future__ import annotations

from collections.abc import Sequence

from tmc.frozen import frozen

Literal = int  # a wire: twice the number of a variable, and 1 more where it is negated
FALSE, TRUE = 0, 1  # of variable 0, which is constant


@frozen
class Graph:
    """Variable 0 is false, those from 1 on are the `inputs`, by name, then the gates follow, each after those that it reads."""

    inputs: tuple[str, ...]
    gates: tuple[tuple[Literal, Literal], ...]
    outputs: tuple[tuple[str, Literal], ...]
    name: str = "circuit"

    def __repr__(self) -> str:
        return f"<Graph of {self.name}: {len(self.inputs)} inputs, {len(self.gates)} AND gates, {len(self.outputs)} outputs>"

    @property
    def first_gate(self) -> int:
        """The variable of the first gate."""
        return 1 + len(self.inputs)

    def levels(self) -> list[int]:
        """For every variable the most gates on a way to it from an input."""
        levels = [0] * self.first_gate
        for left, right in self.gates:
            levels.append(1 + max(levels[left >> 1], levels[right >> 1]))
        return levels

    def depth(self) -> int:
        """The most gates on a way from an input to an output."""
        levels = self.levels()
        return max((levels[literal >> 1] for _, literal in self.outputs), default=0)

    def output(self, name: str) -> Literal:
        """The literal of an output. KeyError if there is none of this name."""
        return dict(self.outputs)[name]


def evaluate(graph: Graph, inputs: Sequence[int], cases: int) -> dict[str, int]:
    """The outputs for many cases at once: bit number `k` of every word belongs to case number `k`."""
    if len(inputs) != len(graph.inputs):
        raise ValueError(f"{len(inputs)} inputs for a circuit that has {len(graph.inputs)}")
    full = (1 << cases) - 1
    values = [0, *inputs]
    for left, right in graph.gates:
        a, b = values[left >> 1], values[right >> 1]
        values.append((a ^ full if left & 1 else a) & (b ^ full if right & 1 else b))
    return {name: values[literal >> 1] ^ (full if literal & 1 else 0) for name, literal in graph.outputs}


def all_cases(inputs: int) -> list[int]:
    """The words of all ``2^inputs`` cases: in case number `k`, input number `i` is bit `i` of `k`."""
    words, cases = [], 1 << inputs
    for number in range(inputs):
        word, length = ((1 << (1 << number)) - 1) << (1 << number), 2 << number
        while length < cases:
            word |= word << length
            length *= 2
        words.append(word)
    return words


def needed(graph: Graph) -> Graph:
    """The same circuit without the gates that no output needs."""
    first, marked = graph.first_gate, {literal >> 1 for _, literal in graph.outputs}
    for number in range(len(graph.gates) - 1, -1, -1):
        if first + number in marked:
            marked.update(literal >> 1 for literal in graph.gates[number])
    place = {variable: variable for variable in range(first)}
    gates: list[tuple[Literal, Literal]] = []

    def moved(literal: Literal) -> Literal:
        return 2 * place[literal >> 1] + (literal & 1)

    for number, (left, right) in enumerate(graph.gates):
        if first + number in marked:
            place[first + number] = first + len(gates)
            gates.append((moved(left), moved(right)))
    return Graph(graph.inputs, tuple(gates), tuple((name, moved(literal)) for name, literal in graph.outputs), graph.name)
