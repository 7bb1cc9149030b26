"""Training that is going on: how far Algorithm 1 has come, in a file from which it can go on.

It is a safetensors file with one tensor, `W`, and one metadata key, ``tmc-training``, which no checkpoint has. It holds no
network, so it cannot be taken for a trained one. With `W` it says what it belongs to: the network, the examples and the layers, as
`identity` finds them. There is no other state: gradient descent without momentum goes on from `W` as if it had never stopped.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tmc.ir.document import Document
from tmc.net.checkpoint import sealed
from tmc.net.checkpoint.arrays import Arrays, digest
from tmc.net.checkpoint.sealed import FileKind
from tmc.net.checkpoint.writing import TRAINING, metadata_text
from tmc.net.described import Described, Shape
from tmc.net.learn import Learnt

KIND = FileKind(TRAINING, "an unfinished training", 1, "move it away, or save under another name")
SUFFIX = ".part"
Identity = dict[str, str]


@dataclass(frozen=True, slots=True)
class Training:
    """What such a file holds."""

    identity: Identity
    learnt: Learnt


def identity(network: Described, x: NDArray[np.int8], y: NDArray[np.int8], shape: Shape, full_depth: bool) -> Identity:
    """What decides the result of a training to the last bit: the network without its memory, the examples, the layers; and for
    random weights, whose sums are rounded, what adds them. (The engines do not differ.)"""
    kept = {key: value for key, value in network.checkpoint.tensors.items() if key != network.checkpoint.target.memory}
    weights, about = digest(kept), metadata_text(network.checkpoint.about)
    found = {
        "network": hashlib.sha256(f"{weights}\n{about}".encode()).hexdigest(),
        "examples": digest({"x": x, "y": y}),
        "layers": f"{shape.depth} layers, {shape.pads} pads{', all run' if full_depth else ''}",
    }
    if network.is_drawn:
        import torch

        found["arithmetic"] = (
            f"torch {torch.__version__} {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"
        )
    return found


def difference(before: Identity, now: Identity) -> str:
    """In what two trainings are not the same; "" when they are."""
    if before.get("network") != now["network"]:
        return f"the network was another one ({_short(before, 'network')}, now {_short(now, 'network')})"
    if before.get("examples") != now["examples"]:
        return f"the examples were others ({_short(before, 'examples')}, now {_short(now, 'examples')})"
    for name in ("layers", "arithmetic"):
        if before.get(name) != now.get(name):
            return f"it was with {before.get(name, 'nothing known')}, now {now.get(name, 'nothing known')}"
    return ""


def _short(identity: Identity, name: str) -> str:
    return f"digest {identity.get(name, '')[:12]}…"


def to_bytes(training: Training) -> bytes:
    """The file."""
    return sealed.to_bytes(KIND, *_content(training))


def save(training: Training, path: str | Path) -> None:
    """Write the file, all at once or not at all. Raises `Rejected` when that is not possible."""
    sealed.save(KIND, *_content(training), path)


def load(path: str | Path) -> Training:
    """Read and check the file. Raises `Rejected` when it is anything else, or damaged."""
    about, arrays = sealed.load(KIND, path)
    try:
        found = Training(about["identity"], Learnt(about["steps"], arrays["W"]))
    except KeyError:
        found = None
    if found is None or len(arrays) > 1 or not _whole(found):
        raise KIND.refusal(f"{path} is damaged: it holds no training that could have been saved")
    return found


def _content(training: Training) -> tuple[Document, Arrays]:
    return {"identity": training.identity, "steps": training.learnt.steps}, {"W": training.learnt.weight}


def _whole(training: Training) -> bool:
    learnt, known = training.learnt, training.identity
    texts = isinstance(known, dict) and all(isinstance(text, str) and text.isprintable() for text in known.values())
    kinds = learnt.weight.ndim == 2 and learnt.weight.dtype.name in ("float32", "float64")
    return texts and kinds and type(learnt.steps) is int and 1 <= learnt.steps <= len(learnt.weight)
