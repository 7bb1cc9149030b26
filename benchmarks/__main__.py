"""``python -m benchmarks [--json] [NAME …]``: run the benchmarks and print a Markdown table, or JSON."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict

NAMES = ("compiling", "engines")


def main(arguments: list[str]) -> None:
    """Run the named benchmarks, or all."""
    chosen = [name for name in arguments if name != "--json"] or list(NAMES)
    unknown = sorted(set(chosen) - set(NAMES))
    if unknown:
        raise SystemExit(f"no benchmark is named {unknown[0]}; there are {', '.join(NAMES)}")
    found = [comparison for name in chosen for comparison in importlib.import_module(f"benchmarks.{name}").comparisons()]
    if "--json" in arguments:
        print(json.dumps([asdict(comparison) for comparison in found], indent=2))
        return
    print("| what | tmc | against | | ratio |")
    print("|---|---|---|---|---|")
    for c in found:
        print(f"| {c.name} | {c.ours:.3g} {c.unit} | {c.against} | {c.other:.3g} {c.unit} | {c.ratio:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
