"""What commands that compile to a network have in common: which network, and at which scale."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from tmc.targets.registry import DEFAULT, SCALES, TARGETS


def check_scale(target: str, scale: str) -> None:
    """A usage error if the target has no such scale."""
    if scale not in TARGETS[target].scales:
        others = " or ".join(f"--target {other.name}" for other in TARGETS.values() if scale in other.scales)
        raise click.UsageError(f"--scale {scale} goes with {others}.")


def choosing_a_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--target` and `--scale`. It is called with `target` and `scale`."""

    @wraps(command)
    def with_options(target: str, scale: str, **arguments: Any) -> Any:
        check_scale(target, scale)
        return command(target=target, scale=scale, **arguments)

    scaled = click.option(
        "--scale", type=click.Choice(SCALES), default=SCALES[0], show_default=True,
        help="With --target scalar: whole numbers throughout, or the paper's, where memory cells are ±1/3 and pads 1.",
    )(with_options)  # fmt: skip
    return click.option(
        "--target", type=click.Choice(tuple(TARGETS)), default=DEFAULT.name, show_default=True,
        help="; ".join(f"{target.name}: {target.says}" for target in TARGETS.values()) + ".",
    )(scaled)  # fmt: skip
