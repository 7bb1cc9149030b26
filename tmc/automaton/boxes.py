"""Sets of values as boxes of trits: a box allows each trit of a field a set of values, independently."""

from __future__ import annotations

from functools import cache

from tmc.ir.cells import code

Box = tuple[tuple[int, ...], ...]  # for each trit, the values allowed (sorted)


def boxes(chosen: tuple[int, ...], occurring: tuple[int, ...], trits: int) -> tuple[Box, ...]:
    """Few boxes that together hold the codes of `chosen`, each once, and of no other value that occurs.

    Codes of values that do not occur may lie in a box: they make it larger, hence cheaper to test.

    >>> boxes((1, 2), (0, 1, 2), 1)     # "not the value at rest"
    (((-1, 1),),)
    """
    if not chosen:
        return ()
    if len(chosen) == 1:  # a machine has as many states as you like: what occurs besides must not even be looked at
        return (tuple((trit,) for trit in code(chosen[0], trits)),)
    return _boxes(chosen, occurring, trits)


@cache
def _boxes(chosen: tuple[int, ...], occurring: tuple[int, ...], trits: int) -> tuple[Box, ...]:
    inside = [code(value, trits) for value in chosen]
    hull: Box = tuple(tuple(sorted({trit[k] for trit in inside})) for k in range(trits))
    outside = [code(value, trits) for value in occurring if value not in chosen]
    if not any(_holds(hull, trit) for trit in outside):
        return (hull,)
    candidates = [_split(chosen, occurring, trits, k) for k in range(trits) if len(hull[k]) > 1]
    return min(candidates, key=len)


def _holds(box: Box, trits: tuple[int, ...]) -> bool:
    return all(trit in allowed for trit, allowed in zip(trits, box, strict=True))


def _split(chosen: tuple[int, ...], occurring: tuple[int, ...], trits: int, k: int) -> tuple[Box, ...]:
    """The boxes of the parts of `chosen` that have one value of trit `k` each."""
    parts: dict[int, list[int]] = {}
    for value in chosen:
        parts.setdefault(code(value, trits)[k], []).append(value)
    return tuple(box for _, part in sorted(parts.items()) for box in boxes(tuple(part), occurring, trits))
