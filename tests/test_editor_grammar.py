"""The TextMate grammar: it knows every word of the language, and leaves no word of a machine without a scope."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import ROOT
from tmc.elaborate.kinds import DIRECTIONS

GRAMMAR = json.loads((ROOT / "editors" / "vscode" / "syntaxes" / "tmc.tmLanguage.json").read_text(encoding="utf-8"))
MACHINES = [*sorted((ROOT / "machines").rglob("*.tm")), ROOT / "docs" / "sketches" / "gauss.tm"]
Rule = dict[str, Any]


def flattened(rules: list[Rule]) -> Iterator[Rule]:
    """Rules with what they include in their place."""
    for rule in rules:
        included = GRAMMAR["repository"][rule["include"][1:]] if "include" in rule else rule
        yield from [included] if "match" in included or "begin" in included else flattened(included["patterns"])


def scoped(found: re.Match[str], scope: str, captures: Rule) -> Iterator[tuple[str, str]]:
    """What was matched, part by part, with its scopes."""
    last = found.start()
    for group, capture in sorted(captures.items()):
        start, end = found.span(int(group))
        if start >= last and end > start:
            yield found.string[last:start], scope
            yield found.string[start:end], f"{scope} {capture['name']}".strip()
            last = end
    yield found.string[last : found.end()], scope


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Every stretch of a text with its scopes, as an editor finds them."""
    blocks: list[Rule] = []
    for line in text.split("\n"):
        place = 0
        while True:
            rules = list(flattened((blocks[-1] if blocks else GRAMMAR)["patterns"]))
            tries = [(re.compile(rule.get("match") or rule["begin"]).search(line, place), rule) for rule in rules]
            ends = [(re.compile(blocks[-1]["end"]).search(line, place), None)] if blocks else []
            matches = [(found, rule) for found, rule in [*ends, *tries] if found]
            if not matches:
                yield line[place:], ""
                break
            found, rule = min(matches, key=lambda match: match[0].start())
            yield line[place : found.start()], ""
            if rule is None:
                yield from scoped(found, "", blocks.pop().get("endCaptures", {}))
            else:
                yield from scoped(found, rule.get("name", ""), rule.get("captures") or rule.get("beginCaptures") or {})
                blocks += [rule] if "begin" in rule else []
            place = found.end()


def scopes(text: str) -> dict[str, str]:
    """The words and signs of a text with their scopes, without what all scopes end with."""
    return {word.strip(): scope.replace(".tmc", "") for word, scope in tokens(text) if word.strip()}


def keywords() -> set[str]:
    """The words that the grammar of the language names, and the directions."""
    terminals = re.findall(r"^[A-Z_]+(?:\.\d)?: /\(?([a-z|]+)\)?\\b/", (ROOT / "grammars" / "tmc.lark").read_text("utf-8"), re.M)
    return {word for terminal in terminals for word in terminal.split("|")} | set(DIRECTIONS)


def regexes(part: Any) -> Iterator[str]:
    """All regular expressions of the grammar."""
    for name, value in part.items() if isinstance(part, dict) else enumerate(part):
        if name in ("match", "begin"):
            yield value
        elif not isinstance(value, str):
            yield from regexes(value)


def test_every_word_of_the_language_is_known() -> None:
    known = {word for regex in regexes(GRAMMAR) for word in re.findall(r"[a-z]+", re.sub(r"\\[a-zA-Z]", " ", regex))}
    words = keywords()
    assert {"machine", "otherwise", "stuck", "grid", "in", "stay"} <= words
    assert words <= known


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.stem)
def test_no_word_of_a_machine_is_without_a_scope(path: Any) -> None:
    assert [word for word, scope in tokens(path.read_text(encoding="utf-8")) if word.strip(" ()") and not scope] == []


RULE = "    on $x in 0|'#', mark at not left  write _, .  move way, up  -> seek(0|a, $x, left, put(_, accept)) # -> on 1\n"


def test_the_scopes_of_a_rule() -> None:
    assert [(word.strip(), scope.replace(".tmc", "")) for word, scope in tokens(RULE) if word.strip()] == [
        ("on", "keyword.control.on"),
        ("$x", "variable.other.capture"),
        ("in", "keyword.other.in"),
        ("0", "constant.character.symbol"),
        ("|", "keyword.operator.alternative"),
        ("'#'", "constant.character.symbol.quoted"),
        (",", "punctuation.separator"),
        ("mark", "variable.parameter"),
        ("at", "keyword.control.at"),
        ("not", "keyword.operator.logical"),
        ("left", "constant.language.edge"),
        ("write", "keyword.control.write"),
        ("_", "constant.character.symbol"),
        (",", "punctuation.separator"),
        (".", "keyword.operator.leave"),
        ("move", "keyword.control.move"),
        ("way", "variable.parameter"),
        (",", "punctuation.separator"),
        ("up", "constant.language.direction"),
        ("->", "keyword.operator.arrow"),
        ("seek", "entity.name.function.state"),
        ("(", "punctuation.section.parens.begin"),
        ("0", "constant.character.symbol"),
        ("|", "keyword.operator.alternative"),
        ("a", "entity.name.function.state"),
        (",", "punctuation.separator"),
        ("$x", "variable.other.capture"),
        (",", "punctuation.separator"),
        ("left", "constant.language.direction"),
        (",", "punctuation.separator"),
        ("put", "entity.name.function.state"),
        ("(", "punctuation.section.parens.begin"),
        ("_", "constant.character.symbol"),
        (",", "punctuation.separator"),
        ("accept", "constant.language.halting"),
        (")", "punctuation.section.parens.end"),
        (")", "punctuation.section.parens.end"),
        ("# -> on 1", "comment.line.number-sign"),
    ]


def test_a_line_left_open_ends_with_the_line() -> None:
    for open_line in (
        "state s(a",
        "    on 1 -> seek(0, put(1",
        "    on '",
        "tape x:",
        'use "std',
        "start s(",
        "bounds",
        "    steps (n",
    ):
        assert list(tokens(f"{open_line}\nstate next\n"))[-5:-1] == list(tokens("\nstate next\n"))[-5:-1]


def test_the_scopes_of_the_other_lines() -> None:
    hole = "keyword.operator.hole"
    assert [scope.replace(".tmc", "") for word, scope in tokens("on ? write ?, . move ?  -> ?") if word == "?"] == [hole] * 4
    assert scopes("learner gauss # a")["gauss"] == "entity.name.type.machine"
    assert scopes('    "About # it."') == {'"About # it."': "string.quoted.double"}
    assert scopes('use "std.tm"') == {"use": "keyword.control.import", '"std.tm"': "string.quoted.double"}
    tape = scopes("tape data: grid of _ '''")
    assert [tape[word] for word in ("data", "grid", "of", "_", "'''")] == [
        "variable.other.tape",
        "support.type.tape",
        "keyword.other.of",
        "constant.character.symbol",
        "constant.character.symbol.quoted",
    ]
    bound = scopes("    steps  2*n^2 + 10")
    assert (bound["steps"], bound["10"], bound["n"], bound["^"]) == (
        "keyword.other.bound",
        "constant.numeric",
        "variable.other.size",
        "keyword.operator.arithmetic",
    )
    assert scopes("start seek(1, left)")["left"] == "constant.language.direction"
    assert scopes("state seek(mark, way)")["way"] == "variable.parameter"
    assert scopes("    query 0 1 -> 1")["query"] == "keyword.other.row"
    assert scopes("    data 10'#'1")["10"] == "constant.character.symbol"
    assert scopes("    -> stuck")["stuck"] == "constant.language.halting"
    assert scopes("    -> loop")["loop"] == "constant.language.halting"
    assert scopes("    work is _ # on")["work"] == "variable.other.tape"
    assert scopes("    work n")["work"] == "keyword.other.bound"


def test_the_extension_names_its_files() -> None:
    folder = ROOT / "editors" / "vscode"
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    (language,), (grammar,) = package["contributes"]["languages"], package["contributes"]["grammars"]
    assert (language["extensions"], grammar["scopeName"]) == ([".tm"], GRAMMAR["scopeName"])
    for name in (package["main"], language["configuration"], grammar["path"]):
        assert (folder / name).is_file()
    json.loads((folder / language["configuration"]).read_text(encoding="utf-8"))
