"""The debugger's screen, driven by keys as Textual's pilot presses them, at 80 x 24."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from conftest import ROOT, compiled
from tmc.debug.screen import Debugger, Page
from tmc.debug.session import Session
from tmc.ir.tape import Grid
from tmc.run.tapes import line_of_text
from tmc.source import Source

GRID = Grid(((1, 2, 2), (2, 2, 1), (2, 1, 0)))
Run = Callable[[Pilot[None], Debugger], Coroutine[Any, Any, None]]


def driven(name: str, data: str | Grid, scenario: Run, size: tuple[int, int] = (80, 24)) -> None:
    """Run a scenario on a machine's screen."""
    build = compiled(name)
    table = build.written()
    path = ROOT / "machines" / f"{name}.tm"
    texts = {"": Source(f"{name}.tm", path.read_text(encoding="utf-8"))}
    tape = data if isinstance(data, Grid) else line_of_text(table.data, data)
    app = Debugger(Session(table, tape), texts, f"{name}.tm")

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await scenario(pilot, app)

    asyncio.run(run())


def pane(app: Debugger, name: str) -> str:
    """The text of a pane."""
    return str(app.screen_stack[0].query_one(f"#{name}", Static).content)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait until what they began is done."""
    await pilot.press(*keys)
    await settled(pilot)


async def written(pilot: Pilot[None], text: str) -> None:
    """Write into the prompt that is open, and enter it."""
    pilot.app.screen_stack[0].query_one("#prompt", Input).insert_text_at_cursor(text)
    await press(pilot, "enter")


async def settled(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, Debugger)
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
    while app.awaited or app._busy:
        await pilot.pause(0.01)
    await pilot.pause()


def lit(app: Debugger) -> list[str]:
    """The lines of the source that are lit."""
    text = app.query_one("#source", Static).content
    return [text.plain[span.start : span.end].strip() for span in text.spans if "reverse" in str(span.style)]  # type: ignore[union-attr]


def test_stepping() -> None:
    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        assert pane(app, "status").startswith(" increment  step 0  layer 0  state to_end")
        assert lit(app) == ["15     on 0|1                move right"]
        await press(pilot, "s", "s", "b", "right")
        assert pane(app, "status").startswith(" increment  step 2  layer 4")
        assert pane(app, "tapes") == " data   1 0[1]1\n        0   2 3"
        assert pane(app, "next") == " → to_end reads 1: moves right, stays in to_end"
        await press(pilot, "S")
        assert "ACCEPTS" in pane(app, "status")
        assert pane(app, "next") == " → halted: accept"
        assert pane(app, "message").strip() == "the machine accepts after 8 steps"
        await press(pilot, "B")
        assert app.session.step == 0
        await press(pilot, "b")
        assert pane(app, "message").strip() == "this is the start of the run"

    driven("increment", "1011", scenario)


def test_breakpoints_watches_and_back() -> None:
    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        await press(pilot, "t")
        await written(pilot, "carry")
        assert app.session.step == 5
        await press(pilot, "space")
        assert "● line 20" in pane(app, "side")
        assert any(line.startswith("●") and " 20 " in line for line in pane(app, "source").splitlines())
        await press(pilot, "r")
        assert pane(app, "message").strip() == "breakpoint 1, line 20, at step 6"
        await press(pilot, "space", "w")
        await written(pilot, "data[1]")
        assert pane(app, "side").strip() == "2 data[1] = 0"
        await press(pilot, "r")
        assert pane(app, "message").strip() == "watch 2, data[1]: 0 → 1, at step 8"
        await press(pilot, "R")
        assert (app.session.step, pane(app, "message").strip()) == (0, "nothing before; at step 0")
        await press(pilot, "e", "g")
        await written(pilot, "3")
        assert app.session.step == 3

    driven("increment", "1011", scenario)


def test_editing() -> None:
    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        await press(pilot, "s", "x")
        await written(pilot, "data[0] = 0")
        assert pane(app, "message").strip() == "data[0]: 1 → 0 at step 1"
        assert "edited" in pane(app, "status")
        await press(pilot, "x")
        await written(pilot, "data[0] = 7")
        assert "not a symbol" in pane(app, "message")
        await press(pilot, "u")
        assert pane(app, "message").strip() == "the edit at step 1 is undone"
        assert "edited" not in pane(app, "status")

    driven("increment", "1011", scenario)


def test_the_network() -> None:
    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        await press(pilot, "l")
        assert pane(app, "side").startswith("layer 6\n")
        assert "control here" in pane(app, "side")
        await press(pilot, "down", "right")
        assert "row 1, column 1" in pane(app, "side")
        await press(pilot, "c", "full_stop")
        assert pane(app, "side").startswith("layer 7\n")
        await press(pilot, *["comma"] * 7)
        assert pane(app, "side").startswith("layer 0\n")
        assert app.session.step == 0
        await press(pilot, "comma", "l")
        assert "breakpoint at the rule" in pane(app, "side")

    driven("gauss", GRID, scenario)


def test_help_pages_and_the_prompt() -> None:
    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        await press(pilot, "question_mark")
        assert isinstance(app.screen, Page)
        await press(pilot, "escape", "colon")
        prompt = app.query_one("#prompt", Input)
        assert prompt.has_class("open")
        await press(pilot, "escape")
        assert not prompt.has_class("open")
        await press(pilot, "colon")
        await written(pilot, "list")  # more lines than fit
        assert isinstance(app.screen, Page)
        await press(pilot, "enter", "colon")
        await written(pilot, "nonsense")
        assert pane(app, "message").strip() == "there is no command 'nonsense'; `help` lists what there is"
        await press(pilot, "q")
        assert app._exit

    driven("increment", "1", scenario)


def test_every_pane_fits() -> None:
    """Whatever the machine, nothing is wider or higher than the terminal, and the rule that is lit is in sight."""

    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        for _ in range(3):
            await press(pilot, "s")
            for name in ("status", "tapes", "source", "side"):
                size, lines = app.query_one(f"#{name}").size, pane(app, name).splitlines()
                assert len(lines) <= size.height
                assert name == "source" or max(map(len, lines), default=0) <= size.width
            assert app.session.verdict or len(lit(app)) == 1
            assert app.query_one("#keys").region.bottom == 24

    driven("palindrome", "abba" * 30, scenario)
    driven("gauss", Grid(((1,) * 40,) * 30), scenario)
    driven("universal", "", scenario)


def test_a_run_is_stopped_by_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(pilot: Pilot[None], app: Debugger) -> None:
        app.session.add_breakpoint("if step == 40000000")
        await pilot.press("r")
        await pilot.pause()
        assert app._busy
        await pilot.press("s")  # is passed over meanwhile
        await pilot.press("escape")
        await settled(pilot)
        assert not app._busy
        assert pane(app, "message").strip().startswith("interrupted at step ")

    driven("busy_beaver_5", "", scenario)
