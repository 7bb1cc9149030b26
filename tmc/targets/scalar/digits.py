"""Fields to digits: how a cell becomes one number, but for where each digit stands in it.

A *part* is a few fields that are coded together by a few *digits*: small integers, 0 where the fields are at rest. Most parts are
one field and one digit. Two are not:

- the cell's `kind` and its `symbol`: a raw cell must be its product, a third of what a pad is, so its symbol has a digit of its
  own;
- the signals: `move`, `push` and `carry1` become `vertical` (up, down), `call` (read by the cell to the left, or while the memory
  is
  decoded) and `wave` (read by the cell to the right), of which at most one is not 0, and `carry1`, which goes with waves.

Codes are chosen so that the sets of values that rules ask for are intervals as far as possible: those are cheap to tell.

The state is in no part. It is the last digit of the number, 0 where the control is not, and is treated apart: what is decided
here and in the stages that follow depends on the number of states in nothing.
"""

from __future__ import annotations

from itertools import product

from tmc.automaton.reachable import Reachable, Sort
from tmc.automaton.signals import CONTROL, LIVE, MINUS, NONE, PLUS, RAW
from tmc.frozen import frozen
from tmc.ir.numeral import Codes, FieldGroup, PartValues
from tmc.ir.rules import Rules

BEYOND = 2  # the code of `answer` beyond the edges of a grid
LIVE_CODE, PAD_CODE = -1, 1  # of `kind`; a raw cell's is 0, and its product is the digit `raw`, in thirds of a pad
CONTROL_DIGIT, STATE = "control", "state"  # where the control is, and the state's number there: one digit of the number
# The signals with a code of their own in each digit, from 0 up and from 0 down; a star stands for any move that waits for the push.
_CALLS = ("lift +", "decode +", "left"), ("lift -", "decode -")
_WAVES = ("right-wave", "push right", "push right, *", "slide starts", "right", "left-wave"), ("slide", "push left", "push left, *")
_VERTICALS = ("up",), ("down",)


def parts_of(rules: Rules, cells: Reachable) -> tuple[FieldGroup, ...]:
    """The parts of a machine's cells."""
    names = [field.name for field in rules.fields]
    occurring = _Occurring(names, (*cells.sorts, cells.border))
    parts = [_answer(rules), _kind_and_symbol(occurring) if rules.has("kind") else _single(rules, "symbol")]
    parts += [_single(rules, name) for name in ("right", "left", "carry2") if rules.has(name)]
    parts += [FieldGroup(("control",), (CONTROL_DIGIT,), {(NONE,): (0,), (CONTROL,): (1,)}), _signals(rules, occurring)]
    return tuple(parts)


@frozen
class _Occurring:
    names: list[str]
    sorts: tuple[Sort, ...]

    def of(self, *fields: str) -> list[PartValues]:
        """The combinations of values of some fields that occur."""
        indices = [self.names.index(field) for field in fields]
        return sorted({values for sort in self.sorts for values in product(*(sort.values[index] for index in indices))})


def centred(number: int) -> int:
    """The codes of values in the order of their numbers: 0, -1, +1, -2, +2, …"""
    return -(number + 1) // 2 if number % 2 else number // 2


def _single(rules: Rules, name: str) -> FieldGroup:
    return FieldGroup((name,), (name,), {(number,): (centred(number),) for number in rules.field(name).numbers()})


def _answer(rules: Rules) -> FieldGroup:
    if not rules.has("inside"):
        return _single(rules, "answer")
    inside = rules.field("inside").values.index("yes")
    codes: dict[PartValues, Codes] = {(NONE, NONE): (BEYOND,)}
    codes |= {(number, inside): (centred(number),) for number in rules.field("answer").numbers()}
    return FieldGroup(("answer", "inside"), ("answer",), codes)


def state_codes(rules: Rules) -> dict[int, int]:
    """The code of each value of the field `state`, from 1 up."""
    return {number: code for code, number in enumerate(rules.field("state").numbers(), 1)}


def _kind_and_symbol(occurring: _Occurring) -> FieldGroup:
    def code(kind: int, symbol: int) -> Codes:
        return (0, centred(symbol), 0) if kind == RAW else (LIVE_CODE if kind == LIVE else PAD_CODE, 0, centred(symbol))

    return FieldGroup(
        ("kind", "symbol"), ("kind", "raw", "symbol"), {values: code(*values) for values in occurring.of("kind", "symbol")}
    )


def _signals(rules: Rules, occurring: _Occurring) -> FieldGroup:
    """The part of the signals. A machine may have neither `push` nor `carry1`."""
    fields = ("move", *(name for name in ("push", "carry1") if rules.has(name)))
    tables = {values: dict(zip(fields, values, strict=True)) for values in occurring.of(*fields)}
    names = {values: _signal(rules, **table) for values, table in tables.items()}
    digits = [_numbered(order, set(names.values())) for order in (_VERTICALS, _CALLS, _WAVES)]
    codes = {}
    for values, name in names.items():
        carry = centred(tables[values].get("carry1", NONE)) if name in digits[2] else 0
        codes[values] = (*(digit.get(name, 0) for digit in digits), carry)
    used = [index for index in range(4) if any(code[index] for code in codes.values())] or [2]
    labels = ("vertical", "call", "wave", "carry1")
    return FieldGroup(
        fields, tuple(labels[i] for i in used), {values: tuple(code[i] for i in used) for values, code in codes.items()}
    )


def _signal(rules: Rules, move: int, push: int = NONE, carry1: int = NONE) -> str:
    """A name for what a cell signals; "" for nothing."""
    moves = rules.field("move").values
    going, pushing = moves[move], rules.field("push").values[push] if push else ""
    if pushing:
        return "slide starts" if going == pushing == "right" else f"push {pushing}" if move == NONE else f"push {pushing}, {going}"
    if going not in ("none", "decode"):
        return going
    sign = {NONE: "", MINUS: " -", PLUS: " +"}[carry1]
    return "decode" + sign if going == "decode" else "lift" + sign if sign else ""


def _numbered(order: tuple[tuple[str, ...], tuple[str, ...]], names: set[str]) -> dict[str, int]:
    """A code for each of the signals that occur."""
    codes = {}
    for sign, kinds in zip((1, -1), order, strict=True):
        found = [
            name for kind in kinds for name in sorted(names) if name == kind or (kind[-1] == "*" and name.startswith(kind[:-1]))
        ]
        codes.update({name: sign * number for number, name in enumerate(found, 1)})
    return codes
