"""Random streams: one for each seed, number and use, all independent of one another."""

from __future__ import annotations

from numpy.random import PCG64, SeedSequence

PROBLEMS, FRESH, FILLINGS, WEIGHTS = range(4)  # what a stream is used for
END = 1 << 32  # NumPy takes larger numbers apart into words, and then two of them could mean what three mean


def stream(seed: int, number: int, use: int) -> PCG64:
    """The stream for a seed, a number and a use. ValueError when the seed or the number has more than 32 bits."""
    if not (0 <= seed < END and 0 <= number < END):
        raise ValueError(f"seeds and numbers are from 0 to {END - 1}, not {seed} and {number}")
    return PCG64(SeedSequence((seed, number, use)))
