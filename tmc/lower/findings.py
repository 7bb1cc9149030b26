"""What a pass has to say about a text, gathered while it goes on: so that all errors are reported at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches

from tmc.diagnostics import Diagnostic, Severity, SourceRejected
from tmc.source import Source, Span

MOST_SUGGESTIONS = 50  # looking for a similar name takes time; a file with more errors than this has other troubles
LONGEST_NAME = 40  # beyond which no similar one is looked for


@dataclass(frozen=True, slots=True)
class Findings:
    """The diagnostics of one text so far."""

    source: Source
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, span: Span, message: str, label: str = "", help: str = "") -> None:
        """Note an error."""
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, message, self.source, span, label, help))

    def warning(self, code: str, span: Span, message: str, label: str = "", help: str = "") -> None:
        """Note a warning."""
        self.diagnostics.append(Diagnostic(code, Severity.WARNING, message, self.source, span, label, help))

    def line(self, span: Span) -> int:
        """The line on which a span begins."""
        return self.source.place(span.start)[0]

    def near(self, name: str, names: Collection[str]) -> str:
        """The one of `names` that was probably meant, or nothing."""
        if len(name) > LONGEST_NAME or len(self.diagnostics) > MOST_SUGGESTIONS:
            return ""
        return next(iter(get_close_matches(name, names, 1)), "")

    def reject_errors(self) -> None:
        """Raise `SourceRejected` with all errors, if there are any."""
        errors = [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]
        if errors:
            raise SourceRejected(errors)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """All diagnostics in the order of the text."""
        return tuple(sorted(self.diagnostics, key=lambda diagnostic: (diagnostic.span, diagnostic.code)))


def show(symbol: str) -> str:
    """A symbol as it is written in a text."""
    return symbol if symbol.isalnum() or symbol == "_" else f"'{symbol}'"


def count(number: int, noun: str) -> str:
    """A number of things, in words of the right number."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
