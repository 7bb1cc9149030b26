"""Machines that are wider than ours - three tapes and more, tapes with an end - beside a plain simulator that is written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

import pytest

from tmc.diagnostics import Rejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.formats.draft import Draft, Rule, State
from tmc.formats.draft_to_text import Imported, draft_to_text
from tmc.formats.registry import format_named
from tmc.formats.walls import beginning_with
from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Line, Move
from tmc.run.simulator import configurations
from tmc.run.tapes import line_of_text
from tmc.source import Source
from tmc.syntax.program import read_program

STEPS = 25  # of the plain machine
BY = {"L": -1, "S": 0, "R": 1}
MOVES = {"L": Move.LEFT, "S": Move.STAY, "R": Move.RIGHT}
Tape = dict[int, str]  # no blanks


@dataclass(frozen=True)
class Plain:
    """A machine of `tapes` tapes. A rule: the symbols read on each tape (empty: any), those written (empty: none), moves, the next
    state. With `walls` a tape begins at 0, and a move to the left stays there. The first rule that fits is taken."""

    tapes: int
    rules: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], str, str]]]
    walls: bool

    def moments(self, words: tuple[str, ...]) -> Iterator[tuple[str, list[Tape], list[int]]]:
        """The state, the tapes and the heads before each step; the last one is ``accept`` or ``reject``, or is stuck."""
        tapes = [{place: symbol for place, symbol in enumerate(word) if symbol != "_"} for word in words]
        state, heads = "q0", [0] * self.tapes
        while True:
            yield state, [dict(tape) for tape in tapes], list(heads)
            under = [tape.get(head, "_") for tape, head in zip(tapes, heads, strict=True)]
            rule = next((rule for rule in self.rules.get(state, ()) if self._fits(rule[0], under)), None)
            if rule is None:
                return
            _, write, moves, target = rule
            for number, tape in enumerate(tapes):
                if write[number]:
                    tape[heads[number]] = write[number]
                    if write[number] == "_":
                        del tape[heads[number]]
                heads[number] += BY[moves[number]]
                if self.walls:
                    heads[number] = max(0, heads[number])
            state = target

    @staticmethod
    def _fits(read: tuple[str, ...], under: list[str]) -> bool:
        return all(not some or one in some for some, one in zip(read, under, strict=True))

    def draft(self) -> Draft:
        """The same as an imported text has it."""
        states = tuple(State(name, tuple(self._rule(*rule) for rule in rules)) for name, rules in self.rules.items())
        symbols = (("a", "b"),) * self.tapes
        return Draft("m", "_", symbols, states, "q0", frozenset({"accept"}), frozenset({"reject"}), wall=self.walls)

    @staticmethod
    def _rule(read: tuple[str, ...], write: tuple[str, ...], moves: str, target: str) -> Rule:
        reads, writes = tuple(tuple(some) or None for some in read), tuple(one or None for one in write)
        return Rule(reads, writes, tuple(MOVES[one] for one in moves), target)


def random_plain(random: Random, tapes: int, walls: bool) -> Plain:
    """A machine of up to three states and five rules for each, that often goes on for a while."""
    states = [f"q{number}" for number in range(random.randint(1, 3))]
    reads, writes = ("", "", "_", "a", "b", "ab", "_a"), ("", "_", "a", "b")

    def rule() -> tuple[tuple[str, ...], tuple[str, ...], str, str]:
        read, write = (tuple(random.choice(some) for _ in range(tapes)) for some in (reads, writes))
        moves = "".join(random.choice("LSR") for _ in range(tapes))
        return read, write, moves, random.choice([*states * 4, "accept", "reject"])

    def rules() -> list[tuple[tuple[str, ...], tuple[str, ...], str, str]]:
        last = [((*[""] * tapes,), *rule()[1:])] if random.random() < 0.7 else []
        return [rule() for _ in range(random.randint(2, 4))] + last

    return Plain(tapes, {state: rules() for state in states}, walls)


class Reader:
    """What a configuration of the imported machine stands for."""

    def __init__(self, draft: Draft, imported: Imported, table: Table) -> None:
        self.tapes, self.table, self.wall = len(draft.symbols), table, imported.wall
        self.symbols = {new: old for old, new in imported.symbols.items()}
        self.states = {imported.states[state.name]: state.name for state in draft.states if state.name in imported.states}

    def state(self, configuration: Configuration) -> str | None:
        """The state of the original machine, None in between."""
        name = self.table.target_name(configuration.state)
        return name if configuration.state < 0 else self.states.get(name)

    def moment(self, configuration: Configuration) -> tuple[list[Tape], list[int]]:
        """The tapes and heads, the wall at -1."""
        assert isinstance(configuration.data, Line)
        tapes, heads = [self._cells(0, configuration.data)], [configuration.head[1]]
        if self.tapes == 2:
            tapes.append(self._cells(1, configuration.work))
            heads.append(configuration.work_head)
        if self.tapes > 2:
            folded = self._cells(1, configuration.work)
            tapes += [{} for _ in range(self.tapes - 1)]
            found = dict[int, int]()
            for cell, name in folded.items():
                place, tape = divmod(cell, self.tapes - 1)
                symbol, mark, number = name.partition("^")
                if mark:
                    assert int(number) == tape + 2
                    assert tape not in found
                    found[tape] = place
                if symbol != "_":
                    tapes[tape + 1][place] = symbol
            heads += [found[tape] for tape in range(self.tapes - 1)]
        return tapes, heads

    def _cells(self, tape: int, line: Line) -> Tape:
        names = self.table.tapes[tape].symbols if tape < len(self.table.tapes) else ()
        cells = {place: self.symbols[names[symbol]] for place, symbol in line.items() if symbol}
        return {place: symbol for place, symbol in cells.items() if symbol != "_"}


def imported_moments(draft: Draft, word: str, limit: int) -> Iterator[tuple[str, list[Tape], list[int], int]]:
    """The moments at which the imported machine stands for the original between two steps, and the steps taken until then."""
    found = draft_to_text(draft)
    table = syntax_to_table(read_program(Source("m.tm", found.text)))[0]
    reader, before = Reader(draft, found, table), ""
    for step, (configuration, _) in enumerate(islice(configurations(table, line_of_text(table.data, word)), limit)):
        state, now = reader.state(configuration), table.target_name(configuration.state)
        if state is not None and now != before:
            tapes, heads = reader.moment(configuration)
            if configuration.state < 0 or min(heads) >= 0 or not reader.wall:
                yield state, tapes, heads, step
        before = now if reader.tapes > 2 else ""  # a folded machine walks about in a state


def without_wall(tapes: list[Tape], wall: str) -> list[Tape]:
    return [{place: symbol for place, symbol in tape.items() if place >= 0 or symbol != wall} for tape in tapes]


def in_lockstep(random: Random, tapes: int, walls: bool) -> tuple[int, str]:
    """Run a random machine here and there; how many steps it took, and how it ended."""
    plain = random_plain(random, tapes, walls)
    word = "".join(random.choice("ab") for _ in range(random.randint(0, 5)))
    draft = plain.draft()
    mine = list(islice(plain.moments((word, *[""] * (tapes - 1))), STEPS))
    theirs = imported_moments(draft, word, 8 + len(mine) * 2 * max(1, tapes - 1) * (2 * STEPS + tapes + 4) * (1 + tapes * walls))
    begun, most = 0, 2 * tapes
    for number, (state, own, heads) in enumerate(mine):
        found = next(theirs)
        assert (found[0], without_wall(found[1], "#")) == (state, own), (number, plain, word)
        if state not in ("accept", "reject"):
            assert found[2] == heads, (number, plain, word)
        assert found[3] - begun <= most or walls, "the cost is as it is said to be"
        begun, most = (
            found[3],
            2 * (tapes - 1) * (max(heads[1:], default=0) - min(heads[1:], default=0) + tapes + 4) if tapes > 2 else 1,
        )
    if len(mine) < STEPS:
        assert next(theirs, None) is None
    return len(mine) - 1, mine[-1][0]


def many(seed: int, count: int, tapes: int, walls: bool) -> None:
    random = Random(seed)
    runs = [in_lockstep(random, tapes, walls) for _ in range(count)]
    assert sum(steps for steps, _ in runs) >= count
    assert {"accept", "reject"} <= {end for _, end in runs} or count < 20


@pytest.mark.parametrize(("tapes", "walls"), [(1, True), (2, True), (3, False), (3, True), (4, False)])
def test_random_machines(tapes: int, walls: bool) -> None:
    many(tapes, 3 if tapes > 1 else 20, tapes, walls)


@pytest.mark.soak
@pytest.mark.parametrize(("tapes", "walls"), [(1, True), (2, True), (3, False), (3, True), (4, True), (5, False)])
def test_many_random_machines(tapes: int, walls: bool) -> None:
    many(100 + tapes, 300 if tapes < 4 else 40, tapes, walls)


UGARTE = """\
name: copies the input to the second tape, and from there to the third
init: first
accept: done

first,1,_,_
first,1,1,_,>,>,-
first,_,_,_
second,_,_,_,-,<,-
second,_,1,_
second,_,1,1,-,<,>
second,_,_,_
done,_,_,_,-,-,-
"""


def test_an_imported_text_is_folded() -> None:
    draft = format_named("ugarte").read(Source("x", UGARTE), "x", most_tapes=3)
    *_, last = imported_moments(draft, "111", 1000)
    assert last[:2] == ("accept", [{0: "1", 1: "1", 2: "1"}, {0: "1", 1: "1", 2: "1"}, {0: "1", 1: "1", 2: "1"}])
    assert "# Tapes 2 to 3 were folded into the tape work, " in draft_to_text(draft).text


def test_three_tapes_are_folded_only_if_asked() -> None:
    with pytest.raises(Rejected, match=r"^this machine has 3 tapes, and a machine of tmc has one or two\n(.|\n)*with --fold"):
        format_named("ugarte").read(Source("x", UGARTE), "x")


def test_what_becomes_too_large_is_refused() -> None:
    letters = tuple(map(chr, range(0x4E00, 0x4E00 + 100)))
    rules = tuple(Rule((None, (one,), None), (None, None, None), (Move.STAY,) * 3, "q") for one in letters)
    draft = Draft("m", "_", (letters,) * 3, (State("q", rules),), "q", frozenset(), frozenset())
    with pytest.raises(Rejected, match=r"^m: folded it has 303 symbols on a tape, and a tape has 256 at most$"):
        draft_to_text(draft)
    some = letters[:40]
    draft = replace(draft, symbols=(some,) * 5, states=(State("q", tuple(
        Rule((None, (one,), None, None, None), (None,) * 5, (Move.RIGHT,) * 5, "q") for one in some
    )),))  # fmt: skip
    with pytest.raises(Rejected, match=r"^m: folded it has at least .* can be imported at most$"):
        draft_to_text(draft)


@pytest.mark.parametrize("words", [{2: "ab"}, {2: "a", 3: "bab"}, {3: "b_a"}, {2: ""}])
def test_words_on_other_tapes(words: dict[int, str]) -> None:
    random = Random(sum(map(len, words.values())))
    plain = random_plain(random, 3, False)
    draft = beginning_with(plain.draft(), {tape: tuple(word) for tape, word in words.items()})
    mine = list(islice(plain.moments(("ab", words.get(2, ""), words.get(3, ""))), 8))
    theirs = [moment for moment in imported_moments(draft, "ab", 3000) if not moment[0].startswith(("put_", "return_"))][:8]
    assert [(state, tapes) for state, tapes, _, _ in theirs] == [(state, tapes) for state, tapes, _ in mine]


def test_there_is_no_such_tape() -> None:
    with pytest.raises(Rejected, match=r"^m: it has no tape 4 for a word; it has 3, and the first one has the input$"):
        beginning_with(random_plain(Random(1), 3, False).draft(), {4: ("a",)})
