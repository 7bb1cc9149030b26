"""The command line. Start here: this file is the frame. It finds commands, and turns exceptions into messages and exit statuses.

A command is a file here that exposes `command`; it is imported when it is used, and imports heavy things when it runs.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from tmc.diagnostics import Diagnostic, InternalError, Rejected, Severity, SourceRejected
from tmc.version import __version__

REJECTED, BUG = 1, 70  # exit statuses; 2, wrong usage, is click's
PIPE_CLOSED = 141
ENDING = (signal.SIGTERM, signal.SIGHUP)  # they end a command as an interrupt does: it leaves no files behind

COMMANDS = {
    "new": "Write a small machine to begin with.",
    "compile": "Compile a machine to a neural network.",
    "run": "Run a compiled network, on examples or on a text.",
    "data": "Make data sets.",
    "simulate": "Run a machine's table, without a network.",
    "test": "Run the tests of machines.",
    "check": "Check machines for errors.",
    "fmt": "Format machines.",
    "import": "Write a machine of another program in the language.",
    "export": "Write a machine, or what was learnt, for another program.",
    "inspect": "Show what a machine and its network consist of.",
    "draw": "Draw a machine, its network, a run or a memory.",
    "debug": "Step through a run, forwards and back, and change it.",
    "trace": "Write a run into a file, step by step and layer by layer.",
    "view": "Make a page that shows a program and its network at work.",
    "verify": "Show that a network does what its source says.",
    "diff": "Find where a network first differs from a source.",
    "same": "Say whether two machines are the same.",
    "report": "Count what a network consists of, beside the paper's bounds.",
    "search": "Find a learning algorithm among small machines.",
    "bench": "Measure the compiled network beside other learners.",
    "explain": "Explain an error or a warning.",
    "lsp": "Run a language server, for editors.",
    "completion": "Print a script for your shell to complete commands.",
}

MODULES = {"import": "import_"}  # where a command's name cannot be that of its module
COMPLETE = "_TMC_COMPLETE"  # the variable by which a shell asks what could come next


class Ended(KeyboardInterrupt):
    """One of the signals `ENDING` has come."""

    signal = signal.SIGTERM


class _Commands(click.Group):
    """A group whose commands are imported when they are used: help for all of them costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(cmd_name, COMMANDS, 1)
            if near and not ctx.resilient_parsing:
                ctx.fail(f"No such command {cmd_name!r}. Did you mean {near[0]!r}?")
            return None
        command: click.Command = importlib.import_module(f"tmc.cli.{MODULES.get(cmd_name, cmd_name)}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: tmc simulate machines/increment.tm --data 1011",
)
@click.version_option(__version__, message="tmc %(version)s")
def tmc() -> None:
    """Compile small Turing machines to neural networks that compute the same thing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    0: fine. 1: the input was rejected or a check failed. 2: wrong usage. 70: a bug in tmc. 130: interrupted; 143, 129: ended by
    SIGTERM, SIGHUP. A command that returns an int chooses its status. ``TMC_DEBUG=1`` shows the traceback of a bug.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a symbol that the terminal cannot show must not be an error
    try:
        with _ending():
            status = _run(list(sys.argv[1:] if arguments is None else arguments))
        if sys.stdout is not None:  # it is None when it was closed before we began
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where nothing may escape
        return _report(error)
    return status


@contextmanager
def _ending() -> Iterator[None]:
    """Raise `Ended` on one of the signals `ENDING`, unless the signal has another handler, or this is not the main thread."""

    def end(number: int, _: object) -> None:
        ended = Ended()
        ended.signal = signal.Signals(number)
        raise ended

    alone = threading.current_thread() is threading.main_thread()
    heeded = [number for number in ENDING if alone and signal.getsignal(number) is signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)


def _run(arguments: list[str]) -> int:
    if COMPLETE in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(tmc, {}, "tmc", COMPLETE, os.environ[COMPLETE])
    try:
        with tmc.make_context("tmc", arguments) as context:
            result = tmc.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return result if isinstance(result, int) else 0


def _report(error: BaseException) -> int:
    """Say on stderr what happened; returns the exit status."""
    match error:
        case click.ClickException():
            error.show()
            return error.exit_code
        case SourceRejected():
            _say(f"{error}\n\n{_count(error)}", REJECTED)
            hint(error.diagnostics)
            return REJECTED
        case Rejected():
            return _say(f"error: {error}", REJECTED)
        case KeyboardInterrupt() | click.Abort():
            ended = error.signal if isinstance(error, Ended) else signal.SIGINT
            what = "ended" if isinstance(error, Ended) else "interrupted"
            return _say(f"{what}; {error!s}" if str(error) else f"{what}; nothing was written", 128 + ended)
        case MemoryError():
            return _say("error: not enough memory for an input of this size; try a smaller one", REJECTED)
        case BrokenPipeError():
            _drop_output()
            return PIPE_CLOSED
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG | errno.EIO):
            _drop_output()
            return _say(f"error: cannot write the output: {error.strerror}", REJECTED)
    return _bug(error)


def _bug(error: BaseException) -> int:
    if os.environ.get("TMC_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    what = str(error) if isinstance(error, InternalError) else f"{type(error).__name__}: {error}"
    return _say(f"internal error: {' '.join(what.split())} - this is a bug in tmc (TMC_DEBUG=1 shows where)", BUG)


def _say(message: str, status: int) -> int:
    click.echo(message, err=True)
    return status


def _count(error: SourceRejected) -> str:
    severities = [diagnostic.severity for diagnostic in error.diagnostics]
    counts = ((severities.count(severity), severity.value) for severity in Severity)
    return ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for count, name in counts if count)


def hint(diagnostics: Sequence[Diagnostic], err: bool = True) -> None:
    """Name the page on the first of these, on a terminal."""
    stream = sys.stderr if err else sys.stdout
    if diagnostics and stream is not None and stream.isatty():
        click.echo(f"`tmc explain {diagnostics[0].code}` says more", err=err)


def _drop_output() -> None:
    """The reader of stdout is gone: what is left in its buffer must not raise again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
