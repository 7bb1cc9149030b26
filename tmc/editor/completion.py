"""What could be written at a place, as the words before it on its line tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tmc.editor.hover import signature
from tmc.editor.reading import Document
from tmc.editor.referents import NameKind
from tmc.editor.used import usable_files
from tmc.editor.words import KEYWORDS, MEANINGS
from tmc.elaborate.findings import show
from tmc.elaborate.kinds import DIRECTION, DIRECTIONS, STATE, SYMBOL
from tmc.elaborate.names import HALTING
from tmc.source import Span
from tmc.syntax.lines import OPENERS
from tmc.syntax.words import CLAUSES, EDGES, PARTS, pieces

_WORD = re.compile(r"\$?\w*$")
_RULE = ("on", "at", "otherwise")
_STARTERS = {"state": _RULE, "bounds": ("steps", "work"), "test": ("example", "query", "data", "->")}


@dataclass(frozen=True, slots=True)
class Offer:
    """A text that could stand at a place. `kind` is that of a name, or "keyword"."""

    text: str
    kind: str
    detail: str = ""


def completions(document: Document, offset: int) -> tuple[Offer, ...]:
    """What could stand at a character, each once, whatever of it is there already."""
    number, column = document.source.place(offset)
    before = document.source.line(number)[: column - 1]
    words = pieces(_WORD.sub("", before))
    if words and words[0] == "use":
        return _files(document, before)
    if _quoted_or_comment(before):
        return ()
    block = _block(document, number)
    return tuple(dict.fromkeys(_Context(document, block, words).offers()))


def replaced(document: Document, offset: int) -> Span:
    """The stretch that an offer takes the place of: the beginning of a word, or of a file's name, that is there already."""
    number, column = document.source.place(offset)
    before = document.source.line(number)[: column - 1]
    uses = pieces(before)[:1] == ["use"]
    start = before.rfind('"') + 1 if uses else len(_WORD.sub("", before))
    return Span(offset - len(before) + start, offset)


def _files(document: Document, before: str) -> tuple[Offer, ...]:
    files = usable_files(document.source) if before.count('"') == 1 else ()
    return tuple(Offer(name, NameKind.FILE.value) for name in files)


def _quoted_or_comment(before: str) -> bool:
    """Whether a place is within a comment or a quote, given what stands before it on the line."""
    rest = re.sub(r"""'.'|'[^']*'|"[^"]*\"""", "", before)
    return any(sign in rest for sign in "#'\"")


def _block(document: Document, number: int) -> list[str]:
    """The words of the line that opens the block in which a line stands."""
    for earlier in range(number - 1, 0, -1):
        words = pieces(document.source.line(earlier))
        if words and words[0] in OPENERS and words[1:2] != ["is"]:
            return words
    return []


@dataclass(frozen=True, slots=True)
class _Context:
    """A place: the words of the line that opens its block, and those before it on its line."""

    document: Document
    block: list[str]
    words: list[str]

    def offers(self) -> Iterator[Offer]:
        """What could stand here."""
        if not self.words:
            yield from _keywords(_STARTERS.get(self.block[0], ()) if self.block else ("machine", "learner"))
            yield from _keywords(PARTS)
            yield from self._tapes() if self.block[:1] == ["test"] else ()
            return
        match self.words[0]:
            case "start":
                yield from self._call(self.words[1:])
            case "tape":
                yield from _keywords({":": ("grid", "line"), "grid": ("of",), "line": ("of",)}.get(self.words[-1], ()))
            case "->":
                yield from _meanings(NameKind.HALTING)
            case "on" | "at" | "otherwise" if self.block[:1] == ["state"]:
                yield from self._rule()

    def _rule(self) -> Iterator[Offer]:
        last = max(place for place, word in enumerate(self.words) if word in CLAUSES)
        clause, items = self.words[last], self.words[last + 1 :]
        wanting = clause not in ("otherwise", "at") and (not items or items[-1] in (",", "|", "(", "in"))
        match clause:
            case "->":
                yield from self._call(items)
            case "on" | "write" if wanting:
                yield from self._symbols(items.count(","))
                yield from self._captures() if clause == "write" else ()
            case "move" if wanting:
                yield from self._directions()
            case "at":
                yield from _meanings(NameKind.EDGE)
                yield from _keywords(() if items[-1:] == ["not"] else ("not",))
        if not wanting and clause != "->" and not (clause == "at" and (not items or items[-1] not in EDGES)):
            yield from _keywords(("in",) if items[-1:] and items[-1].startswith("$") and clause == "on" else ())
            after = CLAUSES[CLAUSES.index(clause) + 1 :]
            yield from _keywords(word for word in after if word != "otherwise" and not (clause == "otherwise" and word == "at"))

    def _call(self, words: list[str]) -> Iterator[Offer]:
        """A state, or an argument of one, by what stands before it."""
        calls: list[tuple[str, int]] = []  # the states whose parentheses are open, with how many arguments are complete
        for before, word in zip(["", *words], words, strict=False):
            if word == "(":
                calls.append((before, 0))
            elif word == ")" and calls:
                calls.pop()
            elif word == "," and calls:
                calls[-1] = (calls[-1][0], calls[-1][1] + 1)
        if words and words[-1] not in ("(", ",", "|"):
            return
        kind = self._kind(*calls[-1]) if calls else STATE
        yield from self._states() if kind in (STATE, "") else ()
        yield from self._directions() if kind in (DIRECTION, "") else ()
        if kind in (SYMBOL, ""):
            yield from self._symbols(None)
            yield from self._captures()

    def _kind(self, name: str, position: int) -> str:
        """The kind of an argument of a state."""
        reading = self.document.reading
        template = reading.names.find(0, name) if reading else None
        if reading is None or template is None or position >= len(template.parameters):
            return ""
        return reading.kinds[template.file, name].get(template.parameters[position], "")

    def _states(self) -> Iterator[Offer]:
        reading = self.document.reading
        yield from self._parameters(STATE)
        for name, template in reading.names.visible[0].items() if reading else ():
            file = reading.program.files[template.file].name if reading else ""
            yield Offer(name, NameKind.STATE.value, " of ".join(filter(None, (signature(template.state), file))))
        yield from (offer for offer in _meanings(NameKind.HALTING) if offer.text in HALTING)

    def _directions(self) -> Iterator[Offer]:
        yield from self._parameters(DIRECTION)
        yield from (offer for offer in _meanings(NameKind.DIRECTION) if offer.text in DIRECTIONS)

    def _symbols(self, tape: int | None) -> Iterator[Offer]:
        reading = self.document.reading
        yield from self._parameters(SYMBOL)
        tapes = reading.program.machine.tapes if reading else ()
        listed: dict[str, list[str]] = {}
        for chosen in tapes if tape is None else tapes[tape : tape + 1]:
            for symbol in chosen.symbols:
                listed.setdefault(symbol.text, []).append(chosen.name.text)
        for text, names in listed.items():
            hidden = text in self._own_parameters()
            yield Offer(f"'{text}'" if hidden else show(text), NameKind.SYMBOL.value, f"of {' and '.join(names)}")

    def _captures(self) -> Iterator[Offer]:
        return (Offer(word, NameKind.CAPTURE.value) for word in self.words if word.startswith("$"))

    def _tapes(self) -> Iterator[Offer]:
        reading = self.document.reading
        return (Offer(f"{tape.name.text} is", NameKind.TAPE.value) for tape in (reading.program.machine.tapes if reading else ()))

    def _own_parameters(self) -> list[str]:
        """The parameters of the state around, even when its line was never read."""
        return [word for word in self.block[2:] if word not in "(,)"] if self.block[:1] == ["state"] else []

    def _parameters(self, kind: str) -> Iterator[Offer]:
        """The parameters around that are of a kind, or whose kind is not known yet."""
        reading = self.document.reading
        known = reading.kinds.get((0, self.block[1]), {}) if reading and len(self.block) > 1 else {}
        names = (name for name in self._own_parameters() if known.get(name, "") in (kind, ""))
        return (Offer(name, NameKind.PARAMETER.value, known.get(name, "")) for name in names)


def _keywords(words: Iterable[str]) -> Iterator[Offer]:
    known = KEYWORDS | MEANINGS[NameKind.BOUND]
    return (Offer(word, "keyword", known.get(word, "")) for word in words)


def _meanings(kind: NameKind) -> Iterator[Offer]:
    return (Offer(word, kind.value, meaning) for word, meaning in MEANINGS[kind].items())
