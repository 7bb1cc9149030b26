"""ABC, Berkeley's program for circuits, where it is installed: makes circuits smaller, and decides whether two are the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tmc.circuits import aiger
from tmc.circuits.graph import Graph
from tmc.diagnostics import Rejected

PROGRAMS = ("berkeley-abc", "abc", "yosys-abc")  # what it is called on Debian, elsewhere, and where it came with yosys
SMALLER = "strash; ifraig; dc2; dc2; scorr; dc2; resub -K 8; rewrite; dc2"
ASKED = 600  # seconds


def program() -> str | None:
    """The path of ABC, if it is installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def smaller(graph: Graph) -> Graph:
    """The same function by fewer gates, as far as ABC finds any. Raises `Rejected` if ABC is not installed, or fails."""
    with TemporaryDirectory() as folder:
        Path(folder, "given.aig").write_bytes(aiger.to_binary(graph))
        said = _run(f"read_aiger given.aig; {SMALLER}; write_aiger -s made.aig", folder)
        made = Path(folder, "made.aig")
        if not made.exists():
            raise Rejected(f"ABC wrote no circuit: {_last(said)}")
        read = aiger.read("what ABC made", made.read_bytes())
    if len(read.gates) >= len(graph.gates):
        return graph
    outputs = tuple((name, literal) for (name, _), (_, literal) in zip(graph.outputs, read.outputs, strict=True))
    return Graph(graph.inputs, read.gates, outputs, graph.name)


def same(one: Graph, other: Graph) -> bool:
    """Whether two circuits of the same inputs and outputs compute the same, by ABC's `cec`, which proves it. Raises `Rejected` if
    they have others, if ABC is not installed, or does not know."""
    check_alike(one, other)
    with TemporaryDirectory() as folder:
        for name, graph in (("one", one), ("other", other)):
            Path(folder, f"{name}.aig").write_bytes(aiger.to_binary(graph))
        said = _run("cec -n one.aig other.aig", folder)
    if "are equivalent" in said:
        return True
    if "NOT EQUIVALENT" in said:
        return False
    raise Rejected(f"ABC cannot tell whether the circuits are the same: {_last(said)}")


def check_alike(one: Graph, other: Graph) -> None:
    """Raise `Rejected` unless two circuits have the same inputs and outputs."""
    if one.inputs != other.inputs or [name for name, _ in one.outputs] != [name for name, _ in other.outputs]:
        raise Rejected(f"the circuits {one.name} and {other.name} have other inputs or outputs")


def _run(commands: str, folder: str) -> str:
    found = program()
    if found is None:
        raise Rejected("ABC, which works on circuits, is not installed: install it (Debian's package is berkeley-abc)")
    try:
        done = subprocess.run([found, "-q", commands], cwd=folder, capture_output=True, text=True, timeout=ASKED, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Rejected(f"ABC was not done after {ASKED} seconds") from None
    return done.stdout + done.stderr


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["it said nothing"])[-1]
