"""How many threads a command uses."""

from __future__ import annotations

import os
import sys

VARIABLE = "OPENBLAS_NUM_THREADS"  # read when numpy is loaded


def load_numpy_for_small_matrices() -> None:
    """Load numpy so that it multiplies matrices on one thread: those of the sparse engine are small, and threads would spend their
    time waiting for each other. Who has set the variable, or loaded numpy before, keeps what they have."""
    if VARIABLE in os.environ or "numpy" in sys.modules:
        return
    os.environ[VARIABLE] = "1"
    try:
        import numpy  # noqa: F401, ICN001
    finally:
        del os.environ[VARIABLE]
