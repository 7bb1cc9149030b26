"""Completion: what may stand at a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from editing import CURSOR, MACHINE, folder_with_library, opened
from tmc.editor.completion import completions, replaced
from tmc.editor.reading import Document, follow
from tmc.source import Source

STATES = ["put", "idle", "seek", "unasked", "accept", "reject"]
DIRECTIONS = ["left", "right", "up", "down", "stay"]
PARTS = ["use", "tape", "bounds", "start", "state", "test"]


def offered(line: str, tmp_path: Path, before: str = "    otherwise                                 -> next\n") -> list[str]:
    """What is offered at the cursor of a line that is being written behind another."""
    path = folder_with_library(tmp_path)
    start, rest = MACHINE.split(before, 1)
    text, after = (start + before + line + "\n" + rest).split(CURSOR)
    document = follow(opened(MACHINE, path), Source(str(path), text + after))
    return [offer.text for offer in completions(document, len(text))]


IN_A_STATE = {
    "the_beginning_of_a_rule": ("    ‸", ["on", "at", "otherwise", *PARTS]),
    "a_word_half_written": ("    ot‸", ["on", "at", "otherwise", *PARTS]),
    "a_symbol_of_the_first_tape": ("    on ‸", ["sym", "_", "0", "1", "'#'"]),
    "a_symbol_of_the_second_tape": ("    on 0|1, ‸", ["sym", "_", "0", "1", "x"]),
    "an_alternative": ("    on 0|‸", ["sym", "_", "0", "1", "'#'"]),
    "a_pattern_is_complete": ("    on 0 ‸", ["at", "write", "move", "->"]),
    "a_capture_is_complete": ("    on $x ‸", ["in", "at", "write", "move", "->"]),
    "what_a_capture_may_be": ("    on $x in ‸", ["sym", "_", "0", "1", "'#'"]),
    "an_edge": ("    at ‸", ["top", "bottom", "left", "right", "not"]),
    "an_edge_is_complete": ("    on 0 at top ‸", ["top", "bottom", "left", "right", "not", "write", "move", "->"]),
    "an_edge_not_to_touch": ("    at not ‸", ["top", "bottom", "left", "right"]),
    "what_to_write": ("    on $x, 1 write 0, ‸", ["sym", "_", "0", "1", "x", "$x"]),
    "a_direction": ("    otherwise move ‸", DIRECTIONS),
    "otherwise_is_complete": ("    otherwise ‸", ["write", "move", "->"]),
    "a_state": ("    otherwise -> ‸", ["next", *STATES]),
    "a_state_is_complete": ("    otherwise -> idle ‸", []),
    "a_symbol_as_an_argument": ("    on $y -> put(‸", ["sym", "_", "0", "1", "'#'", "x", "$y"]),
    "a_state_as_an_argument": ("    on $y -> put($y, ‸", ["next", *STATES]),
    "a_direction_as_an_argument": ("    on $y -> seek(0|1, ‸", DIRECTIONS),
    "an_argument_of_an_argument": ("    on $y -> seek(0, left, put(1, ‸", ["next", *STATES]),
    "an_argument_behind_one_that_is_closed": ("    on $y -> seek(_, left, put(1, accept)‸", []),
    "a_comment": ("    # on ‸", []),
    "behind_a_quoted_sign_of_a_comment": ("    on '#', ‸", ["sym", "_", "0", "1", "x"]),
    "within_quotes": ("    on '‸", []),
}  # fmt: skip


@pytest.mark.parametrize(("line", "wanted"), IN_A_STATE.values(), ids=IN_A_STATE)
def test_in_a_state(line: str, wanted: list[str], tmp_path: Path) -> None:
    assert offered(line, tmp_path) == wanted


def test_elsewhere(tmp_path: Path) -> None:
    assert offered("‸", tmp_path, before="bounds\n")[:2] == ["steps", "work"]
    assert offered("start ‸", tmp_path, before="+ 3\n") == STATES
    assert offered("tape more: ‸", tmp_path, before="'#'    # what is read\n") == ["grid", "line"]
    assert offered("tape more: line ‸", tmp_path, before="'#'    # what is read\n") == ["of"]
    assert offered("‸", tmp_path, before='test "a b"\n') == ["example", "query", "data", "->", *PARTS, "data is", "tally is"]
    assert offered("-> ‸", tmp_path, before='test "a b"\n') == ["accept", "reject", "stuck", "loop"]
    assert offered('use "‸"', tmp_path, before='little."\n')[0] == "walks.tm"
    assert "std.tm" in offered('use "s‸"', tmp_path, before='little."\n')
    assert offered('use "walks.tm" ‸', tmp_path, before='little."\n') == []


def test_in_an_empty_text() -> None:
    assert [offer.text for offer in completions(opened("\n"), 0)] == ["machine", "learner", *PARTS]


def test_a_parameter_that_was_never_read_is_offered() -> None:
    document = Document(Source("m.tm", "state s(way)\n    otherwise move w"), None)
    assert "way" in [offer.text for offer in completions(document, 32)]


def test_a_symbol_that_a_parameter_hides_is_quoted() -> None:
    machine = "machine m\ntape data: line of _ x\nstart s(_)\nstate s(x)\n    on x -> s(_)\n    otherwise -> accept\n"
    document = follow(opened(machine), Source("m.tm", machine.replace("on x", "on ")))
    assert [offer.text for offer in completions(document, machine.index("on x") + 3)] == ["x", "_", "'x'"]


def test_an_offer_takes_the_place_of_what_is_there_of_it() -> None:
    cases = (("    on $x mo", "mo"), ("    on 0 write $", "$"), ('use "st', "st"), ('use "st.d', "st.d"), ("on 0|", ""))
    for text, wanted in cases:
        span = replaced(opened(f"{text}\n"), len(text))
        assert text[span.start : span.end] == wanted
