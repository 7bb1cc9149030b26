"""A session of the debugger: a run with its breakpoints and watches, stepped, run on, taken back and changed. It prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tmc.debug.conditions import Condition, Value, parse
from tmc.debug.edits import edited
from tmc.debug.targets import Target, target
from tmc.debug.timeline import Timeline
from tmc.diagnostics import Rejected
from tmc.ir.table import Configuration, Table, Transition, start
from tmc.ir.tape import Grid, Line
from tmc.recording.clock import birth
from tmc.run.loops import LOOK, find_loop
from tmc.run.simulator import MAX_STEPS

FURTHEST = 1_000_000_000  # steps that a run to the end takes at most
ASKED = 5_000  # steps between two questions whether to stop
Ask = Callable[[int], bool]  # told the number of steps, says whether to stop


@dataclass(slots=True)
class Breakpoint:
    """A place where runs stop, by its number. `hits`: how often one did."""

    number: int
    target: Target
    enabled: bool = True
    hits: int = 0


@dataclass(slots=True)
class Watch:
    """A value that is shown, and where runs stop when it changes. `last`: what it was when it was last looked at."""

    number: int
    condition: Condition
    last: Value = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run stands: ``there`` (where it was to go), ``breakpoint``, ``watch``, ``end``, ``start``, ``limit`` or
    ``interrupted``. `text` says it in a line."""

    why: str
    text: str


class Session:
    """A run that is debugged. All that can be wrong with what is asked for is `Rejected`."""

    def __init__(self, table: Table, data: Grid | Line) -> None:
        self.table, self.data, self.birth = table, data, birth(data)
        self.timeline = Timeline(table, start(table, data), self.birth)
        self.breakpoints: list[Breakpoint] = []
        self.watches: list[Watch] = []
        self.since = 0  # how many layers the network has gone beyond the step: see `go_to_layer`
        self._numbers = count(1)

    # --- where it is

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self.timeline.step

    @property
    def layer(self) -> int | None:
        """After how many layers the network is looked at; None when nobody counted them."""
        ready = self.timeline.layer
        return None if ready is None else ready + self.since

    @property
    def configuration(self) -> Configuration:
        """The configuration."""
        return self.timeline.walker.configuration()

    @property
    def transition(self) -> Transition | None:
        """The transition about to be taken."""
        action = self.timeline.walker.action()
        return None if action is None else action.transition

    @property
    def verdict(self) -> str:
        """``accept``, ``reject``, ``stuck``, or "" while there is a step to take."""
        state = self.timeline.walker.state
        if state < 0:
            return "accept" if state == -1 else "reject"
        return "" if self.timeline.walker.action() is not None else "stuck"

    # --- breakpoints and watches

    def add_breakpoint(self, text: str) -> Breakpoint:
        """Stop wherever `text` says, see `tmc.debug.targets`."""
        found = Breakpoint(next(self._numbers), target(self.table, text))
        self.breakpoints.append(found)
        return found

    def add_watch(self, text: str) -> Watch:
        """Show a value, and stop when it changes."""
        condition = parse(self.table, text)
        found = Watch(next(self._numbers), condition, condition.evaluate(self.timeline))
        self.watches.append(found)
        return found

    def delete(self, number: int) -> None:
        """Remove a breakpoint or a watch."""
        self._numbered(number)
        self.breakpoints = [found for found in self.breakpoints if found.number != number]
        self.watches = [found for found in self.watches if found.number != number]

    def enable(self, number: int, *, enabled: bool) -> None:
        """Let a breakpoint or a watch stop the run, or not."""
        self._numbered(number).enabled = enabled

    def _numbered(self, number: int) -> Breakpoint | Watch:
        everything: list[Breakpoint | Watch] = [*self.breakpoints, *self.watches]
        for found in everything:
            if found.number == number:
                return found
        raise Rejected(f"there is no breakpoint or watch {number}")

    def value(self, text: str) -> Value:
        """What an expression is worth now."""
        return parse(self.table, text).evaluate(self.timeline)

    # --- going on

    def steps(self, number: int = 1, ask: Ask = lambda _: False) -> Stop:
        """Take so many steps, or fewer where the run stops before."""
        if number == 1:
            return self._one()
        return self._run(None, self.step + number, ask)

    def _one(self) -> Stop:
        self.since = 0
        if not self.timeline.forward():
            return self._ended()
        return self._hit(self._holding(), arrived=True) or Stop("there", "")

    def run(self, where: str = "", limit: int = MAX_STEPS, ask: Ask = lambda _: False) -> Stop:
        """Go on to the next breakpoint or change of a watch, or to `where`; to the end if the run does not stop before. At most
        `limit` steps."""
        wanted = target(self.table, where) if where else None
        if wanted is not None and wanted.step is not None:
            return self.go_to(wanted.step, ask) if wanted.step <= self.step else self._run(None, wanted.step, ask)
        if wanted is not None and wanted.layer is not None:
            return self.go_to_layer(wanted.layer, ask)
        return self._run(wanted, self.step + limit, ask, limited=True)

    def _run(self, wanted: Target | None, end: int, ask: Ask, *, limited: bool = False) -> Stop:
        self.since = 0
        if self.verdict and limited:
            return Stop("end", f"the run is over: {self._ended().text}; go back with `back`, `reverse` or `goto start`")
        if wanted is None and not self._stopping():
            return self._straight(end, ask, limited=limited)
        timeline, holding = self.timeline, self._holding()
        was_wanted = wanted is not None and wanted.holds(timeline)
        while timeline.step < end:
            if timeline.step % ASKED == 0 and ask(timeline.step):
                return Stop("interrupted", f"interrupted at step {timeline.step}")
            if not timeline.forward():
                return self._ended() if wanted is None else Stop("end", f"{self._ended().text}; {wanted.text}: not met on the way")
            before, holding = holding, self._holding()
            hit = self._hit(holding, before=before)
            if wanted is not None:
                is_wanted = wanted.holds(timeline)
                if is_wanted and not (wanted.edge and was_wanted):
                    return hit or Stop("there", f"{wanted.text}, at step {timeline.step}")
                was_wanted = is_wanted
            if hit is not None:
                return hit
        return self._limit(end, limited=limited)

    def _straight(self, end: int, ask: Ask, *, limited: bool) -> Stop:
        """Go on where nothing stops the run."""
        if self.timeline.goto(end, ask):
            return self._limit(end, limited=limited)
        return self._ended() if self.verdict else Stop("interrupted", f"interrupted at step {self.step}")

    def _limit(self, end: int, *, limited: bool) -> Stop:
        return Stop("limit", f"still running at step {end}; run again to go on") if limited else Stop("there", "")

    def _ended(self) -> Stop:
        said = {"accept": "the machine accepts", "reject": "the machine rejects"}.get(self.verdict, "no rule applies: stuck")
        return Stop("end", f"{said} after {self.step} steps")

    def _stopping(self) -> bool:
        return any(found.enabled for found in self.breakpoints) or any(found.enabled for found in self.watches)

    def _holding(self) -> list[bool]:
        return [found.enabled and found.target.holds(self.timeline) for found in self.breakpoints]

    def _hit(self, holding: list[bool], before: list[bool] | None = None, *, arrived: bool = False) -> Stop | None:
        """The breakpoint or watch that stops the run here."""
        stop = None
        for number, (found, holds) in enumerate(zip(self.breakpoints, holding, strict=True)):
            again = found.target.edge and before is not None and before[number]
            if holds and not again:
                found.hits += 0 if arrived and found.target.edge else 1
                stop = stop or Stop("breakpoint", f"breakpoint {found.number}, {found.target.text}, at step {self.step}")
        return self._changed() or stop

    def _changed(self) -> Stop | None:
        stop = None
        for found in self.watches:
            before, found.last = found.last, found.condition.evaluate(self.timeline)
            if found.enabled and before != found.last and stop is None:
                change = f"{shown(before)} → {shown(found.last)}"
                stop = Stop("watch", f"watch {found.number}, {found.condition.text}: {change}, at step {self.step}")
        return stop

    # --- going back, and to places

    def back(self, number: int = 1, ask: Ask = lambda _: False) -> Stop:
        """Take so many steps back."""
        if not self.step:
            return Stop("start", "this is the start of the run")
        return self.go_to(max(0, self.step - number), ask)

    def back_to(self, where: str = "", ask: Ask = lambda _: False) -> Stop:
        """Go back to the last moment at which a breakpoint or watch would have stopped the run, or `where` was met, or to the
        start."""
        wanted = target(self.table, where) if where else None
        if wanted is not None and wanted.step is not None:
            return self.go_to(min(wanted.step, self.step), ask)
        end, timeline, last = self.step, self.timeline, -1
        while end > 0 and last < 0:
            begin = timeline.before(end)
            last = self._last_stop(max(0, begin - 1), end, wanted)
            if ask(begin):
                break
            end = begin
        self.go_to(max(last, 0) if last >= 0 or end <= 0 else end, ask)
        return Stop("there", f"back at step {self.step}") if last >= 0 else Stop("start", f"nothing before; at step {self.step}")

    def _last_stop(self, begin: int, end: int, wanted: Target | None) -> int:
        """The last step between two at which the run would stop; -1 if it stops at no step."""
        timeline, last = self.timeline, -1
        timeline.goto(begin)
        tests = (
            [(wanted.holds, wanted.edge)] if wanted else [(b.target.holds, b.target.edge) for b in self.breakpoints if b.enabled]
        )
        watches = [] if wanted else [watch.condition.evaluate for watch in self.watches if watch.enabled]
        held, values = [holds(timeline) for holds, _ in tests], [watch(timeline) for watch in watches]
        if begin == 0 and end > 0 and any(held):
            last = 0
        while timeline.step < end - 1 and timeline.forward():
            now, then = [holds(timeline) for holds, _ in tests], [watch(timeline) for watch in watches]
            if then != values or any(n and not (edge and h) for n, h, (_, edge) in zip(now, held, tests, strict=True)):
                last = timeline.step
            held, values = now, then
        return last

    def go_to(self, step: int, ask: Ask = lambda _: False) -> Stop:
        """Go to a step, forwards or back; breakpoints do not stop the way."""
        self.since = 0
        came = self.timeline.goto(step, ask)
        self._look()
        if came:
            return Stop("there", f"step {self.step}")
        return self._ended() if self.verdict else Stop("interrupted", f"interrupted at step {self.step}")

    def to_end(self, ask: Ask = lambda _: False) -> Stop:
        """Go to the end of the run, past all breakpoints; at most `FURTHEST` steps, or until it is proved that there is no end."""
        begin = self.step
        for look in LOOK:
            stop = self.go_to(begin + look, ask)
            if stop.why != "there":
                return stop
            loop = find_loop(self.table, self.configuration, look)
            if loop is not None:
                words = loop.words([tape.name for tape in self.table.tapes])
                return Stop("limit", f"step {self.step}: the machine runs for ever, {words}")
        stop = self.go_to(begin + FURTHEST, ask)
        return Stop("limit", f"still running at step {self.step}; say it again to go on") if stop.why == "there" else stop

    def go_to_layer(self, layer: int, ask: Ask = lambda _: False) -> Stop:
        """Look at the network after so many layers; the machine goes to the step that is under way then."""
        if layer < self.birth:
            self.go_to(0, ask)
            self.since = layer - self.birth
            return Stop("there", f"layer {layer}")
        begin = self.timeline.layer
        if begin is None or begin > layer:
            self.timeline.goto(self.timeline.before(self.step) if begin is not None else 0, ask)
            while (at := self.timeline.layer) is not None and at > layer and self.step:
                self.timeline.goto(self.timeline.before(self.step), ask)
        while (at := self.timeline.layer) is not None and at < layer:
            if self.step % ASKED == 0 and ask(self.step):
                return Stop("interrupted", f"interrupted at step {self.step}")
            if not self.timeline.forward():
                break
        at = self.timeline.layer
        if at is not None and at > layer:
            self.timeline.goto(self.step - 1)
        at = self.timeline.layer
        self.since = 0 if at is None else layer - at
        self._look()
        return Stop("there", f"layer {layer}, during step {self.step}")

    def _look(self) -> None:
        """Values seen now are no changes later."""
        for found in self.watches:
            found.last = found.condition.evaluate(self.timeline)

    # --- changing

    def set(self, text: str) -> str:
        """Change the run here: ``data[3] = 1``, ``work[0] = _``, ``state = carry``, ``head = 4``. Returns what was done."""
        dropped = [step for step in self.timeline.edits() if step > self.step]
        configuration, said = edited(self, text)
        self.since = 0
        self.timeline.edit(configuration)
        self._look()
        lost = f"; the edit at step {dropped[0]} is forgotten" if dropped else ""
        return f"{said} at step {self.step}{lost}"

    def undo(self) -> str:
        """Take the last edit back."""
        self.since = 0
        step = self.timeline.undo()
        self._look()
        if step is None:
            raise Rejected("nothing was changed")
        return f"the edit at step {step} is undone"


def shown(value: Value) -> str:
    """A value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "unknown" if value is None else str(value)
