"""``python -m tmc.native.compile_kernels``: have all machine code ready before it is needed, two modules at a time."""

from __future__ import annotations

import sys
from time import perf_counter

from tmc.native.machine_code import TOGETHER, object_files


def main() -> None:
    """Compile what is not in the cache."""
    began = perf_counter()
    sys.stderr.write("compiling machine code, which is done once …\n")
    object_files(tuple(module for modules in TOGETHER for module in modules))
    sys.stderr.write(f"machine code is ready after {perf_counter() - began:.0f} s\n")


if __name__ == "__main__":
    main()
