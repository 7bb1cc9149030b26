"""The rules by which the control and its pack travel: pushes of the work head, then moves of the data head.

Every rule here is about one of three cells: the control's own, the one next to it that becomes control, or one further right that a
wave has reached. `E.x` in the names of comments is the eastern neighbour's field `x`.
"""

from __future__ import annotations

from tmc.automaton.signals import CONTROL, NONE, PUSH_LEFT, PUSH_RIGHT, Signals
from tmc.ir.lattice import EAST, HERE, NORTH, NORTH_WEST, SOUTH, SOUTH_WEST, WEST
from tmc.ir.rules import Copy, Guard, Literal, Rule, Write
from tmc.ir.tape import Move

_VERTICAL = ((Move.DOWN, NORTH, NORTH_WEST), (Move.UP, SOUTH, SOUTH_WEST))  # a move and where its signal stands, seen from its goal


def control_is(place: int) -> Guard:
    """The control is at `place`."""
    return (Literal(place, "control", (CONTROL,)),)


_EMPTY: Guard = (
    Literal(HERE, "control", (NONE,)),
    Literal(HERE, "state", (NONE,)),
)  # there is one control: it never arrives at itself


def travel_rules(signals: Signals) -> tuple[Rule, ...]:
    """All the rules for the operations that a machine uses."""
    rules: list[Rule] = [*_pushes(signals), *_holds(signals)]
    if Move.RIGHT in signals.moves:
        rules += _right(signals)
    if Move.LEFT in signals.moves:
        rules += _left(signals)
    for move, near, behind in _VERTICAL:
        if move in signals.moves:
            rules += _vertical(signals, move, near, behind)
    return (*rules, *_leave(signals))


def _signal(signals: Signals, place: int, *names: str) -> Literal:
    return Literal(place, "move", tuple(sorted(signals.move_number(name) for name in names if name in signals.used)))


def _no_slide(signals: Signals, place: int, push: Move) -> Guard:
    """The push at `place` is not half of a slide: it stands alone or with a move that waits for it."""
    if not signals.slides or push is not Move.RIGHT:
        return ()
    waiting = (move.name.lower() for move, held_by in signals.held if held_by is push)
    return (_signal(signals, place, "none", *waiting),)


def _quiet(signals: Signals, place: int) -> Guard:
    """No push is waiting at `place`: moves come after pushes."""
    return (Literal(place, "push", (NONE,)),) if signals.packed else ()


def _take(signals: Signals, place: int) -> tuple[Copy, ...]:
    """Take the pair of the cell at `place`."""
    halves = ("right", "left") if signals.packed else ("right",) if signals.has_work else ()
    return tuple(Copy(half, place, half) for half in halves)


def _become_control(place: int) -> tuple[Write | Copy, ...]:
    return (Write("control", CONTROL), Copy("state", place, "state"))


def _pushes(signals: Signals) -> list[Rule]:
    """The work head moves: one half of the pack shifts towards the control, the other away from it.

    A push to the right that goes with a move to the right is no push but a slide, see `_slide`.
    """
    rules = []
    for move, number, near, far in ((Move.RIGHT, PUSH_RIGHT, "right", "left"), (Move.LEFT, PUSH_LEFT, "left", "right")):
        if move not in signals.separate:
            continue
        own = (*control_is(HERE), Literal(HERE, "push", (number,)), *_no_slide(signals, HERE, move))
        wave = (Literal(WEST, "push", (number,)), *_no_slide(signals, WEST, move))
        name = move.name.lower()
        rules.append(Rule(f"push {name}: the control reads the next cell", own, (Copy("right", EAST, near),)))
        pass_on: tuple[Write | Copy, ...] = (Write("push", number), Copy("carry1", HERE, far))
        rules.append(Rule(f"push {name}: wave", wave, (Copy(far, WEST, "carry1"), Copy(near, EAST, near), *pass_on)))
    return rules


def _holds(signals: Signals) -> list[Rule]:
    """While the control pushes, its move waits."""
    rules = []
    for move, push in sorted(signals.held, key=lambda pair: (pair[0].name, pair[1].name)):
        name, number = move.name.lower(), PUSH_RIGHT if push is Move.RIGHT else PUSH_LEFT
        guard = (*control_is(HERE), Literal(HERE, "push", (number,)), _signal(signals, HERE, name))
        rules.append(Rule(f"hold: {name} waits for the push", guard, (Write("move", signals.move_number(name)),)))
    return rules


def _right(signals: Signals) -> list[Rule]:
    """The control moves right, and the pack is passed on from cell to cell behind it."""
    asked = _signal(signals, WEST, "right")
    rules = _slide(signals, asked) if signals.slides else []
    guard = (*_EMPTY, *control_is(WEST), *_quiet(signals, WEST), asked)
    if not signals.packed:
        return [Rule("right: the control arrives", guard, (*_become_control(WEST), *_take(signals, WEST)))]
    if not signals.right_waves:
        return rules
    wave = (Write("move", signals.move_number("right-wave")), Copy("carry1", HERE, "right"), Copy("carry2", HERE, "left"))
    taken = (Copy("right", WEST, "carry1"), Copy("left", WEST, "carry2"))
    return [
        *rules,
        Rule("right: the control arrives", guard, (*_become_control(WEST), *_take(signals, WEST), *wave)),
        Rule("right: wave", (_signal(signals, WEST, "right-wave"),), (*taken, *wave)),
    ]


def _slide(signals: Signals, asked: Literal) -> list[Rule]:
    """Both heads move right: `right` stays where it is, and `left` is passed on by two cells, in the two carries."""
    guard = (*_EMPTY, *control_is(WEST), Literal(WEST, "push", (PUSH_RIGHT,)), asked)
    slide, later = Write("move", signals.move_number("slide")), Copy("carry2", HERE, "left")
    taken = (Copy("left", WEST, "carry1"), Copy("carry1", WEST, "carry2"))
    return [
        Rule("slide: the control arrives", guard, (*_become_control(WEST), slide, Copy("carry1", WEST, "carry1"), later)),
        Rule("slide: wave", (_signal(signals, WEST, "slide"),), (*taken, slide, later)),
    ]


def _left(signals: Signals) -> list[Rule]:
    """The control moves left, and every cell behind it takes the pair of its eastern neighbour."""
    asked = (*_EMPTY, *control_is(EAST), *_quiet(signals, EAST), _signal(signals, EAST, "left"))
    arrive = Rule("left: the control arrives", asked, (*_become_control(EAST), *_take(signals, EAST)))
    if not signals.packed:
        return [arrive]
    wave: tuple[Write | Copy, ...] = (*_take(signals, EAST), Write("move", signals.move_number("left-wave")))
    leaving = (*control_is(HERE), *_quiet(signals, HERE), _signal(signals, HERE, "left"))
    return [arrive, Rule("left: the pack follows", leaving, wave), Rule("left: wave", (_signal(signals, WEST, "left-wave"),), wave)]


def _vertical(signals: Signals, move: Move, near: int, behind: int) -> list[Rule]:
    """The control changes row, and the pack follows it cell by cell as the signal runs along the row it leaves."""
    name = move.name.lower()
    asked = (*_EMPTY, *control_is(near), *_quiet(signals, near), _signal(signals, near, name))
    arrive = Rule(f"{name}: the control arrives", asked, (*_become_control(near), *_take(signals, near)))
    if not signals.packed:
        return [arrive]
    passing = (*_quiet(signals, WEST), _signal(signals, WEST, name))
    follow = (*_quiet(signals, behind), _signal(signals, behind, name))
    return [
        arrive,
        Rule(f"{name}: the pack follows", follow, _take(signals, near)),
        Rule(f"{name}: wave", passing, (Write("move", signals.move_number(name)),)),
    ]


def _leave(signals: Signals) -> list[Rule]:
    """The control leaves its cell in the layer in which it arrives in the next one."""
    if not signals.moves:
        return []
    staying = tuple(n for n in ("none", "right-wave", "slide") if n in signals.used)
    others = tuple(n for n, value in enumerate(signals.move_values()) if value and value not in staying)
    moving, gone = Literal(HERE, "move", others), (Write("control", NONE), Write("state", NONE))
    if signals.slides and not any(push is Move.RIGHT for _, push in signals.held):  # a push right with a move is then a slide
        return [Rule("leave", (*control_is(HERE), Literal(HERE, "push", (NONE, PUSH_RIGHT)), moving), gone)]
    rules = [Rule("leave", (*control_is(HERE), *_quiet(signals, HERE), moving), gone)]
    if signals.slides:
        guard = (*control_is(HERE), Literal(HERE, "push", (PUSH_RIGHT,)), _signal(signals, HERE, "right"))
        rules.append(Rule("leave: slide", guard, gone))
    return rules
