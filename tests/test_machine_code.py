"""Where machine code comes from: never from what was compiled of something else, whatever was changed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, ignore_patterns
from types import FunctionType
from typing import Any, NamedTuple, cast

import numpy as np
import pytest

from conftest import ROOT, compiled
from tmc.diagnostics import InternalError, Rejected
from tmc.native import machine_code, tables
from tmc.native.machine_code import SAYING, TOGETHER, TRIED, _folders, object_files
from tmc.native.object_file import CHECKED
from tmc.native.written import Kernel, digest, group_of
from tmc.net.checkpoint.reading import from_build, save
from tmc.run import many_kernels

COUNT = """
import sys
from tmc.ir.tape import Grid
from tmc.run.many import DrawnMachines, lay, right_answers
from tmc.run.shapes import MachineShape
shape = MachineShape("grid", 3, 3)
inputs = lay(shape, [Grid(((1, 2, 1), (2, 1, 1)))] * 3, 20)
print(sum(right_answers(DrawnMachines(shape, 1, 1000), inputs, ("accept", "reject", "timeout"))), "numba" in sys.modules)
"""


def checkout(folder: Path) -> Path:
    """The package copied into a folder, without anything compiled."""
    copytree(ROOT / "tmc", folder / "tmc", ignore=ignore_patterns("__pycache__"))
    return folder


def python(path: Path, code: str, home: Path, **more: str) -> str:
    """What a program prints that finds tmc at a path."""
    environment = {**os.environ, "PYTHONPATH": str(path), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", **more}
    environment.pop("NUMBA_CACHE_DIR", None)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, cwd=home)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.strip()


def object_files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("many_kernels-*.o"))


def test_constants_of_another_module(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    before = python(folder, COUNT, tmp_path)
    (kept,) = object_files_in(folder / "tmc" / "native" / "__pycache__")
    assert python(folder, COUNT, tmp_path) == before
    shapes = folder / "tmc" / "run" / "shapes.py"
    text = shapes.read_text(encoding="utf-8")
    changed = text.replace("MOVE_BIT, WORK_MOVE_BIT, NEXT_BIT = 8, 14, 16", "MOVE_BIT, WORK_MOVE_BIT, NEXT_BIT = 9, 15, 17")
    assert changed != text
    shapes.write_text(changed, encoding="utf-8")
    assert python(folder, COUNT, tmp_path) == before
    assert len(object_files_in(folder)) == 2
    kept.write_bytes(kept.read_bytes()[:-1])  # damaged, and now again what is needed
    shapes.write_text(text, encoding="utf-8")
    assert python(folder, COUNT, tmp_path) == before
    assert len(object_files_in(folder)) == 2


def test_a_zip_file_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder, home = checkout(tmp_path / "unpacked"), tmp_path / "home"
    home.mkdir()
    with zipfile.ZipFile(tmp_path / "tmc.zip", "w") as packed:
        for path in folder.rglob("*"):
            packed.write(path, path.relative_to(folder))
    (folder / "tmc" / "native" / "__pycache__").touch()  # no folder: nothing can be kept there, not even by root
    found = python(tmp_path / "tmc.zip", COUNT, home, XDG_CACHE_HOME="")
    (kept,) = object_files_in(home)
    assert kept.parent == home / ".cache" / "tmc"
    assert python(folder, COUNT, home, XDG_CACHE_HOME="") == found
    assert object_files_in(home) == [kept]  # the same code, so the same file


def test_numba_is_not_loaded_for_what_is_there() -> None:
    assert python(ROOT, COUNT, ROOT).split()[1] == "False"


def test_everything_that_is_compiled_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[tuple[Any, str, Any]] = [
        (many_kernels, "_NEXT", np.uint32(17)),
        (many_kernels, "_FACTOR", np.uint64(3)),
        (many_kernels, "LIMIT", 5),
    ]
    group = group_of("tmc.run.many_kernels")
    found = {digest(group)}
    for where, name, value in changes:
        monkeypatch.setattr(where, name, value)
        found.add(digest(group))
    assert len(found) == 1 + len(changes)
    monkeypatch.undo()
    assert digest(group) in found


class Ordered(NamedTuple):
    one: tables.Ints
    other: tables.Ints


class Swapped(NamedTuple):
    other: tables.Ints
    one: tables.Ints


def test_the_order_of_names_in_a_tuple_counts() -> None:
    """Machine code finds arrays by their order."""

    def first(arrays: Ordered) -> int:
        return int(arrays.one[0])

    kernel = Kernel(cast("FunctionType", first), [])
    before = digest([kernel])
    kernel.hints["arrays"] = Swapped
    assert kernel.kinds == ("l1", "l1")
    assert digest([kernel]) != before


@pytest.mark.parametrize("printing", ["print('hello', flush=True); {}", "{}; print('hello')"])
def test_what_else_the_compiler_prints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, printing: str) -> None:
    """As a `sitecustomize` does: it is no machine code."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "one"))
    (expected,) = object_files(("tmc.native.tables",))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "other"))
    monkeypatch.setattr(machine_code, "COMPILE", printing.replace("{}", machine_code.COMPILE))
    (found,) = object_files(("tmc.native.tables",))
    assert found == expected


def test_a_pipe_in_the_cache_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (code,) = object_files(("tmc.native.tables",))
    (path,) = (tmp_path / "tmc").iterdir()
    path.unlink()
    os.mkfifo(path)
    assert object_files(("tmc.native.tables",)) == [code]


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user has no entry among the users: nothing can be kept but beside the sources."""

    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", none)
    assert _folders() == [Path(machine_code.__file__).parent / "__pycache__"]


def test_what_was_changed_after_it_was_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (before,) = object_files(("tmc.native.tables",))
    monkeypatch.setattr(tables, "MULTIPLIER", 5)
    (after,) = object_files(("tmc.native.tables",))
    assert before != after
    assert len(list(tmp_path.rglob("tables-*.o"))) == 2
    monkeypatch.undo()


def test_a_numba_without_the_parts_that_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from numba.core.codegen import CPUCodeLibrary

    def none(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", none)
    monkeypatch.delattr(CPUCodeLibrary, "_optimize_final_module")
    with pytest.raises(Rejected) as refused:
        object_files(("tmc.run.many_kernels",))
    assert str(refused.value) == (
        "tmc cannot compile machine code with this numba (there is no _optimize_final_module): pip install 'numba>=0.61,<0.69'"
    )
    assert not object_files_in(tmp_path)


def test_a_numba_of_another_make_on_the_command_line(tmp_path: Path) -> None:
    where = tmp_path / "numba" / "__init__.py"
    where.parent.mkdir()
    where.write_text('__version__ = "9.0"\n', encoding="utf-8")
    save(from_build(compiled("increment")), tmp_path / "increment.rcnn")
    command = [sys.executable, "-m", "tmc", "run", "increment.rcnn", "--data", "1011"]
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    environment = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"error: tmc cannot compile machine code with this numba (cannot import name 'types' from 'numba' ({where})): "
        "pip install 'numba>=0.61,<0.69'\n"
    )


def test_a_terminal_is_told_what_is_waited_for(tmp_path: Path) -> None:
    """And nobody else: see the tests above, in which nothing is said."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", "from tmc.native.machine_code import object_files as o; o(('tmc.run.many_kernels',))"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)}
    said = []
    for _ in range(2):
        subprocess.run(command, stderr=theirs, check=True, env=environment)
        os.write(theirs, b"end")
        said.append(b"")
        while not said[-1].endswith(b"end"):
            said[-1] += os.read(ours, 4096)
    os.close(ours)
    os.close(theirs)
    lines = [line for line in said[0].removesuffix(b"end").decode().split("\r") if line.strip()]
    assert lines == [SAYING.format(second) for second in range(len(lines))]
    assert lines
    assert said[1] == b"end"


def test_the_versions_of_numba_are_those_that_are_installed_with_tmc() -> None:
    assert TRIED in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


def test_no_more_than_a_few_files_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "tmc").mkdir()
    others = [tmp_path / "tmc" / f"tables-{number:032}.o" for number in range(9)]
    for age, path in enumerate(others):
        path.write_bytes(b"")
        os.utime(path, (age, age))
    (code,) = object_files(("tmc.native.tables",))
    (made,) = (path for path in (tmp_path / "tmc").iterdir() if path not in others)
    assert made.read_bytes()[CHECKED:] == code
    assert sorted((tmp_path / "tmc").iterdir()) == sorted([made, *others[-3:]])


def test_every_module_with_kernels_is_known() -> None:
    paths = [path for path in (ROOT / "tmc").rglob("*.py") if "\n@kernel\n" in path.read_text(encoding="utf-8")]
    with_kernels = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    assert with_kernels == {module for modules in TOGETHER for module in modules}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda: (np.zeros(4, np.int32), 1), "draw takes I1 L1 I1 I1 q, not i1 q"),
        (lambda: (np.zeros((4, 4), np.uint32)[:, 1],), "a kernel's arrays lie in memory row by row"),
        (lambda: (np.zeros(4, ">u4"),), "a kernel's arrays lie in memory row by row"),
    ],
)
def test_other_arguments_are_refused(arguments: Callable[[], tuple[Any, ...]], message: str) -> None:
    kernel: Any = many_kernels.draw
    with pytest.raises(InternalError, match=message):
        kernel(*arguments())


def test_only_kernels_are_called_from_python() -> None:
    with pytest.raises(TypeError, match="only kernels call slot_of"):
        tables.slot_of(np.zeros(4, np.int64), 1)
