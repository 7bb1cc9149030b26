"""The debugger on a terminal of 80 x 24 or more: it shows a session and turns keys into its commands."""

from __future__ import annotations

from threading import Event
from time import monotonic
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tmc.debug import panes
from tmc.debug.beside import Seen
from tmc.debug.commands import Commands, Quit
from tmc.debug.session import Session
from tmc.diagnostics import Rejected
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.run.trace import Texts

KEYS = " s step  b back  r run  t run to  R reverse  e end  l net  : …  ? help  q quit"
SHOWN = 4  # lines of what a command says; more open a page of their own
GRID_ROWS = 7
HELP = """Keys
  s, →   a step                         b, ←   a step back
  S      ten steps                      B      ten steps back
  r      run to the next stop           R      run back to the last stop
  t      run to: a line, a state,       e      run to the end
         step N, if CONDITION           g      go to a step
  space  breakpoint at the lit rule     w      watch a value
  x      change a cell or the state     u      take the last change back
  l      the network: arrows choose     p      print a value
         a cell, c the control          . ,    a layer on, a layer back
  :      any command below              esc    stop a run, close prompt
  q      quit

Commands
"""


def show(table: Table, data: Grid | Line, texts: Texts, file: str) -> None:
    """Debug a run on this terminal, until the user leaves."""
    Debugger(Session(table, data), texts, file).run()


class Page(ModalScreen[None]):
    """A text that is read and closed."""

    CSS = """
    Page { align: center middle; }
    Page VerticalScroll { width: 100%; height: 100%; border: round $primary; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,space", "dismiss", "close")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The text, which scrolls."""
        with VerticalScroll() as scrolled:
            scrolled.border_title = "esc closes, ↑ ↓ scroll"
            yield Static(Text(self._text))


class Debugger(App[None]):
    """The screen."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    CSS = """
    Screen { layout: vertical; }
    #status { height: 1; background: $panel; }
    #middle { height: 1fr; }
    #source { width: 1fr; height: 100%; }
    #side { width: 31; height: 100%; border-left: solid $primary-darken-2; padding-left: 1; }
    #tapes { height: auto; border-top: solid $primary-darken-2; }
    #next { height: auto; max-height: 2; }
    #message { height: auto; max-height: 5; background: $panel; }
    #prompt { height: 1; border: none; padding: 0 1; display: none; }
    #prompt.open { display: block; }
    #keys { height: 1; background: $panel; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "step(1)"), Binding("S", "step(10)"), Binding("b", "step_back(1)"), Binding("B", "step_back(10)"),
        Binding("right", "right"), Binding("left", "left"), Binding("up", "cursor(-1, 0)"), Binding("down", "cursor(1, 0)"),
        Binding("r", "do('run')"), Binding("R", "do('reverse')"), Binding("e", "do('end')"), Binding("u", "do('undo')"),
        Binding("t", "ask('run ')"), Binding("g", "ask('goto ')"), Binding("w", "ask('watch ')"), Binding("p", "ask('print ')"),
        Binding("x", "ask('set ')"), Binding("colon", "ask('')"), Binding("space", "breakpoint"), Binding("l", "network"),
        Binding("full_stop", "layer(1)"), Binding("comma", "layer(-1)"), Binding("c", "control"),
        Binding("question_mark", "help"), Binding("escape", "stop", priority=True), Binding("ctrl+c", "stop", priority=True),
        Binding("q", "quit"),
    ]  # fmt: skip

    def __init__(self, session: Session, texts: Texts, file: str) -> None:
        super().__init__()
        self.session, self._texts, self._file = session, texts, file
        self.commands = Commands(session, texts, self._asked)
        self.message, self.network, self.cursor = "? shows keys and commands", False, (0, 0)
        self._follow, self._seen = True, None  # whether the cursor stays on the control
        self._stopping, self._busy, self._began = Event(), False, 0.0
        self._progress = 0
        self.awaited = 0  # panes that are shown as soon as their sizes are known
        self._last_rule, self._mounted = ("", 1), False

    # --- what it shows

    def compose(self) -> ComposeResult:
        """The panes, from top to bottom."""
        yield Static(id="status")
        with Horizontal(id="middle"):
            yield Static(id="source")
            yield Static(id="side")
        yield Static(id="tapes")
        yield Static(id="next")
        yield Static(id="message")
        yield Input(id="prompt", compact=True, select_on_focus=False)
        yield Static(Text(KEYS, no_wrap=True, overflow="ellipsis"), id="keys")

    def on_mount(self) -> None:
        """Show the beginning; the progress of a long run is looked at now and then."""
        self._mounted = True
        self.set_interval(0.2, self._tick)
        self.call_after_refresh(self.show)

    def on_resize(self, _: events.Resize) -> None:
        """Show as much as fits now."""
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Show the session as it is."""
        if self._busy or not self._mounted:
            return
        session, (width, height) = self.session, self.size
        transition = session.transition
        if transition is not None and transition.line:
            self._last_rule = (transition.file, transition.line)
        self._pane("status", panes.status_line(session, ""))
        rows = GRID_ROWS if height < 30 else height // 3
        self._pane("tapes", panes.tapes_pane(session, width, rows))
        self._pane("next", panes.next_pane(session))
        self._pane("message", Text(f" {self.message}" if self.message else ""))
        self.awaited += 1
        self.call_after_refresh(self._show_middle)

    def _show_middle(self) -> None:
        self.awaited -= 1
        source, side = self.query_one("#source", Static), self.query_one("#side", Static)
        width, height = source.size
        self._pane("source", panes.source_pane(self.session, self._texts, self._file, self._last_rule, width, height))
        self._pane("side", self._side(side.size.width, side.size.height))

    def _side(self, width: int, height: int) -> Text:
        if not self.network:
            return panes.side_pane(self.session)
        try:
            seen = self._seen_now()
        except Rejected as rejected:
            return Text(str(rejected))
        return panes.network_pane(self.session, seen, self.cursor, width, height)

    def _seen_now(self) -> Seen:
        """The network, with the cursor inside."""
        seen = self.commands.beside.seen(self.session)
        if self._follow:
            self.cursor = seen.control or (0, max(0, seen.origin))
        rows, columns = len(seen.lattice), len(seen.lattice[0])
        self.cursor = (min(max(self.cursor[0], 0), rows - 1), min(max(self.cursor[1], 0), columns - 1))
        return seen

    def _pane(self, name: str, text: Text) -> None:
        self.query_one(f"#{name}", Static).update(text)

    # --- what it does

    def carry_out(self, line: str) -> None:
        """Carry out a command beside the screen, which can stop it."""
        if self._busy:
            return
        self._busy, self._began, self._progress = True, monotonic(), self.session.step
        self._stopping.clear()
        self.run_worker(lambda: self._work(line), thread=True, exit_on_error=True)

    def _work(self, line: str) -> None:
        try:
            said = self.commands.do(line)
        except Rejected as rejected:
            self.call_from_thread(self._done, [f"{rejected}"])
        except Quit:
            self.call_from_thread(self.exit)
        else:
            self.call_from_thread(self._done, said)

    def _done(self, said: list[str]) -> None:
        self._busy = False
        where = self.commands.where()
        said = said[: -len(where)] if said[-len(where) :] == where else said  # the screen shows that anyway
        if len(said) > SHOWN:
            self.push_screen(Page("\n".join(said)))
            said = []
        self.message = "\n ".join(said)
        self.show()

    def _asked(self, step: int) -> bool:
        self._progress = step
        return self._stopping.is_set()

    def _tick(self) -> None:
        if self._busy and monotonic() - self._began > 0.3:
            self._pane("status", panes.status_line(self.session, f"running … step {panes.count(self._progress)}, esc stops"))

    # --- keys

    def action_step(self, number: int) -> None:
        """Take steps."""
        if not self._busy:
            self.message = self.session.steps(number).text
            self.show()

    def action_step_back(self, number: int) -> None:
        """Take steps back."""
        step = max(0, self.session.step - number)
        if not self._busy and not self.session.timeline.is_near(step):
            self.carry_out(f"back {number}")
        elif not self._busy:
            stop = self.session.back(number)
            self.message = stop.text if stop.why == "start" else ""
            self.show()

    def action_right(self) -> None:
        """A step, or the cell to the right."""
        if self.network:
            self.action_cursor(0, 1)
        else:
            self.action_step(1)

    def action_left(self) -> None:
        """A step back, or the cell to the left."""
        if self.network:
            self.action_cursor(0, -1)
        else:
            self.action_step_back(1)

    def action_cursor(self, down: int, right: int) -> None:
        """Choose another cell of the network."""
        if self.network:
            self._follow = False
            self.cursor = (self.cursor[0] + down, self.cursor[1] + right)
            self.show()

    def action_control(self) -> None:
        """Follow the control again."""
        self._follow = True
        self.show()

    def action_do(self, line: str) -> None:
        """A command that a key stands for."""
        self.carry_out(line)

    def action_layer(self, number: int) -> None:
        """A layer on or back, with the network in sight."""
        layer = self.session.layer
        if layer is None or layer + number < 0 or self._busy:
            return
        self.network = True
        self.carry_out(f"layer {layer + number}")

    def action_network(self) -> None:
        """Show the network, or watches and breakpoints."""
        self.network = not self.network
        self.show()

    def action_breakpoint(self) -> None:
        """A breakpoint at the rule that is lit, or no more."""
        transition = self.session.transition
        if self._busy or transition is None:
            return
        text = f"{transition.file}:{transition.line}" if transition.file else f"line {transition.line}"
        found = next((found for found in self.session.breakpoints if found.target.text == text), None)
        self.carry_out("break" if found is None else f"delete {found.number}")

    def action_help(self) -> None:
        """Keys and commands."""
        self.push_screen(Page(HELP + "\n".join(f"  {line}" for line in self.commands.do("help"))))

    def action_stop(self) -> None:
        """Stop a run, or close the prompt."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self._busy:
            self._stopping.set()
        else:
            self._close()

    # --- the prompt

    def action_ask(self, begun: str) -> None:
        """Open the prompt, with the beginning of a command."""
        prompt = self.query_one("#prompt", Input)
        prompt.add_class("open")
        prompt.value, prompt.placeholder = begun, "a command; help lists them, esc closes"
        prompt.cursor_position = len(begun)
        prompt.focus()

    def _close(self) -> None:
        prompt = self.query_one("#prompt", Input)
        prompt.remove_class("open")
        self.set_focus(None)
        self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Carry out what was written."""
        self._close()
        if event.value.strip():
            self.carry_out(event.value)
