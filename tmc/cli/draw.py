"""``tmc draw``: pictures of a machine, its stages, its runs and its memory, for slides and papers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import Count, Share
from tmc.cli.draw_wanted import FORMATS, DrawOptions, RunPart, check_fits, form_of, parse_line, parse_size
from tmc.cli.extras import check_raster
from tmc.cli.machine_input import Input, with_input
from tmc.cli.machine_texts import allowing_use
from tmc.cli.printing import print_json
from tmc.cli.targets import choosing_a_target
from tmc.diagnostics import Rejected
from tmc.files import check_writable, write_atomically

if TYPE_CHECKING:
    from tmc.cli.draw_wanted import Drawn

EPILOG = """\b
Examples:
  tmc draw machines/gauss.tm -o gauss.svg
  tmc draw machines/gauss.tm --what filters --line 24 -o path.pdf
  tmc draw machines/increment.tm --what trace --data 1011 -o steps.svg
  tmc draw machines/busy_beaver_5.tm --what space-time --data '' -o bb5.png
  tmc draw machines/gauss.tm --what memory --input data.npz --filling -o memory.svg"""

WHAT = ("table", "rules", "cells", "filters", "trace", "space-time", "memory")


@click.command("draw", epilog=EPILOG)
@click.argument("file")
@allowing_use
@click.option("--what", type=click.Choice(WHAT), default=WHAT[0], show_default=True, help="What to draw.")
@click.option(
    "-o", "--output", "path", metavar="OUT", required=True, help=f"The picture; its ending is one of {', '.join(FORMATS)}."
)
@click.option("--rule", metavar="NAME", help="Mark a rule by its name, such as 'find -> take': in table, rules and filters.")
@click.option("--line", metavar="[FILE:]N", help="Mark the rules of a line of the source: in table, rules and filters.")
@with_input
@click.option("--from", "first", type=Count(0), default=0, show_default=True, help="The first step: in trace and space-time.")
@click.option("--steps", type=Count(1), help="How many steps, from there on.  [default: trace 24, space-time all]")
@click.option("--size", metavar="WIDTHxHEIGHT", help="The bins of a space-time diagram at most.  [default: 720x600]")
@click.option(
    "--colours", type=click.Choice(("symbols", "states")), help="What bins of a space-time diagram show.  [default: symbols]"
)
@click.option("--filling", is_flag=True, help="The memory after every step of gradient descent, side by side.")
@click.option("--theme", type=click.Choice(("auto", "light", "dark")), default="auto", show_default=True,
              help="Light, dark, or as the reader's screen is (SVG; in other formats auto is light).")  # fmt: skip
@click.option(
    "--zoom", type=Share(0.1, 20), default=2.0, show_default=True, help="The pixels of a PNG for each unit of the picture."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about what was drawn.")
@choosing_a_target
def command(
    file: str,
    what: str,
    path: str,
    rule: str | None,
    line: str | None,
    text: str | None,
    archive: str | None,
    picture: str | None,
    query: int,
    first: int,
    steps: int | None,
    size: str | None,
    colours: str | None,
    filling: bool,
    theme: str,
    zoom: float,
    as_json: bool,
    target: str,
    scale: str,
) -> None:
    """Draw a machine, a stage of its compilation, a run or a memory.

    table is the state diagram, rules what each local rule reads and writes, cells the cell as a numeral, filters the network from
    channels to channels, trace configurations one after the other, space-time a whole run, every step of it counted, memory the
    matrix that gradient descent fills. FILE is a machine (.tm), - for stdin, or a checkpoint (.safetensors).

    The ending of OUT decides the format: .svg, .png, .pdf, and for table, rules and filters .mmd (Mermaid) and .graphml. State
    diagrams need Graphviz, PNG and PDF CairoSVG.
    """
    wanted = DrawOptions(
        file, what, form_of(path), rule, parse_line(line), Input(text, archive, picture, query),
        RunPart(first, steps, parse_size(size), colours or "symbols"), filling, theme, target, scale,
    )  # fmt: skip
    check_fits(wanted, size is not None or colours is not None)
    check_writable(path)
    for read in (file, archive, picture):
        if read is not None and Path(path).resolve() == Path(read).resolve():
            raise Rejected(f"the picture would overwrite {read}; name another file with -o")
    check_raster(wanted.form)
    drawn = _drawn(wanted)
    content = drawn.content.encode()
    if wanted.form in ("png", "pdf"):
        from tmc.view.raster import rastered

        content = rastered(drawn.content, wanted.form, zoom)
    write_atomically(path, content)
    if as_json:
        print_json({"file": path, "what": what, "machine": drawn.machine, "bytes": len(content), **drawn.figures})
    else:
        click.echo(f"{path}: {drawn.says}, {len(content) / 1e3:.1f} kB")


def _drawn(wanted: DrawOptions) -> Drawn:
    """The picture as a text: SVG, or the graph in another language."""
    if wanted.what in ("trace", "space-time"):
        from tmc.cli.draw_runs import draw_run

        return draw_run(wanted)
    if wanted.what == "memory":
        from tmc.cli.draw_memory import draw_memory

        return draw_memory(wanted)
    from tmc.cli.draw_stages import draw_stage

    return draw_stage(wanted)
