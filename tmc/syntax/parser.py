"""From a text to its syntax tree, or to all of its syntax errors and the tree of the other lines."""

from __future__ import annotations

import re

from tmc.diagnostics import Code, Diagnostic, Severity, SourceRejected
from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.syntax.lost import Parsed
from tmc.syntax.reading import Unexpected, read
from tmc.syntax.tables import tables
from tmc.syntax.words import is_library, is_tests, is_too_deep, lines_of, names_a_machine

_LONE_RETURN = re.compile(r"\r(?!\n|\Z)")
_IN_COMMENT = re.compile(r"#[^\n]*\r(?!\n|\Z)")


def parse(source: Source) -> tree.Machine:
    r"""The syntax tree of a text.

    Raises `SourceRejected` with all syntax errors (at most `tmc.syntax.recovery.MOST_ERRORS`).

    ::

        >>> parse(Source("m.tm", "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 -> accept\n")).name.text
        'm'
    """
    return _without_errors(read_machine_text(source))


def parse_any(source: Source) -> tree.Machine:
    """The syntax tree of a machine or of a library. Raises `SourceRejected` with all syntax errors."""
    return _without_errors(read_any_text(source))


def read_machine_text(source: Source) -> Parsed:
    """What there is to the text of a machine, with its syntax errors."""
    return _parsed(source, "file")


def read_any_text(source: Source) -> Parsed:
    """The same for a text that may be a library, or nothing but tests, as well."""
    return _parsed(source, "library" if is_library(source.text) else "tests" if is_tests(source.text) else "file")


def _without_errors(parsed: Parsed) -> tree.Machine:
    if parsed.syntax is None or parsed.errors:
        raise SourceRejected(parsed.errors)
    return parsed.syntax


def _lone_return(text: str) -> re.Match[str] | None:
    """A line end that is CR alone, if most are, or if one is in a comment, which would go on behind it; others are mere signs."""
    found = _LONE_RETURN.findall(text)
    return _LONE_RETURN.search(text) if len(found) > text.count("\n") or (found and _IN_COMMENT.search(text)) else None


def _parsed(source: Source, start: str) -> Parsed:
    lone = _lone_return(source.text) if "\r" in source.text else None
    if lone:
        span, advice = Span(lone.start(), lone.end()), "save the file with line ends LF or CRLF"
        return Parsed(None, (Diagnostic(Code.SYNTAX, Severity.ERROR, "a line ends with CR alone", source, span, "", advice),))
    if start == "file" and not names_a_machine(source.text):
        from tmc.syntax.explain import misnamed, not_a_machine

        if not misnamed(source)[1]:
            return Parsed(None, (not_a_machine(source),))
    else:
        lines = lines_of(source.text)
        try:
            if not any(map(is_too_deep, lines)):
                return Parsed(read(tables(), "\n".join(lines) + "\n", start))
        except Unexpected:
            pass
    from tmc.syntax.recovery import recover  # only texts in error wait for all that there is to say about errors

    return recover(source, start)
