"""Training that was interrupted goes on where it was, and ends with the same bytes; what does not belong together is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, Outcome, compiled
from tmc.cli import Ended, run_progress
from tmc.cli.run_progress import TrainingProgress, part_of
from tmc.diagnostics import Rejected
from tmc.learn.data import datasets
from tmc.learn.data.datasets import DataSet
from tmc.net import training
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import Checkpoint, from_build, is_checkpoint
from tmc.net.draw import draw
from tmc.net.learn import Learnt
from tmc.net.network import Network
from tmc.net.training import Training

Tmc = Callable[..., Outcome]
DATA = datasets.parity(3, 6, 5, seed=0)
KEPT = "are learnt, see trained.part; run the same command again to go on\n"
RUN = ("run", "net.safetensors", "--input", "data.npz", "--save", "trained")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the command runs in, holding a compiled network and a data set."""
    monkeypatch.chdir(tmp_path)
    files.save(from_build(compiled("gauss")), tmp_path / "net.safetensors")
    datasets.save(DATA, tmp_path / "data.npz")
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def interrupt(monkeypatch: pytest.MonkeyPatch, steps: int, error: type[KeyboardInterrupt] = KeyboardInterrupt) -> None:
    """From now on, training is interrupted after so many steps."""
    after = TrainingProgress.after

    def interrupting(progress: TrainingProgress, learnt: Learnt) -> None:
        after(progress, learnt)
        if learnt.steps == steps:
            monkeypatch.setattr(TrainingProgress, "after", after)
            raise error

    monkeypatch.setattr(TrainingProgress, "after", interrupting)


NETWORKS: dict[str, Callable[[], Checkpoint]] = {
    "wide": lambda: from_build(compiled("gauss")),
    "scalar": lambda: from_build(compiled("majority", "scalar")),
    "paper": lambda: from_build(compiled("majority", "scalar", "paper")),
    "drawn": lambda: draw(from_build(compiled("majority")), 3).checkpoint,
    "drawn scalar": lambda: draw(from_build(compiled("majority", "scalar")), 3).checkpoint,
}


@pytest.mark.parametrize("steps", [1, 4, 6, 7])
@pytest.mark.parametrize("engine", ["sparse", "dense"])
@pytest.mark.parametrize("name", NETWORKS)
def test_it_ends_where_it_would_have_ended(
    tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, engine: str, steps: int
) -> None:
    files.save(NETWORKS[name](), folder / "net.safetensors")
    options = (*RUN, "--engine", engine, "--max-layers", 40) if "drawn" in name else (*RUN, "--engine", engine)
    undisturbed = tmc(*options, "--output", "labels.npz")
    whole, labels = (folder / "trained").read_bytes(), (folder / "labels.npz").read_bytes()
    (folder / "trained").unlink()
    interrupt(monkeypatch, steps)
    outcome = tmc(*options)
    assert (outcome.status, outcome.out, outcome.err) == (130, "", f"interrupted; {min(steps, 6)} of 6 examples {KEPT}")
    assert names(folder) == ["data.npz", "labels.npz", "net.safetensors", "trained.part"]
    again = tmc(*options, "--output", "labels.npz")
    first = f"at example {steps + 1}" if steps < 6 else "after example 6"
    assert again.err == f"continuing {first} of 6\n" + undisturbed.err
    assert ((folder / "trained").read_bytes(), (folder / "labels.npz").read_bytes()) == (whole, labels)
    assert names(folder) == ["data.npz", "labels.npz", "net.safetensors", "trained"]


@pytest.mark.parametrize("name", ["wide", "drawn"])
def test_interrupted_after_every_example_by_either_engine(
    tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    files.save(NETWORKS[name](), folder / "net.safetensors")
    options = (*RUN, "--max-layers", 40)
    status = tmc(*options).status if name == "drawn" else tmc(*RUN).status
    options = options if name == "drawn" else RUN
    assert status == 0
    whole = (folder / "trained").read_bytes()
    (folder / "trained").unlink()
    for steps in range(1, 8):
        interrupt(monkeypatch, steps)
        assert tmc(*options, "--engine", ("sparse", "dense")[steps % 2]).status == 130
    assert tmc(*options).status == 0
    assert (folder / "trained").read_bytes() == whole


def test_interrupted_while_it_answers(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tmc.cli.run_learner._answer", fail)
    assert tmc(*RUN).err == f"interrupted; 6 of 6 examples {KEPT}"
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert tmc(*RUN).err == "continuing after example 6 of 6\n"
    assert names(folder) == ["data.npz", "net.safetensors", "trained"]


def test_what_is_there_stays_until_the_whole_is(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network may be replaced by itself, trained; half-way it is what it was."""
    before = (folder / "net.safetensors").read_bytes()
    command = ("run", "net.safetensors", "--input", "data.npz", "--save", "net.safetensors")
    interrupt(monkeypatch, 3, Ended)
    outcome = tmc(*command)
    assert (outcome.status, outcome.err[:32]) == (143, "ended; 3 of 6 examples are learn")
    assert (folder / "net.safetensors").read_bytes() == before
    assert tmc(*command).err == "continuing at example 4 of 6\n"
    assert files.load(folder / "net.safetensors").memory is not None
    interrupt(monkeypatch, 2)
    assert tmc(*command).status == 130
    assert tmc(*command).err == "continuing at example 3 of 6\n"  # trained before, it learns anew: the same network


def test_without_save_nothing_is_kept(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, 3)
    assert tmc(*RUN[:4]).err == "interrupted; nothing was written\n"
    interrupt(monkeypatch, 3)
    assert tmc(*RUN[:5], "/dev/null").err == "interrupted; nothing was written\n"
    assert names(folder) == ["data.npz", "net.safetensors"]
    assert part_of("/dev/stdout") is None


# --- what is kept from time to time


def test_it_is_kept_when_it_is_time(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    monkeypatch.setattr(run_progress, "save", lambda known, path: kept.append((known.learnt.steps, str(path))))
    assert tmc(*RUN).status == 0
    assert kept == []  # so short a training
    monkeypatch.setattr(run_progress, "INTERVAL", 0.0)
    monkeypatch.setattr(run_progress, "SHARE", 1e9)
    assert tmc(*RUN).status == 0
    assert kept == [(steps, "trained.part") for steps in range(1, 8)]


def test_keeping_takes_a_small_share_of_the_time(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, kept = [0.0], []

    def slow(known: Training, path: Path) -> None:
        kept.append(now[0])
        now[0] += 1.0

    monkeypatch.setattr(run_progress, "save", slow)
    monkeypatch.setattr(run_progress, "perf_counter", lambda: now[0])
    progress = TrainingProgress(Path("x.part"), {}, 1001, 2)
    for steps in range(1, 1001):
        now[0] += 0.5
        progress.after(Learnt(steps, np.zeros((1001, 2), np.float32)))
    assert kept == [2.0 + 51.0 * i for i in range(10)]


def test_a_full_disk_does_not_end_the_training(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(known: Training, path: Path) -> None:
        raise Rejected(f"cannot write {path}: the disk is full")

    monkeypatch.setattr(run_progress, "save", full)
    monkeypatch.setattr(run_progress, "INTERVAL", 0.0)
    outcome = tmc(*RUN)
    why = "the disk is full; training goes on, but not after an interruption"
    assert (outcome.status, outcome.err) == (0, f"warning: cannot write trained.part: {why}\n")
    assert names(folder) == ["data.npz", "net.safetensors", "trained"]
    monkeypatch.setattr(run_progress, "INTERVAL", 2.0)
    interrupt(monkeypatch, 3)
    assert tmc(*RUN).err == "interrupted; cannot write trained.part: the disk is full\n"


STOPPED = """
import signal, sys
from tmc.cli import main, run_progress
after = run_progress.TrainingProgress.after
def slowly(progress, learnt):
    after(progress, learnt)
    if learnt.steps == 4:
        print("learning", flush=True)
        signal.pause()
run_progress.TrainingProgress.after = slowly
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("number", "said"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "ended"), (signal.SIGHUP, "ended")])
def test_a_signal(tmc: Tmc, folder: Path, number: signal.Signals, said: str) -> None:
    command = [sys.executable, "-c", STOPPED, *RUN]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "learning\n"
        program.send_signal(number)
        assert program.stderr.read() == f"{said}; 4 of 6 examples {KEPT}"
    assert program.returncode == 128 + number
    assert tmc(*RUN).err == "continuing at example 5 of 6\n"


# --- what is refused


def half(folder: Path, tmc: Tmc, monkeypatch: pytest.MonkeyPatch) -> Path:
    interrupt(monkeypatch, 3)
    assert tmc(*RUN).status == 130
    return folder / "trained.part"


def refusal(tmc: Tmc, *command: object) -> str:
    outcome = tmc(*command)
    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    return outcome.err.removeprefix("error: ").rstrip("\n")


def test_another_network_or_other_examples(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = half(folder, tmc, monkeypatch)
    before = part.read_bytes()
    files.save(from_build(compiled("majority")), folder / "other.safetensors")
    flipped = replace(DATA, y_train=-DATA.y_train)
    datasets.save(flipped, folder / "flipped.npz")
    datasets.save(datasets.parity(4, 9, 2), folder / "larger.npz")
    end = "…); remove it, or begin anew with --restart"
    found = refusal(tmc, "run", "other.safetensors", *RUN[2:])
    assert found.startswith("trained.part is of another training: the network was another one (digest ")
    assert found.endswith(end)
    for name in ("flipped.npz", "larger.npz"):
        found = refusal(tmc, *RUN[:3], name, *RUN[4:])
        assert found.startswith("trained.part is of another training: the examples were others (digest ")
        assert found.endswith(end)
    for option in (("--max-layers", 400), ("--work", 9), ("--full-depth",)):
        assert refusal(tmc, *RUN, *option).startswith("trained.part is of another training: it was with 547 layers, 6 pads, now ")
    assert part.read_bytes() == before
    assert names(folder).count("trained") == 0


def test_other_queries_are_no_matter(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half(folder, tmc, monkeypatch)
    datasets.save(DataSet(DATA.x_train, DATA.y_train, DATA.x_test[:2]), folder / "data.npz")
    assert tmc(*RUN).err == "continuing at example 4 of 6\n"


def test_begin_anew(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half(folder, tmc, monkeypatch)
    datasets.save(replace(DATA, y_train=-DATA.y_train), folder / "data.npz")
    outcome = tmc(*RUN, "--restart")
    assert (outcome.status, outcome.err) == (0, "")
    assert names(folder) == ["data.npz", "net.safetensors", "trained"]
    assert tmc(*RUN, "--restart").status == 0


def test_restart_goes_with_save(tmc: Tmc, folder: Path) -> None:
    outcome = tmc(*RUN[:4], "--restart")
    assert outcome.status == 2
    assert "--restart goes with --save: an interrupted run keeps what it has learnt only with --save." in outcome.err


@pytest.mark.parametrize("restart", [(), ("--restart",)])
def test_what_is_not_ours_is_left_alone(tmc: Tmc, folder: Path, restart: tuple[str, ...]) -> None:
    contents = {
        "is empty": b"",
        "is not an unfinished training": b"somebody's",
        "is a compiled network, not an unfinished training": (folder / "net.safetensors").read_bytes(),
    }
    for what, content in contents.items():
        (folder / "trained.part").write_bytes(content)
        assert refusal(tmc, *RUN, *restart) == f"trained.part {what}; move it away, or save under another name"
        assert (folder / "trained.part").read_bytes() == content
    (folder / "trained.part").unlink()
    (folder / "trained.part").mkdir()
    assert refusal(tmc, *RUN, *restart) == "cannot read trained.part: it is a folder"


def test_no_option_names_the_same_file(tmc: Tmc, folder: Path) -> None:
    (folder / "x.part").write_bytes((folder / "net.safetensors").read_bytes())
    assert refusal(tmc, "run", "x.part", *RUN[2:5], "x").startswith("--save would overwrite x.part, where it keeps what is learnt")
    assert refusal(tmc, *RUN[:5], "y", "--output", "y.part").startswith("--save would overwrite y.part, where it keeps")


def test_it_is_never_mistaken_for_a_network(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = half(folder, tmc, monkeypatch)
    said = "is an unfinished training, not a network; the `tmc run --save` that began it goes on with it"
    assert not is_checkpoint(part)
    assert refusal(tmc, "run", "trained.part", "--input", "data.npz") == f"trained.part {said}"
    part.rename(folder / "renamed.safetensors")
    assert refusal(tmc, "run", "renamed.safetensors", "--input", "data.npz") == f"renamed.safetensors {said}"
    assert tmc("run", "--input", "data.npz").status == 0  # net.safetensors is still the only network here


# --- the file


def known(steps: int = 3) -> Training:
    network = Network(from_build(compiled("gauss")))
    found = training.identity(network, DATA.x_train, DATA.y_train, network.shape(6, 3), False)
    return Training(found, Learnt(steps, np.arange(28, dtype=np.float32).reshape(7, 4)))


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.part"
    training.save(known(), path)
    again = training.load(path)
    assert again.identity == known().identity
    assert again.learnt.steps == 3
    assert np.array_equal(again.learnt.weight, known().learnt.weight)
    assert training.to_bytes(again) == path.read_bytes() == training.to_bytes(known())


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path, content = tmp_path / "x.part", training.to_bytes(known())
    for at in range(len(content)):
        path.write_bytes(bytes((*content[:at], content[at] ^ 1 << at % 8, *content[at + 1 :])))
        try:
            again = training.load(path)
        except Rejected as rejected:
            assert str(rejected).startswith((f"{path} is ", f"{path}: the format of an unfinished training is "))
            assert "\n" not in str(rejected)
        else:  # what the library does not mind
            assert (again.identity, again.learnt.steps) == (known().identity, 3)
            assert np.array_equal(again.learnt.weight, known().learnt.weight)
    for size in range(0, len(content), 5):
        path.write_bytes(content[:size])
        with pytest.raises(Rejected):
            training.load(path)


@pytest.mark.parametrize("steps", [0, -1, 8, True, 2.0])
def test_a_number_of_steps_that_cannot_be(tmp_path: Path, steps: int) -> None:
    training.save(known(steps), tmp_path / "x.part")
    with pytest.raises(Rejected, match="is damaged: it holds no training that could have been saved; move it away"):
        training.load(tmp_path / "x.part")
