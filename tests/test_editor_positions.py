"""Positions: offsets in a text to and from lines and columns as editors count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmc.editor.positions import Lines
from tmc.source import Span

ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 10), ("utf-16", 6), ("utf-32", 5)])
def test_a_column_counts_code_units(encoding: str, column: int) -> None:
    lines = Lines("ä𝟙 é on\nnext", encoding)
    assert lines.position(5) == (0, column)
    assert lines.offset((0, column)) == 5
    assert lines.range(Span(5, 7)) == ((0, column), (0, column + 2))


def test_a_column_within_a_character_is_that_character() -> None:
    assert Lines("𝟙x", "utf-16").offset((0, 1)) == 0
    assert Lines("é", "utf-8").offset((0, 1)) == 0


def test_a_position_beyond_the_end_is_the_end() -> None:
    lines = Lines("one\r\ntwo")
    assert lines.offset((0, 99)) == 3
    assert lines.offset((1, 99)) == lines.offset((7, 0)) == 8


def test_every_kind_of_line_end_counts_and_nothing_else() -> None:
    lines = Lines("a\r\nb\rc\nd\x0b\x0c\u2028e")
    assert [lines.position(offset)[0] for offset in (0, 3, 5, 7, 11)] == [0, 1, 2, 3, 3]


def test_the_end_of_a_line_is_not_on_the_next() -> None:
    assert Lines("ab\r\nc").position(2) == Lines("ab\r\nc").position(3) == (0, 2)


def test_half_a_pair_of_surrogates_counts_by_itself() -> None:
    assert Lines("\ud800x", "utf-16").position(1) == (0, 1)


TEXTS = st.text(st.sampled_from("ab \n\réß𝟙→'"), max_size=40)


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_there_and_back(text: str, encoding: str) -> None:
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        if text[max(0, offset - 1) : offset + 1] != "\r\n":  # between the two there is no place for a cursor
            assert lines.offset(lines.position(offset)) == offset


@given(TEXTS)
def test_a_column_is_the_length_of_what_stands_before_it(text: str) -> None:
    for encoding, size in (("utf-8", 1), ("utf-16-le", 2), ("utf-32-le", 4)):
        for offset in range(len(text) + 1):
            before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
            if text[max(0, offset - 1) : offset + 1] != "\r\n":
                wanted = (len(before) - 1, len(before[-1].encode(encoding)) // size)
                assert Lines(text, encoding.removesuffix("-le")).position(offset) == wanted
