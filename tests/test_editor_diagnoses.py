"""What is wrong with a text, as an editor shows it."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from editing import MACHINE, folder_with_library, place_of
from tmc.diagnostics import Severity
from tmc.editor.answers import diagnostics
from tmc.editor.diagnoses import diagnose
from tmc.editor.positions import Lines
from tmc.source import Source, Span


def test_errors_and_warnings_stand_at_their_places(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    found = diagnose(Source(str(path), MACHINE))
    assert [(d.code, d.severity, MACHINE[d.span.start : d.span.end]) for d in found] == [("TMC012", Severity.ERROR, "sym")]
    assert found[0].message.startswith("`sym` is more than one character\nhelp: alternatives are written `0|1`")
    warned = diagnose(Source(str(path), MACHINE.replace("    on sym|'#'          -> idle\n", "")))
    assert [(d.code, d.unnecessary) for d in warned] == [("TMC103", True)]


def test_an_error_of_a_used_file_stands_at_the_use_line(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    (tmp_path / "walks.tm").write_text('use "deeper.tm"\n', encoding="utf-8")
    (tmp_path / "deeper.tm").write_text("state s\n    otherwise move left -> gone\n", encoding="utf-8")
    text = 'machine m\nuse "std.tm"\nuse "walks.tm"\ntape data: line of _ 1\nstart s\nstate s\n    on $x -> accept\n'
    found = [diagnosis for diagnosis in diagnose(Source(str(path), text)) if diagnosis.cause]
    assert [(d.code, d.span) for d in found] == [("TMC004", Span(place_of(text, '"walks'), place_of(text, "\ntape")))]
    assert found[0].message == (
        "deeper.tm:2: no state is named `gone` (not defined in this file)\nhelp: define it with `state gone`"
    )
    assert found[0].cause is not None
    assert found[0].cause.source.name == str(tmp_path / "deeper.tm")


def test_so_does_a_syntax_error(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)
    (tmp_path / "walks.tm").write_text("state s\n    otherwise otherwise\n", encoding="utf-8")
    (found,) = [diagnosis for diagnosis in diagnose(Source(str(path), MACHINE)) if diagnosis.cause]
    assert MACHINE[found.span.start : found.span.end] == '"walks.tm"'
    assert found.message.startswith("walks.tm:2: ")


def test_files_that_use_each_other_in_a_cycle_are_no_endless_matter(tmp_path: Path) -> None:
    (tmp_path / "a.tm").write_text('use "b.tm"\n', encoding="utf-8")
    (tmp_path / "b.tm").write_text('use "a.tm"\nstate s\n    on on\n', encoding="utf-8")
    found = diagnose(Source(str(tmp_path / "a.tm"), 'use "b.tm"\n'))
    assert {diagnosis.span for diagnosis in found} == {Span(4, 10)}


def test_a_note_is_information() -> None:
    text = "machine m\ntape data: line of _ 0 1\nstart s\nstate s\n    otherwise move left -> accept\n"
    (shown,) = diagnostics(diagnose(Source("m.tm", text)), Lines(text))
    assert (shown.code, shown.severity, shown.tags) == ("TMC106", types.DiagnosticSeverity.Information, None)


def test_errors_of_all_kinds_stand_beside_syntax_errors() -> None:
    text = "machine m\ntape data: line of _ 0 1\nstart s\nstate s\n    on 2 move left\n    otherwise mvoe left\n"
    found = diagnose(Source("m.tm", text))
    assert [(d.code, text[d.span.start : d.span.end]) for d in found] == [("TMC005", "2"), ("TMC001", "mvoe")]
