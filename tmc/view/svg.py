"""Pictures as SVG: elements, style sheets for light and dark, and whole documents.

A picture's colours stand in its style sheet only, under classes: by default light, and dark where the reader's screen is. Every
rule begins with the class of the picture, so that several pictures on one page do not change each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from tmc.width import visible, width_of

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")

SANS = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
MONO_WIDTH = 0.615  # of a character, as a share of the font's size: some draw it a little wider than it is
SANS_WIDTH = 0.55  # of a character on average, or a little more


class Look(NamedTuple):
    """The style of what a selector finds: declarations, and those that are different in the dark."""

    selector: str
    light: str
    dark: str = ""


PAGE = (
    Look(".page", "fill: #ffffff", "fill: #16191d"),
    Look("text", f"font-family: {SANS}; fill: #1d2126", "fill: #e3e6ea"),
    Look(".mono", f"font-family: {MONO}"),
    Look(".faint", "fill: #5f6873", "fill: #a3abb5"),
)


def element(name: str, *content: str, **attributes: object) -> str:
    """An element. ``_`` in an attribute's name is ``-``, but at its end; an attribute that is None is left out.

    ::

        >>> element("text", "a &lt; b", x=1.5, class_="mono")
        '<text x="1.5" class="mono">a &lt; b</text>'
    """
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    given = "".join(f" {key}={quoteattr(number(value) if isinstance(value, float) else str(value))}" for key, value in named)
    inner = "".join(content)
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def number(value: float) -> str:
    """A length with two decimals at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text(content: str, x: float, y: float, size: float, **attributes: object) -> str:
    """A line of text, its blanks kept as they are."""
    kept = {"xml:space": "preserve"} if "  " in content or content != content.strip() else {}
    return element("text", plain(content), x=float(x), y=float(y), font_size=float(size), **attributes, **kept)


def plain(content: str) -> str:
    """A text, of one line or several, as the content of an element."""
    return escape("\n".join(map(visible, content.split("\n"))))


def mono_width(content: str, size: float) -> float:
    """How wide a text is in the monospaced font."""
    return width_of(visible(content)) * MONO_WIDTH * size


def sans_width(content: str, size: float) -> float:
    """How wide a text is at most, more or less, in the other font: fonts are the reader's."""
    return width_of(visible(content)) * SANS_WIDTH * size


def group(*content: str, **attributes: object) -> str:
    """Elements that belong together; `attributes` may have a `title`, which readers show when they are pointed at."""
    title = attributes.pop("title", None)
    named = () if title is None else (element("title", plain(str(title))),)
    return element("g", *named, *content, **attributes)


def document(
    kind: str, size: tuple[float, float], title: str, about: str, body: Iterable[str], looks: Sequence[Look], theme: Theme = "auto"
) -> str:
    """A whole picture of a `kind`, which is its class; `title` and `about` are what a screen reader says of it."""
    width, height = size
    root = f"tmc-{kind}"
    parts = (
        element("title", plain(title)),
        element("desc", plain(about)),
        element("style", _sheet(root, (*PAGE, *looks), theme)),
        element("rect", class_="page", width=float(width), height=float(height)),
        *body,
    )
    box = f"0 0 {number(width)} {number(height)}"
    inner = "\n".join(parts)
    return (
        element(
            "svg", f"\n{inner}\n", xmlns="http://www.w3.org/2000/svg", class_=root, role="img", viewBox=box,
            width=float(width), height=float(height),
        )
        + "\n"
    )  # fmt: skip


def _sheet(root: str, looks: Sequence[Look], theme: Theme) -> str:
    def rules(declarations: Iterable[tuple[str, str]]) -> list[str]:
        return [f".{root} {selector} {{ {said} }}" for selector, said in declarations if said]

    light, dark = rules((look.selector, look.light) for look in looks), rules((look.selector, look.dark) for look in looks)
    if theme == "auto":
        dark = ["@media (prefers-color-scheme: dark) {", *dark, "}"]
    lines = light if theme == "light" else light + dark
    return escape("\n" + "\n".join(lines) + "\n")
