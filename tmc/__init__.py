"""tmc compiles small Turing machines to neural networks that compute the same thing, step by step.

>>> import tmc
>>> tmc.simulate("machines/increment.tm", data="1011").verdict
'accept'

Importing this package loads nothing heavy: torch, numpy and the parser are loaded when a function first needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tmc.version import __version__

if TYPE_CHECKING:
    from tmc.built import CompiledMachine
    from tmc.ir.table import Table
    from tmc.ir.tape import Grid, Line
    from tmc.learn.data.datasets import DataSet
    from tmc.net.rcnn import RCNN
    from tmc.pipeline import Build
    from tmc.recording.recorded import Recording
    from tmc.run.result import Result
    from tmc.source import Source

__all__ = ["__version__", "compile", "load", "load_trace", "simulate"]


def compile(
    path_or_text: str | Path, target: str = "wide", scale: str = "integer", *, allow_use: Sequence[str | Path] = ()
) -> CompiledMachine:
    """Compile a machine: a path to a ``.tm`` file, or its text (anything with a line break in it is a text).

    `allow_use` names folders whose files it may `use`, besides those of its own folder; a text that is in no file has no folder.
    `target` is ``wide`` (the default) or ``scalar``, the paper's network, whose `scale` is ``integer`` (the default) or ``paper``.
    Raises `tmc.diagnostics.Rejected` for another name or an unusable file, `tmc.diagnostics.SourceRejected` with every error of the
    text.
    """
    from tmc.built import CompiledMachine
    from tmc.pipeline import compile_machine

    return CompiledMachine.of(compile_machine(_source(path_or_text, allow_use), target=target, scale=scale))


def load(path: str | Path) -> RCNN:
    """Load a checkpoint that `tmc compile` wrote. Raises `tmc.diagnostics.Rejected` if the file is not a checkpoint."""
    from tmc.net.rcnn import load as load_checkpoint

    return load_checkpoint(path)


def load_trace(path: str | Path) -> Recording:
    """Read a run that `tmc trace` wrote, an ``.npz`` or a ``.jsonl``: its configurations by step and, if they were kept, its
    lattices by layer, see `tmc.recording.recorded.Recording`. `tmc.diagnostics.Rejected` when the file is none, or damaged. ::

        >>> run = tmc.load_trace("run.npz")
        >>> run.configuration(7), run.rule(7), run.layer(7)
    """
    from tmc.recording.reading import load as load_recording

    return load_recording(path)


def simulate(
    machine: str | Path | Table | Build,
    data: str | None = None,
    *,
    dataset: DataSet | str | Path | Mapping[str, Any] | tuple[Any, ...] | None = None,
    grid: str | Path | None = None,
    query: int = 0,
    max_steps: int | None = None,
    max_tape: int | None = None,
    allow_use: Sequence[str | Path] = (),
) -> Result:
    """Run a machine's table, without a network.

    `machine` is a path, a text (anything with a line break in it), a build or a table. A line machine takes `data`, the text on
    its tape; a grid machine takes `dataset` (see `tmc.learn.data.dataset_of`) and the number of a `query` in it, or a whole
    `grid` as a picture, a row on each line: a path, or a text with a line break in it. Without `max_steps` the machine's own
    bound on its steps ends the run, or `tmc.run.simulator.MAX_STEPS` where it declares no bound; a run that repeats itself for
    ever is stopped when that is proved, and its verdict is ``loops``. With `max_steps` exactly so many are taken, if it does not
    halt before; with `max_tape` it ends when its tapes hold more than so many cells. `allow_use` is as for `compile`. Raises
    `tmc.diagnostics.Rejected` for unusable input. ::

        >>> run = tmc.simulate("machines/increment.tm", data="1011")
        >>> run.verdict, run.steps, run.state, run.head, run.data
        ('accept', 8, 'accept', 1, '1100')
        >>> print(run)
        accept after 8 steps
        data  1100
    """
    from tmc.given import check_count
    from tmc.run.result import decide

    table, max_steps = _table(machine, allow_use), None if max_steps is None else check_count("max_steps", max_steps, 0)
    tape = _tape(table, data, dataset, query) if grid is None else _grid(table, grid, data, dataset, query)
    longest = None if max_tape is None else check_count("max_tape", max_tape, 1)
    return decide(table, tape, max_steps, max_tape=longest)


def _table(machine: object, allow_use: Sequence[str | Path]) -> Table:
    from tmc.ir.table import Table
    from tmc.pipeline import Build, read_machine

    if isinstance(machine, Table):
        return machine
    return machine.written() if isinstance(machine, Build) else read_machine(_source(machine, allow_use))[0]


def _source(path_or_text: object, allow_use: Sequence[str | Path]) -> Source:
    from dataclasses import replace

    from tmc.diagnostics import Rejected
    from tmc.files import read_text
    from tmc.given import kind_of
    from tmc.source import Source

    if not isinstance(path_or_text, str | PathLike):
        raise Rejected(f"a machine is given as a path or a text, not as {kind_of(path_or_text)}")
    if isinstance(path_or_text, str) and "\n" in path_or_text:
        source = Source("<text>", path_or_text)
    else:
        source = read_text(fspath(path_or_text))
    return replace(
        source, allowed=tuple(str(folder) for folder in ([allow_use] if isinstance(allow_use, str | Path) else allow_use))
    )


def _grid(table: Table, picture: object, data: object, dataset: object, query: object) -> Grid:
    """The first content of a grid, from a picture."""
    from tmc.diagnostics import Rejected
    from tmc.files import read_text
    from tmc.given import kind_of
    from tmc.run.tapes import grid_of_text

    if data is not None or dataset is not None:
        raise Rejected(f"`grid` and `{'data' if data is not None else 'dataset'}` exclude each other")
    if not table.is_grid:
        raise Rejected(f"the machine {table.name} reads a line: give it `data`, the text on its tape, not `grid`")
    if query != 0:
        raise Rejected("`query` goes with `dataset`: a picture has one query, in its last row")
    if not isinstance(picture, str | PathLike):
        raise Rejected(f"`grid` is given as a path or a text, not as {kind_of(picture)}")
    if isinstance(picture, str) and "\n" in picture:
        return grid_of_text(table.data, "<grid>", picture)
    return grid_of_text(table.data, fspath(picture), read_text(fspath(picture)).text)


def _tape(table: Table, data: object, dataset: object, query: object) -> Grid | Line:
    """The first content of the data tape."""
    from tmc.diagnostics import Rejected
    from tmc.given import check_count, kind_of
    from tmc.run.tapes import line_of_text

    if table.is_grid:
        if dataset is None or data is not None:
            raise Rejected(f"the machine {table.name} reads a grid of examples: give it `dataset` or `grid`, not `data`")
        from tmc.learn.data.dataset_of import dataset_of
        from tmc.learn.data.datasets import grid

        return grid(table, dataset_of(dataset), check_count("query", query, 0))
    if data is None or dataset is not None:
        raise Rejected(f"the machine {table.name} reads a line: give it `data`, the text on its tape, not `dataset`")
    if not isinstance(data, str):
        raise Rejected(f"`data` is the text on the tape, not {kind_of(data)}")
    return line_of_text(table.data, data)
