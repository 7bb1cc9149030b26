"""What a program is to read from stdout: the same bytes whatever the terminal's encoding is."""

from __future__ import annotations

import json
import math
from typing import Any

import click


def print_json(document: Any, indent: int | None = None, *, sort: bool = False) -> None:
    """Print a document as JSON, and nothing but JSON: a line, or with `indent` several.

    Only ASCII is used, other characters are escaped. Numbers that JSON does not have are the strings ``nan``, ``inf`` and ``-inf``.
    """
    click.echo(json_text(document, indent, sort=sort))


def json_text(document: Any, indent: int | None = None, *, sort: bool = False) -> str:
    r"""The document as `print_json` prints it, without the line end.

    ::

        >>> json_text({"name": "🦊", "weight": float("inf")})
        '{"name": "\\ud83e\\udd8a", "weight": "inf"}'
    """
    return json.dumps(_finite(document), indent=indent, sort_keys=sort, allow_nan=False)


def _finite(value: Any) -> Any:
    """The same with strings for the numbers that JSON does not have."""
    match value:
        case float() if not math.isfinite(value):
            return str(float(value))
        case dict():
            return {key: _finite(part) for key, part in value.items()}
        case list() | tuple():
            return [_finite(part) for part in value]
    return value
