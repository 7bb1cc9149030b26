"""``python -m benchmarks [--json] [--large] [--into FILE] [NAME …]``: run the benchmarks and print a Markdown table, or JSON.

``--large`` adds what takes minutes. ``--into FILE`` puts the table into a Markdown file, between two marks.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from os import cpu_count
from pathlib import Path

from benchmarks.measure import Comparison

NAMES = ("compiling", "starting", "growing", "table", "learning", "engines", "sizes")
BEGIN, END = "<!-- made by `make bench`, do not edit -->", "<!-- end -->"


def main(arguments: list[str]) -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benchmarks and print a table.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--large", action="store_true", help="also what takes minutes")
    parser.add_argument("--into", type=Path, metavar="FILE", help="put the table into this Markdown file, between its marks")
    options = parser.parse_args(arguments)
    found = []
    for comparison in _all(options.names or NAMES, options.large):
        print(f"{comparison.name}: {comparison.ours:.3g} {comparison.unit}", file=sys.stderr)
        found.append(comparison)
    if options.json:
        print(json.dumps([asdict(comparison) for comparison in found], indent=2, ensure_ascii=False))
    elif options.into:
        before, rest = options.into.read_text(encoding="utf-8").split(BEGIN)
        text = f"{before}{BEGIN}\n{_table(found)}\n{END}{rest.split(END)[1]}"
        options.into.write_text(text, encoding="utf-8")
    else:
        print(_table(found))


def _all(names: tuple[str, ...], large: bool) -> Iterator[Comparison]:
    modules = [importlib.import_module(f"benchmarks.{name}") for name in names]
    for module in modules:
        yield from module.comparisons()
    for module in modules if large else ():
        yield from module.larger() if hasattr(module, "larger") else ()


def _table(found: list[Comparison]) -> str:
    rows = [f"On {_machine()}:", "", "| what | tmc | against | | ratio |", "|---|---|---|---|---|"]
    return "\n".join([*rows, *map(_row, found)])


def _row(c: Comparison) -> str:
    return f"| {c.name} | {_number(c.ours)} {c.unit} | {c.against} | {_number(c.other)} {c.unit} | {_ratio(c.ratio)} |"


def _number(number: float) -> str:
    """Three digits, never as a power of ten."""
    return f"{number:.3g}" if number < 1000 else f"{number:,.0f}"


def _ratio(ratio: float) -> str:
    """``1/250`` for 0.004."""
    return f"{ratio:.3g}" if ratio > 0.1 else f"1/{1 / ratio:.0f}"


def _machine() -> str:
    """The processor, as far as it says, and Python."""
    cores = cpu_count()
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = {line.split(":")[1].strip() for line in lines if line.startswith("model name")}
    name = ", ".join(sorted(names)) or platform.processor() or platform.machine()
    return f"{cores} core{'s' if cores != 1 else ''} of {name}, Python {platform.python_version()}"


if __name__ == "__main__":
    main(sys.argv[1:])
