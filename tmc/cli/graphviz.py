"""Drawing graphs with Graphviz, which is a program of the system and may be missing."""

from __future__ import annotations

import shutil
import subprocess

from tmc.diagnostics import Rejected


def svg_of(dot: str) -> bytes:
    """The picture of a graph in Graphviz's language. Raises `Rejected` if Graphviz is missing, or fails."""
    program = shutil.which("dot")
    if program is None:
        raise Rejected(
            "Graphviz, which draws SVG, is not installed; install it (its program is `dot`), or write the graph with --format dot "
            "and draw it elsewhere: dot -Tsvg graph.dot -o graph.svg"
        )
    drawn = subprocess.run([program, "-Tsvg"], input=dot.encode(), capture_output=True, check=False)  # noqa: S603 - of the system
    if drawn.returncode:
        said = drawn.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise Rejected(f"Graphviz could not draw this graph ({said or f'exit status {drawn.returncode}'}); try --format dot")
    return drawn.stdout
