"""``tmc report``: what a compiled machine comes to, in numbers, beside what the paper allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.arguments import MACHINE

if TYPE_CHECKING:
    from tmc.pipeline import Build
    from tmc.verify.report import Report

EPILOG = """\b
Examples:
  tmc report machines/gauss.tm
  tmc report machines/gauss.tm --circuit 8 16 --json"""


@click.command("report", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@click.option(
    "--circuit", "sizes", type=(click.IntRange(1, 4096), click.IntRange(1, 10**6)), metavar="D M", multiple=True,
    help="Also unroll it to a Boolean circuit for M examples of D features, and count the gates; may be repeated.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: str, sizes: tuple[tuple[int, int], ...], as_json: bool) -> None:
    """Count what a machine's network consists of, beside the bounds of the paper's Theorem 1.

    s is the number of states, t of steps, U_s the set of distinct weights and biases; d_rc is the width of the recurrent
    convolution. The chance is that of drawing every weight and bias from U_s and hitting exactly this network.
    """
    from tmc.diagnostics import Rejected
    from tmc.files import read_text
    from tmc.pipeline import compile_machine
    from tmc.verify.report import report

    build = compile_machine(read_text(file))
    if sizes and (not build.lowered.is_grid or build.lowered.bounds.steps is None):
        raise Rejected(f"{file}: a circuit has a size for learners that promise a bound on steps; leave --circuit out")
    figures = report(build)
    document = _document(figures, build, sizes)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else _as_text(figures, document))


def _document(report: Report, build: Build, sizes: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    from tmc.verify.report import LAYERS_PER_STEP, circuit

    circuits = [(d, m, circuit(build, m, d)) for d, m in sizes]
    return {
        "machine": report.table.name,
        "target": report.target,
        "states": len(report.table.states),
        "symbols": [len(tape.symbols) for tape in report.table.tapes],
        "transitions": len(report.table.transitions),
        "channels": report.size.channels,
        "d_rc": max(report.size.units),
        "units": list(report.size.units),
        "d_head": report.size.head_units,
        "entries": report.entries,
        "nonzero": report.size.nonzero,
        "values": [str(value) for value in report.drawn],
        "bits": report.bits,
        "layers_per_step": LAYERS_PER_STEP,
        "log2_chance": round(report.log2_chance, 1),
        "circuits": [
            {"d": d, "m": m, "cells": size.cells, "layers": size.layers, "gates": size.gates}
            for d, m, size in circuits
            if size is not None
        ],
    }


def _as_text(report: Report, document: dict[str, Any]) -> str:
    states = document["states"]
    rows = [
        ("states s", f"{states}", ""),
        ("symbols", " and ".join(map(str, document["symbols"])), ""),
        ("transitions", f"{document['transitions']}", ""),
        ("channels", f"{document['channels']}", "1" if report.target == "scalar" else "1 (target scalar)"),
        ("d_rc", f"{document['d_rc']}", f"100 s = {100 * states}"),
        ("hidden units", " + ".join(map(str, document["units"])), ""),
        ("d_head", f"{document['d_head']}", "constant"),
        ("weights, biases", f"{document['entries']}", "O(s^2)"),
        ("not 0", f"{document['nonzero']}", ""),
        ("|U_s|", f"{len(document['values'])}: {' '.join(document['values'])}", "O(s)"),
        ("bits", f"{document['bits']}", "log2 s + constant"),
        ("layers", f"{document['layers_per_step']} t + m + d + 2", "c1 (t + m + d)"),
        ("log2 chance", f"{document['log2_chance']}", "-c2 s^2 log2 s"),
    ]
    left = max(len(name) for name, _, _ in rows)
    middle = max(len(value) for _, value, _ in rows)
    lines = [f"{document['machine']}, target {document['target']}", f"{'':{left}}  {'here':{middle}}  the paper".rstrip()]
    lines += [f"{name:{left}}  {value:{middle}}  {paper}".rstrip() for name, value, paper in rows]
    lines += [
        f"circuit for d = {c['d']}, m = {c['m']}: {c['gates']} gates ({c['layers']} layers of {c['cells']} cells)"
        for c in document["circuits"]
    ]
    return "\n".join(lines)
