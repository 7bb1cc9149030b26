"""Table to rules: the machine as a cellular automaton in which every cell sees only its 3x3 patch.

The control sits in the cell under the data head and carries the work tape with it: the cell `j` places to its right holds, in
`right` and `left`, the work symbols `j` places right and left of the work head (in the control's own cell, `right` is the symbol
under the work head). So both heads are always in one place, and whatever happens to the work tape runs rightwards along one row.

What is preserved: whenever the control is at rest, the lattice holds the machine's configuration (`tmc.run.observe` reads it),
and a run of `t` steps takes at most `4t + m + d + 2` layers on a grid.

    state s: on 1  write 0  move right      becomes      control = here, state = s, symbol = 1  =>  symbol := 0, move := right
                                                         west.control = here, west.move = right  =>  control := here, …
"""

from __future__ import annotations

from tmc.automaton.edges import stop_at_edges
from tmc.automaton.memory import memory_rules, transparent_guards
from tmc.automaton.signals import BEYOND, LIVE, NONE, PAD, PUSH_LEFT, PUSH_RIGHT, RAW, Signals, fields_of
from tmc.automaton.transitions import TransitionRules
from tmc.automaton.travel import control_is, travel_rules
from tmc.ir.conflicts import validate
from tmc.ir.lattice import EAST, HERE, NORTH, NORTH_WEST, PLACES, SOUTH, SOUTH_WEST, WEST
from tmc.ir.rules import Guard, Invariant, Literal, Rules
from tmc.ir.table import Table, rule_files

WAVES = ("left-wave", "right-wave", "slide")


def table_to_rules(table: Table) -> Rules:
    """The local rules of a machine. Raises InternalError when two rules may write one field at once: a bug in the construction."""
    table = stop_at_edges(table)
    signals = Signals.of(table)
    transitions = TransitionRules(table, signals)
    rules = Rules(
        fields=fields_of(table, signals),
        rules=(*memory_rules(signals, transitions.start()), *transitions.rules(), *travel_rules(signals)),
        invariants=_invariants(signals),
        transparent=transparent_guards(signals),
        files=rule_files(table),
    )
    validate(rules)
    return rules


def _invariants(signals: Signals) -> tuple[Invariant, ...]:
    """What holds in every patch of a run, and makes the rules exclusive where their guards alone do not."""
    control = Invariant("one control", tuple(control_is(place) for place in range(len(PLACES))))
    arrival = Invariant("one arrival", tuple(_arrivals(signals)))
    if not signals.decodes:
        return (control, arrival)
    beyond = ((Literal(SOUTH, "inside", (BEYOND,)),), (Literal(SOUTH, "kind", (LIVE, PAD)),))
    return (control, arrival, Invariant("no cell beyond the edge", beyond))


def _arrivals(signals: Signals) -> list[Guard]:
    """A cell has at most one of these things to do in a layer: waves start at the control, keep their distance, and all run to the
    right at the same speed."""
    arrivals: list[Guard] = [control_is(HERE)]
    if signals.decodes:
        decode = (signals.move_number("decode"),)
        arrivals += [(Literal(HERE, "kind", (RAW,)),), (Literal(HERE, "move", decode),), (Literal(EAST, "move", decode),)]
    if signals.packed:
        arrivals.append((Literal(WEST, "push", (PUSH_LEFT, PUSH_RIGHT)),))
    waves = tuple(sorted(signals.move_number(name) for name in WAVES if name in signals.used))
    if waves:
        arrivals.append((Literal(WEST, "move", waves),))
    quiet = (NONE,) if signals.packed else ()
    for place, name in ((WEST, "right"), (EAST, "left"), (NORTH, "down"), (SOUTH, "up")):
        if name in signals.used:
            arrivals.append((*control_is(place), *_asked(signals, place, name, quiet)))
    for place, name in ((NORTH_WEST, "down"), (SOUTH_WEST, "up"), (WEST, "down"), (WEST, "up")):
        if name in signals.used and signals.packed:
            arrivals.append(_asked(signals, place, name, quiet))
    return arrivals


def _asked(signals: Signals, place: int, name: str, quiet: tuple[int, ...]) -> Guard:
    """The signal `name` at `place`, no longer held back by a push."""
    push = (Literal(place, "push", quiet),) if quiet else ()
    return (*push, Literal(place, "move", (signals.move_number(name),)))
