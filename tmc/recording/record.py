"""Recording a run: its steps by the table and, if they are wanted, its layers by the network, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tmc.ir.document import Document, table_document
from tmc.ir.table import Table, start
from tmc.ir.tape import Grid, Line
from tmc.recording.clock import Clock, birth, operations
from tmc.recording.layout import FORMAT, NONE, VERSION, Kept, Moment
from tmc.recording.sinks import Sink
from tmc.recording.text import Names
from tmc.run.result import Result
from tmc.run.walk import Walker
from tmc.version import __version__

if TYPE_CHECKING:
    from tmc.recording.network import Beginning, Layers


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be recorded: a machine, the name of its file, its data, and how the run ends, which is known before."""

    table: Table
    file: str
    data: Grid | Line
    result: Result

    @property
    def decided(self) -> bool:
        """Whether the machine comes to an end, so that its network does."""
        return self.result.verdict in ("accept", "reject", "stuck")


def moments(job: Job, watch: Callable[[int], None] = lambda _: None) -> Iterator[Moment]:
    """Every configuration of a run, with what is done in it. `watch` is told the number of each."""
    table, clock = job.table, Clock(birth(job.data))
    numbers = {id(transition): number for number, transition in enumerate(table.transitions)}
    walker = Walker(table, start(table, job.data))
    for step in range(job.result.steps + 1):
        head, spot, state = walker.head, walker.spot, walker.state
        action = walker.action()
        if action is None:
            yield Moment(state, head, spot, NONE, NONE, NONE, clock.ready)
            return
        transition = action.transition
        after = walker.place + action.shift_data
        done = list(operations(table, transition, walker.columns, walker.place, after))
        writes = [NONE if symbol is None else symbol for symbol in (transition.write_data, transition.write_work)]
        yield Moment(state, head, spot, numbers[id(transition)], writes[0], writes[1], clock.begins(done[0]))
        watch(step)
        clock.take(iter(done))
        walker.take(action)


def record(job: Job, sink: Sink, layers: Layers | None = None, watch: Callable[[int], None] = lambda _: None) -> None:
    """Record a run. Layers go on until nothing changes any more, or, in a run that was cut off, until the last step begins."""
    if layers is not None:
        sink.layer(layers.first())
    for moment in moments(job, watch):
        while layers is not None and layers.done < moment.layer:
            sink.layer(layers.next())
        sink.step(moment)
    while layers is not None and job.decided and not layers.at_rest:
        sink.layer(layers.next())


def about(job: Job, kept: Kept, target: str = "", begin: Beginning | None = None, layers: Layers | None = None) -> Document:
    """What a recording says of itself."""
    network = None
    if begin is not None and layers is not None:
        network = {
            "target": target,
            "rows": layers.rows,
            "columns": layers.columns,
            "origin": begin.origin,
            "birth": birth(job.data),
            "fields": [{"name": field.name, "values": list(field.values)} for field in layers.fields],
        }
    return {
        "format": FORMAT,
        "version": VERSION,
        "tmc": __version__,
        "verdict": job.result.verdict,
        "steps": job.result.steps,
        "kept": kept,
        "file": job.file,
        "table": table_document(job.table),
        "input": _input(job.data),
        "network": network,
    }


def _input(data: Grid | Line) -> Document:
    if isinstance(data, Grid):
        return {"kind": "grid", "rows": len(data.rows), "columns": len(data.rows[0])}
    return {"kind": "line", "start": data.start}


def numbers_of(data: Grid | Line) -> list[Any]:
    """The symbols of the data tape: rows of a grid, or the cells of a line from its `start` on."""
    return [list(row) for row in data.rows] if isinstance(data, Grid) else list(data.cells)


def names_of(job: Job, layers: Layers | None) -> Names:
    """The names for a recording that is text."""
    return Names(job.table, job.file, () if layers is None else layers.fields)
