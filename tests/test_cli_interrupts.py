"""Signals that are held back until a command has said how far it has come."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tmc.cli.interrupts import held_back


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def test_the_first_is_noted_and_the_second_does_what_it_does() -> None:
    before = signal.getsignal(signal.SIGINT)
    with held_back() as interrupt:
        assert (bool(interrupt), interrupt.status) == (False, 0)
        send(signal.SIGINT)
        assert (bool(interrupt), interrupt.status) == (True, 130)
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_what_somebody_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back() as interrupt:
            send(signal.SIGINT)
            assert not interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def test_handlers_come_back_after_an_error() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="x"), held_back():
        raise ValueError("x")
    assert signal.getsignal(signal.SIGINT) is before


def test_in_a_thread_nothing_is_held_back() -> None:
    def inside() -> bool:
        with held_back() as interrupt:
            return bool(interrupt)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inside).result() is False
