"""What commands that optimise have in common: an option for each pass, and the line that says what was saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from tmc.optimise.passes import PASSES, Saving


def leaving_out_passes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option `--no-…` for each pass. It is called with the names of those to leave out as `without`."""
    parameters = {name: f"no_{name.replace('-', '_')}" for name in PASSES}

    @wraps(command)
    def with_options(**arguments: Any) -> Any:
        without = frozenset(name for name, parameter in parameters.items() if arguments.pop(parameter))
        return command(without=without, **arguments)

    for name, parameter in reversed(parameters.items()):
        option = click.option(f"--no-{name}", parameter, is_flag=True, help=f"Leave out the pass {name}.")
        with_options = option(with_options)
    return with_options


def say_what_was_saved(savings: Sequence[Saving]) -> None:
    """If anything was saved, one line on stderr, such as ``optimised: 12 -> 9 states (merge-states), 40 -> 31 transitions (…)``."""
    if savings:
        click.echo(f"optimised: {', '.join(filter(None, (_saved(savings, 'states'), _saved(savings, 'transitions'))))}", err=True)


def _saved(savings: Sequence[Saving], what: str) -> str:
    steps = [(saving.name, getattr(saving, f"{what}_before"), getattr(saving, f"{what}_after")) for saving in savings]
    passes = dict.fromkeys(name for name, before, after in steps if before != after)
    return f"{steps[0][1]} -> {steps[-1][2]} {what} ({', '.join(passes)})" if passes else ""
