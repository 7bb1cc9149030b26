"""Sketches: every filling, packed, is the machine of the text in which the holes are filled so."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from math import prod
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, Outcome
from tmc.diagnostics import Rejected, SourceRejected
from tmc.ir.table import Guard, Table, Transition
from tmc.learn.data.tasks import TASKS, problems
from tmc.learn.search.searching import RIGHT, Problem, problem, search
from tmc.learn.search.sketch import DRAWN_AT_ONCE, Sketch, _counted
from tmc.pipeline import filled, look_over, read_machine
from tmc.run.many import right_answers
from tmc.run.shapes import Entries, MachineShape, pack_tables
from tmc.source import Source
from tmc.syntax.formatter import format_source

GAUSS = (ROOT / "docs" / "sketches" / "gauss.tm").read_text(encoding="utf-8")
LINE = "machine m\ntape data: line of _ 0 1\nstart s\n"


def sketch(text: str, name: str = "m.tm") -> Sketch:
    return Sketch(Source(name, text))


def table(given: Sketch, number: int) -> Table:
    return read_machine(Source("m.tm", given.filled(number)))[0]


def one_by_one(given: Sketch, machine: Table) -> Iterator[tuple[int, int]]:
    """The entries of a filling by its table: places and entries of all states that the table has, which it may number otherwise."""
    shape, names = given.shape, {name: number for number, name in enumerate(machine.states)}
    numbers = [given.table.states.index(name) for name in machine.states]
    for place, reading in shape.readings():
        state = names.get(given.table.states[place >> shape.reading_bits])
        if state is None:
            continue
        taken = next((t for t in machine.transitions if t.state == state and admits(t.guard, reading)), None)
        yield place, shape.entry(reading, taken and moved(taken, numbers))


def moved(transition: Transition, numbers: list[int]) -> Transition:
    target = transition.target if transition.halts else numbers[transition.target]
    t = transition
    return Transition(0, t.guard, target, t.write_data, t.write_work, t.move_data, t.move_work)


def admits(guard: Guard, reading: Guard) -> bool:
    edges = all(test is None or test == bool(touch) for test, touch in zip(guard.edges, reading.edges, strict=True))
    return edges and reading.data[0] in guard.data and reading.work[0] in guard.work


EVERYTHING = {
    "a_symbol_a_move_and_a_state": LINE
    + "state s\n  on 0 write ? move right -> ?\n  on ? move ?\nstate t\n  otherwise -> accept\n",
    "two_tapes": "machine m\ntape data: line of _ 0 1\ntape work: line of _ 1\nstart s\n"
    "state s\n  on ?, 1 write ., ? move right, ?\n  on 0, ? move ?, left -> accept\n  otherwise -> reject\n",
    "a_grid": "machine m\ntape data: grid of _ 0 1\nstart s\nstate s\n  on 1 at right not top write ? -> ?\n"
    "  at bottom move ? -> t\n  on ? at right\nstate t\n  on 0 -> ?\n",
    "rows": "learner m\ntape data: line of _ 0 1\nstart s\n"
    "state s\n  on ? at right -> ?\n  on _ at right -> reject\n  otherwise move ?\n",
    "a_start_further_down": LINE.replace("start s", "start t") + "state s\n  on ? -> t\nstate t\n  on 1 write ? move ? -> ?\n",
    "parameters": LINE + "state s\n  on 1 -> seek(0, left, t)\n  on 0 -> seek(1|_, right, accept)\n  otherwise -> ?\n"
    "state seek(mark, way, next)\n  on mark write ? -> next\n  on ? -> ?\n  otherwise move way\nstate t\n  otherwise move ?\n",
    "captures": "machine m\ntape data: line of _ 0 1\ntape work: line of _ 0 1\nstart s\nstate s\n"
    "  on $x in 0|1, ? write ?, $x move right, ? -> put($x)\n  on $x, $x -> ?\nstate put(a)\n  on a write ?\n  otherwise -> s\n",
    "a_used_file": 'machine m\nuse "std.tm"\ntape data: line of _ 0 1\ntape work: line of _ 0 1\nstart s\nstate s\n  on 1 -> ?\n'
    "  on 0 move ?\n  otherwise -> accept\n",
    "words_that_parameters_hide": "machine m\ntape data: line of _ a '#'\nstart s(_, t, t)\n"
    "state s(a, t, next)\n  on a write ? -> ?\n"
    "  on ? -> next\n  otherwise move ? -> t\nstate t\n  on a -> accept\n",
}


@pytest.mark.parametrize("text", EVERYTHING.values(), ids=EVERYTHING)
def test_every_filling(text: str) -> None:
    given = sketch(text)
    entries = given.machines(0, given.size)
    assert given.size == len(entries) == prod(map(len, given.options))
    for number in range(0, given.size, 1 + given.size // 400):
        machine = table(given, number)
        assert [(place, int(entries[number, place])) for place, _ in one_by_one(given, machine)] == list(one_by_one(given, machine))
        if machine.states == given.table.states and pack_tables([machine])[0] == given.shape:
            assert np.array_equal(pack_tables([machine])[1][0], entries[number])


def test_states_and_edges_are_the_same_for_all() -> None:
    given = sketch(EVERYTHING["a_symbol_a_move_and_a_state"])
    assert pack_tables([table(given, number) for number in range(given.size)])[0] == given.shape
    assert np.array_equal(pack_tables([table(given, number) for number in range(given.size)])[1], given.machines(0, given.size))


def test_gauss() -> None:
    """Random fillings of a sketch of ten holes, to the bit; and one of them is Gaussian elimination."""
    given = sketch(GAUSS)
    assert (len(given.options), given.size) == (10, 1_476_225)
    numbers = [int(number) for number in np.random.default_rng(0).integers(0, given.size, 60)]
    number = given.number(("0", "take", "left", "left", "eliminate", "0", "1", "0", "1", "right"))
    shape, entries = pack_tables([table(given, number) for number in (*numbers, number)])
    assert shape == given.shape
    assert np.array_equal(entries, np.concatenate([given.machines(number, 1) for number in (*numbers, number)]))
    gauss, _ = read_machine(Source("gauss.tm", (ROOT / "machines" / "gauss.tm").read_text(encoding="utf-8")))
    assert np.array_equal(pack_tables([gauss])[1], given.machines(number, 1))


def test_a_machine_is_a_sketch_with_one_filling() -> None:
    given = sketch((ROOT / "machines" / "gauss.tm").read_text(encoding="utf-8"))
    assert (given.size, given.options, given.words(0), given.number(())) == (1, (), (), 0)
    assert np.array_equal(given.machines(0, 1), pack_tables([table(given, 0)])[1])


def test_the_last_hole_changes_fastest() -> None:
    given = sketch(LINE + "state s\n  on 1 write ? -> ?\n  otherwise move ?\n")
    assert given.options == (("_", "0", "1"), ("s", "accept", "reject"), ("stay", "left", "right"))
    assert [given.words(number) for number in (0, 1, 3, 26)] == [
        ("_", "s", "stay"),
        ("_", "s", "left"),
        ("_", "accept", "stay"),
        ("1", "reject", "right"),
    ]
    assert [given.number(given.words(number)) for number in range(27)] == list(range(27))
    assert [hole.column for hole in given.table.holes] == [14, 19, 18]


def test_what_a_hole_may_be() -> None:
    options = {name: sketch(text).options for name, text in EVERYTHING.items()}
    assert options["two_tapes"] == (("_", "0", "1"), ("_", "1"), ("stay", "left", "right"), ("_", "1"), ("stay", "left", "right"))
    assert options["a_grid"][2] == ("stay", "left", "right", "up", "down")
    assert options["rows"][2] == ("stay", "left", "right")
    assert options["parameters"][0] == ("s", "t", "accept", "reject")
    assert options["a_used_file"][0] == ("s", "first_label", "accept", "reject")
    assert options["words_that_parameters_hide"] == (
        ("_", "'a'", "'#'"),
        ("accept", "reject"),
        ("_", "'a'", "'#'"),
        ("stay", "left", "right"),
    )


def test_more_fillings_than_64_bits_can_count() -> None:
    given = sketch(LINE + "state s\n" + "  on ? write ? move ? -> ?\n" * 12)
    assert given.size == 81**12 > 1 << 64
    for first in (0, 81**11 - 3, given.size - 5, 7**20):
        words = [given.words(number) for number in range(first, first + 5)]
        assert [given.number(word) for word in words] == list(range(first, first + 5))
        choices = _counted([3] * 48, first, 5)
        assert [sum(int(digit) * 3**place for place, digit in enumerate(row[::-1])) for row in choices] == list(
            range(first, first + 5)
        )
        assert np.array_equal(given.machines(first, 5), np.concatenate([given.machines(first + n, 1) for n in range(5)]))
    for number in (3**62 - 2, 3**39 - 2, 3**78 - 2):
        assert [tuple(row) for row in _counted([3] * 80, number, 4).tolist()] == [digits(number + n, 3, 80) for n in range(4)]


def digits(number: int, base: int, count: int) -> tuple[int, ...]:
    found: list[int] = []
    for _ in range(count):
        number, digit = divmod(number, base)
        found.append(digit)
    return tuple(found[::-1])


def test_drawn() -> None:
    """A candidate is a function of the seed and its number; every filling is as likely as any other."""
    given = sketch(EVERYTHING["a_grid"])
    drawn = given.drawn(5)
    entries = drawn.machines(0, 3 * DRAWN_AT_ONCE)
    for first, count in ((0, 1), (17, 100), (DRAWN_AT_ONCE - 1, 2), (DRAWN_AT_ONCE, DRAWN_AT_ONCE), (2 * DRAWN_AT_ONCE + 9, 1)):
        assert np.array_equal(drawn.machines(first, count), entries[first : first + count])
    assert np.array_equal(given.machines(drawn.filling(4099), 1)[0], entries[4099])
    assert drawn.filled(4099) == given.filled(drawn.filling(4099))
    assert not np.array_equal(entries[:50], given.drawn(6).machines(0, 50))
    assert (drawn.shape, drawn.size, drawn.name) == (given.shape, None, f"{given.name} drawn seed 5")
    small = sketch(LINE + "state s\n  on 1 write ? -> ?\n  otherwise move ?\n").drawn(1)
    counts = np.bincount([small.filling(number) for number in range(2700)], minlength=27)
    assert 60 < counts.min() <= counts.max() < 145
    huge = sketch(LINE + "state s\n" + "  on ? write ? move ? -> ?\n" * 12).drawn(2)
    assert huge.filling(3) > 1 << 64


def test_filled_texts_can_be_read() -> None:
    given = sketch(GAUSS)
    text = given.filled(0)
    assert text == format_source(Source("m.tm", text))
    assert text.count("#") == GAUSS.count("#")
    assert "    on 1               write _      move right, right   -> find   # what becomes of the pivot?\n" in text
    crowded = Source("m.tm", LINE + "state s\n on ?at right write ?move ?->?\n")
    assert "on 1 at right   write 0   move up   -> t\n" in filled(crowded, ("1", "0", "up", "t"))
    with pytest.raises(ValueError, match="zip"):
        filled(crowded, ("1", "0", "up"))
    for number in (-1, given.size):
        with pytest.raises(ValueError, match="there are 1476225 fillings"):
            given.filled(number)
    with pytest.raises(ValueError, match="there are 1476225 fillings"):
        given.machines(given.size - 1, 2)


def test_the_name_tells_sketches_apart() -> None:
    text = EVERYTHING["a_grid"]
    name = sketch(text).name
    assert name.startswith("sketch m ")
    assert name == sketch(text.replace("start s\n", "start s  # here\n"), "other.tm").name
    others = [text.replace("on 0 -> ?", new) for new in ("on ? -> ?", "on 0 -> s", "on 1 -> ?")]
    assert len({name, *(sketch(other).name for other in others)}) == 4


def test_a_sketch_can_be_sent_to_another_process() -> None:
    given = sketch(EVERYTHING["parameters"])
    sent = pickle.loads(pickle.dumps(given))
    assert np.array_equal(sent.machines(3, 9), given.machines(3, 9))
    assert np.array_equal(pickle.loads(pickle.dumps(given.drawn(1))).machines(3, 9), given.drawn(1).machines(3, 9))


def test_what_cannot_be_a_sketch() -> None:
    wide = " ".join(chr(code) for code in range(0x4E00, 0x4E00 + 250))
    with pytest.raises(Rejected, match=r"^m\.tm: the machine m has too many states or symbols for a search$"):
        sketch(f"machine m\ntape data: grid of _ {wide}\ntape work: line of _ 0\nstart s\nstate s\n  otherwise -> ?\n")
    many = " ".join("abcdefghijklm")
    text = f"machine m\ntape data: grid of _ {many}\ntape work: line of _ {many}\nstart s\nstate s\n  on ?, ? write ?, ?\n"
    found = look_over(Source("m.tm", text))
    assert [(each.code, each.message) for each in found] == [("TMC018", "the holes of this rule make more than 16384 rules of it")]
    with pytest.raises(SourceRejected):
        sketch(text)


def test_what_is_said_of_a_sketch() -> None:
    """What is wrong whatever fills the holes is said, but for what some filling would fix."""
    assert look_over(Source("gauss.tm", GAUSS)) == ()
    rules = "state s\n  on 1 move ? -> ?\n  on $x in 0|1 -> t\nstate u\n  on 1 -> s\n"
    found = look_over(Source("m.tm", LINE.replace("0 1", "0 1 a") + rules))
    assert [(each.code, each.message) for each in found] == [("TMC004", "no state is named `t`")]
    found = look_over(Source("m.tm", LINE.replace("0 1", "0 1 a") + rules.replace("-> t", "-> u")))
    assert [(each.code, each.message) for each in found] == [("TMC107", "the capture `$x` is never used")]


@pytest.mark.parametrize("command", ["compile", "simulate", "test", "inspect", "report"])
def test_commands_that_need_a_machine_refuse(tmc: Callable[..., Outcome], tmp_path: Path, command: str) -> None:
    (tmp_path / "m.tm").write_text(EVERYTHING["a_symbol_a_move_and_a_state"], encoding="utf-8")
    outcome = tmc(command, tmp_path / "m.tm", *(["--data", "1"] if command == "simulate" else []))
    assert outcome.status == 1
    assert "error[TMC022]: `m` is a sketch, not a machine: it has 4 holes\n" in outcome.out + outcome.err
    assert f"`tmc search --task NAME --sketch {tmp_path / 'm.tm'}`" in outcome.out + outcome.err


def test_commands_that_do_not(tmc: Callable[..., Outcome]) -> None:
    path = ROOT / "docs" / "sketches" / "gauss.tm"
    assert tmc("check", "--strict", path) == Outcome(0, "1 file (1 sketch): no errors, no warnings\n", "")
    assert tmc("fmt", "--check", path).status == 0


def test_a_search_fills_the_holes() -> None:
    """A filling that is right on all that it was asked is right on a thousand other problems."""
    text = GAUSS.replace("move ?, ? ", "move left, left ").replace("at right   write ?", "at right   write 0", 1)
    given = sketch(text)
    asked = list(parities(given.shape, 20, 1))
    best = search(given, asked, given.size)
    assert best.error == 0
    assert rights(given.machines(best.number, 1), list(parities(given.shape, 1000, 2, d=5, m=12))) == 1000
    table(given, best.number)


def parities(shape: MachineShape, count: int, seed: int, d: int = 4, m: int = 8) -> Iterator[Problem]:
    for each in problems(TASKS["parities"], count, d, m, 1, seed):
        assert each.y_test is not None
        yield problem(shape, each.x_train, each.y_train, each.x_test, each.y_test, (m + 1) * (d * d + 3 * d + 1) + 1)


def rights(machine: Entries, asked: Sequence[Problem]) -> int:
    return sum(int(right_answers(machine, each.inputs, [RIGHT[int(label)] for label in each.labels])[0]) for each in asked)
