"""SVG as PNG or PDF. The only importer of CairoSVG (the extra ``turing-machine-compiler[draw]``)."""

from __future__ import annotations

import re

import cairosvg  # type: ignore[import-untyped]

_DATE = re.compile(rb"/CreationDate \(D:\d{14}[^)]*\)")
_NO_DATE = b"D:20000101000000"


def rastered(svg: str, form: str, zoom: float = 2.0) -> bytes:
    """A picture of ours as a file of the form ``png``, with so many pixels for each of its units, or ``pdf``. Same picture, same
    bytes."""
    # What browsers call "pixelated", without blur, is the older "optimizeSpeed" there.
    content = svg.replace('image-rendering="pixelated"', 'image-rendering="optimizeSpeed"').encode()
    if form == "png":
        made: bytes = cairosvg.svg2png(content, scale=zoom)
        return made
    made = cairosvg.svg2pdf(content)
    return _DATE.sub(lambda found: b"/CreationDate (" + _NO_DATE.ljust(len(found[0]) - 16) + b")", made)
