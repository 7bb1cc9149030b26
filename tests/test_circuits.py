"""Circuits of learners: by the table and by the weights, as files, and as functions."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import ROOT, compiled
from tmc.circuits import abc, aiger
from tmc.circuits.blif import to_blif
from tmc.circuits.c_code import to_c
from tmc.circuits.classifier import classifier, examples_of, labels, network_classifier, whole_run
from tmc.circuits.derandomised import circuit_of, derandomised
from tmc.circuits.equal import difference
from tmc.circuits.gates import Gates
from tmc.circuits.graph import Graph, all_cases, evaluate
from tmc.circuits.python_code import to_python
from tmc.cli import main
from tmc.diagnostics import Rejected
from tmc.ir.filters import Filters
from tmc.learn.data.datasets import parity, save
from tmc.net.answer import answer
from tmc.net.checkpoint import as_filters
from tmc.net.checkpoint.reading import from_build
from tmc.net.learn import memorise
from tmc.net.sparse.plain import PlainNetwork

ABC = pytest.mark.skipif(abc.program() is None, reason="ABC is not installed")
YOSYS = pytest.mark.skipif(shutil.which("yosys") is None, reason="yosys is not installed")
GCC = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
LEARNERS = ("conjunction", "decision_list", "dictator", "gauss", "majority", "memory", "nearest", "perceptron", "stump")


def queries(d: int) -> Any:
    """All of them, query `k` with bit `i` of `k` as feature `i`."""
    return np.array([[1 if number >> place & 1 else -1 for place in range(d)] for number in range(1 << d)], dtype=np.int8)


@cache
def trained(name: str, d: int, m: int, seed: int = 0) -> PlainNetwork:
    """The network of a machine that has learnt a data set by gradient descent."""
    network, data = PlainNetwork(from_build(compiled(name))), parity(d, m, 1, seed=seed)
    memorise(network, data.x_train, data.y_train, network.shape(m, d))
    return network


def learnt(name: str, d: int, m: int, seed: int = 0) -> Graph:
    """The circuit of the same by the table."""
    return classifier(compiled(name).table, *examples_of(trained(name, d, m, seed)))


@pytest.mark.parametrize("name", LEARNERS)
def test_a_classifier_says_what_the_network_predicts(name: str) -> None:
    """On every query."""
    for d, m, seed in ((1, 1, 0), (2, 3, 1), (4, 5, 2)):
        network = trained(name, d, m, seed)
        answers = answer(network, queries(d), network.shape(m, d))
        graph = learnt(name, d, m, seed)
        assert np.array_equal(labels(graph, queries(d)), answers.labels)
        decided = evaluate(graph, all_cases(d), 1 << d)["decided"]
        assert [not decided >> number & 1 for number in range(1 << d)] == answers.undecided.tolist()


def test_the_whole_run_is_the_classifier_of_any_examples() -> None:
    table, m, d = compiled("majority").table, 3, 2
    run = whole_run(table, m, d)
    assert run.inputs == ("x1_1", "x1_2", "y1", "x2_1", "x2_2", "y2", "x3_1", "x3_2", "y3", "x1", "x2")
    for seed in range(8):
        data = parity(d, m, 1, seed=seed)
        given = [int(value > 0) for row in np.column_stack([data.x_train, data.y_train]).tolist() for value in row]
        asked = [15 * value for value in given] + all_cases(d)
        assert evaluate(run, asked, 4) == evaluate(classifier(table, data.x_train, data.y_train), all_cases(d), 4)


def test_structural_simplification_keeps_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = whole_run(compiled("majority").table, 2, 2)
    monkeypatch.setattr("tmc.circuits.gates.EXHAUSTIVE", 3)
    structural = whole_run(compiled("majority").table, 2, 2)
    assert len(structural.gates) >= len(whole.gates)
    assert difference(whole, structural) is None


SMALL = (("conjunction", 3, 3), ("dictator", 2, 2), ("gauss", 2, 3), ("majority", 3, 3), ("stump", 2, 2))


@pytest.mark.parametrize(("name", "d", "m"), SMALL)
def test_the_circuit_of_the_weights_is_that_of_the_table(name: str, d: int, m: int) -> None:
    weights, table = network_classifier(trained(name, d, m)), learnt(name, d, m)
    assert difference(table, weights) is None
    if abc.program() is not None:
        assert abc.same(table, weights)


def changed(filters: Filters, bias: int) -> Filters:
    """Filters whose conjunctions that accept have another bias."""
    layer = filters.recurrent[1]
    units = [replace(unit, bias=unit.bias + bias) if "accept" in unit.rule else unit for unit in layer.units]
    return replace(filters, recurrent=(filters.recurrent[0], replace(layer, units=tuple(units)), filters.recurrent[2]))


def test_a_planted_weight_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    network, table = trained("dictator", 2, 2), learnt("dictator", 2, 2)
    original = as_filters.filters_of
    monkeypatch.setattr(as_filters, "filters_of", lambda checkpoint: changed(original(checkpoint), -2))
    planted = network_classifier(network)
    found = difference(table, planted)
    assert found is not None
    case = [int(value) for value in found.values()]
    assert evaluate(table, case, 1) != evaluate(planted, case, 1)


@ABC
def test_abc_finds_planted_gates() -> None:
    graph = learnt("gauss", 4, 5)
    for number, (left, right) in list(enumerate(graph.gates))[::6]:
        gates = (*graph.gates[:number], (left ^ 1, right), *graph.gates[number + 1 :])
        planted = replace(graph, gates=gates)
        assert abc.same(graph, planted) == (difference(graph, planted) is None)


@ABC
def test_abc_makes_a_circuit_smaller() -> None:
    graph = network_classifier(trained("gauss", 2, 3))
    small = abc.smaller(graph)
    assert small.inputs == graph.inputs
    assert len(small.gates) <= len(graph.gates)
    assert difference(small, graph) is None


def test_without_abc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abc.shutil, "which", lambda _: None)
    graph = Gates(["a"]).graph((("label", 2),), "copy")
    with pytest.raises(Rejected, match="berkeley-abc"):
        abc.same(graph, graph)


def test_other_inputs_are_no_difference_but_refused() -> None:
    with pytest.raises(Rejected, match="other inputs or outputs"):
        difference(Gates(["a"]).graph((("label", 2),), "a"), Gates(["b"]).graph((("label", 2),), "b"))


def test_aiger_is_as_the_format_says() -> None:
    gates = Gates(["a", "b"])
    graph = gates.graph((("label", gates.both(2, 4) ^ 1),), "nand")
    assert aiger.to_ascii(graph) == b"aag 3 2 0 1 1\n2\n4\n7\n6 4 2\ni0 a\ni1 b\no0 label\nc\nnand\n"
    assert aiger.to_binary(graph) == b"aig 3 2 0 1 1\n7\n\x02\x02i0 a\ni1 b\no0 label\nc\nnand\n"
    assert to_blif(graph) == b".model nand\n.inputs a b\n.outputs label\n.names a b n1\n11 1\n.names n1 label\n0 1\n.end\n"


@pytest.mark.parametrize("write", [aiger.to_ascii, aiger.to_binary])
def test_aiger_is_read_again(write: Any) -> None:
    for name, d, m in (("gauss", 4, 5), ("dictator", 1, 1), ("nearest", 3, 4)):
        graph = learnt(name, d, m)
        read = aiger.read("x", write(graph))
        assert (read.inputs, [name for name, _ in read.outputs]) == (graph.inputs, ["label", "decided"])
        assert difference(read, graph) is None


@pytest.mark.parametrize(
    "text", ["", "aag", "aag 1 1 0 1 0\n2", "aag 1 0 1 0 0\n2 3\n", "aig 2 1 0 1 1\n4\n", "aag 1 1 0 1 0\n2\n9\n"]
)
def test_what_is_not_aiger_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="not an AIGER file"):
        aiger.read("x.aag", text.encode())


@ABC
def test_abc_reads_all_files(tmp_path: Path) -> None:
    graph = learnt("gauss", 4, 5)
    (tmp_path / "a.aig").write_bytes(aiger.to_binary(graph))
    (tmp_path / "a.blif").write_bytes(to_blif(graph))
    done = subprocess.run([str(abc.program()), "-q", "cec a.aig a.blif"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "are equivalent" in done.stdout


@YOSYS
def test_yosys_reads_all_files(tmp_path: Path) -> None:
    graph = learnt("gauss", 3, 4)
    for name, write in (("a.aag", aiger.to_ascii), ("b.aig", aiger.to_binary), ("c.blif", to_blif)):
        (tmp_path / name).write_bytes(write(graph))
    read = "read_aiger -module_name a a.aag; read_aiger -module_name b b.aig; read_blif c.blif; rename gauss c; "
    proofs = "".join(f"miter -equiv -flatten a {other} m{other}; sat -verify -prove trigger 0 m{other}; " for other in "bc")
    done = subprocess.run(["yosys", "-q", "-p", read + proofs], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_python_function() -> None:
    graph = learnt("gauss", 4, 5)
    namespace: dict[str, Any] = {}
    exec(to_python(graph), namespace)  # the point of it
    asked = queries(4)
    assert [namespace["classify"](query) for query in asked.tolist()] == labels(graph, asked).tolist()
    assert [namespace["classify"](query) for query in (asked > 0).tolist()] == labels(graph, asked).tolist()
    with pytest.raises(ValueError, match="a query has 4 features, not 3"):
        namespace["classify"]([1, 0, 1])


@GCC
@pytest.mark.parametrize(("name", "d", "m"), [("gauss", 4, 5), ("dictator", 1, 1), ("majority", 2, 3)])
def test_the_c_function(name: str, d: int, m: int, tmp_path: Path) -> None:
    graph = learnt(name, d, m)
    (tmp_path / "a.c").write_bytes(to_c(graph))
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", "a.so", "a.c"], cwd=tmp_path, check=True)
    classify = ctypes.CDLL(str(tmp_path / "a.so")).classify
    said = [classify((ctypes.c_byte * d)(*query)) for query in queries(d).tolist()]
    assert said == labels(graph, queries(d)).tolist()


@pytest.mark.parametrize(("name", "d", "m"), [("gauss", 4, 5), ("dictator", 1, 1)])
def test_the_onnx_model(name: str, d: int, m: int) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    from tmc.circuits.onnx_model import to_onnx

    graph = learnt(name, d, m)
    written = to_onnx(graph)
    assert written == to_onnx(graph)
    session = runtime.InferenceSession(written, providers=["CPUExecutionProvider"])
    (said,) = session.run(None, {"x": queries(d).astype(np.float32)})
    assert np.array_equal(said, labels(graph, queries(d)))


def test_restarts_without_random_bits() -> None:
    """The circuit is the estimator on every query, and a function of the sample."""
    random = np.random.default_rng(5)
    x = random.integers(0, 2, (220, 4))
    y = x[:, 2]
    found, again = (derandomised(x, y, restarts=512, examples=4, n_jobs=1) for _ in range(2))
    assert found.graph == again.graph
    assert found.seed == again.seed
    assert 64 <= found.extra < 120
    asked = (queries(4) > 0).astype(int)
    assert np.array_equal(labels(found.graph, queries(4)) > 0, found.estimator.predict(asked) == 1)
    pairs = [((*x[i], y[i]), (*x[i + 1], y[i + 1])) for i in range(220 - 2, -1, -2)]
    bits = [first > second for first, second in pairs if first != second][:32]
    assert found.seed == int("".join(str(int(bit)) for bit in bits), 2)


def test_too_few_examples_for_random_bits() -> None:
    with pytest.raises(Rejected, match="32 pairs of different ones"):
        derandomised(np.zeros((500, 2)), np.arange(500) % 2 * 0)
    with pytest.raises(ValueError, match="leave random_state out"):
        derandomised([[0]], [1], random_state=3)


def test_the_circuit_of_an_estimator() -> None:
    from tmc.learn.estimators import MachineClassifier

    random = np.random.default_rng(1)
    x = random.normal(size=(6, 3))
    estimator = MachineClassifier("nearest", engine="table").fit(x, ["a", "b", "a", "b", "b", "a"])
    asked = random.normal(size=(40, 3))
    signs = np.where(asked > estimator.thresholds_, 1, -1).astype(np.int8)
    assert [("a", "b")[int(label > 0)] for label in labels(circuit_of(estimator), signs)] == estimator.predict(asked).tolist()


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    save(parity(2, 3, 2), "data.npz")
    gauss = str(ROOT / "machines" / "gauss.tm")
    graph = learnt("gauss", 2, 3)
    for name, written in (("a.aag", aiger.to_ascii(graph)), ("a.aig", aiger.to_binary(graph))):
        assert main(["export", gauss, "--to", "aiger", "--input", "data.npz", "-o", name]) == 0
        assert Path(name).read_bytes() == written
    assert capsys.readouterr().out.startswith(f"a.aag: 2 inputs, {len(graph.gates)} AND gates, depth {graph.depth()}\n")
    assert main(["export", gauss, "--to", "blif", "--input", "data.npz", "--what", "network"]) == 0
    assert capsys.readouterr().out == to_blif(network_classifier(trained("gauss", 2, 3))).decode()
    assert main(["compile", gauss, "-o", "g.safetensors"]) == 0
    assert main(["run", "g.safetensors", "--input", "data.npz", "--save", "t.safetensors"]) == 0
    capsys.readouterr()
    assert main(["export", "t.safetensors", "--to", "aiger"]) == 0
    assert capsys.readouterr().out == aiger.to_ascii(graph).decode()


REFUSED = (
    (["gauss.tm", "--to", "aiger"], "a circuit is made for examples"),
    (["gauss.tm", "--to", "aiger", "--input", "data.npz", "-o", "a.yaml"], "a.yaml ends in .yaml, and what is written is .aag"),
    (["gauss.tm", "--to", "onnx", "--input", "data.npz"], "onnx is no text; say with -o where to write it"),
    (["gauss.tm", "--to", "c", "--what", "run", "--input", "data.npz"], "--to c is a function of a query"),
    (["increment.tm", "--to", "morphett", "--what", "run"], "--input, --what and --simplify are for aiger"),
)


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_the_command_refuses(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save(parity(2, 3, 2), "data.npz")
    assert main(["export", str(ROOT / "machines" / arguments[0]), *arguments[1:]]) == 2
    assert message in capsys.readouterr().err


def test_a_line_machine_is_no_classifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(parity(2, 3, 2), tmp_path / "data.npz")
    increment = str(ROOT / "machines" / "increment.tm")
    assert main(["export", increment, "--to", "aiger", "--input", str(tmp_path / "data.npz")]) == 1
    assert "reads a line, not a grid of examples" in capsys.readouterr().err


@ABC
@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", LEARNERS)
def test_abc_proves_the_network_equal_to_the_table(name: str, seed: int) -> None:
    d, m = 2 + seed % 2, 2 + seed // 2
    weights, table = network_classifier(trained(name, d, m, seed)), learnt(name, d, m, seed)
    assert abc.same(table, weights)
    assert difference(table, weights) is None
