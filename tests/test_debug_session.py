"""Sessions of the debugger: wherever a run is taken, it is where the simulator would be; breakpoints, watches and edits."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from conftest import blocks, compiled, line_table, rule
from tmc.debug import beside, timeline
from tmc.debug.beside import Beside
from tmc.debug.session import Session
from tmc.debug.timeline import Timeline
from tmc.diagnostics import Rejected
from tmc.ir import rules as rule_stage
from tmc.ir.lattice import Evolution
from tmc.ir.table import Configuration, Table, apply, start
from tmc.ir.table import applicable as next_transition
from tmc.ir.tape import Grid, Line, Move
from tmc.pipeline import lower_table
from tmc.recording.clock import birth
from tmc.run.simulator import configurations, simulate
from tmc.run.tapes import line_of_text
from tmc.run.walk import Walker
from tmc.testing.lockstep import start_of
from tmc.testing.random_machines import Family, random_line, random_machine

BEAVER = compiled("busy_beaver_4").written()
INCREMENT = compiled("increment").written()
GAUSS = compiled("gauss").written()
GRID = Grid(((1, 2, 2), (2, 2, 1), (2, 1, 0)))


def on(table: Table, text: str = "") -> Session:
    return Session(table, line_of_text(table.data, text))


def random_run(seed: int) -> tuple[Table, Grid | Line]:
    random, kind = Random(seed), ("line", "grid", "rows")[seed % 3]
    table = random_machine(random, Family(kind=kind, work_tape=seed % 4 > 0, gaps=0.01, halts=0.01))
    if not table.is_grid:
        return table, random_line(random, table, (0, 6))
    bits = [number for number, symbol in enumerate(table.data.symbols) if symbol in ("0", "1")]
    rows = [[random.choice(bits) for _ in range(3)] for _ in range(3)]
    rows[-1][-1] = 0
    return table, Grid(tuple(map(tuple, rows)))


# --- the timeline


def check_walk(seed: int, moves: int) -> None:
    """Steps, jumps and edits at random, against a list of configurations that is made anew at each edit."""
    table, data = random_run(seed)
    random, line = Random(seed), Timeline(table, start(table, data), birth(data))
    known = [configuration for configuration, _ in islice(configurations(table, data), 200)]
    layers = dict[int, int]()
    for _ in range(moves):
        what = random.random()
        if what < 0.3:
            going = next_transition(table, known[line.step]) is not None
            assert line.forward() == going
        elif what < 0.9:
            line.goto(random.randrange(len(known)))
        else:
            data_now = line.walker.configuration().data
            if isinstance(data_now, Grid):
                changed = data_now.write((random.randrange(3), random.randrange(3)), random.randrange(len(table.data.symbols)))
                configuration = replace(line.walker.configuration(), data=changed)
            else:
                configuration = replace(line.walker.configuration(), state=random.randrange(len(table.states)))
            line.edit(configuration)
            known = [*known[: line.step], configuration]
            while len(known) < 200 and (transition := next_transition(table, known[-1])) is not None:
                known.append(apply(table, transition, known[-1]))
            layers = {step: layer for step, layer in layers.items() if step <= line.step}
        if line.step >= len(known):
            line.goto(len(known) - 1)
        assert line.walker.configuration() == known[line.step]
        assert line.layer is not None
        assert layers.setdefault(line.step, line.layer) == line.layer


@pytest.mark.parametrize("seed", range(6))
def test_a_walk_to_and_fro(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "INTERVAL", 4)
    monkeypatch.setattr(timeline, "MOST", 5)
    monkeypatch.setattr(timeline, "NEAR", 2)
    check_walk(seed, 60)


@pytest.mark.parametrize("block", blocks(3))
def test_many_walks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "INTERVAL", 8)
    monkeypatch.setattr(timeline, "MOST", 6)
    monkeypatch.setattr(timeline, "NEAR", 3)
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        check_walk(seed, 150)


def test_far_leaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is far is left to the table engine, which counts no layers; back from there all is as it was."""
    for name, value in (("WALKED", 2_000), ("FAR", 3_000), ("LEAP", 7_000), ("WALK", 300)):
        monkeypatch.setattr(timeline, name, value)
    table = compiled("busy_beaver_5").written()
    line = Timeline(table, start(table, Line()), 0)
    for step in (40_000, 39_999, 100, 33_333, 60_000, 12_345, 1, 0):
        assert line.goto(step)
        assert line.walker.configuration() == simulate(table, Line(), step).configuration
        assert (line.layer is None) == (step > 9_000)
    line.goto(20_000)
    edited = replace(line.walker.configuration(), head=(0, 3))
    line.edit(edited)
    line.goto(0)
    line.goto(30_000)
    walker = Walker(table, edited)
    while walker.steps < 10_000 and (action := walker.action()) is not None:
        walker.take(action)
    assert line.walker.configuration() == walker.configuration()
    line.goto(20_000)
    assert line.walker.configuration() == edited


def test_keyframes_stay_few() -> None:
    table = compiled("busy_beaver_5").written()
    line = Timeline(table, start(table, Line()), 0)
    line.goto(300_000)
    assert 100 < len(line.kept()) <= timeline.MOST
    assert line.kept()[0] == 0
    for _ in range(5):
        before = line.step
        line.goto(before - 1)
        assert line.step == before - 1
    assert line.walker.configuration() == simulate(table, Line(), 299_995).configuration


# --- runs


def test_the_first_visit_of_a_cell() -> None:
    session = on(BEAVER)
    visits = [number for number, (c, _) in enumerate(configurations(BEAVER, Line())) if c.head[1] == -5]
    assert session.run("if head == -5").text == f"if head == -5, at step {visits[0]}"
    assert session.step == visits[0]
    assert session.run("if head == 5").text == "the machine accepts after 107 steps; if head == 5: not met on the way"
    assert session.run().text.startswith("the run is over: the machine accepts after 107 steps; go back with ")


def test_breakpoints_on_lines_states_and_conditions() -> None:
    session = on(INCREMENT, "1011")
    states = [(c.state, t.line if t else 0) for c, t in configurations(INCREMENT, session.data)]
    names = [INCREMENT.target_name(state) for state, _ in states]
    line = states[0][1]
    assert session.run("carry").text == f"carry, at step {names.index('carry')}"
    session.go_to(0)
    found = session.add_breakpoint(str(line))
    assert [session.run().text for _ in range(2)] == [f"breakpoint 1, line {line}, at step {step}" for step in (1, 2)]
    assert found.hits == 2
    session.enable(1, enabled=False)
    assert session.run().why == "end"
    session.delete(1)
    with pytest.raises(Rejected, match="there is no breakpoint or watch 1"):
        session.delete(1)
    session.go_to(0)
    session.add_breakpoint("carry if data == 1")
    stop = session.run()
    expected = next(
        n for n, (c, _) in enumerate(configurations(INCREMENT, session.data)) if names[n] == "carry" and c.data.read(c.head[1]) == 2
    )  # type: ignore[arg-type]
    assert (stop.why, session.step) == ("breakpoint", expected)


def test_watches_stop_where_a_value_changes() -> None:
    session = on(BEAVER)
    session.add_watch("data[-3]")
    changes = []
    before = 0
    for number, (configuration, _) in enumerate(configurations(BEAVER, Line())):
        assert isinstance(configuration.data, Line)
        now = configuration.data.read(-3)
        changes += [number] if now != before else []
        before = now
    found = []
    while (stop := session.run()).why == "watch":
        found.append(session.step)
        assert stop.text.startswith("watch 1, data[-3]: ")
    assert found == changes
    back = []
    while session.back_to().why == "there":
        back.append(session.step)
    assert back == changes[::-1]
    assert session.step == 0


def test_back_to_a_condition() -> None:
    session = on(BEAVER)
    session.go_to(107)
    last = [number for number, (c, _) in enumerate(configurations(BEAVER, Line())) if c.state == 1]
    entered = [number for number in last if number - 1 not in last]
    assert session.back_to("b").why == "there"
    assert session.step == entered[-1]
    assert session.back_to("step 7").why == "there"
    assert session.step == 7
    session.back_to("if head > 100")
    assert session.step == 0
    assert session.back().why == "start"


def test_edits_belong_to_the_run() -> None:
    """A flipped cell, then on: what the simulator does from there; before it nothing has changed; undone, all is as it was."""
    session = Session(GAUSS, GRID)
    end = simulate(GAUSS, GRID)
    session.go_to(9)
    before = session.configuration
    assert isinstance(before.data, Grid)
    bit = before.data.read((2, 0)) == 2
    assert session.set(f"data[2, 0] = {int(not bit)}") == f"data[2, 0]: {int(bit)} → {int(not bit)} at step 9"
    edited = session.configuration
    assert edited != before
    after = edited
    while (transition := next_transition(GAUSS, after)) is not None:
        after = apply(GAUSS, transition, after)
    for _ in range(2):
        assert session.go_to(10**9).why == "end"
        assert session.configuration == after
        session.go_to(3)
        assert session.configuration == simulate(GAUSS, GRID, 3).configuration
    session.go_to(5)
    assert session.set("state = add").endswith("at step 5; the edit at step 9 is forgotten")
    assert session.undo() == "the edit at step 5 is undone"
    assert session.step == 5
    session.go_to(10**9)
    assert (session.configuration, session.verdict) == (end.configuration, end.verdict)
    with pytest.raises(Rejected, match="nothing was changed"):
        session.undo()
    session.go_to(0)
    session.set("row = 1")
    assert session.configuration.head == (1, 0)
    session.undo()
    assert session.configuration.head == (0, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data[0] = x", "character 1 of the data is 'x', which is not a symbol of the tape data (_ 0 1)"),
        ("data[0] = 01", "'01' is not one symbol of the tape data (_ 0 1)"),
        ("data[0] =", "'' is not one symbol of the tape data (_ 0 1)"),
        ("data[0, 1] = 1", "a place of data is one position"),
        ("data[carry] = 1", "`carry` is a state: compare it, state == carry"),
        ("work[0] = 1", "'work' is no tape; there are data"),
        ("state = cary", "there is no state 'cary'; did you mean 'carry'?"),
        ("step = 3", "'step' cannot be set; there are state, head and the tapes: data[3] = 1, state = NAME, head = 4"),
        ("head == 3", "write what to set as data[3] = 1, state = NAME, head = 4"),
        ("head = state", "'state' is not a number"),
        ("", "write what to set as data[3] = 1, state = NAME, head = 4"),
    ],
)
def test_what_cannot_be_set(text: str, said: str) -> None:
    session = on(INCREMENT, "1011")
    with pytest.raises(Rejected) as rejected:
        session.set(text)
    assert str(rejected.value) == said
    assert session.timeline.edits() == ()


def test_interrupts_and_limits() -> None:
    table = line_table(rule(0, (0, 1, 2), 0, move=Move.RIGHT))
    session = Session(table, Line())
    assert session.run(limit=30_000).text == "still running at step 30000; run again to go on"
    session.add_breakpoint("if step == 3")
    asked = list[int]()
    stop = session.run(ask=lambda step: asked.append(step) is None and len(asked) > 2)
    assert (stop.why, stop.text) == ("interrupted", f"interrupted at step {session.step}")
    assert session.go_to(10**7, lambda _: True).why == "interrupted"


# --- the network beside


def check_beside(seed: int, *, far: bool) -> None:
    """The lattice at random moments, forwards and back, is the one of a run of all layers; cell by cell."""
    table, data = random_run(seed)
    stages, run = lower_table(table), simulate(table, data, 120)
    session, network = Session(table, data), Beside(table)
    first = start_of(stages, data, run)
    evolution, lattices = Evolution(rule_stage.local(stages.rules), stages.rules.border, first.lattice), list[tuple[object, ...]]()
    random = Random(seed)
    for _ in range(12):
        session.go_to(random.randrange(run.steps + 1))
        if session.step < run.steps and random.random() < 0.3:
            session.go_to_layer((session.layer or 0) + 1)
        seen = network.seen(session)
        assert seen.layer == session.layer
        while len(lattices) <= seen.layer:
            lattices.append(evolution.lattice)
            evolution.advance()
        check_cells(seen, lattices[seen.layer], first.origin, residues=far and table.is_grid)


def check_cells(seen: beside.Seen, lattice: tuple[object, ...], origin: int, *, residues: bool) -> None:
    for row, cells in enumerate(lattice):
        for column, cell in enumerate(cells):  # type: ignore[arg-type, var-annotated]
            place = column - origin + seen.origin
            if not 0 <= place < len(seen.lattice[0]):
                continue
            for field, expected, found in zip(seen.rules.fields, cell, seen.lattice[row][place], strict=True):
                assert expected == found or (residues and field.name in ("right", "left") and not found)


@pytest.mark.parametrize("seed", range(3))
def test_the_network_beside(seed: int) -> None:
    check_beside(seed, far=False)


@pytest.mark.parametrize("seed", range(3))
def test_the_network_far_away(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "FAR", -1)
    check_beside(seed, far=True)


@pytest.mark.parametrize("block", blocks(2))
def test_the_network_beside_many(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "EVERY", 7)
    monkeypatch.setattr(beside, "KEPT", 5)
    monkeypatch.setattr(beside, "ROOM", 2)
    for seed in range(500 + 15 * block, 515 + 15 * block):
        check_beside(seed, far=False)


def test_the_memory_of_a_learner_is_decoded() -> None:
    session, network = Session(GAUSS, GRID), Beside(GAUSS)
    session.go_to_layer(0)
    seen = network.seen(session)
    assert (session.step, seen.layer, seen.control) == (0, 0, None)
    assert seen.fields(0, 0) == {"symbol": "0", "inside": "yes"}  # 0 · 1 · 1, as -1 and +1: the first feature, the label, the query
    session.go_to_layer(6)
    assert network.seen(session).control == (0, 0)


def test_the_network_after_an_edit() -> None:
    """It begins anew from the edited configuration, and stays in step with the machine."""
    session, network = on(INCREMENT, "1011"), Beside(INCREMENT)
    session.go_to(3)
    session.set("head = 0")
    while not session.verdict:
        seen, (_, head) = network.seen(session), session.configuration.head
        assert seen.control == (0, head + seen.origin)
        assert seen.fields(0, head + seen.origin)["state"] == INCREMENT.target_name(session.configuration.state)
        session.steps()
    assert network.seen(session).fields(0, session.configuration.head[1] + network.seen(session).origin)["answer"] == "accept"


def test_a_configuration_is_none_of_the_machine() -> None:
    with pytest.raises(Rejected, match="reads a line"):
        Session(BEAVER, Line()).timeline.edit(Configuration(0, GRID, (0, 0)))
