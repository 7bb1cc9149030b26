"""The shortest input that tells two machines apart: by the steps that they take, or by how they end.

Inputs are not listed one by one: the two run on a tape whose cells are unknown, and when a head comes to such a cell, the search
goes on with each symbol that it may hold. So all inputs that differ only in cells that no head comes to are one case. Cases with
shorter inputs come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, product
from typing import Literal

from tmc.diagnostics import Rejected
from tmc.ir.alphabets import Aligned
from tmc.ir.reactions import Reactions
from tmc.ir.table import ACCEPT, Configuration, Table
from tmc.ir.tape import BLANK, NOWHERE, Grid, Line, Symbol
from tmc.run.loops import find_loop

Place = tuple[int, int]  # row and column; on a line the row is 0
Cells = dict[Place, Symbol]
Chain = tuple[Place, Symbol, "Chain"] | None  # known cells, the one that was found last first
Ending = Literal["accept", "reject", "stuck", "loops", "timeout"]
MAX_STEPS = 10_000  # of a run; after them it is looked for a loop
EFFORT = 2_000_000  # steps of all runs together
SIDES = range(2, 10)  # rows and columns of the grids that are tried


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one machine ended: the verdict, the steps taken, and its data tape then."""

    verdict: Ending
    steps: int
    data: Line | Grid


@dataclass(frozen=True, slots=True)
class Told:
    """An input that tells two machines apart, and how each ended on it. `step`: the first step, counted from 1, in which they react
    differently; None if it was not asked for."""

    data: Line | Grid
    outcomes: tuple[Outcome, Outcome]
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found. If `told` is None, the two are alike on all inputs smaller than `size` (symbols of a line, cells of a
    grid), but for `undecided` cases in which a run neither ended nor was proved to loop. `complete`: there are no other inputs."""

    told: Told | None
    cases: int
    undecided: int
    size: int
    complete: bool


def by_steps(both: Aligned, max_steps: int = MAX_STEPS, effort: int = EFFORT) -> Search:
    """Look for the shortest input on which the two take different steps. Raises `Rejected` as `by_results` does."""
    return _Searching(both, max_steps, effort).run(in_lockstep=True)


def by_results(both: Aligned, max_steps: int = MAX_STEPS, effort: int = EFFORT) -> Search:
    """Look for the shortest input on which the two end differently: with another verdict or, on a line, another data tape.

    Raises `Rejected` if one machine reads a line and the other a grid.
    """
    return _Searching(both, max_steps, effort).run(in_lockstep=False)


class _Run:
    """A machine in motion on a tape of which only some cells are known."""

    __slots__ = ("cells", "head", "state", "steps", "stuck", "work", "work_head")

    def __init__(self, state: int) -> None:
        self.state, self.steps, self.stuck = state, 0, False
        self.cells: Cells = {}  # those written
        self.work: dict[int, Symbol] = {}
        self.head, self.work_head = (0, 0), 0

    @property
    def ended(self) -> bool:
        return self.stuck or self.state < 0


class _Case:
    """All inputs with these `known` cells (of a grid of this `shape`; of a line None), and the runs as far as they are the same on
    them. In lockstep the second run is only its state: everything else is as in the first."""

    __slots__ = ("chain", "known", "runs", "shape")

    def __init__(self, chain: Chain, shape: Place | None, tables: tuple[Table, Table]) -> None:
        self.chain, self.shape, self.known = chain, shape, dict(_links(chain))
        self.runs = _Run(tables[0].start), _Run(tables[1].start)

    def add(self, place: Place, symbol: Symbol) -> None:
        """Let one more cell be known."""
        self.chain, self.known[place] = (place, symbol, self.chain), symbol

    def tape(self, written: Cells) -> Line | Grid:
        """The data tape with these cells; what is not known is blank on a line, and on a grid the first symbol of an input."""
        cells = {**self.known, **written}
        if self.shape is None:
            return Line.of({place[1]: symbol for place, symbol in cells.items()})
        rows, columns = self.shape
        return Grid(tuple(tuple(cells.get((row, column), BLANK) for column in range(columns)) for row in range(rows)))


class _Searching:
    """A search: cases, those with the smallest inputs first. A case that waits is only its known cells; its runs begin anew."""

    def __init__(self, both: Aligned, max_steps: int, effort: int) -> None:
        if both.one.is_grid != both.other.is_grid:
            kinds = ["a grid" if table.is_grid else "a line" for table in (both.one, both.other)]
            raise Rejected(f"{both.one.name} reads {kinds[0]} and {both.other.name} {kinds[1]}: no input is for both")
        self.tables, self.max_steps, self.effort = (both.one, both.other), max_steps, effort
        self.reactions = Reactions(both.one), Reactions(both.other)
        self.symbols = _inputs(both)
        self.cases = self.undecided = self.steps = 0
        self._order = count()
        self._waiting: list[tuple[int, int, Chain, Place | None]] = []

    def run(self, in_lockstep: bool) -> Search:
        """Look at case after case until one tells the machines apart, or the effort is spent."""
        for size, chain, shape in _first(self.tables):
            heappush(self._waiting, (size, next(self._order), chain, shape))
        size = 0
        while self._waiting and self.steps < self.effort:
            size, _, chain, shape = heappop(self._waiting)
            case = _Case(chain, shape, self.tables)
            while (place := (self._together if in_lockstep else self._apart)(case)) is not None:
                self._divide(case, size, place)
            self.cases += 1
            told = self._step_told(case) if in_lockstep else self._told(case)
            if told is not None:
                return Search(told, self.cases, self.undecided, size, False)
        complete = not self._waiting and not self.tables[0].is_grid and not self.undecided
        return Search(None, self.cases, self.undecided, self._waiting[0][0] if self._waiting else size + 1, complete)

    def _divide(self, case: _Case, size: int, place: Place) -> None:
        """Go on with the first symbol in this cell; the cases with others wait."""
        for symbol in self.symbols[1:]:
            larger = size if case.shape is not None else max(size, place[1] + 1)
            heappush(self._waiting, (larger, next(self._order), (place, symbol, case.chain), case.shape))
        case.add(place, self.symbols[0])

    def _apart(self, case: _Case) -> Place | None:
        """Run both to their ends; the unknown cell that stops one."""
        for number in (0, 1):
            place = self._advance(case, number)
            if place is not None:
                return place
        return None

    def _advance(self, case: _Case, number: int) -> Place | None:
        run = case.runs[number]
        while not run.ended and run.steps < self.max_steps:
            symbol = _read(case, run)
            if symbol is None:
                return run.head
            self._step(case, number, symbol)
        return None

    def _together(self, case: _Case) -> Place | None:
        """Run both until they react differently or halt; the unknown cell that stops them."""
        run, other = case.runs
        while not run.ended and run.steps < self.max_steps:
            symbol = _read(case, run)
            if symbol is None:
                return run.head
            states = run.state, other.state
            seen = symbol, run.work.get(run.work_head, BLANK), _touching(case, run)
            one, two = self.reactions[0][states[0], *seen], self.reactions[1][states[1], *seen]
            if one is None or two is None:
                if one is not two:
                    return None
            elif one[1:] != two[1:] or min(one[0], 0) != min(two[0], 0):
                return None
            else:
                other.state = two[0]
            self._step(case, 0, symbol)
        return None

    def _step(self, case: _Case, number: int, symbol: Symbol) -> None:
        """A step of a run that reads this symbol."""
        run, self.steps = case.runs[number], self.steps + 1
        reaction = self.reactions[number][run.state, symbol, run.work.get(run.work_head, BLANK), _touching(case, run)]
        if reaction is None:
            run.stuck = True
            return
        run.state, run.cells[run.head], run.work[run.work_head], move, work_move = reaction
        run.head = _moved(case, run.head, move.value, self.tables[number])
        run.work_head += work_move.value[1]
        run.steps += 1

    def _step_told(self, case: _Case) -> Told | None:
        run = case.runs[0]
        if run.ended or run.steps >= self.max_steps:  # together to the end, or as far as anybody looks
            self.undecided += not run.ended
            return None
        step, whole = run.steps + 1, _Case(case.chain, case.shape, self.tables)
        while (place := self._apart(whole)) is not None:  # what comes after the input that has been read is blank
            whole.add(place, self.symbols[0])
        return Told(whole.tape({}), (self._outcome(whole, 0), self._outcome(whole, 1)), step)

    def _told(self, case: _Case) -> Told | None:
        one, other = self._outcome(case, 0), self._outcome(case, 1)
        verdicts = {one.verdict, other.verdict}
        if "timeout" in verdicts:
            self.undecided += 1
            return None
        same = len(verdicts) == 1 and (verdicts == {"loops"} or case.shape is not None or one.data == other.data)
        return None if same else Told(case.tape({}), (one, other))

    def _outcome(self, case: _Case, number: int) -> Outcome:
        run, table = case.runs[number], self.tables[number]
        data, verdict = case.tape(run.cells), _verdict(run)
        if verdict == "timeout":
            work = Line.of(run.work)
            if find_loop(table, Configuration(run.state, data, run.head, work, run.work_head), self.max_steps) is not None:
                verdict = "loops"
        return Outcome(verdict, run.steps, data)


def _inputs(both: Aligned) -> tuple[Symbol, ...]:
    """The symbols of an input: on a line all, in a grid those that stand for data, where both machines have them."""
    shared = both.shared[0]
    if not both.one.is_grid:
        return shared
    bits = tuple(symbol for symbol in shared if both.one.data.symbols[symbol] in ("0", "1"))
    return bits or shared


def _first(tables: tuple[Table, Table]) -> Iterator[tuple[int, Chain, Place | None]]:
    """The cases of which nothing is known: one of lines, or one for each shape of grids, in which the query has no label."""
    if not tables[0].is_grid:
        yield 0, None, None
        return
    for rows, columns in product(SIDES, SIDES):
        yield rows * columns, ((rows - 1, columns - 1), BLANK, None), (rows, columns)


def _links(chain: Chain) -> Iterator[tuple[Place, Symbol]]:
    while chain is not None:
        place, symbol, chain = chain
        yield place, symbol


def _read(case: _Case, run: _Run) -> Symbol | None:
    """The symbol under the head; None if it is not known. To the left of a line's input all is blank."""
    symbol = run.cells.get(run.head, case.known.get(run.head))
    return BLANK if symbol is None and run.head[1] < 0 and case.shape is None else symbol


def _touching(case: _Case, run: _Run) -> tuple[bool, bool, bool, bool]:
    if case.shape is None:
        return NOWHERE
    (rows, columns), (row, column) = case.shape, run.head
    return row == 0, row == rows - 1, column == 0, column == columns - 1


def _moved(case: _Case, head: Place, by: Place, table: Table) -> Place:
    row, column = head[0] + by[0], head[1] + by[1]
    if case.shape is None:
        return row, column
    rows, columns = case.shape
    if table.is_rows:
        row, column = divmod(row * columns + column, columns)
    return (row, column) if 0 <= row < rows and 0 <= column < columns else head


def _verdict(run: _Run) -> Ending:
    if run.stuck:
        return "stuck"
    if run.state < 0:
        return "accept" if run.state == ACCEPT else "reject"
    return "timeout"
