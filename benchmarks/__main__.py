"""``python -m benchmarks [--json] [--large] [NAME …]``: run the benchmarks and print a Markdown table, or JSON.

``--large`` adds what takes a minute.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict

NAMES = ("compiling", "growing", "engines", "learning")
OPTIONS = ("--json", "--large")


def main(arguments: list[str]) -> None:
    """Run the named benchmarks, or all."""
    chosen = [name for name in arguments if name not in OPTIONS] or list(NAMES)
    unknown = sorted(set(chosen) - set(NAMES))
    if unknown:
        raise SystemExit(f"no benchmark is named {unknown[0]}; there are {', '.join(NAMES)}")
    modules = [importlib.import_module(f"benchmarks.{name}") for name in chosen]
    found = [comparison for module in modules for comparison in module.comparisons()]
    if "--large" in arguments:
        found += [comparison for module in modules if hasattr(module, "larger") for comparison in module.larger()]
    if "--json" in arguments:
        print(json.dumps([asdict(comparison) for comparison in found], indent=2))
        return
    print("| what | tmc | against | | ratio |")
    print("|---|---|---|---|---|")
    for c in found:
        print(f"| {c.name} | {c.ours:.3g} {c.unit} | {c.against} | {c.other:.3g} {c.unit} | {c.ratio:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
