"""A classifier's circuit as a Python function that needs nothing else."""

from __future__ import annotations

from tmc.circuits.graph import Graph, Literal


def to_python(graph: Graph) -> bytes:
    """A module with one function ``classify(x)``: +1 or -1 for a query `x` of 0 and 1, or of -1 and +1."""
    names = ["0", *(f"x[{number}]" for number in range(len(graph.inputs))), *(f"n{i}" for i in range(1, len(graph.gates) + 1))]

    def read(literal: Literal) -> str:
        return "1" if literal == 1 else f"{names[literal >> 1]} ^ 1" if literal & 1 else names[literal >> 1]

    def part(literal: Literal) -> str:
        return f"({read(literal)})" if literal & 1 else read(literal)

    lines = [
        f'"""What the learner {graph.name} made of its examples, written by tmc."""',
        "",
        f"FEATURES = {graph.inputs!r}",
        "",
        "",
        "def classify(x):",
        '    """+1 or -1 for a query: a value for each of FEATURES, 0 and 1, or -1 and +1."""',
        "    if len(x) != len(FEATURES):",
        '        raise ValueError(f"a query has {len(FEATURES)} features, not {len(x)}")',
        "    x = [int(value > 0) for value in x]",
        *(f"    n{number} = {part(left)} & {part(right)}" for number, (left, right) in enumerate(graph.gates, 1)),
        f"    return 1 if {read(graph.output('label'))} else -1",
    ]
    return "\n".join([*lines, ""]).encode()
