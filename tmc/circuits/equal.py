"""Whether two circuits are the same, case by case: always there, and exact, for few inputs."""

from __future__ import annotations

from tmc.circuits.abc import check_alike
from tmc.circuits.graph import Graph, all_cases, evaluate
from tmc.diagnostics import Rejected

MOST_INPUTS = 20


def difference(one: Graph, other: Graph) -> dict[str, bool] | None:
    """The first case in which two circuits say different things, as a value of each input; None if they are the same.

    Every case is looked at. Raises `Rejected` for circuits of other inputs or outputs, or of more than `MOST_INPUTS` inputs.
    """
    check_alike(one, other)
    count = len(one.inputs)
    if count > MOST_INPUTS:
        raise Rejected(f"{count} inputs are too many to look at every case; let ABC compare the circuits")
    words, cases = all_cases(count), 1 << count
    first, second = evaluate(one, words, cases), evaluate(other, words, cases)
    differing = 0
    for name in first:
        differing |= first[name] ^ second[name]
    if not differing:
        return None
    case = (differing & -differing).bit_length() - 1
    return {name: bool(case >> number & 1) for number, name in enumerate(one.inputs)}
