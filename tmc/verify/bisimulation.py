"""That two machines are the same, proved: a bisimulation of their tables.

A set of pairs of states is a *bisimulation* if the two states of each pair react alike to every reading - they leave the same
symbols, move the same way, and halt with the same verdict or enter two states that are a pair again. If the pair of start states is
in one, the two runs on any input are in pairs of states, step after step, for ever. `bisimulation` builds the least one that could
hold this pair, or names a pair and a reading that rule it out.

A reading that rules it out may be one that no run meets: then the machines are alike all the same, and this is no proof of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tmc.frozen import frozen
from tmc.ir.alphabets import Aligned
from tmc.ir.reactions import Reaction, Reactions
from tmc.ir.tape import NOWHERE, Symbol, Touching

Pair = tuple[int, int]  # a state of each machine


@frozen
class Parting:
    """Two states, one of each machine, that react differently to a reading: with `reactions`, None if stuck."""

    states: Pair
    reading: tuple[Symbol, Symbol, Touching]
    reactions: tuple[Reaction | None, Reaction | None]


@frozen
class Bisimulation:
    """The pairs of states that were looked at. If `parting` is None, they are a bisimulation: the machines are the same."""

    pairs: tuple[Pair, ...]
    parting: Parting | None

    @property
    def holds(self) -> bool:
        """Whether the machines are the same, step for step, on every input of shared symbols."""
        return self.parting is None


def bisimulation(both: Aligned) -> Bisimulation:
    """The pairs of states that meet when the two start together, as far as they react alike to readings of shared symbols.

    A tape only ever holds symbols that both machines have: the input does, and all that one writes the other writes, too. ::

        >>> from tmc.ir.alphabets import aligned
        >>> from tmc.ir.table import ACCEPT, Guard, Table, Tape, Transition
        >>> tape, stop = Tape("data", "line", ("_", "1")), Transition(0, Guard((0, 1), (0,)), ACCEPT)
        >>> bisimulation(aligned(Table("a", "", (tape,), ("q",), 0, (stop,)), Table("b", "", (tape,), ("p",), 0, (stop,)))).holds
        True
    """
    reactions = Reactions(both.one), Reactions(both.other)
    readings = tuple(_readings(both))
    pairs = {(both.one.start, both.other.start): None}
    waiting = list(pairs)
    for pair in waiting:  # it grows
        for reading in readings:
            one, other = reactions[0][pair[0], *reading], reactions[1][pair[1], *reading]
            if not _alike(one, other):
                return Bisimulation(tuple(pairs), Parting(pair, reading, (one, other)))
            if one is not None and other is not None and one[0] >= 0 and (then := (one[0], other[0])) not in pairs:
                pairs[then] = None
                waiting.append(then)
    return Bisimulation(tuple(pairs), None)


def _alike(one: Reaction | None, other: Reaction | None) -> bool:
    if one is None or other is None:
        return one is other
    verdicts = min(one[0], 0), min(other[0], 0)  # 0: no verdict as yet
    return verdicts[0] == verdicts[1] and one[1:] == other[1:]


def _readings(both: Aligned) -> Iterator[tuple[Symbol, Symbol, Touching]]:
    """All that a head of each of the two can meet; a grid has two rows and two columns at least."""
    sides = ((False, False), (True, False), (False, True))
    edges = [(*rows, *columns) for rows, columns in product(sides, sides)] if both.one.is_grid else [NOWHERE]
    yield from product(*both.shared, edges)
