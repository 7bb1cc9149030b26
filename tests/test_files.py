from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from conftest import ROOT, compiled
from tmc.diagnostics import InternalError, Rejected
from tmc.files import check_writable, read_text, shipped, write_atomically
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build, save


def refusal(path: Path | str, content: bytes | None = None, **options: int) -> str:
    if content is not None:
        Path(path).write_bytes(content)
    with pytest.raises(Rejected) as caught:
        read_text(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


def write_refusal(path: Path | str) -> str:
    with pytest.raises(Rejected) as caught:
        write_atomically(path, b"new")
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


def test_reads_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.tm"
    path.write_bytes("\ufeffmachine é\r\nx".encode())
    source = read_text(path)
    assert (source.name, source.text) == (str(path), "machine é\r\nx")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_a_text_of_two_or_four_bytes_a_character(tmp_path: Path, encoding: str) -> None:
    name = encoding[:6].upper()
    assert refusal(tmp_path / "a.tm", "machine m\n".encode(encoding)) == f"FILE is a text in {name}; save it as UTF-8"
    assert refusal(tmp_path / "b.tm", "\ufeffmachine m\n".encode(encoding)) == f"FILE is a text in {name}; save it as UTF-8"


def test_reads_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.tm"
    path.write_bytes(b"x" * 1000)
    assert len(read_text(path, limit=1000).text) == 1000
    assert refusal(path, limit=999) == "FILE is larger than 0.000999 MB, the most that is read"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tm"
    with path.open("wb") as file:
        file.truncate(1 << 36)  # 64 GB of holes
    assert refusal(path) == "FILE is larger than 10 MB, the most that is read"


def test_an_endless_device_is_not_read() -> None:
    assert refusal("/dev/zero") == "FILE is larger than 10 MB, the most that is read"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "FILE is empty"),
        (b"ab\nc\0d", "FILE is not a text: there is a zero byte at byte 4 (line 2)"),
        (b"ab\n\ncaf\xe9\n", "FILE is not UTF-8: 0xe9 at byte 7 (line 3); save it as UTF-8"),
    ],
)
def test_unusable_contents(tmp_path: Path, content: bytes, message: str) -> None:
    assert refusal(tmp_path / "a.tm", content) == message


def test_missing_and_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.tm") == "cannot read FILE: it does not exist"
    assert refusal(tmp_path) == "cannot read FILE: it is a folder"
    (tmp_path / "file").write_text("x")
    assert refusal(tmp_path / "file" / "a.tm") == "cannot read FILE: a part of its path is not a folder"
    assert refusal(tmp_path / ("n" * 300)) == "cannot read FILE: its name is too long"
    assert refusal("a\0b") == "cannot read FILE: embedded null byte"


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.tm"
    path.write_text("x")

    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusal(path) == "cannot read FILE: permission denied"


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write_atomically(path, b"one")
    os.chmod(path, 0o640)  # noqa: PTH101
    write_atomically(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write_atomically(tmp_path / "out", b"")
    (tmp_path / "usual").touch()
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_unwritable_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_refusal(tmp_path) == "cannot write FILE: it is a folder; name a file"
    missing = tmp_path / "no" / "out"
    assert write_refusal(missing) == f"cannot write FILE: the folder {missing.parent} does not exist; create it first"
    (tmp_path / "file").write_text("x")
    assert write_refusal(tmp_path / "file" / "out") == f"cannot write FILE: {tmp_path / 'file'} is not a folder"
    assert write_refusal(tmp_path / ("n" * 300)) == "cannot write FILE: its name is too long"
    with pytest.raises(Rejected, match="cannot write a file without a name"):
        check_writable("")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert write_refusal(tmp_path / "out") == f"cannot write FILE: the folder {tmp_path} is not writable; choose another"


def test_a_cycle_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "cannot write FILE: " in write_refusal(tmp_path / "a")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device() -> None:
    assert write_refusal("/dev/full") == "cannot write FILE: the disk is full; free some space, or write elsewhere"


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), MemoryError()])
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    (tmp_path / "out").write_bytes(b"old")

    def fail(_: int) -> None:
        assert len(list(tmp_path.iterdir())) == 2  # it is being written
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Rejected if isinstance(failure, OSError) else type(failure)):
        write_atomically(tmp_path / "out", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_bytes() == b"old"


def test_leftovers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    for name in (".tmc-old.tmp", ".tmc-new.tmp", ".tmc-locked.tmp", "tmc-other.tmp"):
        (tmp_path / name).touch()
        if name != ".tmc-new.tmp":
            os.utime(tmp_path / name, (0, 0))
    with (tmp_path / ".tmc-locked.tmp").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.utime(tmp_path / ".tmc-locked.tmp", (0, 0))
        write_atomically(tmp_path / "out", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".tmc-locked.tmp", ".tmc-new.tmp", "out", "tmc-other.tmp"]


WRITER = """
import sys
from tmc.files import write_atomically
for size in range(200):
    write_atomically(sys.argv[1], sys.argv[2].encode() * (50_000 + size))
"""


def test_of_many_writers_one_wins(tmp_path: Path) -> None:
    """Whenever it is read, the file is that of one writer, and whole."""
    path = tmp_path / "out"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter], cwd=ROOT) for letter in "abc"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        content = path.read_bytes() if path.exists() else b"a" * 50_000
        assert 50_000 <= len(content) == content.count(content[:1])
        seen.add(content[:1])
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(seen) > 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
from tmc.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        ("compile gauss.tm -o out", "out"),
        ("compile gauss.tm --random-init 1 -o out", "out"),
        ("data parity --d 3 --m 6 --queries 5 -o out", "out"),
        ("inspect gauss.tm -o out", "out"),
        ("inspect gauss.tm --stage filters --format json -o out", "out"),
        ("fmt loose.tm", "loose.tm"),
        ("new fresh", "fresh.tm"),
        ("run gauss.safetensors --input data.npz --output out", "out"),
        ("run gauss.safetensors --input data.npz --save out", "out"),
    ],
)
def test_no_command_leaves_half_a_file(tmp_path: Path, arguments: str, target: str) -> None:
    """Where no file may be larger than 50 bytes: one line, and all is as it was."""
    machine = (ROOT / "machines" / "gauss.tm").read_text(encoding="utf-8")
    (tmp_path / "gauss.tm").write_text(machine, encoding="utf-8")
    (tmp_path / "loose.tm").write_text(machine.replace("    on ", "  on "), encoding="utf-8")
    save(from_build(compiled("gauss")), tmp_path / "gauss.safetensors")
    datasets.save(datasets.parity(3, 6, 5), tmp_path / "data.npz")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LIMITED, *arguments.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert f"error: cannot write {target}: the file would be larger than allowed here\n" in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_atomically("/dev/null", b"gone")
    assert Path("/dev/null").is_char_device()


def test_shipped_folders() -> None:
    assert (shipped("machines") / "gauss.tm").is_file()
    assert (shipped("grammars") / "tmc.lark").is_file()
    with pytest.raises(InternalError):
        shipped("nothing")


def test_inside_an_archive(tmp_path: Path) -> None:
    """`python -m tmc`, and functions, from a zip: the grammar and the library are files."""
    archive = tmp_path / "tmc.zip"
    with ZipFile(archive, "w") as file:
        for path in sorted((ROOT / "tmc").rglob("*.py")):
            file.write(path, path.relative_to(ROOT))
    said = f"tmc cannot be used from inside an archive: it reads files of its own; unpack {archive}, or install it with pip"
    (tmp_path / "m.tm").write_text("machine m\ntape t: line of _ 1\nstart s\nstate s\n  otherwise -> accept\n")
    in_python = (
        "import tmc, tmc.diagnostics\ntry:\n    tmc.compile('m.tm')\nexcept tmc.diagnostics.Rejected as error:\n    print(error)\n"
    )
    for command in (("-m", "tmc", "simulate", "m.tm", "--data", "1"), ("-m", "tmc", "check", "m.tm"), ("-c", in_python)):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(archive)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said in done.stdout + done.stderr
        assert done.returncode == (command[0] == "-m")
