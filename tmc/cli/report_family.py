"""``tmc report --family``: how the networks of machines of 4, 8, 16, … states grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click

from tmc.cli.extras import check_plot
from tmc.cli.printing import print_json
from tmc.cli.report_plots import plot_path, write_family_plot
from tmc.report.growth import Fit, Refused, Row, fits, measure, power
from tmc.targets.registry import TARGETS

FEWEST = 4  # states
HEAD = ("s", "d_rc", "|U_s|", "entries", "bits", "of one", "digits", "layers/step", "c2", "seconds")
FITTED = {
    "d_rc": ("d_rc", "100 s"),
    "values": ("|U_s|", "O(s)"),
    "bits": ("bits", "log2 s + constant"),
    "significant": ("bits of one", "log2 s + constant"),
    "digits": ("digits", "log2 s + constant"),
}


@dataclass(frozen=True, slots=True)
class FamilyOptions:
    """Which machines, up to how many states, and which network."""

    target: str
    scale: str
    seed: int
    most: int


def show_family(options: FamilyOptions, folder: str | None, as_json: bool) -> None:
    """Compile the machines, say on stderr how far it is, and print figures and fits; draw them in a folder if one is given."""
    if folder is not None:
        check_plot(plot_path(folder, "family"))
    found = [_measured(states, options) for states in _sizes(options.most)]
    rows = [row for row in found if isinstance(row, Row)]
    document = _document(options, found, rows)
    if as_json:
        print_json(document, indent=2)
    else:
        click.echo(_as_text(options, found, rows))
    if folder is not None and rows:
        write_family_plot(folder, rows, fits(rows), power(rows), f"random machines of the family, {_what(options)}")


def _sizes(most: int) -> list[int]:
    return [1 << exponent for exponent in range(FEWEST.bit_length() - 1, most.bit_length())]


def _measured(states: int, options: FamilyOptions) -> Row | Refused:
    row = measure(states, options.seed, options.target, options.scale)
    click.echo(f"{states} states: {f'{row.seconds:.1f} s' if isinstance(row, Row) else 'rejected'}", err=True)
    return row


def _document(options: FamilyOptions, found: Sequence[Row | Refused], rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "target": options.target,
        "scale": options.scale if len(TARGETS[options.target].scales) > 1 else None,
        "seed": options.seed,
        "machines": [asdict(row) for row in found],
        "fits": [asdict(fit) for fit in fits(rows)],
        "entries_power": power(rows),
    }


def _what(options: FamilyOptions) -> str:
    scale = f", scale {options.scale}" if len(TARGETS[options.target].scales) > 1 else ""
    return f"seed {options.seed}, target {options.target}{scale}"


def _as_text(options: FamilyOptions, found: Sequence[Row | Refused], rows: Sequence[Row]) -> str:
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    by_states = {row.states: _aligned(_cells(row), widths) for row in rows}
    lines = [f"machines of a family, {_what(options)}", _aligned(HEAD, widths)]
    lines += [by_states[row.states] if isinstance(row, Row) else f"{row.states:>{widths[0]}}  {row.why}" for row in found]
    return "\n".join([*lines, "", *_fits(rows)])


def _cells(row: Row) -> tuple[str, ...]:
    digits = "" if row.digits is None else f"{row.digits}"
    counts = (row.states, row.d_rc, row.values, row.entries, row.bits, row.significant)
    return (*map(str, counts), digits, f"{row.layers_per_step}", f"{row.c2:.0f}", f"{row.seconds:.1f}")


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _fits(rows: Sequence[Row]) -> list[str]:
    """The fits and, for what is not fitted, what holds at every size."""
    lines = [_fit(fit) for fit in fits(rows)]
    p = power(rows)
    if p is not None:
        lines.append((f"entries ~ s^{p:.2f}", f"s >= {rows[len(rows) // 2].states}", "", "", "O(s^2)"))
    if not lines:
        return ["too few machines for a fit: raise --max-states"]
    lines.insert(0, ("fit", "over", "off by at most", "R^2", "the paper"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    widest = max(rows, key=lambda row: row.d_rc / row.states)
    likely, last = max(rows, key=lambda row: row.c2), rows[-1]
    return [
        *text,
        f"d_rc / s is at most {widest.d_rc / widest.states:.1f} (s = {widest.states}), in the paper 100",
        f"the chance is at least s^(-c2 s^2) with c2 = {likely.c2:.0f} (s = {likely.states}); for s = {last.states}, {last.c2:.0f}",
        "layers are at most 4 t + m + d + 2, whatever s",
    ]


def _fit(fit: Fit) -> tuple[str, str, str, str, str]:
    name, paper = FITTED[fit.figure]
    sign = "+" if fit.constant >= 0 else "-"
    formula = f"{name} = {fit.slope:.2f} {fit.against} {sign} {abs(fit.constant):.1f}"
    return formula, f"s >= {fit.least}", f"{100 * fit.off:.1f} %", f"{fit.r2:.5f}", paper
