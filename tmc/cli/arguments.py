"""Kinds of arguments: files, which ones a command line names and how the shell completes them; counts, and shares of a whole."""

from __future__ import annotations

import re
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.types import StringParamType

from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_NUMBER = re.compile(r"([+-]?)([0-9]+(?:_[0-9]+)*)(?:\.([0-9]+))?(?:[eE]\+?([0-9]{1,2}))?")


class FileType(StringParamType):
    """The name of a file, taken as it is; the shell completes those that end in `suffix`, and folders on the way to them."""

    name = "file"

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The files and folders that may be meant."""
        from shlex import quote

        from click.shell_completion import CompletionItem

        head, slash, begun = incomplete.rpartition("/")
        try:
            found = sorted(Path(head + slash or ".").expanduser().iterdir())
        except OSError:
            return []
        found = [path for path in found if path.name.startswith(begun) and path.name.startswith(".") <= begun.startswith(".")]
        if any(quote(path.name) != path.name for path in found):
            return [CompletionItem(incomplete, type="file")]  # some need quotes: the shell knows how, and shows all files
        folders = [f"{head}{slash}{path.name}/" for path in found if path.is_dir()]
        files = [f"{head}{slash}{path.name}" for path in found if path.name.endswith(self.suffix) and not path.is_dir()]
        if len(folders) == 1 and not files:
            return [CompletionItem(folders[0], type="dir")]  # no blank after it: the way goes on
        return [CompletionItem(value) for value in sorted(folders + files)]


class Count(click.IntRange):
    """A whole number of a range, however it is written: ``1000000``, ``1_000_000`` or ``1e6``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error if the text is not one."""
        number = _whole(value) if isinstance(value, str) else value
        if number is None:
            self.fail(f"{value!r} is not a whole number; write it as 1500000, 1_500_000 or 1.5e6.", param, ctx)
        return int(super().convert(number, param, ctx))


def _whole(text: str) -> int | None:
    """The whole number in a text; None if the text is not one."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        return None
    sign, whole, fraction, exponent = found.groups("")
    fraction = fraction.rstrip("0")
    zeros = int(exponent or 0) - len(fraction)
    return int(f"{sign}{whole}{fraction}") * 10**zeros if zeros >= 0 else None


class OutputType(FileType):
    """The name of a file to be written in the one format that ends in `suffix`: it may have no ending, or one that means nothing,
    but not that of another format."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; a usage error if it promises another format."""
        ending = Path(value).suffix.lower()
        if ending in ENDINGS and ending != self.suffix:
            self.fail(f"{value} ends in {ending}, and what is written is {self.suffix}; name it so.", param, ctx)
        return str(value)


class Share(click.FloatRange):
    """A number in a range; nan, which compares with nothing, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; a usage error if the text is not one."""
        number = float(super().convert(value, param, ctx))
        if isnan(number):
            self.fail(f"{number} is not in the range {self._describe_range()}.", param, ctx)
        return number


ENDINGS = frozenset(
    ".csv .dot .graphml .gv .html .jpg .json .jsonl .md .npy .npz .onnx .pdf .png .pt .pth .py .safetensors .svg .tm .txt".split()
)
MACHINE = FileType(".tm")
CHECKPOINT = FileType(".safetensors")


def machine_files(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The files that are named, each once: files as they are, and every machine (.tm) below a folder, but in no hidden one.

    What is passed over - Tcl and TeXmacs name their files .tm, too - is said on stderr. Raises `Rejected` for a folder without any.
    """
    files: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            files.append(path)
            continue
        below = [file for file in sorted(Path(path).rglob("*.tm")) if not _is_hidden(file.relative_to(path))]
        found = [file for file in below if not _is_passed_over(file, Path(path))]
        if not found:
            raise Rejected(f"{path}: there is no machine (.tm) in this folder")
        files += map(str, found)
    return tuple(dict.fromkeys(files))


def _is_passed_over(file: Path, folder: Path) -> bool:
    """Whether a file below a folder is not a machine; says so on stderr."""
    from tmc.syntax.passing_over import passed_over

    why = passed_over(file, folder)
    if why:
        click.echo(f"warning: {file} is passed over: {why}", err=True)
    return bool(why)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
