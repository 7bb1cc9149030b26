"""Pictures for notebooks: small, made at once, and None where there is none to be had; then the notebook shows the text.

Objects of layers above are known by what they have: `tmc.notebook` calls these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tmc.diagnostics import Rejected
from tmc.ir.table import Table
from tmc.ir.tape import Grid
from tmc.run.result import Result
from tmc.run.trace import Step
from tmc.view import graphviz
from tmc.view.layout import count
from tmc.view.svg import element, plain

MOST_STATES = 60  # of a diagram
MOST_CELLS = 2_000  # of a grid, or of a memory


def table_svg(table: Table) -> str | None:
    """The state diagram; None without Graphviz, or for more states than can be seen."""
    if not graphviz.is_there() or len(table.states) > MOST_STATES:
        return None
    from tmc.view.state_diagram import state_diagram

    try:
        return state_diagram(table, ids=False)
    except Rejected:
        return None


def build_html(stages: Any) -> str | None:
    """A build, or its stages: sizes, and the state diagram."""
    table, filters = stages.table, stages.filters
    said = f"{_bold(table.name)}: {table.sizes} → target {plain(filters.target)}, {filters.sizes}"
    return _stacked([said, table_svg(table) or ""])


def run_html(result: Result) -> str | None:
    """How a run ended, and its last tapes."""
    from tmc.view.trace_picture import trace_picture

    data = result.configuration.data
    if isinstance(data, Grid) and len(data.rows) * len(data.rows[0]) > MOST_CELLS:
        return None
    said = f"{_bold(result.verdict)} after {count(result.steps, 'step')} of {plain(result.table.name)}"
    last = Step(result.steps, result.configuration, None)
    return _stacked([said, trace_picture(result.table, {}, (last,))])


def network_html(network: Any) -> str | None:
    """What a network is for, its layers, and its memory."""
    checkpoint = network.checkpoint
    table, rows = checkpoint.about["table"], []
    for group in ("recurrent", "head"):
        for weight, bias in checkpoint.layers(group):
            rows.append((group, count(len(bias), "unit"), " × ".join(map(str, weight.shape))))
    said = f"{_bold(str(table['name']))}: network of the target {plain(checkpoint.target.name)}"
    cells = ("".join(element("td", plain(cell)) for cell in row) for row in rows)
    parts = [said, element("table", *(element("tr", row) for row in cells))]
    if network.reads_grid and network.is_trained:
        weight = network.memory_array()
        if weight.size <= MOST_CELLS:
            from tmc.view.memory_picture import memory_picture

            parts.append(memory_picture(str(table["name"]), [(len(weight), weight.tolist())]))
    return _stacked(parts)


def _bold(content: str) -> str:
    return element("b", plain(content))


def _stacked(parts: Iterable[str]) -> str:
    return element("div", *(element("div", part) for part in parts if part))


PICTURES: dict[str, Callable[[Any], str | None]] = {
    "table": table_svg,
    "build": build_html,
    "run": run_html,
    "network": network_html,
}
