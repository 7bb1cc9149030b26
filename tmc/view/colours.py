"""Colours of symbols and states, for images, in which a style sheet cannot change them."""

from __future__ import annotations

from colorsys import hls_to_rgb

import numpy as np
from numpy.typing import NDArray

from tmc.view.svg import Theme

Colour = tuple[int, int, int]

BLANK: dict[Theme, Colour] = {"auto": (250, 249, 246), "light": (250, 249, 246), "dark": (32, 36, 41)}
_STATES: dict[Theme, list[str]] = {
    "light": "e8590c 2b9348 9c36b5 e0a800 0d9aa6 d6246e 3b5bdb 7a4b1e 5c940d 495057 a61e4d 1c7ed6".split(),
    "dark": "ff922b 51cf66 da77f2 ffd43b 3bc9db ff6b9d 748ffc d0a070 a9e34b adb5bd f783ac 4dabf7".split(),
}
_MARK: dict[Theme, list[str]] = {"light": ["24496e"], "dark": ["7fb2e5"]}  # of a tape with one symbol beside the blank
_SYMBOLS: dict[Theme, list[str]] = {  # less colourful than states, so that a head is seen among them
    "light": "ccd8e4 6d8fb1 d9cdb4 9a8a68 c3d3c0 7f9f7c d8c6d6 957a94 e3c2b8 a37a6c".split(),
    "dark": "3a4a5a 7896b4 57503f 9a8d6c 3d5240 7c9c7c 564657 9b839a 5e463f a98374".split(),
}
_TURN = 0.381966  # of the circle of hues, from one further colour to the next
HALTED: dict[Theme, tuple[Colour, Colour]] = {  # reject, accept
    "light": ((185, 44, 40), (39, 122, 60)),
    "dark": ((248, 113, 105), (64, 192, 87)),
}


def symbol_colours(count: int, theme: Theme = "auto") -> NDArray[np.int64]:
    """Colours (count, 3) of a tape's symbols, the blank first."""
    named = (_MARK if count == 2 else _SYMBOLS)[_one(theme)]
    return np.array([BLANK[theme], *(_numbered(number, named, 0.2) for number in range(count - 1))], np.int64)


def state_colours(count: int, theme: Theme = "auto") -> NDArray[np.int64]:
    """Colours (2 + count, 3) of reject, accept and the states, in the order of `tmc.run.space_time.Tapes.heads`."""
    named = _STATES[_one(theme)]
    return np.array([*HALTED[_one(theme)], *(_numbered(number, named, 0.7) for number in range(count))], np.int64)


def _one(theme: Theme) -> Theme:
    """Images are light where a reader may have either."""
    return "dark" if theme == "dark" else "light"


def hexadecimal(colour: NDArray[np.int64]) -> str:
    """As in a style sheet."""
    return f"#{int(colour[0]):02x}{int(colour[1]):02x}{int(colour[2]):02x}"


def mean(weights: NDArray[np.int64], colours: NDArray[np.int64]) -> NDArray[np.int64]:
    """The means of colours (kinds, 3) by weights (…, kinds), rounded to whole numbers; the weights of a bin are not all 0."""
    total = weights.sum(axis=-1, keepdims=True)
    found: NDArray[np.int64] = (2 * (weights @ colours) + total) // (2 * total)
    return found


def _numbered(number: int, named: list[str], saturation: float) -> Colour:
    if number < len(named):
        value = int(named[number], 16)
        return value >> 16, value >> 8 & 255, value & 255
    red, green, blue = hls_to_rgb(number * _TURN % 1, 0.45 + 0.1 * (number % 3), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
