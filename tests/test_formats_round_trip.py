"""There and back: a machine that was written for another program and read again is the same machine, by a proof."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from conftest import ROOT, compiled
from tmc.diagnostics import Rejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.formats.draft_to_text import draft_to_text
from tmc.formats.registry import FORMATS, Format, format_of
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.source import Source
from tmc.syntax.program import read_program
from tmc.testing.random_machines import Family, random_machine
from tmc.verify.same import same

TWO_TAPES = ("jflap", "ugarte")
MACHINES = sorted(path.stem for path in (ROOT / "machines").glob("*.tm"))


def back(form: Format, table: Table) -> Table:
    """The machine, written in a format, recognised, read, and written in the language; its symbols are those of before."""
    source = Source("x", form.write(table))
    assert format_of(source) is form
    imported = draft_to_text(form.read(source, "x"))
    found = syntax_to_table(read_program(Source("x.tm", imported.text)))[0]
    if form.name == "bbchallenge":  # symbols are digits there
        names = {imported.symbols[str(number)]: symbol for number, symbol in enumerate(table.data.symbols)}
        tape = found.data
        return replace(found, tapes=(replace(tape, symbols=tuple(names[symbol] for symbol in tape.symbols)),))
    return found


def suits(form: Format, table: Table) -> bool:
    """Whether a format can say this machine: what they cannot say is known here by heart."""
    stays = any(not one.halts and one.move_data is Move.STAY for one in table.transitions)
    rejects = any(one.target == -2 for one in table.transitions)
    if table.is_grid or (table.work is not None and form.name not in TWO_TAPES):
        return False
    if form.name == "bbchallenge":
        return not stays and not rejects and len(table.data.symbols) <= 10 and len(table.states) <= 25
    without_rules = {one.target for one in table.transitions if not one.halts} - {one.state for one in table.transitions}
    return not (form.name == "turingmachine.io" and (stays or without_rules))


def there_and_back(form: Format, table: Table) -> bool:
    """Whether the format can say it; then it is the same machine afterwards."""
    if not suits(form, table):
        with pytest.raises(Rejected):
            form.write(table)
        return False
    found = same(table, back(form, table))
    assert found.same, found
    return True


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_shipped_machines(form: Format) -> None:
    tables = [compiled(name).table for name in MACHINES]
    assert sum(there_and_back(form, table) for table in tables) >= 5


def random_machines(form: Format, seed: int, count: int) -> None:
    random, done = Random(seed), 0
    while done < count:
        family = Family(
            "line", states=(1, 6), symbols=(2, 5), work_tape=form.name in TWO_TAPES and random.random() < 0.7, halts=0.2
        )
        table = random_machine(random, family)
        if form.name in ("turingmachine.io", "bbchallenge"):  # which cannot stay, and the latter not reject
            moving = (
                replace(one, move_data=Move.LEFT) if one.move_data is Move.STAY and not one.halts else one
                for one in table.transitions
            )
            table = replace(table, transitions=tuple(replace(one, target=max(one.target, -1)) for one in moving))
        if table.transitions and any(one.state == table.start for one in table.transitions):
            done += there_and_back(form, table)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_random_machines(form: Format) -> None:
    random_machines(form, 1, 12)


@pytest.mark.soak
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_many_random_machines(form: Format) -> None:
    random_machines(form, 2, 170)
