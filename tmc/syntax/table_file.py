"""The file of the parser's tables, which is kept beside the grammar: a checksum of both, then JSON."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

GRAMMAR, TABLES = "tmc.lark", "tmc.tables"
Document = dict[str, Any]


def packed(document: Document, grammar: str) -> str:
    """Tables as the text of a file: a checksum, then JSON, a line for each state."""
    states = ",\n".join(json.dumps(actions) for actions in document["actions"])
    rest = json.dumps({key: value for key, value in document.items() if key != "actions"})
    content = f'{rest[:-1]},\n"actions": [\n{states}\n]}}\n'
    return f"{_checksum(content, grammar)}\n{content}"


def unpacked(text: str, grammar: str) -> Document | None:
    """The document in such a text; None if it is not whole, or belongs to another grammar."""
    checksum, _, content = text.partition("\n")
    return dict(json.loads(content)) if checksum == _checksum(content, grammar) else None


def _checksum(content: str, grammar: str) -> str:
    return f"{crc32(content.encode(), crc32(grammar.encode())):08x}"
