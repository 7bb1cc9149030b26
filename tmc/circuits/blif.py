"""BLIF, the Berkeley Logic Interchange Format: a table of one line for each gate."""

from __future__ import annotations

from tmc.circuits.graph import FALSE, Graph, Literal

WIDTH = 120


def to_blif(graph: Graph) -> bytes:
    """The graph as ``.blif``. Gates are called ``n1``, ``n2`` and so on, or ``gate_n1`` … if an input has such a name."""
    taken = {*graph.inputs, *(name for name, _ in graph.outputs)}
    prefix = "n"
    while any(name.startswith(prefix) for name in taken):
        prefix = f"gate_{prefix}"
    names = ["", *graph.inputs, *(f"{prefix}{number}" for number in range(1, len(graph.gates) + 1))]
    lines = [f".model {graph.name}", *_listed(".inputs", graph.inputs), *_listed(".outputs", [name for name, _ in graph.outputs])]
    for number, (left, right) in enumerate(graph.gates, graph.first_gate):
        lines.append(f".names {names[left >> 1]} {names[right >> 1]} {names[number]}\n{_bit(left)}{_bit(right)} 1")
    for name, literal in graph.outputs:
        lines.append(_output(name, names[literal >> 1], literal))
    return "\n".join([*lines, ".end", ""]).encode()


def _output(name: str, wire: str, literal: Literal) -> str:
    if literal >> 1 == 0:
        return f".names {name}" if literal == FALSE else f".names {name}\n1"
    return f".names {wire} {name}\n{_bit(literal)} 1"


def _bit(literal: Literal) -> int:
    return 1 - (literal & 1)


def _listed(directive: str, names: tuple[str, ...] | list[str]) -> list[str]:
    """A directive with its names, on lines that are not too long; all but the last end in a backslash."""
    lines, line = [], directive
    for name in names:
        if len(line) + len(name) > WIDTH:
            lines.append(f"{line} \\")
            line = ""
        line = f"{line} {name}"
    return [*lines, line]
