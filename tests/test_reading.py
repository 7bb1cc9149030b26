"""Reading by the tables that are kept beside the grammar: just as lark would, whatever has become of the file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from conftest import ROOT
from tmc.syntax import tables as files
from tmc.syntax.build import TreeBuilder
from tmc.syntax.from_lark import document_of
from tmc.syntax.reading import Unexpected, read
from tmc.syntax.table_file import GRAMMAR, TABLES, packed, unpacked
from tmc.syntax.tables import from_document, tables

TEXT = (ROOT / "grammars" / GRAMMAR).read_text(encoding="utf-8")
MACHINES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "machines").rglob("*.tm"))]
STARTS = ("file", "library")


@cache
def lark() -> Lark:
    """The parser that lark itself makes of the grammar."""
    builder: Any = TreeBuilder()
    return Lark(TEXT, start=list(STARTS), parser="lalr", maybe_placeholders=False, transformer=builder)


def by_lark(text: str, start: str) -> object:
    """The tree of a text, or where it is wrong and what could stand there."""
    try:
        return lark().parse(text, start=start)
    except (UnexpectedCharacters, UnexpectedToken) as error:
        at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        reading: Any = error.interactive_parser
        return error.line, error.column, at_end, reading.accepts()


def by_tables(text: str, start: str) -> object:
    """The same, by our own reading."""
    try:
        return read(tables(), text, start)
    except Unexpected as error:
        before = text[: error.position]
        return before.count("\n") + 1, error.position - before.rfind("\n"), error.at_end, set(error.expected)


def damaged(random: Random, text: str) -> str:
    """A text with a few words, lines or characters gone, doubled or exchanged."""
    for _ in range(random.randint(1, 3)):
        parts: Any = random.choice((str.split, str.splitlines, list))(text) if random.random() < 0.2 else text.split(" ")
        joint = "" if parts == list(text) else "\n" if parts == text.splitlines() else " "
        i, j = random.randrange(len(parts)), random.randrange(len(parts))
        parts[i : i + random.randint(0, 2)] = random.choice(
            ([], [parts[j]], [parts[i], parts[i]], [random.choice("|*^$'\"(),.\t\r§")])
        )
        text = joint.join(parts) or "machine"
    return text


@pytest.mark.parametrize("start", STARTS)
def test_every_machine_is_read_as_lark_reads_it(start: str) -> None:
    for text in MACHINES:
        assert by_tables(f"{text}\n", start) == by_lark(f"{text}\n", start)


@pytest.mark.parametrize("seed", range(10))
def test_errors_are_where_lark_sees_them(seed: int) -> None:
    random = Random(seed)
    for _ in range(40):
        text = damaged(random, random.choice(MACHINES)[: random.choice((200, 1000, 5000))])
        start = random.choice(STARTS)
        assert by_tables(text, start) == by_lark(text, start), text


def test_an_empty_text() -> None:
    for start in STARTS:
        for text in ("", "\n", "  # x", "$"):
            assert by_tables(text, start) == by_lark(text, start)


def test_the_kept_tables_are_those_of_the_grammar() -> None:
    kept = (ROOT / "grammars" / TABLES).read_text(encoding="utf-8")
    assert unpacked(kept, TEXT) == document_of(TEXT), "run `python -m tmc.syntax.from_lark`"
    assert kept == packed(document_of(TEXT), TEXT)


# --- when the file is not what it should be


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the grammar and its tables, in the place of the one that comes with tmc."""
    for name in (GRAMMAR, TABLES):
        (tmp_path / name).write_bytes((ROOT / "grammars" / name).read_bytes())
    monkeypatch.setattr(files, "shipped", lambda _: tmp_path)
    tables.cache_clear()
    yield tmp_path
    tables.cache_clear()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The grammars of which tables had to be made."""
    seen: list[str] = []
    monkeypatch.setattr(files, "_made", lambda grammar: seen.append(grammar) or document_of(grammar))
    return seen


def test_whole_tables_are_taken(folder: Path, made: list[str]) -> None:
    assert tables() == from_document(document_of(TEXT))
    assert made == []


@pytest.mark.parametrize("damage", ["missing", "a folder", "empty", "cut", "changed", "not UTF-8", "unreadable"])
def test_tables_that_are_damaged_are_made_again(folder: Path, made: list[str], damage: str) -> None:
    file = folder / TABLES
    content = file.read_bytes()
    file.unlink()
    match damage:
        case "a folder":
            file.mkdir()
        case "missing":
            pass
        case "unreadable":
            file.symlink_to(file)
        case _:
            damages = {
                "empty": b"",
                "cut": content[:-9],
                "changed": content.replace(b"-68", b"-67", 1),
                "not UTF-8": b"\xff" + content,
            }
            file.write_bytes(damages[damage])
    assert tables() == from_document(document_of(TEXT))
    assert made == [TEXT]
    tables.cache_clear()
    assert tables() == from_document(document_of(TEXT))
    kept = damage not in ("a folder", "unreadable")  # they are made but once, unless they cannot be kept
    assert made == [TEXT] * (1 if kept else 2)
    if kept:
        assert file.read_bytes() == content
    assert sorted(path.name for path in folder.iterdir()) == [GRAMMAR, TABLES]


def test_tables_of_another_grammar_are_made_again(folder: Path, made: list[str]) -> None:
    changed = TEXT.replace("accept|reject|stuck", "lost|accept|reject|stuck")
    (folder / GRAMMAR).write_text(changed, encoding="utf-8")
    for _ in range(2):
        assert "lost" in tables().terminals["VERDICT"]
        tables.cache_clear()
    assert made == [changed]
