"""Many machines at once, beside one run of each in the simulator."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tmc.ir.table import validate
from tmc.ir.tape import EDGES, Edge, Grid, Line
from tmc.run.many import VERDICTS, DrawnMachines, answers, lay, right_answers
from tmc.run.shapes import MachineShape, choices, pack_tables, unpack
from tmc.run.simulator import simulate
from tmc.testing.random_machines import Family, random_machine

LIMIT = 50
SHAPES = (
    MachineShape("grid", 6, 3, 3),
    MachineShape("grid", 3, 3, 1, EDGES),
    MachineShape("rows", 4, 3, 2, (Edge.TOP, Edge.RIGHT)),
    MachineShape("line", 6, 3, 3),
    MachineShape("line", 5, 2),
)


def inputs(shape: MachineShape, count: int, seed: int = 0) -> list[Grid | Line]:
    random = Random(seed)
    if shape.kind == "line":
        return [Line.of({place: random.randrange(shape.data_symbols) for place in range(-1, 6)}) for _ in range(count)]
    return [Grid(tuple(tuple(random.randrange(3) for _ in range(4)) for _ in range(3))) for _ in range(count)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_runs_of_drawn_machines(shape: MachineShape) -> None:
    given = inputs(shape, 7)
    entries = DrawnMachines(shape, 5, 60).entries()
    found = answers(entries, lay(shape, given, LIMIT))
    for machine, row in enumerate(entries):
        table = unpack(shape, row)
        validate(table)
        runs = [simulate(table, data, LIMIT) for data in given]
        assert [VERDICTS[verdict] for verdict in found.verdicts[machine]] == [run.verdict for run in runs]
        assert found.steps[machine].tolist() == [run.steps for run in runs]
        assert pack_tables([table])[1].tolist() == [row.tolist()] or shape.edges  # an edge that is not asked for needs no entries


@pytest.mark.parametrize("kind", ["line", "grid", "rows"])
def test_runs_of_tables(kind: str) -> None:
    verdicts = set()
    for seed in range(90):
        family = Family(kind, (3, 3), (3, 3), work_tape=seed % 2 == 0, gaps=0.1, halts=0.3)
        tables = [random_machine(Random(seed), family)] * 2
        if tables[0].start:
            continue
        shape, entries = pack_tables(tables)
        given = inputs(shape, 5, seed)
        found = answers(entries, lay(shape, given, LIMIT), workers=1)
        for number, data in enumerate(given):
            run = simulate(tables[0], data, LIMIT)
            for machine in (0, 1):
                seen = VERDICTS[found.verdicts[machine, number]], found.steps[machine, number]
                assert seen == (run.verdict, run.steps), seed
            verdicts.add(run.verdict)
    assert verdicts == set(VERDICTS)


def test_verdicts_at_every_limit() -> None:
    shape = SHAPES[3]
    given, entries = inputs(shape, 3), DrawnMachines(shape, 1, 20).entries()
    for limit in range(6):
        found = answers(entries, lay(shape, given, limit))
        for machine, row in enumerate(entries):
            runs = [simulate(unpack(shape, row), data, limit) for data in given]
            assert [VERDICTS[verdict] for verdict in found.verdicts[machine]] == [run.verdict for run in runs]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_runs_that_never_end(shape: MachineShape) -> None:
    """Such a run is not followed to its limit, and is told as if it had been; what comes round slowly or halts late is not taken
    for one."""
    given, entries = inputs(shape, 2, seed=4), DrawnMachines(shape, 9, 200).entries()
    steps = {limit: answers(entries, lay(shape, given, limit)) for limit in (7, 30, 300)}
    for machine, row in enumerate(entries):
        for number, data in enumerate(given):
            for limit, found in steps.items():
                run = simulate(unpack(shape, row), data, limit)
                assert (VERDICTS[found.verdicts[machine, number]], found.steps[machine, number]) == (run.verdict, run.steps)


@pytest.mark.parametrize("count", [1, 3, 4, 9])
def test_right_answers(count: int) -> None:
    """All, or those before too many mistakes; whether given or drawn, in whatever blocks and by however many workers."""
    shape = SHAPES[0]
    laid, drawn = lay(shape, inputs(shape, count), LIMIT), DrawnMachines(shape, 3, 20_000)
    random, entries = Random(count), drawn.entries()
    labels = [random.choice([*VERDICTS[:2], ("accept", "stuck")]) for _ in range(count)]
    verdicts = answers(entries, laid).verdicts
    each = [
        np.isin(verdicts[:, i], [VERDICTS.index(one) for one in VERDICTS if one in ((label,) if isinstance(label, str) else label)])
        for i, label in enumerate(labels)
    ]
    right = np.stack(each, axis=1)
    for mistakes in (None, 0, 1):
        running = np.cumsum(~right, axis=1) <= (count if mistakes is None else mistakes)
        expected = (right & running).sum(axis=1)
        assert expected.max() > 0
        for workers in (1, 3):
            for machines in (entries, drawn):
                assert np.array_equal(right_answers(machines, laid, labels, mistakes=mistakes, workers=workers), expected)


def test_a_machine_is_its_number() -> None:
    shape = SHAPES[1]
    entries = DrawnMachines(shape, 8, 30).entries()
    assert np.array_equal(DrawnMachines(shape, 8, 10, first=20).entries(), entries[20:])
    assert len({row.tobytes() for row in entries}) == 30
    assert not np.array_equal(DrawnMachines(shape, 9, 30).entries(), entries)


def test_every_choice_is_drawn_as_often() -> None:
    shape = MachineShape("line", 1, 2, 1)
    entries, offered = DrawnMachines(shape, 0, 40_000).entries(), choices(shape)
    assert len(offered) == 3 * 2 * 3
    for place in (0, 1):
        values, times = np.unique(entries[:, place] ^ place, return_counts=True)
        expected, weights = np.unique(offered, return_counts=True)
        assert values.tolist() == expected.tolist()
        assert np.abs(times / 40_000 - weights / len(offered)).max() < 0.01


def test_what_does_not_fit() -> None:
    for shape in (("grid", 6, 300, 3), ("line", 0, 2, 1), ("line", 3, 2, 1, EDGES)):
        with pytest.raises(ValueError, match="not a shape"):
            MachineShape(*shape)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="of the kind grid"):
        lay(SHAPES[0], [Line()], 10)
    with pytest.raises(ValueError, match="holds a symbol"):
        lay(SHAPES[4], [Line((2,))], 10)
    with pytest.raises(ValueError, match="3 inputs need as many labels, not 1"):
        right_answers(DrawnMachines(SHAPES[0], 0, 1), lay(SHAPES[0], inputs(SHAPES[0], 3), 9), ["accept"])
    tables = [unpack(shape, DrawnMachines(shape, 0, 1).entries()[0]) for shape in SHAPES[3:]]
    with pytest.raises(ValueError, match="not of the shape of the first"):
        pack_tables(tables)


def test_more_symbols_than_letters() -> None:
    """Every symbol has a name, so a machine of many is the same when it is packed again."""
    shape = MachineShape("line", 2, 40, 1)
    row = DrawnMachines(shape, 0, 1).entries()[0]
    table = unpack(shape, row)
    validate(table)
    assert len(set(table.data.symbols)) == 40
    again, (packed,) = pack_tables([table])
    assert (again, packed.tolist()) == (shape, row.tolist())
