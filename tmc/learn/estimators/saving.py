"""Saved estimators: one safetensors file, with the arrays that were learnt and a document of all else, and no pickle.

Arrays: ``thresholds`` float64 (d,), ``x`` int8 (m, d) and ``y`` int8 (m,) the examples on the tape, and with the engine ``network``
the trained ``memory`` (m+1, d+1). The network's other weights are not there: they are what the table is compiled to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import InternalError, Rejected
from tmc.given import kind_of
from tmc.ir.document import Document
from tmc.ir.from_document import table_of
from tmc.ir.tape import Edge
from tmc.learn.search.enumeration import AllTables
from tmc.learn.search.searching import Tables
from tmc.net.checkpoint.arrays import Arrays
from tmc.net.checkpoint.sealed import FileKind
from tmc.net.checkpoint.sealed import load as read
from tmc.net.checkpoint.sealed import save as write
from tmc.run.shapes import MachineShape
from tmc.version import __version__

if TYPE_CHECKING:
    from tmc.learn.estimators.binary import TwoClasses

KIND = FileKind("tmc-estimator", "a saved estimator", 1)
NUMBERS = ("bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)), "float16", "float32", "float64")
WIDEST = 1 << 16  # characters of a class's name
FAULTS = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, RecursionError, InternalError, Rejected)


def save(estimator: TwoClasses, path: str | Path) -> None:
    """Write a fitted estimator. Raises `Rejected` when the file cannot be written, or a parameter or a class cannot be kept."""
    document = {
        "version": __version__,
        "estimator": type(estimator).__name__,
        "parameters": {name: _kept(name, value) for name, value in estimator.get_params(deep=False).items()},
        "classes": _classes(estimator.classes_),
        "features": None if not hasattr(estimator, "feature_names_in_") else [str(name) for name in estimator.feature_names_in_],
        **estimator.fitted_document(),
    }
    x, y = estimator.tape_
    arrays: dict[str, NDArray[Any]] = {"thresholds": estimator.thresholds_, "x": x, "y": y}
    if estimator.engine == "network":
        arrays["memory"] = estimator.network_.memory.weight.detach().cpu().numpy()
    write(KIND, document, arrays, path)


def load(path: str | Path, kinds: Iterable[type[TwoClasses]]) -> TwoClasses:
    """The estimator in a file, if it is one of these kinds. Raises `Rejected` for anything else."""
    document, arrays = read(KIND, path)
    by_name, name = {kind.__name__: kind for kind in kinds}, document.get("estimator")
    if not isinstance(name, str) or name not in by_name:
        raise Rejected(f"{path} holds an estimator that this tmc does not know")
    try:
        return _restored(by_name[name], document, arrays)
    except FAULTS:
        raise Rejected(f"{path} is damaged: it holds no {name} that could have been saved") from None


def _restored(kind: type[TwoClasses], document: Document, arrays: Arrays) -> TwoClasses:
    parameters = {name: _given(value) for name, value in document["parameters"].items()}
    if parameters.keys() != kind().get_params(deep=False).keys():
        raise ValueError("its parameters are others")
    estimator = kind(**parameters)
    estimator.check_engine()
    estimator.classes_ = _named(document["classes"])
    estimator.thresholds_, estimator.tape_ = arrays["thresholds"], (arrays["x"], arrays["y"])
    estimator.n_features_in_ = _check_arrays(arrays, {"memory"} if estimator.engine == "network" else set())
    if document["features"] is not None:
        estimator.feature_names_in_ = np.array(document["features"], dtype=object)
        if estimator.feature_names_in_.shape != (estimator.n_features_in_,):
            raise ValueError("features without a name")
    estimator.restore(document, table_of(document["table"]))
    if estimator.engine == "network":
        _remember(estimator, arrays["memory"])
    return estimator


def _check_arrays(arrays: Arrays, more: set[str]) -> int:
    """The number of features; ValueError when the arrays are not those of an estimator."""
    thresholds, x, y = arrays["thresholds"], arrays["x"], arrays["y"]
    if arrays.keys() != {"thresholds", "x", "y"} | more or min(x.shape) < 1:
        raise ValueError("its arrays are others")
    kinds = [array.dtype.name for array in (x, y, thresholds)]
    if kinds != ["int8", "int8", "float64"] or y.ndim != 1 or x.shape != (*y.shape, *thresholds.shape):
        raise ValueError("its arrays are of other kinds or shapes")
    if not (np.isin(x, (-1, 1)).all() and np.isin(y, (-1, 1)).all() and np.isfinite(thresholds).all()):
        raise ValueError("its arrays hold what no estimator learns")
    return int(x.shape[1])


def _remember(estimator: TwoClasses, memory: NDArray[Any]) -> None:
    """Put the trained memory into the network. ValueError when it is not what training makes of the examples (Lemma 1.1)."""
    from tmc.net.learn import memory_of

    network, (m, d) = estimator.network_, estimator.tape_[0].shape
    expected = memory_of(*estimator.tape_).to(network.dtype) * network.learning_rate
    if memory.dtype != expected.numpy().dtype or not np.array_equal(memory, expected.numpy()):
        raise ValueError("its memory is not that of its examples")
    network.memory.reset(m, d)
    network.memory.weight.data.copy_(expected)


def _kept(name: str, value: Any) -> Any:
    """A parameter, ready for JSON. Raises `Rejected` when that cannot be."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [_kept(name, each) for each in value]}
    if isinstance(value, (Tables, AllTables)):
        shape = value.shape
        sizes = shape.states, shape.data_symbols, shape.work_symbols
        edges = [edge.name for edge in shape.edges]
        return {"prior": type(value).__name__, "shape": [shape.kind, *sizes, edges], "seed": getattr(value, "seed", None)}
    hint = "use a number, or None" if name == "random_state" else "use text or numbers"
    raise Rejected(f"the parameter {name} is {kind_of(value)}, which cannot be saved; {hint}")


def _given(value: Any) -> Any:
    """The parameter of `_kept`."""
    if not isinstance(value, dict):
        return value
    if "prior" in value:
        kind, states, data_symbols, work_symbols, edges = value["shape"]
        shape = MachineShape(kind, states, data_symbols, work_symbols, tuple(Edge[name] for name in edges))
        if value["prior"] == "AllTables":
            return AllTables(shape)
        if type(value["seed"]) is not int:
            raise ValueError("seed")
        return Tables(shape, value["seed"])
    ((kind, values),) = value.items()
    if kind == "path":
        return Path(values)
    return {"tuple": tuple, "list": list}[kind](map(_given, values))


def _classes(classes: NDArray[Any]) -> Document:
    """The names of the classes, ready for JSON. Raises `Rejected` when they are neither numbers nor texts."""
    kind, values = classes.dtype, classes.tolist()
    known = kind.name if kind.name in NUMBERS else f"U{kind.itemsize // 4}" if kind.kind == "U" else "object"
    if known == "object" and not all(isinstance(value, (bool, int, float, str)) for value in values):
        raise Rejected(f"the classes are of the kind {kind.name}, which cannot be saved; use numbers or texts")
    if kind.kind == "U" and kind.itemsize // 4 > WIDEST:
        raise Rejected(f"names of classes of more than {WIDEST} characters cannot be saved")
    return {"kind": known, "values": values}


def _named(document: Document) -> NDArray[Any]:
    """The classes of `_classes`. Raises ValueError for another document."""
    kind, values = document["kind"], document["values"]
    if len(values) != 2 or values[0] == values[1] or not all(isinstance(value, (bool, int, float, str)) for value in values):
        raise ValueError("classes")
    if kind == "object":
        return np.array(values, dtype=object)
    if kind in NUMBERS:
        found = np.array(values, dtype=np.dtype(kind))
    else:
        width = int(kind.removeprefix("U"))
        if not 0 < width <= WIDEST:
            raise ValueError("classes")
        found = np.array(values, dtype=f"U{width}")
    if found.tolist() != values:
        raise ValueError("classes")
    return found
