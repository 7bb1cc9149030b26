"""The files that a text uses, as paths: also those that the compiler could not read."""

from __future__ import annotations

from pathlib import Path

from tmc.files import shipped
from tmc.source import Source
from tmc.syntax.program import Program
from tmc.syntax.reach import Refusal, find_used, folder_of, is_in_file
from tmc.syntax.tree import Use


def reaches(use: Use, source: Source, name: str, program: Program) -> bool:
    """Whether a `use` of a text leads to the file called `name`, directly or through other files of the program."""
    texts = {file.source.name: file for file in program.files}
    seen: set[str] = set()
    waiting = [find_used(use.path, source)]
    while waiting:
        path = waiting.pop()
        if isinstance(path, Refusal) or str(path) in seen:
            continue
        if _same(str(path), name):
            return True
        seen.add(str(path))
        file = texts.get(str(path))
        waiting += [find_used(further.path, file.source) for further in file.syntax.uses] if file else []
    return False


def _same(path: str, name: str) -> bool:
    return path == name or Path(path).resolve() == Path(name).resolve()


def usable_files(source: Source) -> tuple[str, ...]:
    """The files that a text could use: those beside it, and the shipped library."""
    folders = (*([folder_of(source)] if is_in_file(source) else []), shipped("machines") / "lib")
    found = (path.name for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.tm")))
    return tuple(name for name in dict.fromkeys(found) if name != Path(source.name).name)
