"""SVG as PNG or PDF. The only importer of CairoSVG (the extra ``turing-machine-compiler[draw]``)."""

from __future__ import annotations

import re

import cairosvg  # type: ignore[import-untyped]

from tmc.diagnostics import Rejected

MOST_SIDE, MOST_PIXELS = 32_000, 100_000_000  # of a PNG: cairo's own bound, and 400 MB
_SIZE = re.compile(r'width="([0-9.]+)" height="([0-9.]+)"')
_DATE = re.compile(rb"/CreationDate \(D:\d{14}[^)]*\)")
_NO_DATE = b"D:20000101000000Z"


def rastered(svg: str, form: str, zoom: float = 2.0) -> bytes:
    """A picture of ours as a file of the form ``png``, with so many pixels for each of its units, or ``pdf``. Same picture, same
    bytes. Raises `Rejected` for more pixels than a PNG can have."""
    # What browsers call "pixelated", without blur, is the older "optimizeSpeed" there.
    content = svg.replace('image-rendering="pixelated"', 'image-rendering="optimizeSpeed"').encode()
    if form == "png":
        _check_size(svg, zoom)
        made: bytes = cairosvg.svg2png(content, scale=zoom)
        return made
    made = cairosvg.svg2pdf(content)
    return _DATE.sub(lambda found: b"/CreationDate (" + _NO_DATE.ljust(len(found[0]) - 16) + b")", made)


def _check_size(svg: str, zoom: float) -> None:
    found = _SIZE.search(svg)
    width, height = (round(float(side) * zoom) for side in found.groups()) if found else (0, 0)
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise Rejected(f"a PNG of {width} x {height} pixels is too large: give a smaller --zoom, or write .svg or .pdf")
