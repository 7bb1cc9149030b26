"""What two checkouts make of the same machines, compared byte by byte: for changes that are to change nothing.

    python fuzz/same_bytes.py OLD NEW [--show TEXT]

OLD and NEW are checkouts (`git worktree add --detach /tmp/old COMMIT`); each makes its parser's tables and runs with this
Python's packages. The machines, the library, the cases of `tests/diagnostics` and the data set are OLD's, for both. Each
machine is checked, formatted, tested, simulated and shown at every stage, and for each target and scale compiled, verified and
run. Of each command the exit status, stdout, stderr (how long it took left out) and the file that it wrote are compared; of
files that differ, which tensors and which metadata. ``--show`` prints the differences of the commands that contain TEXT ("": of
all). The exit status is 1 if something differs. It takes about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

import numpy as np
from safetensors import safe_open

NETWORKS = (("wide", "integer"), ("scalar", "integer"), ("scalar", "paper"))
STAGES = ("syntax", "table", "rules", "cells")  # those that are the same for all targets
FORMATS = ("text", "json")
DATA = "data.npz"
TIME = re.compile(r"\b[0-9][0-9.,]* s\b|(?<=seconds\": )[0-9.e-]+")  # how long something took, in texts and in JSON
RUNNER = """
import contextlib, io, json, os, sys
from tmc.cli import main
for arguments in json.load(sys.stdin):
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        status = main(arguments)
    out, err = (stream.buffer.getvalue().decode() for stream in streams)
    print(json.dumps({"status": status, "stdout": out, "stderr": err}), flush=True)
"""


class Outcome(TypedDict):
    """What a command did."""

    status: int
    stdout: str
    stderr: str


def write_inputs(old: Path, folder: Path) -> None:
    """Write the machines and all cases of diagnostics of a checkout, and a data set, into a folder."""
    shutil.copytree(old / "machines", folder / "machines")
    texts = {case.stem: case.read_text(encoding="utf-8") for case in (old / "tests/diagnostics").glob("*.txt")}
    for name, text, _ in _cases(old / "tests/test_diagnostics.py"):
        texts[name] = f"--- m.tm\n{text}"
    for name, text in texts.items():
        (folder / "cases" / name).mkdir(parents=True)
        parts = re.split(r"^--- (.*)\n", text, flags=re.MULTILINE)
        for file, content in zip(parts[1::2], parts[2::2], strict=True):
            (folder / "cases" / name / file).write_text(content, encoding="utf-8")
    bits = np.random.default_rng(0).integers(0, 2, (8, 3))
    labels = bits[:, 0] ^ bits[:, 2]
    np.savez(folder / DATA, X_train=bits[:5], y_train=labels[:5], X_test=bits[5:], y_test=labels[5:])


def _cases(path: Path) -> Iterator[tuple[str, str, str]]:
    """The cases that stand in a file of tests as a list of literals named CASES."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CASES":
            yield from ast.literal_eval(node.value)


def commands(folder: Path) -> Iterator[list[str]]:
    """The commands that are run in the folder of inputs."""
    for case in sorted((folder / "cases").iterdir()):
        yield ["check", f"cases/{case.name}/m.tm"]
    for path in sorted((folder / "machines").rglob("*.tm")):
        yield from commands_of(str(path.relative_to(folder)), path.read_text(encoding="utf-8"))


def commands_of(machine: str, text: str) -> Iterator[list[str]]:
    """The commands that are run with a machine. Tests say which inputs are worth a run; a learner gets the data set."""
    yield from (["check", "--json", machine], ["fmt", "--check", machine])
    yield from (["test", "-j1", machine], ["test", "-j1", "--table-only", "--json", machine])
    yield from (["inspect", machine, "--format", form] for form in ("dot", "graphml"))
    yield from (["inspect", machine, "--stage", stage, "--format", form] for stage in STAGES for form in FORMATS)
    found = [] if "learner" in text or ": grid of" in text else re.findall(r"^ +data +(\S.*?) *$", text, flags=re.MULTILINE)
    inputs = [["--data", data] for data in dict.fromkeys(found[:3])] or [["--input", DATA]]
    for given in inputs:
        yield from (["simulate", machine, *given, *how] for how in (["--json"], ["--trace", "--last", "40"]))
    for target, scale in NETWORKS:
        network = ["--target", target, "--scale", scale]
        checkpoint = f"{Path(machine).stem}.{target}.{scale}.safetensors"
        yield ["compile", machine, *network, "-o", checkpoint]
        yield from (["inspect", machine, *network, "--stage", "filters", "--format", form] for form in FORMATS)
        yield from (["verify", checkpoint], ["report", machine, *network])
        yield from (["run", checkpoint, *given, "--json"] for given in inputs)


def outcomes(tree: Path, folder: Path, wanted: list[list[str]]) -> list[Outcome]:
    """What a checkout makes of these commands, which run in this folder."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "NO_COLOR": "1", "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-m", "tmc.syntax.from_lark"], cwd=tree, env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        cwd=folder,
        env=environment,
        input=json.dumps(wanted),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def parts_of(path: Path) -> dict[str, object]:
    """The parts of a checkpoint by name: tensors as their bytes, metadata a field at a time."""
    parts: dict[str, object] = {}
    with safe_open(path, framework="numpy") as file:
        for name in file.keys():  # noqa: SIM118 - no mapping
            array = file.get_tensor(name)
            parts[f"tensor {name}"] = (str(array.dtype), array.shape, array.tobytes())
        for key, value in (file.metadata() or {}).items():
            document = json.loads(value) if value.startswith("{") else {"": value}
            parts.update({f"metadata {key}.{field}": content for field, content in document.items()})
    return parts


def differences(old: Path, new: Path, arguments: list[str], before: Outcome, after: Outcome) -> list[str]:
    """How what a command did differs, a line each; empty where it does not."""
    found = [
        line
        for part in ("stdout", "stderr")
        for line in difflib.unified_diff(*(TIME.sub("… s", one[part]).splitlines() for one in (before, after)), lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]
    if before["status"] != after["status"]:
        found.append(f"exit status: {before['status']}, then {after['status']}")
    files = [tree / arguments[-1] for tree in (old, new)] if arguments[0] == "compile" else []
    if any(file.exists() for file in files) and not all(file.exists() for file in files):
        found.append("written by one of the two only")
    elif files and files[0].exists() and files[0].read_bytes() != files[1].read_bytes():
        one, two = (parts_of(file) for file in files)
        found.append(
            "bytes: " + (", ".join(sorted(key for key in one.keys() | two.keys() if one.get(key) != two.get(key))) or "order")
        )
    return found


def compare(old: Path, new: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Each command, and how what the two checkouts make of it differs."""
    places = [folder / "old", folder / "new"]
    for place in places:
        place.mkdir()
        write_inputs(old, place)
    wanted = list(commands(places[0]))
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(outcomes, (old, new), places, (wanted, wanted)))
    for arguments, before, after in zip(wanted, *both, strict=True):
        yield " ".join(arguments), differences(*places, arguments, before, after)


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(description="Compare what two checkouts make of the same machines.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--show", default="\0", metavar="TEXT", help="print how commands that contain this differ")
    options = parser.parse_args()
    compared, changed = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for command, found in compare(options.old.resolve(), options.new.resolve(), Path(folder)):
            compared[command.split()[0]] += 1
            changed[command.split()[0]] += bool(found)
            if options.show in command and found:
                print(f"== tmc {command}", *found, sep="\n")
    for name, number in compared.items():
        print(f"{name}: {number} compared, {number - changed[name]} equal, {changed[name]} differ")
    return 1 if changed.total() else 0


if __name__ == "__main__":
    raise SystemExit(main())
