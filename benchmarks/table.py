"""The table engine: its steps a second beside the packed table in C, and beside automata-lib."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.measure import Comparison, compare, seconds
from tmc.files import read_text, shipped
from tmc.ir.table import ACCEPT, Configuration, Guard, Table, Transition, start
from tmc.ir.tape import Line, Move, Tape
from tmc.pipeline import read_machine
from tmc.run.engine import Machine
from tmc.run.kernels import HEAD, HIGH, LOW, NOW, PLACES, SPOT, on_a_line, on_two_lines
from tmc.run.packed import MOVE, MOVE_WORK, NEXT, ONE_TAPE, WRITE, WRITE_WORK, Packed, pack

SCANNED = 20_000_000  # random bits
ENDLESS = 1 << 40  # steps
ENTRY = np.dtype([("next", "i4"), ("write", "u1"), ("write_work", "u1"), ("move", "i1"), ("move_work", "i1")])


def comparisons() -> Iterator[Comparison]:
    """Millions of steps a second of one run, on one core."""
    yield from _against_c()


def busy_beaver(tapes: int) -> Table:
    """The busy beaver of five states; with two tapes, its work head goes the other way and writes what depends on the rule."""
    table, _ = read_machine(read_text(shipped("machines") / "busy_beaver_5.tm"))
    if tapes == 1:
        return table
    opposite = {Move.LEFT: Move.RIGHT, Move.RIGHT: Move.LEFT, Move.STAY: Move.STAY}
    rules = (
        replace(t, guard=replace(t.guard, work=(0, 1)), write_work=(t.state + t.guard.data[0]) % 2, move_work=opposite[t.move_data])
        for t in table.transitions
    )
    return replace(table, tapes=(table.data, Tape("work", "line", ("_", "1"))), transitions=tuple(rules))


def scanner(tapes: int, seed: int = 2) -> Table:
    """A machine that reads on and on; what it writes, its next state and what it does on a work tape are drawn at random for each
    reading, so that nobody can guess them."""
    random, states, work = Random(seed), range(4), (0, 1) if tapes == 2 else (0,)
    moves = (Move.LEFT, Move.RIGHT) if tapes == 2 else (Move.STAY,)
    guards = [(state, Guard((data,), (spot,))) for state in states for data in (0, 1, 2) for spot in work]
    rules = tuple(
        Transition(
            state,
            guard,
            ACCEPT if guard.data == (0,) else random.choice(states),
            random.choice((1, 2)),
            random.choice(work),
            Move.STAY if guard.data == (0,) else Move.RIGHT,
            Move.STAY if guard.data == (0,) else random.choice(moves),
        )
        for state, guard in guards
    )
    data, second = Tape("data", "line", ("_", "0", "1")), (Tape("work", "line", ("_", "1")),)
    return Table("scanner", "", (data, *second[: tapes - 1]), ("a", "b", "c", "d"), 0, rules)


def random_bits() -> Line:
    return Line(tuple(np.random.default_rng(0).integers(1, 3, SCANNED).tolist()))
