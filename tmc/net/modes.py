"""What surrounds a call: settings of torch that would change what the network computes, or whether it computes at all.

Some belong to a thread (grad and inference mode, autocast, the default device), some to the whole process (TF32, cuDNN, how many
threads torch takes). They are set during a computation and restored after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

import torch

SMALL = 1 << 13  # cells of a dense batch below which torch keeps to one thread: chosen, not measured


class _Process:
    """The settings of the process: the first thread that needs them sets them, the last one restores them."""

    def __init__(self) -> None:
        self.lock, self.users, self.forked = Lock(), 0, False
        self._before = ExitStack()

    @contextmanager
    def exact(self) -> Iterator[None]:
        """No TF32 and no cuDNN, see `exact`."""
        with self.lock:
            if not self.users:
                self._before.enter_context(torch.backends.cudnn.flags(enabled=False, allow_tf32=False))
                self._before.callback(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision())
                torch.set_float32_matmul_precision("highest")
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if not self.users:
                    self._before.close()

    def fork(self) -> None:
        """This is a forked process: the thread that held the lock does not exist here, nor do torch's threads."""
        self.lock, self.forked = Lock(), True


_PROCESS = _Process()
os.register_at_fork(after_in_child=_PROCESS.fork)


@contextmanager
def exact() -> Iterator[None]:
    """Arithmetic as it is written: no autocast, no TF32, and no cuDNN, whose fast 3x3 convolutions (Winograd) round on the way."""
    with ExitStack() as stack:
        stack.enter_context(_PROCESS.exact())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        yield


@contextmanager
def one_thread(small: bool = True) -> Iterator[None]:
    """Keep torch to one thread if the work is `small`: threads then mostly wait for each other, and on a busy machine for long.

    So it is in a forked process: the threads that torch had are not there, and it would wait for them for ever.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1 if small or _PROCESS.forked else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def usual(grad: bool = False) -> Iterator[None]:
    """No inference mode, and the CPU is the default device, whatever surrounds the call; with or without gradients."""
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(mode=False))
        stack.enter_context(torch.set_grad_enabled(grad))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        yield
