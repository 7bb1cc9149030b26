"""The page as one HTML file: the document, the modules, the styles and the shell, and no request to anywhere.

Nothing of a machine's text can run: it stands in one block of JSON in which every ``<`` is escaped, and the page's policy allows
the page's own scripts only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from pathlib import Path

from tmc.ir.document import Document

HERE = Path(__file__).parent
MAIN = 'import { start } from "tmc/ui"; start(JSON.parse(document.getElementById("document").textContent));'


def page(document: Document) -> bytes:
    """The file."""
    scripts = {f"tmc/{path.stem}": _url(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.js"))}
    imports = json.dumps({"imports": scripts}, sort_keys=True)
    parts = {
        "title": escape(f"{document['name']} · tmc"),
        "policy": _policy(imports, MAIN),
        "styles": (HERE / "page.css").read_text(encoding="utf-8"),
        "document": script_safe(json.dumps(document, separators=(",", ":"), ensure_ascii=False)),
        "imports": imports,
        "main": MAIN,
    }
    text = (HERE / "shell.html").read_text(encoding="utf-8")
    before, *rest = text.split("{{")
    for piece in rest:
        name, _, after = piece.partition("}}")
        before += parts[name] + after
    return before.encode("utf-8", errors="backslashreplace")


def script_safe(text: str) -> str:
    """JSON that cannot end the script element it stands in, nor look like a comment there."""
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    for character, safe in escapes.items():
        text = text.replace(character, safe)
    return text


def _url(module: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(module.encode()).decode()


def _policy(*scripts: str) -> str:
    """No request to anywhere, and only these scripts, which import modules of this file."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes} data:; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
