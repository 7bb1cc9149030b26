"""How many steps a machine on rows takes on the grid: the bound, and runs that come close to it."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from random import Random

import pytest

from conftest import rows_table, rule
from tmc.automaton.rows_to_grid import rows_to_grid
from tmc.automaton.wraps import Graph, MoveKind, RowPlace, most_wraps, wraps
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import ACCEPT, ANY_EDGE, Bounds, EdgeTest, Transition
from tmc.ir.tape import Grid, Move
from tmc.run.simulator import configurations

T = Polynomial.variable("t")
LEFT, RIGHT = Move.LEFT, Move.RIGHT
AT_LEFT: EdgeTest = (None, None, True, None)
NOT_LEFT: EdgeTest = (None, None, False, None)
AT_RIGHT: EdgeTest = (None, None, None, True)
NOT_RIGHT: EdgeTest = (None, None, None, False)
FIRST: EdgeTest = (True, None, True, None)  # the corners where the whole begins and ends
LAST: EdgeTest = (None, True, None, True)
NOT_FIRST: tuple[EdgeTest, ...] = ((False, None, None, None), (True, None, False, None))
NOT_LAST: tuple[EdgeTest, ...] = ((None, False, None, None), (None, True, None, False))


def go(state: int, target: int, move: Move = Move.STAY, *, on: tuple[EdgeTest, ...] = (ANY_EDGE,)) -> list[Transition]:
    return [rule(state, (0, 1, 2), target, move=move, edges=edges) for edges in on]


ONE_WAY = go(0, 0, RIGHT)
WITHIN_A_ROW = [
    *go(0, 0, RIGHT, on=(NOT_RIGHT,)),
    *go(0, 1, on=(AT_RIGHT,)),
    *go(1, 1, LEFT, on=(NOT_LEFT,)),
    *go(1, 0, on=(AT_LEFT,)),
]
ONLY_LEFT = go(0, 0, LEFT)
THERE_AND_BACK = [*go(0, 0, RIGHT, on=NOT_LAST), *go(0, 1, on=(LAST,)), *go(1, 1, LEFT, on=NOT_FIRST), *go(1, 0, on=(FIRST,))]
TURNING_ONCE = [  # over the end of the first row, at once back over it, and to the start
    *go(0, 0, RIGHT, on=(NOT_RIGHT,)), *go(0, 1, RIGHT, on=(AT_RIGHT,)), *go(1, 2, LEFT), *go(2, 2, LEFT, on=(NOT_LEFT,)),
    *go(2, 0, on=(AT_LEFT,)),
]  # fmt: skip
SHUTTLE = [*go(0, 0, RIGHT, on=(NOT_RIGHT,)), *go(0, 1, RIGHT, on=(AT_RIGHT,)), *go(1, 0, LEFT)]

MACHINES = {
    "one way": (ONE_WAY, "m*d + t"),
    "within a row": (WITHIN_A_ROW, "t"),
    "only left": (ONLY_LEFT, "t"),
    "there and back": (THERE_AND_BACK, "d + 2*t"),
    "turning once": (TURNING_ONCE, "2*d + 3*t"),
    "shuttle": (SHUTTLE, "t*d + t"),
}


@pytest.mark.parametrize(("transitions", "bound"), MACHINES.values(), ids=MACHINES)
def test_the_bound(transitions: list[Transition], bound: str) -> None:
    assert str(rows_to_grid(rows_table(*transitions, bounds=Bounds(T))).bounds.steps) == bound


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize(("m", "d"), [(1, 1), (1, 4), (3, 2), (2, 7)])
def test_it_allows_for_every_run(name: str, m: int, d: int) -> None:
    """At each moment, and none of them allows for much more than is taken at the worst one."""
    table = rows_table(*MACHINES[name][0], bounds=Bounds(T))
    bound = rows_to_grid(table).bounds.steps
    assert bound is not None
    path = islice(configurations(table, Grid(((0,) * (d + 1),) * (m + 1))), 300)
    heads = [configuration.head for configuration, _ in path]
    steps = list(range(1, 300))
    wrapped = [sum(abs(b[1] - a[1]) == d and a[0] != b[0] for a, b in pairwise(heads[: t + 1])) for t in steps]
    taken = [t + d * w for t, w in zip(steps, wrapped, strict=True)]
    allowed = [bound.evaluate({"t": t, "m": m, "d": d}) for t in steps]
    assert all(there <= most for there, most in zip(taken, allowed, strict=True))
    assert max(there / most for there, most in zip(taken, allowed, strict=True)) >= 0.4


def test_a_machine_that_promises_nothing() -> None:
    assert rows_to_grid(rows_table(*SHUTTLE)).bounds == Bounds()


def test_what_nothing_reaches_does_not_count() -> None:
    never = [rule(3, (0,), 3, move=RIGHT), rule(3, (1,), 3, move=LEFT)]
    assert str(rows_to_grid(rows_table(*ONE_WAY, *never, bounds=Bounds(T))).bounds.steps) == "m*d + t"


@pytest.mark.parametrize(
    ("edges", "move", "expected"),
    [(AT_RIGHT, RIGHT, True), (AT_RIGHT, LEFT, False), (NOT_RIGHT, RIGHT, False), (AT_RIGHT, Move.STAY, False),
     (AT_LEFT, LEFT, True), (AT_LEFT, RIGHT, False), (NOT_LEFT, LEFT, False)],
)  # fmt: skip
def test_which_transitions_wrap(edges: EdgeTest, move: Move, expected: bool) -> None:
    assert wraps(rule(0, (0,), 0, move=move, edges=edges)) == expected
    assert not wraps(rule(0, (0,), ACCEPT, move=move, edges=edges))


def plainly_most_wraps(graph: Graph) -> int | None:
    """The nodes that lie behind another wrap, again and again, until there are none or always the same."""
    most, within = 0, set(graph)
    while True:
        behind, waiting = set(), [after for node in within for after, step in graph[node] if step is MoveKind.WRAP]
        while waiting:
            node = waiting.pop()
            if node not in behind:
                behind.add(node)
                waiting += [after for after, step in graph[node] if step is not MoveKind.CROSSING]
        if not behind:
            return most
        if behind == within:
            return None
        most, within = most + 1, behind


def test_the_most_wraps_on_any_graph() -> None:
    random, found = Random(0), Counter[int | None]()
    for _ in range(800):
        nodes = [(state, random.choice(list(RowPlace))) for state in range(random.randint(1, 9))]
        graph = {
            node: tuple((random.choice(nodes), random.choice(list(MoveKind))) for _ in range(random.randint(0, 2)))
            for node in nodes
        }
        found[most_wraps(graph)] += 1
        assert most_wraps(graph) == plainly_most_wraps(graph)
    assert {None, 0, 1, 2, 3} <= found.keys()


def test_a_long_chain_of_wraps() -> None:
    count = 3000
    chain = {
        (state, RowPlace.LEFT_END): (((state + 1, RowPlace.LEFT_END), MoveKind.WRAP),) if state + 1 < count else ()
        for state in range(count)
    }
    assert most_wraps(chain) == count - 1
