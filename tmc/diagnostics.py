"""Diagnostics of the input as data, one renderer, and the exceptions that carry them.

Three kinds of failure, three exit codes: the input is wrong (`Rejected`, exit 1), the command line is wrong (click's usage errors,
exit 2), tmc is wrong (`InternalError`, exit 70).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, StrEnum

from tmc.frozen import frozen
from tmc.source import Source, Span
from tmc.width import blank_of, visible, width_of

MOST_SHOWN = 100  # diagnostics of a text that is rejected
WIDEST = 400  # characters of a source line that are shown


class Severity(Enum):
    """How bad it is: an error makes the text useless, a warning is probably a mistake, a note is only good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(StrEnum):
    """The codes of all diagnostics: ``TMC`` and three digits, 0xx errors, 1xx warnings and notes.

    Each has a page in docs/diagnostics.
    """

    SYNTAX = "TMC001"
    NO_MACHINE = "TMC002"
    PART_MISSING = "TMC003"
    UNKNOWN_STATE = "TMC004"
    UNKNOWN_SYMBOL = "TMC005"
    UNKNOWN_TAPE = "TMC006"
    TOO_MANY_ITEMS = "TMC007"
    UNKNOWN_MOVE = "TMC008"
    NO_EDGES = "TMC009"
    LISTED_TWICE = "TMC010"
    DEFINED_TWICE = "TMC011"
    BAD_SYMBOL = "TMC012"
    BAD_TAPE = "TMC013"
    BAD_BOUND = "TMC014"
    BAD_TEST = "TMC015"
    UNREADABLE_FILE = "TMC016"
    CIRCULAR_USE = "TMC017"
    ENDLESS_STATES = "TMC018"
    ARGUMENT_COUNT = "TMC019"
    ARGUMENT_KIND = "TMC020"
    UNKNOWN_CAPTURE = "TMC021"
    HOLE = "TMC022"
    FILE_OUTSIDE = "TMC023"
    NOT_A_TM_FILE = "TMC024"
    RESERVED_PARAMETER = "TMC025"
    RULE_NEVER_APPLIES = "TMC101"
    NOT_COVERED = "TMC102"
    UNREACHED_STATE = "TMC103"
    NEVER_HALTS = "TMC104"
    UNUSED_SYMBOL = "TMC105"
    MOVE_AT_HALT = "TMC106"
    UNUSED_NAME = "TMC107"
    COMMENT_OF_SYMBOLS = "TMC109"
    RULE_FOR_EVER = "TMC110"
    GRID_LEARNS = "TMC111"

    @property
    def severity(self) -> Severity:
        """How bad a diagnostic of this code is."""
        if self in NOTES:
            return Severity.NOTE
        return Severity.ERROR if self.startswith("TMC0") else Severity.WARNING


NOTES = (Code.MOVE_AT_HALT,)  # the codes of notes; of the others, 0xx are errors and 1xx warnings


@frozen
class Diagnostic:
    """One problem of a source text.

    `message` says what is wrong, `label` stands beside the
    carets, `help` says what to do.
    """

    code: Code
    severity: Severity
    message: str
    source: Source
    span: Span
    label: str = ""
    help: str = ""


class Rejected(Exception):
    """An input that cannot be used. The text is one line: what, where and what to do."""


class SourceRejected(Rejected):
    """A source text with errors; `diagnostics` holds all of them, in the order of the text (of several: text by text)."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__()

    def __str__(self) -> str:
        """All of them, rendered; of very many, the first."""
        rows = [render(diagnostic) for diagnostic in self.diagnostics[:MOST_SHOWN]]
        left = len(self.diagnostics) - len(rows)
        return "\n\n".join(rows + ([f"… and {left} more"] if left else []))


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics in the order of the text; of several texts: text by text, in the order in which they are first spoken of."""
    found = tuple(diagnostics)
    texts = {name: number for number, name in enumerate(dict.fromkeys(diagnostic.source.name for diagnostic in found))}
    return tuple(sorted(found, key=lambda diagnostic: (texts[diagnostic.source.name], diagnostic.span, diagnostic.code)))


class CutOff(UserWarning):
    """Some answers do not count, since a run was cut off."""


class InternalError(Exception):
    """A broken promise inside tmc: never the input's fault."""


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as text, with the source line and carets under the span.

    ::

        error[TMC004]: no state is named `tkae`
          --> gauss.tm:20:52
           |
        20 |     on 1                        -> tkae
           |                                    ^^^^ not defined in this machine
           = help: there is a state named `take`
    """
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"
    return f"{head}\n{quotation(diagnostic.source, diagnostic.span, diagnostic.label, diagnostic.help)}"


def quotation(source: Source, span: Span, label: str = "", help: str = "") -> str:
    """The source line of a span with carets below it, as in `render`: all but the first line of a diagnostic."""
    line, column = source.place(span.start)
    text = source.line(line)
    marked = max(1, min(span.end - span.start, len(text) - column + 1))
    shown, first = _window(visible(text), column)
    before, under = shown[: first - 1], shown[first - 1 : first - 1 + marked]
    gutter = " " * len(str(line))
    rows = [
        f"{gutter} --> {source.name}:{line}:{column}",
        f"{gutter} |",
        f"{line} | {shown}".rstrip(),
        f"{gutter} | {blank_of(before)}{'^' * max(1, width_of(under))} {label}".rstrip(),
    ]
    if help:
        rows.append(f"{gutter} = help: {help}")
    return "\n".join(rows)


def _window(text: str, column: int) -> tuple[str, int]:
    """The part of a long line around a place, and the place's column in it."""
    if len(text) <= WIDEST:
        return text, column
    first = max(0, column - 1 - WIDEST // 4)
    last = min(len(text), first + WIDEST)
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else ""), column - first + (1 if first else 0)
