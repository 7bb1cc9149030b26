"""Changes of a run: another symbol, state or place of a head."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tmc.debug.conditions import parse
from tmc.diagnostics import Rejected
from tmc.ir.table import Configuration
from tmc.ir.tape import Grid, Line, Tape
from tmc.run.tapes import line_of_text

if TYPE_CHECKING:
    from tmc.debug.session import Session

_EDIT = re.compile(r"([^=\[\]]+?)\s*(?:\[([^\]]*)\])?\s*=\s*([^=].*|)", re.DOTALL)
EXAMPLES = "data[3] = 1, state = NAME, head = 4"


def edited(session: Session, text: str) -> tuple[Configuration, str]:
    """The configuration with a change, and what was changed in words. Raises `Rejected` for anything that cannot be set."""
    found = _EDIT.fullmatch(text.strip())
    if not found:
        raise Rejected(f"write what to set as {EXAMPLES}")
    name, place, value = found[1].strip(), found[2], found[3].strip()
    tapes = {tape.name: tape for tape in session.table.tapes}
    configuration = session.configuration
    if name in tapes:
        return _symbol(session, configuration, tapes[name], place, value)
    if place is not None:
        raise Rejected(f"{name!r} is no tape; there are {', '.join(tapes)}")
    if name == "state":
        return _state(session, configuration, value)
    return _head(session, configuration, name, value)


def _symbol(session: Session, configuration: Configuration, tape: Tape, place: str | None, value: str) -> tuple[Configuration, str]:
    number = _symbol_number(tape, value)
    is_data = tape is session.table.data
    if place is None:
        at = (
            list(configuration.head)
            if session.table.is_grid and is_data
            else [configuration.head[1] if is_data else configuration.work_head]
        )
    else:
        at = [_value(session, part) for part in place.split(",")]
    axes = 2 if session.table.is_grid and is_data else 1
    if len(at) != axes:
        raise Rejected(f"a place of {tape.name} is {'row and column' if axes == 2 else 'one position'}")
    where = ", ".join(map(str, at))
    if not is_data:
        before = configuration.work.read(at[0])
        changed = replace(configuration, work=configuration.work.write(at[0], number))
    elif isinstance(configuration.data, Grid):
        grid, (row, column) = configuration.data, at
        if not (0 <= row < len(grid.rows) and 0 <= column < len(grid.rows[0])):
            raise Rejected(
                f"there is no cell {tape.name}[{where}]: the grid has {len(grid.rows)} rows, {len(grid.rows[0])} columns"
            )
        before = grid.read((row, column))
        changed = replace(configuration, data=grid.write((row, column), number))
    else:
        assert isinstance(configuration.data, Line)
        before = configuration.data.read(at[0])
        changed = replace(configuration, data=configuration.data.write(at[0], number))
    return changed, f"{tape.name}[{where}]: {tape.symbols[before]} → {tape.symbols[number]}"


def _symbol_number(tape: Tape, value: str) -> int:
    cells = line_of_text(tape, value).cells if value not in tape.symbols else (tape.number(value),)
    if len(cells) > 1 or not value:
        raise Rejected(f"{value!r} is not one symbol of the tape {tape.name} ({' '.join(tape.symbols)})")
    return cells[0] if cells else 0


def _value(session: Session, text: str) -> int:
    value = parse(session.table, text).evaluate(session.timeline)
    if type(value) is not int:
        raise Rejected(f"{text.strip()!r} is not a number")
    return value


def _state(session: Session, configuration: Configuration, name: str) -> tuple[Configuration, str]:
    table = session.table
    name = name.strip("\"'")
    known = (*table.states, "accept", "reject")
    if name not in known:
        near = get_close_matches(name, known, 1)
        raise Rejected(
            f"there is no state {name!r}" + (f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}")
        )
    state = {"accept": -1, "reject": -2}[name] if name not in table.states else table.states.index(name)
    before = table.target_name(configuration.state)
    return replace(configuration, state=state), f"state: {before} → {name}"


def _head(session: Session, configuration: Configuration, name: str, text: str) -> tuple[Configuration, str]:
    table, (row, column) = session.table, configuration.head
    heads = {"row": row, "column": column} if table.is_grid else {"head": column}
    heads |= {"work_head": configuration.work_head} if table.work else {}
    if name not in heads:
        raise Rejected(f"{name!r} cannot be set; there are state, {', '.join(heads)} and the tapes: {EXAMPLES}")
    value = _value(session, text)
    said = f"{name}: {heads[name]} → {value}"
    if name == "work_head":
        return replace(configuration, work_head=value), said
    data = configuration.data
    if isinstance(data, Grid):
        most = len(data.rows) if name == "row" else len(data.rows[0])
        if not 0 <= value < most:
            raise Rejected(f"there is no {name} {value}: they are numbered from 0 to {most - 1}")
        return replace(configuration, head=(value, column) if name == "row" else (row, value)), said
    return replace(configuration, head=(0, value)), said
