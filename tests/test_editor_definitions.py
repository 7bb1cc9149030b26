"""Definitions and references: what names mean, and where else they stand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conftest import ROOT
from editing import LIBRARY, MACHINE, cursor_in, folder_with_library, opened, place_of
from tmc.editor.completion import completions
from tmc.editor.definitions import definition, references
from tmc.editor.hover import hover
from tmc.editor.reading import follow
from tmc.editor.symbols import parts
from tmc.files import shipped
from tmc.source import Source

# Each case: a part of the machine and which of its kind, how far in the cursor stands, and where it leads:
# a part of the machine and which of its kind; None: nowhere.
CASES = {
    "a_state_in_an_argument": (("put(_", 1), ("put(sym", 1)),
    "a_state_behind_an_arrow": (("put($x", 1), ("put(sym", 1)),
    "a_state_itself": (("idle", 1), ("idle", 1)),
    "a_parameter_that_is_written": (("sym, $x", 1), ("sym", 2)),
    "a_parameter_that_is_passed_on": (("next)", 2), ("next)", 1)),
    "a_parameter_as_a_state": (("next\n", 1), ("next)", 1)),
    "a_word_of_that_name_elsewhere": (("sym|'#'", 1), None),
    "a_capture": (("$x, 'x'         ->", 1), ("$x, 'x'", 1)),
    "a_capture_of_two_tapes": (("$x    write", 1), ("$x in", 1)),
    "a_capture_in_an_argument": (("$x, next", 1), ("$x in", 1)),
    "a_tape_in_a_test": (("tally is", 1), ("tally:", 1)),
    "a_symbol_of_the_first_tape": (("0, x", 1), ("0 1 '#'", 1)),
    "a_symbol_of_the_second_tape": (("x             ", 1), ("x\n", 1)),
    "a_quoted_symbol": (("'x'         -", 1), ("x\n", 1)),
    "a_symbol_of_a_run": (("0'#'\n", 1), ("0 1 '#'", 1)),
    "a_symbol_of_the_second_tape_in_a_run": (("01\n", 1), ("0 1 x", 1)),
    "a_halting_state": (("reject", 1), None),
    "a_direction": (("stay", 1), None),
    "a_keyword": (("otherwise", 1), None),
    "a_comment": (("wherever", 1), None),
}


@pytest.mark.parametrize(("part", "wanted"), CASES.values(), ids=CASES)
def test_a_name_leads_to_its_definition(part: tuple[str, int], wanted: tuple[str, int] | None, tmp_path: Path) -> None:
    document = opened(MACHINE, folder_with_library(tmp_path))
    places = definition(document, place_of(MACHINE, *part))
    assert {place.source for place in places} <= {document.source}
    assert [place.span.start for place in places] == ([place_of(MACHINE, *wanted)] if wanted else [])


def test_a_state_of_a_used_file_leads_there(tmp_path: Path) -> None:
    document = opened(MACHINE, folder_with_library(tmp_path))
    (place,) = definition(document, place_of(MACHINE, "seek"))
    assert (place.source.name, place.span.start) == (str(tmp_path / "walks.tm"), LIBRARY.index("seek"))


def test_a_path_leads_to_the_beginning_of_the_file(tmp_path: Path) -> None:
    document = opened(MACHINE, folder_with_library(tmp_path))
    (place,) = definition(document, place_of(MACHINE, "alks"))
    assert (place.source.text, place.span.start) == (LIBRARY, 0)
    (tmp_path / "walks.tm").unlink()
    assert definition(document, place_of(MACHINE, "alks")) == ()


def test_the_shipped_library_is_found_too() -> None:
    document, offset = cursor_in('machine m\nuse "st‸d.tm"\nstart seek(1, left, stay, accept)\n', "<text>")
    (place,) = definition(document, offset)
    assert Path(place.source.name) == shipped("machines") / "lib" / "std.tm"
    (place,) = definition(document, place_of(document.source.text, "seek"))
    assert place.source.line(place.source.place(place.span.start)[0]).startswith("state seek(mark")


def test_a_symbol_as_an_argument_may_be_any_tapes(tmp_path: Path) -> None:
    document = opened(MACHINE, folder_with_library(tmp_path))
    found = {place.span.start for place in definition(document, place_of(MACHINE, "0|1, left"))}
    assert found == {place_of(MACHINE, "0 1 '#'"), place_of(MACHINE, "0 1 x")}


def test_references_are_those_of_the_same_thing(tmp_path: Path) -> None:
    document = opened(MACHINE, folder_with_library(tmp_path))

    def of(part: str, *, definitions: bool = True) -> list[int]:
        return [span.start for span in references(document, place_of(MACHINE, part), definitions=definitions)]

    assert of("sym, next") == [place_of(MACHINE, *place) for place in (("sym, next", 1), ("sym, $x", 1), ("sym, next", 2))]
    assert of("sym, next", definitions=False) == of("sym, next")[1:]
    assert of("seek(_") == [place_of(MACHINE, "seek"), place_of(MACHINE, "seek", 2)]
    assert len(of("$x in")) == 4  # and not those of the other rule
    assert of("tally is") == [place_of(MACHINE, "tally"), place_of(MACHINE, "tally", 2)]
    assert place_of(MACHINE, "x             ") in of("'x' ")
    assert of("Left over") == []


def test_a_cursor_behind_a_name_is_at_the_name() -> None:
    document, offset = cursor_in("machine m\ntape data: line of _\nstart go‸\nstate go\n    otherwise -> go\n")
    assert len(references(document, offset)) == 3


BEFORE = """\
machine m
tape data: line of _ 1
start go
state go
    on 1      -> stop
    otherwise -> go
state stop
    otherwise -> accept
"""


def test_names_outlive_a_line_in_error() -> None:
    now = BEFORE.replace("-> stop", "move rig ht   -> ")
    document = follow(opened(BEFORE), Source("m.tm", now))
    assert not document.parses
    (place,) = definition(document, place_of(now, "go\n", 3))
    assert place.span.start == place_of(now, "go\n", 2)
    assert [part.name for part in parts(document)] == ["m", "data", "go", "stop"]
    assert now[parts(document)[-1].name_span.start :].startswith("stop")
    assert definition(document, place_of(now, "ht")) == ()


def test_a_text_that_was_never_read_has_no_names() -> None:
    document = opened("machine m\nstate go\n    on on on\n")
    assert definition(document, 20) == references(document, 20) == parts(document) == ()


def test_a_used_file_in_error_takes_only_its_own_names_away(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    (tmp_path / "walks.tm").write_text("state\n", encoding="utf-8")
    document = opened(MACHINE, path)
    assert definition(document, place_of(MACHINE, "seek")) == ()
    assert len(definition(document, place_of(MACHINE, "put"))) == 1


def test_nothing_fails_whatever_the_text(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    choose = random.Random(0)
    document = opened(MACHINE, path)
    for _ in range(150):
        cut, length = choose.randrange(len(MACHINE)), choose.randrange(12)
        insert = choose.choice(["", "(", ")", "'", '"', "#", "$", "|", "->", "\n", "state ", "𝟙", "\r", "\x00", "use "])
        text = MACHINE[:cut] + insert + MACHINE[cut + length :]
        document = follow(document, Source(str(path), text))
        parts(document)
        for offset in (cut, choose.randrange(len(text) + 1), len(text)):
            definition(document, offset)
            references(document, offset)
            hover(document, offset)
            completions(document, offset)


@pytest.mark.parametrize("path", sorted((ROOT / "machines").rglob("*.tm")), ids=lambda path: path.stem)
def test_every_name_of_the_shipped_machines_means_something(path: Path) -> None:
    document = opened(path.read_text(encoding="utf-8"), path)
    assert document.reading is not None
    machine = document.reading.program.machine
    calls = [start.call for start in machine.starts]
    calls += [rule.target.call for state in machine.states for rule in state.rules if rule.target]
    spans = {mention.span for mention in document.reading.mentions}
    assert {call.name.span for call in calls} <= spans
    assert all(hover(document, span.start) and references(document, span.start) for span in spans)
