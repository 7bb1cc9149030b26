"""Import every machine of other programs below a folder, run it, and compare it with a plain simulator of its own format.

``foreign_files.py FOLDER`` prints a line for each file and a summary. It fetches nothing: get the folder yourself. The simulators
here read the texts in their own way and share nothing with `tmc`: they know Morphett's words, bbchallenge's text, JFLAP's XML and
the YAML of turingmachine.io. Inputs are the example that the file gives and all words up to ``--length`` over the symbols that the
machine reads, at most ``--words`` of them. What is compared is whether it halts within ``--steps``, how, and the tape.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tmc.diagnostics import Rejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.formats import bbchallenge
from tmc.formats.draft import MOST_FOLDED, Draft
from tmc.formats.draft_to_text import draft_to_text
from tmc.formats.registry import format_of
from tmc.ir.tape import Line
from tmc.run.simulator import simulate
from tmc.source import Source
from tmc.syntax.program import read_program

STEP = {"L": -1, "R": 1, "S": 0}
Action = tuple[tuple[str, ...], tuple[str, ...], str]  # what is written, the moves, the next state


@dataclass(frozen=True)
class Plain:
    """A machine as its program runs it: `rule` is what it does on some symbols, None if nothing. It ends in one of `halting`."""

    blank: str
    tapes: int
    start: str
    rule: Callable[[str, tuple[str, ...]], Action | None]
    halting: Callable[[str], bool]

    def run(self, word: tuple[str, ...], limit: int) -> tuple[str, dict[int, str]]:
        """How it ends - ``halts``, ``stuck`` or ``runs`` - and the first tape then."""
        tapes = [dict(enumerate(word)), *({} for _ in range(self.tapes - 1))]
        heads, state = [0] * self.tapes, self.start
        for _ in range(limit):
            action = self.rule(state, tuple(tape.get(head, self.blank) for tape, head in zip(tapes, heads, strict=True)))
            if action is None:
                return "stuck", self._tape(tapes[0])
            for tape, number in zip(tapes, range(self.tapes), strict=True):
                tape[heads[number]] = action[0][number]
                heads[number] += STEP[action[1][number]]
            state = action[2]
            if self.halting(state):
                return "halts", self._tape(tapes[0])
        return "runs", {}

    def _tape(self, tape: dict[int, str]) -> dict[int, str]:
        return {place: symbol for place, symbol in tape.items() if symbol != self.blank}


def plain_morphett(text: str) -> Plain:
    """Words on lines."""
    lines = [line.split(";")[0].split() for line in text.split("\n")]
    rules = {(line[0], line[1]): line[2:5] for line in lines if len(line) >= 5}
    moves = {"l": "L", "g": "L", "r": "R", "d": "R", "*": "S"}
    first = next(line[0] for line in lines if line and line[0] != "*")

    def rule(state: str, read: tuple[str, ...]) -> Action | None:
        for key in ((state, read[0]), (state, "*"), ("*", read[0]), ("*", "*")):
            if key in rules:
                new, way, then = rules[key]
                return (read[0] if new == "*" else new,), (moves[way.lower()],), state if then == "*" else then
        return None

    start = "0" if any(line and "0" in (line[0], line[4]) for line in lines) else first
    return Plain("_", 1, start, rule, lambda state: state.lower().startswith("halt"))


def plain_bbchallenge(text: str) -> Plain:
    """Three characters for a transition."""
    rows = [re.findall("...", group) for group in text.split("_")]

    def rule(state: str, read: tuple[str, ...]) -> Action | None:
        found = rows[ord(state) - 65][int(read[0])]
        return None if found == "---" else ((found[0],), (found[1],), found[2])

    return Plain("0", 1, "A", rule, lambda state: ord(state) - 65 >= len(rows))


def plain_jflap(text: str) -> Plain:
    """Elements below `automaton`; a final state accepts at once."""
    root = ET.fromstring(text)
    tapes = int(root.findtext("tapes") or 1)
    automaton = root.find("automaton")
    top = automaton if automaton is not None else root
    states = [*top.findall("state"), *top.findall("block")]
    final = {one.get("id") for one in states if one.find("final") is not None}
    start = next(str(one.get("id")) for one in states if one.find("initial") is not None)

    def part(transition: ET.Element, name: str, tape: int) -> str:
        for one in transition.findall(name):
            if one.get("tape") in (None, str(tape + 1)):
                return (one.text or "").strip() or "□"
        return "□"

    def parts(transition: ET.Element) -> list[list[str]]:
        return [[part(transition, name, tape) for tape in range(tapes)] for name in ("read", "write", "move")]

    found = [(one.findtext("from"), one.findtext("to"), parts(one)) for one in top.findall("transition")]

    def fits(wanted: str, symbol: str) -> bool:
        return wanted in ("~", symbol) or (len(wanted) == 2 and wanted[0] == "!" and wanted[1] != symbol)

    def rule(state: str, read: tuple[str, ...]) -> Action | None:
        for source, target, (reads, writes, moves) in found:
            if source == state and all(map(fits, reads, read)):
                return tuple(old if new == "~" else new for old, new in zip(read, writes, strict=True)), tuple(moves), str(target)
        return None

    return Plain("□", tapes, start, rule, lambda state: state in final)


def plain_site(text: str) -> Plain:
    """YAML, or such a text in a document."""
    import yaml

    class Texts(yaml.BaseLoader):
        """Makes texts of everything, and tuples of lists."""

    Texts.add_constructor("tag:yaml.org,2002:seq", lambda loader, node: tuple(loader.construct_sequence(node)))
    document = yaml.load(text, Texts)
    document = yaml.load(document["source code"], Texts) if "source code" in document else document
    synonyms, rules = document.get("synonyms") or {}, dict[tuple[str, str], Action]()
    for state, symbols in document["table"].items():
        for symbol, value in _pairs(symbols or {}):
            done = synonyms.get(value, value) if isinstance(value, str) else value
            done = {done: ""} if isinstance(done, str) else done
            way = "L" if "L" in done else "R"
            rules[state, symbol] = ((done.get("write", symbol),), (way,), done[way] or state)
    ends = {state for state, symbols in document["table"].items() if not symbols}
    return Plain(document["blank"], 1, document["start state"], lambda q, read: rules.get((q, read[0])), ends.__contains__)


def _pairs(symbols: dict[object, object]) -> Iterator[tuple[str, object]]:
    for key, value in symbols.items():
        for symbol in key if isinstance(key, tuple) else [key]:
            yield str(symbol), value


PLAIN = {"morphett": plain_morphett, "bbchallenge": plain_bbchallenge, "jflap": plain_jflap, "turingmachine.io": plain_site}


def words_for(draft: Draft, length: int, most: int) -> list[tuple[str, ...]]:
    """The example of the file, and short words."""
    symbols = [symbol for symbol in draft.symbols[0] if symbol != draft.blank]
    every = (word for size in range(length + 1) for word in product(symbols, repeat=size))
    return [*([draft.input] if draft.input else []), *islice(every, most)]


def compared(draft: Draft, plain: Plain | None, options: argparse.Namespace) -> Counter[str]:
    """How the runs of a machine ended, and in how many the two differ."""
    found = draft_to_text(draft)
    table = syntax_to_table(read_program(Source("x.tm", found.text)))[0]
    numbers = {symbol: number for number, symbol in enumerate(table.data.symbols)}
    symbols = {new: old for old, new in found.symbols.items()}
    tally = Counter[str]()
    for word in words_for(draft, options.length, options.words):
        if not set(word) <= set(found.symbols):
            tally["foreign words"] += 1  # the example has symbols that the machine does not know
            continue
        line = Line.of({place: numbers[found.symbols[symbol]] for place, symbol in enumerate(word)})
        run = simulate(table, line, options.steps * (1 if len(draft.symbols) < 3 else 400))
        tally[run.verdict] += 1
        if plain is not None:
            mine, tape = plain.run(word, options.steps)
            data = run.configuration.data
            assert isinstance(data, Line)
            theirs = {place: symbols[table.data.symbols[symbol]] for place, symbol in data.items() if symbol}
            verdict = {"stuck": "stuck", "timeout": "runs"}.get(run.verdict, "halts")
            long = "runs" in (mine, verdict) and len(draft.symbols) > 2
            tally["differ"] += not long and (mine != verdict or (mine != "runs" and tape != theirs))
            tally["compared"] += 1
    return tally


def machines(path: Path) -> Iterator[tuple[str, str, Draft, str]]:
    """The name, the format, the machine and its text of all in a file."""
    source = Source(str(path), path.read_text(encoding="utf-8"))
    form = format_of(source)
    if form.name != "bbchallenge":
        yield path.name, form.name, form.read(source, "m", MOST_FOLDED), source.text
        return
    for number, (offset, text) in enumerate(bbchallenge.lines(source), 1):
        yield f"{path.name}:{number}", form.name, bbchallenge.one(source, offset, text, "m"), text


def main() -> None:
    """Import and compare all files below a folder."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--length", type=int, default=6)
    options.add_argument("--words", type=int, default=40)
    options.add_argument("--steps", type=int, default=2000)
    options.add_argument("--quiet", action="store_true", help="only refusals, differences and the summary")
    chosen = options.parse_args()
    total, named = Counter[str](), Counter[str]()
    for path in sorted(path for path in chosen.folder.rglob("*") if path.is_file()):
        try:
            for name, form, draft, text in machines(path):
                tally = compared(draft, PLAIN[form](text) if form in PLAIN else None, chosen)
                total += tally
                named[form] += 1
                if not chosen.quiet or tally["differ"]:
                    print(f"{name}: {form}, {len(draft.states)} states, {len(draft.symbols)} tapes: {dict(tally)}", flush=True)
        except (Rejected, UnicodeDecodeError) as error:
            named["refused"] += 1
            first = str(error).split("\n")[0]
            print(f"{path.name}: refused: {first}", flush=True)
    print(f"in all {dict(named)}: {dict(total)}, and {total['differ']} differ")
    sys.exit(total["differ"] > 0)


if __name__ == "__main__":
    main()
