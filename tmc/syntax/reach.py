"""Which files a text may use. A stranger's machine must not read, quote or mention any other file."""

from __future__ import annotations

import os
from enum import Enum
from itertools import accumulate, pairwise
from pathlib import Path

from tmc.files import shipped
from tmc.source import Source

SUFFIX = ".tm"
DEEPEST = 50  # parts of a path: every one is looked at, and a stranger's text may have many


class Refusal(Enum):
    """Why a `use` leads to no file."""

    MISSING = "there is none where it may be"
    OUTSIDE = "it may not be there, and whether it is is not looked at"
    OTHER = "it is no .tm file"


def find_used(path: str, source: Source) -> Path | Refusal:
    """The file that `use` of a path means in a text: beside the text's file, else in the library that comes with tmc.

    It lies in the folder of the machine's own file or below, in the library, or in a folder that `Source.allowed` names, wherever
    symbolic links lead; a text that is in no file has no folder. The answer tells nothing about what is outside.
    """
    if not path or "\0" in path or len(Path(path).parts) > DEEPEST:
        return Refusal.MISSING
    bases = [folder_of(source), *([] if Path(path).is_absolute() else [_library()])]
    places = [base / path for base in bases if _may_use(base, path, source)]
    if not places or (is_in_file(source) and places[0] != bases[0] / path):
        return Refusal.OUTSIDE
    if Path(path).suffix != SUFFIX:
        return Refusal.OTHER
    for place in filter(_is_file, places):
        return place if os.path.realpath(place).endswith(SUFFIX) else Refusal.OTHER
    return Refusal.MISSING


def is_in_file(source: Source) -> bool:
    """Whether a text is that of a file, and so has a folder."""
    return not source.name.startswith("<")


def folder_of(source: Source) -> Path:
    """The folder in which a text looks for the files that it uses; of a text that is in no file, the current one."""
    return Path(source.name).parent if is_in_file(source) else Path()


def root_of(source: Source) -> str:
    """The folder of the machine's own file, without links; "" if it is not in a file."""
    return source.root or (os.path.realpath(folder_of(source)) if is_in_file(source) else "")


def _library() -> Path:
    return shipped("machines") / "lib"


def _may_use(base: Path, path: str, source: Source) -> bool:
    """Whether a file, if it is there, may be used."""
    own = [os.path.realpath(_library()), *filter(None, [root_of(source)])]
    allowed = [os.path.realpath(folder) for folder in source.allowed]
    target = os.path.realpath(base / path)
    may = any(_below(target, folder) for folder in allowed) or any(_stays(base, path, folder) for folder in own)
    return may and _tells_nothing(base, path, [*own, *allowed], set())


def _stays(base: Path, path: str, folder: str) -> bool:
    """Whether no part of a path leaves a folder: a way out and back in would tell what the way back is called."""
    return not Path(path).is_absolute() and all(_below(os.path.realpath(way), folder) for way in _ways(base, path))


def _tells_nothing(base: Path, path: str, folders: list[str], links: set[Path]) -> bool:
    """Whether nothing outside of these folders is named only to be left by `..`, which would tell whether it is there; neither by
    the path nor by links in the folders. `links` are those that were looked at."""
    ways = _ways(base, path)
    if len(ways) > 1 + DEEPEST:
        return False
    for way, following in pairwise(ways[1:]):
        if following.name == ".." and way.name not in ("..", "") and not _inside(way, folders):
            return False
    for way in ways[1:]:
        if way not in links and _inside(way.parent, folders) and (target := _link(way)):
            links.add(way)
            if not _tells_nothing(way.parent, target, folders, links):
                return False
    return True


def _ways(base: Path, path: str) -> list[Path]:
    """The folders on the way of a path, from the base on, and where it leads."""
    return [*accumulate(Path(path).parts, lambda way, part: way / part, initial=base)]


def _link(path: Path) -> str:
    """Where a link leads; "" for anything else."""
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _inside(path: Path, folders: list[str]) -> bool:
    return any(_below(os.path.realpath(path), folder) for folder in folders)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError:  # a name too long, a folder that may not be entered
        return False
