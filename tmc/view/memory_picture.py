"""The memory matrix `W` of a learner as SVG: a row for each example and one for the query, features and the label in columns.

Several matrices, each after some steps of gradient descent, become small ones side by side; the rows that have changed are framed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tmc.view.layout import count
from tmc.view.svg import Look, Theme, document, element, group, mono_width, number, sans_width, text

TITLE, SMALL = 16.0, 10.0
LEFT, TOP, GAP, WIDTH = 18.0, 80.0, 22.0, 960.0
LARGE, WIDE, LEAST = 26.0, 640.0, 3.0  # a cell's side at most; how wide a matrix is at most; a cell's side at least
PANEL, PANELS = 100.0, 40  # the width of a small matrix, about, and how many are shown
NUMBERED = 20.0  # from this side on, numbers are written into cells

LOOKS = (
    Look(".zero", "fill: #f4f5f7; stroke: #d3d9df", "fill: #22272d; stroke: #3b434c"),
    Look(".plus", "fill: #2b6cb0", "fill: #74b3f2"),
    Look(".minus", "fill: #c0392b", "fill: #ff8a7a"),
    Look(".line", "fill: none; stroke: #ffffff; stroke-width: 0.6", "stroke: #16191d"),
    Look(".frame", "fill: none; stroke: #c2410c; stroke-width: 1.8", "stroke: #fb923c"),
    Look(".border", "fill: none; stroke: #8b949e", "stroke: #6e7681"),
    Look("text.sign", "fill: #ffffff; text-anchor: middle", "fill: #101317"),
    Look("text.name", "font-weight: bold"),
)

Matrix = Sequence[Sequence[float]]  # (m + 1, d + 1)


def memory_picture(name: str, filling: Sequence[tuple[int, Matrix]], theme: Theme = "auto") -> str:
    """`W`, an SVG document: of one pair (steps, `W`) the matrix, of several its filling. All have one shape."""
    rows, columns = len(filling[0][1]), len(filling[0][1][0])
    most = max((abs(value) for _, matrix in filling for row in matrix for value in row), default=0.0) or 1.0
    said = f"Memory of {name}: {count(rows - 1, 'example')} of {count(columns - 1, 'feature')}"
    values = f"Blue: above 0, red: below; the largest is {number(most)} in size." if any_value(filling) else "All is 0."
    notes = _steps(filling), f"A row for each example, then the query's; the last column is the label's. {values}"
    parts = [text(said, LEFT, 26, TITLE, class_="name")]
    parts += [text(note, LEFT, 46 + 14 * row, SMALL, class_="faint") for row, note in enumerate(notes)]
    if len(filling) == 1:
        drawn, size = _one(filling[0][1], most)
    else:
        drawn, size = _several(_chosen(filling), most)
    width = max(size[0], LEFT + sans_width(said, TITLE), LEFT + sans_width(notes[1], SMALL)) + LEFT
    return document("memory", (width, size[1] + LEFT), said, " ".join(notes), [*parts, *drawn], LOOKS, theme)


def any_value(filling: Sequence[tuple[int, Matrix]]) -> bool:
    """Whether anything is not 0."""
    return any(value for _, matrix in filling for row in matrix for value in row)


def _steps(filling: Sequence[tuple[int, Matrix]]) -> str:
    if len(filling) == 1:
        return f"After {count(filling[0][0], 'step')} of gradient descent." if filling[0][0] else "Before it is trained."
    return f"Its filling, from step {filling[0][0]} to step {filling[-1][0]} of gradient descent."


def _chosen(filling: Sequence[tuple[int, Matrix]]) -> list[tuple[int, Matrix]]:
    """At most `PANELS` of them, evenly, the first and the last among them."""
    if len(filling) <= PANELS:
        return list(filling)
    return [filling[index * (len(filling) - 1) // (PANELS - 1)] for index in range(PANELS)]


def _one(matrix: Matrix, most: float) -> tuple[list[str], tuple[float, float]]:
    rows, columns = len(matrix), len(matrix[0])
    side = max(LEAST, min(LARGE, WIDE / columns))
    names = [*map(str, range(1, rows)), "query"]
    left = LEFT + max(mono_width(name, SMALL) for name in names) + 8
    parts = [group(*_matrix(matrix, side, most), transform=f"translate({number(left)} {number(TOP + 16)})")]
    every = max(1, -(-14 // int(side)))
    for row, name in enumerate(names):
        if row % every == 0 or name == "query":
            parts.append(text(name, left - 6, TOP + 16 + (row + 0.5) * side + 3.5, SMALL, class_="mono faint", text_anchor="end"))
    if side >= 14:
        parts += [text(str(column), left + (column + 0.5) * side, TOP + 10, SMALL, class_="mono faint", text_anchor="middle")
                  for column in range(columns - 1)]  # fmt: skip
    parts.append(text("label", left + (columns - 0.5) * side, TOP + 10, SMALL, class_="mono faint", text_anchor="middle"))
    return parts, (left + columns * side + 18, TOP + 16 + rows * side)


def _several(filling: Sequence[tuple[int, Matrix]], most: float) -> tuple[list[str], tuple[float, float]]:
    rows, columns = len(filling[0][1]), len(filling[0][1][0])
    side = max(LEAST, min(12.0, PANEL / columns))
    wide, high = max(columns * side, 60.0) + GAP, rows * side + 30
    in_row = max(1, int((WIDTH - LEFT) // wide))
    parts = []
    for index, (step, matrix) in enumerate(filling):
        x, y = LEFT + index % in_row * wide, TOP + index // in_row * high
        before = filling[index - 1][1] if index else None
        drawn = [
            text(f"step {step}", 0, 10, SMALL, class_="faint"),
            element("g", *_matrix(matrix, side, most, before), transform="translate(0 16)"),
        ]
        parts.append(group(*drawn, transform=f"translate({number(x)} {number(y)})"))
    return parts, (LEFT + min(in_row, len(filling)) * wide - GAP, TOP + -(-len(filling) // in_row) * high - 10)


def _matrix(matrix: Matrix, side: float, most: float, before: Matrix | None = None) -> Iterator[str]:
    """The cells: one path for all of a sign and size."""
    rows, columns = len(matrix), len(matrix[0])
    yield element("rect", class_="zero", width=columns * side, height=rows * side)
    squares: dict[tuple[str, float], list[str]] = {}
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            if value:
                key = "plus" if value > 0 else "minus", round(abs(value) / most, 2)
                corner = f"M{number(column * side)},{number(row * side)}"
                squares.setdefault(key, []).append(f"{corner}h{number(side)}v{number(side)}h-{number(side)}z")
    for (sign, share), paths in sorted(squares.items()):
        yield element("path", class_=sign, d="".join(paths), fill_opacity=None if share == 1 else max(share, 0.05))
    if side > 5:
        lines = [f"M{number(column * side)},0v{number(rows * side)}" for column in range(1, columns)]
        lines += [f"M0,{number(row * side)}h{number(columns * side)}" for row in range(1, rows)]
        yield element("path", class_="line", d="".join(lines))
    if side >= NUMBERED:
        for row, values in enumerate(matrix):
            for column, value in enumerate(values):
                if value and len(_signed(value)) <= 4:
                    yield text(_signed(value), (column + 0.5) * side, (row + 0.5) * side + 3.5, SMALL, class_="mono sign")
    yield element(
        "path",
        class_="border",
        d=f"M{number((columns - 1) * side)},0v{number(rows * side)}M0,{number((rows - 1) * side)}h{number(columns * side)}",
    )
    if before is not None:
        for row in range(rows):
            if list(before[row]) != list(matrix[row]):
                yield element("rect", class_="frame", y=row * side, width=columns * side, height=side)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{number(abs(value))}"
