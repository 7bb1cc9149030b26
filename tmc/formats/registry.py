"""The formats, by name: how each is recognised, read and written."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from tmc.diagnostics import Rejected
from tmc.frozen import frozen
from tmc.source import Source
from tmc.syntax.foreign import foreign

if TYPE_CHECKING:
    from tmc.formats.draft import Draft
    from tmc.ir.table import Table


@frozen
class Format:
    """A format: its `name` on the command line, what it is called, the module here that reads and writes it, and what
    `tmc.syntax.foreign` calls such a text; the `ending` of its files, and whether its machines may have several tapes."""

    name: str
    title: str
    module: str
    recognised: str
    ending: str
    several: bool = False

    def read(self, source: Source, machine: str, most_tapes: int = 2) -> Draft:
        """The machine of a text, called `machine`, of `most_tapes` at most. Raises `Rejected`, with the place of what cannot be
        read."""
        reader: Callable[..., Draft] = import_module(f"tmc.formats.{self.module}").read
        return reader(source, machine, most_tapes) if self.several else reader(source, machine)

    def write(self, table: Table) -> str:
        """A machine as a text. Raises `Rejected` if the format cannot say it."""
        writer: Callable[[Table], str] = import_module(f"tmc.formats.{self.module}").write
        return writer(table)


FORMATS = (
    Format("turingmachine.io", "turingmachine.io (YAML)", "turingmachine_io", "a machine for turingmachine.io (YAML)", ".yaml"),
    Format("morphett", "Morphett's simulator", "morphett", "a machine for Morphett's simulator", ".txt"),
    Format("bbchallenge", "bbchallenge.org", "bbchallenge", "a machine as bbchallenge.org writes it", ".txt"),
    Format("jflap", "JFLAP (.jff)", "jflap", "a machine of JFLAP (XML)", ".jff", True),
    Format("ugarte", "turingmachinesimulator.com", "ugarte", "a machine for turingmachinesimulator.com", ".txt", True),
    Format("automata-lib", "automata-lib (Python or JSON)", "automata", "a machine of automata-lib", ".json", True),
)


def format_named(name: str) -> Format:
    """The format of this name. Raises `Rejected` if no format has it."""
    for one in FORMATS:
        if one.name == name:
            return one
    raise Rejected(f"no format is called {name}; there are {', '.join(one.name for one in FORMATS)}")


def format_of(source: Source) -> Format:
    """The format that a text is in, by its looks. Raises `Rejected` if it is not recognised."""
    what, _ = foreign(source.text)
    for one in FORMATS:
        if what == one.recognised:
            return one
    raise Rejected(f"{source.name}: its format is not recognised; say it with --from ({', '.join(one.name for one in FORMATS)})")
