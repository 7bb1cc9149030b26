"""The tests beside a machine: from the tree to the table."""

from __future__ import annotations

from collections.abc import Sequence

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, count
from tmc.elaborate.tapes import character_number
from tmc.ir.table import GridTest, LineTest
from tmc.ir.tape import Tape
from tmc.source import Span
from tmc.syntax import tree
from tmc.syntax.lost import Lost
from tmc.syntax.words import BLANK_WORDS

_LINES = ("example", "query", "data", "->")  # the first words of a test's lines
_GRID_LINES = (tree.Example, tree.Query)


def lower_tests(machine: tree.Machine, tapes: tuple[Tape, ...], lost: Lost, findings: Findings) -> tuple[GridTest | LineTest, ...]:
    """The tests that fit the machine; notes what is wrong with the others."""
    if not tapes:  # an error already; which tests fit is unknown
        return ()
    lower = _line_test if tapes[0].kind == "line" else _grid_test
    tests = [lower(test, tapes, lost, findings) for test in machine.tests if _fits(test, tapes[0], findings)]
    return tuple(test for test in tests if test is not None)


def _fits(test: tree.Test, data: Tape, findings: Findings) -> bool:
    """Whether all lines of a test are of the kind that the machine's tests have."""
    grid = data.kind != "line"
    strangers = [line for line in test.lines if isinstance(line, _GRID_LINES) != grid]
    for line in strangers[:1]:  # the others are no news
        message = f"this line does not fit a {'learner' if data.kind == 'rows' else f'machine whose data tape is a {data.kind}'}"
        advice = "its tests have lines `example` and `query`" if grid else "its tests have lines `data`, `->` and `TAPE is TEXT`"
        advice += "" if grid else "; if it is to learn from examples, begin the file with `learner NAME`"
        findings.error(Code.BAD_TEST, line.span, message, "", advice)
    return not strangers


def _grid_test(test: tree.Test, tapes: tuple[Tape, ...], lost: Lost, findings: Findings) -> GridTest | None:
    examples = [line for line in test.lines if isinstance(line, tree.Example)]
    queries = [line for line in test.lines if isinstance(line, tree.Query)]
    if not examples and not lost.may_have(*_LINES):
        findings.error(Code.BAD_TEST, test.span, "this test has no example", "", "add a line such as `example 0 1 -> 1`")
    _exactly_one(test, queries, "query", "add a line such as `query 0 1 -> 1`", lost, findings)
    lines: list[tree.Example | tree.Query] = [*examples, *queries]
    rows = [_row(line, tapes[0], findings) for line in lines]
    if not examples or not queries or None in rows:
        return None
    known = [row for row in rows if row is not None]
    width = len(known[0][0])
    for line, (features, _) in zip(lines, known, strict=True):
        if len(features) != width:
            message = f"{count(len(features), 'feature')} here, but {width} in the first example"
            span = line.features[0].span.to(line.features[-1].span)
            findings.error(Code.BAD_TEST, span, message, "", "all rows of a test have the same number of features")
    *labelled, (query, answer) = known
    return GridTest(test.name, tuple(labelled), query, answer, findings.line(test.span))


def _row(line: tree.Example | tree.Query, data: Tape, findings: Findings) -> tuple[tuple[int, ...], int] | None:
    """The features and the label of a row; None, and errors, when they are not 0 and 1."""
    values = (*line.features, line.label)
    wrong = [value for value in values if value.text not in ("0", "1")]
    for value in wrong:
        findings.error(
            Code.BAD_TEST,
            value.span,
            f"`{value.text}` is neither 0 nor 1",
            "",
            "separate the values, all of them 0 or 1, by blanks",
        )
    for value in {value.text: value for value in values if value not in wrong}.values():
        wrong += [value] if character_number(data, value.text, value.span, findings) is None else []
    return None if wrong else (tuple(int(value.text) for value in line.features), int(line.label.text))


def _line_test(test: tree.Test, tapes: tuple[Tape, ...], lost: Lost, findings: Findings) -> LineTest | None:
    data = [line for line in test.lines if isinstance(line, tree.Data)]
    verdicts = [line for line in test.lines if isinstance(line, tree.Verdict)]
    _exactly_one(test, data, "data", "add a line such as `data 1011`, or `data _` for an empty tape", lost, findings)
    _exactly_one(test, verdicts, "verdict", "add a line `-> accept`, `-> reject`, `-> stuck` or `-> loop`", lost, findings)
    texts = [_text(line.run, tapes[0], findings) for line in data]
    held: dict[str, str] = {}
    holds = [line for line in test.lines if isinstance(line, tree.Holds)]
    if verdicts and verdicts[0].name == "loop":
        for line in holds[:1]:  # the others are no news
            message, advice = "a run that loops has no end at which a tape could hold something", "leave this line out"
            findings.error(Code.BAD_TEST, line.span, message, "", advice)
    for line in holds:
        tape = _tape(line.tape, tapes, findings)
        if tape and tape.name in held:
            findings.error(Code.BAD_TEST, line.tape.span, f"what `{tape.name}` holds is said twice", "", "keep one of the two")
        if tape:
            held[tape.name] = _text(line.run, tape, findings).strip("_")
    if not data or not verdicts:
        return None
    return LineTest(test.name, texts[0], verdicts[0].name, tuple(held.items()), findings.line(test.span))


def _exactly_one(test: tree.Test, lines: Sequence[tree.TestLine], what: str, missing: str, lost: Lost, findings: Findings) -> None:
    """Note that there is no line of a kind, or a second - unless that may follow from a line that could not be read."""
    if not lines and not lost.may_have(*_LINES):
        findings.error(Code.BAD_TEST, test.span, f"this test has no {what}", "", missing)
    for line in lines[1:] if not lost.may_have("test") else ():
        findings.error(Code.BAD_TEST, line.span, f"a second {what} in one test", "", "make it a test of its own")


def _tape(name: tree.Name, tapes: tuple[Tape, ...], findings: Findings) -> Tape | None:
    for tape in tapes:
        if tape.name == name.text:
            return tape
    names = [tape.name for tape in tapes]
    near = findings.near(name.text, names)
    advice = f"there is a tape named `{near}`" if near else "there is " + " and ".join(f"`{name}`" for name in names)
    findings.error(Code.UNKNOWN_TAPE, name.span, f"no tape is named `{name.text}`", "not declared in this machine", advice)
    return None


def _text(run: tuple[tree.Symbol, ...], tape: Tape, findings: Findings) -> str:
    """The text of a run of symbols; notes those that the tape does not have."""
    unknown: set[str] = set()
    for symbol in run:
        if not symbol.quoted and symbol.text.lower() in BLANK_WORDS and not set(symbol.text) <= set(tape.symbols):
            message = f"`{symbol.text}` is not made of symbols of the tape `{tape.name}`"
            findings.error(Code.UNKNOWN_SYMBOL, symbol.span, message, "", "the blank is written `_`, and so is the empty tape")
            continue
        inset = 1 if symbol.quoted else 0
        if not symbol.text:
            findings.error(Code.BAD_SYMBOL, symbol.span, "there is no symbol between these quotes", "", "the blank is written `_`")
        for offset, character in enumerate(symbol.text):
            start = symbol.span.start + inset + offset
            if character not in tape.symbols and character not in unknown:
                character_number(tape, character, Span(start, start + 1), findings)
                unknown.add(character)
    return "".join(symbol.text for symbol in run)
