"""Kinds of arguments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from conftest import Outcome
from tmc.cli.arguments import Count

Tmc = Callable[..., Outcome]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), (" 12 ", 12), ("1_000", 1000), ("1e6", 10**6), ("1E+6", 10**6), ("2.50e2", 250), ("1.0", 1), ("-3", -3)],
)
def test_a_count(text: str, number: int) -> None:
    assert Count().convert(text, None, None) == number
    assert Count(0).convert(5, None, None) == 5


@pytest.mark.parametrize("text", ["", "1.5", "1e-3", "1.25e1", "1e100", "ten", "1e", "0x10", "1,000", "1__0", "nan", "1k"])
def test_no_count(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a whole number; write it as 1500000") as refused:
        Count().convert(text, None, None)
    assert refused.value.message.startswith(repr(text))


def test_steps_are_counts(tmc: Tmc, tmp_path: Path) -> None:
    machine = tmp_path / "m.tm"
    machine.write_text(
        "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 move right\n  otherwise -> accept\n", encoding="utf-8"
    )
    assert tmc("simulate", machine, "--data", "111", "--max-steps", "0.2e1").out.startswith("timeout after 2 steps")
    refused = tmc("simulate", machine, "--data", "111", "--max-steps", "1.5")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.endswith(
        "Error: Invalid value for '--max-steps': '1.5' is not a whole number; write it as 1500000, 1_500_000 or 1.5e6.\n"
    )
    assert tmc("run", "none.safetensors", "--data", "1", "--max-layers", "0e3").err.endswith("0 is not in the range x>=1.\n")
