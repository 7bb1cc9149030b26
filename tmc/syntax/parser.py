"""From a text to its syntax tree, or to all of its syntax errors."""

from __future__ import annotations

from typing import cast

from tmc.diagnostics import SourceRejected
from tmc.source import Source
from tmc.syntax import tree
from tmc.syntax.reading import Unexpected, read
from tmc.syntax.tables import tables
from tmc.syntax.words import is_library, is_too_deep, lines_of, names_a_machine


def parse(source: Source) -> tree.Machine:
    r"""The syntax tree of a text.

    Raises `SourceRejected` with all syntax errors (at most `tmc.syntax.recovery.MOST_ERRORS`).

    ::

        >>> parse(Source("m.tm", "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 -> accept\n")).name.text
        'm'
    """
    if not names_a_machine(source.text):
        from tmc.syntax.explain import not_a_machine

        raise SourceRejected([not_a_machine(source)])
    return _parse(source, "file")


def parse_any(source: Source) -> tree.Machine:
    """The syntax tree of a machine or of a library. Raises `SourceRejected` with all syntax errors."""
    return _parse(source, "library") if is_library(source.text) else parse(source)


def _parse(source: Source, start: str) -> tree.Machine:
    lines = lines_of(source.text)
    try:
        if not any(map(is_too_deep, lines)):
            return cast(tree.Machine, read(tables(), "\n".join(lines) + "\n", start))
    except Unexpected:
        pass
    from tmc.syntax.recovery import syntax_errors  # only texts in error wait for all that there is to say about errors

    raise SourceRejected(syntax_errors(source, start))
