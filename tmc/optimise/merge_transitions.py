"""Table to table: the transitions of a state that do the same become as few as possible.

What a transition does is taken reading by reading: to write the symbol that is read is to leave it, and a move that an edge stops
is a stay. So transitions that are written differently may go together. They do not where the network would pay for it: symbols
whose codes have nothing in common may cost more in one guard than apart. Every run is preserved step for step.

    on 0 write 0, move left;  on 1 at left;  on 1 not at left, move left      becomes      on 0|1, move left
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tmc.frozen import frozen
from tmc.ir.disjoint import first_match
from tmc.ir.table import Guard, Table, Transition
from tmc.ir.tape import Move
from tmc.optimise.readings import Behaviour, Box, Effect, Readings, Region, action, by_state
from tmc.optimise.tiling import TooLarge, fewest_boxes
from tmc.optimise.units import Units

Actions = Mapping[Effect, Region]  # what may be done, and the readings on which doing this is what the state does

MOST_EFFECTS = 100  # of the transitions of a state that go to one state
_NOTHING = (None, None, Move.STAY)  # no effect on the data symbol, the work symbol and the data head


def merge_transitions(table: Table, readings: Readings | None = None) -> Table:
    """The same machine with fewer transitions, where fewer are found. One that stands for several has the line of the first.

    ::

        >>> leave, write_1 = Transition(0, Guard((0,), (0,)), 0), Transition(0, Guard((1,), (0,)), 0, write_data=1)
        >>> table = Table("m", "", (Tape("data", "line", ("_", "1")),), ("a",), 0, (leave, write_1))
        >>> [transition.guard.data for transition in merge_transitions(table).transitions]
        [(0, 1)]
    """
    merger = _Merger(readings or Readings.of(table), Units(table))
    merged = [transition for transitions in by_state(table) for transition in merger.merged(transitions)]
    return table if len(merged) == len(table.transitions) else replace(table, transitions=tuple(merged))


@frozen
class _Piece:
    """A transition, its place among those of its state, and the readings on which it applies."""

    place: int
    transition: Transition
    region: Region


@frozen
class _Merger:
    """Merges the transitions of one machine, state by state."""

    readings: Readings
    units: Units

    def merged(self, transitions: Sequence[Transition]) -> tuple[Transition, ...]:
        """The transitions of a state, as few as possible, in the order of the first that each comes from."""
        alike: dict[tuple[object, ...], list[_Piece]] = {}  # by what no reading makes equal: the work head's move and the target
        for place, transition in enumerate(transitions):
            piece = _Piece(place, transition, self.readings.admitted(transition.guard))
            alike.setdefault(action(transition)[3:], []).append(piece)
        merged = [piece for pieces in alike.values() for piece in (self._fewer(pieces) if len(pieces) > 1 else pieces)]
        return tuple(piece.transition for piece in sorted(merged, key=lambda piece: piece.place))

    def _fewer(self, pieces: Sequence[_Piece]) -> Iterator[_Piece]:
        """The same in fewer pieces, where fewer are found. Where too many things are done, hardly any two of them go together."""
        behaviour = self.readings.behaviour(piece.transition for piece in pieces)
        if len(behaviour) > MOST_EFFECTS:
            yield from pieces
            return
        actions = _actions(self.readings, behaviour)
        for cluster in _clusters([*(piece.region for piece in pieces), *actions.values()]):
            old = [piece for piece in pieces if piece.region & cluster]
            serving = {done: region for done, region in actions.items() if region & cluster}
            boxes = _fewer_boxes(self.readings, tuple(serving.values()), old) if len(old) > 1 else None
            new = [self._instead(serving, old, box) for box in boxes or ()]
            yield from new if new and self._units(new) <= self._units(old) else old

    def _units(self, pieces: Sequence[_Piece]) -> int:
        return self.units.of(piece.transition for piece in pieces)

    def _instead(self, actions: Actions, old: Sequence[_Piece], box: Box) -> _Piece:
        """The piece that does on this box what the old ones do there."""
        region = self.readings.region(box)
        first = next(piece for piece in old if piece.region & region)
        done = next(done for done, serves in actions.items() if region & ~serves == 0)
        return replace(first, transition=replace(first.transition, guard=self.readings.guard(box), **done._asdict()))


def _actions(readings: Readings, behaviour: Behaviour) -> Actions:
    """What may be done, the simplest first; not what serves no reading that something else does not serve too."""
    found, known = list(behaviour), set(behaviour)
    for one in found:  # it grows
        for both in (_joined(one, effect) for effect in behaviour):
            if both is not None and both not in known:
                found.append(both)
                known.add(both)
    found.sort(key=lambda done: sum(part not in (None, Move.STAY) for part in done[:4]))
    everywhere = sum(behaviour.values())
    actions: dict[Effect, Region] = {}
    for done in found:
        serves = sum(part & behaviour.get(effect, 0) for effect, part in readings.effects(done, everywhere))
        if all(serves & ~other for other in actions.values()):
            actions = {other: region for other, region in actions.items() if region & ~serves}
            actions[done] = serves
    return actions


def _joined(one: Effect, other: Effect) -> Effect | None:
    """What has either effect where it can: it writes what one of them leaves, or moves where an edge may stop it."""
    parts = tuple(zip(one, other, _NOTHING, strict=False))
    if any(ours != theirs and nothing not in (ours, theirs) for ours, theirs, nothing in parts):
        return None
    return Effect._make((*(theirs if ours == nothing else ours for ours, theirs, nothing in parts), *one[len(_NOTHING) :]))


def _clusters(regions: Sequence[Region]) -> list[Region]:
    """The regions, with those that overlap joined until all are disjoint."""
    clusters: list[Region] = []
    for region in regions:
        for cluster in [cluster for cluster in clusters if cluster & region]:
            clusters.remove(cluster)
            region |= cluster
        clusters.append(region)
    return clusters


def _fewer_boxes(readings: Readings, serving: Sequence[Region], pieces: Sequence[_Piece]) -> Sequence[Box] | None:
    """Fewer boxes than these pieces, each in a region that one action serves; None if no such boxes are found."""
    try:
        return fewest_boxes(readings, serving, len(pieces) - 1)
    except TooLarge:
        boxes = _cut(readings, serving, pieces)
        return boxes if len(boxes) < len(pieces) else None


def _cut(readings: Readings, serving: Sequence[Region], pieces: Sequence[_Piece]) -> list[Box]:
    """Few boxes for large regions: pieces are taken together by the action that serves most, and cut by a decision tree."""
    left = list(pieces)
    boxes: list[Box] = []
    for serves in sorted(serving, key=int.bit_count, reverse=True):
        together = [piece.transition.guard for piece in left if piece.region & ~serves == 0]
        left = [piece for piece in left if piece.region & ~serves]
        boxes += map(readings.box, _few(readings, together))
    return boxes


def _few(readings: Readings, guards: Sequence[Guard]) -> Sequence[Guard]:
    """Few guards that admit what these do: all that is left when all that they leave is taken."""
    if len(guards) < 2:
        return guards
    everything = readings.guard(tuple(tuple(range(size)) for size in readings.sizes))
    outside = first_match((*guards, everything))[-1]
    return min(guards, first_match((*outside, everything))[-1], key=len)
