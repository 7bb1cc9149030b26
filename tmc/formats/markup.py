"""XML as elements with places, read safely: no document types, no entities of their own, no deep nesting."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from tmc.diagnostics import Rejected
from tmc.formats.draft import refusal
from tmc.source import Source

DEEPEST = 20
LARGEST = 2_000_000  # characters


@dataclass(slots=True)
class Element:
    """An element: its name, attributes, text (without blanks around it), children, and the offset at which it begins."""

    name: str
    attributes: dict[str, str]
    start: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """The children of a name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Element | None:
        """The first child of a name, if there is one."""
        return next((child for child in self.children if child.name == name), None)

    def has(self, name: str) -> bool:
        """Whether there is an element of a name in it, however deep."""
        return any(child.name == name or child.has(name) for child in self.children)


def elements(source: Source) -> Element:
    """The root of an XML text. Raises `Rejected`, with the place of what is not XML or is not read."""
    if len(source.text) > LARGEST:
        raise Rejected(f"{source.name}: it has more than {LARGEST} characters, the most that is read as XML")
    content = source.text.encode()
    offsets = _Offsets(source.text)
    parser = expat.ParserCreate("utf-8")
    root = Element("", {}, 0)
    open_, texts = [root], [list[str]()]

    def begin(name: str, attributes: dict[str, str]) -> None:
        place = offsets.of(parser.CurrentByteIndex)
        if len(open_) > DEEPEST:
            raise refusal(source, place, place + 1, "this is nested too deeply for a machine")
        element = Element(name, attributes, place)
        open_[-1].children.append(element)
        open_.append(element)
        texts.append([])

    def end(_: str) -> None:
        open_.pop().text = "".join(texts.pop()).strip()

    def text(characters: str) -> None:
        texts[-1].append(characters)

    def refuse(*_: object) -> None:
        place = offsets.of(parser.CurrentByteIndex)
        raise refusal(source, place, place + 1, "a document type is not read: it may stand for very much", help="remove it")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        place = offsets.of(parser.ErrorByteIndex)
        raise refusal(source, place, place + 1, f"this is not XML: {expat.errors.messages[error.code]}") from None
    return root.children[0]


class _Offsets:
    """Offsets of characters for those of bytes, asked for in rising order."""

    def __init__(self, text: str) -> None:
        self._text, self._character, self._byte = text, 0, 0

    def of(self, byte: int) -> int:
        """The number of the character that begins at this byte."""
        while self._byte < byte and self._character < len(self._text):
            self._byte += len(self._text[self._character].encode())
            self._character += 1
        return self._character
