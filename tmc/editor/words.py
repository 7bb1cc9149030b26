"""What the words of the language mean, in a line each."""

from __future__ import annotations

from tmc.editor.referents import NameKind
from tmc.elaborate.bounds import GRID_VARIABLES, LINE_VARIABLES

KEYWORDS = {
    "machine": "begins a file that describes a machine: `machine NAME`, and below it what it does, in double quotes",
    "learner": "begins a file that describes a machine whose data are examples and a query, be its data tape a grid or a line",
    "use": 'the states of another file: `use "std.tm"`, beside this file or in the library that comes with tmc',
    "tape": "a tape and its symbols: first the data tape, then the work tape if there is one",
    "bounds": "what the machine promises: at most so many steps, and so many cells of the work tape",
    "start": "the state in which the machine starts",
    "state": "a state, maybe with parameters, and below it its rules: the first that applies is taken",
    "test": "a test of the machine: `tmc test` runs it on the table and on the compiled network",
    "on": "what the heads read, tape by tape: a symbol, alternatives `0|1`, a capture `$x`, or `*` for any",
    "in": "what a capture may be: `$x in 0|1`",
    "at": "edges of the grid that the head must touch, or `not` touch: all of them",
    "not": "an edge that the head must not touch",
    "otherwise": "the rule without a condition",
    "write": "what to write, tape by tape; `.` or nothing leaves a symbol as it is",
    "move": "where the heads move, tape by tape; `.` or nothing means stay",
    "->": "the state to go to, `accept` or `reject`; without it the machine stays in this state",
    "grid": "a rectangle with edges; a machine whose data tape is a grid learns: a row per example, the query last",
    "line": "a tape without end both ways",
    "example": "a row of the data: the features and the label, all 0 or 1",
    "query": "the last row of the data: the features, and the label that is to be found",
    "data": "what the data tape holds at the start",
}

MEANINGS = {
    NameKind.HALTING: {
        "accept": "ends the run with the answer yes, or 1",
        "reject": "ends the run with the answer no, or 0",
        "stuck": "the run ends in a state where no rule applies",
        "loop": "the run never ends: the same steps follow again and again",
    },
    NameKind.DIRECTION: {
        "left": "one cell to the left",
        "right": "one cell to the right",
        "up": "one row up, in the same column (grids only)",
        "down": "one row down, in the same column (grids only)",
        "stay": "the head stays where it is, as for `.`",
    },
    NameKind.EDGE: {
        "top": "the head is in the first row",
        "bottom": "the head is in the last row: the query's",
        "left": "the head is in the first column",
        "right": "the head is in the last column: the labels'",
    },
    NameKind.BOUND: {
        "steps": "the machine takes at most so many steps",
        "work": "the machine visits at most so many cells of the work tape",
    },
    NameKind.VARIABLE: GRID_VARIABLES | LINE_VARIABLES,
}
