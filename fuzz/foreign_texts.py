"""Texts of all formats of other programs, to be changed: all machines that they can say, and some with what tmc does not write."""

from __future__ import annotations

from pathlib import Path

from tmc.diagnostics import Rejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.formats.registry import FORMATS
from tmc.ir.table import Table
from tmc.source import Source
from tmc.syntax.program import read_program

MACHINES = Path(__file__).parents[1] / "machines"
DOCUMENT = """\
name: ones
source code: |
  # Flips all ones.
  input: '0110'
  blank: ' '
  start state: go
  synonyms: {stop: {R: end}}
  table:
    # To the right.
    go:
      [0, 1]: {write: 0, R}  # all of them
      ' ': stop
    end:
positions:
  go: {x: 1, y: 2}
"""
STARS = """\
; a comment
0 1 * r *   ; a remark
0 * _ * halt-accept !
* _ _ g other
* * * d 0
other 1 1 * halt
;$INITIAL_TAPE: 111
"""
WILD = """\
<?xml version="1.0"?><structure><type>turing</type><tapes>3</tapes><automaton>
<state id="0" name="q0"><initial/></state><state id="1" name="q 1"><final/></state>
<transition><from>0</from><to>0</to>
<read tape="1">a</read><write tape="1">~</write><move tape="1">R</move>
<read tape="2">~</read><write tape="2">b</write><move tape="2">L</move>
<read tape="3">!b</read><write tape="3"/><move tape="3">S</move></transition>
<transition><from>0</from><to>1</to>
<read tape="1"/><write tape="1"/><move tape="1">S</move>
<read tape="2"/><write tape="2"/><move tape="2">S</move>
<read tape="3"/><write tape="3"/><move tape="3">S</move></transition>
<note><text>a note</text><x>1</x></note>
</automaton></structure>
"""
THREE = """\
// three tapes
name: three
init: q0
accept: yes, also

q0,1,_,_
q0,1,1,1,>,>,<   // all move
q0,_,_,_
yes,_,_,_,-,-,-
"""
CHOICES = """\
from automata.tm.mntm import MNTM
m = MNTM(
    states={'q0', 'q1'}, input_symbols={'0', '1'}, tape_symbols={'0', '1', '#'}, n_tapes=3,
    transitions={'q0': {('1', '#', '#'): [('q0', (('1', 'R'), ('1', 'R'), ('#', 'N')))],
    ('#', '#', '#'): [('q1', (('#', 'N'), ('#', 'L'), ('1', 'R')))]}}, initial_state='q0', blank_symbol='#', final_states={'q1'},
)
"""
NTM = "NTM(transitions={'q0': {'1': {('q1', 'xx', 'R')}}}, initial_state='q0', blank_symbol='.', final_states={'q1'})\n"
MORE = {
    "turingmachine.io": [DOCUMENT], "morphett": [STARS], "jflap": [WILD], "ugarte": [THREE], "automata-lib": [CHOICES, NTM],
    "bbchallenge": ["1RB---_1LA0LB\n", "# one\n1RB2LA1RZ_2LB2RB1LB, 38\n"],
}  # fmt: skip


def foreign_texts() -> dict[str, list[str]]:
    """The texts of each format, by its name."""
    tables = [
        syntax_to_table(read_program(Source(str(path), path.read_text(encoding="utf-8"))))[0] for path in MACHINES.glob("*.tm")
    ]
    return {form.name: [*MORE[form.name], *(text for table in tables if (text := _written(form, table)))] for form in FORMATS}


def _written(form: object, table: Table) -> str:
    try:
        return str(form.write(table))  # type: ignore[attr-defined]
    except Rejected:
        return ""
