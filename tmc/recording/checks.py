"""What makes arrays a run: every configuration follows from the one before by the transition that is named, and every layer is
inside the lattice. ValueError says what is not so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tmc.ir.table import ACCEPT, REJECT, Table
from tmc.ir.tape import Grid
from tmc.recording.layout import NONE, STEPS, Array
from tmc.recording.recorded import Network, Recording
from tmc.recording.seen import check_seen

VERDICTS = ("accept", "reject", "stuck", "loops", "timeout", "interrupted")


def natural(value: Any, what: str) -> int:
    """A natural number that is small enough for an array."""
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise ValueError(f"its number of {what} is none")
    return value


def check_range(name: str, values: Array, first: int, end: int) -> None:
    """Whether all values are in ``range(first, end)``."""
    if values.size and not (first <= values.min() and values.max() < end):
        raise ValueError(f"a number of the array {name} means nothing")


def check(recording: Recording) -> None:
    """Whether the arrays are a run of the machine."""
    if recording.verdict not in VERDICTS:
        raise ValueError("its verdict is none")
    for name in STEPS:
        if len(recording.arrays[name]) != len(recording):
            raise ValueError(f"the array {name} has {len(recording.arrays[name])} rows for {len(recording)} configurations")
    _check_numbers(recording)
    _check_steps(recording)
    if recording.network is not None:
        _check_network(recording, recording.network)


def _check_numbers(recording: Recording) -> None:
    arrays, table = recording.arrays, recording.table
    check_range("state", arrays["state"], REJECT, len(table.states))
    check_range("transition", arrays["transition"], NONE, len(table.transitions))
    check_range("data_write", arrays["data_write"], NONE, len(table.data.symbols))
    check_range("work_write", arrays["work_write"], NONE, len(table.work.symbols) if table.work else 0)
    if isinstance(recording.data, Grid):
        check_range("head", arrays["head"][:, 0], 0, len(recording.data.rows))
        check_range("head", arrays["head"][:, 1], 0, len(recording.data.rows[0]))
    else:
        check_range("head", arrays["head"][:, 0], 0, 1)
        check_range("head", arrays["head"][:, 1], -recording.steps, recording.steps + 1)
    check_range("work_head", arrays["work_head"], -recording.steps, recording.steps + 1)
    if (np.diff(arrays["layer"]) < 0).any() or arrays["layer"][0] < 0:
        raise ValueError("its layers do not follow each other")


def _check_steps(recording: Recording) -> None:
    """That each transition leads from its state to the next, writes what it writes, and moves the heads as it may."""
    arrays, table = recording.arrays, recording.table
    taken = arrays["transition"]
    if (taken[:-1] == NONE).any():
        raise ValueError("a step has no transition")
    if arrays["state"][0] != table.start or arrays["head"][0].any() or arrays["work_head"][0]:
        raise ValueError("it does not begin where the machine does")
    if not _ends_as_said(recording.verdict, int(arrays["state"][-1]), is_stuck=bool(taken[-1] == NONE)):
        raise ValueError("its verdict is not that of its last configuration")
    known = _Transitions(table)
    last = taken != NONE
    if (known.state[taken][last] != arrays["state"][last]).any() or (known.target[taken[:-1]] != arrays["state"][1:]).any():
        raise ValueError("a transition is not one of its state")
    writes = (("data_write", known.write_data), ("work_write", known.write_work))
    if any((arrays[name] != np.where(last, written[taken], NONE)).any() for name, written in writes):
        raise ValueError("a step does not write what its transition does")
    if (np.diff(arrays["work_head"]) != known.move_work[taken[:-1]]).any():
        raise ValueError("the work head does not move as it should")
    if (np.diff(arrays["head"], axis=0) != _moves(recording, known.move_data[taken[:-1]])).any():
        raise ValueError("the data head does not move as it should")
    check_seen(recording)


def _moves(recording: Recording, asked: Array) -> Array:
    """How the data head moves in each step, as `tmc.ir.table.moved` says: an edge of a grid stops it; by rows only the two ends."""
    data = recording.data
    if not isinstance(data, Grid):
        return asked
    size, heads = np.array((len(data.rows), len(data.rows[0]))), recording.arrays["head"][:-1]
    reached = heads + asked
    if recording.table.is_rows:
        reached = np.stack(np.divmod(reached[:, 0] * size[1] + reached[:, 1], size[1]), axis=1)
    stays = np.any((reached < 0) | (reached >= size), axis=1, keepdims=True)
    return np.where(stays, 0, reached - heads)


def _ends_as_said(verdict: str, state: int, *, is_stuck: bool) -> bool:
    if state < 0:
        return is_stuck and verdict == {ACCEPT: "accept", REJECT: "reject"}[state]
    return verdict not in ("accept", "reject") and is_stuck == (verdict == "stuck")


class _Transitions:
    """What the transitions of a table do, as arrays; the last entry, for none, is never looked at."""

    def __init__(self, table: Table) -> None:
        given = table.transitions

        def numbers(values: list[Any]) -> Array:
            return np.array([*values, values[-1] if values else NONE], np.int64)

        self.state = numbers([transition.state for transition in given])
        self.target = numbers([transition.target for transition in given])
        self.write_data = numbers([NONE if t.write_data is None else t.write_data for t in given])
        self.write_work = numbers([NONE if t.write_work is None else t.write_work for t in given])
        self.move_work = numbers([0 if t.halts else t.move_work.value[1] for t in given])
        moves = [(0, 0) if t.halts else t.move_data.value for t in given]
        self.move_data = np.array([*moves, (0, 0)], np.int64)


def _check_network(recording: Recording, network: Network) -> None:
    arrays, layers = recording.arrays, network.layers + 1
    cells = arrays["cells"]
    if cells.shape[1:] != (len(network.fields),) or not len(cells):
        raise ValueError("its cells have other fields")
    for position, field in enumerate(network.fields):
        check_range("cells", cells[:, position], 0, len(field.values))
    check_range("evaluated", arrays["evaluated"], 0, network.rows * network.columns + 1)
    if arrays["layer"][-1] > network.layers:
        raise ValueError("layers are missing")
    if recording.kept == "layers":
        if arrays["lattice"].shape != (layers, network.rows, network.columns):
            raise ValueError("its lattices have another size")
        check_range("lattice", arrays["lattice"], 0, len(cells))
        return
    begin, places = arrays["changes_begin"], arrays["changes_place"]
    if (
        len(begin) != layers + 1
        or begin[0]
        or (np.diff(begin) < 0).any()
        or not begin[-1] == len(places) == len(arrays["changes_cell"])
    ):
        raise ValueError("its changes are not those of its layers")
    if begin[1] != network.rows * network.columns or len(np.unique(places[: begin[1]], axis=0)) != begin[1]:
        raise ValueError("its first lattice is not whole")
    check_range("changes_place", places[:, 0], 0, network.rows)
    check_range("changes_place", places[:, 1], 0, network.columns)
    check_range("changes_cell", arrays["changes_cell"], 0, len(cells))
