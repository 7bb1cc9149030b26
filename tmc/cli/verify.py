"""``tmc verify``: show that a checkpoint does what its source says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.printing import print_json
from tmc.diagnostics import Rejected
from tmc.files import check_writable
from tmc.version import __version__

if TYPE_CHECKING:
    from tmc.net.checkpoint.reading import Checkpoint
    from tmc.verify.certificate import Certificate, Stage
    from tmc.verify.faults import Fault
    from tmc.verify.precision import Contract

EPILOG = """\b
Examples:
  tmc verify gauss.safetensors
  tmc verify gauss.safetensors --dtype float16
  tmc verify gauss.safetensors --json > gauss.certificate.json"""

DTYPES = ("float64", "float32", "tf32", "float16", "bfloat16", "int8")


@click.command("verify", epilog=EPILOG)
@click.argument("model")
@click.option("--dtype", type=click.Choice(DTYPES), help="Also ask whether the network is exact in this number format.")
@click.option("--json", "as_json", is_flag=True, help="Print the certificate as one JSON object.")
@click.option("--relabel", metavar="FILE", help="Write the network with its units in the order of their labels, and verify that.")
def command(model: str, dtype: str | None, as_json: bool, relabel: str | None) -> int:
    """Show that a compiled network does what its source says, for every input and any number of layers.

    MODEL is a checkpoint (.safetensors). Its source is compiled again; then each stage is shown against the one before it, down to
    the weights that are in the file. The exit status is 1 when something cannot be shown.
    """
    from tmc.net.checkpoint import reading as checkpoint

    held = checkpoint.load(model, as_written=False)
    if relabel is not None:
        held, model = _relabelled(held, relabel), relabel
    return report(certified(held), model, dtype, as_json)


def _relabelled(held: Checkpoint, path: str) -> Checkpoint:
    """The same network, written to `path`, with its units where their labels say. Raises `Rejected` where no order is that."""
    from tmc.ir.from_document import table_of
    from tmc.net.checkpoint import reading as checkpoint
    from tmc.pipeline import lower_table
    from tmc.verify.labels import labels, relabelled

    check_writable(path)
    try:
        stages = lower_table(table_of(held.about["table"]), held.target.name, held.target.scale_of(held.about))
        found = labels(held, stages)
    except (KeyError, ValueError, IndexError):
        raise Rejected(f"{held.name}: {checkpoint.DAMAGED}") from None
    ordered = None if found.changed else relabelled(held, found)
    if ordered is None:
        why = "no order of its units is that of its labels, or they are stored sparse"
        raise Rejected(f"{held.name}: {why}; `tmc verify` says which are not the compiler's")
    checkpoint.save(ordered, path)
    return ordered


def certified(checkpoint: Any) -> Certificate:
    """The certificate of a checkpoint, with progress on a terminal."""
    from tmc.verify.certificate import certify

    shown = sys.stderr is not None and sys.stderr.isatty()

    def progress(name: str) -> None:
        if shown:
            click.echo(f"\r\x1b[K{name} …", nl=False, err=True)

    try:
        return certify(checkpoint, progress)
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def report(certificate: Certificate, model: str, dtype: str | None = None, as_json: bool = False) -> int:
    """Print a certificate; the exit status."""
    fault = _dtype_fault(certificate, dtype) if dtype else ""
    if as_json:
        print_json(_document(certificate, dtype, fault), indent=2, sort=True)
    else:
        click.echo("\n".join(_lines(certificate, model)))
        if dtype:
            click.echo(f"{dtype}: {'not shown to be exact: ' + fault if fault else 'exact'}")
    return 0 if certificate.holds and not fault else 1


def _dtype_fault(certificate: Certificate, dtype: str) -> str:
    from tmc.verify.precision import FORMATS

    if certificate.contract is None:
        own = certificate.dtype
        return "" if dtype == own and certificate.holds else f"of this network only {own} is known to be exact"
    return certificate.contract.fault(next(form for form in FORMATS if form.name == dtype))


def _lines(certificate: Certificate, model: str) -> list[str]:
    weights, source = certificate.digest[:12], certificate.source[:12]
    lines = [f"{model}: {certificate.machine}, target {certificate.target}, weights {weights}, source {source}", ""]
    width = max(len(stage.name) for stage in certificate.stages)
    for stage in certificate.stages:
        lines.append(f"  {stage.name:{width}}  {_verdict(stage):11}  {stage.says}{_figures(stage)}")
        lines += [f"  {'':{width}}  {'':11}  - {fault}" for fault in stage.faults]
    seconds = sum(stage.seconds for stage in certificate.stages)
    lines.append("")
    if not certificate.holds:
        failed = ", ".join(stage.name for stage in certificate.stages if not stage.holds)
        return [*lines, f"NOT verified: {failed} ({seconds:.1f} s)"]
    if certificate.contract is not None:
        lines += _precision(certificate.contract)
    run = ", ".join(stage.name for stage in certificate.stages if stage.how == "run")
    return [*lines, f"verified in {seconds:.1f} s: for every input and any number of layers; only run, not proved: {run}"]


def _verdict(stage: Stage) -> str:
    return stage.how if stage.holds else "NOT " + stage.how


def _figures(stage: Stage) -> str:
    margin = "" if stage.margin is None else f", margin {float(stage.margin):g}"
    return f" ({stage.cases:,} case{'' if stage.cases == 1 else 's'}, {stage.seconds:.2f} s{margin})"


def _precision(contract: Contract) -> list[str]:
    lines = [f"exact in {', '.join(contract.exact)}, on grids of any size"]
    if contract.noise:
        lines.append(f"noise of up to {contract.noise:g} on every weight is harmless where cells are rounded after each layer")
    return lines


def _document(certificate: Certificate, dtype: str | None, fault: str) -> dict[str, Any]:
    contract = certificate.contract
    document: dict[str, Any] = {
        "tmc": __version__,
        "machine": certificate.machine,
        "target": certificate.target,
        "weights_sha256": certificate.digest,
        "source_sha256": certificate.source,
        "verified": certificate.holds,
        "stages": [_stage(stage) for stage in certificate.stages],
        "exact_in": [certificate.dtype] if contract is None else list(contract.exact),
        "harmless_noise": None if contract is None else contract.noise,
    }
    return document if dtype is None else {**document, "dtype": dtype, "exact": not fault, "why_not": fault or None}


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "how": stage.how,
        "says": stage.says,
        "holds": stage.holds,
        "cases": stage.cases,
        "seconds": round(stage.seconds, 3),
        "margin": None if stage.margin is None else float(stage.margin),
        "faults": [_fault(fault) for fault in stage.faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    """What is wrong: the text of it, and, if it is one unit's, which unit, of which rule. A `file` of "" is the machine's own."""
    place, unit = fault.place, fault.unit
    return {
        "text": fault.text,
        "part": None if place is None else place.group,
        "layer": None if place is None else place.layer,
        "unit": None if place is None else place.unit,
        "name": None if unit is None else unit.name,
        "rule": None if unit is None else unit.rule or None,
        "file": unit.file if unit is not None and unit.line else None,
        "line": unit.line if unit is not None and unit.line else None,
    }
