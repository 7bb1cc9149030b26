"""How wide a text is on a terminal, where a character takes 0, 1 or 2 columns."""

from __future__ import annotations

from unicodedata import category, east_asian_width

_NO_WIDTH = ("Mn", "Me", "Cf")  # accents that are characters of their own, and marks that show nothing

_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # show what follows in another order


def width_of(text: str) -> int:
    """The columns that a text takes.

    ::

        >>> width_of("on 漢")
        5
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def blank_of(text: str) -> str:
    """Blanks as wide as a text; tabs, whose width the terminal knows, stay."""
    return "".join("\t" if character == "\t" else " " * _width(character) for character in text)


def padded(text: str, width: int) -> str:
    """A text with blanks behind it, up to this width."""
    return text + " " * (width - width_of(text))


def visible(text: str) -> str:
    """A text with pictures for the characters that would move the cursor or command the terminal; tabs stay."""
    return text if text.isprintable() else "".join(map(_picture, text))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if category(character) in _NO_WIDTH:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _picture(character: str) -> str:
    """What stands for a control character: U+2400 and on have their pictures."""
    if character in _BIDIRECTIONAL:
        return "\ufffd"
    if character == "\t" or category(character) != "Cc":
        return character
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\u2421" if character == "\x7f" else "\ufffd"
