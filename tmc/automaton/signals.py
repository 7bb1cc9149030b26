"""What travels between cells: the operations a machine uses, and the fields and value numbers that this takes.

An *operation* is the pair of moves of a transition. The control asks for it by two transient fields, `move` (the data head) and
`push` (the work head), and the pack - the work tape's two halves, carried along the control's row - follows in waves.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

from tmc.frozen import frozen
from tmc.ir.cells import code, width
from tmc.ir.rules import Field
from tmc.ir.table import Table
from tmc.ir.tape import Move, Tape

NONE = 0  # the value of any field at rest
RAW, LIVE, PAD = 0, 1, 2  # values of `kind`
REJECTED, ACCEPTED = 1, 2  # values of `answer`
PUSH_LEFT, PUSH_RIGHT = 1, 2  # values of `push`
CONTROL = 2  # the value of `control` where the control is
BEYOND, INSIDE = 0, 2  # values of `inside`
MINUS, PLUS = 1, 2  # the symbols 0 and 1, and the signs -1 and +1 that they stand for, in `symbol` and in the carries

# The nine signals of `move`, in such an order that the three a control may hold while it takes its next step - no signal, and two
# waves behind it - share their lowest trit and no other signal has it.
MOVE_SIGNALS = ("none", "decode", "left-wave", "right-wave", "up", "down", "slide", "left", "right")

SLIDE = (Move.RIGHT, Move.RIGHT)  # both heads to the right: the one pair of moves that is a single operation


@frozen
class Signals:
    """Which operations a machine uses, and what follows from it.

    `moves`: data-head moves; `pushes`: work-head moves; `separate`: those of them that ever happen outside a slide; `held`: pairs
    in which the push is executed before the move;
    `slides`: whether both heads ever move right at once (one operation, no wait); `right_waves`: whether a move to the right alone
    sends the pack after it; `decodes`: whether the memory must be decoded first (grids).
    """

    moves: frozenset[Move]
    pushes: frozenset[Move]
    separate: frozenset[Move]
    held: frozenset[tuple[Move, Move]]
    slides: bool
    right_waves: bool
    has_work: bool
    decodes: bool

    @staticmethod
    def of(table: Table) -> Signals:
        """The signals of a table."""
        operations = {(t.move_data, t.move_work) for t in table.transitions if not t.halts}
        both = {(move, push) for move, push in operations if Move.STAY not in (move, push)}
        pushes = frozenset(push for _, push in operations) - {Move.STAY}
        return Signals(
            moves=frozenset(move for move, _ in operations) - {Move.STAY},
            pushes=pushes,
            separate=frozenset(pair[1] for pair in operations if pair != SLIDE) - {Move.STAY},
            held=frozenset(both - {SLIDE}),
            slides=SLIDE in both,
            right_waves=bool(pushes) and any(move is Move.RIGHT and push is not Move.RIGHT for move, push in operations),
            has_work=table.work is not None,
            decodes=table.is_grid,
        )

    @property
    def packed(self) -> bool:
        """Whether the work head moves: then the work tape must follow in waves."""
        return bool(self.pushes)

    @property
    def used(self) -> frozenset[str]:
        """The names of the values of `move` that occur."""
        return _used(self)

    def move_values(self) -> tuple[str, ...]:
        """The values of `move`; three or fewer fit one trit."""
        return _move_values(self)

    def move_number(self, name: str) -> int:
        """The number of a signal."""
        return self.move_values().index(name)


@cache  # asked for every transition
def _used(signals: Signals) -> frozenset[str]:
    names = {move.name.lower() for move in signals.moves} | {"none"}
    names |= {"decode"} if signals.decodes else set()
    names |= {"left-wave"} if signals.packed and Move.LEFT in signals.moves else set()
    names |= {"right-wave"} if signals.right_waves else set()
    names |= {"slide"} if signals.slides else set()
    return frozenset(names)


@cache
def _move_values(signals: Signals) -> tuple[str, ...]:
    used = _used(signals)
    if len(used) <= 3:
        return tuple(name for name in MOVE_SIGNALS if name in used)
    return tuple(name if name in used else "" for name in MOVE_SIGNALS)


def data_values(tape: Tape) -> tuple[str, ...]:
    """The values of `symbol`. A grid's memory always delivers blank, 0 and 1, whatever symbols the machine declares."""
    if tape.kind == "line":
        return tape.symbols if len(tape.symbols) > 1 else (*tape.symbols, "")  # a cell has a trit for its symbol in any case
    return ("_", "0", "1", *(symbol for symbol in tape.symbols if symbol not in ("_", "0", "1")))


def fields_of(table: Table, signals: Signals) -> tuple[Field, ...]:
    """The fields of a cell: only what this machine uses."""
    work = table.work.symbols if table.work else ("_",)
    carry = (*work, *("-", "+")[len(work) - 1 :]) if signals.decodes else work
    fields = [
        Field("answer", ("none", "reject", "accept"), persists=True),
        Field("kind", ("raw", "live", "pad"), persists=True) if signals.decodes else None,
        Field("symbol", data_values(table.data), persists=True),
        Field("right", work, persists=True) if signals.has_work else None,
        Field("left", work, persists=True) if signals.packed else None,
        Field("move", signals.move_values(), persists=False),
        Field("push", ("none", "left", "right"), persists=False) if signals.packed else None,
        Field("carry1", carry, persists=False) if signals.packed or signals.decodes else None,
        Field("carry2", work, persists=False) if signals.right_waves or signals.slides else None,
        Field("control", ("none", "", "here"), persists=True),
        Field("state", state_values(table), persists=True),
        Field("inside", ("no", "", "yes"), persists=True) if signals.decodes else None,
    ]
    return tuple(field for field in fields if field is not None)


def state_values(table: Table) -> tuple[str, ...]:
    """The values of `state`. The busier a state, the fewer trits of its code are not 0: those cost a weight in every rule."""
    busy = Counter(transition.state for transition in table.transitions)
    order = sorted(range(len(table.states)), key=lambda state: (-busy[state], state))
    trits = width(len(order))
    numbers = sorted(range(3**trits), key=lambda number: (sum(map(abs, code(number, trits))), number))[: len(order)]
    values = [""] * (max(numbers) + 1)
    for state, number in zip(order, numbers, strict=True):
        values[number] = table.states[state]
    return tuple(values)
