"""What circuits are written as."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from tmc.frozen import frozen

if TYPE_CHECKING:
    from tmc.circuits.graph import Graph


@frozen
class CircuitFormat:
    """A format: its `name` on the command line, the usual ending of a file's name, the function here that writes it, whether it is
    a text, and whether it is a function of a query, so that only classifiers can be written."""

    name: str
    ending: str
    writer: str
    is_text: bool = True
    classifiers_only: bool = False

    def write(self, graph: Graph) -> bytes:
        """A circuit as a file. Raises `Rejected` if a package is missing."""
        module, function = self.writer.split(":")
        writer: Callable[[Graph], bytes] = getattr(import_module(f"tmc.circuits.{module}"), function)
        return writer(graph)


FORMATS = (
    CircuitFormat("aiger", ".aag", "aiger:to_ascii"),
    CircuitFormat("aiger-binary", ".aig", "aiger:to_binary", is_text=False),
    CircuitFormat("blif", ".blif", "blif:to_blif"),
    CircuitFormat("c", ".c", "c_code:to_c", classifiers_only=True),
    CircuitFormat("python", ".py", "python_code:to_python", classifiers_only=True),
    CircuitFormat("onnx", ".onnx", "onnx_model:to_onnx", is_text=False, classifiers_only=True),
)
NAMES = tuple(one.name for one in FORMATS)


def format_named(name: str, output: str | None) -> CircuitFormat:
    """The format of this name; ``aiger`` is binary in a file that ends in ``.aig``."""
    if name == "aiger" and output is not None and output.lower().endswith(".aig"):
        name = "aiger-binary"
    return next(one for one in FORMATS if one.name == name)
