"""The version, and the name under which packages are installed: ``tmc`` itself is another project's name on the public index."""

from __future__ import annotations

__version__ = "0.1.0"
DISTRIBUTION = "turing-machine-compiler"


def how_to_install(extra: str) -> str:
    """The command that installs tmc with one of its extras.

    >>> how_to_install("plot")
    "pip install 'turing-machine-compiler[plot]'"
    """
    return f"pip install '{DISTRIBUTION}[{extra}]'"
