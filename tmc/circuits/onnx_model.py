"""A classifier's circuit as a model of ONNX (the extra ``turing-machine-compiler[onnx]``): queries in, labels out.

All gates of a level are evaluated at once: two gathers, an exclusive or for those that are negated, and one AND.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tmc.circuits.graph import Graph, Literal
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPSET, IR = 17, 8


def to_onnx(graph: Graph) -> bytes:
    """A model with the input ``x`` (queries, d), float32, +1 where it is above 0, and the output ``label`` (queries,), int64, -1
    and +1. Raises `Rejected` if the package onnx is not installed."""
    try:
        from onnx import TensorProto, checker, helper
    except ImportError:
        raise Rejected("the package onnx is missing; install it: pip install 'turing-machine-compiler[onnx]'") from None
    made = _Nodes(graph)
    made.label(graph.output("label"))
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["queries", len(graph.inputs)])
    label = helper.make_tensor_value_info("label", TensorProto.INT64, ["queries"])
    parts = helper.make_graph(made.nodes, graph.name, [given], [label], made.constants)
    model = helper.make_model(parts, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="tmc")
    checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


class _Nodes:
    """The nodes of a model. The tensor ``known`` holds the wires of all levels so far (queries, wires), the constant 0 first."""

    def __init__(self, graph: Graph) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._columns = list(range(graph.first_gate))  # of the variables
        self._node("Greater", ["x", self._constant("zero", [0.0], "float32")], "bits")
        self._node("Slice", ["bits", *(self._constant(f"first_{i}", [v], "int64") for i, v in enumerate((0, 1, 1)))], "one")
        self._node("And", ["one", self._constant("no", [False], "bool")], "none")
        self._node("Concat", ["none", "bits"], "known_0", axis=1)
        self._level = 0
        levels = graph.levels()
        self._columns += [0] * len(graph.gates)
        width = graph.first_gate
        for level in range(1, max(levels, default=0) + 1):
            numbers = [number for number in range(len(graph.gates)) if levels[graph.first_gate + number] == level]
            left, right = (self._read([graph.gates[number][side] for number in numbers], f"{level}_{side}") for side in (0, 1))
            for number in numbers:
                self._columns[graph.first_gate + number] = width
                width += 1
            self._node("And", [left, right], f"level_{level}")
            self._node("Concat", [f"known_{level - 1}", f"level_{level}"], f"known_{level}", axis=1)
            self._level = level

    def label(self, literal: Literal) -> None:
        """The last nodes: a literal as -1 and +1."""
        bits = self._read([literal], "label")
        column = self._constant("column", [1], "int64")
        self._node("Squeeze", [bits, column], "label_bit")
        self._node("Where", ["label_bit", self._constant("plus", 1, "int64"), self._constant("minus", -1, "int64")], "label")

    def _read(self, literals: list[Literal], name: str) -> str:
        places = self._constant(f"places_{name}", [self._columns[literal >> 1] for literal in literals], "int64")
        negated = self._constant(f"negated_{name}", [bool(literal & 1) for literal in literals], "bool")
        self._node("Gather", [f"known_{self._level}", places], f"gathered_{name}", axis=1)
        self._node("Xor", [f"gathered_{name}", negated], f"read_{name}")
        return f"read_{name}"

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def _constant(self, name: str, values: Any, kind: str) -> str:
        import numpy as np
        from onnx import numpy_helper

        array: NDArray[Any] = np.array(values, kind)
        self.constants.append(numpy_helper.from_array(array, name))
        return name
