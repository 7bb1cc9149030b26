"""``tmc compile machines/gauss.tm`` and ``tmc check`` as whole processes, beside a Python that only imports numpy."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Comparison, compare, process
from tmc.files import shipped


def comparisons() -> Iterator[Comparison]:
    """Of each command: seconds, then peak memory."""
    machine = str(shipped("machines") / "gauss.tm")
    with tempfile.TemporaryDirectory() as folder:
        output = str(Path(folder) / "gauss.safetensors")
        for name, arguments in (("compile", (machine, "-o", output)), ("check", (machine,))):
            for index, unit in enumerate(("s", "MB")):
                yield compare(
                    f"tmc {name} gauss.tm, whole process, {unit}",
                    'python -c "import numpy"',
                    unit,
                    lambda index=index, name=name, arguments=arguments: process("-m", "tmc", name, *arguments)[index],
                    lambda index=index: process("-c", "import numpy")[index],
                )
