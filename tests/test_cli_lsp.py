"""``tmc lsp``: how it is called; what it answers is tested with the editor."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from conftest import Outcome


@pytest.mark.parametrize("missing", ["pygls", "lsprotocol"])
def test_without_pygls_it_says_what_to_install(missing: str, tmc: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith((f"{missing}.", "tmc.editor.server"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    outcome = tmc("lsp")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"error: the language server needs {missing}: pip install 'turing-machine-compiler[editor]'\n"


def test_on_a_terminal_it_says_who_starts_it(tmc: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    outcome = tmc("lsp")
    assert outcome.status == 2
    assert "a language server is started by an editor" in outcome.err


def test_it_ends_when_nobody_is_there() -> None:
    done = subprocess.run([sys.executable, "-m", "tmc", "lsp"], input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
