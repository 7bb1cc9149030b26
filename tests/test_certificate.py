"""The certificate of a checkpoint: it holds for what the compiler makes, and says what is wrong with anything else."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from conftest import ROOT, compiled
from tmc.automaton.edges import stop_at_edges
from tmc.automaton.reachable import reachable
from tmc.diagnostics import InternalError
from tmc.ir.lattice import Patch
from tmc.ir.rules import Rule, Write
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.run.observe import memory
from tmc.verify.certificate import Certificate, certify
from tmc.verify.decoding import patches_of
from tmc.verify.head_and_memory import memory_patches
from tmc.verify.legal_cells import escapes, legal
from tmc.verify.neighbours import _admits, _GrowingRelation, computing
from tmc.verify.rules_to_table import differences

MACHINES = sorted(path.stem for path in (ROOT / "machines").glob("*.tm"))
SLOW = {"universal"}  # as the target scalar: minutes


def certified(name: str, target: str = "wide") -> Certificate:
    return certify(from_build(compiled(name, target)))


def check(found: Certificate) -> None:
    assert [stage.faults for stage in found.stages if not stage.holds] == []
    assert found.stages[-1].name in ("head", "memory")
    assert all(stage.cases for stage in found.stages)


@pytest.mark.parametrize("name", ["busy_beaver_2", "increment", "palindrome", "sort_bits", "majority"])
@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_machines(name: str, target: str) -> None:
    check(certified(name, target))


KEPT = ("busy_beaver_3", "compare", "gauss", "nearest", "palindrome", "universal")  # one at least of every kind: the others soak


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in KEPT else pytest.mark.soak) for name in MACHINES]
)
def test_every_machine(name: str) -> None:
    wide = certified(name)
    check(wide)
    assert wide.contract is not None
    assert {"float64", "float32", "tf32", "float16"} <= set(wide.contract.exact)
    assert next(stage.margin for stage in wide.stages if stage.name == "rules → weights") == 1
    if name not in SLOW:
        check(certified(name, "scalar"))


def changed(checkpoint: Checkpoint, name: str, change: Any) -> Checkpoint:
    tensor = checkpoint.tensors[name].copy()
    change(tensor)
    return replace(checkpoint, tensors={**checkpoint.tensors, name: tensor})


def test_changed_weights() -> None:
    checkpoint = from_build(compiled("majority"))

    def failed(name: str, change: Any) -> list[str]:
        return [stage.name for stage in certify(changed(checkpoint, name, change)).stages if not stage.holds]

    def more(tensor: Any) -> None:
        tensor.reshape(-1)[np.flatnonzero(tensor)[0]] += 1

    assert failed("recurrent.4.weight", more) == ["rules → weights"]
    assert failed("head.2.bias", more) == ["head"]
    units = [unit["name"] for unit in checkpoint.about["units"]["recurrent.2"]]
    passing = next(index for index, name in enumerate(units) if name.startswith("symbol.0 + 1"))

    def steeper(tensor: Any) -> None:  # the derivative is doubled, and no number changes: the unit and its constant
        tensor[:, passing] *= 2
        tensor[:, passing + 1] *= 2

    assert failed("recurrent.4.weight", steeper) == ["labels", "memory"]


def test_changed_metadata() -> None:
    checkpoint = from_build(compiled("increment"))
    for key, value in (("learning_rate", 2.0), ("channels", ["x"] * len(checkpoint.about["channels"]))):
        found = certify(replace(checkpoint, about={**checkpoint.about, key: value}))
        assert [str(*stage.faults) for stage in found.stages if not stage.holds] == [f"the file describes its {key} wrongly"]
    source = {**checkpoint.about["source"], "text": checkpoint.about["source"]["text"].replace("1", "0")}
    found = certify(replace(checkpoint, about={**checkpoint.about, "source": source}))
    assert not found.stages[0].holds


def test_the_patches_of_memories_are_all_there_are() -> None:
    """Those of memories of up to four rows, each of them in all its fillings."""
    rules = compiled("gauss").rules
    found = dict(memory_patches(rules))
    met: dict[Patch, bool] = {}
    for rows, columns, pads in product((2, 3, 4), (2, 3), (1, 2, 3)):
        for full in range(rows):
            for signs in product((-1, 1), repeat=full * columns):
                values = np.zeros((rows, columns), dtype=int)
                values[:full] = np.reshape(signs, (full, columns))
                lattice = memory(rules, tuple(map(tuple, values.tolist())), pads)
                for number, patch in enumerate(patches_of(lattice, rules.border)):
                    row, column = divmod(number, columns + pads)
                    growing = row == full and column < columns
                    assert met.setdefault(patch, growing) == growing
    assert met == found


def test_rules_that_are_not_the_tables() -> None:
    build = compiled("increment")
    table, first = stop_at_edges(build.lowered), build.rules.rules[0]
    assert differences(table, build.rules) == ()
    other = Rule(first.name, first.guard, (*first.writes[:-1], Write("state", 0)), first.line)
    assert len(differences(table, replace(build.rules, rules=(other, *build.rules.rules[1:])))) == 2
    assert len(differences(table, replace(build.rules, rules=build.rules.rules[1:]))) == 1


@pytest.mark.parametrize("name", ["palindrome", "majority"])
def test_kinds_are_asked_about_however_late_they_are_found(name: str) -> None:
    growing = _GrowingRelation(compiled(name).rules)
    growing.run()
    for literals in {literals for action in growing.actions for _, literals in action.around}:
        admitted = [number for kind, number in growing.kinds.items() if _admits(kind, growing.signals, literals)]
        assert growing._admitted(literals) == sum(1 << number for number in admitted)


def test_invariants_that_do_not_hold() -> None:
    """A control that stays where it was while it arrives elsewhere is two controls."""
    rules = compiled("palindrome").rules
    without = replace(rules, rules=tuple(rule for rule in rules.rules if rule.name != "leave"))
    assert computing(rules).refuted(rules.invariants) == ()
    with pytest.raises(InternalError, match="two rules may both write"):
        computing(without)


def test_cells_that_are_not_legal() -> None:
    rules = compiled("palindrome").rules
    relation = computing(rules)
    claimed = reachable(rules)
    assert list(escapes(rules, relation, legal(rules, claimed, relation.signals))) == []
    carry = rules.index("carry1")
    less = tuple(
        replace(sort, values=(*sort.values[:carry], sort.values[carry] - {1}, *sort.values[carry + 1 :])) for sort in claimed.sorts
    )
    found = list(escapes(rules, relation, legal(rules, replace(claimed, sorts=less), relation.signals)))
    assert {escape.field for escape in found} == {"carry1"}
