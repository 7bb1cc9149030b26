"""The networks of line machines: verdicts and tapes, read off the lattice, are the simulator's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from random import Random
from typing import Any

import numpy as np
import pytest

import tmc
from conftest import compiled
from tmc.diagnostics import Rejected
from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Line
from tmc.net import line as module
from tmc.net.checkpoint.reading import Checkpoint, from_build, from_stages
from tmc.net.line import LineRun, run_line
from tmc.net.network import LAYER_CAP
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
from tmc.run.loops import Loop
from tmc.run.simulator import configurations, simulate
from tmc.run.tapes import text_of_line
from tmc.testing.random_machines import Family, random_line, random_machine
from tmc.testing.timing import effective, moments

ENGINES = ("sparse", "dense")

# The champion of the busy beavers with 4 states: 107 steps, 13 ones in 14 cells.
BUSY = """machine busy
tape data: line of _ 1
start a
state a
  on _ write 1 move right -> b
  on 1 move left -> b
state b
  on _ write 1 move left -> a
  on 1 write _ move left -> c
state c
  on _ write 1 -> accept
  on 1 move left -> d
state d
  on _ write 1 move right
  on 1 write _ move right -> a
"""
# Both heads walk right and back: the work tape is as long as the input, and its waves are always on their way.
COPY = """machine copy
tape data: line of _ 1 x
tape work: line of _ 1
start there
state there
  on 1 write ., 1 move right, right
  on _ move left, left -> back
state back
  on 1, 1 write x move left, left
  on _ -> accept
"""
COUNT = """machine count
tape data: line of _ 0 1
start up
state up
    on 1     write 0  move left
    on 0|_   write 1            -> back
state back
    on 0|1            move right
    on _              move left -> up
"""
AWAY = "machine away\ntape data: line of _ 1 0\nstart s\nstate s\n  on _|1 write 1 move {way}\n"


def network(source: str) -> RCNN:
    return RCNN(from_build(tmc.compile(source)))


INCREMENT = RCNN(from_build(compiled("increment")))


# --- against the simulator


def seen(table: Table, configuration: Configuration) -> tuple[str, int, str, str]:
    """State, head and tapes as a run of the network names them."""
    assert isinstance(configuration.data, Line)
    work = text_of_line(table.work, configuration.work) if table.work else ""
    return table.target_name(configuration.state), configuration.head[1], text_of_line(table.data, configuration.data), work


def reached(table: Table, data: Line, layers: int) -> Configuration:
    """The configuration after so many layers, once the step under way is done: each step begins in a known layer."""
    taken = (effective(before, transition) for before, transition in configurations(table, data) if transition is not None)
    steps = sum(moment < layers for moment in islice(moments(islice(taken, layers), 0), layers))
    *_, (last, _) = islice(configurations(table, data), steps + 1)
    return last


def check(table: Table, data: Line, run: LineRun, depth: int) -> None:
    simulated = simulate(table, data, depth)
    found = (run.state, run.head, run.data, run.work)
    if run.verdict in ("loops", "timeout"):
        assert simulated.verdict == "timeout"
        assert run.verdict == "timeout" or simulate(table, data, 20_000).verdict == "timeout"
        assert run.verdict == ("loops" if run.at_rest or run.loop else "timeout")
        assert found == seen(table, simulated.configuration if run.at_rest else reached(table, data, depth))
        assert run.at_rest == (run.layers < depth) or run.layers == depth
    else:
        assert run.verdict == simulated.verdict
        assert found == seen(table, simulated.configuration)
        assert run.layers <= 4 * simulated.steps or run.verdict == "stuck"


@pytest.mark.parametrize("engine", ENGINES)
def test_increment_of_every_short_input(engine: str) -> None:
    for length in range(7):
        for bits in product("01", repeat=length):
            run = run_line(INCREMENT, "".join(bits), engine=engine)
            expected = tmc.simulate(compiled("increment").table, "".join(bits))
            assert (run.verdict, run.data, run.work) == ("accept", format(int("".join(bits) or "0", 2) + 1, f"0{length}b"), "")
            assert (run.state, run.head, run.data, run.work) == seen(compiled("increment").table, expected.configuration)
            assert run.depth == 4 * (2 * length + 3)
            assert run.layers < run.layers_run < run.depth


def drawn(seed: int) -> tuple[Table, Line, str, RCNN]:
    random = Random(seed)
    table = random_machine(random, Family(kind="line", work_tape=seed % 3 > 0, gaps=0.05, halts=0.06))
    data = random_line(random, table, (0, 6))
    text = "".join(table.data.symbols[data.read(position)] for position in range(data.start + len(data.cells)))
    return table, data, text, RCNN(from_stages(lower_table(table)))


@pytest.mark.parametrize("room", [1, 32])
@pytest.mark.parametrize("seed", range(16))
def test_random_machines(seed: int, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a lattice that begins as small as can be and so grows many times."""
    monkeypatch.setattr(module, "ROOM", room)
    table, data, text, asked = drawn(seed)
    for depth in (7, 60):
        runs = [run_line(asked, text, engine=engine, max_layers=depth) for engine in ENGINES]
        check(table, data, runs[0], depth)
        assert runs[1] == runs[0]


@pytest.mark.long
@pytest.mark.parametrize("block", range(4))
def test_many_random_machines(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = set()
    for seed in range(100 * block, 100 * block + 100):
        monkeypatch.setattr(module, "ROOM", 1 + seed % 5)
        table, data, text, asked = drawn(seed)
        run = run_line(asked, text, max_layers=200)
        check(table, data, run, 200)
        verdicts.add((run.verdict, run.at_rest))
    assert verdicts == {("accept", True), ("reject", True), ("stuck", True), ("loops", True), ("loops", False)}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_busy_beaver(engine: str) -> None:
    run = run_line(network(BUSY), "", engine=engine)
    assert (run.verdict, run.data, run.depth) == ("accept", "1_111111111111", None)


def test_a_lattice_that_has_to_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM", 4)
    for length in (0, 1, 30):
        sparse, dense = (run_line(network(COPY), "1" * length, engine=engine) for engine in ENGINES)
        assert (sparse.verdict, sparse.data, sparse.work) == ("accept", "x" * length, "1" * length)
        assert sparse == dense


@pytest.mark.long
def test_a_run_of_ten_thousand_steps() -> None:
    count = "machine count\ntape data: line of _ 0 1\nstart right\nstate right\n  on 0|1 move right\n  on _ move left -> inc\n"
    count += "state inc\n  on 1 write 0 move left\n  on 0 write 1 move right -> right\n  on _ -> accept\n"
    run = network(count).run("0" * 12)
    assert (run.verdict, run.data) == ("accept", "0" * 12)
    assert run.layers > 4 * 2**12


# --- the network computes, and nothing else


def changed(checkpoint: Checkpoint, **table: Any) -> RCNN:
    return RCNN(replace(checkpoint, about={**checkpoint.about, "table": {**checkpoint.about["table"], **table}}))


def test_the_table_is_not_run() -> None:
    good = from_build(compiled("increment"))
    assert changed(good, transitions=[]).run("1011") == INCREMENT.run("1011")


def test_other_weights_give_another_result() -> None:
    good = from_build(compiled("increment"))
    rules = [unit["rule"] for unit in good.about["units"]["recurrent.2"]]
    without = good.tensors["recurrent.4.weight"] * (np.array(rules) != "carry → accept")[None, :, None, None]
    for engine in ENGINES:
        run = run_line(RCNN(replace(good, tensors={**good.tensors, "recurrent.4.weight": without})), "1011", engine=engine)
        assert (run.verdict, run.data, run.at_rest) == ("loops", "1000", True)  # it never takes that transition
        assert run.loop is None  # the machine has none, the network rests


# --- the verdicts that are none


def test_stuck() -> None:
    for text in ("0", "110"):
        run = network(AWAY.format(way="right")).run(text)
        assert (run.verdict, run.state, run.head, run.data, run.at_rest) == ("stuck", "s", len(text) - 1, text, True)


def test_stuck_before_the_first_step() -> None:
    run = network(AWAY.format(way="right") + "").run("0")
    assert (run.verdict, run.layers) == ("stuck", 1)
    promising = AWAY.format(way="right").replace("start", "bounds\n  steps 0\nstart")
    for text, verdict in (("0", "stuck"), ("1", "timeout")):
        run = network(promising).run(text)
        assert (run.verdict, run.layers, run.depth, run.data) == (verdict, 0, 0, text)


def test_standing_still_for_ever() -> None:
    run = network(AWAY.format(way="stay")).run("1")
    assert (run.verdict, run.layers, run.at_rest, run.loop) == ("loops", 1, True, Loop(1, 0, 0))


@pytest.mark.parametrize("way", ["left", "right"])
@pytest.mark.parametrize("engine", ENGINES)
def test_running_away(way: str, engine: str) -> None:
    run = run_line(network(AWAY.format(way=way)), "", engine=engine, max_layers=300)
    assert (run.verdict, run.at_rest, run.layers, run.layers_run) == ("loops", False, 300, 300)
    assert run.loop == Loop(1, 1 if way == "right" else -1, 0)
    assert (run.data, abs(run.head)) == ("1" * 150, 150)
    first, last = run.cells
    assert first < run.head < last < 700
    assert -first < 700


def test_the_cap_of_a_machine_that_promises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAYER_CAP", 100)
    assert LAYER_CAP == 1_000_000
    run = network(AWAY.format(way="left")).run("")
    assert (run.verdict, run.layers, run.depth) == ("loops", 100, None)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loop_ends_the_run_of_a_machine_that_promises_nothing(engine: str) -> None:
    run = run_line(network(AWAY.format(way="left")), "", engine=engine)
    assert (run.verdict, run.layers, run.loop, run.depth) == ("loops", 300, Loop(1, -1, 0), None)
    assert run_line(network(AWAY.format(way="left")), "", engine=engine, max_layers=310).layers == 310


def test_counting_for_ever_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAYER_CAP", 40_000)
    run = network(COUNT).run("0")
    assert (run.verdict, run.layers, run.loop) == ("timeout", 40_000, None)


def test_a_bound_that_is_broken() -> None:
    promising = AWAY.format(way="left").replace("start", "bounds\n  steps 3*n\nstart")
    run = network(promising).run("11")
    assert (run.verdict, run.layers, run.depth) == ("loops", 24, 24)
    assert network(promising).run("11", max_layers=30).layers == 30


# --- the size


def test_a_window_as_small_as_can_be() -> None:
    """On 1011 the head goes as far as position 4, on 1 as far as -1."""
    for text, reach in (("1011", 4), ("1", 1), ("", 1)):
        for engine in ENGINES:
            run = run_line(INCREMENT, text, engine=engine, window=reach)
            assert replace(run, cells=(0, 0)) == replace(INCREMENT.run(text), cells=(0, 0))
            assert run.cells == (-reach - 1, reach + 1)
            with pytest.raises(Rejected, match=r"^after \d+ layers the run leaves its window of \d cells to either side; use "):
                run_line(INCREMENT, text, engine=engine, window=reach - 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_window_that_does_not_hold_the_input(engine: str) -> None:
    expected = "the data reach 3 cells to the right of the head, the window only 2; use a larger --window"
    with pytest.raises(Rejected, match=f"^{expected}$"):
        run_line(INCREMENT, "1011", engine=engine, window=2)


@pytest.mark.parametrize("engine", ENGINES)
def test_too_little_room_for_the_work_tape(engine: str) -> None:
    """Never a wrong answer: a run in a fixed window is right, or it is refused."""
    asked, refused = network(COPY), []
    for work in range(16):
        try:
            run = run_line(asked, "1" * 10, engine=engine, window=10, work=work)
        except Rejected:
            refused.append(work)
            continue
        assert (run.verdict, run.data, run.work) == ("accept", "x" * 10, "1" * 10)
    assert refused == list(range(len(refused)))
    assert 0 < len(refused) <= 11  # it visits 11 cells


@pytest.mark.parametrize("seed", range(10))
def test_random_machines_in_small_windows(seed: int) -> None:
    table, data, text, asked = drawn(seed + 100)
    whole = run_line(asked, text, max_layers=60)
    check(table, data, whole, 60)
    for size in (0, 1, 2, 4, 8):
        try:
            run = run_line(asked, text, max_layers=60, window=size, work=size)
        except Rejected:
            continue
        different = {"cells": (0, 0), "layers_run": 0}  # where waves leave the lattice, it is at rest sooner
        different |= {} if run.verdict in ("accept", "reject") else {"layers": 0}
        assert replace(run, **different) == replace(whole, **different)


def test_a_window_that_no_memory_can_hold() -> None:
    with pytest.raises(Rejected, match=r"^2000000000000003 cells need .* GB of memory, this machine has .* GB; use a smaller"):
        run_line(INCREMENT, "", window=10**15)


def test_a_lattice_that_grows_beyond_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 1000}[name])
    with pytest.raises(Rejected, match=r"^\d+ cells need .* GB of memory, .*; use a smaller --window or fewer --max-layers"):
        run_line(network(AWAY.format(way="left")), "", max_layers=10_000)


@pytest.mark.parametrize("engine", ENGINES)
def test_layers_beyond_the_answer_change_nothing(engine: str) -> None:
    run = run_line(INCREMENT, "1011", engine=engine, full_depth=True)
    assert run.layers_run == run.depth == 44
    assert replace(run, layers_run=0) == replace(INCREMENT.run("1011"), layers_run=0)


@pytest.mark.parametrize("engine", ENGINES)
def test_progress_is_told(engine: str) -> None:
    told: list[int] = []
    run = run_line(INCREMENT, "1011", engine=engine, progress=told.append)
    assert told == ([run.layers, run.layers_run] if engine == "sparse" else list(range(1, run.layers_run + 1)))


# --- inputs and checkpoints that are none


def test_a_symbol_that_the_tape_does_not_have() -> None:
    with pytest.raises(Rejected, match=r"^character 3 of the data is '2', which is not a symbol of the tape data \(_ 0 1\)$"):
        INCREMENT.run("102")


def test_blanks_in_the_data() -> None:
    assert INCREMENT.run("1__").data == "10"
    assert INCREMENT.run("_1").data == "1_1"
    assert INCREMENT.run("__").data == "1"


def test_a_learner_reads_no_line() -> None:
    with pytest.raises(Rejected, match=r"^the machine gauss reads a grid of examples, not a line: use `fit` and `predict`, not "):
        RCNN(from_build(compiled("gauss"))).run("01")


def damaged() -> Iterator[RCNN]:
    good = from_build(compiled("increment"))
    yield changed(good, start="nowhere")
    for encoding in ({}, {**good.about["encoding"], "trits": []}, {**good.about["encoding"], "values": {}}):
        yield RCNN(replace(good, about={**good.about, "encoding": encoding}))
    values = {**good.about["encoding"]["values"], "control": ["none", "", "there"]}
    yield RCNN(replace(good, about={**good.about, "encoding": {**good.about["encoding"], "values": values}}))
    channels = [*good.about["channels"][1:], good.about["channels"][0]]
    yield RCNN(replace(good, about={**good.about, "channels": channels}))


def test_damaged_metadata() -> None:
    for asked in damaged():
        with pytest.raises(Rejected, match=r"^increment\.tm: the checkpoint's metadata are damaged; compile the machine again$"):
            asked.run("1")


@pytest.mark.parametrize(
    ("machine", "data", "layers", "said"),
    [
        ("increment", "1011", None, "accept after 15 layers of 44\ndata  1100"),
        ("increment", "1011", 3, "timeout after 3 layers in state to_end, still running: undecided\ndata  1011"),
        ("palindrome", "abba", None, "accept after 39 layers of 60\ndata  abba\nwork  abba"),
    ],
)
def test_a_run_printed(machine: str, data: str, layers: int | None, said: str) -> None:
    assert str(RCNN(from_build(compiled(machine))).run(data, layers)) == said
