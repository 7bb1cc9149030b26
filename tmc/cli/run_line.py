"""The part of ``tmc run`` that is for line machines: the network works on a text."""

from __future__ import annotations

from dataclasses import asdict
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.bars import bar
from tmc.cli.printing import print_json

if TYPE_CHECKING:
    from tmc.cli.run_options import RunOptions
    from tmc.net.described import Described
    from tmc.net.line import LineRun


def run_on_text(network: Described, text: str, options: RunOptions) -> None:
    """Run the network on `text` and print what it has made of it."""
    began = perf_counter()
    run = _run(network, text, options)
    report = _report(network, run, options, perf_counter() - began)
    if options.as_json:
        print_json(report, sort=True)
    else:
        click.echo(run.text(options.full_depth))
    if run.verdict == "timeout" or (run.verdict == "loops" and run.depth is not None and not run.at_rest):
        why = "allow more with --max-layers" if run.depth is None else f"{network.name} breaks its bound on steps"
        click.echo(f"warning: there was no answer after {run.layers} layers; {why}", err=True)


def _run(network: Described, text: str, options: RunOptions) -> LineRun:
    from tmc.net.line import run_line

    with bar(desc="running", unit="layer", delay=1) as shown:
        return run_line(
            network,
            text,
            engine=options.engine,
            window=options.window,
            work=options.work or 0,
            max_layers=options.max_layers,
            full_depth=options.full_depth,
            progress=lambda layers: shown.update(layers - shown.n),
        )


def _report(network: Described, run: LineRun, options: RunOptions, seconds: float) -> dict[str, Any]:
    return {
        "machine": network.name,
        "verdict": run.verdict,
        "loop": None if run.loop is None else asdict(run.loop),
        "state": run.state,
        "head": run.head,
        "data": run.data,
        "work": run.work,
        "layers": run.layers,
        "layers_run": run.layers_run,
        "depth": run.depth,
        "cells": list(run.cells),
        "engine": run.engine.name,
        "chosen": run.engine.why,
        "seconds": round(seconds, 3),
    }
