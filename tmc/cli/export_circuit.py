"""The part of ``tmc export`` that is for learners: what a learner made of its examples, as a circuit or a function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.circuits.registry import CircuitFormat
from tmc.cli.tables import table_of_file
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from tmc.circuits.graph import Graph
    from tmc.learn.data.datasets import DataSet
    from tmc.net.sparse.plain import PlainNetwork

WHAT = ("classifier", "run", "network")


def circuit(file: str, archive: str | None, what: str, form: CircuitFormat, smaller: bool) -> tuple[bytes, str]:
    """What is to be written, and a line about it. Raises `Rejected`, and usage errors."""
    if what == "run" and form.classifiers_only:
        raise click.UsageError(f"--to {form.name} is a function of a query; leave --what run out.")
    graph = _graph(file, archive, what)
    before = len(graph.gates)
    if smaller:
        from tmc.circuits import abc

        graph = abc.smaller(graph)
    gates = f"{before} AND gates" if not smaller else f"{len(graph.gates)} AND gates ({before} without ABC)"
    return form.write(graph), f"{len(graph.inputs)} inputs, {gates}, depth {graph.depth()}"


def _graph(file: str, archive: str | None, what: str) -> Graph:
    from tmc.circuits.classifier import classifier, network_classifier, whole_run
    from tmc.learn.data import datasets
    from tmc.net.checkpoint.reading import is_checkpoint
    from tmc.net.sparse.plain import load

    network = load(file) if is_checkpoint(Path(file)) else None
    data = None if archive is None else datasets.load(archive)
    if data is None and (network is None or not network.is_trained):
        raise click.UsageError("a circuit is made for examples; give them with --input, or a network that has learnt them.")
    table = table_of_file(file)
    if what == "network":
        return network_classifier(_trained(file, network, data))
    if data is not None:
        x, y = data.x_train, data.y_train
    else:
        from tmc.circuits.classifier import examples_of

        assert network is not None
        x, y = examples_of(network)
    return whole_run(table, *x.shape) if what == "run" else classifier(table, x, y)


def _trained(file: str, network: PlainNetwork | None, data: DataSet | None) -> PlainNetwork:
    """The network, when it has learnt the examples by Algorithm 1."""
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.learn import memorise
    from tmc.net.sparse.plain import PlainNetwork
    from tmc.optimise.passes import optimise
    from tmc.pipeline import lower_table

    if network is None:
        network = PlainNetwork(from_stages(lower_table(optimise(table_of_file(file))[0]), file))
    if network.is_drawn:
        raise Rejected(f"{file}: its weights were drawn at random; it runs no machine")
    if data is not None:
        memorise(network, data.x_train, data.y_train, network.shape(*data.x_train.shape))
    return network
