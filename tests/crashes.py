"""A command that dies at every moment at which its files change, one after the other: run as a program of its own, since it forks.

    python tests/crashes.py FOLDER TARGET BEFORE COMMAND…

It runs the command once undisturbed, then again and again, each time in a process of its own that ends without a word at the next
crash point, as SIGKILL would end it: before and after every opening, half write, whole write, sync, rename and removal of a file.
After each crash it runs the command to its end. It prints a JSON document: what was seen after every crash, and after every run
that went on.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

DIED = 137


class Crash:
    """Ends the process at crash point number `at`, counted from 0; None: never. `passed` says how many points went by."""

    def __init__(self, at: int | None) -> None:
        self.at, self.passed = at, 0

    def point(self) -> None:
        """A moment at which the process may die."""
        if self.passed == self.at:
            os._exit(DIED)
        self.passed += 1

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function with a crash point before it and one after it."""

        def crashing(*arguments: Any, **named: Any) -> Any:
            self.point()
            result = function(*arguments, **named)
            self.point()
            return result

        return crashing

    def opening(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`Path.open`, whose files for writing have crash points: also with half of what is written on the disk."""

        def opened(path: Path, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if not set(mode) & set("wxa+"):
                return function(path, mode, *arguments, **named)
            self.point()
            file = function(path, mode, *arguments, **named)
            self.point()
            write = file.write

            def halves(content: Any) -> int:
                half = len(content) // 2
                write(content[:half])
                file.flush()
                self.point()
                write(content[half:])
                file.flush()
                self.point()
                return len(content)

            file.write = halves
            return file

        return opened

    def arm(self) -> None:
        """From now on."""
        Path.open = self.opening(Path.open)  # type: ignore[method-assign]
        Path.replace = self.around(Path.replace)  # type: ignore[method-assign]
        Path.unlink = self.around(Path.unlink)  # type: ignore[method-assign]
        os.fsync = self.around(os.fsync)


def run(command: list[str], at: int | None) -> dict[str, Any]:
    """Run the command in a process of its own; what became of it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        said = io.StringIO()
        crash = Crash(at)
        crash.arm()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            status = main(command)
        os.write(write, json.dumps({"points": crash.passed, "said": said.getvalue()[-10_000:]}).encode())
        os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"status": status, "points": None, "said": "", **(json.loads(told) if told else {})}


def main(command: list[str]) -> int:
    """`tmc`, which keeps what is learnt after every example."""
    from tmc.cli import main as tmc
    from tmc.cli import run_progress

    run_progress.INTERVAL, run_progress.SHARE = 0.0, 1e9
    return tmc(command)


def seen(folder: Path, target: Path) -> dict[str, Any]:
    """What stands in the folder."""
    content = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    return {
        "target": content.get(target.name),
        "given": {name: digest for name, digest in content.items() if name.startswith("given")},
        "part": [name for name in content if name.endswith(".part")],
        "temporary": [name for name in content if name.startswith(".tmc-")],
    }


def forget(folder: Path, target: Path, before: str) -> None:
    """The folder as it was; the target absent for the `before` "absent"."""
    for path in (*folder.glob("*.part"), *folder.glob(".tmc-*.tmp")):
        path.unlink()
    target.unlink(missing_ok=True)
    if before != "absent":
        target.write_text(before, encoding="utf-8")


def crash_everywhere(folder: Path, target: Path, before: str, command: list[str]) -> dict[str, Any]:
    """See above."""
    forget(folder, target, before)
    at_first = seen(folder, target)
    whole = run(command, None)
    found: dict[str, Any] = {"undisturbed": whole, "before": at_first, "whole": seen(folder, target), "crashes": []}
    for at in range(whole["points"] or 0):
        forget(folder, target, before)
        died = run(command, at)
        crashed = seen(folder, target)
        for path in folder.glob(".tmc-*.tmp"):
            os.utime(path, (0, 0))  # as if a minute had gone by: the next one who writes here removes it
        then = run(command, None)
        found["crashes"].append({"died": died["status"], "seen": crashed, "then": then, "after": seen(folder, target)})
    return found


def load() -> None:
    """What every run imports, once."""
    import importlib

    for name in ("compile", "data", "run", "run_learner", "run_progress"):
        importlib.import_module(f"tmc.cli.{name}")
    for name in ("tmc.net.rcnn", "tmc.learn.data.datasets", "tmc.pipeline", "tmc.targets.scalar.rules_to_scalar"):
        importlib.import_module(name)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    place, name, before, *command = sys.argv[1:]
    os.chdir(place)
    load()
    sys.stdout.write(json.dumps(crash_everywhere(Path.cwd(), Path.cwd() / name, before, command)))
