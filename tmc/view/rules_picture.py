"""What every local rule reads and writes, as SVG: fields of a cell and its neighbours, the rules, the fields they write."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tmc.ir.lattice import HERE, PLACES
from tmc.ir.rules import Copy, Rule, Rules, show_literal
from tmc.ir.table import file_of
from tmc.view.columns import CONTENT, LOOKS, Column, Link, Node, columns_graph
from tmc.view.layout import count, heading
from tmc.view.rules import DECODING, TRAVEL, purpose, shown_write
from tmc.view.svg import Theme, document, mono_width, text

TITLE, SMALL, LEFT = 16.0, 10.0, 18.0
GAP = 190.0
Lit = Callable[[str, int, str], bool]  # whether the rule of this name, line and file is lit
_KINDS = {DECODING: "decoding", TRAVEL: "travel"}


def none_lit(_rule: str, _line: int, _file: str) -> bool:
    """No rule is lit."""
    return False


def rules_picture(rules: Rules, name: str, lit: Lit = none_lit, theme: Theme = "auto") -> str:
    """The rules, an SVG document; what the `lit` ones read and write is marked, and said in words above."""
    marked = [lit(rule.name, rule.line, file_of(rule.name, rules.files)) for rule in rules.rules]
    edges = [edge for index, rule in enumerate(rules.rules) for edge in _edges(rules, index, rule, marked[index])]
    ends = {edge.source for edge in edges if edge.lit} | {edge.target for edge in edges if edge.lit}
    read = sorted({(literal.place, literal.field) for rule in rules.rules for literal in rule.guard}
                  | {(write.place, write.source) for rule in rules.rules for write in rule.writes if isinstance(write, Copy)},
                  key=lambda pair: (rules.index(pair[1]), pair[0] != HERE, pair[0]))  # fmt: skip
    written = [
        field.name for field in rules.fields if any(write.field == field.name for rule in rules.rules for write in rule.writes)
    ]
    first = [Node(_read(*pair), _read(*pair), "own" if pair[0] == HERE else "neighbour", lit=_read(*pair) in ends) for pair in read]
    middle = [
        Node(
            f"rule {index}",
            heading(rule.name, rule.line, rules.files),
            _KINDS.get(purpose(rule), "transition"),
            _words(rules, rule),
            marked[index],
        )
        for index, rule in enumerate(rules.rules)
    ]
    last = [Node(f"write {field}", field, "written", lit=f"write {field}" in ends) for field in written]
    columns = [
        _column("reads (violet: of a neighbour)", first),
        _column("rules (grey: decoding, orange: transitions, red: travel)", middle),
        _column("writes", last),
    ]
    said = [_words(rules, rule).split("\n") for rule, is_lit in zip(rules.rules, marked, strict=True) if is_lit]
    notes = [line for lines in said[:3] for line in lines]
    top = 44 + 15.0 * len(notes)
    body, right, bottom = columns_graph(columns, edges, GAP, LEFT, top)
    title = f"Rules of {name}: {count(len(rules.rules), 'rule')} on {count(len(rules.fields), 'field')}"
    parts = [text(title, LEFT, 26, TITLE, class_="name")]
    parts += [text(line, LEFT, 47 + 15 * row, SMALL, class_="mono faint") for row, line in enumerate(notes)]
    width = max([right, *(LEFT + mono_width(line, SMALL) for line in notes)]) + LEFT
    about = "From left to right: what rules read, the rules, what they write."
    return document("rules", (width, bottom + LEFT), title, about, [*parts, *body], LOOKS, theme)


def _column(title: str, nodes: Sequence[Node]) -> Column:
    return Column(title, nodes, max((mono_width(node.label, SMALL) for node in nodes), default=CONTENT) + 10)


def _read(place: int, field: str) -> str:
    return field if place == HERE else f"{PLACES[place]}.{field}"


def _edges(rules: Rules, index: int, rule: Rule, lit: bool) -> list[Link]:
    node, found = f"rule {index}", []
    for literal in rule.guard:
        source = _read(literal.place, literal.field)
        found.append(Link(source, node, "tests", lit, show_literal(literal, rules).removeprefix(source).strip()))
    for write in rule.writes:
        if isinstance(write, Copy):
            found.append(Link(_read(write.place, write.source), node, "copies", lit))
        found.append(Link(node, f"write {write.field}", "writes", lit))
    return found


def _words(rules: Rules, rule: Rule) -> str:
    when = " ∧ ".join(show_literal(literal, rules) for literal in rule.guard) or "anything"
    then = ", ".join(shown_write(write, rules) for write in rule.writes)
    return f"{heading(rule.name, rule.line, rules.files)}\nwhen {when}\nthen {then}"
