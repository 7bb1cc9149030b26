"""The outline of a text."""

from __future__ import annotations

from pathlib import Path

from editing import MACHINE, folder_with_library, opened
from tmc.editor.reading import follow
from tmc.editor.symbols import parts
from tmc.source import Source


def test_the_parts_of_a_machine(tmp_path: Path) -> None:
    found = parts(opened(MACHINE, folder_with_library(tmp_path)))
    assert [(part.kind, part.name, part.detail) for part in found] == [
        ("machine", "m", "Does little."),
        ("tape", "data", "line of _ 0 1 '#'"),
        ("tape", "tally", "line of _ 0 1 x"),
        ("bounds", "bounds", ""),
        ("state", "put", "(sym, next)"),
        ("state", "idle", ""),
        ("test", "a b", ""),
    ]
    for part in found:
        assert part.span.start <= part.name_span.start <= part.name_span.end <= part.span.end
    put = found[4].span
    assert MACHINE[put.start : put.end].startswith("state put(")
    assert MACHINE[put.start : put.end].endswith("otherwise                                 -> next")


def test_the_parts_of_a_library() -> None:
    found = parts(opened("state a\n    otherwise -> b(left)  # on\nstate b(way)\n"))
    assert [(part.name, part.detail) for part in found] == [("a", ""), ("b", "(way)")]


def test_a_part_in_error_is_still_there() -> None:
    text = "state a\n    otherwise -> b\nstate b\n    otherwise -> a\n"
    now = text.replace("-> b", "-> b(")
    (a, b) = parts(follow(opened(text), Source("m.tm", now)))
    assert now[a.span.start : a.span.end].startswith("state a\n    otherwise -> b")
    assert now[b.span.start : b.span.end] == "state b\n    otherwise -> a"
