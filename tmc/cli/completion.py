"""``tmc completion``: the script for a shell to complete commands, options and files."""

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
    """Print a script for your shell to complete commands, options and files."""
    from click.shell_completion import get_completion_class

    from tmc.cli import COMPLETE, tmc

    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"the shell {shell} is not supported.")
    click.echo(script(tmc, {}, "tmc", COMPLETE).source().rstrip())
