"""``tmc report FILE``: the figures of one machine."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import click

from tmc.cli.extras import check_plot
from tmc.cli.machine_texts import read_machine
from tmc.cli.printing import print_json
from tmc.cli.report_plots import plot_path, write_circuit_plot
from tmc.diagnostics import Rejected
from tmc.pipeline import Build, compile_machine
from tmc.report.theorem import C1, LAYERS_PER_STEP, TheoremReport, circuit, report
from tmc.targets.registry import target_named

WIDTH = 100  # of a list of values
FEW = 60  # letters of a list that stands in its row


def show_machine(file: str, target: tuple[str, str], sizes: tuple[tuple[int, int], ...], folder: str | None, as_json: bool) -> None:
    """Print the figures; `target` is the target and its scale. Draws the plot of circuits in a folder, if one is given."""
    if folder is not None:
        check_plot(plot_path(folder, "circuit"))
    build = compile_machine(read_machine(file), target=target[0], scale=target[1])
    if (sizes or folder is not None) and (not build.lowered.is_grid or build.lowered.bounds.steps is None):
        without = "--circuit" if sizes else "--plot"
        raise Rejected(f"{file}: a circuit has a size for learners that promise a bound on steps; leave {without} out")
    figures = report(build)
    document = _document(figures, build, sizes)
    if as_json:
        print_json(document, indent=2)
    else:
        click.echo(_as_text(figures, document))
    if folder is not None:
        write_circuit_plot(folder, build, figures)


def _document(report: TheoremReport, build: Build, sizes: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    circuits = [(d, m, circuit(build, m, d)) for d, m in sizes]
    return {
        "machine": report.table.name,
        "target": report.target,
        "scale": report.scale,
        "states": len(report.table.states),
        "symbols": [len(tape.symbols) for tape in report.table.tapes],
        "transitions": len(report.table.transitions),
        "channels": report.size.channels,
        "d_rc": max(report.size.units),
        "units": list(report.size.units),
        "used": list(report.used),
        "d_head": report.size.head_units,
        "entries": report.entries,
        "nonzero": report.size.nonzero,
        "values": [str(value) for value in report.drawn],
        "bits": report.bits,
        "significant": report.significant,
        "digits": report.digits,
        "floats": report.floats,
        "layers_per_step": LAYERS_PER_STEP,
        "c1": C1,
        "log2_chance": round(report.log2_chance, 1),
        "c2": None if report.c2 is None else round(report.c2, 1),
        "circuits": [
            {"d": d, "m": m, "cells": size.cells, "layers": size.layers, "gates": size.gates}
            for d, m, size in circuits
            if size is not None
        ],
    }


def _as_text(report: TheoremReport, document: dict[str, Any]) -> str:
    states, papers = document["states"], target_named(report.target).paper
    values = " ".join(document["values"])
    listed = f": {values}" if len(values) <= FEW else ", listed below"
    c2 = "" if document["c2"] is None else f", c2 = {document['c2']}"
    rows = [
        ("states s", f"{states}", ""),
        ("symbols", " and ".join(map(str, document["symbols"])), ""),
        ("transitions", f"{document['transitions']}", ""),
        ("channels", f"{document['channels']}", "1" if papers else "1 (target scalar)"),
        ("d_rc", f"{document['d_rc']}", f"100 s = {100 * states}"),
        ("units used" if papers else "hidden units", " + ".join(map(str, document["used"])), ""),
        ("d_head", f"{document['d_head']}", "constant"),
        ("weights, biases", f"{document['entries']}", "O(s^2)"),
        ("not 0", f"{document['nonzero']}", ""),
        ("|U_s|", f"{len(document['values'])}{listed}", "O(s)"),
        ("bits", f"{document['bits']}; of one alone {document['significant']}", "log2 s + constant"),
        *([] if report.digits is None else [("digits of sums", f"{report.digits}, so {report.floats}", "log2 s + constant")]),
        ("layers", f"{document['layers_per_step']} t + m + d + 2", f"c1 (t + m + d), c1 = {document['c1']}"),
        ("log2 chance", f"{document['log2_chance']}", f"-c2 s^2 log2 s{c2}"),
    ]
    left = max(len(name) for name, _, _ in rows)
    middle = max(len(value) for _, value, _ in rows)
    target = document["target"] if report.scale is None else f"{document['target']}, scale {document['scale']}"
    lines = [f"{document['machine']}, target {target}", f"{'':{left}}  {'here':{middle}}  the paper".rstrip()]
    lines += [f"{name:{left}}  {value:{middle}}  {paper}".rstrip() for name, value, paper in rows]
    lines += [
        f"circuit for d = {c['d']}, m = {c['m']}: {c['gates']} gates ({c['layers']} layers of {c['cells']} cells)"
        for c in document["circuits"]
    ]
    if len(values) > FEW:
        lines += ["U_s:", *wrap(values, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)]
    return "\n".join(lines)
