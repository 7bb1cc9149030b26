"""``tmc compile machines/gauss.tm`` as a whole process, beside a Python that only imports what the compiler stands on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Comparison, compare, process
from tmc.files import shipped


def comparisons() -> Iterator[Comparison]:
    """Seconds, then peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        ours = ("-m", "tmc", "compile", str(shipped("machines") / "gauss.tm"), "-o", str(Path(folder) / "gauss.safetensors"))
        other = ("-c", "import lark, numpy")
        against = 'python -c "import lark, numpy"'
        for index, unit in enumerate(("s", "MB")):
            yield compare(
                f"tmc compile gauss.tm, whole process, {unit}",
                against,
                unit,
                lambda index=index: process(*ours)[index],
                lambda index=index: process(*other)[index],
            )
