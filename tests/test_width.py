"""How wide texts are on a terminal."""

from __future__ import annotations

import pytest

from tmc.width import blank_of, padded, visible, width_of


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("on 0", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("漢字", 4),
        ("Ａ", 2),
        ("ｱ", 1),
        ("한", 2),
        ("🙂", 2),
        ("⊔", 1),
        ("\u200b", 0),
    ],
)
def test_width(text: str, width: int) -> None:
    assert width_of(text) == len(blank_of(text)) == width
    assert width_of(padded(text, 6)) == 6


def test_tabs_stay() -> None:
    assert blank_of("\ta漢\t") == "\t   \t"


def test_nothing_commands_the_terminal() -> None:
    assert visible("a\x1b[31m\r\t\x7f\x9b漢") == "a␛[31m␍\t␡\ufffd漢"
    assert visible("a\u202eb") == "a\ufffdb"
