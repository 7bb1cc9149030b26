"""Images as PNG: rows of pixels of red, green and blue, nothing else. Same pixels, same bytes."""

from __future__ import annotations

import zlib
from base64 import b64encode
from struct import pack

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (rows, columns, 3)


def png(pixels: Pixels) -> bytes:
    """An image as the content of a PNG file."""
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 3 * width), np.uint8)
    lines[:, 1:] = pixels.reshape(height, 3 * width)
    lines[1:, 1:] -= pixels.reshape(height, 3 * width)[:-1]  # the filter "up": what a row differs in from the one above
    lines[1:, 0] = 2
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def as_url(pixels: Pixels) -> str:
    """An image as a URL that holds it."""
    return f"data:image/png;base64,{b64encode(png(pixels)).decode()}"
