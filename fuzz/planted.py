"""Faults planted in a copy of the checkout, one at a time, and the tests that must catch each of them.

    python fuzz/planted.py [--only TEXT] [--all-tests]

A fault is a text that stands in exactly one file of `tmc/`, wherever that file is, and what is put in its place. For each the named
tests are run until one fails; with ``--all-tests`` every test but the soak tests. The exit status is 1 if a fault is not caught.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Fault:
    """`old` becomes `new`; `tests` of the folder `tests` are to catch it."""

    what: str
    old: str
    new: str
    tests: str


FAULTS = (
    Fault(
        "source: lines are counted one short",
        "return line, offset - self._starts[line - 1] + 1",
        "return line, offset - self._starts[line - 1]",
        "diagnostics",
    ),
    Fault("files: written in place", "temporary.replace(target)", "target.write_bytes(content)", "kills"),
    Fault("files: not synced before the rename", "            os.fsync(file.fileno())\n", "", "kills"),
    Fault("files: the temporary file stays", "        temporary.unlink(missing_ok=True)\n        raise", "        raise", "files"),
    Fault(
        "syntax: the formatter loses comments",
        "        if not line.code:\n            waiting.append(line)\n            continue",
        "        if not line.code:\n            continue",
        "formatter",
    ),
    Fault(
        "ir: blanks are not trimmed",
        "for position, symbol in cells.items() if symbol != BLANK]",
        "for position, symbol in cells.items()]",
        "simulator table",
    ),
    Fault(
        "ir: the right edge one column early",
        "column == len(self.rows[0]) - 1)",
        "column >= len(self.rows[0]) - 2)",
        "simulator table learners",
    ),
    Fault(
        "ir: polynomials forget a term", "total[product] = total.get(product, 0) + a * b", "total[product] = a * b", "polynomial"
    ),
    Fault(
        "ir: overlapping guards pass",
        "            if overlap(guard, other.guard):",
        "            if guard is other.guard:",
        "table",
    ),
    Fault(
        "ir: lattices forget diagonal neighbours",
        "            for up, left in OFFSETS\n",
        "            for up, left in OFFSETS\n            if not (up and left)\n",
        "lattice lockstep",
    ),
    Fault(
        "ir: lookups leave out a test of a guard",
        "for where, which, values in rest:",
        "for where, which, values in rest[1:]:",
        "lattice lockstep",
    ),
    Fault(
        "garbage: searched for while a command is loaded",
        "    gc.set_threshold(RARELY, *older)\n",
        "    del older\n",
        "cli_compile",
    ),
    Fault(
        "frozen: inherited methods are replaced",
        "    if cls.__repr__ is object.__repr__:\n",
        "    if '__repr__' not in cls.__dict__:\n",
        "frozen reprs",
    ),
    Fault(
        "elaborate: readings without a rule are not told",
        "for guard in uncovered if not _impossible(guard)]",
        "for guard in uncovered if _impossible(guard)]",
        "diagnostics",
    ),
    Fault("elaborate: rules that never apply are not told", "position)) is False:", "position)) is None:", "diagnostics"),
    Fault(
        "elaborate: the first match takes too much",
        "return tuple(sorted(symbol for number in numbers for symbol in classes[number]))",
        "return tuple(sorted(symbol for number in numbers for symbol in classes[number][:1]))",
        "disjoint",
    ),
    Fault(
        "optimise: states that differ are merged",
        "key = (change, target if target < 0 else self.classes[target])",
        "key = (0, target if target < 0 else self.classes[target])",
        "merge_states optimise",
    ),
    Fault("automaton: decoding forgets a sign", '(*flip, Write("symbol", PLUS))', '(*flip, Write("symbol", MINUS))', "lemma_1"),
    Fault(
        "automaton: half a pack from the wrong side",
        'Copy(far, WEST, "carry1"), Copy(near, EAST, near)',
        'Copy(far, WEST, "carry1"), Copy(near, EAST, far)',
        "lockstep",
    ),
    Fault(
        "automaton: the state stays behind",
        '(Write("control", NONE), Write("state", NONE))\n    if signals.slides',
        '(Write("control", NONE),)\n    if signals.slides',
        "lockstep certificate",
    ),
    Fault(
        "automaton: a step follows a slide too soon",
        "    if Move.LEFT not in (move, push):\n",
        "    if move or push:\n",
        "conflicts signals lockstep",
    ),
    Fault(
        "automaton: derivatives pass in every empty row", "    return (first, after_a_full_row)", "    return (empty,)", "lemma_1"
    ),
    Fault(
        "targets: the slope of the head",
        "((-2, -1), (-1, 2), (1, -2), (2, 1))",
        "((-2, -1), (-1, 2), (1, -2), (2, 2))",
        "scalar_lemma_1 scalar certificate",
    ),
    Fault(
        "targets: the threshold of the verdict",
        "threshold = (reach // width + 1) * width",
        "threshold = (reach // width) * width",
        "scalar scalar_lemma_1 certificate",
    ),
    Fault(
        "targets: a test answers for another",
        "return covers and test.codes & literal.among == literal.codes & test.among",
        "return covers",
        "scalar certificate lockstep",
    ),
    Fault(
        "decompile: a pattern loses a symbol",
        '"|".join(_symbol(tape.symbols[symbol]) for symbol in symbols)',
        '"|".join(_symbol(tape.symbols[symbol]) for symbol in symbols[1:])',
        "table_to_text",
    ),
    Fault(
        "run: the simulator counts a step less",
        "self.steps + budget - left",
        "self.steps + budget - left - (budget == left + 3)",
        "simulator",
    ),
    Fault(
        "run: the head's lowest place is not kept",
        "            if spot < low:\n                low = spot",
        "            if spot < low:\n                low = low",
        "simulator",
    ),
    Fault(
        "run: entries of packed tables overlap",
        "MOVE_BIT, WORK_MOVE_BIT, NEXT_BIT = 8, 14, 16",
        "MOVE_BIT, WORK_MOVE_BIT, NEXT_BIT = 8, 11, 16",
        "many enumeration",
    ),
    Fault("net: the digest leaves out names", "json.dumps([name, kind, shape])", "json.dumps([kind, shape])", "checkpoint"),
    Fault(
        "net: changed files are taken",
        "if as_written and (found := checkpoint.digest) != written:",
        "if as_written and (found := checkpoint.digest) == '':",
        "checkpoint",
    ),
    Fault(
        "net: a checkpoint of another format is taken", "    if found != FORMAT:\n", "    if found > FORMAT + 9:\n", "checkpoint"
    ),
    Fault(
        "net: a pad too few",
        "promised, cells + 1, bounded=",
        "promised, cells, bounded=",
        "net lemma_1 learners",
    ),
    Fault("learn: one stream for all uses", "SeedSequence((seed, number, use))", "SeedSequence((seed, number))", "tasks search"),
    Fault(
        "learn: the gap is half of what it is",
        "return 2 * deviation(candidates, n, delta)",
        "return deviation(candidates, n, delta)",
        "guarantees",
    ),
    Fault("learn: a table is counted twice", "known = known + fresh", "known = known + 0 * fresh", "enumeration"),
    Fault(
        "verify: kinds found later are not asked about",
        "for number, kind in enumerate(tuple(self.kinds)[count:], count):",
        "for number, kind in enumerate(tuple(self.kinds)[count + 1 :], count + 1):",
        "certificate",
    ),
    Fault(
        "scalar: what stands below a group is not kept",
        "not below.isdisjoint(sorts),",
        "below.isdisjoint(sorts),",
        "scalar certificate",
    ),
    Fault(
        "verify: a case is left out",
        "        if not terms or EVERYWHERE in impossible:",
        "        if len(terms) < 3 or EVERYWHERE in impossible:",
        "boxes weights_to_rules certificate",
    ),
    Fault(
        "verify: boxes meet in too much",
        "both[variable] = both.get(variable, values) & values",
        "both[variable] = both.get(variable, values) | values",
        "boxes weights_to_rules certificate",
    ),
    Fault("view: signs are lost", "f\"{'-' if weight < 0 else '+'} {factor}{name}\"", 'f"+ {factor}{name}"', "view"),
    Fault(
        "editor: renaming forgets other names",
        "if name in _neighbours(referent, reading.program.machine):",
        "if name in ():",
        "editor_rename",
    ),
    Fault(
        "an import that runs upwards",
        '''"""The symbol at a position."""\n''',
        '''"""The symbol at a position."""\n        import tmc.pipeline  # noqa: F401\n''',
        "layers",
    ),
    Fault("page: texts may end their script", '{"<": "\\\\u003c", ', "{", "page_safe"),
    Fault("page: a checkpoint's weights are not looked at", "    _check_weights(subject.network, stages)\n", "", "cli_view"),
    Fault("page: an edge stops no head", "(this.byRows || (column >= 0 && column < this.columns))", "true", "page_lockstep"),
    Fault(
        "page: a change is not seen", "[...new Set([...read, ...copiedFrom(rules, place)])]", "[...new Set(read)]", "page_lockstep"
    ),
    Fault("page: a line does not grow", "index % width === last ? RIGHT", "index % width === width ? RIGHT", "page_lockstep"),
    Fault(
        "page: a replay begins too late",
        "(this.moments[middle] <= moment)",
        "(this.moments[middle] <= moment + 1)",
        "page_lockstep",
    ),
    Fault("page: a trit's sign is wrong", "const TRITS = [0, -1, 1]", "const TRITS = [0, 1, -1]", "page"),
    Fault(
        "page: bins show their first step",
        "if (step + 1 < ends[row + 1]) return;",
        "if (step > ends[row]) return;",
        "page_lockstep",
    ),
    Fault("page: jumps back stand still", "this.stepOfLayer(layer - 1)", "this.stepOfLayer(layer)", "page_lockstep"),
)


def copied(folder: Path) -> Path:
    """A copy of the checkout: what git knows of, and the parser's tables."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in (*listed, "grammars/tmc.tables"):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def place_of(fault: Fault, copy: Path) -> Path:
    """The file in which a fault is to be planted. ValueError where its text does not stand exactly once."""
    texts = (path for path in sorted((copy / "tmc").rglob("*")) if path.suffix in (".py", ".js"))
    found = [path for path in texts if fault.old in path.read_text(encoding="utf-8")]
    if len(found) != 1 or found[0].read_text(encoding="utf-8").count(fault.old) != 1:
        raise ValueError(f"{fault.what}: its text stands in {len(found)} files; write the fault anew")
    return found[0]


def caught(fault: Fault, copy: Path, everything: bool) -> str:
    """The first test that fails; "" when none does."""
    path = place_of(fault, copy)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    named = [] if everything else [f"tests/test_{name}.py" for name in fault.tests.split()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not soak", *named]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    finally:
        path.write_text(text, encoding="utf-8")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode == 0:
        return ""
    return failed[0].split(" - ")[0] if failed else f"pytest itself: exit status {done.returncode}"


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(description="Plant faults and see that the tests catch them.")
    parser.add_argument("--only", default="", help="only faults whose description contains this")
    parser.add_argument("--all-tests", action="store_true", help="run all tests, not only those that are named with a fault")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if options.only in fault.what]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for fault in faults:
            place_of(fault, copy)
        for fault in faults:
            began = perf_counter()
            by = caught(fault, copy, options.all_tests)
            missed += not by
            print(f"{fault.what}: {by or 'NOT CAUGHT'} ({perf_counter() - began:.0f} s)", flush=True)
    print(f"{len(faults) - missed} of {len(faults)} faults caught")
    return 1 if missed or not faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
