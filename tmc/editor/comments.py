"""What the author says about a line: the comment at its end and those directly above it."""

from __future__ import annotations

from tmc.source import Source, Span
from tmc.syntax.lines import split


def comment_of(source: Source, span: Span) -> str:
    """The comments above the line where a span begins, and the one at its end, as one text; "" if there is no comment."""
    number, _ = source.place(span.start)
    above: list[str] = []
    while number - len(above) > 1 and (words := _whole_comment(source.line(number - len(above) - 1))) is not None:
        above.append(words)
    (own,) = split(source.line(number))
    return "\n".join([*reversed(above), *([_words(own.comment)] if own.comment else [])]).strip("\n")


def _whole_comment(line: str) -> str | None:
    """The words of a line that is nothing but a comment."""
    (parts,) = split(line)
    return _words(parts.comment) if parts.comment and not parts.code else None


def _words(comment: str) -> str:
    return comment.lstrip("#").strip()
