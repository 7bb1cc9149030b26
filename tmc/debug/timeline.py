"""A run that can be taken back: configurations are kept now and then, and what lies between them is walked again.

An edit replaces the configuration at its step. It belongs to the run from then on: whoever goes back before it and forward again
comes through it. The edits behind a new one are forgotten with all that followed from them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Line, Move
from tmc.recording.clock import STAY, Operation, operations
from tmc.run.lookup import Action
from tmc.run.walk import Walker
from tmc.testing.timing import duration, waiting

INTERVAL = 1_000  # steps between two keyframes, at first
MOST = 256  # keyframes; then every other one is dropped
CELLS = 20_000_000  # cells that all of them hold together, likewise
WALKED = 500_000  # steps that are walked before the table engine goes on, which does not count layers
FAR = 2_000_000  # steps that are left for it to be worth losing count
WALK = 20_000  # steps that are always walked, since they take no time
LEAP = 20_000_000  # steps that it takes at once
NEAR = 500  # steps before the present at which a keyframe is kept, for who goes back step by step
ASKED = 10_000  # steps between two questions whether to stop


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A configuration that is kept. `ready`: the layer at which the control is at rest there, None if nobody counted; `before`: the
    operation that led there. `edited`: whether somebody made it."""

    step: int
    configuration: Configuration
    ready: int | None
    before: Operation
    edited: bool = False

    @property
    def cells(self) -> int:
        """How many cells of tape it holds."""
        data, work = self.configuration.data, self.configuration.work
        return len(work.cells) + (len(data.cells) if isinstance(data, Line) else len(data.rows) * len(data.rows[0]))


class Timeline:
    """A machine in motion, forwards and back. `walker` is where it is now."""

    def __init__(self, table: Table, first: Configuration, birth: int) -> None:
        """`birth`: the layer at which its network begins with the first step."""
        self.table = table
        self._first = Keyframe(0, first, birth, STAY)
        self._keyframes = [self._first]
        self._interval, self._near = INTERVAL, self._keyframes[0]
        self._costs = dict[tuple[Operation, Operation], int]()
        self.walker = Walker(table, first)
        self._ready: int | None = birth
        self._before = STAY

    # --- where it is

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self.walker.steps

    @property
    def layer(self) -> int | None:
        """After how many layers the network is here, ready for the next step; None if nobody counted."""
        if self._ready is None:
            return None
        action = self.walker.action()
        return self._ready if action is None else self._ready + waiting(self._before, next(self._operations(action)))

    def edits(self) -> tuple[int, ...]:
        """The steps at which somebody has changed the run."""
        return tuple(keyframe.step for keyframe in self._keyframes if keyframe.edited)

    def kept(self) -> tuple[int, ...]:
        """The steps whose configurations are kept."""
        return tuple(keyframe.step for keyframe in self._keyframes)

    # --- going

    def forward(self) -> bool:
        """One step; False at the end of the run."""
        walker, action = self.walker, self.walker.action()
        if action is None:
            return False
        if self._ready is not None:
            self._count(action)
        walker.take(action)
        if walker.steps % self._interval == 0:
            self._keep()
        last = self._keyframes[-1]
        if walker.steps <= last.step:
            self._meet(walker.steps)
        return True

    def goto(self, step: int, stop: Callable[[int], bool] = lambda _: False) -> bool:
        """Go to a step, as far as the machine goes and until `stop` says so, which is asked now and then with the number of steps.
        Returns whether it came there."""
        if step < self.step:
            start = self._before_step(step)
            self._restart(start)
        elif (start := self._before_step(step)).step > self.step:
            self._restart(start)
        walked = self.step + WALKED
        while self.step < step:
            if self.step % ASKED == 0 and stop(self.step):
                return False
            far = 2 * WALK if self._ready is None else FAR
            if (self._ready is None or self.step >= walked) and step - self.step > far:
                if stop(self.step) or not self._leap(min(step - WALK, self.step + LEAP)):
                    return False
                continue
            if self.step == step - NEAR:
                self._near = self._present()
            if not self.forward():
                return False
        return True

    def is_near(self, step: int) -> bool:
        """Whether a step is at hand, so that going there takes no time."""
        return step - self._before_step(step).step <= WALK

    def before(self, step: int) -> int:
        """The last step before this one whose configuration is kept."""
        return self._before_step(step - 1).step

    def edit(self, configuration: Configuration) -> None:
        """Go on from this configuration instead of the present one. Raises `Rejected` when it is none of this machine."""
        step, ready = self.step, self.layer
        walker = Walker(self.table, configuration, step)
        self._keyframes = [keyframe for keyframe in self._keyframes if keyframe.step < step]
        edited = Keyframe(step, configuration, ready, STAY, edited=True)
        self._keyframes.append(edited)
        self._near, self.walker = edited, walker
        self._ready, self._before = ready, STAY

    def undo(self) -> int | None:
        """Take the last edit back, and go to where it was made. Returns its step; None when there is none."""
        edits = self.edits()
        if not edits:
            return None
        if edits[-1] == 0:
            self._keyframes = [self._first]
        self._keyframes = [keyframe for keyframe in self._keyframes if keyframe.step < max(1, edits[-1])]
        self._near = self._keyframes[-1]
        self._restart(self._near)
        self.goto(edits[-1])
        return edits[-1]

    # --- inside

    def _count(self, action: Action) -> None:
        assert self._ready is not None
        for operation in self._operations(action):
            key = self._before, operation
            if key not in self._costs:
                self._costs[key] = waiting(*key) + duration(operation)
            self._ready += self._costs[key]
            self._before = operation

    def _operations(self, action: Action) -> Iterator[Operation]:
        transition, walker = action.transition, self.walker
        if self.table.is_rows:
            return operations(self.table, transition, walker.columns, walker.place, walker.place + action.shift_data)
        if transition.halts:
            return iter((STAY,))
        return iter(((transition.move_data if action.shift_data else Move.STAY, transition.move_work),))

    def _present(self) -> Keyframe:
        return Keyframe(self.step, self.walker.configuration(), self._ready, self._before)

    def _keep(self) -> None:
        """Keep the present configuration, in its place, and drop others when there are too many."""
        place = bisect_right(self._keyframes, self.step, key=lambda keyframe: keyframe.step)
        if self._keyframes[place - 1].step == self.step:
            return
        self._keyframes.insert(place, self._present())
        while len(self._keyframes) > MOST or (len(self._keyframes) > 8 and sum(k.cells for k in self._keyframes) > CELLS):
            self._interval *= 2
            kept = [k for k in self._keyframes if k.step % self._interval == 0 or k.edited]
            if len(kept) == len(self._keyframes):
                break
            self._keyframes = kept

    def _meet(self, step: int) -> None:
        """Come through an edit that was made here."""
        keyframe = self._before_step(step)
        if keyframe.step == step and keyframe.edited:
            self._restart(keyframe)

    def _before_step(self, step: int) -> Keyframe:
        """The last keyframe that is not behind a step."""
        keyframe = self._keyframes[bisect_right(self._keyframes, step, key=lambda keyframe: keyframe.step) - 1]
        near = self._near
        return near if keyframe.step < near.step <= step else keyframe

    def _restart(self, keyframe: Keyframe) -> None:
        self.walker = Walker(self.table, keyframe.configuration, keyframe.step)
        self._ready, self._before = keyframe.ready, keyframe.before

    def _leap(self, step: int) -> bool:
        """Let the table engine go to a step, or to an edit on the way there; nobody counts layers meanwhile."""
        from tmc.run.engine import TableRun

        end = min([step, *(edit for edit in self.edits() if edit > self.step)])
        machine = TableRun(self.table, self.walker.configuration(), steps=self.step)
        going = machine.advance(end - self.step)
        self.walker = Walker(self.table, machine.configuration(), machine.steps)
        self._ready, self._before = None, STAY
        self._keep()
        self._meet(self.step)
        return going
