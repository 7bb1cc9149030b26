"""What a learner has made of its examples, as a circuit: a function of the query. And the whole run, as one of the examples, too.

Inputs are bits, 1 for a feature of +1; so is the output ``label``. ``decided`` is 0 where the machine has no answer, and +1 is only
the default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tmc.circuits.choice import Choice, constant
from tmc.circuits.from_table import TableRun, run_table
from tmc.circuits.gates import Gates
from tmc.circuits.graph import Graph, Literal
from tmc.diagnostics import Rejected
from tmc.ir.table import Table
from tmc.ir.tape import BLANK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tmc.net.described import Described

    Signs = NDArray[np.int8]

LABEL, DECIDED = "label", "decided"


def classifier(table: Table, x: Signs, y: Signs, *, steps: int | None = None, names: Sequence[str] = ()) -> Graph:
    """The circuit of a machine that has read examples `x` (m, d) with labels `y` (m,), all -1 and +1.

    `steps`: cut runs off after so many; otherwise the machine's own bound does. `names`: those of the features. Raises `Rejected`
    when the machine reads no examples, lacks a symbol, or does not come to an end.
    """
    gates = Gates(_names(names, x.shape[1]))
    bit = {-1: constant(_symbol(table, "0")), 1: constant(_symbol(table, "1"))}
    rows = [[bit[int(value)] for value in (*features, label)] for features, label in zip(x.tolist(), y.tolist(), strict=True)]
    query = [_symbols(table, gates.input(name)) for name in gates.names]
    return _graph(gates, run_table(gates, table, [*rows, [*query, constant(BLANK)]], steps), table.name)


def whole_run(table: Table, m: int, d: int, *, steps: int | None = None) -> Graph:
    """The circuit of all runs on `m` examples of `d` features: learning and answering. The inputs are ``x1_1`` to ``xm_d``, the
    labels ``y1`` to ``ym``, and the query ``x1`` to ``xd``. Raises `Rejected` as `classifier` does, or if it grows too large."""
    grid = [[*(f"x{i}_{j}" for j in range(1, d + 1)), f"y{i}"] for i in range(1, m + 1)]
    query = [f"x{j}" for j in range(1, d + 1)]
    gates = Gates([name for row in (*grid, query) for name in row])
    tape = [[_symbols(table, gates.input(name)) for name in row] for row in (*grid, query)]
    tape[-1].append(constant(BLANK))
    return _graph(gates, run_table(gates, table, tape, steps), table.name)


def network_classifier(network: Described, *, names: Sequence[str] = ()) -> Graph:
    """The circuit of a trained network: made of its weights alone, see `tmc.circuits.from_weights`. Raises `Rejected` when it has
    learnt nothing, has too many features, or promises too little."""
    from tmc.circuits.from_weights import run_network, where_negative
    from tmc.net.checkpoint.as_filters import filters_of

    if not network.reads_grid or not network.is_trained:
        what = "reads a line, not a grid of examples" if not network.reads_grid else "has learnt no examples"
        raise Rejected(f"the network {network.name} {what}: it is no classifier")
    rows, columns = network.memory_array().shape
    gates = Gates(_names(names, columns - 1), merge=False)
    queries: list[Choice] = [((-1, gates.input(name) ^ 1), (1, gates.input(name))) for name in gates.names]
    run = run_network(network, filters_of(network.checkpoint), queries, network.shape(rows - 1, columns - 1), gates)
    label = gates.any_of(where_negative(run.output)) ^ 1
    decided = gates.any_of(wire for value, wire in run.output if value)
    return gates.graph(((LABEL, label), (DECIDED, decided)), network.name)


def examples_of(network: Described) -> tuple[Signs, Signs]:
    """The examples that a trained network has learnt, `x` (m, d) and `y` (m,): by Lemma 1.1 its memory is ``y·[x; 1]``."""
    import numpy as np

    memory = np.sign(network.memory_array()[:-1]).astype(np.int8)
    if not memory.all():
        raise Rejected(f"the memory of the network {network.name} holds no examples; give them with --input")
    y = memory[:, -1]
    return memory[:, :-1] * y[:, None], y


def labels(graph: Graph, x: Signs) -> Signs:
    """What a classifier's circuit says of queries `x` (q, d), -1 and +1."""
    import numpy as np

    from tmc.circuits.graph import evaluate

    words = [_word(column) for column in (x > 0).T]
    word = evaluate(graph, words, len(x))[LABEL]
    return np.array([1 if word >> query & 1 else -1 for query in range(len(x))], dtype=np.int8)


def _word(bits: Any) -> int:
    import numpy as np

    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def _graph(gates: Gates, run: TableRun, name: str) -> Graph:
    decided = gates.either(run.accepted, run.rejected)
    return gates.graph(((LABEL, run.rejected ^ 1), (DECIDED, decided)), name)


def _names(given: Sequence[str], count: int) -> tuple[str, ...]:
    names = tuple(given) or tuple(f"x{number}" for number in range(1, count + 1))
    if (
        len(names) != count
        or len({*names, LABEL, DECIDED}) != count + 2
        or any(not name or name != "".join(name.split()) for name in names)
    ):
        raise Rejected(f"the names of {count} features are as many different words, none of them {LABEL} or {DECIDED}")
    return names


def _symbols(table: Table, bit: Literal) -> Choice:
    return tuple(sorted(((_symbol(table, "0"), bit ^ 1), (_symbol(table, "1"), bit))))


def _symbol(table: Table, symbol: str) -> int:
    if symbol not in table.data.symbols:
        raise Rejected(f"the machine {table.name} has no symbol {symbol} on its tape {table.data.name}, and the data need one")
    return table.data.number(symbol)
