"""The lines of a text that could not be read, so that nothing is reported as missing that may stand on them."""

from __future__ import annotations

from tmc.diagnostics import Diagnostic
from tmc.frozen import frozen
from tmc.syntax import tree

ANYTHING = ""  # the first word of a line that may have been meant as any other


@frozen
class Lost:
    """The lines that could not be read: the words on them, and what their first words were meant as. `any_name`: one of them may
    define a state of any name."""

    words: frozenset[str] = frozenset()
    firsts: frozenset[str] = frozenset()
    any_name: bool = False

    def may_have(self, *firsts: str) -> bool:
        """Whether one of the lines may have begun with one of these words."""
        return bool(self.firsts & {*firsts, ANYTHING})

    def may_define(self, state: str) -> bool:
        """Whether one of the lines may have defined a state of this name, or used a file that does."""
        return self.any_name or state in self.words


NOTHING = Lost()


@frozen
class Parsed:
    """What there is to a text: the tree of the lines that could be read (None where there is no such tree), the syntax errors, and
    what is lost with them."""

    syntax: tree.Machine | None
    errors: tuple[Diagnostic, ...] = ()
    lost: Lost = NOTHING
