"""The process of the command line: what ``tmc`` and ``python -m tmc`` run."""

from __future__ import annotations

import sys

from tmc.garbage import rarely_collecting


def main() -> int:
    """Run the command line that the process was started with; returns the exit status."""
    with rarely_collecting():
        from tmc.cli import main as run  # thousands of objects

        return run()


if __name__ == "__main__":
    sys.exit(main())
