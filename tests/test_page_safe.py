"""A stranger's machine on a page: whatever its texts hold, it is shown and never run."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Outcome
from tmc.view.page.page import page

Run = Callable[..., Outcome]
EVIL = (
    "</script><script>window.stolen = 1</script><img src=x onerror='window.stolen = 1'>"
    "</SCRIPT ><script >window.stolen = 1</script\t><!--<script>\u2028\u2029]]>&lt;😀 {{document}}"
)
MACHINE = f"""machine evil
    "{EVIL.replace('"', "'")}"

tape data: line of _ '<' '>' '&' '"' '\\' '😀' 'é'

start wait

# {EVIL}
state wait
    on '<'|'>'        write '&'   move right
    on '&'|'"'        write '\\'   move right   -> wait
    otherwise                               -> accept

test "{EVIL.replace('"', "'")}"
    data '<'
    -> accept
"""


class Elements(HTMLParser):
    """The elements of a page with what is in their attributes, and the texts of scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.scripts:
            self.scripts[-1] += data


def elements(content: str) -> Elements:
    parser = Elements()
    parser.feed(content)
    return parser


@pytest.fixture
def evil(tmp_path: Path, tmc: Run) -> Path:
    machine, written = tmp_path / "evil<b>.tm", tmp_path / "evil.html"
    machine.write_text(MACHINE, encoding="utf-8")
    outcome = tmc("view", machine, "--data", "'<>&\"' '😀'", "-o", written)
    assert outcome.status == 0, outcome.err
    return written


def test_texts_of_a_machine_stay_texts(evil: Path, tmp_path: Path, tmc: Run) -> None:
    tame = tmp_path / "tame.html"
    assert tmc("view", ROOT / "machines" / "increment.tm", "--data", "1", "-o", tame).status == 0
    content = evil.read_text(encoding="utf-8")
    found, plain = elements(content), elements(tame.read_text(encoding="utf-8"))
    assert [tag for tag, _ in found.found] == [tag for tag, _ in plain.found]
    assert len(found.scripts) == 3
    document = json.loads(found.scripts[0])
    assert document["files"][0]["text"] == MACHINE
    assert document["about"] == EVIL.replace('"', "'")
    assert document["machine"]["tapes"][0]["symbols"] == ["_", *'<>&"\\😀é']
    assert found.scripts[1:] == plain.scripts[1:]  # the page's own


def test_nothing_is_asked_for(evil: Path) -> None:
    """No attribute leads anywhere, and the policy forbids every request and every script but the page's own."""
    found = elements(evil.read_text(encoding="utf-8"))
    for tag, attributes in found.found:
        assert not any(name in ("src", "href", "action", "srcset", "data") for name in attributes), tag
        assert not any(name.startswith("on") for name in attributes), tag
    policies = [str(attributes["content"]) for _, attributes in found.found if "http-equiv" in attributes]
    assert len(policies) == 1
    rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("img-src") == "data: blob:"
    assert rules.pop("style-src") == "'unsafe-inline'"
    sources = rules.pop("script-src").split()
    assert not rules
    assert [source for source in sources if not source.startswith("'sha256-")] == ["data:"]


def test_half_a_character_is_shown_as_such() -> None:
    """A text from a command line may hold one: a file cannot."""
    content = page({"name": "x", "text": "\ud83d"}).decode("utf-8")
    assert json.loads(elements(content).scripts[0])["text"] == "\ud83d"


def test_it_does_nothing_in_a_browser(evil: Path, browser: Any) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    page.goto(evil.as_uri())
    page.wait_for_function("document.getElementById('machine')?.textContent === 'evil'")
    assert page.evaluate("window.stolen") is None
    assert page.evaluate("document.querySelectorAll('script').length") == 3
    assert "<script>" in page.evaluate("document.getElementById('about').textContent")
    assert not said
    page.close()
