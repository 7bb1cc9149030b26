"""Table to text: a machine that was found, not written, in the language, with as few rules as can easily be had.

What the rules say is only bound to hold for some *readings*: those that are given, or all that there are.

    q0, 0: move right;  q0, 1: move right;  q0, _: accept      becomes      on _ -> accept, otherwise move right
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tmc.decompile.rule_lists import GuardedAction, Reading, rule_lists
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import GridTest, Guard, LineTest, Table
from tmc.ir.tape import EDGES, Move, Symbol, Tape
from tmc.source import Source
from tmc.syntax.formatter import format_source


def table_to_text(table: Table, readings: Iterable[Reading] | None = None, remark: str = "") -> str:
    r"""The text of a machine that does what the table does on these readings, formatted; `remark` becomes a comment at its head.

    Where the table is stuck on one of them, so is the machine. States are named after where they mostly move. ::

        >>> one, none, tape = Guard((1,), (0,)), Guard((0,), (0,)), Tape("data", "line", ("_", "1"))
        >>> walk = (Transition(0, one, 0, move_data=Move.RIGHT), Transition(0, none, ACCEPT))
        >>> table_to_text(Table("m", "", (tape,), ("q0",), 0, walk)).splitlines()[-3:]
        ['state go_right', '    on 1        move right', '    otherwise                -> accept']
    """
    lists = rule_lists(table, readings)
    kept = _reached(table.start, lists)
    names = _names(lists, kept)
    blocks = ["\n".join(f"# {line}".rstrip() for line in remark.splitlines())] if remark else []
    about = "".join(f'\n    "{line}"' for line in table.about.splitlines())
    blocks += [f"{'learner' if table.is_grid else 'machine'} {table.name}{about}", "\n".join(map(_tape, table.tapes))]
    blocks += [*_bounds(table), f"start {names[table.start]}"]
    for state in kept:
        blocks.append("\n".join([f"state {names[state]}", *(f"    {_rule(rule, table, state, names)}" for rule in lists[state])]))
    blocks += map(_test, table.tests)
    return format_source(Source(f"{table.name}.tm", "\n\n".join(blocks) + "\n"))


def _reached(start: int, lists: Sequence[tuple[GuardedAction, ...]]) -> list[int]:
    """The states that rules lead to, in the order in which they are first mentioned."""
    found = [start]
    for state in found:  # it grows
        found += dict.fromkeys(rule.action[0] for rule in lists[state] if rule.action[0] >= 0 and rule.action[0] not in found)
    return found


def _names(lists: Sequence[tuple[GuardedAction, ...]], kept: Sequence[int]) -> dict[int, str]:
    """A name for each state that is kept, after the move that it goes on with, or most of its rules make."""
    names: dict[int, str] = {}
    for state in kept:
        own = [rule.action[3] for rule in lists[state] if rule.action[0] == state] or [rule.action[3] for rule in lists[state]]
        moves = [move for move in own if move is not Move.STAY]
        name = f"go_{max(moves, key=moves.count).name.lower()}" if moves else "look"
        same = sum(other.split("__")[0] == name for other in names.values())
        names[state] = f"{name}__{same + 1}" if same else name
    return {state: name.replace("__", "_") for state, name in names.items()}


def _rule(rule: GuardedAction, table: Table, state: int, names: Mapping[int, str]) -> str:
    """A rule as it is written."""
    target, *writes, move, work_move = rule.action
    written = ["." if w is None else _symbol(t.symbols[w]) for t, w in zip(table.tapes, writes, strict=False)]
    moves = ["." if m is Move.STAY else m.name.lower() for m, _ in zip((move, work_move), table.tapes, strict=False)]
    arrow = "" if target == state else f"-> {names.get(target) or table.target_name(target)}"
    done = [part for part in (_clause("write", written), _clause("move", moves), arrow) if part] or ["move stay"]
    return " ".join([_condition(table, rule.guard), *done])


def _condition(table: Table, guard: Guard) -> str:
    patterns = [_pattern(tape, symbols) for tape, symbols in zip(table.tapes, (guard.data, guard.work), strict=False)]
    on = "" if set(patterns) == {"*"} else "on " + ", ".join(patterns if patterns[-1] != "*" else patterns[:1])
    tests = [(edge.name.lower(), test) for edge, test in zip(EDGES, guard.edges, strict=True) if test is not None]
    at = "at " + " ".join(name if test else f"not {name}" for name, test in tests) if tests else ""
    return f"{on} {at}".strip() or "otherwise"


def _pattern(tape: Tape, symbols: tuple[Symbol, ...]) -> str:
    return "*" if len(symbols) == len(tape.symbols) else "|".join(_symbol(tape.symbols[symbol]) for symbol in symbols)


def _symbol(symbol: str) -> str:
    return symbol if symbol.isalnum() or symbol == "_" else f"'{symbol}'"


def _clause(word: str, items: Sequence[str]) -> str:
    while items and items[-1] == ".":
        items = items[:-1]
    return f"{word} {', '.join(items)}" if items else ""


def _tape(tape: Tape) -> str:
    kind = "line" if tape.kind == "rows" else tape.kind  # it is a learner whose data are on a line
    return f"tape {tape.name}: {kind} of {' '.join(map(_symbol, tape.symbols))}"


def _bounds(table: Table) -> list[str]:
    given: list[tuple[str, Polynomial | None]] = [("steps", table.bounds.steps), ("work", table.bounds.work)]
    lines = [f"    {name} {bound}" for name, bound in given if bound is not None]
    return ["\n".join(["bounds", *lines])] if lines else []


def _test(test: GridTest | LineTest) -> str:
    if isinstance(test, GridTest):
        lines = [f"    example {' '.join(map(str, features))} -> {label}" for features, label in test.examples]
        lines.append(f"    query {' '.join(map(str, test.query))} -> {test.answer}")
    else:
        lines = [
            f"    data {_run(test.data)}",
            f"    -> {test.verdict}",
            *(f"    {name} is {_run(held)}" for name, held in test.tapes),
        ]
    return "\n".join([f'test "{test.name}"', *lines])


def _run(symbols: str) -> str:
    if symbols.replace("_", "a").isalnum() or not symbols:
        return symbols or "_"
    return "".join(map(_symbol, symbols)) if "'" in symbols else f"'{symbols}'"
