"""The table engine, beside the simulator in Python and the definition of a step."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from conftest import ROOT, compiled, grid_table, line_table, rule
from tmc.diagnostics import Rejected
from tmc.ir.table import ACCEPT, Configuration, Guard, Table, Transition, start, step
from tmc.ir.tape import Grid, Line, Move
from tmc.pipeline import read_machine
from tmc.run import simulator, strip
from tmc.run.engine import TableRun
from tmc.run.simulator import Run, simulate
from tmc.source import Source
from tmc.testing.machine_tests import tape_of
from tmc.testing.random_machines import Family, random_machine

CUTS = (0, 1, 5, 300, 4000)  # steps until each stop


def random_run(seed: int, kind: str) -> tuple[Table, Grid | Line]:
    random = Random(seed)
    table = random_machine(random, Family(kind=kind, work_tape=random.random() < 0.5, gaps=0.01, halts=0.02))
    symbols = len(table.data.symbols)
    if kind == "line":
        return table, Line.of({position: random.randrange(symbols) for position in range(random.randint(0, 6))})
    width, height = random.randint(1, 4), random.randint(1, 4)
    return table, Grid(tuple(tuple(random.randrange(symbols) for _ in range(width)) for _ in range(height)))


def seen(machine: TableRun) -> tuple[object, ...]:
    return machine.steps, machine.verdict(), machine.work_cells(), machine.configuration()


def expected(run: Run) -> tuple[object, ...]:
    return run.steps, run.verdict, run.work_cells, run.configuration


def check_against_the_simulator(table: Table, data: Grid | Line) -> str:
    machine, total = TableRun.on(table, data), 0
    for more in CUTS:
        machine.run(more)
        total += more
        assert seen(machine) == expected(simulate(table, data, total)), total
    return machine.verdict()


@pytest.mark.parametrize("kind", ["line", "grid", "rows"])
def test_random_machines_run_as_in_the_simulator(kind: str) -> None:
    verdicts = {check_against_the_simulator(*random_run(seed, kind)) for seed in range(300)}
    assert verdicts == {"accept", "reject", "stuck", "timeout"}


@pytest.mark.parametrize("kind", ["line", "grid", "rows"])
def test_random_machines_run_as_the_definition_says(kind: str) -> None:
    for seed in range(300, 400):
        table, data = random_run(seed, kind)
        machine, reached = TableRun.on(table, data), start(table, data)
        for _ in range(40):
            assert machine.configuration() == reached
            after = step(table, reached)
            halted = (after or reached).state < 0
            assert machine.run(1) == ("halted" if halted else "stuck" if after is None else "steps")
            reached = after or reached


def test_every_machine_runs_as_in_the_simulator() -> None:
    machines = sorted((ROOT / "machines").glob("*.tm"))
    assert len(machines) > 20
    for path in machines:
        table, _ = read_machine(Source(path.name, path.read_text(encoding="utf-8")))
        assert table.tests, path
        for test in table.tests:
            check_against_the_simulator(table, tape_of(table, test))


@pytest.mark.parametrize("move", [Move.LEFT, Move.RIGHT])
@pytest.mark.parametrize("work_move", [Move.LEFT, Move.RIGHT])
def test_tapes_grow(move: Move, work_move: Move) -> None:
    table = line_table(rule(0, (0, 1, 2), 0, write=2, move=move, move_work=work_move, write_work=1), work="_1")
    machine, steps = TableRun.on(table, Line((1, 2))), 5 * strip.ROOM + 7
    assert machine.run(steps) == "steps"
    reached = machine.configuration()
    assert (reached.head, reached.work_head) == ((0, steps * move.value[1]), steps * work_move.value[1])
    assert isinstance(reached.data, Line)
    assert reached.data.cells == (2,) * (steps + (move is Move.LEFT))
    assert reached.work.cells == (1,) * steps
    assert machine.work_cells() == steps + 1


def test_a_tape_that_does_not_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strip, "MOST_CELLS", 20_000)
    machine = TableRun.on(line_table(rule(0, (0, 1, 2), 0, move=Move.RIGHT)), Line())
    with pytest.raises(Rejected, match="the tape data grows beyond 20000 cells, which is more than tmc keeps in memory"):
        machine.run(10**6)


def test_a_run_stops_in_a_state() -> None:
    table = line_table(rule(0, (0, 2), 1, write=2, move=Move.RIGHT), rule(1, (0,), 2, move=Move.LEFT), rule(2, (2,), 0))
    machine = TableRun(table, start(table, Line()), stops={2})
    assert [(machine.run(10), machine.steps, machine.state) for _ in range(2)] == [("state", 2, 2), ("state", 5, 2)]
    assert machine.configuration() == simulate(table, Line(), 5).configuration


def test_a_run_stops_where_a_head_leaves_a_span() -> None:
    both = {"move": Move.RIGHT, "write_work": 1, "move_work": Move.LEFT}
    table = line_table(rule(0, (0, 1, 2), 0, 2, **both), work="_1")  # type: ignore[arg-type]
    data = Line((1,) * 30, -10)
    for spans, steps in (({"within": (-3, 7)}, 8), ({"work_within": (-4, 0)}, 5), ({"within": (0, 9000)}, 9001)):
        machine = TableRun(table, start(table, data), **spans)  # type: ignore[arg-type]
        assert [machine.run(10**6), machine.run(10**6)] == ["outside", "outside"]
        assert machine.configuration() == simulate(table, data, steps).configuration
        assert machine.steps == steps
    for spans in ({"within": (1, 2)}, {"work_within": (-3, -1)}):
        with pytest.raises(ValueError, match="a span"):
            TableRun(table, start(table, data), **spans)  # type: ignore[arg-type]


def test_a_run_goes_on_from_any_configuration() -> None:
    table = compiled("multiply").table
    data = Line.of(dict.fromkeys(range(3), 1))
    for place in range(0, 40, 7):
        before = simulate(table, data, place)
        machine = TableRun(table, before.configuration, steps=before.steps)
        machine.run(100)
        after = simulate(table, data, place + 100)
        assert (machine.steps, machine.configuration()) == (after.steps, after.configuration)


def test_data_of_the_wrong_kind() -> None:
    with pytest.raises(Rejected, match="the machine toy reads a grid, and this is not a grid"):
        TableRun(grid_table(rule(0, (0,), ACCEPT)), Configuration(0, Line(), (0, 0)))


def test_long_runs_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [random_run(seed, kind) for kind in ("line", "grid", "rows") for seed in range(400, 450)]
    before = [simulate(*run, 5000) for run in runs]
    monkeypatch.setattr(simulator, "HAND_OVER", 100)
    monkeypatch.setattr(simulator, "STRIDE", 100)
    told: list[int] = []
    assert [simulate(*run, 5000, told.append) for run in runs] == before
    assert max(told) == 5000
    assert told == [*sorted(set(told[: told.index(5000) + 1])), *told[told.index(5000) + 1 :]]


def test_short_runs_do_not_load_numba(machines: Path) -> None:
    code = "import sys; from tmc.cli import main; main(sys.argv[1:]); sys.exit('numba' in sys.modules)"
    command = [sys.executable, "-c", code, "simulate", str(machines / "increment.tm"), "--data", "1011"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_symbol_may_stay_as_it_is_on_both_tapes() -> None:
    table = line_table(Transition(0, Guard((1,), (0,)), 0, move_data=Move.RIGHT), work="_1")
    assert TableRun.on(table, Line((1, 1))).run(9) == "stuck"


def test_loops_run_where_no_cache_can_be_written(machines: Path) -> None:
    code = (
        "import sys; from numba.core import caching; caching.CacheImpl._locator_classes[:] = []\n"
        "from tmc.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    check_busy_beaver(machines, code, os.environ)


def check_busy_beaver(machines: Path, code: str, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-W", "error", "-c", code, "simulate", str(machines / "busy_beaver_5.tm"), "--data", ""]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("accept after 47176870 steps\n")


def test_loops_run_where_the_cache_is_no_folder(machines: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code = "import sys; from tmc.cli import main; sys.exit(main(sys.argv[1:]))"
    check_busy_beaver(machines, code, {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "file")})


def test_loops_run_where_the_disk_is_full_or_the_cache_damaged(machines: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    code = "import sys; from tmc.cli import main; sys.exit(main(sys.argv[1:]))"
    full = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); {code}"
    check_busy_beaver(machines, full, environment)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    check_busy_beaver(machines, code, environment)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:-100] if path.suffix == ".nbc" else b"")
    check_busy_beaver(machines, code, environment)
    assert all(path.stat().st_size for path in kept if path.suffix == ".nbi")
