"""Recognise machines of other programs."""

from __future__ import annotations

import re

_BEAVER = re.compile(r"(?:(?:[0-9][LR][A-Z]|---){2,}_)*(?:[0-9][LR][A-Z]|---){2,}(?:[\s,;].*)?")
_FIVE = re.compile(r"\S+\s+\S+\s+\S+\s+[lrdgLRDG*]\s+\S+(?:\s+[!;].*)?")
_IMPORT = "`tmc import FILE -o X.tm` writes it in the language of tmc"
_BEGIN = "`tmc new NAME --line` begins a machine of tmc"


def foreign(text: str) -> tuple[str, str]:
    """What kind of foreign text this is, and what to do; both empty if it is not recognised.

    ::

        >>> foreign("1RB1LB_1LA1RZ")[0]
        'a machine as bbchallenge.org writes it'
    """
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    for is_one, what in _KINDS:
        if lines and is_one(text, lines):
            return what, _ADVICE.get(what, _IMPORT)
    return "", ""


def _yaml(text: str, lines: list[str]) -> bool:
    keys = set(re.findall(r"^ {0,8}(blank|start state|input|table):", text, re.MULTILINE))
    return "table" in keys and len(keys) > 1


def _beaver(text: str, lines: list[str]) -> bool:
    return all(_BEAVER.fullmatch(line) for line in lines)


def _jflap(text: str, lines: list[str]) -> bool:
    return lines[0].startswith("<") and re.search(r"<structure\b|<automaton\b", text) is not None


def _simulator(text: str, lines: list[str]) -> bool:
    return {"init", "accept"} <= set(re.findall(r"^(name|init|accept)\s*:", text, re.MULTILINE))


def _morphett(text: str, lines: list[str]) -> bool:
    code = [line for line in lines if not line.startswith(";")]
    return len(code) > 0 and all(_FIVE.fullmatch(line.split(";")[0].strip()) for line in code if line.split(";")[0].strip())


def _automata(text: str, lines: list[str]) -> bool:
    keys = ("transitions", "initial_state", "blank_symbol", "final_states")
    return all(re.search(rf"[\"']?\b{key}\b[\"']?\s*[:=]", text) is not None for key in keys)


def _texmacs(text: str, lines: list[str]) -> bool:
    return lines[0].startswith("<TeXmacs|")


def _tcl(text: str, lines: list[str]) -> bool:
    return re.search(r"^\s*(package (require|provide)|namespace eval)\s", text, re.MULTILINE) is not None


_KINDS = (
    (_yaml, "a machine for turingmachine.io (YAML)"),
    (_beaver, "a machine as bbchallenge.org writes it"),
    (_jflap, "a machine of JFLAP (XML)"),
    (_simulator, "a machine for turingmachinesimulator.com"),
    (_automata, "a machine of automata-lib"),
    (_texmacs, "a document of TeXmacs"),
    (_tcl, "a module of Tcl"),
    (_morphett, "a machine for Morphett's simulator"),
)
_ADVICE = {
    "a document of TeXmacs": _BEGIN,
    "a module of Tcl": _BEGIN,
}
