"""Steps between the codes of a group of digits, two units each.

A step rises inside the gap between two codes, and is flat wherever a number can be, so that no derivative comes through it.
"""

from __future__ import annotations

from fractions import Fraction

from tmc.diagnostics import InternalError
from tmc.ir.numeral import Numeral, Real, room
from tmc.targets.scalar.forms import Form, LayerBuilder
from tmc.targets.scalar.groups import Group


class Edges:
    """The units between the segments of a group at the place `name`, where `rest` is left of the number, `most` at most, up or
    down. Each is made once, when it is needed."""

    def __init__(self, name: str, rest: Form, most: int, group: Group, layer: LayerBuilder, numeral: Numeral) -> None:
        self.name, self.rest, self.most = name, rest, most
        self.group, self.layer, self.numeral = group, layer, numeral
        self.reach = numeral.reach(group.digits[-1])
        self.width = room(self.reach)
        self.units: dict[tuple[int, str], Form] = {}

    def step(self, index: int, in_thirds: bool) -> Form:
        """0 below an edge and 1, or a third, above it. The units of an edge below 0 are large below it: so sums stay small."""
        share = Fraction(1, self.width)
        if self._threshold(index) >= 0:
            return Form.sum([(self._unit(index, ""), share), (self._unit(index, "third" if in_thirds else "level"), -share)])
        one = Real(0, 1) if in_thirds else Real(1)
        return Form.sum(
            [(self._unit(index, "below third" if in_thirds else "below"), -share), (self._unit(index, "far below"), share)], one
        )

    def outside(self, test: int) -> Form:
        """0 where a test holds, on one interval, and 1 or more elsewhere."""
        ends = self.group.ends(test)
        assert ends is not None
        below, above = ends
        sides = [] if below is None else [self._unit(below, "below")]
        sides += [] if above is None else [self._unit(above, "")]
        return Form.sum((unit, Fraction(1, self.width)) for unit in sides)

    def _unit(self, index: int, kind: str) -> Form:
        if (index, kind) not in self.units:
            threshold, width = self._threshold(index), self.width
            sign = -1 if "below" in kind else 1
            bias = {
                "": Real(-threshold),
                "level": Real(-threshold - width),
                "third": Real(-threshold, -width),
                "below": Real(threshold + width),
                "below third": Real(threshold, width),
                "far below": Real(threshold),
            }[kind]
            label = f"{self.name}.{'.'.join(self.group.digits)} > {self.group.segments[index].codes[-1]} {kind}".rstrip()
            form = Form.sum([(self.rest, sign)], bias)
            self.units[index, kind] = self.layer.add(
                form, label, most=max(0, self.most - sign * threshold + (width if sign < 0 else 0))
            )
        return self.units[index, kind]

    def _threshold(self, index: int) -> int:
        """Where a step begins to rise: a multiple of its width, and as much again before what it tells apart."""
        segments, width = self.group.segments, self.width
        below, above = (self.numeral.worth(self.group.digits, c) for c in (segments[index].codes[-1], segments[index + 1].codes[0]))
        below, above = below + 3 * self.reach, above - 3 * self.reach
        threshold = (below // (3 * width) + 1) * width
        if not below < 3 * threshold < 3 * (threshold + width) < above:
            raise InternalError(f"no room for a step between {segments[index].codes[-1]} and {segments[index + 1].codes[0]}")
        return threshold
