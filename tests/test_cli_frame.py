from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from conftest import Outcome
from tmc import __version__, cli
from tmc.diagnostics import Code, Diagnostic, InternalError, Rejected, Severity, SourceRejected
from tmc.source import Source, Span

Tmc = Callable[..., Outcome]
HEAVY = "{'torch', 'numpy', 'networkx', 'lark', 'safetensors', 'tqdm'}"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, tmc: Tmc) -> Iterator[Callable[[BaseException], Outcome]]:
    """Run a command that raises this."""

    def run(error: BaseException) -> Outcome:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(cli._Commands, "get_command", lambda *_: command)
        return tmc("compile")

    return run


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(
    "program",
    [
        "import tmc",
        "import tmc.cli",
        "from tmc.cli import main; assert main(['--help']) == 0",
        "from tmc.cli import main; assert main(['data', 'parity', '--help']) == 0",
        "from tmc.cli import main; assert main(['simulate', '--help']) == 0",
        "from tmc.cli import main; assert main(['--version']) == 0",
    ],
)
def test_nothing_heavy_is_loaded(program: str) -> None:
    done = python(f"{program}\nimport sys\nassert not {HEAVY} & set(sys.modules), {HEAVY} & set(sys.modules)")
    assert (done.returncode, done.stderr) == (0, "")


def test_help_lists_every_command(tmc: Tmc) -> None:
    for option in ("--help", "-h"):
        outcome = tmc(option)
        assert (outcome.status, outcome.err) == (0, "")
        for name, summary in cli.COMMANDS.items():
            assert f"  {name}" in outcome.out
            assert summary in outcome.out
        assert "Example: tmc simulate" in outcome.out


def test_version(tmc: Tmc) -> None:
    assert tmc("--version") == Outcome(0, f"tmc {__version__}\n", "")


def test_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "tmc", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tmc {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("nothing",), ("--wrong",), ("data", "parity", "--d", "x"), ("data", "nothing")])
def test_wrong_usage(tmc: Tmc, arguments: tuple[str, ...]) -> None:
    outcome = tmc(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert "Usage: tmc" in outcome.err


def test_rejected(failing: Callable[[BaseException], Outcome]) -> None:
    assert failing(Rejected("x is empty")) == Outcome(1, "", "error: x is empty\n")


def test_source_rejected(failing: Callable[[BaseException], Outcome]) -> None:
    source = Source("a.tm", "machine m\n")
    errors = [Diagnostic(Code.SYNTAX, Severity.ERROR, f"wrong {i}", source, Span(i, i + 1)) for i in range(2)]
    warning = Diagnostic(Code.RULE_NEVER_APPLIES, Severity.WARNING, "odd", source, Span(8, 9))
    outcome = failing(SourceRejected([*errors, warning]))
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        "error[TMC001]: wrong 0\n  --> a.tm:1:1\n  |\n1 | machine m\n  | ^\n\n"
        "error[TMC001]: wrong 1\n  --> a.tm:1:2\n  |\n1 | machine m\n  |  ^\n\n"
        "warning[TMC101]: odd\n  --> a.tm:1:9\n  |\n1 | machine m\n  |         ^\n\n"
        "2 errors, 1 warning\n"
    )
    assert failing(SourceRejected(errors[:1])).err.endswith("\n\n1 error\n")


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted; nothing was written\n"),
        (KeyboardInterrupt("half is done"), 130, "interrupted; half is done\n"),
        (click.Abort(), 130, "interrupted; nothing was written\n"),
        (cli.Ended(), 143, "ended; nothing was written\n"),
        (MemoryError(), 1, "error: not enough memory for an input of this size; try a smaller one\n"),
        (InternalError("a\nb"), 70, "internal error: a b - this is a bug in tmc (TMC_DEBUG=1 shows where)\n"),
        (KeyError("x"), 70, "internal error: KeyError: 'x' - this is a bug in tmc (TMC_DEBUG=1 shows where)\n"),
        (FileNotFoundError(errno.ENOENT, "no"), 70, "internal error: FileNotFoundError: [Errno 2] no - this is a bug in tmc"),
    ],
)
def test_other_endings(failing: Callable[[BaseException], Outcome], error: BaseException, status: int, message: str) -> None:
    outcome = failing(error)
    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1


def test_a_traceback_only_when_asked(failing: Callable[[BaseException], Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMC_DEBUG", "1")
    assert "Traceback (most recent call last)" in failing(KeyError("x")).err
    assert "Traceback" not in failing(Rejected("x")).err


def test_a_command_chooses_its_status(monkeypatch: pytest.MonkeyPatch, tmc: Tmc) -> None:
    for result, status in ((None, 0), (0, 0), (1, 1)):
        monkeypatch.setattr(cli._Commands, "get_command", lambda *_, result=result: click.Command("x", callback=lambda: result))
        assert tmc("compile").status == status

    @click.command()
    @click.pass_context
    def leave(context: click.Context) -> None:
        context.exit(1)

    monkeypatch.setattr(cli._Commands, "get_command", lambda *_: leave)
    assert tmc("compile").status == 1


PRINTING = """
import sys, click
from tmc import cli
cli._Commands.get_command = lambda *_: click.Command("x", callback=lambda: [click.echo("line") for _ in range(100000)] and None)
sys.exit(cli.main(["compile"]))
"""


def test_a_closed_pipe_is_nothing_to_talk_about() -> None:
    with subprocess.Popen([sys.executable, "-c", PRINTING], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_stdout() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-c", PRINTING], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: cannot write the output: No space left on device\n")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (signal.SIGINT, "interrupted; nothing was written\n"),
        (signal.SIGTERM, "ended; nothing was written\n"),
        (signal.SIGHUP, "ended; nothing was written\n"),
    ],
)
def test_a_signal_that_ends_it(number: signal.Signals, said: str) -> None:
    waiting = PRINTING.replace("[click.echo", "[print('ready', flush=True), __import__('time').sleep(30)] and [click.echo")
    with subprocess.Popen([sys.executable, "-c", waiting], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.send_signal(number)
        assert program.stderr.read() == said
    assert program.returncode == 128 + number


def test_signals_are_left_to_others(failing: Callable[[BaseException], Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that calls `main` gets its own handlers back; those that it has set, or a thread, are left alone."""
    before = signal.getsignal(signal.SIGTERM)
    failing(KeyError("x"))
    assert signal.getsignal(signal.SIGTERM) is before
    previous = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with cli._ending():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, previous)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(cli.main, ["--version"]).result() == 0


def test_a_terminal_that_lacks_a_character() -> None:
    program = "import sys\nfrom tmc.cli import main\nsys.exit(main(['simulate', 'nön\\udcffe.tm', '--data', '']))"
    done = python(program, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert done.stderr.startswith("error: cannot read n")
    assert done.stderr.endswith("e.tm: it does not exist\n")


def test_every_command_has_help_with_an_example(tmc: Tmc) -> None:
    for name in cli.COMMANDS:
        outcome = tmc(name, "--help")
        assert outcome.status == 0, name
        assert "Example" in outcome.out, name
        assert f"tmc {name}" in outcome.out.split("Example")[1], name
