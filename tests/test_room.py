"""Capacities that nobody promised: room grows, and what is cut off all the same is told of. Network and table agree."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tmc as package
from conftest import Outcome
from tmc.diagnostics import CutOff
from tmc.learn.data import datasets
from tmc.learn.data.datasets import DataSet
from tmc.learn.estimators import MachineClassifier, load
from tmc.net import described, room
from tmc.net.answer import answer
from tmc.net.checkpoint.reading import from_build, save
from tmc.net.described import MOST_PADS, SPARE_WORK, Described
from tmc.net.rcnn import RCNN
from tmc.run import simulator

X, Y, QUERIES = np.array([[0, 0], [1, 1]]), np.array([0, 1]), np.array([[0, 1], [1, 0]])
SIGNS = 2 * QUERIES.astype(np.int8) - 1
ROOM = 2 + 2 + SPARE_WORK  # cells to begin with

ANSWER = "state answer\n    on 0 at bottom  -> reject\n    on 1 at bottom  -> accept\n    otherwise  move down\n"
FOR_EVER = "state s0\n    otherwise  write ., a  move ., right\n"


def text(rules: str, bounds: str = "") -> str:
    limits = f"bounds\n{bounds}" if bounds else ""
    return f"machine far\n\ntape data: grid of _ 0 1\ntape work: line of _ a\n\n{limits}\nstart s0\n\n{rules}"


def far(cells: int, bounds: str = "", move: str = "right") -> str:
    """A learner that writes so many cells of its work tape, and answers the query's first feature."""
    targets = [f"s{number}" for number in range(1, cells)] + ["answer"]
    rules = (f"state s{number}\n    otherwise  write ., a  move ., {move}  -> {target}\n" for number, target in enumerate(targets))
    return text("".join(rules) + ANSWER, bounds)


def network(source: str, target: str = "wide") -> RCNN:
    return RCNN(from_build(package.compile(source, target=target))).fit(X, Y)


@pytest.mark.parametrize("target", ["wide", "scalar"])
@pytest.mark.parametrize("move", ["left", "right"])
@pytest.mark.parametrize("cells", [ROOM - 1, ROOM, ROOM + 1, 121])
def test_room_grows(cells: int, move: str, target: str) -> None:
    assert network(far(cells, move=move), target).predict(QUERIES).tolist() == [-1, 1]


@pytest.mark.parametrize("cells", [*range(46, 53), *range(96, 103)])
def test_where_it_is_doubled(cells: int) -> None:
    assert network(far(cells)).predict(QUERIES).tolist() == [-1, 1]


@pytest.mark.parametrize("full_depth", [False, True])
@pytest.mark.parametrize("engine", ["sparse", "dense"])
def test_engines_grow_alike(engine: str, full_depth: bool) -> None:
    """To what they would have been given at once."""
    learner = network(far(70, bounds="    steps 80\n"))
    shape = learner.shape(2, 2)
    assert (shape.grows, shape.pads) == (True, ROOM + 1)
    found = answer(learner, SIGNS, shape, engine=engine, full_depth=full_depth)
    wide = answer(learner, SIGNS, replace(shape, pads=2 * shape.pads, grows=False), engine=engine, full_depth=full_depth)
    for name in ("outputs", "layers", "overflow"):
        assert np.array_equal(getattr(found, name), getattr(wide, name)), name
    assert (found.pads, found.layers_run) == (wide.pads, wide.layers_run)
    assert found.evaluated.cells > wide.evaluated.cells


def test_only_the_queries_that_need_it() -> None:
    """Those that do not keep their first answer; progress is told of all of them."""
    rules = "state s0\n    on 0 at bottom  -> s1\n    on 1 at bottom  -> accept\n    otherwise  move down\n"
    rest = far(60).partition("state s1\n")[2].replace("answer", "no").replace("-> no\n", "-> reject\n")
    learner = network(text(f"{rules}state s1\n{rest.partition('state no')[0]}"))
    told: list[tuple[float, int]] = []
    found = answer(learner, SIGNS, learner.shape(2, 2), progress=lambda share, answered: told.append((share, answered)))
    assert found.labels.tolist() == [-1, 1]
    assert not found.undecided.any()
    assert found.layers[0] > found.layers[1]
    assert told[-1] == (1.0, 2)


def test_no_room_is_added_where_it_was_asked_for_or_promised_or_means_nothing() -> None:
    learner = network(far(121, bounds="    work 20\n"))
    assert not learner.shape(2, 2).grows
    assert not network(far(121)).shape(2, 2, work=40).grows
    assert answer(network(far(121)), SIGNS, network(far(121)).shape(2, 2, work=40)).overflow.all()
    drawn = learner.checkpoint
    assert not RCNN(replace(drawn, about={**drawn.about, "drawn": 1})).shape(2, 2).grows


def warned(call: Callable[[], Any]) -> tuple[Any, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = call()
    assert all(warning.category is CutOff for warning in caught)
    return found, [str(warning.message) for warning in caught]


USED = "2 queries (the first is query 0) used more than"
TOLD: dict[str, tuple[str, str, list[int], str]] = {
    "network, promised": ("network", far(121, "    work 20\n"), [1, 1],
        f"{USED} 20 work-tape cells, which is what far promises; declare enough `work` in the machine's bounds"),
    "table, promised": ("table", far(121, "    work 20\n"), [0, 1],
        f"{USED} 20 work-tape cells, which is what far promises; declare enough `work` in the machine's bounds"),
    "network, for ever": ("network", text(FOR_EVER), [1, 1],
        f"{USED} {MOST_PADS - 1} work-tape cells; declare enough `work` in the machine's bounds"),
    "table, steps": ("table", far(121, "    steps 30\n"), [1, 1],
        "2 queries (the first is query 0) had no answer after 30 steps; far breaks its bound on steps"),
    "network, layers": ("network", far(121, "    steps 30\n"), [1, 1],
        "2 queries (the first is query 0) had no answer after 126 layers; far breaks its bound on steps"),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD)
def test_what_is_cut_off_is_told(case: str, tmp_path: Path) -> None:
    engine, source, expected, message = TOLD[case]
    (tmp_path / "far.tm").write_text(source)
    estimator = MachineClassifier(tmp_path / "far.tm", engine=engine).fit(X, Y)
    found, said = warned(lambda: estimator.predict(QUERIES))
    assert (found.tolist(), said) == (expected, [message])
    estimator.save(tmp_path / "saved")
    again, said = warned(lambda: load(tmp_path / "saved").predict(QUERIES))
    assert (again.tolist(), said) == (expected, [message])
    if engine == "network":
        found, said = warned(lambda: network(source).predict(QUERIES))
        assert (found.tolist(), said) == ([2 * label - 1 for label in expected], [message])


def test_layers_and_steps_that_nobody_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caps themselves are large: what is told when they are met."""
    monkeypatch.setattr(described, "LAYER_CAP", 100)
    monkeypatch.setattr(simulator, "MAX_STEPS", 100)
    (tmp_path / "far.tm").write_text(far(121))
    for engine, what in (("network", "layers"), ("table", "steps")):
        estimator = MachineClassifier(tmp_path / "far.tm", engine=engine).fit(X, Y)
        found, said = warned(lambda estimator=estimator: estimator.predict(QUERIES))  # type: ignore[misc]
        many = f"2 queries (the first is query 0) had no answer after 100 {what}; declare enough `steps` in the machine's bounds"
        assert (found.tolist(), said) == ([1, 1], [many])


def test_what_the_caller_allowed_is_what_to_raise() -> None:
    learner = network(far(121))
    assert warned(lambda: learner.predict(QUERIES, max_layers=3))[1] == [
        "2 queries (the first is query 0) had no answer after 3 layers; allow more with `max_layers`"
    ]
    assert warned(lambda: learner.predict(QUERIES, work=20))[1] == [f"{USED} 20 work-tape cells; allow more with `work`"]


def test_memory_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room that does not fit is not added; the other queries keep their answers."""
    monkeypatch.setattr(room, "_fits", lambda *given: False)
    _, said = warned(lambda: network(far(121)).predict(QUERIES))
    assert said == [f"{USED} {ROOM} work-tape cells; declare enough `work` in the machine's bounds"]


STUCK = "state s0\n    on 1 at right  -> accept\n    on 1  move right\n"
ROUND = "state s0\n    on 0 at right  move left\n    on 0  move right\n    on 1  -> accept\n"


@pytest.mark.parametrize(("rules", "engine"), [(STUCK, "network"), (STUCK, "table"), (ROUND, "table")])
def test_what_ends_without_an_answer_is_undecided_and_no_warning(rules: str, engine: str, tmp_path: Path) -> None:
    """Nothing cut it off: the paper's default is its answer. (Of a machine that goes round for ever, the table proves it.)"""
    rules = rules.replace(" on 1", " on 1|_")
    (tmp_path / "far.tm").write_text(text(rules).replace("tape work: line of _ a\n", ""))
    estimator = MachineClassifier(tmp_path / "far.tm", engine=engine).fit(X, Y)
    found, said = warned(lambda: estimator.predict(QUERIES))
    assert (found.tolist(), said) == ([1, 1], [])


def test_on_the_command_line(tmc: Callable[..., Outcome], tmp_path: Path) -> None:
    save(from_build(package.compile(far(121))), tmp_path / "far.safetensors")
    datasets.save(DataSet(2 * X - 1, 2 * Y - 1, SIGNS, np.array([-1, 1], np.int8)), tmp_path / "data.npz")
    outcome = tmc("run", tmp_path / "far.safetensors", "--input", tmp_path / "data.npz")
    assert (outcome.status, outcome.err) == (0, "")
    assert "  accuracy   1.000\n" in outcome.out
    outcome = tmc("run", tmp_path / "far.safetensors", "--input", tmp_path / "data.npz", "--work", 60)
    assert outcome.err == f"warning: {USED} 60 work-tape cells; allow more with --work\n"
    save(from_build(package.compile(text(FOR_EVER))), tmp_path / "ever.safetensors")
    outcome = tmc("run", tmp_path / "ever.safetensors", "--input", tmp_path / "data.npz")
    assert outcome.err == f"warning: {USED} {MOST_PADS - 1} work-tape cells; allow more with --work\n"
    assert re.search(r"undecided  2\n", outcome.out)


def test_memory_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    check = Described.check_memory

    def counted(self: Described, shape: Any, batch: int, kept: int) -> None:
        asked.append(shape.pads)
        check(self, shape, batch, kept)

    learner = network(far(121))
    monkeypatch.setattr(Described, "check_memory", counted)
    learner.predict(QUERIES)
    assert {2 * (ROOM + 1), 4 * (ROOM + 1)} <= set(asked)
