"""Networks as modules of torch: hooks, changed modules, number formats, saving, and the modes that surround a call."""

from __future__ import annotations

import copy
import io
import multiprocessing
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils import parametrize, prune

import tmc as library
from conftest import compiled
from tmc.diagnostics import Rejected
from tmc.learn.data.datasets import parity
from tmc.net.checkpoint.reading import from_build
from tmc.net.rcnn import RCNN

DATA = parity(2, 3, 4, seed=1)
PARTS = ("", "memory", "recurrent", "recurrent.0", "recurrent.3", "recurrent.4", "head", "head.2")


def fresh(target: str = "wide", name: str = "gauss") -> RCNN:
    return RCNN(from_build(compiled(name, target)))


def fitted(target: str = "wide") -> RCNN:
    return fresh(target).fit(DATA.x_train, DATA.y_train)


def is_right(network: RCNN, **options: Any) -> bool:
    return np.array_equal(network.predict(DATA.x_test, **options), DATA.y_test)


# --- hooks and changed modules


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")  # torch says so where no input has a gradient
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", ["forward", "forward_pre", "full_backward", "full_backward_pre"])
def test_hooks_are_called_when_it_learns(part: str, kind: str) -> None:
    network, calls = fresh(), list[None]()
    getattr(network.get_submodule(part), f"register_{kind}_hook")(lambda *_: calls.append(None))
    network.fit(DATA.x_train, DATA.y_train)
    assert calls
    with pytest.raises(
        Rejected, match=r"^the engine sparse reads weights and calls no module, but .* has a .*hook; use the engine dense"
    ):
        network.fit(DATA.x_train, DATA.y_train, engine="sparse")


@pytest.mark.parametrize("part", PARTS[1:])
def test_forward_hooks_are_called_when_it_answers(part: str) -> None:
    network, calls = fitted(), list[None]()
    network.get_submodule(part).register_forward_hook(lambda *_: calls.append(None))
    assert is_right(network)
    assert calls
    assert network.answer(DATA.x_test).engine.why == f"{part} has a forward hook"


def test_a_hook_that_would_not_be_called_is_refused() -> None:
    network, line = fitted(), fresh(name="increment")
    network.register_forward_hook(lambda *_: None)
    said = "the network has a forward hook, which `predict` would not call: it calls memory, recurrent and head; move the hook"
    with pytest.raises(Rejected, match=f"^{said}, or remove it$"):
        network.predict(DATA.x_test)
    line.head.register_forward_hook(lambda *_: None)
    with pytest.raises(Rejected, match=r"^head has a forward hook, which `run` would not call: it calls recurrent; move the hook"):
        line.run("1011")


def test_hooks_on_all_modules_are_called() -> None:
    network, calls = fitted(), list[None]()
    handle = register_module_forward_hook(lambda *_: calls.append(None))
    try:
        assert is_right(network)
    finally:
        handle.remove()
    assert calls
    assert network.answer(DATA.x_test).engine.name == "sparse"


def test_hooks_of_a_line_machine_are_called() -> None:
    line, calls = fresh(name="increment"), list[None]()
    line.recurrent[2].register_forward_hook(lambda *_: calls.append(None))
    run = line.run("1011")
    assert (run.data, len(calls)) == ("1100", run.layers_run)


class Same(nn.Module):
    """A parametrization that changes nothing."""

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight


def replace_relu(network: RCNN) -> None:
    network.recurrent[1] = nn.Sequential(nn.ReLU())


def own_forward(network: RCNN) -> None:
    network.recurrent[2].forward = type(network.recurrent[2]).forward.__get__(network.recurrent[2])


def own_way(way: str, module: int) -> Callable[[RCNN], object]:
    def change(network: RCNN) -> None:
        changed = network.recurrent[module]
        setattr(changed, way, getattr(changed, way))

    return change


class Loud(nn.Sequential):
    """A head that is called in another way."""

    def __call__(self, *arguments: Any) -> Any:
        return super().__call__(*arguments)


def own_class(network: RCNN) -> None:
    network.memory.__class__ = type("Memory", (type(network.memory),), {"_call_impl": lambda self, *given: self.forward(*given)})


CHANGES: dict[str, Callable[[RCNN], object]] = {
    "recurrent.2 is parametrized": lambda network: parametrize.register_parametrization(network.recurrent[2], "weight", Same()),
    "recurrent.2 has a forward pre-hook": lambda network: prune.identity(network.recurrent[2], "weight"),
    "recurrent.1 is not the ReLU that was compiled": replace_relu,
    "recurrent.2 has a forward of its own": own_forward,
    "recurrent.0 has a _conv_forward of its own": own_way("_conv_forward", 0),
    "recurrent.1 has a _call_impl of its own": own_way("_call_impl", 1),
    "recurrent.4 has a __call__ of its own": own_way("__call__", 4),
    "memory has a _call_impl of its own": own_class,
    "head is not the sequence of layers that was compiled": lambda network: setattr(network, "head", Loud(*network.head)),
    "memory.pad is not what was compiled": lambda network: network.memory.pad.add_(1),
    "recurrent is not the sequence of layers that was compiled": lambda network: network.recurrent.append(nn.Identity()),
}


@pytest.mark.parametrize("why", CHANGES)
def test_changed_modules_are_called(why: str) -> None:
    network = fitted()
    CHANGES[why](network)
    assert network.why_called() == why
    assert network.answer(DATA.x_test).engine.name == "dense"


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_a_convolution_with_a_way_of_its_own_is_called(target: str) -> None:
    network, calls = fitted(target), list[None]()
    first = network.recurrent[0]
    convolve = first._conv_forward

    def counted(*given: Any) -> torch.Tensor:
        calls.append(None)
        return convolve(*given)

    first._conv_forward = counted
    assert is_right(network)
    assert len(calls) == network.answer(DATA.x_test).layers_run


def test_a_network_with_a_way_of_its_own() -> None:
    class Own(RCNN):
        def __call__(self, *given: Any) -> Any:
            return super().__call__(*given)

    assert Own(from_build(compiled("gauss"))).why_called() == "the network has a __call__ of its own"


def test_a_method_of_torch_that_was_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    network, convolve = fresh(), nn.Conv2d._conv_forward
    assert network.why_called() == ""
    monkeypatch.setattr(nn.Conv2d, "_conv_forward", lambda *given: convolve(*given))
    assert network.why_called() == "recurrent.0 has a _conv_forward of its own"


def test_a_removed_unit_is_refused() -> None:
    network = fitted()
    network.recurrent[2].weight = nn.Parameter(network.recurrent[2].weight.detach()[1:])
    network.recurrent[2].bias = nn.Parameter(network.recurrent[2].bias.detach()[1:])
    with pytest.raises(Rejected, match=r"^recurrent\.4 reads 227 units, but recurrent\.2 has 226$"):
        network.predict(DATA.x_test)
    network = fitted()
    network.recurrent[0].weight = nn.Parameter(network.recurrent[0].weight.detach()[1:])
    with pytest.raises(Rejected, match=r"^recurrent\.0 has 106 units, but its biases have shape \(107,\)$"):
        network.predict(DATA.x_test)


def test_what_was_learnt_stays_when_nothing_more_can_be_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is refused in the middle of its training, or interrupted there, has the memory it had."""
    for network in (fresh(), fitted()):
        before = network.memory.weight.detach().clone()
        with torch.no_grad():
            network.recurrent[0].weight.add_(torch.full_like(network.recurrent[0].weight, 0.01))
        with pytest.raises(Rejected, match="gradient descent did not memorise"):
            network.fit(-DATA.x_train, DATA.y_train)
        assert torch.equal(network.memory.weight, before)
    network = fitted()
    before = network.memory.weight.detach().clone()

    def interrupted(*_: object, **__: object) -> None:
        network.set_memory(np.zeros((2, 2)))
        raise KeyboardInterrupt

    monkeypatch.setattr("tmc.net.rcnn.memorise", interrupted)
    with pytest.raises(KeyboardInterrupt):
        network.fit(DATA.x_train, DATA.y_train)
    assert torch.equal(network.memory.weight, before)


# --- queries in forward


def test_queries_with_and_without_their_last_column() -> None:
    network = fitted()
    queries = torch.from_numpy(DATA.x_test)
    whole = torch.cat([queries, torch.ones(len(queries), 1, dtype=torch.int8)], dim=1)
    expected = torch.from_numpy(DATA.y_test).float()
    for outputs in (network(queries), network(whole), network(whole, network.shape(3, 2))):
        assert torch.equal(outputs, expected)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (torch.ones(4), r"queries are a tensor of shape \(queries, 2\), .*; not shape \(4,\)"),
        (torch.ones(1, 4), r"queries are a tensor of shape \(queries, 2\), .*; not shape \(1, 4\)"),
        ([[1, 1]], r"queries are a tensor of shape \(queries, 2\), .*; not list"),
        (-torch.ones(1, 3), "the last of 3 columns must be 1; leave it out, and it is added"),
    ],
)
def test_queries_of_another_shape(query: Any, said: str) -> None:
    with pytest.raises(Rejected, match=f"^{said}$"):
        fitted()(query)


# --- number formats


def test_the_number_format_follows_the_weights() -> None:
    for target in ("wide", "scalar"):
        network = fresh(target).double().fit(DATA.x_train, DATA.y_train)
        assert network.dtype == torch.float64
        assert is_right(network)
        assert is_right(network, engine="dense")


def test_a_short_format_that_is_exact() -> None:
    network = fresh().half().fit(DATA.x_train, DATA.y_train)
    assert (network.dtype, network.memory.weight.dtype) == (torch.float16, torch.float16)
    assert is_right(network)
    assert is_right(network, engine="dense")
    with pytest.raises(Rejected, match=r"^gradients are not exact in float16 by autograd; use network\.float\(\) before `fit`$"):
        network.fit(DATA.x_train, DATA.y_train, engine="dense")


def test_formats_that_are_not_exact_or_do_not_hold_the_weights() -> None:
    with pytest.raises(Rejected, match=r"^bfloat16 is not exact for gauss; use network\.float\(\)$"):
        fresh().bfloat16().fit(DATA.x_train, DATA.y_train)
    scalar = fresh("scalar")
    for convert in (scalar.half, scalar.bfloat16, scalar.float):
        with pytest.raises(Rejected, match=r"^gauss\.tm: \w+ does not hold the numbers of recurrent\.0\.bias; keep float64$"):
            convert()
    assert scalar.dtype == torch.float64
    mixed = fresh()
    mixed.head.double()
    with pytest.raises(Rejected, match=r"^gauss\.tm: its weights are float32 on cpu and float64 on cpu; bring them together"):
        mixed.fit(DATA.x_train, DATA.y_train)
    with pytest.raises(Rejected, match=r"^gauss\.tm: its weights are on the device meta, where no numbers are; load it again$"):
        fitted().to("meta").predict(DATA.x_test)


# --- saving, copying, loading states


@pytest.mark.parametrize("convert", ["half", "bfloat16", "double", "float"])
def test_what_is_saved_can_be_loaded(convert: str, tmp_path: Path) -> None:
    fitted().save(tmp_path / "float.safetensors")
    getattr(fitted(), convert)().save(tmp_path / "other.safetensors")
    assert (tmp_path / "float.safetensors").read_bytes() == (tmp_path / "other.safetensors").read_bytes()
    assert is_right(library.load(tmp_path / "other.safetensors"))


def test_pruned_and_parametrized_weights_are_saved_as_they_are(tmp_path: Path) -> None:
    network = fitted()
    prune.l1_unstructured(network.recurrent[2], "weight", amount=0.1)
    parametrize.register_parametrization(network.recurrent[4], "bias", Same())
    network.save(tmp_path / "net.safetensors")
    assert torch.equal(library.load(tmp_path / "net.safetensors").recurrent[2].weight, network.recurrent[2].weight)


def spoil(network: RCNN, value: float) -> None:
    with torch.no_grad():
        network.recurrent[2].weight[0, 0] = value


def remove_unit(network: RCNN) -> None:
    network.recurrent[2].bias = nn.Parameter(network.recurrent[2].bias.detach()[1:])


UNSAVED: dict[str, Callable[[RCNN], object]] = {
    "recurrent.2.weight holds numbers that are not finite, which no checkpoint can hold": lambda n: spoil(n, float("nan")),
    "checkpoints are written in float32, which does not hold the numbers of recurrent.2.weight; round them": lambda n: spoil(
        n.double(), 0.1
    ),
    "recurrent.2.bias has shape (226,), and the checkpoint describes (227,); set the weights of a unit to 0 rather than "
    "remove it": remove_unit,
    "gauss.tm: recurrent.1 is not the ReLU that was compiled; a checkpoint holds only compiled modules": replace_relu,
}


@pytest.mark.parametrize("said", UNSAVED, ids=range(len(UNSAVED)))
def test_what_no_checkpoint_can_hold_is_not_written(said: str, tmp_path: Path) -> None:
    network = fitted()
    UNSAVED[said](network)
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        network.save(tmp_path / "net.safetensors")
    assert not list(tmp_path.iterdir())


def test_states_of_trained_and_fresh_networks() -> None:
    trained, other = fitted(), fresh()
    assert str(other.load_state_dict(trained.state_dict())) == "<All keys matched successfully>"
    assert is_right(other)
    trained.load_state_dict(fresh().state_dict())
    assert not trained.is_trained
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_state_dict({})


def test_copies_answer_the_same() -> None:
    network, stream = fitted(), io.BytesIO()
    torch.save(network, stream)
    stream.seek(0)
    for each in (copy.deepcopy(network), torch.load(stream, weights_only=False), torch.compile(network, backend="eager")):
        assert np.array_equal(each.predict(DATA.x_test), DATA.y_test)


# --- modes


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(mode=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=False)


MODES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "none": nullcontext,
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
    "float64": lambda: default_dtype(torch.float64),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    "meta": lambda: torch.device("meta"),
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "deterministic": deterministic,
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    for target in ("wide", "scalar"):
        fresh(target).save(folder / f"{target}.safetensors")
        fitted(target).save(folder / f"{target}_trained.safetensors")
        fresh(target, "increment").save(folder / f"{target}_line.safetensors")
    return folder


@pytest.mark.parametrize("engine", ["sparse", "dense"])
@pytest.mark.parametrize("target", ["wide", "scalar"])
@pytest.mark.parametrize("mode", MODES)
def test_any_mode_may_surround_a_call(mode: str, target: str, engine: str, saved: Path) -> None:
    """Loading, learning, answering and running: each inside the mode or outside of it."""
    for inside in range(4):
        with MODES[mode]() if inside & 1 else nullcontext():
            network = library.load(saved / f"{target}.safetensors")
            trained = library.load(saved / f"{target}_trained.safetensors")
            line = library.load(saved / f"{target}_line.safetensors")
        with MODES[mode]() if inside & 2 else nullcontext():
            network.fit(DATA.x_train, DATA.y_train, engine=engine)
            assert is_right(network, engine=engine)
            assert is_right(trained, engine=engine)
            assert line.run("1011", engine=engine).data == "1100"
        assert np.array_equal(network.memory_array(), trained.memory_array())


def test_a_network_copied_in_inference_mode_learns() -> None:
    for engine in ("sparse", "dense"):
        with torch.inference_mode():
            network = copy.deepcopy(fitted())
        assert is_right(network.fit(DATA.x_train, DATA.y_train, engine=engine), engine=engine)


def test_threads_leave_the_settings_of_the_process_as_they_were() -> None:
    before, found = torch.get_float32_matmul_precision(), list[bool]()
    networks = [fitted() for _ in range(4)]
    threads = [Thread(target=lambda each=each: found.append(is_right(each, engine="dense"))) for each in networks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4
    assert torch.get_float32_matmul_precision() == before


def _predict(network: RCNN) -> list[int]:
    return network.predict(DATA.x_test, engine="dense").tolist()


def test_a_forked_child_answers_after_its_parent_did() -> None:
    network = fitted()
    assert is_right(network, engine="dense")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_predict, (network,)).get(60) == DATA.y_test.tolist()


# --- arguments


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda n, _: n.predict(DATA.x_test, undecided=2), "undecided: 2 is not -1, 0 or 1"),
        (lambda n, _: n.predict(DATA.x_test, undecided="0"), "undecided: '0' is not a whole number"),
        (lambda n, _: n.predict(DATA.x_test, max_layers=0), "max_layers: 0 is not in the range x>=1"),
        (lambda n, _: n.predict(DATA.x_test, work=-1), "work: -1 is not in the range x>=1"),
        (lambda n, _: n.predict(DATA.x_test, engine="fast"), "no engine is called 'fast'; there are auto, sparse, dense"),
        (lambda n, _: n.fit(DATA.x_train, DATA.y_train, full_depth=1), "full_depth: 1 is not True or False"),
        (lambda _, n: n.run("1011", max_layers=-3), "max_layers: -3 is not in the range x>=1"),
        (lambda _, n: n.run("1011", window=-1), "window: -1 is not in the range x>=0"),
        (lambda _, n: n.run("1011", work=2), "work goes with window: without a window the tapes grow as needed"),
        (lambda _, n: n.run(1011), "`data` is the text on the tape, not an int"),
        (lambda _, n: n.predict([[1]]), "the machine increment reads a line, not a grid of examples: use `run`, not `predict`"),
        (lambda _, n: n.fit([[1]], [1]), "the machine increment reads a line, not a grid of examples: use `run`, not `fit`"),
    ],
)
def test_arguments_that_cannot_be_meant(call: Callable[[RCNN, RCNN], object], said: str) -> None:
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        call(fitted(), fresh(name="increment"))


def test_what_stays_undecided() -> None:
    network = fitted()
    assert network.answer(DATA.x_test, max_layers=3).undecided.all()
    for undecided in (-1, 0, 1):
        assert network.predict(DATA.x_test, undecided, max_layers=3).tolist() == [undecided] * len(DATA.x_test)


def test_noise_is_the_fault_of_who_added_it() -> None:
    generator = torch.Generator().manual_seed(0)
    network, line = fresh(), fresh(name="increment")
    with torch.no_grad():
        for parameter in (*network.recurrent.parameters(), *line.recurrent.parameters()):
            parameter += 1e-4 * torch.randn(parameter.shape, generator=generator)
    with pytest.raises(Rejected, match=r"^gauss\.tm: gradient descent did not memorise the examples: its weights are not those of"):
        network.fit(DATA.x_train, DATA.y_train)
    with pytest.raises(
        Rejected, match=r"^increment\.tm: .*: its weights are not those of a compiled machine; `tmc verify` says where$"
    ):
        line.run("1011", max_layers=200)


def test_a_changed_network_is_refused_on_the_command_line(tmc: Callable[..., Any], tmp_path: Path) -> None:
    from tmc.learn.data.datasets import save

    network, path = fresh(), tmp_path / "noisy.safetensors"
    with torch.no_grad():
        network.recurrent[4].bias += 1e-4
    network.save(path)
    save(DATA, tmp_path / "data.npz")
    said = (
        "gradient descent did not memorise the examples: its weights are not those of a compiled machine; `tmc verify` says where"
    )
    for engine in ("sparse", "dense"):
        ended = tmc("run", path, "--input", tmp_path / "data.npz", "--engine", engine)
        assert (ended.status, ended.out, ended.err) == (1, "", f"error: {path}: {said}\n")


def test_answers_printed() -> None:
    answers = fitted().answer(DATA.x_test)
    first, labels, layers = str(answers).splitlines()
    assert first == f"answered 4 queries in {answers.layers_run} layers, engine sparse: 0 undecided"
    assert labels == f"labels  {answers.labels}"
    assert layers == f"layers  {answers.layers}"
