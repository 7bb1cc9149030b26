"""Graphviz, a program of the system that lays out graphs and draws them. It may be missing."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from tmc.diagnostics import Rejected


def svg_of(dot: str) -> bytes:
    """The picture of a graph in Graphviz's language. Raises `Rejected` if Graphviz is missing, or fails."""
    program = shutil.which("dot")
    if program is None:
        raise Rejected(
            "Graphviz, which draws SVG, is not installed; install it (its program is `dot`), or write the graph with --format dot "
            "and draw it elsewhere: dot -Tsvg graph.dot -o graph.svg"
        )
    return _ran(program, "svg", dot, "; try --format dot")


def laid_out(dot: str) -> dict[str, Any]:
    """A graph in Graphviz's language with the places of its nodes, edges and labels: Graphviz's own JSON, in points, y upwards.

    Raises `Rejected` if Graphviz is missing, or fails.
    """
    program = shutil.which("dot")
    if program is None:
        raise Rejected("Graphviz, which lays out state diagrams, is not installed: install it (its program is `dot`)")
    document: dict[str, Any] = json.loads(_ran(program, "json0", dot))
    return document


def is_there() -> bool:
    """Whether Graphviz is installed."""
    return shutil.which("dot") is not None


def _ran(program: str, form: str, dot: str, otherwise: str = "") -> bytes:
    drawn = subprocess.run([program, f"-T{form}"], input=dot.encode(), capture_output=True, check=False)  # noqa: S603 - of the system
    if drawn.returncode:
        said = drawn.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise Rejected(f"Graphviz could not draw this graph ({said or f'exit status {drawn.returncode}'}){otherwise}")
    return drawn.stdout
