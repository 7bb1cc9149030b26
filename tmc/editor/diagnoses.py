"""What is wrong with a text, at places of that text: errors of a used file stand at the `use` line that leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tmc.diagnostics import Code, Diagnostic, Severity, SourceRejected
from tmc.editor.definitions import Location
from tmc.editor.used import reaches
from tmc.pipeline import look_over
from tmc.source import Source, Span
from tmc.syntax.program import Program, read_any

UNNECESSARY = (
    Code.RULE_NEVER_APPLIES,
    Code.UNREACHED_STATE,
    Code.UNUSED_SYMBOL,
    Code.UNUSED_NAME,
)  # what they point at could be left out


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnostic as an editor shows it; `cause` is the place in a used file that it is about."""

    span: Span
    code: Code
    severity: Severity
    message: str
    cause: Location | None = None

    @property
    def unnecessary(self) -> bool:
        """Whether it is about something that could be left out."""
        return self.code in UNNECESSARY


def diagnose(source: Source) -> tuple[Diagnosis, ...]:
    """All errors and warnings of a text."""
    found = look_over(source)
    foreign = any(diagnostic.source.name != source.name for diagnostic in found)
    program = _program(source) if foreign else None
    return tuple(_diagnosis(diagnostic, source, program) for diagnostic in found)


def _program(source: Source) -> Program | None:
    try:
        return read_any(source)
    except SourceRejected:
        return None


def _diagnosis(diagnostic: Diagnostic, source: Source, program: Program | None) -> Diagnosis:
    message = diagnostic.message + (f" ({diagnostic.label})" if diagnostic.label else "")
    message += f"\nhelp: {diagnostic.help}" if diagnostic.help else ""
    if diagnostic.source.name == source.name or program is None:
        return Diagnosis(diagnostic.span, diagnostic.code, diagnostic.severity, message)
    name = diagnostic.source.name
    line, _ = diagnostic.source.place(diagnostic.span.start)
    uses = program.machine.uses
    leading = next((use for use in uses if reaches(use, source, name, program)), uses[0])
    cause = Location(diagnostic.source, diagnostic.span)
    return Diagnosis(leading.path_span, diagnostic.code, diagnostic.severity, f"{Path(name).name}:{line}: {message}", cause)
