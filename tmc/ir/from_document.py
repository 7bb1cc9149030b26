"""Stages back from their documents (see `tmc.ir.document`): what a checkpoint says of its machine, strictly checked.

Every function here raises ValueError for a document of another form.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import inf
from typing import Any

from tmc.diagnostics import InternalError
from tmc.ir.cells import Cells, Trit, width
from tmc.ir.columns import transitions_of
from tmc.ir.document import Document
from tmc.ir.numeral import Digit, FieldGroup, Numeral, Real, Scale
from tmc.ir.polynomial import Monomial, Polynomial
from tmc.ir.rules import Field, Rules
from tmc.ir.table import ACCEPT, REJECT, Bounds, EdgeTest, Guard, Table, Transition, validate
from tmc.ir.tape import BLANK, EDGES, Move, Symbol, Tape

HALTING = {"accept": ACCEPT, "reject": REJECT}
MOVES = {move.name.lower(): move for move in Move}
VARIABLES = {"grid": {"m", "d"}, "rows": {"m", "d"}, "line": {"n"}}  # of the bounds, by the kind of the data tape
LARGEST_COEFFICIENT, HIGHEST_DEGREE = 10**16, 17  # of a bound: what a machine may promise, with room for `tmc.automaton.wraps`


def table_of(document: Document) -> Table:
    """The table of a document: the inverse of `tmc.ir.document.table_document`, save for the tests, which it leaves out.

    Transitions may also be those of `tmc.ir.columns`."""
    with _strictly("table"):
        tapes = tuple(_tape(tape) for tape in _list(document["tapes"]))
        states = _names(document["states"])
        bounds = {name: bound_of(document["bounds"][name]) for name in ("steps", "work")}
        _require(1 <= len(tapes) <= 2 and all(tape.kind == "line" for tape in tapes[1:]))
        _require(states and not HALTING.keys() & set(states))
        _require(all(bound is None or bound.variables() <= VARIABLES[tapes[0].kind] for bound in bounds.values()))
        given = document["transitions"]
        numbers = {state: number for number, state in enumerate(states)}
        if type(given) is dict:
            transitions = transitions_of(given)
        else:
            transitions = tuple(_transition(tapes, numbers, transition) for transition in _list(given))
        start = states.index(document["start"])
        table = Table(_name(document["name"]), _text(document["about"]), tapes, states, start, transitions, Bounds(**bounds))
        validate(table)
    return table


def bound_of(document: Document | None) -> Polynomial | None:
    """The bound of a document of `tmc.ir.document.bound_document`, small enough to be evaluated."""
    if document is None:
        return None
    with _strictly("bound"):
        terms: dict[Monomial, int] = {}
        for powers, coefficient in _list(document["terms"]):
            monomial = tuple((_name(name), _number(power)) for name, power in powers)
            exponents = [power for _, power in monomial]
            _require(_number(coefficient) <= LARGEST_COEFFICIENT and all(exponents) and sum(exponents) <= HIGHEST_DEGREE)
            terms[monomial] = coefficient
    return Polynomial.of(terms)


def cells_of(document: Document) -> Cells:
    """The cells of a checkpoint's ``encoding``: trits and the values that they code, but no conjunctions."""
    with _strictly("encoding"):
        trits = tuple(_trit(trit) for trit in _list(document["trits"]))
        coded = tuple(dict.fromkeys(trit.field for trit in trits))  # fields with a single value have no trits
        names = (*coded, *sorted(document["values"].keys() - set(coded)))
        values = tuple((name, tuple(_text(value) for value in _list(document["values"][name]))) for name in names)
        found = [(trit.field, trit.digit) for trit in trits]
        _require(found == [(name, digit) for name, known in values for digit in range(width(len(known)))])
        _require(all(known and len({*known} - {""}) == len(known) - known.count("") for _, known in values))
    return Cells(trits, (), (), values)


def fields_of(cells: Cells) -> Rules:
    """The fields that these cells code, without any rule."""
    persistent = {trit.field for trit in cells.trits if trit.persists}
    return Rules(tuple(Field(name, values, name in persistent) for name, values in cells.values), (), (), ())


def numeral_of(document: Document) -> Numeral:
    """The numeral of a document of `tmc.ir.document.number_document`."""
    with _strictly("number"):
        digits = tuple(
            Digit(_name(name), Real(_number(whole), _number(thirds))) for name, whole, thirds in _list(document["digits"])
        )
        _require(digits and digits[-1].name == "state" and all(digit.weight.value > 0 for digit in digits))
        most = {_name(name): _number(code) for name, code in document["most"].items()}
        _require(set(most) == {digit.name for digit in digits[:-1]})
        states = {_number(value): _number(code) for value, code in _list(document["states"])}
        _require(sorted(states.values()) == list(range(1, len(states) + 1)))
        parts = tuple(_part(part) for part in _list(document["parts"]))
        pad = None if document["pad"] is None else _number(document["pad"])
        return Numeral(_names(document["fields"]), parts, digits, states, most, pad)


def scale_of(document: Document) -> Scale:
    """The scale of a document of `tmc.ir.document.number_document`."""
    with _strictly("number"):
        _require(all(type(document[key]) in (int, float) and 0 < document[key] < inf for key in ("one", "third")))
        one, third = Fraction(document["one"]), Fraction(document["third"])
        return Scale(_name(document["scale"]), one, third)


def _part(document: Document) -> FieldGroup:
    fields, digits = _names(document["fields"]), _names(document["digits"])
    codes = {tuple(map(_number, _list(values))): tuple(_list(found)) for values, found in _list(document["codes"])}
    _require(all(len(values) == len(fields) and len(found) == len(digits) for values, found in codes.items()))
    _require(all(type(code) is int for found in codes.values() for code in found) and len(set(codes.values())) == len(codes))
    return FieldGroup(fields, digits, codes)


@contextmanager
def _strictly(what: str) -> Iterator[None]:
    """Turn any exception inside into a ValueError: the document has another form."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, InternalError) as error:
        raise ValueError(f"this is not the document of a {what}: {error}") from error


def _require(condition: object) -> None:
    if not condition:
        raise ValueError("a part of it is not what it should be")


def _list(value: object) -> list[Any]:
    _require(type(value) is list)
    return value  # type: ignore[return-value]


def _text(value: object) -> str:
    _require(type(value) is str)
    return str(value)


def _name(value: object) -> str:
    text = _text(value)
    _require(text and text.isprintable())
    return text


def _number(value: object) -> int:
    """A natural number; neither a truth value nor a fraction."""
    _require(type(value) is int and value >= 0)
    return int(value)  # type: ignore[call-overload, no-any-return]


def _names(values: object) -> tuple[str, ...]:
    names = tuple(_name(value) for value in _list(values))
    _require(len(set(names)) == len(names))
    return names


def _tape(document: Document) -> Tape:
    symbols = _names(document["symbols"])
    _require(document["kind"] in VARIABLES and symbols[0] == "_" and all(len(symbol) == 1 for symbol in symbols))
    return Tape(_name(document["name"]), document["kind"], symbols)


def _transition(tapes: tuple[Tape, ...], states: dict[str, int], document: Document) -> Transition:
    reads = [_numbers(tape, symbols) for tape, symbols in zip(tapes, _list(document["on"]), strict=True)]
    written = zip(tapes, _list(document["write"]), strict=True)
    writes = [None if symbol is None else tape.number(symbol) for tape, symbol in written]
    moves = [MOVES[move] for _, move in zip(tapes, _list(document["move"]), strict=True)]
    data, work = (*reads, (BLANK,))[:2]
    write_data, write_work = (*writes, None)[:2]
    move_data, move_work = (*moves, Move.STAY)[:2]
    target = HALTING[document["to"]] if document["to"] in HALTING else states[document["to"]]
    guard = Guard(data, work, _edge_test(document["at"]))
    state, line, file = states[document["state"]], _number(document["line"]), _text(document.get("file", ""))
    return Transition(state, guard, target, write_data, write_work, move_data, move_work, line, file)


def _numbers(tape: Tape, symbols: object) -> tuple[Symbol, ...]:
    """The numbers of a guard's symbols, which come in the order of the tape."""
    numbers = tuple(tape.symbols.index(_text(symbol)) for symbol in _list(symbols))
    _require(numbers == tuple(sorted(set(numbers))))
    return numbers


def _edge_test(document: Document) -> EdgeTest:
    names = [edge.name.lower() for edge in EDGES]
    _require(document.keys() <= set(names) and all(type(test) is bool for test in document.values()))
    top, bottom, left, right = (document.get(name) for name in names)
    return (top, bottom, left, right)


def _trit(document: Document) -> Trit:
    field, _, digit = _name(document["name"]).rpartition(".")
    values = tuple(_list(document["values"]))
    _require(all(type(value) is int and value in (-1, 0, 1) for value in values) and type(document["persists"]) is bool)
    return Trit(_name(field), int(digit), values, document["persists"])
