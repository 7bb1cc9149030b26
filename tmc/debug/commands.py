"""The debugger by words, as a script or a person at the prompt gives them: ``break``, ``run``, ``step``, ``back``, ``set``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tmc.debug.beside import Beside
from tmc.debug.session import Ask, Session, Stop, shown
from tmc.debug.words import cell_in_words, tape_lines, transition_in_words
from tmc.diagnostics import Rejected
from tmc.ir.tape import Grid
from tmc.run.trace import Texts, rule_text

WIDTH = 100  # columns of what is printed
ROWS = 12  # of a grid or of a lattice
AROUND = 4  # lines of the source before and after the present one
LARGEST = 10**15  # steps


@dataclass(frozen=True, slots=True)
class Word:
    """A command: its names, what stands behind it, and what it does."""

    names: tuple[str, ...]
    behind: str
    help: str


WORDS = (
    Word(("step", "s"), "[N]", "take a step, or N"),
    Word(("back",), "[N | WHERE]", "take N steps back, or go back to the last WHERE"),
    Word(("run", "r"), "[WHERE]", "run to WHERE, the next breakpoint, or the end"),
    Word(("reverse",), "", "run back to the last breakpoint or watch"),
    Word(("end",), "", "run to the end, past all breakpoints"),
    Word(("goto", "g"), "STEP", "go to a step, or to start or end"),
    Word(("layer",), "[N]", "the network after N layers, or one more"),
    Word(("break", "b"), "[WHERE]", "stop runs there; or at the present line"),
    Word(("watch", "w"), "VALUE", "show a value, and stop when it changes"),
    Word(("delete", "d"), "N", "remove a breakpoint or watch"),
    Word(("disable",), "N", "let it not stop the run"),
    Word(("enable",), "N", "let it stop the run again"),
    Word(("info", "i"), "", "list breakpoints, watches and edits"),
    Word(("print", "p"), "VALUE", "print a value or a condition"),
    Word(("set",), "X = VALUE", "set data[3] = 1, set state = S, set head = 4"),
    Word(("undo", "u"), "", "take the last change back"),
    Word(("show",), "", "the step, what comes next, and the tapes"),
    Word(("list", "l"), "", "the source around the present rule"),
    Word(("lattice",), "", "the network's cells around the control"),
    Word(("cell",), "[ROW COLUMN]", "a cell of the network; on a line: POSITION"),
    Word(("help", "h", "?"), "[WORD]", "what there is"),
    Word(("quit", "q"), "", "leave"),
)
WHERE = """WHERE is a line (20, std.tm:29), a state ({state}), step N, layer N,
or if CONDITION; behind a line or a state there may be an if, too.
A state is met when it is entered, a condition when it becomes true.
VALUE is step, layer, line, state, a head ({heads}),
a symbol ({tapes}) or a number; + - * % calculate.
CONDITION compares values by == != < <= > >=, and joins by and, or, not:
state == {state} and step > 10"""


class Quit(Exception):
    """The word ``quit``."""


class Commands:
    """Carries out commands on a session. Each returns the lines that it prints."""

    def __init__(self, session: Session, texts: Texts, ask: Ask = lambda _: False) -> None:
        self.session, self.beside, self._texts, self._ask = session, Beside(session.table), texts, ask
        doing: tuple[Callable[[str], list[str]], ...] = (
            self._step, self._back, self._run, self._reverse, self._end, self._goto, self._layer, self._break, self._watch,
            self._delete, self._disable, self._enable, self._info, self._print, self._set, self._undo, self._show, self._list,
            self._lattice, self._cell, self._help, self._quit,
        )  # fmt: skip
        self._does = {each.names[0]: does for each, does in zip(WORDS, doing, strict=True)}

    def do(self, line: str) -> list[str]:
        """Carry out a command. Raises `Rejected` when it cannot be, and `Quit`."""
        name, _, behind = line.strip().partition(" ")
        if not name or name.startswith("#"):
            return []
        return self._does[word(name).names[0]](behind.strip())

    # --- going

    def _stopped(self, stop: Stop) -> list[str]:
        return [*([stop.text] if stop.text else []), *self.where()]

    def _step(self, behind: str) -> list[str]:
        return self._stopped(self.session.steps(_count(behind, 1), self._ask))

    def _back(self, behind: str) -> list[str]:
        if behind and not behind.isdecimal():
            return self._stopped(self.session.back_to(behind, self._ask))
        return self._stopped(self.session.back(_count(behind, 1), self._ask))

    def _run(self, behind: str) -> list[str]:
        return self._stopped(self.session.run(behind, ask=self._ask))

    def _reverse(self, behind: str) -> list[str]:
        _nothing(behind)
        return self._stopped(self.session.back_to("", self._ask))

    def _end(self, behind: str) -> list[str]:
        _nothing(behind)
        return self._stopped(self.session.to_end(self._ask))

    def _goto(self, behind: str) -> list[str]:
        if behind == "end":
            return self._end("")
        step = 0 if behind == "start" else _count(behind.removeprefix("step").strip())
        return self._stopped(self.session.go_to(step, self._ask))

    def _layer(self, behind: str) -> list[str]:
        layer = self.session.layer
        if not behind and layer is None:
            raise Rejected("nobody counted the layers of so long a run; say which: layer N")
        return self._stopped(self.session.go_to_layer(_count(behind, (layer or 0) + 1), self._ask))

    # --- breakpoints and watches

    def _break(self, behind: str) -> list[str]:
        found = self.session.add_breakpoint(behind or self._here())
        return [f"breakpoint {found.number}: {found.target.text}"]

    def _here(self) -> str:
        transition = self.session.transition
        if transition is None or not transition.line:
            raise Rejected("no rule is about to be taken; say where to stop: break WHERE")
        return f"{transition.file}:{transition.line}" if transition.file else str(transition.line)

    def _watch(self, behind: str) -> list[str]:
        if not behind:
            raise Rejected("say what to watch: watch data[3], watch state, watch head > 4")
        found = self.session.add_watch(behind)
        return [f"watch {found.number}: {found.condition.text} is {shown(found.last)}"]

    def _delete(self, behind: str) -> list[str]:
        self.session.delete(_count(behind))
        return [f"{behind} is removed"]

    def _disable(self, behind: str) -> list[str]:
        self.session.enable(_count(behind), enabled=False)
        return [f"{behind} stops the run no more"]

    def _enable(self, behind: str) -> list[str]:
        self.session.enable(_count(behind), enabled=True)
        return [f"{behind} stops the run again"]

    def _info(self, behind: str) -> list[str]:
        _nothing(behind)
        session = self.session
        lines = [
            f"breakpoint {found.number}: {found.target.text}, met {found.hits} times{'' if found.enabled else ', disabled'}"
            for found in session.breakpoints
        ]
        lines += [
            f"watch {found.number}: {found.condition.text} is {shown(found.condition.evaluate(session.timeline))}"
            + ("" if found.enabled else ", disabled")
            for found in session.watches
        ]
        lines += [f"edited at step {step}" for step in session.timeline.edits()]
        return lines or ["no breakpoints, watches or edits"]

    def _print(self, behind: str) -> list[str]:
        if not behind:
            raise Rejected("say what to print: print data[3], print head + 1, print state == " + self.session.table.states[0])
        return [shown(self.session.value(behind))]

    # --- changing

    def _set(self, behind: str) -> list[str]:
        return [self.session.set(behind), *self.where()]

    def _undo(self, behind: str) -> list[str]:
        _nothing(behind)
        return [self.session.undo(), *self.where()]

    # --- looking

    def where(self) -> list[str]:
        """The step, what happens next and where that stands: one or two lines."""
        session = self.session
        configuration, transition = session.configuration, session.transition
        layer = "" if session.layer is None else f"  layer {session.layer}"
        rule = "" if transition is None else rule_text(self._texts, transition)
        words = transition_in_words(session.table, configuration, transition)
        return [f"step {session.step}{layer}  {words}", *([f"  {rule}"] if rule else [])]

    def _show(self, behind: str) -> list[str]:
        _nothing(behind)
        return [*self.where(), *tape_lines(self.session.table, self.session.configuration, WIDTH, ROWS)]

    def _list(self, behind: str) -> list[str]:
        _nothing(behind)
        transition = self.session.transition
        source = None if transition is None else self._texts.get(transition.file)
        if transition is None or source is None:
            raise Rejected("no rule is about to be taken" if transition is None else "the text of this rule is not at hand")
        lines, number = source.text.splitlines(), transition.line
        shown = range(max(1, number - AROUND), min(len(lines), number + AROUND) + 1)
        return [f"{'>' if line == number else ' '} {line:4}  {lines[line - 1]}".rstrip() for line in shown]

    def _lattice(self, behind: str) -> list[str]:
        _nothing(behind)
        from tmc.debug.lattice_text import lattice_lines

        seen = self.beside.seen(self.session)
        note = "" if seen.whole else ", as far as the machine can still read it"
        return [f"layer {seen.layer}{note}", *lattice_lines(seen, self.session.table.is_grid, seen.control, WIDTH, ROWS)]

    def _cell(self, behind: str) -> list[str]:
        seen, numbers = self.beside.seen(self.session), behind.replace(",", " ").split()
        rows, columns = len(seen.lattice), len(seen.lattice[0])
        if not numbers:
            place = seen.control
            if place is None:
                raise Rejected("there is no control yet; say which cell: cell ROW COLUMN")
        else:
            place = _place(numbers, seen.origin, is_grid=self.session.table.is_grid)
        if not (0 <= place[0] < rows and 0 <= place[1] < columns):
            ends = f"positions {-seen.origin} to {columns - 1 - seen.origin}"
            size = f"{rows} rows, {columns} columns" if self.session.table.is_grid else ends
            raise Rejected(f"there is no such cell: the lattice has {size}")
        name = f"({place[0]}, {place[1]})" if self.session.table.is_grid else f"{place[1] - seen.origin}"
        return [f"cell {name} after layer {seen.layer}: {cell_in_words(seen.fields(*place))}"]

    def _help(self, behind: str) -> list[str]:
        if behind:
            found = word(behind)
            return [f"{' '.join((' | '.join(found.names), found.behind)).strip()}: {found.help}"]
        width = max(len(f"{each.names[0]} {each.behind}") for each in WORDS)
        table, session = self.session.table, self.session
        heads = ["row", "column"] if table.is_grid else ["head"]
        heads += ["work_head"] if table.work else []
        axes = ["1, 2" if isinstance(session.data, Grid) else "3", "3"]
        tapes = [f"{tape.name}[{at}]" for tape, at in zip(table.tapes, axes, strict=False)]
        lines = [f"{f'{each.names[0]} {each.behind}':{width}}  {each.help}{_short(each)}" for each in WORDS]
        return [*lines, "", *WHERE.format(heads=", ".join(heads), tapes=", ".join(tapes), state=table.states[0]).splitlines()]

    def _quit(self, behind: str) -> list[str]:
        _nothing(behind)
        raise Quit


def _short(each: Word) -> str:
    return f" ({', '.join(each.names[1:])})" if len(each.names) > 1 else ""


def word(name: str) -> Word:
    """The command of a name, or of the beginning of one. Raises `Rejected` when there is none, or more than one."""
    for each in WORDS:
        if name in each.names:
            return each
    begun = [each for each in WORDS if each.names[0].startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise Rejected(f"{name!r} is {' or '.join(each.names[0] for each in begun)}; write one of them")
    names = [each.names[0] for each in WORDS] + list(OTHERS)
    if "[" in name or name == "state":
        raise Rejected(f"there is no command {name!r}; `set` changes and `print` shows: set {name.partition('[')[0]}… = …")
    near = get_close_matches(OTHERS.get(name, name), names, 1)
    hint = f"; did you mean {OTHERS.get(near[0], near[0])!r}?" if near else "; `help` lists what there is"
    raise Rejected(f"there is no command {name!r}{hint}")


OTHERS = {
    "continue": "run",
    "c": "run",
    "next": "step",
    "n": "step",
    "breakpoint": "break",
    "exit": "quit",
    "where": "show",
    "why": "show",
    "bt": "show",
}


def _count(text: str, default: int | None = None) -> int:
    if not text and default is not None:
        return default
    digits = text.replace("_", "").replace(" ", "")
    if not digits.isdecimal():
        raise Rejected(f"{text!r} is not a number" if text else "a number is missing")
    return min(int(digits[:20]), LARGEST)


def _place(numbers: Sequence[str], origin: int, *, is_grid: bool) -> tuple[int, int]:
    wanted = 2 if is_grid else 1
    if len(numbers) != wanted or not all(number.removeprefix("-").isdecimal() for number in numbers):
        raise Rejected("say which cell: " + ("cell ROW COLUMN" if is_grid else "cell POSITION"))
    return (int(numbers[0]), int(numbers[1])) if is_grid else (0, int(numbers[0]) + origin)


def _nothing(behind: str) -> None:
    if behind:
        raise Rejected(f"nothing stands behind this command, not {behind!r}")
