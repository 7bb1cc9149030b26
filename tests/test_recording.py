"""Runs as data: what is read back equals the simulator at every step and the rules at every layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import tmc as package
from conftest import ROOT, Outcome, blocks, compiled
from tmc.ir import rules as rule_stage
from tmc.ir.lattice import Evolution, Lattice
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.learn.data import datasets
from tmc.net.answer import answer
from tmc.net.checkpoint.reading import from_build, from_stages, save
from tmc.net.learn import memorise
from tmc.net.sparse.plain import PlainNetwork
from tmc.pipeline import Stages, lower_table
from tmc.recording import reading, sinks
from tmc.recording.layout import Kept
from tmc.recording.network import Layers, beginning
from tmc.recording.record import Job, about, names_of, numbers_of, record
from tmc.recording.recorded import Recording
from tmc.run.observe import observe, view
from tmc.run.result import decide
from tmc.run.simulator import configurations
from tmc.testing.machine_tests import tape_of
from tmc.testing.random_machines import Family, random_line, random_machine

MACHINES = sorted(path.stem for path in (ROOT / "machines").glob("*.tm"))
QUICK = ("add", "balanced", "busy_beaver_3", "gauss", "majority", "palindrome", "sort_bits")
LONGEST = 250  # steps of a test that is recorded
Tmc = Callable[..., Outcome]


def recorded(
    table: Table, stages: Stages, data: Grid | Line, path: Path, kept: Kept = "changes", steps: int | None = None
) -> Recording:
    """A run, written and read back."""
    job = Job(table, "m.tm", data, decide(table, data, steps))
    network = PlainNetwork(from_stages(stages))
    begin = beginning(network, table, data, job.result.run, train=False)
    layers = Layers(network, begin, whole=kept == "layers")
    document, numbers = about(job, kept, stages.target.name, begin, layers), numbers_of(data)
    text = sinks.lines(path, document, numbers, names_of(job, layers))
    with sinks.archive(path, document, numbers) if path.suffix == ".npz" else text as sink:
        record(job, sink, layers)
    return package.load_trace(path)


def check_steps(found: Recording, table: Table, data: Grid | Line) -> None:
    """Every configuration and rule, one after the other and each by itself."""
    expected = list(islice(configurations(table, data), found.steps + 1))
    read = list(found)
    assert [(step.configuration, step.transition) for step in read] == expected
    assert [step.number for step in read] == list(range(len(found))) == list(range(len(expected)))
    for number in range(0, len(found), max(1, len(found) // 20)):
        configuration, transition = expected[number]
        assert (found.configuration(number), found.transition(number)) == (configuration, transition)
        assert found.rule(number) == (None if transition is None else (transition.file or "m.tm", transition.line))


def check_layers(found: Recording, stages: Stages) -> None:
    """Every lattice against the rules, and the machine on it where the steps begin."""
    network, rules = found.network, stages.rules
    assert network is not None
    assert sorted((f.name, f.values) for f in network.fields) == sorted((f.name, f.values) for f in rules.fields)
    order = [[field.name for field in network.fields].index(field.name) for field in rules.fields]  # single values stand elsewhere

    def cells(layer: int) -> Lattice:
        return tuple(tuple(tuple(cell[place] for place in order) for cell in row) for row in found.cells(layer))

    evolution = Evolution(rule_stage.local(rules), rules.border, cells(0))
    steps = dict(zip(found.arrays["layer"].tolist(), range(len(found)), strict=True))
    for layer in range(network.layers + 1):
        assert cells(layer) == evolution.lattice, layer
        if layer in steps:
            seen = observe(stages.lowered, rules, evolution.lattice, network.origin)
            configuration = found.configuration(steps[layer])
            assert seen is not None
            assert (seen.head, seen.data, seen.work) == (view(configuration).head, configuration.data, view(configuration).work)
            assert found.step_at(layer) == steps[layer]
        evolution.advance()
    if found.verdict in ("accept", "reject", "stuck"):
        assert evolution.at_rest


def some(names: list[str]) -> list[Any]:
    """All machines; those that are not in `QUICK` belong to the long tests."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in names]


@pytest.mark.parametrize("name", some(MACHINES))
def test_machines(name: str, tmp_path: Path) -> None:
    build = compiled(name)
    table = build.written()
    done = 0
    for number, test in enumerate(table.tests):
        data = tape_of(table, test)
        result = decide(table, data)
        if result.steps > LONGEST or done == 2:
            continue
        done += 1
        path, kept = tmp_path / f"run{number}.{('npz', 'jsonl')[number % 2]}", ("changes", "layers")[number // 2 % 2]
        found = recorded(table, build, data, path, kept)  # type: ignore[arg-type]
        assert (found.verdict, found.steps, found.table.name) == (result.verdict, result.steps, name)
        check_steps(found, table, data)
        check_layers(found, build)
    assert done or name in ("universal", "busy_beaver_5", "multiply", "collatz", "nearest", "perceptron")


def random_runs(seeds: range) -> Iterator[tuple[Table, Stages, Grid | Line]]:
    for seed in seeds:
        random, kind = Random(seed), ("line", "grid", "rows")[seed % 3]
        table = random_machine(random, Family(kind=kind, work_tape=seed % 2 > 0, gaps=0.05, halts=0.05))
        if table.is_grid:
            size, symbols = (random.randint(2, 4), random.randint(2, 4)), table.data.symbols
            bits = [number for number, symbol in enumerate(symbols) if symbol in ("0", "1")]
            rows = [[random.choice(bits) for _ in range(size[1])] for _ in range(size[0])]
            rows[-1][-1] = 0
            data: Grid | Line = Grid(tuple(map(tuple, rows)))
        else:
            data = random_line(random, table, (0, 6))
        yield table, lower_table(table), data


def follow(seeds: range, folder: Path) -> None:
    for number, (table, stages, data) in enumerate(random_runs(seeds)):
        kept: Kept = "layers" if number % 4 == 1 else "changes"
        found = recorded(table, stages, data, folder / f"run.{('npz', 'jsonl')[number % 2]}", kept, steps=60)
        check_steps(found, table, data)
        check_layers(found, stages)


def test_random_machines(tmp_path: Path) -> None:
    follow(range(12), tmp_path)


@pytest.mark.parametrize("block", blocks(3))
def test_many_random_machines(block: int, tmp_path: Path) -> None:
    follow(range(1000 + 30 * block, 1030 + 30 * block), tmp_path)


# --- the command


@pytest.fixture
def parity(tmp_path: Path) -> Path:
    datasets.save(datasets.parity(3, 5, 4, seed=2), tmp_path / "data.npz")
    return tmp_path / "data.npz"


@pytest.mark.parametrize(("target", "scale"), [("wide", "integer"), pytest.param("scalar", "paper", marks=pytest.mark.long)])
def test_a_checkpoint(tmc: Tmc, parity: Path, tmp_path: Path, target: str, scale: str) -> None:
    """Trained or not, what is written is the same; so are all cells that are evaluated on the way to the answer."""
    build, dataset = compiled("gauss", target, scale), datasets.load(parity)
    network = PlainNetwork(from_build(build))
    shape = network.shape(5, 3)
    for trained in (False, True):
        if trained:
            memorise(network, dataset.x_train, dataset.y_train, shape)
        checkpoint = replace(network.checkpoint, tensors={**network.checkpoint.tensors})
        if trained:
            memory = {checkpoint.target.memory: network.memory_array()}
            checkpoint = replace(checkpoint, tensors={**checkpoint.tensors, **memory})
        save(checkpoint, tmp_path / "gauss.safetensors")
        outcome = tmc(
            "trace", tmp_path / "gauss.safetensors", "--input", parity, "--query", 1, "--changes", "-o", tmp_path / "run.npz"
        )
        assert (outcome.status, outcome.err) == (0, "")
        found = package.load_trace(tmp_path / "run.npz")
        check_layers(found, build)
        assert found.network is not None
        assert (found.network.target, found.network.columns) == (target, 4 + shape.pads)
    answers = answer(network, dataset.x_test[1:2], shape)
    assert found.arrays["evaluated"][: int(answers.layers[0]) + 1].sum() == answers.evaluated.cells
    from_source = tmc("trace", ROOT / "machines" / "gauss.tm", "--input", parity, "--query", 1, "-o", tmp_path / "table.npz")
    assert from_source.status == 0
    check_steps(replace(found, file="m.tm"), found.table, found.data)
    written = package.load_trace(tmp_path / "table.npz")
    assert [step.configuration.head for step in found] == [step.configuration.head for step in written]
    assert written.arrays["layer"].tolist() == found.arrays["layer"].tolist()


def test_what_is_said(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    increment = machines / "increment.tm"
    outcome = tmc("trace", increment, "--data", "1011", "-o", "run.npz")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("run.npz: 8 steps of increment, accept, ")
    outcome = tmc("trace", increment, "--data", "1011", "-o", "run.jsonl", "--layers", "--json")
    assert outcome.out == '{"file": "run.jsonl", "machine": "increment", "verdict": "accept", "steps": 8, "layers": 16}\n'
    found = package.load_trace("run.jsonl")
    assert repr(found) == "<Recording of increment: accept after 8 steps, 16 layers>"
    assert found.rule(0) == (str(increment), 15)
    assert (found.layer(1), found.step_at(3), found.step_at(0)) == (2, 1, 0)
    assert found.cell(0, 0, 0) == {"symbol": "1", "control": "here"}
    assert found.cells_evaluated(1) == 6
    for ask, message in (
        (lambda: found.configuration(9), "there is no step 9 in this recording: they are numbered from 0 to 8"),
        (lambda: found.lattice(17), "there is no layer 17 in this recording: they are numbered from 0 to 16"),
        (lambda: found.cell(0, 1, 0), "there is no cell (1, 0): the lattice has 1 rows, 6 columns"),
        (lambda: package.load_trace("run.npz").lattice(0), "no layers were recorded: `tmc trace` keeps them with --layers or"),
    ):
        with pytest.raises(package.diagnostics.Rejected) as rejected:  # type: ignore[attr-defined]
            ask()
        assert str(rejected.value).startswith(message)


def test_a_run_that_is_cut_off_or_loops(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    assert tmc("trace", machines / "busy_beaver_4.tm", "--data", "", "--max-steps", 40, "--changes", "-o", path).status == 0
    found, build = package.load_trace(path), compiled("busy_beaver_4")
    assert (found.verdict, found.steps, found.network and found.network.layers) == ("timeout", 40, found.layer(40))
    check_layers(found, build)
    (tmp_path / "loop.tm").write_text("machine loop\ntape t: line of _ 1\nstart a\nstate a\n    on *  move right\n")
    assert tmc("trace", tmp_path / "loop.tm", "--data", "1", "-o", path).status == 0
    assert (package.load_trace(path).verdict, package.load_trace(path).steps) == ("loops", 100)


def test_wrong_usage(tmc: Tmc, machines: Path, tmp_path: Path, parity: Path) -> None:
    increment, run = machines / "increment.tm", tmp_path / "run.npz"
    for arguments, message in (
        ((increment, "--data", "1"), "Missing option '-o'"),
        ((increment, "--data", "1", "-o", run, "--layers", "--changes"), "--changes and --layers exclude each other"),
        ((increment, "--data", "1", "-o", tmp_path / "run.csv"), "run.csv ends in .csv: a trace is written as .npz (arrays) or"),
        ((increment, "--data", "1", "-o", tmp_path / "run"), "run has no ending that says what to write: a trace is written"),
        ((increment, "-o", run), "the machine increment reads a line: give it --data TEXT"),
        ((machines / "gauss.tm", "--data", "1", "-o", run), "the machine gauss learns from examples: give it --input, not --data."),
    ):
        outcome = tmc("trace", *arguments)
        assert (outcome.status, outcome.out) == (2, "")
        assert message in outcome.err
    (tmp_path / "rows.txt").write_text("01\n_1\n")
    for arguments, message in (
        ((machines / "gauss.tm", "--input", parity, "-o", parity), f"error: the trace would overwrite {parity}; name another"),
        (
            (machines / "majority.tm", "--grid", tmp_path / "rows.txt", "--changes", "-o", run),
            "error: the network learns examples:",
        ),
        ((increment, "--data", "1", "-o", tmp_path / "no" / "run.npz"), "error: cannot write "),
    ):
        outcome = tmc("trace", *arguments)
        assert (outcome.status, outcome.out) == (1, "")
        assert outcome.err.startswith(message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.npz", "rows.txt"]


def test_same_run_same_bytes(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    for ending in ("npz", "jsonl"):
        written = []
        for number in range(2):
            path = tmp_path / f"{number}.{ending}"
            assert tmc("trace", machines / "palindrome.tm", "--data", "abba", "--changes", "-o", path).status == 0
            written.append(path.read_bytes())
        assert written[0] == written[1]


def test_an_interrupt_leaves_nothing(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ending in ("npz", "jsonl"):
        path = tmp_path / f"run.{ending}"
        path.write_text("what it was")
        monkeypatch.setattr("tmc.recording.record.record", _interrupted)
        outcome = tmc("trace", machines / "increment.tm", "--data", "1", "-o", path)
        assert outcome == Outcome(130, "", "interrupted; nothing was written\n")
        assert path.read_text() == "what it was"
        assert [found.name for found in tmp_path.iterdir()] == [path.name]
        path.unlink()


def _interrupted(job: Job, sink: Any, layers: Any, watch: Any) -> None:
    def stop(step: int) -> None:
        if step == 1:
            raise KeyboardInterrupt

    record(job, sink, layers, stop)


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column hands over what is more than a block; nothing else grows with the run."""
    monkeypatch.setattr(sinks, "BLOCK", 64)
    kept = list[int]()

    class Sink:
        def __init__(self, sink: Any) -> None:
            self.columns, self.sink = sink._columns, sink

        def step(self, moment: Any) -> None:
            self.sink.step(moment)
            kept.append(max(len(column._block) for column in self.columns.values()))

    table = compiled("busy_beaver_5").written()
    job = Job(table, "m.tm", Line(), decide(table, Line(), 3000))
    with sinks.archive(tmp_path / "run.npz", about(job, "none"), numbers_of(Line())) as sink:
        record(job, Sink(sink))  # type: ignore[arg-type]
    assert max(kept) < 64
    found = reading.load(tmp_path / "run.npz")
    check_steps(found, table, Line())
    assert np.array_equal(np.load(tmp_path / "run.npz")["state"], found.arrays["state"])
