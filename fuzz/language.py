"""Coverage-guided fuzzing of everything that reads a text: parser, expander, table, diagnostics, formatter.

``make fuzz-language`` runs it for twenty minutes, ``make fuzz-language MINUTES=1`` for one. An input is a failure when anything but
a diagnostic comes of it, when a diagnostic cannot be shown, when formatting twice is not formatting once, when it takes more than
5 s of processor time, or when the process has used more than 500 MB of memory. The last line is the summary.
"""

from __future__ import annotations

import mmap
import os
import random
import resource
import signal
import sys
import time
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["tmc"], enable_loader_override=False):
    from tmc.diagnostics import Rejected, SourceRejected, render
    from tmc.pipeline import look_over
    from tmc.source import Source
    from tmc.syntax.formatter import format_source

LONGEST = 10_000  # characters of an input
SLOWEST = 5.0  # seconds of processor time
LARGEST = 500 << 20  # bytes of memory, all that the process has

TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "machines").rglob("*.tm"))]
LINES = sorted({line for text in TEXTS for line in text.splitlines()})
WORDS = """machine learner use tape bounds start state test example query data is on at not otherwise write move left right up down
stay top bottom accept reject stuck steps work line grid of in $x $y $x-in-0|1 -> ( ) , | . : * ^ + 0 1 _ '#' '' ''' " "std.tm" "t"
n m d 99999999999 s t f next mark way # \t \x00 \ufeff \u00e9 s(1) f(next) f(f(next)) f(g(next),next) t(0|1,left,accept)
loop""".split()


def run(text: str) -> None:
    """Everything that may be done with a text."""
    source = Source("fuzz.tm", text)
    began = time.process_time()
    try:
        for diagnostic in look_over(source):
            render(diagnostic)
        again = Source("fuzz.tm", format_source(source))
        if format_source(again) != again.text:
            raise AssertionError("formatting twice is not formatting once")
    except SourceRejected as rejected:
        str(rejected)
    except Rejected:
        pass
    took = time.process_time() - began
    if took > SLOWEST:
        raise AssertionError(f"took {took:.1f} s")
    if peak() > LARGEST:
        raise AssertionError(f"{peak() >> 20} MB of memory")


def peak() -> int:
    """The most memory, in bytes, that the process has had."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


CASES = mmap.mmap(-1, 8)  # how many inputs were run: shared with the process that prints the summary


def one_input(data: bytes) -> None:
    """What libFuzzer calls."""
    CASES[:] = (int.from_bytes(CASES, "little") + 1).to_bytes(8, "little")
    run(data.decode("utf-8", errors="replace")[:LONGEST])


def mutated(data: bytes, largest: int, seed: int) -> bytes:
    """Another text: lines and words of real machines put in, taken out, doubled and moved."""
    chance = random.Random(seed)
    if chance.random() < 0.2:
        return bytes(atheris.Mutate(data, largest))
    lines = (data.decode("utf-8", errors="replace") or chance.choice(TEXTS)).split("\n")
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(lines))
        kind = chance.randrange(7)
        if kind == 0:
            lines.insert(at, chance.choice(LINES))
        elif kind == 1 and len(lines) > 1:
            del lines[at]
        elif kind == 2:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif kind == 3:
            lines = chance.choice(TEXTS).split("\n")
        else:
            words = lines[at].split(" ")
            others = chance.choice(lines).split(" ")
            new = chance.choice(WORDS).replace("-in-", " in ") if chance.random() < 0.7 else chance.choice(others)
            place = chance.randrange(len(words))
            words[place : place + chance.randrange(2)] = [new]
            lines[at] = " ".join(words)
    return "\n".join(lines).encode("utf-8", errors="replace")[:largest]


def main() -> int:
    """Fuzz until told to stop, or until an input fails; the options are those of libFuzzer."""
    began = time.monotonic()
    child = os.fork()  # libFuzzer ends its process at once: another one has to say what came of it
    if not child:
        atheris.Setup(sys.argv, one_input, custom_mutator=mutated)
        atheris.Fuzz()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child heeds it
    _, status, used = os.wait4(child, 0)
    cases, seconds, memory = int.from_bytes(CASES, "little"), time.monotonic() - began, used.ru_maxrss >> 10
    print(f"{cases} cases, {seconds:.0f} s, {int(status != 0)} crashes, peak memory {memory} MB", flush=True)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
