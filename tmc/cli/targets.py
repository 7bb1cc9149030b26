"""What commands that compile to a network have in common: which network, and at which scale."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from tmc.lower.targets import SCALES, TARGETS

__all__ = ["SCALES", "TARGETS", "choosing_a_target"]


def choosing_a_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--target` and `--scale`. It is called with `target` and `scale`."""

    @wraps(command)
    def with_options(target: str, scale: str, **arguments: Any) -> Any:
        if scale == "paper" and target != "scalar":
            raise click.UsageError("--scale paper goes with --target scalar.")
        return command(target=target, scale=scale, **arguments)

    scaled = click.option(
        "--scale", type=click.Choice(SCALES), default=SCALES[0], show_default=True,
        help="With --target scalar: whole numbers throughout, or the paper's, where memory cells are ±1/3 and pads 1.",
    )(with_options)  # fmt: skip
    return click.option(
        "--target", type=click.Choice(TARGETS), default=TARGETS[0], show_default=True,
        help="wide: a channel for every part of a cell; scalar: the paper's network, one number per cell and five matrices.",
    )(scaled)  # fmt: skip
