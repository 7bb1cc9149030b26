from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outcome
from tmc.syntax import formatter

Tmc = Callable[..., Outcome]
UGLY = "machine m\nstate s\non 1->s # c\n"
NEAT = "machine m\n\nstate s\n    on 1        -> s   # c\n"
DIFF = """\
--- {name}\tas it is
+++ {name}\tformatted
@@ -1,3 +1,4 @@
 machine m
+
 state s
-on 1->s # c
+    on 1        -> s   # c
"""
WRONG = """\
error[TMC001]: the name of the state is missing
  --> {name}:2:6
  |
2 | state
  |      ^
  = help: write `state NAME`

"""


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "m.tm"
    path.write_text(UGLY, encoding="utf-8")
    return path


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Let this be what stdin holds."""

    def put(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


def test_a_file_is_formatted_once(tmc: Tmc, ugly: Path) -> None:
    assert tmc("fmt", ugly) == Outcome(0, "", f"formatted {ugly}\n1 file: 1 formatted, 0 unchanged\n")
    assert ugly.read_text(encoding="utf-8") == NEAT
    before = ugly.stat().st_mtime_ns
    assert tmc("fmt", ugly) == Outcome(0, "", "1 file: 0 formatted, 1 unchanged\n")
    assert ugly.stat().st_mtime_ns == before


def test_check_names_what_would_change(tmc: Tmc, ugly: Path) -> None:
    assert tmc("fmt", "--check", ugly) == Outcome(1, f"{ugly}\n", "1 file: 1 would change, 0 unchanged\n")
    assert ugly.read_text(encoding="utf-8") == UGLY
    ugly.write_text(NEAT, encoding="utf-8")
    assert tmc("fmt", "--check", ugly) == Outcome(0, "", "1 file: 0 would change, 1 unchanged\n")


def test_diff_shows_what_would_change(tmc: Tmc, ugly: Path) -> None:
    summary = "1 file: 1 would change, 0 unchanged\n"
    assert tmc("fmt", "--diff", ugly) == Outcome(0, DIFF.format(name=ugly), summary)
    assert tmc("fmt", "--diff", "--check", ugly) == Outcome(1, DIFF.format(name=ugly), summary)
    assert ugly.read_text(encoding="utf-8") == UGLY


def test_the_end_of_a_file_in_a_diff(tmc: Tmc, ugly: Path) -> None:
    ugly.write_bytes(b"\xef\xbb\xbfmachine m\r\n\r\n# x")
    assert tmc("fmt", "--diff", ugly).out.split("\n")[3:] == [
        "-\ufeffmachine m\r",
        "+machine m\r",
        " \r",
        "-# x",
        "\\ No newline at end of file",
        "+# x\r",
        "",
    ]


@pytest.mark.parametrize("content", ["\ufeff" + NEAT, NEAT[:-1], NEAT + "\n"])
def test_bytes_count(tmc: Tmc, ugly: Path, content: str) -> None:
    ugly.write_bytes(content.encode())
    assert tmc("fmt", "--check", ugly).status == 1
    assert tmc("fmt", ugly).status == 0
    assert ugly.read_bytes() == NEAT.encode()


def test_line_ends_stay(tmc: Tmc, ugly: Path, piped: Callable[[bytes], None]) -> None:
    ugly.write_bytes(NEAT.replace("\n", "\r\n").encode())
    assert tmc("fmt", "--check", ugly) == Outcome(0, "", "1 file: 0 would change, 1 unchanged\n")
    ugly.write_bytes(UGLY.replace("\n", "\r\n").encode())
    assert tmc("fmt", ugly).status == 0
    assert ugly.read_bytes() == NEAT.replace("\n", "\r\n").encode()
    piped(UGLY.replace("\n", "\r\n").encode())
    assert tmc("fmt", "-") == Outcome(0, NEAT.replace("\n", "\r\n"), "")
    ugly.write_bytes(NEAT.replace("\n", "\r\n", 1).encode())  # most lines end with LF
    assert tmc("fmt", ugly).status == 0
    assert ugly.read_bytes() == NEAT.encode()


def test_lines_that_end_with_a_carriage_return_alone(tmc: Tmc, ugly: Path) -> None:
    ugly.write_bytes(NEAT.replace("\n", "\r").encode())
    outcome = tmc("fmt", "--check", ugly)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("error[TMC001]: a line ends with CR alone\n")
    assert "\r" not in outcome.err


def test_stdin(tmc: Tmc, piped: Callable[[bytes], None]) -> None:
    for content in (UGLY, NEAT):
        piped(content.encode())
        assert tmc("fmt", "-") == Outcome(0, NEAT, "")
    piped(UGLY.encode())
    assert tmc("fmt", "-", "--check") == Outcome(1, "<stdin>\n", "")
    piped(NEAT.encode())
    assert tmc("fmt", "-", "--check") == Outcome(0, "", "")
    piped(UGLY.encode())
    assert tmc("fmt", "-", "--diff") == Outcome(0, DIFF.format(name="<stdin>"), "")


def test_stdin_that_is_of_no_use(tmc: Tmc, piped: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch) -> None:
    piped(b"machine m\nstate\n")
    assert tmc("fmt", "-") == Outcome(1, "", WRONG.format(name="<stdin>") + "1 error\n")
    piped(b"")
    assert tmc("fmt", "-") == Outcome(1, "", "error: <stdin> is empty\n")
    piped(b"\xff")
    assert tmc("fmt", "-") == Outcome(1, "", "error: <stdin> is not UTF-8: 0xff at byte 0 (line 1); save it as UTF-8\n")
    piped(b"#" * 10_000_001)
    assert tmc("fmt", "-") == Outcome(1, "", "error: <stdin> is larger than 10 MB, the most that is read\n")
    monkeypatch.setattr(sys, "stdin", None)
    assert tmc("fmt", "-") == Outcome(1, "", "error: cannot read stdin: it is closed\n")
    assert tmc("fmt", "-", "m.tm").status == 2


def test_a_file_with_syntax_errors_is_left_alone(tmc: Tmc, ugly: Path) -> None:
    wrong = ugly.with_name("a.tm")
    wrong.write_text("machine m\nstate\n", encoding="utf-8")
    outcome = tmc("fmt", wrong, ugly)
    assert outcome == Outcome(
        1, "", f"{WRONG.format(name=wrong)}formatted {ugly}\n2 files: 1 formatted, 0 unchanged, 1 with errors\n"
    )
    assert wrong.read_text(encoding="utf-8") == "machine m\nstate\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot read {path}: it does not exist"),
        (b"", "{path} is empty"),
        (b"\xff", "{path} is not UTF-8: 0xff at byte 0 (line 1); save it as UTF-8"),
        (b"a\0", "{path} is not a text: there is a zero byte at byte 1 (line 1)"),
    ],
)
def test_files_that_cannot_be_read(tmc: Tmc, tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "x.tm"
    if content is not None:
        path.write_bytes(content)
    expected = f"error: {why.format(path=path)}\n1 file: 0 formatted, 0 unchanged, 1 with errors\n"
    assert tmc("fmt", path) == Outcome(1, "", expected)


def test_a_folder_that_is_not_writable(tmc: Tmc, ugly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests may be allowed everything
    outcome = tmc("fmt", ugly)
    assert (outcome.status, outcome.out) == (1, "")
    assert f"error: cannot write {ugly}: the folder {ugly.parent} is not writable; choose another\n" in outcome.err
    assert ugly.read_text(encoding="utf-8") == UGLY


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system has no /dev/fd")
def test_what_is_no_file_is_not_written(tmc: Tmc) -> None:
    reader, writer = os.pipe()
    os.write(writer, UGLY.encode())
    os.close(writer)
    outcome = tmc("fmt", f"/dev/fd/{reader}")
    os.close(reader)
    why = f"error: /dev/fd/{reader} is not a file that can be written again; use `tmc fmt -`\n"
    assert outcome == Outcome(1, "", f"{why}1 file: 0 formatted, 0 unchanged, 1 with errors\n")


def test_folders_are_searched(tmc: Tmc, tmp_path: Path, ugly: Path) -> None:
    for place in ("lib/a.tm", ".venv/b.tm", "c.txt"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("state s\n  on 1\n", encoding="utf-8")
    outcome = tmc("fmt", "--check", tmp_path, ugly)
    assert outcome.out == f"{tmp_path / 'lib' / 'a.tm'}\n{ugly}\n"
    (tmp_path / "empty").mkdir()
    expected = f"error: {tmp_path / 'empty'}: there is no machine (.tm) in this folder\n"
    assert tmc("fmt", tmp_path / "empty") == Outcome(1, "", expected)
    assert tmc("fmt").status == 2


def test_a_bug_leaves_the_file_as_it_is(tmc: Tmc, ugly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "_formatted", lambda _: "machine n\n")
    outcome = tmc("fmt", ugly)
    assert (outcome.status, outcome.out) == (70, "")
    assert outcome.err.startswith(f"internal error: formatting {ugly} would change more than its looks - this is a bug")
    assert ugly.read_text(encoding="utf-8") == UGLY
