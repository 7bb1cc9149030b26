"""The language of breakpoints and watches: ``state == carry and head > 3 and data[head] == 1``.

Numbers: ``step``, ``layer``, ``line`` (of the rule about to be taken), ``head``, ``row``, ``column``, ``work_head``, and whole
numbers, with ``+ - * %``. Words: ``state``, ``file`` (of the rule), the symbols of tapes - ``data[3]``, ``data[1, 2]`` on a grid,
and ``data`` alone under its head - and any state or symbol by its name, in quotes where it is no name. ``== != < <= > >=`` compare,
also in a chain; ``and or not`` join. Nothing else: a text is parsed into functions of this module, and never run as a program.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tmc.diagnostics import Rejected
from tmc.ir.table import Table
from tmc.ir.tape import Tape

if TYPE_CHECKING:
    from tmc.debug.timeline import Timeline

Value = int | str | bool | None
Evaluate = Callable[["Timeline"], Value]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?!\w))|(?P<word>[^\W\d]\w*)|(?P<quoted>"[^"]*"|'[^']*')|(?P<sign>==|!=|<=|>=|&&|\|\||[-<>+*%()\[\],!=])
    |(?P<other>\S))""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_SAME = {"&&": "and", "||": "or", "!": "not"}
DEEPEST = 50  # brackets, and signs before a value, within each other
LONGEST = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a condition. `kind`: ``number``, ``truth``, ``state``, ``file``, the name of a tape for its symbols, or ``word``
    for a name that means what it is compared with. `text`: what was written."""

    kind: str
    evaluate: Evaluate
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, or any value that can be asked for."""

    text: str
    kind: str
    evaluate: Evaluate


def parse(table: Table, text: str, *, truth: bool = False) -> Condition:
    """The condition that a text is; with `truth` it has to be true or false. Raises `Rejected`, which says what is wrong."""
    if len(text) > LONGEST:
        raise Rejected(f"a condition has {LONGEST} characters at most")
    parser = _Parser(table, text)
    term = parser.whole()
    if truth and term.kind != "truth":
        raise Rejected(f"`{term.text}` is neither true nor false; compare it: {term.text} == …")
    if term.kind == "word":
        raise Rejected(parser.unknown(term.text))
    return Condition(" ".join(text.split()), term.kind, term.evaluate)


class _Parser:
    """Recursive descent, a function for each level of binding, the loosest first."""

    def __init__(self, table: Table, text: str) -> None:
        self._table, self._tapes = table, {tape.name: tape for tape in table.tapes}
        self._tokens: list[tuple[str, str]] = []
        for found in _TOKEN.finditer(text):
            kind = str(found.lastgroup)
            if kind == "other":
                raise Rejected(f"{found['other']!r} means nothing in a condition")
            self._tokens.append((kind, _SAME.get(found[kind], found[kind])))
        self._place = self._depth = 0

    # --- tokens

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _take(self, *texts: str) -> str:
        kind, text = self._next()
        if text in texts and kind != "quoted":
            self._place += 1
            return text
        return ""

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise Rejected(f"a `{text}` is missing before {self._shown()}")

    def _shown(self) -> str:
        kind, text = self._next()
        return "the end" if kind == "end" else f"`{text}`"

    # --- levels

    def whole(self) -> Term:
        term = self._either()
        if self._take("="):
            raise Rejected("`=` sets, `==` compares: write == in a condition")
        if self._next()[0] != "end":
            raise Rejected(f"{self._shown()} is not expected after `{term.text}`")
        return term

    def _either(self) -> Term:
        return self._joined("or", self._both, any)

    def _both(self) -> Term:
        return self._joined("and", self._negated, all)

    def _joined(self, word: str, below: Callable[[], Term], join: Callable[[list[bool]], bool]) -> Term:
        terms = [below()]
        while self._take(word):
            terms.append(below())
        if len(terms) == 1:
            return terms[0]
        parts = [self._truth(term).evaluate for term in terms]
        text = f" {word} ".join(term.text for term in terms)
        if join is any:
            return Term("truth", lambda timeline: any(part(timeline) for part in parts), text)
        return Term("truth", lambda timeline: all(part(timeline) for part in parts), text)

    def _negated(self) -> Term:
        if not self._take("not"):
            return self._compared()
        with self._deeper():
            term = self._truth(self._negated())
        inner = term.evaluate
        return Term("truth", lambda timeline: not inner(timeline), f"not {term.text}")

    def _compared(self) -> Term:
        terms, signs = [self._sum()], list[str]()
        while sign := self._take(*_COMPARE):
            signs.append(sign)
            terms.append(self._sum())
        if not signs:
            return terms[0]
        pairs = [self._pair(one, sign, other) for one, sign, other in zip(terms, signs, terms[1:], strict=False)]
        text = terms[0].text + "".join(f" {sign} {term.text}" for sign, term in zip(signs, terms[1:], strict=True))
        return Term("truth", lambda timeline: all(pair(timeline) for pair in pairs), text)

    def _pair(self, one: Term, sign: str, other: Term) -> Evaluate:
        one, other = self._meant(one, other.kind), self._meant(other, one.kind)
        if one.kind != other.kind:
            raise Rejected(f"`{one.text}` is {_article(one.kind)}, `{other.text}` {_article(other.kind)}: they cannot be compared")
        if one.kind != "number" and sign not in ("==", "!="):
            raise Rejected(f"`{one.text} {sign} {other.text}`: {_plural(one.kind)} are compared by == and != only")
        compare, left, right = _COMPARE[sign], one.evaluate, other.evaluate

        def evaluate(timeline: Timeline) -> bool:
            first, second = left(timeline), right(timeline)
            return first is not None and second is not None and compare(first, second)

        return evaluate

    def _sum(self) -> Term:
        return self._calculated(("+", "-"), self._product)

    def _product(self) -> Term:
        return self._calculated(("*", "%"), self._signed)

    def _calculated(self, signs: tuple[str, ...], below: Callable[[], Term]) -> Term:
        term = below()
        while sign := self._take(*signs):
            other = below()
            term = _calculated(_number(term), sign, _number(other))
        return term

    def _signed(self) -> Term:
        if not self._take("-"):
            return self._atom()
        with self._deeper():
            term = _number(self._signed())
        return _calculated(Term("number", lambda _: 0, ""), "-", term)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        """What is inside brackets, or behind a sign."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Rejected(f"a condition is nested {DEEPEST} deep at most")
        yield
        self._depth -= 1

    def _atom(self) -> Term:
        kind, text = self._next()
        if self._take("("):
            with self._deeper():
                term = self._either()
            self._expect(")")
            return Term(term.kind, term.evaluate, f"({term.text})")
        self._place += 1
        if kind == "number":
            value = int(text)
            return Term("number", lambda _: value, text)
        if kind == "quoted":
            return Term("word", lambda _: text[1:-1], text[1:-1])
        if kind == "word" and text not in ("and", "or", "not"):
            return self._named(text)
        self._place -= 1
        raise Rejected(f"a value is missing before {self._shown()}")

    def _named(self, name: str) -> Term:
        if name in self._tapes:
            return self._symbol(self._tapes[name])
        known = names(self._table)
        if name in known:
            return Term(*known[name], name)
        return Term("word", lambda _: name, name)

    def _symbol(self, tape: Tape) -> Term:
        """A symbol of a tape: under its head, or at a place."""
        read = self._reading(tape)
        if not self._take("["):
            return Term(tape.name, lambda timeline: read(timeline, _own_head(tape, timeline, self._table)), tape.name)
        with self._deeper():
            places = [self._index(self._sum(), tape)]
            while self._take(","):
                places.append(self._index(self._sum(), tape))
        self._expect("]")
        axes = 2 if tape.kind in ("grid", "rows") else 1
        if len(places) != axes:
            wanted = "row and column" if axes == 2 else "one position"
            raise Rejected(f"a place of {tape.name} is {wanted}: {tape.name}[{'1, 2' if axes == 2 else '3'}]")
        values = [place.evaluate for place in places]

        def evaluate(timeline: Timeline) -> Value:
            return read(timeline, tuple(value(timeline) for value in values))

        return Term(tape.name, evaluate, f"{tape.name}[{', '.join(place.text for place in places)}]")

    def _index(self, term: Term, tape: Tape) -> Term:
        if term.kind == "word" and term.text == "head":
            raise Rejected(f"on a grid the head has a row and a column: {tape.name}[row, column]")
        return _number(term)

    def _reading(self, tape: Tape) -> Callable[[Timeline, tuple[Value, ...]], str | None]:
        symbols, is_data = tape.symbols, tape is self._table.data

        def read(timeline: Timeline, place: tuple[Value, ...]) -> str | None:
            walker = timeline.walker
            numbers = [int(number) for number in place if number is not None]
            if len(numbers) < len(place):
                return None
            if not is_data:
                return symbols[walker.work_symbol(numbers[0])]
            if not walker.columns:
                return symbols[walker.data_symbol(numbers[0])]
            row, column = numbers
            inside = 0 <= column < walker.columns and walker.has_place(row * walker.columns + column)
            return symbols[walker.data_symbol(row * walker.columns + column)] if inside else None

        return read

    # --- kinds

    def _truth(self, term: Term) -> Term:
        if term.kind != "truth":
            raise Rejected(f"`{term.text}` is neither true nor false; compare it: {term.text} == …")
        return term

    def _meant(self, term: Term, kind: str) -> Term:
        """A name or a number that is compared with a state or with a symbol of a tape: that one."""
        text = term.text
        if kind in self._tapes and term.kind in ("word", "number", "state"):
            symbols = self._tapes[kind].symbols
            if text not in symbols:
                raise Rejected(f"`{text}` is not a symbol of the tape {kind} ({' '.join(symbols)})")
            return Term(kind, lambda _: text, text)
        if kind == "state" and term.kind != "state" and (text in self._table.states or text in ("accept", "reject")):
            return Term("state", lambda _: text, text)
        if kind == "state" and term.kind == "word":
            raise Rejected(f"there is no state {text!r}{_near(text, (*self._table.states, 'accept', 'reject'))}")
        if kind == "file" and term.kind == "word":
            return Term("file", lambda _: text, text)
        if term.kind == "word":
            raise Rejected(self.unknown(text))
        return term

    def unknown(self, text: str) -> str:
        """What is said of a name that means nothing."""
        known = (*names(self._table), *self._tapes)
        if text in self._table.states:
            return f"`{text}` is a state: compare it, state == {text}"
        return f"nothing is called {text!r}{_near(text, known)}; there are {', '.join(known)}"


def names(table: Table) -> dict[str, tuple[str, Evaluate]]:
    """All that can be asked for by name, but for the tapes: what kind it is, and how it is found."""
    heads: dict[str, tuple[str, Evaluate]] = {"head": ("number", lambda timeline: timeline.walker.place)}
    if table.is_grid:
        heads = {
            "row": ("number", lambda timeline: timeline.walker.head[0]),
            "column": ("number", lambda timeline: timeline.walker.head[1]),
        }
    if table.work is not None:
        heads["work_head"] = ("number", lambda timeline: timeline.walker.spot)
    return {
        "step": ("number", lambda timeline: timeline.step),
        "state": ("state", lambda timeline: table.target_name(timeline.walker.state)),
        **heads,
        "layer": ("number", lambda timeline: timeline.layer),
        "line": ("number", lambda timeline: _rule(timeline)[1]),
        "file": ("file", lambda timeline: _rule(timeline)[0]),
    }


def _rule(timeline: Timeline) -> tuple[str, int]:
    action = timeline.walker.action()
    return ("", 0) if action is None else (action.transition.file, action.transition.line)


def _own_head(tape: Tape, timeline: Timeline, table: Table) -> tuple[int, ...]:
    walker = timeline.walker
    if tape is not table.data:
        return (walker.spot,)
    return walker.head if walker.columns else (walker.place,)


def _number(term: Term) -> Term:
    if term.kind != "number":
        raise Rejected(f"`{term.text}` is {_article(term.kind)}, and a number is needed")
    return term


def _calculated(one: Term, sign: str, other: Term) -> Term:
    left, right, text = one.evaluate, other.evaluate, f"{one.text} {sign} {other.text}".strip()

    def evaluate(timeline: Timeline) -> Value:
        first, second = left(timeline), right(timeline)
        if first is None or second is None or (sign == "%" and not second):
            return None
        assert isinstance(first, int)
        assert isinstance(second, int)
        return first % second if sign == "%" else _ARITHMETIC[sign](first, second)

    return Term("number", evaluate, text)


def _near(text: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(text, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _article(kind: str) -> str:
    return {"number": "a number", "truth": "true or false", "state": "a state", "file": "a file", "word": "a name"}.get(
        kind, f"a symbol of {kind}"
    )


def _plural(kind: str) -> str:
    return {"truth": "truths", "state": "states", "file": "files"}.get(kind, "symbols")
