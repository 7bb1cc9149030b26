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


RENAMED = {  # command: an old name, its value, the new name, and a value that is refused
    "run": ("--numbers", "float32", "--dtype", "bits"),
    "compile": ("--draw", "1", "--random-init", "-1"),
    "report": ("--most", "8", "--max-states", "7"),
    "search": ("--bearable", "0.5", "--max-error", "2"),
    "search 1": ("--enough", "0.5", "--stop-at-error", "nan"),
    "search 2": ("--tasks", "list", "--task", ""),
    "search 3": ("--work", "1", "--work-symbols", "9"),
    "search 4": ("--steps", "1", "--step-factor", "0"),
    "search 5": ("--workers", "1", "--jobs", "0"),
    "search 6": ("--fresh", "0", "--test-problems", "-1"),
    "bench weights": ("--fresh", "5", "--test-problems", "-1"),
    "bench cancer": ("--dense", "5", "--dense-queries", "-1"),
}


@pytest.mark.parametrize("command", RENAMED)
def test_an_old_name_of_an_option(tmc: Tmc, command: str) -> None:
    """It means the same, is in no help, and a line on stderr says the new name. Where both are given the new one counts."""
    old, value, new, wrong = RENAMED[command]
    words = [word for word in command.split() if not word.isdigit()]
    assert (f" {old} " in tmc(*words, "--help").out, f"{new} " in tmc(*words, "--help").out) == (False, True)
    said = f"warning: {old} is now called {new}; the old name will go in the next version\n"
    for given in ((old, value), (f"{old}={value}",)):
        outcome = tmc(*words, *given, "--no-such-option")
        assert (outcome.status, outcome.out) == (2, "")
    if wrong:
        refused = {name: tmc(*words, name, wrong).err for name in (old, new)}
        assert refused[old] == said + refused[new]
        assert f"Invalid value for '{'-j' if new == '--jobs' else new}" in refused[new]
        assert tmc(*words, new, wrong, old, value).err == refused[old]


def test_both_names_do_the_same(tmc: Tmc) -> None:
    old, new = tmc("search", "--tasks", "list"), tmc("search", "--task", "list")
    assert (old.status, old.out) == (new.status, new.out) == (0, new.out)
    assert old.err == "warning: --tasks is now called --task; the old name will go in the next version\n"
    assert new.err == ""
    assert tmc("search", "--tasks", "no", "--task=list").out == new.out
