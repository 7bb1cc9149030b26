"""``tmc completion``: the script that lets a shell complete commands, options and files."""

from __future__ import annotations

import click

EPILOG = """\b
Put it where the shell reads it at its start:
  bash   tmc completion bash > ~/.local/share/bash-completion/completions/tmc
  zsh    tmc completion zsh > ~/.zfunc/_tmc      (a folder of $fpath)
  fish   tmc completion fish > ~/.config/fish/completions/tmc.fish

Example: source <(tmc completion bash)"""


@click.command("completion", epilog=EPILOG)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print a script that lets your shell complete commands, options and files."""
    from click.shell_completion import get_completion_class

    from tmc.cli import COMPLETE, tmc

    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"nothing is known about the shell {shell}.")
    click.echo(script(tmc, {}, "tmc", COMPLETE).source().rstrip())
