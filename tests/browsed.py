"""Pages of machines in a browser, and what they should show: by the simulator, and by the rules, layer by layer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from conftest import ROOT, compiled
from tmc.cli import main
from tmc.ir import rules as rule_stage
from tmc.ir.lattice import Cell, Evolution, Lattice
from tmc.ir.table import Configuration, Transition
from tmc.ir.tape import Grid, Line
from tmc.learn.data import datasets
from tmc.run.simulator import configurations, simulate
from tmc.run.tapes import line_of_text
from tmc.testing.lockstep import start_of
from tmc.testing.timing import duration, effective, waiting

READ = """() => {
  const all = (selector, read) => [...document.querySelectorAll(selector)].map(read);
  const tape = (id) => ({
    cells: all(`${id} td[data-row]`, (e) => [+e.dataset.row, +e.dataset.column, e.textContent || "_"]),
    head: all(`${id} td.head`, (e) => [+e.dataset.row, +e.dataset.column]),
    wrote: all(`${id} td.wrote`, (e) => [+e.dataset.row, +e.dataset.column]),
  });
  const digits = () => {
    const [, codes, weights] = all("#cell-number tr", (row) => [...row.querySelectorAll("td")].map((e) => e.textContent));
    return (codes ?? []).map((code, index) => [code, weights[index]]);
  };
  return {
    layer: +document.documentElement.dataset.layer,
    step: document.getElementById("step").value,
    state: document.getElementById("state").textContent,
    words: document.getElementById("words").textContent,
    lines: all("#source li.lit", (e) => [e.value, e.querySelector("code").textContent]),
    states: all("#diagram .node.lit text", (e) => e.textContent),
    data: tape("#data"),
    work: tape("#work"),
    fields: Object.fromEntries(all("#cell-fields td[data-field]", (e) => [e.dataset.field, e.dataset.value])),
    number: all("#cell-number [data-number]", (e) => +e.dataset.number),
    digits: digits(),
    taken: all("#taken:not([hidden])", (e) => e.textContent),
  };
}"""
OWN = ("file:", "data:")
GO = """(hash) => location.hash === hash || new Promise((done) => {
  addEventListener("hashchange", done, { once: true });
  location.hash = hash;
})"""
SHOWN = "() => document.documentElement.dataset.layer !== undefined"
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Shown:
    """A page in a browser. `problems`: errors that were logged, and requests to anywhere."""

    page: Any
    problems: list[str]

    def open(self, path: Path, hash: str = "") -> None:
        """Open a page, even if it is the one that is open."""
        self.page.goto("about:blank")
        self.page.goto(f"{path.as_uri()}{hash}")
        self.page.wait_for_function(SHOWN)

    def at(self, hash: str) -> dict[str, Any]:
        """What the page shows at the moment of an address."""
        self.page.evaluate(GO, hash)
        return self.settled()

    def press(self, *keys: str) -> dict[str, Any]:
        """What the page shows after keys, pressed one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        return self.settled()

    def click(self, selector: str) -> dict[str, Any]:
        """What the page shows after a click."""
        self.page.locator(selector).click()
        return self.settled()

    def settled(self) -> dict[str, Any]:
        """What the page shows when it has drawn what it was told."""
        self.page.evaluate(SETTLED)
        return self.now()

    def now(self) -> dict[str, Any]:
        """What the page shows."""
        return dict(self.page.evaluate(READ))


@contextmanager
def opened(browser: Any, path: Path, hash: str = "", **context: Any) -> Iterator[Shown]:
    """A page in a context of its own."""
    surroundings = browser.new_context(**context)
    try:
        page, problems = surroundings.new_page(), list[str]()
        page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(OWN) else problems.append(request.url))
        shown = Shown(page, problems)
        shown.open(path, hash)
        yield shown
    finally:
        surroundings.close()


def write_page(
    folder: Path, name: str, *, text: str | None = None, shape: tuple[int, int] | None = None, target: str = "wide"
) -> Path:
    """The page of a shipped machine: on a line, or on a parity of `shape` (m, d)."""
    archive = folder / f"{name}.npz" if shape else None
    if archive and shape:
        datasets.save(parity(*shape), archive)
    path = folder / f"{name}.html"
    given = ["--input", str(archive)] if archive else ["--data", text or ""]
    assert main(["view", str(ROOT / "machines" / f"{name}.tm"), *given, "--target", target, "-o", str(path)]) == 0
    return path


@cache
def parity(m: int, d: int) -> datasets.DataSet:
    """A parity that `gauss` can learn."""
    return datasets.parity(d, m, 3, seed=1)


class Oracle:
    """A run of a shipped machine: its configurations, the layer at which each is there (`done`), the one at which the control takes
    the next step from there (`began`: it may have waited), and the cells at each layer."""

    def __init__(self, name: str, data: Grid | Line, target: str = "wide") -> None:
        self.build = compiled(name, target)
        table, rules = self.build.table, self.build.rules
        self.run = simulate(table, data)
        self.configurations: list[tuple[Configuration, Transition | None]] = list(
            islice(configurations(table, data), self.run.steps + 1)
        )
        start = start_of(self.build, data, self.run)
        self.origin = start.origin
        self.done, self.began = [start.birth], list[int]()
        ready, before = start.birth, None
        for configuration, transition in self.configurations:
            if transition is not None:
                operation = effective(configuration, transition)
                ready += waiting(before, operation) if before is not None else 0
                self.began.append(ready)
                ready += duration(operation)
                self.done.append(ready)
                before = operation
        evolution = Evolution(rule_stage.local(rules), rules.border, start.lattice)
        self.lattices: list[Lattice] = [evolution.lattice]
        while not evolution.at_rest:
            evolution.advance()
            self.lattices.append(evolution.lattice)

    def step(self, layer: int) -> int:
        """How many steps are done at a layer."""
        return max(0, int(np.searchsorted(self.done, layer, side="right")) - 1)

    def cell(self, layer: int, row: int, column: int) -> Cell:
        """A cell of the stage `rules`; the column is a position."""
        return self.lattices[min(layer, len(self.lattices) - 1)][row][column + self.origin]

    def fields(self, cell: Cell) -> dict[str, str]:
        """The values of a cell's fields, by name."""
        return {field.name: field.values[value] for field, value in zip(self.build.rules.fields, cell, strict=True)}

    def line_of(self, transition: Transition) -> tuple[int, str]:
        """Number and text of the source line of a transition."""
        text = next(used.source.text for used in self.build.program.files if used.name == transition.file)
        return transition.line, text.split("\n")[transition.line - 1]


def data_of(name: str, text: str | None, shape: tuple[int, int] | None) -> Grid | Line:
    """The data tape of a page of `write_page`."""
    table = compiled(name).table
    if shape:
        return datasets.grid(table, parity(*shape), 0)
    return line_of_text(table.data, text or "")


def moments(oracle: Oracle, count: int) -> list[int]:
    """Random layers of a run, the first, and the last."""
    last = oracle.done[-1]
    return sorted({0, last, *random.Random(7).sample(range(last), min(count, last))})
