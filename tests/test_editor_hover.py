"""Hover: what is shown of a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from editing import MACHINE, cursor_in, folder_with_library, opened, place_of
from tmc.editor.hover import MOST_INSTANCES, MOST_RULES, code, hover

CLEAN = MACHINE.replace("    on sym|'#'          -> idle\n", "")


def shown(folder: Path, part: str, count: int = 1, text: str = MACHINE) -> str:
    found = hover(opened(text, folder_with_library(folder)), place_of(text, part, count))
    return found.markdown if found else ""


def test_a_state_with_its_comment_parameters_rules_and_instances(tmp_path: Path) -> None:
    wanted = """\
**state** `put(sym, next)`

Puts `sym`, wherever it is.

And again.

- `sym`: a symbol
- `next`: a state

| when | write | move | next |
| --- | --- | --- | --- |
| `on $x in 0\\|1, $x` | `sym, $x` |  | `put($x, next)` |
| `on 0, x` |  | `left, stay` |  |
| `on $x, 'x'` | `$x, 'x'` |  | `seek(_, right, put(sym, next))` |
| `otherwise` |  |  | `next` |

In this machine: `put(_,accept)`, `put(0,accept)`, `put(1,accept)`"""
    assert shown(tmp_path, "put(sym", text=CLEAN) == wanted


def test_a_state_of_a_used_file(tmp_path: Path) -> None:
    text = shown(tmp_path, "seek(_", text=CLEAN)
    assert text.startswith("**state** `seek(mark, way, next)` of walks.tm\n\nWalk until `mark`.\n\n- `mark`: a symbol\n")
    instances = ["seek(0|1,left,put(_,accept))", *(f"seek(_,right,put({symbol},accept))" for symbol in "_01")]
    assert text.endswith(f"In this machine: {', '.join(map(code, instances))}")


def test_a_machine_in_error_has_no_instances(tmp_path: Path) -> None:
    assert "In this machine" not in shown(tmp_path, "put(sym")


def test_a_comment_that_does_not_stand_directly_above_is_not_shown(tmp_path: Path) -> None:
    wanted = """\
**state** `idle`

| when | next |
| --- | --- |
| `on sym\\|'#'` | `idle` |
| `otherwise` | `reject` |"""
    assert shown(tmp_path, "idle") == wanted


def test_a_long_state_is_shortened() -> None:
    text = "state s(way)\n" + "    on 1    move way\n" * (MOST_RULES + 3) + "state t\n    otherwise\n"
    found = hover(opened(text), text.index("s(way"))
    assert found is not None
    assert found.markdown.endswith("\n\n… and 3 more")
    empty = hover(opened("state s\n"), 6)
    assert empty is not None
    assert empty.markdown.endswith("It has no rules.")


def test_many_instances_are_shortened() -> None:
    states = "".join(f"state s{n}\n    otherwise -> go(s{n + 1})\n" for n in range(MOST_INSTANCES + 2))
    go = "state go(next)\n    otherwise move left -> next\n"
    last = f"state s{MOST_INSTANCES + 2}\n    otherwise -> accept\n"
    text = f"machine m\ntape data: line of _ 1\nstart s0\n{states}{last}{go}"
    found = hover(opened(text), text.index("go(next"))
    assert found is not None
    assert found.markdown.endswith(f"`go(s{MOST_INSTANCES})` and 2 more")


SHOWN = {
    "a_parameter": ("sym, $x", "parameter `sym` of `put(sym, next)`: a symbol"),
    "a_capture": ("$x, next", "capture `$x`: what is read, `0|1`"),
    "a_capture_of_anything": ("$x, 'x'         -", "capture `$x`: what is read, any symbol"),
    "a_tape": ("tally is", "`tape tally: line of _ 0 1 x`\n\nLeft over."),
    "a_symbol": ("'#'          -> idle", "symbol `#`\n\n`tape data: line of _ 0 1 '#'`\n\nwhat is read"),
    "the_blank": ("_ 0 1 x", "symbol `_`: the blank\n\n`tape tally: line of _ 0 1 x`\n\nLeft over."),
    "a_bound": ("steps", "bound `steps`: the machine takes at most so many steps"),
    "a_variable": ("n + 3", "variable of a bound `n`: the length of the input"),
    "a_halting_state": ("stuck", "halting state `stuck`: the run ends in a state where no rule applies"),
    "a_direction": ("stay", "direction `stay`: the head stays where it is, as for `.`"),
    "a_keyword": ("otherwise", "`otherwise`: the rule without a condition"),
    "an_arrow": ("->", "`->`: the state to go to, `accept` or `reject`; without it the machine stays in this state"),
    "nothing": ("wherever", ""),
    "a_word_in_a_comment": ("not about", ""),
}  # fmt: skip


@pytest.mark.parametrize(("part", "text"), SHOWN.values(), ids=SHOWN)
def test_whatever_else_has_a_name(part: str, text: str, tmp_path: Path) -> None:
    assert shown(tmp_path, part) == text


def test_a_used_file_shows_its_states(tmp_path: Path) -> None:
    text = shown(tmp_path, "alks")
    assert text == f"{tmp_path / 'walks.tm'} has these states:\n\n- `seek(mark, way, next)`\n- `unasked`"


def test_an_edge_and_a_symbol_that_no_tape_has() -> None:
    document, offset = cursor_in("machine m\ntape data: grid of _ 1\nstart s\nstate s\n    on 1 at not bo‸ttom  write 7 -> s\n")
    edge, symbol = hover(document, offset), hover(document, document.source.text.index("7"))
    assert edge is not None
    assert edge.markdown == "edge `bottom`: the head is in the last row: the query's"
    assert document.source.text[edge.span.start : edge.span.end] == "not bottom"
    assert symbol is not None
    assert symbol.markdown == "symbol `7`\n\nno tape here has it"


def test_a_parameter_without_use() -> None:
    document, offset = cursor_in("state s(‸way)\n    otherwise -> s(left)\n")
    found = hover(document, offset)
    assert found is not None
    assert found.markdown == "parameter `way` of `s(way)`: never used"


def test_code_may_hold_backticks() -> None:
    assert code("`") == "`` ` ``"
