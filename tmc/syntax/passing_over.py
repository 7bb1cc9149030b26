"""Telling machines from other files whose names end in .tm: modules of Tcl, documents of TeXmacs."""

from __future__ import annotations

import re
from pathlib import Path

from tmc.syntax.words import FIRST_WORD

ENOUGH = 1 << 16  # bytes at the beginning of a file that are looked at
_BEGINS = re.compile(r'(machine|learner|start|state)\s+[^\W\d]|bounds\s*(#.*)?$|(use|test)\s*"|tape\s+[^\W\d]\w*\s*:', re.MULTILINE)
_NAMES_ONE = re.compile(r"^[ \t]*((machine|learner)[ \t]+[^\W\d]\w*[ \t]*(#.*)?$|tape[ \t]+[^\W\d]\w*[ \t]*:)", re.MULTILINE)


def is_foreign(path: Path) -> bool:
    """Whether a file is something else than a machine, a library or tests, as far as it can be read.

    It begins with none of their lines, and none of its lines names a machine or a tape. An empty file may have become a machine.
    """
    try:
        with path.open("rb") as file:
            content = file.read(ENOUGH)
    except OSError:
        return False  # the reader says why it cannot be read
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = FIRST_WORD.search(text)
    return first is not None and not _BEGINS.match(text, first.start(1)) and not _NAMES_ONE.search(text)


def passed_over(path: Path, folder: Path) -> str:
    """Why a file called .tm below a folder is passed over unless the command line names it; "" if it is not."""
    if folder.resolve() not in path.resolve().parents:
        return "it is a link that leads out of the folder"
    if path.exists() and not path.is_file():
        return "it is not a file"
    return "it does not begin like a machine; name it if it is meant to be one" if is_foreign(path) else ""
