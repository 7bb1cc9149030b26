"""Object files on their way from the compiler and in the cache: each with its digest before it, so that what is damaged is told."""

from __future__ import annotations

from hashlib import sha256

CHECKED = 32  # bytes at the beginning: the digest of the others
BEGIN = b"\0tmc object file\0"  # stands before it in what the compiler prints: whatever is imported may print as well


def checked(code: bytes) -> bytes:
    """Code with its digest before it."""
    return sha256(code).digest() + code


def whole(content: bytes) -> bytes | None:
    """What `checked` was given; None if it is damaged."""
    code = content[CHECKED:]
    return code if sha256(code).digest() == content[:CHECKED] else None
