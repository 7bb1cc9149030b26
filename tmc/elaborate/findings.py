"""The diagnostics of a pass, gathered so that all errors are reported at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import field

from tmc.diagnostics import Code, Diagnostic, Severity, SourceRejected, in_order
from tmc.frozen import frozen
from tmc.source import Source, Span

MOST_SUGGESTIONS = 50  # looking for a similar name takes time, and does not help in a file with more errors than this
TELLING = (Code.COMMENT_OF_SYMBOLS,)  # warnings that are reported beside errors, as they may be their cause
LONGEST_NAME = 40  # longer names are not compared


@frozen
class Findings:
    """The diagnostics so far, and the text in which more are being looked for."""

    source: Source
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _known: set[tuple[str, int, int, str, str]] = field(default_factory=set)

    def within(self, source: Source) -> Findings:
        """The same findings, to be added to from another text."""
        return self if source is self.source else Findings(source, self.diagnostics, self._known)

    def error(self, code: Code, span: Span, message: str, label: str = "", help: str = "") -> None:
        """Add an error, once: the rules of a state with parameters are checked again for each instance."""
        self._note(Diagnostic(code, Severity.ERROR, message, self.source, span, label, help))

    def warning(self, code: Code, span: Span, message: str, label: str = "", help: str = "") -> None:
        """Add a warning, once."""
        self._note(Diagnostic(code, Severity.WARNING, message, self.source, span, label, help))

    def note(self, code: Code, span: Span, message: str, label: str = "", help: str = "") -> None:
        """Add a note, once."""
        self._note(Diagnostic(code, Severity.NOTE, message, self.source, span, label, help))

    def _note(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.source.name, diagnostic.span.start, diagnostic.span.end, diagnostic.code, diagnostic.message)
        if key not in self._known:
            self._known.add(key)
            self.diagnostics.append(diagnostic)

    def line(self, span: Span) -> int:
        """The line on which a span begins."""
        return self.source.place(span.start)[0]

    def near(self, name: str, names: Collection[str]) -> str:
        """The one of `names` that was probably meant, or nothing."""
        if len(name) > LONGEST_NAME or len(self.diagnostics) > MOST_SUGGESTIONS:
            return ""
        from difflib import get_close_matches

        return next(iter(get_close_matches(name, names, 1)), "")

    def reject_errors(self) -> None:
        """Raise `SourceRejected` if there are any errors: with all of them, the warnings that may explain one, and those of texts
        without errors."""
        errors = {d.source.name for d in self.diagnostics if d.severity is Severity.ERROR}
        if errors:
            raise SourceRejected(
                d for d in self.diagnostics if d.severity is Severity.ERROR or d.code in TELLING or d.source.name not in errors
            )

    def in_order(self) -> tuple[Diagnostic, ...]:
        """All diagnostics in the order of the text, those of the first text first."""
        return in_order(self.diagnostics)


def show(symbol: str) -> str:
    """A symbol as it is written in a text."""
    return symbol if symbol.isalnum() or symbol == "_" else f"'{symbol}'"


def count(number: int, noun: str) -> str:
    """A number of things, in words of the right number."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
