"""Options that have a new name: the old one works for one version more. It is in no help, and a line on stderr says the new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click


class Renamed(click.Option):
    """An option that was called `was`: ``@click.option("--max-error", cls=Renamed, was="--bearable")``.

    An option that takes one value. If both names are given, the new one counts.
    """

    def __init__(self, *arguments: Any, was: str, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.was = was

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Tell the parser of both names. What is given under the old one is kept apart, to be noticed."""
        super().add_to_parser(parser, ctx)
        parser.add_option(obj=self, opts=[self.was], dest=self.was, action="store", nargs=self.nargs)

    def handle_parse_result(self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]) -> tuple[Any, list[str]]:
        """Take what is given under the old name."""
        if self.was in opts:
            if not ctx.resilient_parsing:
                new = max(self.opts, key=len)
                click.echo(f"warning: {self.was} is now called {new}; the old name will go in the next version", err=True)
            opts = {str(self.name): opts[self.was], **opts}
        return super().handle_parse_result(ctx, opts, args)
