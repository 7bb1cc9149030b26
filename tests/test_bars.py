"""Progress bars: on a terminal only, and tqdm is loaded for those alone; elsewhere a line now and then."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tmc.cli.bars import SLOWLY, bar, seen


def use(lines: list[int] | None) -> tuple[float, list[int]]:
    """Everything that commands ask of a bar."""
    with bar(lines, total=3, desc="working", unit="step") as shown:
        found = list(shown) if lines is not None else []
        shown.update()
        shown.update(0.5)
        shown.set_description("so far")
        shown.set_description_str("so far")
        shown.set_postfix_str("well", refresh=False)
        with shown.external_write_mode():
            return shown.n, found


@pytest.mark.parametrize("lines", [None, [1, 2]])
def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str], lines: list[int] | None) -> None:
    assert use(lines) == (1.5 + len(lines or ()), lines or [])
    assert capsys.readouterr() == ("", "")


def test_lines_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmc.cli.bars.SOON", 20.0)
    times = iter([0.0, 5.0, 20.0, 21.0, 20.0 + SLOWLY])
    monkeypatch.setattr("tmc.cli.bars.monotonic", lambda: next(times))
    with bar(total=9, initial=2, desc="learning", unit="example") as shown:
        for _ in range(5):
            shown.update()
    assert capsys.readouterr() == ("", "learning: 5 of 9 examples\nlearning: 7 of 9 examples\n")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"total": 1.0, "desc": "answering", "bar_format": "{bar}"}, "answering: 25%, 1/4 queries"),
        ({"desc": "running", "unit": "layer", "delay": 1}, "running: 0.25 layers, 1/4 queries"),
        ({}, "0.25, 1/4 queries"),
    ],
)
def test_what_a_line_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], line: str
) -> None:
    monkeypatch.setattr("tmc.cli.bars.SOON", 0.0)
    with bar(**options) as shown:
        shown.n = 0.25
        shown.set_postfix_str("1/4 queries")
    assert capsys.readouterr().err == f"{line}\n"


def test_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert seen()
    assert use(None) == (1.5, [])
    out, err = capsys.readouterr()
    assert out == ""
    assert "working:   0%" in err


def test_closed_streams_are_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert not seen()


def test_what_is_not_seen_loads_nothing() -> None:
    program = (
        "import sys; from tmc.cli.bars import bar\nwith bar(total=1) as shown: shown.update()\nassert 'tqdm' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
