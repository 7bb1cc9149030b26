"""Renaming: all that is meant and nothing else changes, or it is refused with a reason."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT
from editing import MACHINE, folder_with_library, opened, place_of
from tmc.diagnostics import Rejected, SourceRejected
from tmc.editor.reading import Document, follow
from tmc.editor.referents import Mention, NameKind
from tmc.editor.rename import edited, renamable, rename
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.ir.table import Table
from tmc.pipeline import look_over
from tmc.source import Source
from tmc.syntax.program import read_any

SHIPPED = sorted((ROOT / "machines").rglob("*.tm"))


def renamed(text: str, part: str, name: str, path: Path | str = "m.tm", count: int = 1) -> str:
    """A text after what stands at a part of it was renamed."""
    document = opened(text, path)
    return edited(text, rename(document, place_of(text, part, count), name))


def refused(text: str, part: str, name: str, path: Path | str = "m.tm", count: int = 1) -> str:
    """Why that cannot be."""
    with pytest.raises(Rejected) as caught:
        rename(opened(text, path), place_of(text, part, count), name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_state_with_all_its_calls(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    assert renamed(MACHINE, "put($x", "lay", path) == re.sub(r"\bput\b", "lay", MACHINE)


def test_a_parameter_within_its_state_but_no_symbol(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    now = renamed(MACHINE, "sym, $x", "mark", path)
    assert [line for line in now.split("\n") if line not in MACHINE.split("\n")] == [
        "state put(mark, next)",
        "    on $x in 0|1, $x    write mark, $x         -> put($x, next)",
        "    on $x, 'x'          write $x, 'x'         -> seek(_, right, put(mark, next))",
    ]


def test_a_parameter_of_the_name_of_a_quoted_symbol() -> None:
    text = "state s(x)\n    on x, 'x'  write 'x', x\n"
    assert renamed(text, "x", "y") == "state s(y)\n    on y, 'x'  write 'x', y\n"


@pytest.mark.parametrize("name", ["y", "$y"])
def test_a_capture_within_its_rule(name: str, tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    line = "    on $x in 0|1, $x    write sym, $x         -> put($x, next)"
    assert renamed(MACHINE, "$x in", name, path) == MACHINE.replace(line, line.replace("$x", "$y"))


def test_a_tape_with_its_lines_in_tests(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    assert renamed(MACHINE, "tally is", "count", path) == MACHINE.replace("tally", "count")
    text = 'machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 -> accept\ntest ""\n  data 1\n  -> accept\n  data is 1\n'
    assert renamed(text, "data:", "input") == text.replace("data:", "input:").replace("data is", "input is")


def test_the_same_name_changes_nothing() -> None:
    assert rename(opened("state go\n    otherwise -> go\n"), 7, "go") == ()


def test_what_has_no_name_is_refused(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    nothing = "what stands here has no name to change"
    assert refused(MACHINE, "otherwise", "x", path) == refused(MACHINE, "Left over", "x", path) == nothing
    assert refused(MACHINE, "'#'", "x", path) == "symbols are not renamed; states, parameters, captures and tapes are"
    assert refused(MACHINE, "accept", "x", path) == "`accept` is no name that this text gives"
    assert refused(MACHINE, "alks", "x", path) == f"`{tmp_path / 'walks.tm'}` is no name that this text gives"
    assert refused(MACHINE, "seek", "x", path) == "`seek` is defined in walks.tm: rename it there, and then here"


@pytest.mark.parametrize("name", ["1a", "a b", "", "a-b", "$x", "'a'", "a#", "a\nb", "é!"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    text = "state go\n    otherwise -> go\n"
    with pytest.raises(Rejected, match="cannot be a name: a name begins with a letter"):
        rename(opened(text), text.index("go"), name)


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    assert refused(MACHINE, "put", "accept", path) == "`accept` is a halting state: choose another name"
    assert (
        refused(MACHINE, "put", "idle", path)
        == "there is a state named `idle` already, in line 26 of this text: choose another name"
    )
    assert (
        refused(MACHINE, "put", "seek", path) == "there is a state named `seek` already, in line 2 of walks.tm: choose another name"
    )
    assert refused(MACHINE, "sym,", "next", path) == "there is a parameter named `next` already: choose another name"
    assert refused(MACHINE, "tally", "data", path) == "there is a tape named `data` already: choose another name"
    text = "state s\n    on $x, $y    write $y, $x\n"
    assert refused(text, "$x", "y") == "there is a capture named `y` already: choose another name"


def test_a_name_that_would_be_mistaken_is_refused(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    mistaken = "would be mistaken for something else of that name"
    assert mistaken in refused(MACHINE, "sym,", "x", path)  # `on 0, x` reads a symbol
    assert mistaken in refused(MACHINE, "next)", "put", path)  # `-> put(...)` goes to a state
    assert mistaken in refused(MACHINE, "put", "next", path)  # where the state calls itself it has a parameter of that name
    assert mistaken in refused("state s\n    otherwise -> gone\n", "s\n", "gone")  # not defined, and not to be so by chance


def test_a_keyword_is_a_name_where_only_a_name_can_stand() -> None:
    text = "state s\n    on 1  move left  -> go\nstate go\n    on 1  -> s\n"
    assert renamed(text, "go", "write") == text.replace("go", "write")
    assert renamed(text, "go", "left") == text.replace("go", "left")


def test_no_parameter_is_named_like_a_direction_an_edge_or_a_keyword() -> None:
    text = "state s(mark, way)\n    on mark, 1|mark  move left, way\n"
    assert refused(text, "way", "up") == "a parameter cannot be named `up`, for it would hide the direction: choose another name"
    assert refused(text, "way", "top") == "a parameter cannot be named `top`, for it is an edge: choose another name"
    assert refused(text, "mark", "on") == "a parameter cannot be named `on`, for it is a word of the language: choose another name"


def test_a_text_with_syntax_errors_is_refused() -> None:
    document = follow(opened("state go\n    otherwise -> go\n"), Source("m.tm", "state go\n    otherwise -> go go\n"))
    with pytest.raises(Rejected, match="the text has syntax errors"):
        rename(document, 7, "x")


def test_a_used_file_in_error_is_a_reason_to_refuse(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    (tmp_path / "walks.tm").write_text("state\n", encoding="utf-8")
    assert "a file that this text uses is in error" in refused(MACHINE, "put", "lay", path)


def names_given(document: Document) -> list[Mention]:
    """The definitions that can be renamed."""
    kinds = (NameKind.STATE, NameKind.PARAMETER, NameKind.CAPTURE, NameKind.TAPE)
    assert document.reading is not None
    return [mention for mention in document.reading.mentions if mention.defines and mention.referent.kind in kinds]


@cache
def said(source: Source) -> list[tuple[str, int]]:
    """The codes and lines of all diagnostics."""
    return [(diagnostic.code, diagnostic.source.place(diagnostic.span.start)[0]) for diagnostic in look_over(source)]


@cache
def compiled_table(source: Source) -> Table | None:
    """The table of a machine; None of a library, or of a machine in error."""
    program = read_any(source)
    try:
        return None if program.machine.kind == "library" else syntax_to_table(program)[0]
    except SourceRejected:
        return None


def check(document: Document, mention: Mention, name: str) -> bool:
    """Rename, and see whether the machine is the same but for that name; False when it was refused."""
    try:
        changes = rename(document, mention.span.start, name)
    except Rejected:
        return False
    source = document.source
    now = Source(source.name, edited(source.text, changes))
    old, kind = mention.referent.name, mention.referent.kind
    again = opened(now.text, now.name)
    place = names_given(again)[names_given(document).index(mention)].span.start
    assert edited(now.text, rename(again, place, old)) == source.text
    assert said(now) == said(source)
    before, after = compiled_table(source), compiled_table(now)
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        if kind is NameKind.STATE:
            before = replace(before, states=tuple(re.sub(rf"(?<![\w'.]){old}(?![\w'.])", name, state) for state in before.states))
        if kind is NameKind.TAPE:
            before = replace(before, tapes=tuple(replace(t, name=name) if t.name == old else t for t in before.tapes), tests=())
            after = replace(after, tests=())
        assert after == before
    return True


@pytest.mark.parametrize("name", ["gauss", "compare", "std"])
def test_a_renamed_machine_does_the_same(name: str) -> None:
    path = next(path for path in SHIPPED if path.stem == name)
    document = opened(path.read_text(encoding="utf-8"), path)
    assert all(check(document, mention, "unheard_of") for mention in names_given(document))


@pytest.mark.long
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_whatever_the_new_name_the_machine_does_the_same(path: Path) -> None:
    document = opened(path.read_text(encoding="utf-8"), path)
    words = sorted(set(re.findall(r"[^\W\d]\w*", document.source.text)))
    choose = random.Random(0)
    for mention in names_given(document):
        assert check(document, mention, "unheard_of")
        for name in choose.sample(words, 2):
            check(document, mention, name)


@pytest.mark.long
def test_whatever_the_new_name_even_a_crowded_machine_does_the_same(tmp_path: Path) -> None:
    document = opened(MACHINE, folder_with_library(tmp_path))
    words = ("x", "sym", "next", "mark", "left", "seek", "_", "on", "data", "is", "stay", "grid", "test", "idle", "unasked")
    accepted = [
        (mention.referent.name, name) for mention in names_given(document) for name in words if check(document, mention, name)
    ]
    assert ("put", "x") in accepted
    assert ("sym", "x") not in accepted
    assert {name for old, name in accepted if old == "x"} >= {"sym", "next", "mark"}  # a capture is never mistaken
    assert renamable(document, place_of(MACHINE, "put")).referent.kind is NameKind.STATE
