"""How large pages are, and how long their modules compute: the table of docs/view.md, by ``python -m benchmarks.pages``.

Needs node. The time is that of a processor, the best of three processes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PARITY = ("data", "parity", "--queries", "1", "--seed", "0")
RUNS = (
    ("Gauss, 16 examples of 8 features", ("gauss", "--input", "8-16.npz")),
    ("Gauss, 64 examples of 32 features", ("gauss", "--input", "32-64.npz")),
    ("the same, `--target scalar`", ("gauss", "--input", "32-64.npz", "--target", "scalar")),
    ("the busy beaver with five states, its first part", ("busy_beaver_5", "--data", "")),
)


def main() -> None:
    """Print a row for each run."""
    with tempfile.TemporaryDirectory() as folder:
        for d, m in ((8, 16), (32, 64)):
            _tmc(folder, *PARITY, "--d", d, "--m", m, "-o", f"{d}-{m}.npz")
        print("| run | steps | layers | file | computing |\n|---|---|---|---|---|")
        for name, (machine, *options) in RUNS:
            _tmc(folder, "view", ROOT / "machines" / f"{machine}.tm", *options, "-o", "page.html")
            page = (Path(folder) / "page.html").read_text(encoding="utf-8")
            found = min((_computed(page) for _ in range(3)), key=lambda each: float(each["seconds"]))
            size, seconds = len(page.encode()) / 1e6, found["seconds"]
            print(f"| {name} | {found['steps']:,} | {found['layers']:,} | {size:.1f} MB | {seconds:.1f} s |", flush=True)


def _tmc(folder: str, *arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "tmc", *map(str, arguments)], cwd=folder, check=True, capture_output=True)


def _computed(page: str) -> Any:
    document = re.search(r'id="document">(.*?)</script>', page, re.DOTALL)
    assert document is not None
    script = ROOT / "benchmarks" / "pages.mjs"
    done = subprocess.run(["node", script], input=document[1], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
