"""Changes of checkpoints, and whether `tmc verify` notices: `python fuzz/verifier.py --changes 1000 --seed 0`.

A change of weights and biases - one of them, or several that make up for each other, see `fuzz/disguises.py` - is put before the
proofs that rest on weights. Whatever they let pass is shown to be harmless: the changed network is right in every legal patch there
is, one by one, in the dense and in the sparse engine, and with its units in another order, that is with its sums in another order.
That takes machines on a line without a work tape, whose patches can be listed. A change of the metadata is put before the whole
certificate; what it lets pass must be what was there before.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from disguises import disguised

from tmc.automaton.reachable import reachable
from tmc.diagnostics import Rejected
from tmc.files import read_text
from tmc.ir.lattice import HERE, Cell
from tmc.ir.rules import Invariant, Rules, local
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.net.engines import Dense, Sparse
from tmc.net.engines import patches_of as patches_known
from tmc.net.network import Network
from tmc.pipeline import Build, compile_machine
from tmc.verify.certificate import certify
from tmc.verify.head_and_memory import answers
from tmc.verify.legal_cells import Legal, legal
from tmc.verify.neighbours import computing
from tmc.verify.proofs import PROOFS, every
from tmc.verify.sums import rounded
from tmc.verify.unit_terms import Apart
from tmc.verify.weights_to_rules import prove

MACHINES = ("busy_beaver_2", "increment", "divisible_by_3", "busy_beaver_3")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Subject:
    """A compiled machine and all its legal patches: triples of cells side by side, and what the network must make of the middle
    ones. All that stands in one long row."""

    build: Build
    checkpoint: Checkpoint
    legal: Legal
    row: np.ndarray
    expected: np.ndarray
    cells: np.ndarray
    verdicts: np.ndarray


@cache
def subject(name: str, target: str) -> Subject:
    """Compile a machine and list its patches."""
    build = compile_machine(read_text(ROOT / "machines" / f"{name}.tm"), target=target)
    rules, relation = build.rules, computing(build.rules)
    found = legal(rules, reachable(rules), relation.signals)
    cells = sorted({rules.border, *every(found)})
    step, row, expected, invariants = local(rules), [], [], reachable(rules).invariants
    for west, here, east in product(cells, repeat=3):
        patch = [rules.border] * 9
        patch[HERE - 1 : HERE + 2] = [west, here, east]
        if _is_legal(rules, invariants, patch):
            row += [build.encode(cell) for cell in (west, here, east)]
            expected.append(build.encode(step(tuple(patch))))
    numbers = np.array([build.encode(cell) for cell in cells], dtype=float)
    verdicts = np.array([(0, -1, 1)[cell[rules.index("answer")]] for cell in cells], dtype=float)
    return Subject(
        build, from_build(build), found, np.array(row, dtype=float)[None], np.array(expected, dtype=float), numbers, verdicts
    )


def _is_legal(rules: Rules, invariants: tuple[Invariant, ...], patch: list[Cell]) -> bool:
    def holds(guard: Any) -> bool:
        return all(patch[literal.place][rules.index(literal.field)] in literal.values for literal in guard)

    return all(sum(map(holds, invariant.members)) <= 1 for invariant in invariants)


def is_right(found: Subject, checkpoint: Checkpoint, rng: np.random.Generator) -> bool:
    """Whether a network is right in every legal patch, and its head on every legal cell, in any engine."""
    network, shuffled = Network(checkpoint), Network(in_other_order(checkpoint, rng))
    lattice = torch.from_numpy(found.row).permute(2, 0, 1)[None].to(network.dtype)
    running: list[Any] = [Dense(network, lattice), Dense(shuffled, lattice), Sparse(network, lattice, patches_known(network))]
    for engine in running:
        engine.advance(1, 0)
        if not np.array_equal(engine.lattice()[0, :, 0, 1::3].T.double().numpy(), found.expected):
            return False
    cells = torch.from_numpy(found.cells).T[None, :, None].to(network.dtype)
    with torch.no_grad():
        return all(np.array_equal(each.head(cells)[0, 0, 0].double().numpy(), found.verdicts) for each in (network, shuffled))


def in_other_order(checkpoint: Checkpoint, rng: np.random.Generator) -> Checkpoint:
    """The same network with its hidden units in another order."""
    tensors = dict(checkpoint.tensors)
    for group in ("recurrent", "head"):
        names = checkpoint.target.modules[group]
        for this, following in pairwise(names):
            order = rng.permutation(len(tensors[f"{this}.bias"]))
            mine, theirs = (checkpoint.target.weight_name(name) for name in (this, following))
            tensors[mine], tensors[f"{this}.bias"] = tensors[mine][order], tensors[f"{this}.bias"][order]
            tensors[theirs] = np.ascontiguousarray(tensors[theirs][:, order])
    return replace(checkpoint, tensors=tensors)


def changed_weights(checkpoint: Checkpoint, rng: np.random.Generator) -> tuple[str, Checkpoint]:
    """One weight or bias is another."""
    names = sorted(checkpoint.tensors)
    name = names[rng.integers(len(names))]
    tensor = checkpoint.tensors[name].copy()
    flat = tensor.reshape(-1)
    used = np.flatnonzero(flat) if rng.random() < 0.6 and tensor.any() else np.arange(flat.size)
    at, other = rng.choice(used), rng.integers(flat.size)
    kind = str(rng.choice(["add", "negate", "zero", "double", "nudge", "swap"]))
    before = flat.copy()
    if kind == "swap":
        flat[[at, other]] = flat[[other, at]]
    else:
        value = flat[at]
        flat[at] = {
            "add": value + rng.choice([-4, -1, 1, 2]), "negate": -value, "zero": 0, "double": 2 * value,
            "nudge": value + rng.choice([-1, 1]) * 2.0 ** -int(rng.integers(1, 12)),
        }[kind]  # fmt: skip
    if np.array_equal(before, flat):
        return changed_weights(checkpoint, rng)
    return kind, replace(checkpoint, tensors={**checkpoint.tensors, name: tensor})


def is_noticed(found: Subject, checkpoint: Checkpoint) -> bool:
    """Whether the proofs that rest on weights fail."""
    build = found.build
    looked_at = iter(sorted(set(every(found.legal))))
    try:
        patches = PROOFS[build.target.name].patches(checkpoint, build, reachable(build.rules), found.legal)
        if rounded(checkpoint, Apart(checkpoint), patches.occurring)[1] is not None or prove(checkpoint, patches).faults:
            return True
    except Rejected:
        return True
    return bool(answers(checkpoint, build.rules, lambda cell: tuple(map(float, build.encode(cell))), looked_at).faults)


def changed_metadata(checkpoint: Checkpoint, rng: np.random.Generator) -> tuple[str, Checkpoint]:
    """One number or name of the metadata is another."""
    about = json.loads(json.dumps(checkpoint.about))
    places: list[tuple[Any, Any, str]] = []

    def walk(node: Any, path: str) -> None:
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            places.append((node, key, f"{path}.{key}"))
            walk(value, f"{path}.{key}")

    walk(about, "")
    leaves = [place for place in places if not isinstance(place[0][place[1]], (dict, list))]
    node, key, path = leaves[rng.integers(len(leaves))]
    value = node[key]
    node[key] = (
        not value if isinstance(value, bool) else value + 1 if isinstance(value, (int, float))
        else "x" if value is None else str(value)[:-1] + ("a" if str(value)[-1:] != "a" else "b")
    )  # fmt: skip
    return path.split(".")[1], replace(checkpoint, about=about)


def main() -> int:
    """Change, ask, count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=1000, help="of weights; of metadata a fifth of these come on top")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng, began, counts, missed = np.random.default_rng(given.seed), time.perf_counter(), Counter(), []
    by_kind: defaultdict[str, Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for number in range(given.changes):
        found = subject(MACHINES[number % len(MACHINES)], ("wide", "scalar")[number // len(MACHINES) % 2])
        kind, changed = (disguised if rng.random() < 0.6 else changed_weights)(found.checkpoint, rng)
        noticed, right = is_noticed(found, changed), is_right(found, changed, rng)
        by_kind[kind][noticed, right] += 1
        counts["caught" if noticed and not right else "caught, though no legal patch differs" if noticed else "harmless"] += 1
        if not noticed and not right:
            missed.append((number, kind))
    for number in range(given.changes // 5):
        found = subject(MACHINES[number % len(MACHINES)], ("wide", "scalar")[number // len(MACHINES) % 2])
        part, changed = changed_metadata(copy.copy(found.checkpoint), rng)
        try:
            holds = certify(changed).holds
        except (Rejected, ValueError, KeyError, TypeError, IndexError):
            holds = False
        counts["metadata caught" if not holds else f"metadata harmless: {part}"] += 1
    print(f"{given.changes} changes of weights, {given.changes // 5} of metadata, {time.perf_counter() - began:.0f} s")
    for name, count in sorted(counts.items()):
        print(f"  {count:6}  {name}")
    for kind, cases in sorted(by_kind.items()):
        refused, wrong = cases[True, True] + cases[True, False], cases[True, False] + cases[False, False]
        print(f"  {kind:10} {cases.total():6} changes, {wrong:6} wrong in an engine, {refused:6} refused")
    print(f"  {len(missed):6}  missed {missed[:5]}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
