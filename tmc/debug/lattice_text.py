"""The lattice of the network as lines of text, around a cell."""

from __future__ import annotations

from tmc.debug.beside import Seen
from tmc.width import visible

FLIGHT = {"right": ">", "right-wave": ">", "left": "<", "left-wave": "<", "up": "^", "down": "v", "slide": "»"}
Place = tuple[int, int]


def cell_text(seen: Seen, row: int, column: int) -> str:
    """A cell in three columns: what is in flight, the symbol, and a mark: ``*`` the control, ``+`` accepted, ``-`` rejected, ``:``
    a raw cell of the memory."""
    fields = seen.fields(row, column)
    kind = fields.get("kind", "")
    symbol = visible(fields.get("symbol", "_" if kind in ("live", "") else "·"))[:1]
    flight = next((FLIGHT.get(fields[name], "~") for name in ("move", "push") if name in fields), " ")
    mark = "*" if "control" in fields else {"accept": "+", "reject": "-"}.get(fields.get("answer", ""), "")
    is_raw = "inside" in fields and not kind and not mark
    return f"{flight}{symbol}{mark or (':' if is_raw else ' ')}"


def window(seen: Seen, around: Place | None, width: int, rows: int) -> tuple[range, range]:
    """The rows and the columns that fit, around a cell."""
    row, column = around or (0, 0)
    height, columns, fit = len(seen.lattice), len(seen.lattice[0]), max(1, (width - 4) // 3)
    top = min(max(0, row - rows // 2), max(0, height - rows))
    left = min(max(0, column - fit // 2), max(0, columns - fit))
    return range(top, min(height, top + rows)), range(left, min(columns, left + fit))


def lattice_lines(seen: Seen, is_grid: bool, around: Place | None, width: int, rows: int) -> list[str]:
    """The cells around one, a row on each line, with the numbers of rows and of some columns; of a line the positions."""
    shown_rows, shown_columns = window(seen, around, width, rows)
    offset = 0 if is_grid else seen.origin
    ruler = [" "] * (4 + 3 * len(shown_columns) + 8)
    for number, column in enumerate(shown_columns):
        if (column - offset) % 5 == 0:
            text, at = str(column - offset), 5 + 3 * number
            ruler[at : at + len(text)] = list(text)
    lines = ["".join(ruler).rstrip()]
    for row in shown_rows:
        name = f"{row:3} " if is_grid else "    "
        lines.append((name + "".join(cell_text(seen, row, column) for column in shown_columns)).rstrip())
    return lines
