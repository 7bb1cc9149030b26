"""The parser: what a text means as a tree, and that any text at all is either a tree or rejected."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmc.diagnostics import SourceRejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.ir.table import Table
from tmc.pipeline import look_over
from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.syntax.parser import parse
from tmc.syntax.program import read_program
from tmc.syntax.recovery import MOST_ERRORS

MACHINES = Path(__file__).parents[1] / "machines"
GAUSS = (MACHINES / "gauss.tm").read_text(encoding="utf-8")
INCREMENT = (MACHINES / "increment.tm").read_text(encoding="utf-8")


def read(text: str) -> tree.Machine:
    return parse(Source("m.tm", text))


def rules(*lines: str) -> tuple[tree.Rule, ...]:
    return read("machine m\nstate s\n" + "\n".join(lines)).states[0].rules


def errors(text: str) -> list[tuple[int, str]]:
    with pytest.raises(SourceRejected) as rejected:
        read(text)
    return [(d.source.place(d.span.start)[0], d.message) for d in rejected.value.diagnostics]


def test_gauss() -> None:
    machine = read(GAUSS)
    assert machine.name.text == "gauss"
    assert machine.about == "Learns a parity by Gaussian elimination, then answers the query row."
    assert [(tape.name.text, tape.kind.text) for tape in machine.tapes] == [("data", "grid"), ("work", "line")]
    assert [state.name.text for state in machine.states] == "find take return eliminate add next_column answer".split()
    assert [bound.kind.text for bound in machine.bounds[0].bounds] == ["steps", "work"]
    assert len(machine.tests) == 5


def test_a_rule_with_all_clauses() -> None:
    (rule,) = rules("on 1, 0|_|'#' at top not right   write ., 'x'   move left, .   -> take  # and so on")
    assert rule.on is not None
    assert rule.at is not None
    one, several = rule.on.patterns
    assert isinstance(one, tree.OneOf)
    assert isinstance(several, tree.OneOf)
    assert [symbol.text for symbol in (*one.symbols, *several.symbols)] == ["1", "0", "_", "#"]
    assert [(edge.name, edge.touching) for edge in rule.at.edges] == [("top", True), ("right", False)]
    assert rule.write is not None
    assert isinstance(rule.write.items[0], tree.Leave)
    assert rule.write.items[1] == tree.Symbol("x", rule.write.items[1].span, quoted=True)
    assert rule.move is not None
    assert isinstance(rule.move.items[0], tree.Name)
    assert isinstance(rule.move.items[1], tree.Leave)
    assert rule.target is not None
    assert rule.target.call.name.text == "take"


def test_a_rule_without_a_condition_to_speak_of() -> None:
    (rule,) = rules("otherwise")
    assert rule == tree.Rule(None, None, None, None, None, rule.span)


def test_holes() -> None:
    text = "machine m\nstate s\n  on ?, 1 write ?, . move left, ? -> ?\n  on '?'\n  otherwise move ? -> s\n"
    machine = read(text)
    first, second, third = machine.states[0].rules
    assert [len(rule.holes) for rule in (first, second, third)] == [4, 0, 1]
    assert machine.holes == (*first.holes, *third.holes)
    assert [text[hole.span.start : hole.span.end] for hole in machine.holes] == ["?"] * 5
    assert sorted(machine.holes, key=lambda hole: hole.span) == list(machine.holes)
    assert (first.target and first.target.call, first.call) == (first.holes[-1], None)
    assert third.call is not None
    assert third.call.name.text == "s"


def test_spans_are_places_in_the_text() -> None:
    text = "\ufeffmachine m\r\n\r\n# states\r\nstate s\r\n\ton 'é', * at not left -> s   # again\r\n"
    (rule,) = read(text).states[0].rules
    assert rule.on is not None
    assert rule.at is not None
    assert rule.target is not None

    def written(span: Span) -> str:
        return text[span.start : span.end]

    assert written(rule.span) == "on 'é', * at not left -> s"
    assert [written(pattern.span) for pattern in rule.on.patterns] == ["'é'", "*"]
    assert written(rule.at.edges[0].span) == "not left"
    assert written(rule.target.call.name.span) == "s"


def test_keywords_are_names_where_names_stand() -> None:
    machine = read(
        "machine machine\ntape at: line of _\ntape state: line of _\nstart move\n"
        "state move\n  on _ -> data\nstate data\n  otherwise -> otherwise\nstate on\nstate is\n"
        'test "state"\n  data _\n  -> accept\n  at is _\n  state is _\nstate tape\n'
    )
    assert machine.name.text == "machine"
    assert [state.name.text for state in machine.states] == ["move", "data", "on", "is", "tape"]
    assert [line.tape.text for line in machine.tests[0].lines if isinstance(line, tree.Holds)] == ["at", "state"]


def test_keywords_end_where_words_end() -> None:
    assert errors("machine m\nstate s\n  on 1 attic -> s\n") == [(3, "no clause is called `attic`")]
    assert [state.name.text for state in read("machine m\nstate stated\nstate statement\n").states] == ["stated", "statement"]


def test_runs_of_symbols() -> None:
    (test,) = read("machine m\ntest \"a # b\"\n  data 1'#'0 _ '''\n  -> stuck\n  data is 1 0 # ten\n").tests
    data, verdict, holds = test.lines
    assert test.name == "a # b"
    assert isinstance(data, tree.Data)
    assert [symbol.text for symbol in data.run] == ["1", "#", "0", "_", "'"]
    assert isinstance(verdict, tree.Verdict)
    assert verdict.name == "stuck"
    assert isinstance(holds, tree.Holds)
    assert [symbol.text for symbol in holds.run] == ["1", "0"]


def test_bounds_bind_as_in_algebra() -> None:
    ((bound,),) = (block.bounds for block in read("machine m\nbounds\n  steps (m + 1)*d^2 + 3\n").bounds)
    assert isinstance(bound.value, tree.Sum)
    product, three = bound.value.terms
    assert isinstance(product, tree.Product)
    assert isinstance(product.factors[0], tree.Sum)
    assert isinstance(product.factors[1], tree.Power)
    assert isinstance(three, tree.Number)


def test_a_description_may_have_several_lines() -> None:
    assert read('machine m\n  "One."\n\n  "Two."\n').about == "One.\nTwo."


def test_all_errors_are_reported_and_nothing_follows_from_them() -> None:
    text = "machine m\nstat s\n  on 1\n  on\nbounds of\n  steps 3\ntest 1\n  data _\n  -> acept\n  data is 1\n"
    text += 'machine n\n  "n"\nstate t\n'
    assert [line for line, _ in errors(text)] == [2, 4, 5, 7, 9, 11]


def test_a_machine_that_comes_late() -> None:
    assert errors("state s\n  on 1\nmachine m\nstate s\n  on 1\n") == [(1, "`state` stands before the `machine` line")]


@pytest.mark.parametrize("line", ["stat x", "bound x", "found x", "steps 3", "space n", "machin x", "“x”", "state s"])
def test_a_line_before_the_machine_is_in_error_once(line: str) -> None:
    assert [number for number, _ in errors(f"{line}\n  on 1\nmachine m\nstate s\n  on 1\n")] == [1]


@pytest.mark.parametrize("line", ["space n", "step n", "wok n", "bond", "testt", "sstate", "found"])
def test_a_line_misspelt_in_bounds_is_in_error_alone(line: str) -> None:
    assert [number for number, _ in errors(f"machine m\nbounds\n  {line}\n" + "  steps n\n" * (line.endswith("n")))] == [3]


def test_a_byte_order_mark_is_no_word() -> None:
    assert errors("\ufeffstat x\nmachine m\n") == [(1, "`stat` stands before the `machine` line")]
    assert errors("\ufeff machine\n") == [(1, "the name of the machine is missing")]


def test_a_line_that_ends_as_on_windows_is_in_error_once() -> None:
    text = "machine m\r\nstate \r\n  on \r\n  at ->\r\nstate t\r  on 1\r\n"
    assert [number for number, _ in errors(text)] == [2, 3, 4, 5, 5]
    assert errors(text)[3:] == [(5, "the character U+000D does not fit here"), (5, "`on` does not fit here")]


def test_blanks_of_other_kinds_are_read_as_blanks_once_told() -> None:
    text = "\u00a0machine m\nstate s\n\u00a0\u00a0on 1\u00a0-> accept\n\u200bstate t\n\u3000on 1 write\n"
    assert [number for number, _ in errors(text)] == [1, 3, 4, 5, 5]


def test_there_is_an_end_to_errors() -> None:
    assert len(errors("machine m\n" + "nonsense\n" * 100)) == MOST_ERRORS


@pytest.mark.parametrize(("lines", "more"), [(MOST_ERRORS, False), (MOST_ERRORS + 1, True), (100, True)])
@pytest.mark.parametrize("wrong", ["start", "steps " + "(" * 60])
def test_an_end_to_errors_is_told(wrong: str, lines: int, more: bool) -> None:
    with pytest.raises(SourceRejected) as rejected:
        read("machine m\n" + f"{wrong}\n" * lines)
    *first, last = (diagnostic.help for diagnostic in rejected.value.diagnostics)
    assert len(first) == MOST_ERRORS - 1
    assert len({*first}) == 1
    told = f"{first[0]}; these are the first {MOST_ERRORS} errors: more are shown when these are fixed"
    assert last == (told if more else first[0])


@pytest.mark.parametrize("deep", ["(" * 100_000, "(" * 100_000 + "n" + ")" * 100_000, "(n+" * 60 + "n" + ")" * 60])
def test_deep_nesting_is_rejected(deep: str) -> None:
    assert errors(f"machine m\nbounds\n  steps {deep}\n") == [(3, "parentheses in more than 50 parentheses")]
    assert read(f"machine m  # {deep}\nbounds\n  steps 3  # {deep}\n").bounds


def test_time_is_linear() -> None:
    text = "machine m\ntape data: line of _ 0 1\nstart s0\n"
    text += "".join(f"state s{i}\n  on 1 -> s{i + 1}\n  otherwise -> accept\n" for i in range(2000)) + "state s2000\n"
    before = time.perf_counter()
    source = Source("m.tm", text)
    table, _ = syntax_to_table(read_program(source))
    assert len(table.transitions) == 4000
    assert time.perf_counter() - before < 10


WORDS = (
    "machine tape bounds start state test m data work grid line of _ 0 1 '#' on at not otherwise write move left up top -> accept "
)
WORDS += 'steps example query is "t" : , | * . + ( ) ^ 2 s \' " # \n \r\n \t → => - / ; // [ ] = ‘ ’ “ ” $x e\u0301 \u200b or else '
pieces = st.sampled_from([*WORDS.split(" "), "\n", "\n", "\n  ", "\nstate s\n", "\n  on 1 ", "machine m\n"])


def check(text: str) -> None:
    source = Source("m.tm", text)
    try:
        table, warnings = syntax_to_table(read_program(source))
    except SourceRejected as rejected:
        assert rejected.diagnostics
        assert str(rejected)
    else:
        assert isinstance(table, Table)
        assert all(warning.code.startswith("TMC1") for warning in warnings)


@given(st.one_of(st.text(), st.text().map("machine m\n{}".format)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_machine_or_rejected(text: str) -> None:
    check(text)


@given(st.lists(pieces, max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_words_are_a_machine_or_rejected(words: list[str]) -> None:
    check("machine m\n" + " ".join(words))


@given(st.sampled_from([GAUSS, INCREMENT]), st.integers(0, 3000), st.integers(0, 12), st.one_of(pieces, st.text(max_size=3)))
@settings(max_examples=100, deadline=None)
def test_any_change_leaves_a_machine_or_is_rejected(text: str, start: int, length: int, instead: str) -> None:
    check(text[:start] + instead + text[start + length :])


DAMAGES = (lambda line: f"{line} %", lambda line: f"% {line}", lambda line: line.replace(line.lstrip()[0], line.lstrip()[0] * 2, 1))


@pytest.mark.parametrize("name", ["gauss", "increment", "multiply", "memory", "palindrome", "universal"])
@pytest.mark.parametrize("damage", DAMAGES, ids=["a_sign_behind", "a_sign_before", "a_letter_twice"])
def test_nothing_is_said_of_the_other_lines_when_one_cannot_be_read(name: str, damage: Callable[[str], str]) -> None:
    path = MACHINES / f"{name}.tm"
    lines = [line.split("  #")[0] for line in path.read_text(encoding="utf-8").split("\n")]
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            source = Source(str(path), "\n".join([*lines[:number], damage(line), *lines[number + 1 :]]))
            found = look_over(source)
            assert found, damage(line)
            if any(diagnostic.code in ("TMC001", "TMC002") for diagnostic in found):
                assert {diagnostic.source.place(diagnostic.span.start)[0] for diagnostic in found} == {number + 1}, damage(line)
