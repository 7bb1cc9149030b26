"""The table engine: its steps a second beside packed tables in C and automata-lib, and machines a second where there are many."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Comparison, compare, seconds
from tmc.files import read_text, shipped
from tmc.ir.table import ACCEPT, Guard, Table, Transition
from tmc.ir.tape import Grid, Line, Move, Tape
from tmc.pipeline import read_machine
from tmc.run.engine import TableRun
from tmc.run.kernels import HEAD, HIGH, LOW, PLACES, SPOT, Place, on_a_line, on_two_lines
from tmc.run.many import DrawnMachines, lay, right_answers
from tmc.run.packed import CELL, MOVE, MOVE_WORK, NEXT, ONE_TAPE, WRITE, WRITE_WORK, Cells, Packed, pack
from tmc.run.shapes import MachineShape, unpack
from tmc.run.simulator import simulate

SCANNED = 5_000_000  # random bits
ENDLESS = 1 << 40  # steps
ENTRY = np.dtype([("next", "i4"), ("write", "u1"), ("write_work", "u1"), ("move", "i1"), ("move_work", "i1")])
COUNTED = 100_000  # steps in automata-lib
SHAPE, LIMIT, INPUTS = MachineShape("grid", 6, 3, 3), 32, 32  # of random machines, the steps they may take, and on how many grids

Loop = Callable[[Cells, Cells, Place], int]  # cells, work and place: steps taken


def comparisons() -> Iterator[Comparison]:
    """Millions of steps of one run a second of processor time, and millions of machines a second on all cores. Ratios: times as
    fast."""
    yield from _beside_c()
    yield _beside_automata_lib()
    yield from _many()


def processor_seconds(work: Callable[[], object]) -> float:
    """Seconds that this process was at work during a call, whatever else the machine does."""
    began = process_time()
    work()
    return process_time() - began


def busy_beaver(tapes: int) -> Table:
    """The busy beaver of five states; with two tapes, its work head goes the other way and writes what depends on the rule."""
    table, _ = read_machine(read_text(shipped("machines") / "busy_beaver_5.tm"))
    if tapes == 1:
        return table
    opposite = {Move.LEFT: Move.RIGHT, Move.RIGHT: Move.LEFT, Move.STAY: Move.STAY}
    rules = []
    for rule in table.transitions:
        guard, written = replace(rule.guard, work=(0, 1)), (rule.state + rule.guard.data[0]) % 2
        rules.append(replace(rule, guard=guard, write_work=written, move_work=opposite[rule.move_data]))
    return replace(table, tapes=(table.data, Tape("work", "line", ("_", "1"))), transitions=tuple(rules))


def scanner(tapes: int, seed: int = 2) -> Table:
    """A machine that reads until the input ends. What it writes, its next state and what it does on a work tape are drawn at random
    for each reading, so that nothing can foresee them."""
    random, states, work = Random(seed), range(4), (0, 1) if tapes == 2 else (0,)
    moves = (Move.LEFT, Move.RIGHT) if tapes == 2 else (Move.STAY,)
    rules = [Transition(state, Guard((0,), work), ACCEPT) for state in states]
    for state, data, spot in ((state, data, spot) for state in states for data in (1, 2) for spot in work):
        target, written = random.choice(states), (random.choice((1, 2)), random.choice(work))
        rules.append(Transition(state, Guard((data,), (spot,)), target, *written, Move.RIGHT, random.choice(moves)))
    ours = (Tape("data", "line", ("_", "0", "1")), Tape("work", "line", ("_", "1")))
    return Table("scanner", "", ours[:tapes], ("a", "b", "c", "d"), 0, tuple(rules))


def _beside_c() -> Iterator[Comparison]:
    if shutil.which("gcc") is None:
        print("gcc is missing: the table engine is not compared with C", file=sys.stderr)
        return
    bits = np.random.default_rng(0).integers(1, 3, SCANNED).astype(np.uint32)
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "packed.so"
        source = Path(__file__).with_name("packed.c")
        subprocess.run(["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", library, source], check=True)
        loops = ctypes.CDLL(str(library))
        for tapes, number in ((1, "one"), (2, "two")):
            for name, table, data in (("BB(5)", busy_beaver(tapes), None), ("random input", scanner(tapes), bits)):
                for other, against in (("plain", "a packed table in C"), ("ahead", "the same loop in C")):
                    yield _compare(f"{name}, {number} tape{'s' * (tapes > 1)}", against, table, data, loops[f"{other}_{number}"])


def _compare(name: str, against: str, table: Table, data: Cells | None, function: Callable[..., int]) -> Comparison:
    """Ours beside a function in C: the same steps on the same tapes."""
    packed, plain = pack(table), "packed" in against
    function.restype = ctypes.c_int64  # type: ignore[attr-defined]
    table_in_c = _compact(packed) if plain else packed.entries
    small = np.uint8 if plain else np.uint32

    def ours(cells: Cells, work: Cells, place: Place) -> int:
        if packed.length == ONE_TAPE:
            return on_a_line(packed.entries, cells, place, ENDLESS)
        return on_two_lines(packed.entries, cells, work, place, ENDLESS)

    def other(cells: Cells, work: Cells, place: Place) -> int:
        arrays = [ctypes.c_void_p(array.ctypes.data) for array in (table_in_c, cells, work, place)]
        return function(*arrays, ctypes.c_int64(ENDLESS))

    seen: list[tuple[int, ...]] = []

    def speed(loop: Loop, cell: type, step: int) -> float:
        cells, work, place = _tapes(data, packed.data_cell(1) // step, cell)
        steps = 0

        def run() -> None:
            nonlocal steps
            steps = loop(cells, work, place)

        took = processor_seconds(run)
        seen.append((steps, *place[HEAD:].tolist(), int(cells.sum(dtype=np.int64)) * step, int(work.sum(dtype=np.int64)) * step))
        return steps / took / 1e6

    size = packed.size if plain else 1
    found = compare(
        f"{name}, million steps/s", against, "M/s", lambda: speed(ours, np.uint32, 1), lambda: speed(other, small, size)
    )
    if len(set(seen)) > 1:
        raise SystemExit(f"the engines disagree: {sorted(set(seen))}")
    return found


def _compact(packed: Packed) -> NDArray[np.void]:
    """Eight bytes an entry, the symbols as they are."""
    fields = packed.entries.view(np.int64).reshape(-1, packed.length)
    entries = np.zeros(len(fields), ENTRY)
    entries["next"] = np.where(fields[:, NEXT] < 0, fields[:, NEXT], fields[:, NEXT] // packed.size)
    entries["write"], entries["move"] = fields[:, WRITE] // packed.size, fields[:, MOVE] // CELL
    if packed.length > ONE_TAPE:
        entries["write_work"], entries["move_work"] = fields[:, WRITE_WORK] // packed.size, fields[:, MOVE_WORK] // CELL
    return entries


def _tapes(data: Cells | None, one: int, cell: type) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64]]:
    """Tapes with room for every step, before the first."""
    room = 20_000 if data is None else SCANNED + 2
    cells = np.zeros(40_000 if data is None else SCANNED + 4, cell)
    place = np.zeros(PLACES, np.int64)
    place[[SPOT, LOW, HIGH]] = room
    place[HEAD] = room if data is None else 2
    if data is not None:
        cells[2 : 2 + SCANNED] = data * one
    return cells, np.zeros(2 * room, cell), place


def _beside_automata_lib() -> Comparison:
    """Two tapes, `COUNTED` steps. automata-lib's tapes are tuples, so on long ones each of its steps takes longer."""
    from automata.tm.mntm import MNTM

    table = busy_beaver(2)
    directions = {Move.LEFT: "L", Move.RIGHT: "R", Move.STAY: "N"}
    rules: dict[str, dict[tuple[str, str], list[tuple[str, tuple[tuple[str, str], ...]]]]] = {}
    for rule in table.transitions:
        for work in rule.guard.work:
            symbols, written = ("_1"[rule.guard.data[0]], "_1"[work]), (rule.guard.data[0], work)
            written = tuple(
                old if new is None else new for new, old in zip((rule.write_data, rule.write_work), written, strict=True)
            )
            moves = directions[rule.move_data], directions[rule.move_work]
            actions = tuple(("_1"[symbol], move) for symbol, move in zip(written, moves, strict=True))
            rules.setdefault(table.states[rule.state], {})[symbols] = [(table.target_name(rule.target), actions)]
    other = MNTM(
        states={*table.states, "accept"}, input_symbols={"1"}, tape_symbols={"_", "1"}, n_tapes=2, transitions=rules,
        initial_state="a", blank_symbol="_", final_states={"accept"},
    )  # fmt: skip

    def theirs() -> float:
        run = other.read_input_stepwise("")
        next(run)
        return COUNTED / processor_seconds(lambda: [None for _ in zip(range(COUNTED), run, strict=False)]) / 1e6

    def ours() -> float:
        machine = TableRun.on(table, Line())
        return COUNTED / processor_seconds(lambda: machine.run(COUNTED)) / 1e6

    return compare(f"BB(5), two tapes, {COUNTED} steps, million steps/s", "automata-lib's MNTM", "M/s", ours, theirs, runs=3)


def _many() -> Iterator[Comparison]:
    """Random machines on random grids, all cores; beside them the simulator in Python, one run after the other, one core."""
    random = Random(0)
    grids = [
        Grid((*(tuple(random.choices((1, 2), k=4)) for _ in range(3)), (*random.choices((1, 2), k=3), 0))) for _ in range(INPUTS)
    ]
    labels = random.choices(("accept", "reject"), k=INPUTS)
    inputs = lay(SHAPE, grids, LIMIT)
    for first, count, text in ((False, 500_000, "to the end"), (True, 4_000_000, "stopped at the first failure")):

        def ours(first: bool = first, count: int = count) -> float:
            return (
                count
                / seconds(lambda: right_answers(DrawnMachines(SHAPE, 1, count), inputs, labels, mistakes=0 if first else None))
                / 1e6
            )

        def python(first: bool = first) -> float:
            few = [unpack(SHAPE, row) for row in DrawnMachines(SHAPE, 1, 100).entries()]
            return len(few) / seconds(lambda: [_right(table, grids, labels, first) for table in few]) / 1e6

        name = f"random machines on {INPUTS} inputs, at most {LIMIT} steps, {text}, millions/s"
        yield compare(name, "one run after the other in Python", "M/s", ours, python)


def _right(table: Table, grids: list[Grid], labels: list[str], first: bool) -> int:
    right = 0
    for grid, label in zip(grids, labels, strict=True):
        if simulate(table, grid, LIMIT).verdict == label:
            right += 1
        elif first:
            break
    return right
