"""Pages without a browser: their documents, and node, which runs their modules."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conftest import ROOT
from tmc.ir.document import Document
from tmc.ir.tape import Grid, Line
from tmc.pipeline import Stages
from tmc.run.simulator import simulate
from tmc.targets.scalar.target import NumeralCoding
from tmc.testing.lockstep import start_of
from tmc.view.page.document import Input, Limits, Network, Parts, page_document


def node() -> str:
    """The program node: the machine's, or the one that comes with playwright."""
    found = shutil.which("node")
    package = importlib.util.find_spec("playwright")
    if found is None and package is not None and package.origin is not None:
        found = shutil.which(Path(package.origin).parent / "driver" / "node")
    assert found is not None, "these tests need node: install it, or playwright, which brings one"
    return found


def network_of(stages: Stages) -> Network:
    """The network of a page."""
    if isinstance(stages.coding, NumeralCoding):
        return Network(stages.filters, "", numeral=stages.coding.numeral, scale=stages.coding.unit)
    return Network(stages.filters, "", trits=stages.cells.widths())


def document_of(stages: Stages, data: Grid | Line, steps: int) -> Document:
    """The document of a page that shows so many steps at most, with a lattice as large as they need."""
    start = start_of(stages, data, simulate(stages.table, data, steps))
    limits, rules, network = Limits(steps, 8 * steps + 1000), stages.rules, network_of(stages)
    given = Input(data)
    parts = Parts((), stages.table, stages.lowered, rules, network, given, start.lattice, start.origin, False, None, limits)
    return page_document(parts, None)


def followed(asked: Sequence[Document]) -> list[Any]:
    """What node makes of documents (`tests/page/follow.mjs`), each in ``{"document": …}``, maybe with what is asked of it."""
    lines = "".join(json.dumps(each) + "\n" for each in asked)
    script = ROOT / "tests" / "page" / "follow.mjs"
    done = subprocess.run([node(), script], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
