"""The rules that come before the machine: holding the memory still while it is learnt, then decoding it.

A raw cell holds `y·x·x'`: label times feature times the query's feature (the label column: `y`; the query's own row: `x'`).
Nothing starts while the bottom row is all zero. Then the bottom row sends `x'` up its columns and the label column sends `y` left
along its rows; each cell multiplies, so that plain `x` and `y` remain. The top-left cell is the last one reached, after `m + d +
1` layers: the control is born there in the next one.
"""

from __future__ import annotations

from tmc.automaton.signals import BEYOND, CONTROL, LIVE, MINUS, NONE, PAD, PLUS, RAW, Signals
from tmc.ir.lattice import EAST, HERE, NORTH, SOUTH, WEST
from tmc.ir.rules import Copy, Guard, Literal, Rule, Write

_RAW = Literal(HERE, "kind", (RAW,))
_FEATURE = Literal(EAST, "kind", (RAW, LIVE))
_LABEL = Literal(EAST, "kind", (PAD,))
_LAST_ROW = Literal(SOUTH, "inside", (BEYOND,))
_REACHED_FROM_BELOW = Literal(SOUTH, "kind", (LIVE,))
_NEGATIVE, _POSITIVE = Literal(HERE, "symbol", (MINUS,)), Literal(HERE, "symbol", (PLUS,))
_GO_LIVE = Write("kind", LIVE)


def memory_rules(signals: Signals, start: int) -> tuple[Rule, ...]:
    """The decoding of a grid, in `m + d + 2` layers; nothing for a line. `start` is the value of `state` to begin with."""
    if not signals.decodes:
        return ()
    decode = signals.move_number("decode")
    reached_from_the_right = Literal(EAST, "move", (decode,))
    send_left = Write("move", decode)
    last_row = (
        Rule(
            "decode: the query starts",
            (_RAW, _LAST_ROW, _FEATURE, Literal(HERE, "symbol", (MINUS, PLUS))),
            (_GO_LIVE, Copy("carry1", HERE, "symbol")),
        ),
        Rule(
            "decode: the query's label is blanked",
            (_RAW, _LAST_ROW, _LABEL, _POSITIVE),
            (_GO_LIVE, Write("symbol", NONE), send_left, Write("carry1", PLUS)),
        ),
    )
    label = Rule(
        "decode: a label starts",
        (_RAW, _REACHED_FROM_BELOW, _LABEL, Literal(HERE, "symbol", (MINUS, PLUS))),
        (_GO_LIVE, send_left, Copy("carry1", HERE, "symbol")),
    )
    top_left = (Literal(NORTH, "inside", (BEYOND,)), Literal(WEST, "inside", (BEYOND,)))
    nobody = (Literal(HERE, "control", (NONE,)), Literal(HERE, "state", (NONE,)))
    born = (Write("control", CONTROL), Write("state", start))
    birth = Rule("decode: the control is born", (*top_left, *nobody, Literal(HERE, "move", (decode,))), born)
    up = _multiply("times the query's feature", (_RAW, _REACHED_FROM_BELOW, _FEATURE), SOUTH, (_GO_LIVE,))
    left = _multiply("times the label", (reached_from_the_right,), EAST, (send_left,))
    return (*last_row, *up, label, *left, birth)


def _multiply(name: str, guard: Guard, origin: int, writes: tuple[Write, ...]) -> tuple[Rule, ...]:
    """The symbol times the carry that arrives from `origin`, which is passed on. (A full memory holds no 0.)"""
    plus, minus = Literal(origin, "carry1", (PLUS,)), Literal(origin, "carry1", (MINUS,))
    keep, flip = (*writes, Write("carry1", PLUS)), (*writes, Write("carry1", MINUS))
    return (
        Rule(f"decode: {name}, +1", (*guard, plus), keep),
        Rule(f"decode: {name}, -1 · 1", (*guard, minus, _POSITIVE), (*flip, Write("symbol", MINUS))),
        Rule(f"decode: {name}, -1 · -1", (*guard, minus, _NEGATIVE), (*flip, Write("symbol", PLUS))),
    )


def transparent_guards(signals: Signals) -> tuple[Guard, ...]:
    """Where a cell passes on the derivative of its value: in the first row that is still 0, so that plain gradient descent writes
    example `i` into row `i` and nowhere else (Lemma 1.1)."""
    if not signals.decodes:
        return ()
    empty = (_RAW, Literal(HERE, "symbol", (NONE,)))
    first = (*empty, Literal(NORTH, "inside", (BEYOND,)))
    after_a_full_row = (*empty, Literal(NORTH, "kind", (RAW,)), Literal(NORTH, "symbol", (MINUS, PLUS)))
    return (first, after_a_full_row)
