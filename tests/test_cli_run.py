from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tmc as package
from conftest import ROOT, Outcome, compiled
from tmc.learn.data import datasets
from tmc.learn.data.datasets import DataSet
from tmc.net.checkpoint.reading import from_build, save, to_bytes

Tmc = Callable[..., Outcome]
DATA = datasets.parity(3, 6, 5, seed=0)
CHECKPOINT = to_bytes(from_build(compiled("gauss")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the command runs in, holding a compiled network and a data set."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gauss.safetensors").write_bytes(CHECKPOINT)
    datasets.save(DATA, tmp_path / "data.npz")
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def report(outcome: Outcome) -> dict[str, Any]:
    assert (outcome.status, outcome.out.count("\n")) == (0, 1)
    return dict(json.loads(outcome.out))


def machine(folder: Path, rules: str, symbols: str = "_ 0 1", bounds: str = "", work: bool = False) -> str:
    """A checkpoint of a machine with one state, which the data have for their grid."""
    tapes = f"tape data: grid of {symbols}\n" + ("tape work: line of _ 1\n" if work else "")
    limits = f"bounds\n{bounds}" if bounds else ""
    build = package.compile(f"machine toy\n{tapes}{limits}start s\nstate s\n{rules}")
    save(from_build(build), folder / "toy.safetensors")
    return "toy.safetensors"


# --- what comes out


def test_as_typed(tmc: Tmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that holds exactly a machine and a data set."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gauss.tm").write_bytes((ROOT / "machines" / "gauss.tm").read_bytes())
    datasets.save(DATA, tmp_path / "data.npz")
    assert tmc("compile", "gauss.tm").status == 0
    outcome = tmc("run", "--input", "data.npz")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "gauss: learnt 6 examples of 3 features, answered 5 queries"
    assert lines[1:3] == ["  accuracy   1.000", "  undecided  0"]
    assert [line.split()[0] for line in lines[3:]] == ["layers", "engine"]
    assert files(tmp_path) == ["data.npz", "gauss.safetensors", "gauss.tm"]


def test_one_json_object(tmc: Tmc, folder: Path) -> None:
    found = report(tmc("run", "--input", "data.npz", "--json"))
    known = {"accuracy", "depth", "layers", "layers_run", "machine", "predictions", "seconds", "undecided"}
    assert set(found) == known | {"cells_evaluated", "chosen", "engine", "numbers", "patches_evaluated"}
    assert (found["chosen"], found["numbers"]) == ("few cells change in a layer", "float64")
    assert 0 < found["patches_evaluated"] < found["cells_evaluated"]
    assert DATA.y_test is not None
    assert found["predictions"] == DATA.y_test.tolist()
    assert all(type(label) is int for label in found["predictions"])
    assert (found["undecided"], found["accuracy"], found["engine"], found["machine"]) == ([], 1.0, "sparse", "gauss")
    assert type(found["layers"]) is int
    assert found["layers"] == found["layers_run"] <= found["depth"] == 4 * (7 * 19 + 1) + 6 + 3 + 2
    assert found["seconds"] >= 0


def test_without_labels_there_is_no_accuracy(tmc: Tmc, folder: Path) -> None:
    datasets.save(DataSet(DATA.x_train, DATA.y_train, DATA.x_test), folder / "bare.npz")
    assert report(tmc("run", "--input", "bare.npz", "--json"))["accuracy"] is None
    assert "accuracy   unknown (no y_test)" in tmc("run", "--input", "bare.npz").out


def test_one_of_each(tmc: Tmc, folder: Path) -> None:
    datasets.save(datasets.parity(1, 1, 1, seed=0), folder / "one.npz")
    assert tmc("run", "--input", "one.npz").out.startswith("gauss: learnt 1 example of 1 feature, answered 1 query\n")


def test_accuracy_counts_labels(tmc: Tmc, folder: Path) -> None:
    assert DATA.y_test is not None
    wrong = DATA.y_test * np.array([1, 1, -1, 1, -1], dtype=np.int8)
    datasets.save(DataSet(DATA.x_train, DATA.y_train, DATA.x_test, wrong), folder / "wrong.npz")
    assert report(tmc("run", "--input", "wrong.npz", "--json"))["accuracy"] == 0.6


def test_both_engines_and_every_layer_say_the_same(tmc: Tmc, folder: Path) -> None:
    small = datasets.parity(1, 2, 2, seed=0)
    datasets.save(small, folder / "small.npz")
    ways = [(*engine, *depth) for engine in ((), ("--engine", "dense")) for depth in ((), ("--full-depth",))]
    found = {way: report(tmc("run", "--input", "small.npz", "--json", *way)) for way in ways}
    first = found[()]
    assert first["layers"] < first["depth"]
    for way, other in found.items():
        same = ("predictions", "undecided", "accuracy", "depth", "machine", "layers")
        assert {key: other[key] for key in same} == {key: first[key] for key in same}, way
        assert other["engine"] == ("dense" if "dense" in way else "sparse")
        assert other["layers_run"] == other["depth" if "--full-depth" in way else "layers"]
    row = f"  layers     {first['layers']} of {first['depth']}"
    assert row in tmc("run", "--input", "small.npz").out.splitlines()
    assert f"{row}, {first['depth']} run" in tmc("run", "--input", "small.npz", "--full-depth").out.splitlines()


def test_the_predictions_as_a_file(tmc: Tmc, folder: Path) -> None:
    (folder / "out.npz").write_bytes(b"old")
    assert tmc("run", "--input", "data.npz", "--output", "out.npz").status == 0
    with np.load(folder / "out.npz") as written:
        assert sorted(written) == ["predictions", "undecided"]
        assert (written["predictions"].dtype, written["undecided"].dtype) == (np.int8, np.bool_)
        assert np.array_equal(written["predictions"], DATA.y_test)
        assert not written["undecided"].any()
    assert files(folder) == ["data.npz", "gauss.safetensors", "out.npz"]


def test_the_trained_network_as_a_file(tmc: Tmc, folder: Path) -> None:
    assert tmc("run", "--input", "data.npz", "--save", "trained.safetensors").status == 0
    trained = package.load("trained.safetensors")
    assert trained.memory.weight.shape == (7, 4)
    assert np.array_equal(trained.predict(DATA.x_test), DATA.y_test)
    again = report(tmc("run", "trained.safetensors", "--input", "data.npz", "--json"))
    assert again["accuracy"] == 1.0


def test_a_network_may_be_replaced_by_itself_trained(tmc: Tmc, folder: Path) -> None:
    assert tmc("run", "--input", "data.npz", "--save", "gauss.safetensors").status == 0
    assert package.load("gauss.safetensors").memory.weight.shape == (7, 4)
    assert files(folder) == ["data.npz", "gauss.safetensors"]


def test_a_trained_network_is_only_asked(tmc: Tmc, folder: Path) -> None:
    assert tmc("run", "--input", "data.npz", "--save", "trained.safetensors").status == 0
    np.savez(folder / "queries.npz", X_test=DATA.x_test)
    outcome = tmc("run", "trained.safetensors", "--input", "queries.npz", "--output", "out.npz")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(
        "gauss: had learnt 6 examples of 3 features, answered 5 queries\n  accuracy   unknown (no y_test)\n"
    )
    with np.load(folder / "out.npz") as written:
        assert np.array_equal(written["predictions"], DATA.y_test)
    np.savez(folder / "queries.npz", X_test=DATA.x_test, y_test=DATA.y_test)
    learnt = report(tmc("run", "--input", "data.npz", "--json", "gauss.safetensors"))
    asked = report(tmc("run", "--input", "queries.npz", "--json", "trained.safetensors"))
    assert {**asked, "seconds": 0} == {**learnt, "seconds": 0}


def test_queries_that_cannot_be_asked(tmc: Tmc, folder: Path) -> None:
    assert tmc("run", "--input", "data.npz", "--save", "trained.safetensors").status == 0
    np.savez(folder / "queries.npz", X_test=DATA.x_test[:, :1])
    assert tmc("run", "trained.safetensors", "--input", "queries.npz") == Outcome(
        1, "", "error: queries.npz: X_test has 1 feature, but trained.safetensors has learnt examples of 3 features\n"
    )
    assert tmc("run", "gauss.safetensors", "--input", "queries.npz") == Outcome(
        1, "", "error: queries.npz: there is no array X_train (it holds X_test)\n"
    )
    np.savez(folder / "queries.npz", X_test=DATA.x_test, X_train=DATA.x_train)
    assert tmc("run", "trained.safetensors", "--input", "queries.npz") == Outcome(
        1, "", "error: queries.npz: there is no array y_train (it holds X_test, X_train)\n"
    )


# --- which network


def test_no_network_at_hand(tmc: Tmc, folder: Path) -> None:
    (folder / "gauss.safetensors").write_bytes(b"not ours")
    expected = "error: there is no checkpoint in this folder; make one with `tmc compile FILE`, or name one\n"
    assert tmc("run", "--input", "data.npz") == Outcome(1, "", expected)


def test_more_than_one_network_at_hand(tmc: Tmc, folder: Path) -> None:
    (folder / "b.safetensors").write_bytes(CHECKPOINT)
    (folder / "c.safetensors").write_bytes(b"not ours")
    expected = "error: there is more than one checkpoint in this folder (b.safetensors, gauss.safetensors); name the one to run\n"
    assert tmc("run", "--input", "data.npz") == Outcome(1, "", expected)
    assert tmc("run", "b.safetensors", "--input", "data.npz").status == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("no.safetensors", "cannot read no.safetensors: it does not exist"),
        (".", "cannot read .: it is a folder"),
        ("data.npz", "data.npz: this is not a checkpoint made by tmc; make one with `tmc compile`"),
    ],
)
def test_a_network_that_is_none(tmc: Tmc, folder: Path, name: str, complaint: str) -> None:
    assert tmc("run", name, "--input", "data.npz") == Outcome(1, "", f"error: {complaint}\n")


def test_a_network_cut_short(tmc: Tmc, folder: Path) -> None:
    (folder / "gauss.safetensors").write_bytes(CHECKPOINT[:-1])
    outcome = tmc("run", "gauss.safetensors", "--input", "data.npz")
    assert outcome.status == 1
    assert outcome.err.startswith("error: gauss.safetensors: this is not a whole safetensors file (")
    assert outcome.err.count("\n") == 1


def test_a_machine_that_lacks_a_symbol_of_the_data(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, "  otherwise -> accept\n", symbols="_ 1")
    expected = "error: data.npz: the data hold a 0, which is not a symbol of the machine toy\n"
    assert tmc("run", name, "--input", "data.npz") == Outcome(1, "", expected)
    ones = np.ones((2, 2), dtype=np.int8)
    datasets.save(DataSet(ones, ones[0], ones, np.array([1, -1], dtype=np.int8)), folder / "ones.npz")
    assert report(tmc("run", name, "--input", "ones.npz", "--json"))["predictions"] == [1, 1]


# --- bad data


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"X_train": [[0, 1]]}, "there is no array y_train (it holds X_train)"),
        (
            {"X_train": [[0, 2]], "y_train": [0], "X_test": [[0, 1]]},
            "X_train[0, 1] is 2; features and labels are 0 and 1, or -1 and 1",
        ),
        ({"X_train": [[0, 1]], "y_train": [0], "X_test": [[0, 1, 1]]}, "X_train has 2 features, X_test has 3"),
        ({"X_train": [[0, 1]], "y_train": [0, 1], "X_test": [[0, 1]]}, "X_train has 1 rows, y_train has 2 labels"),
    ],
)
def test_a_bad_data_set(tmc: Tmc, folder: Path, arrays: dict[str, Any], complaint: str) -> None:
    np.savez(folder / "bad.npz", **{name: np.array(values) for name, values in arrays.items()})
    assert tmc("run", "--input", "bad.npz") == Outcome(1, "", f"error: bad.npz: {complaint}\n")


def test_no_data_set(tmc: Tmc, folder: Path) -> None:
    assert tmc("run", "--input", "no.npz") == Outcome(1, "", "error: cannot read no.npz: it does not exist\n")
    outcome = tmc("run", "--input", "gauss.safetensors")
    assert outcome == Outcome(1, "", "error: gauss.safetensors is not an .npz archive; numpy.savez and `tmc data` write them\n")
    assert tmc("run").status == 2


# --- where to write


@pytest.mark.parametrize("option", ["--output", "--save"])
def test_nowhere_to_write_is_said_before_anything_is_read(tmc: Tmc, folder: Path, option: str) -> None:
    for target, why in (
        ("no/x", "the folder no does not exist; create it first"),
        ("data.npz/x", "data.npz is not a folder"),
        (".", "it is a folder; name a file"),
    ):
        expected = f"error: cannot write {target}: {why}\n"
        assert tmc("run", "no.safetensors", "--input", "no.npz", option, target) == Outcome(1, "", expected)


def test_nothing_that_is_read_is_overwritten(tmc: Tmc, folder: Path) -> None:
    (folder / "data").write_bytes((folder / "data.npz").read_bytes())
    (folder / "gauss").write_bytes((folder / "gauss.safetensors").read_bytes())
    for options, option, what in (
        (("--output", "./data"), "--output", "data"),
        (("--save", "data"), "--save", "data"),
        (("--output", folder / "gauss"), "--output", "gauss"),
        (("--output", "new", "--save", "new"), "--save", "new"),
    ):
        expected = f"error: {option} would overwrite {what}; name another file\n"
        assert tmc("run", "gauss", "--input", "data", *options) == Outcome(1, "", expected)
    assert files(folder) == ["data", "data.npz", "gauss", "gauss.safetensors"]


INTERRUPTED = """
import sys
import time
from tmc.cli import main
from tmc.net.sparse.running import SparseRun
advance = SparseRun.advance
calls = 0
def counted(self, most, until):
    global calls
    calls += 1
    if calls == 10:
        print("running", flush=True)
    time.sleep(0.1)
    return advance(self, most, until)
SparseRun.advance = counted
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("save", [False, True])
def test_an_interrupt_leaves_nothing_behind(folder: Path, save: bool) -> None:
    """But, with --save, what was learnt, under a name of its own."""
    datasets.save(datasets.parity(12, 30, 60, seed=0), folder / "large.npz")
    (folder / "out.npz").write_bytes(b"old")
    arguments = ["run", "--input", "large.npz", "--output", "out.npz", *(["--save", "trained.safetensors"] if save else [])]
    command = [sys.executable, "-c", INTERRUPTED, *arguments]
    learnt = "30 of 30 examples are learnt, see trained.safetensors.part; run the same command again to go on"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "running\n"
        program.send_signal(signal.SIGINT)
        assert program.stderr.read() == f"interrupted; {learnt if save else 'nothing was written'}\n"
        assert program.stdout.read() == ""
    assert program.returncode == 130
    kept = ["trained.safetensors.part"] if save else []
    assert files(folder) == ["data.npz", "gauss.safetensors", "large.npz", "out.npz", *kept]
    assert (folder / "out.npz").read_bytes() == b"old"


# --- answers that do not count


def undecided(tmc: Tmc, folder: Path, name: str, *options: object) -> str:
    """What is said when every query stays undecided; that counts as +1."""
    outcome = tmc("run", name, "--input", "data.npz", "--json", "--output", "out.npz", *options)
    found = report(outcome)
    assert found["predictions"] == [1] * 5
    assert found["undecided"] == list(range(5))
    with np.load(folder / "out.npz") as written:
        assert written["undecided"].all()
        assert (written["predictions"] == 1).all()
    return outcome.err


def test_what_stays_undecided_counts_for_the_accuracy(tmc: Tmc, folder: Path) -> None:
    assert DATA.y_test is not None
    outcome = tmc("run", machine(folder, "  at not right  move right\n"), "--input", "data.npz")
    assert f"  accuracy   {(DATA.y_test == 1).mean():.3f} (5 undecided counted as +1)\n" in outcome.out


RESTLESS = "  on 1  write 0\n  on 0  write 1\n"


def test_a_machine_that_is_stuck_or_stands_still(tmc: Tmc, folder: Path) -> None:
    for rules in ("  at not right  move right\n", "  otherwise  move right\n"):
        said = undecided(tmc, folder, machine(folder, rules))
        assert said == (
            "warning: 5 queries (the first is query 0) came to rest without an answer; "
            "toy is stuck there, or stands still for ever; see `tmc simulate --trace`\n"
        )


def test_a_machine_that_breaks_its_bound_on_steps(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, RESTLESS, bounds="  steps m + d\n")
    said = undecided(tmc, folder, name)
    assert said == ("warning: 5 queries (the first is query 0) had no answer after 47 layers; toy breaks its bound on steps\n")


def test_a_machine_that_never_halts_and_promises_nothing(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, RESTLESS)
    assert undecided(tmc, folder, name, "--max-layers", 50) == (
        "warning: 5 queries (the first is query 0) had no answer after 50 layers; allow more with --max-layers\n"
    )


WORKER = "  at right bottom  -> reject\n  at right  write ., 1  move down, right\n  otherwise  move right\n"


def test_a_machine_that_breaks_its_bound_on_work(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, WORKER, bounds="  steps 2*m + 2*d\n  work 2\n", work=True)
    assert undecided(tmc, folder, name) == (
        "warning: 5 queries (the first is query 0) used more than 2 work-tape cells, which is what toy promises; "
        "allow more with --work\n"
    )
    fixed = report(tmc("run", name, "--input", "data.npz", "--json", "--work", 7))
    assert (fixed["predictions"], fixed["undecided"]) == ([-1] * 5, [])


def test_a_symbol_that_leaves_the_lattice_in_a_jump(tmc: Tmc, folder: Path) -> None:
    """When both heads move right, what stands left of the work head goes two cells to the right at once."""
    moves = ["write ., 1  move stay, right", *["move stay, right"] * 3, "move right, right", *["move stay, left"] * 5]
    rules = "".join(f"  otherwise  {move}  -> s{i}\nstate s{i}\n" for i, move in enumerate(moves))
    name = machine(folder, rules + "  on *, 1  -> reject\n  otherwise  -> accept\n", work=True)
    datasets.save(datasets.parity(2, 2, 1), folder / "two.npz")
    found = {work: report(tmc("run", name, "--input", "two.npz", "--json", "--work", work)) for work in range(1, 7)}
    assert [(work, row["predictions"], row["undecided"]) for work, row in found.items()] == [
        *((work, [1], [0]) for work in (1, 2, 3)), *((work, [-1], []) for work in (4, 5, 6)),
    ]  # fmt: skip


def test_less_room_than_a_machine_needs(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, WORKER, work=True)
    assert report(tmc("run", name, "--input", "data.npz", "--json"))["predictions"] == [-1] * 5
    assert undecided(tmc, folder, name, "--work", 2) == (
        "warning: 5 queries (the first is query 0) used more than 2 work-tape cells; allow more with --work\n"
    )


def test_fewer_layers_than_a_machine_needs(tmc: Tmc, folder: Path) -> None:
    said = undecided(tmc, folder, "gauss.safetensors", "--max-layers", 20)
    assert said == "warning: 5 queries (the first is query 0) had no answer after 20 layers; allow more with --max-layers\n"


def test_more_memory_than_there_is(tmc: Tmc, folder: Path) -> None:
    outcome = tmc("run", "--input", "data.npz", "--work", 10**15)
    assert (outcome.status, outcome.out) == (1, "")
    assert " GB of memory, this machine has " in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(("option", "value"), [("--work", 0), ("--work", "x"), ("--max-layers", 0), ("--engine", "fast")])
def test_options_out_of_range(tmc: Tmc, folder: Path, option: str, value: object) -> None:
    outcome = tmc("run", "--input", "data.npz", option, value)
    assert (outcome.status, outcome.out) == (2, "")
    assert f"Invalid value for '{option}'" in outcome.err


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_stream_that_was_closed_before(folder: Path, closed: str) -> None:
    program = f"import sys; sys.{closed} = None; from tmc.cli import main; sys.exit(main(['run', '--input', 'data.npz', '--json']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (closed == "stderr")


def test_numpy_makes_no_threads_for_small_matrices(folder: Path) -> None:
    """And what the command runs otherwise, such as torch, is told nothing."""
    program = (
        "import os; from tmc.cli.threads import VARIABLE, load_numpy_for_small_matrices as load\n"
        "load(); import numpy, threading\n"
        "print(len(os.listdir('/proc/self/task')), VARIABLE in os.environ)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "1 False\n"
