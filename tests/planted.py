"""Machines to plant bugs in: the shipped ones as they once were, so that lines keep their numbers."""

from __future__ import annotations

INCREMENT = """\
machine increment
    "Adds one to a binary number."

tape data: line of _ 0 1

bounds
    steps 2*n + 3

start to_end

state to_end
    on 0|1 move right
    on _ move left -> carry

state carry
    on 1 write 0 move left
    on 0|_ write 1 -> accept

test "eleven plus one"
    data 1011
    -> accept
    data is 1100

test "seven plus one grows a digit"
    data 111
    -> accept
    data is 1000

test "nothing plus one"
    data _
    -> accept
    data is 1
"""

GAUSS = """\
learner gauss
    "Learns a parity by Gaussian elimination, then answers the query row."

tape data: grid of _ 0 1
tape work: line of _ 0 1

bounds
    steps (m + 1) * (d^2 + 3*d + 1) + 1
    work d + 2

start find

state find
    at right -> answer
    at bottom -> next_column
    on 1 write 0 move right, right -> take
    otherwise move down

state take
    on 1 at right write 0, 1 move left, left -> return
    at right write 0, 0 move left, left -> return
    on 1 write 0, 1 move right, right
    otherwise write 0, 0 move right, right

state return
    on *, 0|1 move left, left
    at bottom -> next_column
    otherwise move down -> eliminate

state eliminate
    on 1 write 0 move right, right -> add
    at bottom -> next_column
    otherwise move down

state add
    on 1, 1 at right write 0 move left, left -> return
    on *, 1 at right write 1 move left, left -> return
    at right move left, left -> return
    on 1, 1 write 0 move right, right
    on *, 1 write 1 move right, right
    otherwise move right, right

state next_column
    at top move right -> find
    otherwise move up

state answer
    on 1 at bottom -> accept
    at bottom -> reject
    otherwise move down

test "x0 + x2"
    example 1 1 0 -> 1
    example 0 1 1 -> 1
    example 0 1 0 -> 0
    example 1 0 1 -> 0
    query 0 0 1 -> 1

test "a query that is an example"
    example 1 1 -> 0
    example 1 0 -> 1
    query 1 1 -> 0

test "all features"
    example 1 1 1 1 -> 0
    example 0 1 1 1 -> 1
    example 0 0 1 1 -> 0
    example 0 0 0 1 -> 1
    query 1 0 1 0 -> 0

test "one example, one feature"
    example 1 -> 1
    query 1 -> 1

test "rows in any order, one of them twice"
    example 0 0 1 -> 1
    example 0 1 1 -> 0
    example 0 1 1 -> 0
    example 1 0 0 -> 0
    query 1 1 0 -> 1
"""


def changed(text: str, old: str, new: str) -> str:
    """The text with one place changed."""
    assert text.count(old) == 1
    return text.replace(old, new)
