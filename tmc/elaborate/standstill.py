"""Rules that are taken for ever once they are taken: no head moves, the state is the same, and they write what they read."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings
from tmc.ir.table import Guard, Transition
from tmc.ir.tape import EDGES, Move
from tmc.syntax import tree

_PLACES = {edge.value: place for place, edge in enumerate(EDGES)}


def stands_still(transition: Transition, guard: Guard, kind: str) -> bool:
    """Whether a transition under this guard, once taken, is taken for ever. `kind` is that of the data tape.

    ::

        on 1 write 1        does;  otherwise write 1  does, for 1 is read then;  on 0 write 1  does not
    """
    stays = transition.move_work is Move.STAY and _is_stopped(transition.move_data, guard, kind)
    written = ((transition.write_data, guard.data), (transition.write_work, guard.work))
    return transition.target == transition.state and stays and all(one is None or one in read for one, read in written)


def _is_stopped(move: Move, guard: Guard, kind: str) -> bool:
    """Whether the data head stays where it is: by itself, or at an edge that stops it."""
    if move is Move.STAY:
        return True
    top, bottom, left, right = guard.edges
    if kind == "rows":  # only the two ends of the whole stop the head
        return bool((move is Move.LEFT and top and left) or (move is Move.RIGHT and bottom and right))
    return kind == "grid" and bool(guard.edges[_PLACES[move]])


def note_standstill(rule: tree.Rule, instance: str, findings: Findings) -> None:
    """Note a rule that is taken for ever; `instance` is the state with its arguments, "" if it has none."""
    where = f" in `{instance}`" if instance else ""
    label, advice = "it moves no head, and goes to no other state", "add a `move`, or a state to go to, such as `-> accept`"
    findings.warning(Code.RULE_FOR_EVER, rule.span, f"once taken, this rule is taken for ever{where}", label, advice)


def note_idle_rules(machine: tree.Machine, findings: Findings) -> None:
    """The same of a library or a sketch, as far as the text alone tells."""
    for state in machine.states:
        for rule in state.rules:
            if _is_idle(rule, state):
                note_standstill(rule, "", findings)


def _is_idle(rule: tree.Rule, state: tree.State) -> bool:
    """Whether a rule neither writes nor moves, and stays in its state, whatever its tapes and parameters are."""
    parameters = {name.text for name in state.parameters}
    items = (*(rule.write.items if rule.write else ()), *(rule.move.items if rule.move else ()))
    leaves = all(isinstance(item, tree.Leave) or (isinstance(item, tree.Name) and item.text == "stay") for item in items)
    again = rule.call is None or (rule.call.name.text == state.name.text and not parameters)
    return leaves and again and not rule.holes and "stay" not in parameters
