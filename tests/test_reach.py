"""What a machine may use: it may be a stranger's, and reads, quotes and tells of nothing but its own files and the library."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tmc as package
from conftest import Outcome
from tmc.cli import COMMANDS
from tmc.diagnostics import Rejected, SourceRejected
from tmc.files import read_text
from tmc.pipeline import look_over, read_machine
from tmc.source import Source

Tmc = Callable[..., Outcome]
LIBRARY = "state t\n    otherwise -> accept\n"
SECRET = "a secret that nobody should see"
READ_MACHINES = ("compile", "simulate", "test", "check", "inspect", "diff", "report", "search", "lsp")
READ_MACHINES += ("draw", "export", "trace", "debug", "view", "same")


def machine(path: str) -> str:
    return f'machine m\n\nuse "{path}"\n\ntape data: line of _ 0 1\n\nstart s\n\nstate s\n    otherwise -> t\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stranger's folder, and beside it what is none of the stranger's business."""
    own = tmp_path / "own"
    (own / "sub").mkdir(parents=True)
    (own / "lib.tm").write_text(LIBRARY)
    (own / "sub" / "back.tm").write_text('use "../lib.tm"\nstate u\n    otherwise -> t\n')
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lib.tm").write_text(LIBRARY)
    (tmp_path / "other" / "next.tm").write_text('use "lib.tm"\nstate u\n    otherwise -> t\n')
    (tmp_path / "secret.txt").write_text(SECRET)
    (own / "link.tm").symlink_to("../secret.txt")
    (own / "out.tm").symlink_to("../other/lib.tm")
    (own / "within.tm").symlink_to("lib.tm")
    (own / "text.tm").symlink_to("text")
    (own / "text").write_text(LIBRARY)
    (own / "away").symlink_to("../other")
    (own / "up").symlink_to("..")
    return own


def codes(folder: Path, path: str, allowed: tuple[str, ...] = ()) -> list[str]:
    return [found.code for found in look_over(Source(str(folder / "m.tm"), machine(path), allowed=allowed))]


@pytest.mark.parametrize("path", ["lib.tm", "./lib.tm", "sub/../lib.tm", "within.tm"])
def test_what_is_its_own(folder: Path, path: str) -> None:
    assert codes(folder, path) == []


def test_a_used_file_uses_what_the_machine_may(folder: Path) -> None:
    assert look_over(Source(str(folder / "m.tm"), machine("sub/back.tm").replace("-> t", "-> u"))) == ()
    alone = look_over(read_text(folder / "sub" / "back.tm"))
    assert [found.code for found in alone] == ["TMC023"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/hostname", "../secret.txt", "../other/lib.tm", "link.tm", "out.tm", "away/lib.tm", "up/other/lib.tm",
        "../own/lib.tm", "up/own/lib.tm", "{own}/lib.tm", "/proc/self/cwd/lib.tm", "../../lib/std.tm", "../gauss.tm",
    ],
)  # fmt: skip
def test_what_is_outside_and_is_there(folder: Path, path: str) -> None:
    """The way out and back again too: it would tell what the way back is called."""
    assert codes(folder, path.format(own=folder))[0] == "TMC023"


@pytest.mark.parametrize(
    ("there", "gone"),
    [
        ("/etc/hostname", "/etc/hostnome"),
        ("../other/lib.tm", "../other/lob.tm"),
        ("away/lib.tm", "away/lob.tm"),
        ("up", "up/up/gone"),
    ],
)
def test_a_refusal_does_not_tell_whether_a_file_exists(folder: Path, there: str, gone: str) -> None:
    def said(path: str) -> str:
        with pytest.raises(SourceRejected) as rejected:
            read_machine(Source(str(folder / "m.tm"), machine(path)))
        return str(rejected.value).replace(path, "PATH").replace("^" * (len(path) + 2), "^")

    assert said(there) == said(gone)


@pytest.mark.parametrize("name", ["secrets", "nothing"])
def test_neither_does_a_way_through_a_folder_outside(folder: Path, name: str) -> None:
    """Named only to be left again: by a path to an allowed folder, or by a link."""
    (folder.parent / "secrets").mkdir()
    (folder / "probe.tm").symlink_to(f"../{name}/../own/lib.tm")
    (folder / "twice.tm").symlink_to("probe.tm")
    other = str(folder.parent / "other")
    for path in ("probe.tm", "twice.tm", f"../{name}/../other/lib.tm", f"{folder.parent}/{name}/../other/lib.tm"):
        assert codes(folder, path, (other,))[0] == "TMC023", path


def test_a_path_of_many_parts_is_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part is looked at, from the first on: of a hundred thousand that would take for ever."""
    looked = list[object]()
    realpath = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path, **how: (looked.append(path), realpath(path, **how))[1])
    assert codes(folder, "sub/../" * 24 + "lib.tm") == []
    most = len(looked)
    assert codes(folder, "sub/../" * 1000 + "lib.tm")[0] == "TMC016"
    assert len(looked) < 2 * most


def test_a_file_that_is_no_machine_is_not_read(folder: Path) -> None:
    (folder / "notes.txt").write_text(SECRET)
    for path in ("notes.txt", "text.tm", "sub"):
        assert codes(folder, path)[0] == "TMC024", path


def test_pipes_devices_and_folders_are_no_files(folder: Path) -> None:
    os.mkfifo(folder / "pipe.tm")
    (folder / "folder.tm").mkdir()
    (folder / "gone.tm").symlink_to("nothing.tm")
    (folder / "round.tm").symlink_to("round.tm")
    for path in ("pipe.tm", "folder.tm", "gone.tm", "round.tm"):
        assert codes(folder, path)[0] == "TMC016", path


def test_a_machine_that_is_itself_a_link(folder: Path, tmc: Tmc) -> None:
    path = folder / "link.tm"
    said = f"{path} is a link to a file that is not a .tm file; name that file itself"
    assert tmc("simulate", path, "--data", "") == Outcome(1, "", f"error: {said}\n")
    outcome = tmc("check", path)
    assert (outcome.status, outcome.out.splitlines()[0]) == (1, f"error: {said}")
    os.mkfifo(folder / "pipe.tm")
    path = folder / "pipe.tm"
    said = f"error: {path} is a pipe or a device, not a file; read a text from stdin with `-`\n"
    assert tmc("simulate", path, "--data", "") == Outcome(1, "", said)
    assert tmc("fmt", path).err.startswith(said)


def test_used_files_are_small_all_together(folder: Path) -> None:
    comment = "# " + "x" * 997 + "\n"
    names = [f"l{number}.tm" for number in range(3)]
    for name in names:
        (folder / name).write_text(comment * 4000)
    uses = "".join(f'use "{name}"\n' for name in names)
    found = look_over(Source(str(folder / "m.tm"), machine("lib.tm").replace("start", f"{uses}start")))
    assert [(one.code, one.message) for one in found if one.code != "TMC002"] == [("TMC016", "`l2.tm` cannot be used")]


# --- allowed folders


def test_other_folders_can_be_allowed(folder: Path) -> None:
    other = str(folder.parent / "other")
    assert codes(folder, "../other/lib.tm", (other,)) == []
    assert codes(folder, f"{other}/lib.tm", (other,)) == []
    assert codes(folder, "out.tm", (other,)) == []
    assert look_over(Source(str(folder / "m.tm"), machine("../other/next.tm").replace("-> t", "-> u"), allowed=(other,))) == ()
    assert codes(folder, "../secret.txt", (other,))[0] == "TMC023"
    assert codes(folder, "../secret.txt", (str(folder.parent),))[0] == "TMC024"


def test_on_the_command_line(folder: Path, tmc: Tmc) -> None:
    path, other = folder / "m.tm", folder.parent / "other"
    path.write_text(machine("../other/lib.tm"))
    wide = folder.parent / "m.safetensors"
    for words in (
        ("check",), ("simulate", "--data", "01"), ("inspect",), ("report",), ("test",), ("compile", "-o", wide),
    ):  # fmt: skip
        refused = tmc(*words, path)
        assert refused.status == 1
        assert "error[TMC023]: `../other/lib.tm` is outside the machine's folder and the library\n" in refused.out + refused.err
        assert tmc(*words, path, "--allow-use", other).status == 0
    assert tmc("diff", wide, path, "--data", "1").status == 1
    assert tmc("diff", wide, path, "--data", "1", "--allow-use", other).status == 0
    assert tmc("check", path, "--allow-use", "gone").status == 2
    assert [name for name in COMMANDS if "--allow-use" in tmc(name, "--help").out] == [
        name for name in COMMANDS if name in READ_MACHINES
    ]


def test_a_text_in_no_file_uses_the_library_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tmc check -` and `tmc.simulate(text)`: where one happens to be is not the text's folder, unless that is said."""
    monkeypatch.chdir(folder)
    text = machine("lib.tm")
    with pytest.raises(SourceRejected, match=r"there is no file `lib\.tm` to use") as rejected:
        package.simulate(text, data="0")
    assert "it was looked for in the library: this text is in no file" in str(rejected.value)
    with pytest.raises(SourceRejected, match=r"`\./\.\./lib\.tm` is outside"):
        package.compile(machine("./../lib.tm"))
    assert package.simulate(text, data="0", allow_use=".").verdict == "accept"
    assert package.compile(text, allow_use=[folder]).table.states == ("s", "t")
    assert package.simulate(machine("std.tm").replace("-> t", "-> seek(0, left, stay, accept)"), data="0").verdict == "accept"


def test_a_file_by_its_path_in_python(folder: Path) -> None:
    path = folder / "m.tm"
    path.write_text(machine("../other/lib.tm"))
    with pytest.raises(Rejected, match="TMC023"):
        package.simulate(path, data="0")
    assert package.simulate(path, data="0", allow_use=[folder.parent / "other"]).verdict == "accept"


def test_stdin(folder: Path) -> None:
    def run(*words: str, text: str = machine("lib.tm")) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tmc", *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=folder)

    assert "\n  --> <stdin>:3:5\n" in run("check", "-").stdout
    assert run("check", "-", "--allow-use", ".").stdout == "1 file: no errors, no warnings\n"
    done = run("test", "-", text=machine("std.tm").replace("-> t", "-> accept") + 'test "a"\n    data 1\n    -> accept\n')
    assert (done.returncode, done.stdout) == (0, "<stdin>\n  ok    a  (1 step, 1 layer)\n1 passed, 0 failed\n")
    assert run("simulate", "-", "--data", "1", text=machine("lib.tm").replace("-> t", "-> accept")).returncode == 1
    assert run("compile", "-").stderr.endswith(
        "Error: a text from stdin has no file name: say with -o where the checkpoint goes.\n"
    )
    assert run("simulate", "-", "--data", "1", "--allow-use", ".").stdout == "accept after 2 steps\ndata  1\n"
