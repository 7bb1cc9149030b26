"""What ``tmc draw`` is asked for, and whether its options go together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from tmc.cli.machine_input import Input
from tmc.targets.registry import DEFAULT

FORMATS = (".svg", ".png", ".pdf", ".mmd", ".graphml")
GRAPHS = ("table", "rules", "filters")  # what is a graph, and has rules to be marked
RUNS = ("trace", "space-time")
LARGEST = 4000  # bins, either way
_SIZE = re.compile(r"([1-9][0-9]{0,4})[x×]([1-9][0-9]{0,4})")
_LINE = re.compile(r"(?:(.+):)?([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class RunPart:
    """The part of a run that is drawn: from step `first` on, so many `steps` (None: as is usual); `size`: of a space-time diagram,
    in bins (width, height)."""

    first: int
    steps: int | None
    size: tuple[int, int]
    colours: str


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """All that the command line says. `line`: the name of a file ("": the machine's own) and a line in it."""

    file: str
    what: str
    form: str
    rule: str | None
    line: tuple[str, int] | None
    input: Input
    part: RunPart
    filling: bool
    theme: Any  # `tmc.view.svg.Theme`
    target: str
    scale: str

    @property
    def marks(self) -> bool:
        """Whether some rules are to be marked."""
        return self.rule is not None or self.line is not None

    def lit(self, rule: str, line: int, file: str) -> bool:
        """Whether a rule is to be marked: it has the name or stands at the line that was said; where both were, it has both."""
        named = self.rule is None or rule == self.rule.replace("->", "→")
        placed = self.line is None or (file, line) == self.line
        return self.marks and named and placed


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as a text, the name of its machine, what it shows in words, and figures of that for programs."""

    content: str
    machine: str
    says: str
    figures: dict[str, Any] = field(default_factory=dict)


def form_of(path: str) -> str:
    """The format that the ending of a file says; a usage error when it says none."""
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        said = f"no picture has the ending {ending}" if ending else f"{path} has no ending that says what to write"
        raise click.UsageError(f"{said}: name a file that ends in one of {', '.join(FORMATS)}.")
    return ending.removeprefix(".")


def parse_size(size: str | None) -> tuple[int, int]:
    """How many bins a space-time diagram has at most: columns and rows."""
    found = _SIZE.fullmatch(size or "720x600")
    if found is None or max(int(found[1]), int(found[2])) > LARGEST:
        raise click.UsageError(f"--size {size} is no size: write it as 720x600, at most {LARGEST}x{LARGEST}.")
    return int(found[1]), int(found[2])


def parse_line(line: str | None) -> tuple[str, int] | None:
    """A line of the machine's own text, or of a file that it uses."""
    if line is None:
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        raise click.UsageError(f"--line {line} is no line: write it as 24, or as std.tm:13 for a file that is used.")
    return found[1] or "", int(found[2])


def check_fits(wanted: DrawOptions, sized: bool) -> None:
    """A usage error for options that do not go with what is drawn."""
    what, part, given = wanted.what, wanted.part, wanted.input
    asked = (
        (wanted.marks, "--rule and --line go", GRAPHS),
        (part.first > 0 or part.steps is not None, "--from and --steps go", RUNS),
        (sized, "--size and --colours go", ("space-time",)),
        (wanted.filling, "--filling goes", ("memory",)),
        (wanted.form in ("mmd", "graphml"), f".{wanted.form} goes", GRAPHS),
        (given.text is not None or given.picture is not None, "--data and --grid go", RUNS),
        (given.archive is not None, "--input goes", (*RUNS, "memory")),
        (wanted.target != DEFAULT.name, f"--target {wanted.target} goes", ("cells", "filters", "memory")),
    )
    for is_asked, says, fits in asked:
        if is_asked and what not in fits:
            named = " or ".join([*filter(None, [", ".join(fits[:-1])]), fits[-1]])
            raise click.UsageError(f"{says} with --what {named}, not {what}.")
