"""The classic machines against plain Python: on all inputs up to a length, on longer random ones, and some through the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random

import pytest

from conftest import compiled
from tmc.net.checkpoint.reading import from_stages
from tmc.net.network import Network
from tmc.run.simulator import Run, simulate
from tmc.run.tapes import line_of_text, text_of_line
from tmc.testing.lockstep import Caches, lockstep


@dataclass(frozen=True, slots=True)
class Answer:
    """How a run must end: whether it accepts, and what the tapes hold then (None: whatever it is)."""

    accepts: bool
    data: str | None = None
    work: str | None = None


REJECTED = Answer(accepts=False)


def number(digits: str) -> int:
    return int(digits or "0", 2)


def add(text: str) -> Answer:
    found = re.fullmatch(r"([01]*)\+([01]*)", text)
    if found is None:
        return REJECTED
    one, other = found.groups()
    total, width = number(one) + number(other), max(len(one), len(other))
    return Answer(True, f"{total:b}".zfill(width) if width else "", one)


def increment(text: str) -> Answer:
    return Answer(True, f"{number(text) + 1:b}".zfill(len(text)))


def multiply(text: str) -> Answer:
    """The product, without leading zeros. (When the first number has no digits, zeros stand here and there on the work tape.)"""
    found = re.fullmatch(r"([01]*)\*([01]*)", text)
    if found is None:
        return REJECTED
    value = number(found[1]) * number(found[2])
    digits = f"{value:b}" if value else ""
    return Answer(True, digits, digits if found[1] else None)


def compare(text: str) -> Answer:
    found = re.fullmatch(r"([01]*)([<=>])([01]*)", text)
    if found is None:
        return REJECTED
    one, other = number(found[1]), number(found[3])
    return Answer({"<": one < other, "=": one == other, ">": one > other}[found[2]], text, found[1])


def palindrome(text: str) -> Answer:
    return Answer(text == text[::-1], text, text)


def palindrome_one_tape(text: str) -> Answer:
    return Answer(True, "") if text == text[::-1] else REJECTED


def balanced(text: str) -> Answer:
    rest = text
    while "()" in rest or "[]" in rest:
        rest = rest.replace("()", "").replace("[]", "")
    return Answer(False, text) if rest else Answer(True, text, "")


def divisible_by_3(text: str) -> Answer:
    return Answer(number(text) % 3 == 0, text)


def unary_to_binary(text: str) -> Answer:
    if "0" in text:
        return REJECTED
    digits = f"{len(text):b}" if text else ""
    return Answer(True, digits, digits)


def sort_bits(text: str) -> Answer:
    return Answer(True, "".join(sorted(text)), "")


def collatz(text: str) -> Answer:
    return Answer(True, "1") if number(text) else REJECTED


@dataclass(frozen=True, slots=True)
class Classic:
    """A machine: the symbols of its inputs, up to which length all of them are tried, a random input of a length, and two for the
    network."""

    symbols: str
    length: int
    answer: Callable[[str], Answer]
    random: Callable[[Random, int], str]
    network: tuple[str, str]


def word(symbols: str) -> Callable[[Random, int], str]:
    return lambda random, length: "".join(random.choices(symbols, k=length))


def pair(signs: str) -> Callable[[Random, int], str]:
    """Two numbers with a sign between them, of the same length or not."""

    def draw(random: Random, length: int) -> str:
        first = random.choice((length // 2, random.randint(0, length)))
        digits = word("01")(random, length)
        return digits[:first] + random.choice(signs) + random.choice((digits[first:], digits[:first]))

    return draw


def mirrored(random: Random, length: int) -> str:
    """A palindrome, now and then with a fault."""
    half = word("ab")(random, length // 2)
    fault = random.choice(("", "", "a"))
    return half + random.choice(("", "a", "b")) + fault + half[::-1]


def nested(random: Random, length: int) -> str:
    """Balanced signs, now and then with a fault."""
    text = ""
    while len(text) < length:
        open, close = random.choice(("()", "[]"))
        place = random.randint(0, len(text))
        text = random.choice((open + text + close, text[:place] + open + close + text[place:]))
    return text if random.random() < 0.7 else text[:-1] + random.choice("()[]")


CLASSICS = {
    "increment": Classic("01", 10, increment, word("01"), ("1011", "111")),
    "add": Classic("01+", 7, add, pair("+"), ("111+1", "10+1011")),
    "multiply": Classic("01*", 7, multiply, pair("*"), ("11*11", "0*10")),
    "compare": Classic("01<=>", 5, compare, pair("<=>"), ("10>01", "1<110")),
    "palindrome": Classic("ab", 10, palindrome, mirrored, ("abba", "aba")),
    "palindrome_one_tape": Classic("ab", 10, palindrome_one_tape, mirrored, ("abba", "aab")),
    "balanced": Classic("()[]", 6, balanced, nested, ("[()]()", "([)]")),
    "divisible_by_3": Classic("01", 10, divisible_by_3, word("01"), ("1001", "1010")),
    "unary_to_binary": Classic("01", 9, unary_to_binary, word("1"), ("11111111", "101")),
    "sort_bits": Classic("01", 10, sort_bits, word("01"), ("0110", "1")),
    "collatz": Classic("01", 8, collatz, word("01"), ("101", "00")),
}
LEADING_ZEROS = ("multiply",)  # machines whose result may begin with some
WITHOUT_BOUND = ("collatz",)

each_classic = pytest.mark.parametrize("name", CLASSICS)


def text(name: str, tape: str) -> str:
    return tape.lstrip("0") if name in LEADING_ZEROS else tape


def check(name: str, data: str) -> Run:
    """Run a machine on an input and compare all that is known of the end."""
    table, expected = compiled(name).table, CLASSICS[name].answer(data)
    run = simulate(table, line_of_text(table.data, data))
    assert run.verdict == ("accept" if expected.accepts else "reject"), data
    assert not run.promise_broken, data
    if expected.data is not None:
        assert text(name, text_of_line(table.data, run.configuration.data)) == expected.data, data
    if expected.work is not None and table.work is not None:
        assert text(name, text_of_line(table.work, run.configuration.work)) == expected.work, data
    return run


def inputs(symbols: str, length: int) -> Iterator[str]:
    """All words of at most this length."""
    return ("".join(letters) for count in range(length + 1) for letters in product(symbols, repeat=count))


@each_classic
def test_all_short_inputs(name: str) -> None:
    classic = CLASSICS[name]
    verdicts = {check(name, data).verdict for data in inputs(classic.symbols, classic.length)}
    assert verdicts == ({"accept"} if name in ("increment", "sort_bits") else {"accept", "reject"})


@each_classic
def test_longer_inputs(name: str) -> None:
    random = Random(name)
    for _ in range(60):
        check(name, CLASSICS[name].random(random, random.randint(1, 40)))


@pytest.mark.long
@each_classic
def test_many_inputs(name: str) -> None:
    classic, random = CLASSICS[name], Random(f"{name}, many")
    for data in inputs(classic.symbols, classic.length + 1):
        check(name, data)
    for _ in range(300):
        check(name, classic.random(random, random.randint(40, 120)))


@each_classic
def test_what_is_promised(name: str) -> None:
    bounds, work = compiled(name).table.bounds, compiled(name).table.work
    assert (bounds.steps is None) == (name in WITHOUT_BOUND)
    assert (bounds.work is None) == (work is None)


def test_one_tape_is_quadratic_and_two_are_linear() -> None:
    for n in (0, 1, 2, 25, 50, 100):
        assert check("palindrome", "a" * n).steps == 3 * n + 3
        assert check("palindrome_one_tape", "a" * n).steps == (n + 1) * (n + 2) // 2


@cache
def network(name: str) -> tuple[Network, Caches]:
    return Network(from_stages(compiled(name))), Caches()


def follow(name: str, data: str) -> None:
    """Compare a run through table, rules, cells, filters and the network, layer by layer."""
    build = compiled(name)
    agreement = lockstep(build, line_of_text(build.table.data, data), None, *network(name))
    assert agreement.run == check(name, data)


@each_classic
def test_on_the_network(name: str) -> None:
    for data in CLASSICS[name].network:
        follow(name, data)


@pytest.mark.long
@each_classic
def test_on_the_network_at_length(name: str) -> None:
    random = Random(f"{name}, network")
    for data in inputs(CLASSICS[name].symbols, 3):
        follow(name, data)
    for _ in range(4):
        follow(name, CLASSICS[name].random(random, random.randint(6, 12)))
