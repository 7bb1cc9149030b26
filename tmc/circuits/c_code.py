"""A classifier's circuit as a C function that needs nothing else."""

from __future__ import annotations

from tmc.circuits.graph import Graph, Literal


def to_c(graph: Graph) -> bytes:
    """A file with one function ``int classify(const signed char *x)``: +1 or -1 for a query of 0 and 1, or of -1 and +1."""
    names = ["0", *(f"x[{number}] > 0" for number in range(len(graph.inputs))), *(f"n[{i}]" for i in range(len(graph.gates)))]

    def read(literal: Literal) -> str:
        if literal < 2:
            return str(literal)
        return f"!({names[literal >> 1]})" if literal & 1 else f"({names[literal >> 1]})"

    lines = [
        f"/* What the learner {graph.name} made of its examples, written by tmc. */",
        "",
        f"enum {{ FEATURES = {len(graph.inputs)} }};",
        "",
        f"/* +1 or -1 for a query: FEATURES values, 0 and 1, or -1 and +1 ({_legend(graph)}). */",
        "int classify(const signed char *x)",
        "{",
        f"    unsigned char n[{max(1, len(graph.gates))}];",
        *(f"    n[{number}] = {read(left)} && {read(right)};" for number, (left, right) in enumerate(graph.gates)),
        "    (void)n, (void)x;",
        f"    return {read(graph.output('label'))} ? 1 : -1;",
        "}",
        "",
    ]
    return "\n".join(lines).encode()


def _legend(graph: Graph) -> str:
    names = [name.replace("*/", "* /") for name in graph.inputs]
    return ", ".join(names) if len(names) <= 8 else f"{names[0]} to {names[-1]}"
