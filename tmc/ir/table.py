"""The transition table: a deterministic machine with one control and one or two tapes.

A configuration is a state, the data tape with its head, and the work tape with its head. `step` takes one configuration to
the next; it is the meaning that every later stage is compared with.

- The *data* tape is a ``line``, or holds examples: a ``grid`` (a row per example, the query last; the label in the last column) or
  the ``rows`` of such a grid, one after the other.
- The *work* tape, if there is one, is a line, blank and unbounded both ways.
- A move off a grid's edge leaves the head where it is. On rows, a move to the right of a row's end leads to the start of the next
  row, one to the left of its start to the end of the row above; only the two ends of the whole stop the head.
- A halting transition writes, but does not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.polynomial import Polynomial
from tmc.ir.tape import EMPTY, NOWHERE, Grid, Line, Move, Symbol, Tape, Touching

ACCEPT, REJECT = -1, -2  # the halting states, as the `target` of a transition

EdgeTest = tuple[bool | None, bool | None, bool | None, bool | None]  # must touch, must not, does not matter
ANY_EDGE: EdgeTest = (None, None, None, None)


@frozen
class Guard:
    """When a transition applies: the symbols under the heads (sorted numbers; on a one-tape machine ``work == (BLANK,)``)
    and the edges."""

    data: tuple[Symbol, ...]
    work: tuple[Symbol, ...]
    edges: EdgeTest = ANY_EDGE

    def admits(self, data: Symbol, work: Symbol, touching: Touching) -> bool:
        """Whether this reading satisfies the guard."""
        edges_hold = all(test is None or test == touch for test, touch in zip(self.edges, touching, strict=True))
        return data in self.data and work in self.work and edges_hold


@frozen
class Transition:
    """In `state`, when `guard` admits the reading: write, move and enter `target` (a state, `ACCEPT` or `REJECT`).

    A `write_data` or `write_work` of None leaves the symbol. `line` is the source line of the rule (0: none) in `file`: "" is the
    machine's own file, anything else the name of a file that it uses.
    """

    state: int
    guard: Guard
    target: int
    write_data: Symbol | None = None
    write_work: Symbol | None = None
    move_data: Move = Move.STAY
    move_work: Move = Move.STAY
    line: int = 0
    file: str = ""

    @property
    def halts(self) -> bool:
        """Whether the target is a halting state."""
        return self.target < 0


@frozen
class Bounds:
    """What a machine promises: at most `steps` transitions and `work` work-tape cells visited (None: no promise)."""

    steps: Polynomial | None = None
    work: Polynomial | None = None


@frozen
class GridTest:
    """A test of a grid machine: examples (features, label), the query's features, and its label; all in 0 and 1."""

    name: str
    examples: tuple[tuple[tuple[int, ...], int], ...]
    query: tuple[int, ...]
    answer: int
    line: int = 0


@frozen
class LineTest:
    """A test of a line machine: the text on the data tape, the verdict, and what some tapes hold at the end (trimmed of blanks).

    The verdict ``loop`` is that of a run that goes on for ever; it has no end, and so no `tapes`.
    """

    name: str
    data: str
    verdict: str
    tapes: tuple[tuple[str, str], ...] = ()
    line: int = 0


@frozen
class Table:
    """A machine. `transitions` are grouped by state, in the order of the source, and disjoint: at most one applies.

    `tapes` has one or two entries, the data tape first; `start` is a position in `states`.
    """

    name: str
    about: str
    tapes: tuple[Tape, ...]
    states: tuple[str, ...]
    start: int
    transitions: tuple[Transition, ...]
    bounds: Bounds = Bounds()
    tests: tuple[GridTest | LineTest, ...] = ()

    def __repr__(self) -> str:
        return f"<Table of {self.name}: {self.sizes}>"

    def _repr_svg_(self) -> str | None:
        """The state diagram, for notebooks."""
        from tmc.notebook import shown

        return shown("table", self)

    @property
    def sizes(self) -> str:
        """In words: ``7 states, 25 transitions``."""
        counts = (len(self.states), "state"), (len(self.transitions), "transition")
        return ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts)

    @property
    def data(self) -> Tape:
        """The data tape."""
        return self.tapes[0]

    @property
    def work(self) -> Tape | None:
        """The work tape, if there is one."""
        return self.tapes[1] if len(self.tapes) == 2 else None

    @property
    def is_grid(self) -> bool:
        """Whether the machine reads a grid of examples, all at once or row by row, and so is a learner."""
        return self.data.kind in ("grid", "rows")

    @property
    def is_rows(self) -> bool:
        """Whether it reads the grid row by row, as one line."""
        return self.data.kind == "rows"

    def target_name(self, target: int) -> str:
        """The name of a transition's target."""
        return {ACCEPT: "accept", REJECT: "reject"}.get(target) or self.states[target]


@frozen
class Configuration:
    """A machine at rest between two steps. `head` is ``(row, column)``; on a line the row is 0. Halted: `state` is ACCEPT or
    REJECT."""

    state: int
    data: Grid | Line
    head: tuple[int, int]
    work: Line = EMPTY
    work_head: int = 0


def rule_name(table: Table, transition: Transition) -> str:
    """What the local rule of a transition is called: the states that it leads from and to."""
    return f"{table.states[transition.state]} → {table.target_name(transition.target)}"


def rule_files(table: Table) -> tuple[tuple[str, str], ...]:
    """The rules, by name, that come from another file than the machine's own, each with the name of that."""
    return tuple(sorted({(rule_name(table, transition), transition.file) for transition in table.transitions if transition.file}))


def file_of(rule: str, files: tuple[tuple[str, str], ...]) -> str:
    """The file of a rule, among those of `rule_files`; "" is the machine's own."""
    return next((file for name, file in files if name == rule), "")


def start(table: Table, data: Grid | Line) -> Configuration:
    """The first configuration: the head on the top-left cell of a grid, or on position 0 of a line."""
    return Configuration(table.start, data, (0, 0))


def reading(configuration: Configuration) -> tuple[Symbol, Symbol, Touching]:
    """What a transition can see: the symbols under both heads and the edges touched."""
    work = configuration.work.read(configuration.work_head)
    if isinstance(configuration.data, Grid):
        place = configuration.head
        return configuration.data.read(place), work, configuration.data.touching(place)
    return configuration.data.read(configuration.head[1]), work, NOWHERE


def applicable(table: Table, configuration: Configuration) -> Transition | None:
    """The transition that applies, or None: the machine has halted or is stuck."""
    seen = reading(configuration)
    for transition in table.transitions:
        if transition.state == configuration.state and transition.guard.admits(*seen):
            return transition
    return None


def step(table: Table, configuration: Configuration) -> Configuration | None:
    """One step of the machine; None when no transition applies."""
    transition = applicable(table, configuration)
    return None if transition is None else apply(table, transition, configuration)


def apply(table: Table, transition: Transition, configuration: Configuration) -> Configuration:
    """The configuration after this transition."""
    data, work = configuration.data, configuration.work
    if transition.write_data is not None:
        if isinstance(data, Grid):
            data = data.write(configuration.head, transition.write_data)
        else:
            data = data.write(configuration.head[1], transition.write_data)
    if transition.write_work is not None:
        work = work.write(configuration.work_head, transition.write_work)
    if transition.halts:
        return Configuration(transition.target, data, configuration.head, work, configuration.work_head)
    head = moved(data, configuration.head, transition.move_data, by_rows=table.is_rows)
    work_head = configuration.work_head + transition.move_work.value[1]
    return Configuration(transition.target, data, head, work, work_head)


def moved(data: Grid | Line, head: tuple[int, int], move: Move, *, by_rows: bool = False) -> tuple[int, int]:
    """Where the data head stands after a move. An edge of a grid stops it, or, `by_rows`, only the two ends of the whole."""
    row, column = head[0] + move.value[0], head[1] + move.value[1]
    if isinstance(data, Line):
        return (row, column)
    height, width = len(data.rows), len(data.rows[0])
    if by_rows:
        row, column = divmod(row * width + column, width)
    return (row, column) if 0 <= row < height and 0 <= column < width else head


def validate(table: Table) -> None:
    """Check that the table is well formed and its transitions disjoint; InternalError names the first fault."""
    if len(table.tapes) not in (1, 2) or any(tape.symbols[0] != "_" for tape in table.tapes):
        raise InternalError("a table has one or two tapes whose first symbol is the blank")
    line_moves = (Move.STAY, Move.LEFT, Move.RIGHT)
    moves = tuple(Move) if table.is_grid and not table.is_rows else line_moves, line_moves if table.work else (Move.STAY,)
    by_symbol: dict[tuple[int, int, Symbol], list[Transition]] = {}  # those of a state that admit a symbol on a tape
    for transition in table.transitions:
        _validate_transition(table, transition, moves)
        guard = transition.guard
        alike = [
            [by_symbol.setdefault((transition.state, tape, symbol), []) for symbol in symbols]
            for tape, symbols in enumerate((guard.data, guard.work))
        ]
        fewest = min(alike, key=lambda lists: sum(len(sharing) for sharing in lists))
        for other in chain.from_iterable(fewest):
            if overlap(guard, other.guard):
                raise InternalError(f"state {table.states[transition.state]}: lines {other.line} and {transition.line} overlap")
        for sharing in chain.from_iterable(alike):
            sharing.append(transition)


def overlap(one: Guard, other: Guard) -> bool:
    """Whether some reading satisfies both guards."""
    if not (_meet(one.data, other.data) and _meet(one.work, other.work)):
        return False
    return all(a is None or b is None or a == b for a, b in zip(one.edges, other.edges, strict=True))


def _meet(one: tuple[Symbol, ...], other: tuple[Symbol, ...]) -> bool:
    """Whether two sets of symbols have one in common."""
    if len(one) == 1:
        return one[0] in other
    return other[0] in one if len(other) == 1 else not set(one).isdisjoint(other)


def _validate_transition(table: Table, transition: Transition, moves: tuple[Sequence[Move], Sequence[Move]]) -> None:
    """InternalError for a transition that is not one of this machine's; `moves` are those of its heads."""
    data_symbols, work_symbols = len(table.data.symbols), len(table.work.symbols) if table.work else 1
    guard, write_data, write_work = transition.guard, transition.write_data, transition.write_work
    fits = (
        0 <= transition.state < len(table.states)
        and REJECT <= transition.target < len(table.states)
        and (not guard.data or (min(guard.data) >= 0 and max(guard.data) < data_symbols))
        and (not guard.work or (min(guard.work) >= 0 and max(guard.work) < work_symbols))
        and (write_data is None or 0 <= write_data < data_symbols)
        and (write_work is None or 0 <= write_work < work_symbols)
        and transition.move_data in moves[0]
        and transition.move_work in moves[1]
        and (table.is_grid or guard.edges == ANY_EDGE)
    )
    if not fits:
        raise InternalError(f"transition of line {transition.line} does not fit the machine {table.name}")
