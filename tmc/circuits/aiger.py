"""AIGER, the common format of graphs of AND gates: ASCII (.aag) and binary (.aig), with the names of inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.circuits.graph import Graph, Literal
from tmc.diagnostics import Rejected


def to_ascii(graph: Graph) -> bytes:
    """The graph as ``.aag``."""
    inputs = [str(2 * variable) for variable in range(1, graph.first_gate)]
    gates = [f"{literal} {max(gate)} {min(gate)}" for literal, gate in _gates(graph)]
    return "\n".join([_header("aag", graph), *inputs, *_outputs(graph), *gates, *_symbols(graph), ""]).encode()


def to_binary(graph: Graph) -> bytes:
    """The graph as ``.aig``: of each gate two differences, seven bits a byte."""
    head = "".join(f"{line}\n" for line in (_header("aig", graph), *_outputs(graph)))
    body = bytearray()
    for literal, gate in _gates(graph):
        for difference in (literal - max(gate), max(gate) - min(gate)):
            body += _coded(difference)
    return head.encode() + bytes(body) + "".join(f"{line}\n" for line in _symbols(graph)).encode()


def read(name: str, data: bytes) -> Graph:
    """The graph of a file, in either form. Raises `Rejected` when it is none, or has latches."""
    try:
        header, _, rest = data.partition(b"\n")
        kind, *counts = header.split()
        most, inputs, latches, outputs, gates = map(int, counts)
        if kind not in (b"aag", b"aig") or latches or most < inputs + gates or min(inputs, outputs, gates) < 0:
            raise ValueError("header")
        return (_read_ascii if kind == b"aag" else _read_binary)(name, rest, (inputs, outputs, gates))
    except (ValueError, IndexError, KeyError):
        raise Rejected(f"{name}: this is not an AIGER file of gates alone (a header `aag M I 0 O A` or `aig M I 0 O A`)") from None


def _header(kind: str, graph: Graph) -> str:
    return f"{kind} {len(graph.inputs) + len(graph.gates)} {len(graph.inputs)} 0 {len(graph.outputs)} {len(graph.gates)}"


def _gates(graph: Graph) -> Iterator[tuple[Literal, tuple[Literal, Literal]]]:
    return zip(range(2 * graph.first_gate, 2 * (graph.first_gate + len(graph.gates)), 2), graph.gates, strict=True)


def _outputs(graph: Graph) -> list[str]:
    return [str(literal) for _, literal in graph.outputs]


def _symbols(graph: Graph) -> list[str]:
    inputs = [f"i{number} {name}" for number, name in enumerate(graph.inputs)]
    return [*inputs, *(f"o{number} {name}" for number, (name, _) in enumerate(graph.outputs)), "c", graph.name]


def _coded(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _read_ascii(name: str, rest: bytes, counts: tuple[int, int, int]) -> Graph:
    inputs, outputs, gates = counts
    lines = rest.decode().splitlines()
    place = {0: 0}
    for number, line in enumerate(lines[:inputs], 1):
        place[int(line) >> 1] = number
    made = []
    for number, line in enumerate(lines[inputs + outputs : inputs + outputs + gates], inputs + 1):
        literal, left, right = map(int, line.split())
        made.append((_moved(place, left), _moved(place, right)))
        place[literal >> 1] = number
    if len(place) != 1 + inputs + gates or len(lines) < inputs + outputs + gates:
        raise ValueError("a variable is driven twice, or gates are missing")
    driven = [_moved(place, int(line)) for line in lines[inputs : inputs + outputs]]
    return _named(name, lines[inputs + outputs + gates :], inputs, tuple(made), driven)


def _moved(place: dict[int, int], literal: Literal) -> Literal:
    return 2 * place[literal >> 1] + (literal & 1)


def _read_binary(name: str, rest: bytes, counts: tuple[int, int, int]) -> Graph:
    inputs, outputs, gates = counts
    driven, at = [], 0
    for _ in range(outputs):
        end = rest.index(b"\n", at)
        driven.append(int(rest[at:end]))
        at = end + 1
    made = []
    for number in range(gates):
        literal, pair = 2 * (inputs + 1 + number), []
        for _ in range(2):
            difference, at = _decoded(rest, at)
            literal -= difference
            pair.append(literal)
        if not 0 <= pair[1] <= pair[0] < 2 * (inputs + 1 + number):
            raise ValueError("a gate reads what comes after it")
        made.append((pair[0], pair[1]))
    if any(not 0 <= literal < 2 * (1 + inputs + gates) for literal in driven):
        raise ValueError("outputs")
    return _named(name, rest[at:].decode().splitlines(), inputs, tuple(made), driven)


def _decoded(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while data[at] & 128:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | data[at] << shift, at + 1


def _named(name: str, lines: list[str], inputs: int, gates: tuple[tuple[Literal, Literal], ...], driven: list[Literal]) -> Graph:
    symbols = lines[: lines.index("c")] if "c" in lines else lines
    names = dict(line.split(" ", 1) for line in symbols if line)
    called = tuple(names.get(f"i{number}", f"i{number}") for number in range(inputs))
    outputs = tuple((names.get(f"o{number}", f"o{number}"), literal) for number, literal in enumerate(driven))
    return Graph(called, gates, outputs, name)
