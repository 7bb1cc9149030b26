"""A machine with the files that it uses: all the texts that a compilation reads."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from tmc.diagnostics import Code, Diagnostic, Rejected, Severity, SourceRejected
from tmc.files import READ_LIMIT, read_text, shipped
from tmc.frozen import frozen
from tmc.source import Source
from tmc.syntax import tree
from tmc.syntax.lost import NOTHING, Lost, Parsed
from tmc.syntax.parser import read_any_text, read_machine_text
from tmc.syntax.reach import Refusal, find_used, is_in_file, root_of

MOST_FILES = 100


@frozen
class File:
    """A text and its tree. `name` is what the first `use` calls it ("" for the machine's own file; where another file is called the
    same, its path from there); `uses` are the `use` lines with positions in `Program.files`, in the order of the text. Where it has
    syntax errors, its tree is that of the lines that could be read, and `lost` what was on the others."""

    name: str
    source: Source
    syntax: tree.Machine
    uses: tuple[tuple[tree.Use, int], ...]
    lost: Lost = NOTHING


@frozen
class Program:
    """The machine's own file first, then those it uses, directly or not, each once.

    `errors` are those of the `use` lines and of the used files; unless it is `complete`, a used file of which nothing could be read
    is not in `files`. `unread` are the syntax errors of the machine's own text.
    """

    files: tuple[File, ...]
    errors: tuple[Diagnostic, ...] = ()
    unread: tuple[Diagnostic, ...] = ()
    complete: bool = True

    def __repr__(self) -> str:
        return f"<Program {self.source.name}: {len(self.files) - 1} used files>"

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """All errors that were met in reading."""
        return (*self.unread, *self.errors)

    @property
    def lost(self) -> Lost:
        """What could not be read of the machine's own file."""
        return self.files[0].lost

    @property
    def machine(self) -> tree.Machine:
        """The tree of the machine's own file."""
        return self.files[0].syntax

    @property
    def source(self) -> Source:
        """The text of the machine's own file."""
        return self.files[0].source


def read_program(source: Source) -> Program:
    """A machine and all that it uses. Syntax errors of its own text are in the program; raises `SourceRejected` when they leave no
    tree."""
    return _gathered(source, read_machine_text(source))


def read_any(source: Source) -> Program:
    """The same for a text that may be a library as well."""
    return _gathered(source, read_any_text(source))


def _gathered(source: Source, parsed: Parsed) -> Program:
    if parsed.syntax is None:
        raise SourceRejected(parsed.errors)
    reader = _FileReader()
    reader.read("", source, parsed.syntax, parsed.lost, [_identity(source)])
    files = tuple(file for file in reader.files if file is not None)
    return Program(files, tuple(reader.errors), parsed.errors, reader.complete)


@dataclass(slots=True)
class _FileReader:
    """Reads files depth first, each once."""

    files: list[File | None] = field(default_factory=list)  # None: still being read
    cache: dict[Path | str, int | None] = field(default_factory=dict)  # by identity; None: in error
    names: set[str] = field(default_factory=set)
    errors: list[Diagnostic] = field(default_factory=list)
    room: int = READ_LIMIT  # bytes that used files may still have, all together
    complete: bool = True  # whether there is a tree of every used file

    def read(self, name: str, source: Source, syntax: tree.Machine, lost: Lost, chain: list[Path | str]) -> int:
        number = len(self.files)
        self.files.append(None)
        self.cache[chain[-1]] = number
        unique = name
        if name in self.names and isinstance(chain[0], Path):
            unique = os.path.relpath(chain[-1], chain[0].parent)
        self.names.add(unique)
        uses = [(use, self._used(use, source, chain)) for use in syntax.uses]
        self.complete &= all(position is not None for _, position in uses)
        found = tuple((use, position) for use, position in uses if position is not None)
        self.files[number] = File(unique, source, syntax, found, lost)
        return number

    def _used(self, use: tree.Use, source: Source, chain: list[Path | str]) -> int | None:
        path = find_used(use.path, source)
        if isinstance(path, Refusal):
            self._refuse(path, use, source)
            return None
        identity = path.resolve()
        if identity in chain:
            around = [*chain[chain.index(identity) :], identity]
            advice = "move the states that both need into a third file"
            self._error(
                Code.CIRCULAR_USE, use, source, f"files use each other in a cycle: {' -> '.join(map(_short, around))}", advice
            )
            return None
        if identity not in self.cache:
            self.cache[identity] = self._read_file(use, path, source, chain)
        return self.cache[identity]

    def _read_file(self, use: tree.Use, path: Path, source: Source, chain: list[Path | str]) -> int | None:
        if len(self.files) >= MOST_FILES:
            self._error(Code.UNREADABLE_FILE, use, source, f"more than {MOST_FILES} files are used", "put states into fewer files")
            return None
        try:
            found = read_text(path, self.room)
            self.room -= len(found.text)
            text = replace(found, root=root_of(source), allowed=source.allowed)
        except SourceRejected as rejected:
            self.errors += rejected.diagnostics
            return None
        except Rejected as rejected:
            self._error(Code.UNREADABLE_FILE, use, source, f"`{use.path}` cannot be used", str(rejected))
            return None
        parsed = read_any_text(text)
        self.errors += parsed.errors
        return None if parsed.syntax is None else self.read(use.path, text, parsed.syntax, parsed.lost, [*chain, path.resolve()])

    def _refuse(self, refusal: Refusal, use: tree.Use, source: Source) -> None:
        """Say why a `use` leads to no file."""
        match refusal:
            case Refusal.MISSING if not use.path:
                self._error(Code.UNREADABLE_FILE, use, source, "this `use` names no file", 'write `use "std.tm"`')
            case Refusal.MISSING:
                beside = "beside this file and in the library" if is_in_file(source) else "in the library: this text is in no file"
                self._error(
                    Code.UNREADABLE_FILE, use, source, f"there is no file `{use.path}` to use", f"it was looked for {beside}"
                )
            case Refusal.OUTSIDE:
                advice = "copy it beside the machine, or allow its folder with --allow-use DIR"
                message = f"`{use.path}` is outside the machine's folder and the library"
                self._error(Code.FILE_OUTSIDE, use, source, message, advice)
            case Refusal.OTHER:
                advice = "a used file's name ends in .tm, also that of the file to which a link leads"
                self._error(Code.NOT_A_TM_FILE, use, source, f"`{use.path}` is not a .tm file", advice)
            case _:
                assert_never(refusal)

    def _error(self, code: Code, use: tree.Use, source: Source, message: str, advice: str) -> None:
        self.errors.append(Diagnostic(code, Severity.ERROR, message, source, use.path_span, "", advice))


def find_in_library(state: str) -> str:
    """The file of the library that comes with tmc which has a state of this name; "" if no file has it."""
    for path in sorted((shipped("machines") / "lib").glob("*.tm")):
        if re.search(rf"^state {re.escape(state)}\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            return path.name
    return ""


def _identity(source: Source) -> Path | str:
    return Path(source.name).resolve() if is_in_file(source) else source.name


def _short(identity: Path | str) -> str:
    return identity.name if isinstance(identity, Path) else identity
