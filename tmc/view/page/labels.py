"""What the state diagram of a page says: names of its parts, and short labels of its edges."""

from __future__ import annotations

from tmc.ir.table import ACCEPT, Table, Transition
from tmc.view.table import edges_read, symbols_read

Edge = tuple[int, int]  # states; below 0: halting


def node_id(state: int) -> str:
    """The id of a state, such as ``state-3`` or ``state-accept``."""
    return f"state-{state}" if state >= 0 else "state-accept" if state == ACCEPT else "state-reject"


def conditions(table: Table, bundle: list[Transition]) -> list[str]:
    """What the transitions of an edge ask for, one a line, each once."""
    return list(dict.fromkeys(_condition(table, transition) for transition in bundle))


def _condition(table: Table, transition: Transition) -> str:
    symbols, edges = symbols_read(table, transition), edges_read(transition)
    return " ".join(part for part in (symbols if set(symbols) - set("*, ") else "", edges) if part) or "always"
