"""A cell as a labelled numeral, as SVG: its digits side by side, what each is worth, and the code of every value.

In the stage `cells` digits are trits, and each field is a numeral of its own in balanced base 3; a network with one number a cell
has digits of many sizes, the most significant first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tmc.ir.cells import Cells, code
from tmc.ir.numeral import FieldGroup, Numeral, Scale
from tmc.ir.units import Number
from tmc.view.layout import count, grouped
from tmc.view.rules import MEANINGS
from tmc.view.svg import Look, Theme, document, element, group, mono_width, sans_width, text

TITLE, NAME, SMALL = 16.0, 13.0, 10.0  # sizes of fonts
DIGIT, SIGN, ROW = 34.0, 13.0, 17.0  # the side of a digit, and of a digit in a code; from one value to the next
LEFT, TOP, GAP, WIDTH = 18.0, 62.0, 30.0, 1000.0
MOST = 30  # values of a field that are written out

LOOKS = (
    Look(".digit", "fill: #dbe9f6; stroke: #4d5a68", "fill: #22384e; stroke: #8fa6bd"),
    Look(".transient", "fill: #fdf3e3; stroke-dasharray: 3 2", "fill: #43351f"),
    Look(".minus", "fill: #c0392b; stroke: none", "fill: #ff8a7a"),
    Look(".plus", "fill: #2b6cb0; stroke: none", "fill: #74b3f2"),
    Look(".zero", "fill: none; stroke: #a9b4c0", "stroke: #5b6672"),
    Look("text.sign", "fill: #ffffff; font-weight: bold; text-anchor: middle", "fill: #101317"),
    Look("text.name", "font-weight: bold"),
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the picture: drawn at a place, so wide and so high."""

    width: float
    height: float
    parts: tuple[tuple[str, float, float], ...]  # elements, and by how much to move them

    def at(self, x: float, y: float) -> str:
        """Its elements at a place."""
        moved = (element("g", drawn, transform=f"translate({x + dx:g} {y + dy:g})") for drawn, dx, dy in self.parts)
        return group(*moved, class_="field")


def cells_picture(cells: Cells, name: str, theme: Theme = "auto") -> str:
    """The numeral of the stage `cells`, an SVG document: a block for each field."""
    blocks, trit = [], 0
    for (field, values), trits in zip(cells.values, cells.widths(), strict=True):
        persists = any(one.persists for one in cells.trits if one.field == field)
        blocks.append(_field(field, values, trits, trit, persists))
        trit += trits
    said = f"A cell of {name}: {count(len(cells.values), 'field')}, {count(len(cells.trits), 'trit')}"
    about = "Every field is a numeral in balanced base 3; in a value's number a trit counts 0, and 1 if it is -1, 2 if it is +1."
    notes = "Blue: the trit stays until it is changed. Yellow: it lasts one layer. Below: each value with its trits, lowest first."
    return _picture(said, about, notes, blocks, theme)


def _picture(said: str, about: str, notes: str, blocks: Sequence[_Block], theme: Theme) -> str:
    parts, x, y, high, right = [], LEFT, TOP + 10, 0.0, 0.0
    for block in blocks:
        if x > LEFT and x + block.width > WIDTH:
            x, y, high = LEFT, y + high + GAP, 0.0
        parts.append(block.at(x, y))
        high, right = max(high, block.height), max(right, x + block.width)
        x += block.width + GAP
    right = max(right, LEFT + sans_width(said, TITLE), LEFT + sans_width(notes, SMALL))
    head = text(said, LEFT, 26, TITLE, class_="name"), text(notes, LEFT, 46, SMALL, class_="faint")
    return document("cells", (right + LEFT, y + high + LEFT), said, about, [*head, *parts], LOOKS, theme)


def _field(field: str, values: tuple[str, ...], trits: int, first: int, persists: bool) -> _Block:
    kind = "digit" if persists else "digit transient"
    parts = [(element("title", MEANINGS[field]), 0.0, 0.0)] if field in MEANINGS else []
    parts += [(text(field, 0, 12, NAME, class_="name"), 0.0, 0.0)]
    for place in range(trits):
        parts += _digit(f"{field}.{place}", grouped(3**place), place * DIGIT, kind)
    rows = [(value, code(number, trits)) for number, value in enumerate(values) if value]
    listed, width = _values(rows, trits)
    high = 22 + DIGIT + 22
    parts += [(drawn, 0.0, high + y) for drawn, y in listed]
    return _Block(max(trits * DIGIT, width, sans_width(field, NAME)), high + ROW * min(len(rows), MOST + 1), tuple(parts))


def _digit(name: str, worth: str, x: float, kind: str) -> Iterator[tuple[str, float, float]]:
    """The box of a digit, with what it counts in it."""
    box = element("rect", element("title", name), class_=kind, x=x, y=22.0, width=DIGIT - 3, height=DIGIT - 6, rx=3.0)
    yield box, 0.0, 0.0
    yield text(worth, x + (DIGIT - 3) / 2, 22 + (DIGIT - 6) / 2 + 4, NAME - 1, text_anchor="middle"), 0.0, 0.0


def _values(rows: Sequence[tuple[str, Sequence[int]]], digits: int) -> tuple[list[tuple[str, float]], float]:
    """Values with their codes, a row each, and how wide they are."""
    shown = [(code_of, name) for name, code_of in rows[:MOST]]
    drawn = [
        ("".join(_code(codes)) + text(name, digits * SIGN + 7, SIGN - 3, SMALL, class_="mono"), index * ROW)
        for index, (codes, name) in enumerate(shown)
    ]
    width = max((mono_width(name, SMALL) for _, name in shown), default=0.0) + digits * SIGN + 7
    if len(rows) > MOST:
        drawn.append((text(f"and {grouped(len(rows) - MOST)} more", 0, SIGN - 3, SMALL, class_="faint"), MOST * ROW))
    return drawn, width


def _code(codes: Sequence[int]) -> Iterator[str]:
    """The digits of a code: small boxes with a sign, or a larger digit's number."""
    for place, digit in enumerate(codes):
        kind = "minus" if digit < 0 else "plus" if digit > 0 else "zero"
        yield element("rect", class_=kind, x=place * SIGN, y=0.0, width=SIGN - 2, height=SIGN - 2, rx=2.0)
        if digit:
            sign = ("−" if digit < 0 else "+") if abs(digit) == 1 else str(abs(digit))
            yield text(sign, place * SIGN + (SIGN - 2) / 2, SIGN - 4, SMALL, class_="sign")


def numeral_picture(numeral: Numeral, scale: Scale, cells: Cells, name: str, theme: Theme = "auto") -> str:
    """The numeral of a network with one number a cell, at a scale, an SVG document: its digits, then the codes of each part."""
    names = dict(cells.values)
    blocks = [_Block(WIDTH - LEFT, 22 + DIGIT + 40, tuple(_digits(numeral, scale)))]
    parts = [*(_part(part, names) for part in numeral.parts), _states(numeral, names)]
    blocks += sorted(parts, key=lambda block: block.height)
    said = f"A cell of {name} as one number: {count(len(numeral.digits), 'digit')}"
    about = (
        "The number is the sum of each digit's code times its weight; a weight is more than twice what all below it can add up to."
    )
    notes = "Above: digits, the most significant first, with their weights and codes. Below: the codes of values (red: negative)."
    return _picture(said, about, notes, blocks, theme)


def _digits(numeral: Numeral, scale: Scale) -> Iterator[tuple[str, float, float]]:
    wide = (WIDTH - LEFT) / len(numeral.digits)
    for index, digit in enumerate(numeral.digits):
        x, most = index * wide, numeral.most.get(digit.name, len(numeral.states))
        yield element("rect", class_="digit", x=x, y=18.0, width=wide - 5, height=DIGIT - 6, rx=3.0), 0.0, 0.0
        yield text(digit.name, x + (wide - 5) / 2, 37, NAME - 1, text_anchor="middle", class_="name"), 0.0, 0.0
        yield text(f"× {_number(scale.of(digit.weight))}", x + (wide - 5) / 2, 62, SMALL, text_anchor="middle"), 0.0, 0.0
        codes = f"1 to {most}" if digit.name not in numeral.most else "-1 to 1" if most == 1 else f"-{most} to {most}"
        yield text(codes, x + (wide - 5) / 2, 77, SMALL, text_anchor="middle", class_="faint"), 0.0, 0.0


def _number(number: Number) -> str:
    return grouped(number) if isinstance(number, int) else str(number)


def _part(part: FieldGroup, names: dict[str, tuple[str, ...]]) -> _Block:
    rows = [
        (", ".join(names[field][value] for field, value in zip(part.fields, values, strict=True)), codes)
        for values, codes in part.codes.items()
    ]
    return _listed(", ".join(part.fields), f"digits {', '.join(part.digits)}", rows, len(part.digits))


def _states(numeral: Numeral, names: dict[str, tuple[str, ...]]) -> _Block:
    rows = [(names["state"][value], (code_of,)) for value, code_of in numeral.states.items()]
    return _listed("state", "digit state, where the control is", rows, 1)


def _listed(title: str, below: str, rows: Sequence[tuple[str, Sequence[int]]], digits: int) -> _Block:
    listed, width = _values(rows, digits)
    parts = [(text(title, 0, 12, NAME, class_="name"), 0.0, 0.0), (text(below, 0, 27, SMALL, class_="faint"), 0.0, 0.0)]
    parts += [(drawn, 0.0, 36 + y) for drawn, y in listed]
    wide = max(width, sans_width(title, NAME), sans_width(below, SMALL))
    return _Block(wide, 36 + ROW * min(len(rows), MOST + 1), tuple(parts))
