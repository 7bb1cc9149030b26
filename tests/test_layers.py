"""Imports only go down: the table of the design, as a test."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from conftest import ROOT

BASE = {"frozen", "source", "diagnostics", "files", "garbage", "given", "notebook", "version", "width"}
MAY_IMPORT = {
    "frozen": set(),
    "version": set(),
    "source": {"frozen"},
    "width": set(),
    "diagnostics": {"frozen", "source", "width"},
    "files": {"source", "diagnostics"},
    "garbage": set(),
    "given": {"diagnostics"},
    "notebook": set(),  # it looks up what is above by name, when a notebook asks
    "syntax": BASE,
    "ir": BASE,
    "elaborate": BASE | {"syntax", "ir"},
    "automaton": BASE | {"ir"},
    "targets": BASE | {"ir", "automaton"},
    "optimise": BASE | {"ir", "automaton"},  # how many units a table takes
    "decompile": BASE | {"syntax", "ir"},
    "formats": BASE | {"syntax", "ir", "decompile"},
    "pipeline": BASE | {"syntax", "ir", "elaborate", "automaton", "targets", "optimise", "decompile"},
    "built": {"frozen", "pipeline", "net"},
    "native": BASE,
    "run": BASE | {"ir", "native"},
    "net": BASE | {"ir", "targets", "pipeline", "native", "run"},  # run: tapes as text, and lattices read
    "learn": BASE | {"ir", "targets", "pipeline", "run", "net"},
    "circuits": BASE | {"ir", "run", "net", "learn"},
    "bench": BASE | {"ir", "targets", "pipeline", "run", "net", "learn"},
    "testing": BASE | {"syntax", "ir", "elaborate", "automaton", "optimise", "pipeline", "run", "net"},
    "recording": BASE | {"ir", "native", "targets", "run", "net", "testing"},  # testing: which layer belongs to which step
    "debug": BASE | {"ir", "pipeline", "run", "testing", "recording"},
    "verify": BASE | {"ir", "automaton", "optimise", "targets", "pipeline", "run", "net", "testing"},
    "report": BASE | {"ir", "targets", "pipeline", "testing"},
    "view": BASE | {"syntax", "ir", "run"},
    "editor": BASE | {"syntax", "ir", "elaborate", "pipeline"},
    "cli": BASE
    | {"syntax", "ir", "elaborate", "automaton", "targets", "optimise", "pipeline", "run", "net"}
    | {"formats", "learn", "circuits", "bench", "testing", "recording", "debug", "verify", "report", "view", "editor"},
    "pytest_plugin": BASE | {"syntax", "ir", "testing"},
    "__main__": {"garbage", "cli"},
}
ONLY_IN = {
    "lark": {"syntax"}, "torch": {"net", "bench"}, "safetensors": {"net"}, "networkx": {"view"}, "matplotlib": {"view"},
    "cairosvg": {"view"},
    "numba": {"native"}, "llvmlite": {"native"}, "click": {"cli"}, "pytest": {"pytest_plugin"}, "_pytest": {"pytest_plugin"},
    "sklearn": {"learn", "bench", "circuits"}, "yaml": {"formats"}, "onnx": {"circuits"}, "textual": {"debug"}, "rich": {"debug"},
    "distributed": {"learn"},
    "pygls": {"editor"}, "lsprotocol": {"editor"},
}  # fmt: skip
WITH_TORCH = {  # modules that load torch when they are imported; all others import them where they are used
    "tmc.net.answer_dense", "tmc.net.as_checkpoint", "tmc.net.autograd", "tmc.net.called", "tmc.net.engines",
    "tmc.net.many", "tmc.net.modes", "tmc.net.network", "tmc.net.precision", "tmc.net.rcnn",
    "tmc.bench.networks", "tmc.bench.weights", "tmc.learn.search.weight_search", "tmc.learn.search.weights",
    "tmc.testing.divergence",
}  # fmt: skip
MODULES = sorted((ROOT / "tmc").rglob("*.py"))


def layer(module: str) -> str:
    """The part of a module's name after ``tmc``; "" is the package itself."""
    return [*module.split("."), ""][1]


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of everything imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"tmc.{alias.name}" for alias in node.names) if node.module == "tmc" else (str(node.module),)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    own = path.relative_to(ROOT / "tmc").with_suffix("").parts[0]
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        package = name.split(".")[0]
        if own != "__init__" and package == "tmc":  # the package's own functions import anything, but only when called
            assert layer(name) == own or layer(name) in MAY_IMPORT[own], f"{own} imports {name}"
        if package != "tmc":
            assert own in ONLY_IN.get(package, {own}), f"{own} imports {name}"


def test_the_package_imports_nothing_of_its_own_at_once() -> None:
    tree = ast.parse((ROOT / "tmc" / "__init__.py").read_text(encoding="utf-8"))
    at_once = [name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for name in imported(node)]
    assert at_once == ["__future__", "collections.abc", "os", "pathlib", "typing", "tmc.version"]


def test_the_intermediate_representations_are_plain() -> None:
    assert (ROOT / "tmc" / "ir" / "table.py") in MODULES
    for path in (ROOT / "tmc" / "ir").glob("*.py"):
        packages = {name.split(".")[0] for name in imported(ast.parse(path.read_text(encoding="utf-8")))}
        assert packages.isdisjoint({"torch", "networkx", "numpy", "lark"}), path


def test_lark_is_loaded_only_where_tables_are_made() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert path.name == "from_lark.py" or not any(name.split(".")[0] == "lark" for name in imported(tree)), path


def test_torch_is_loaded_only_where_it_is_used() -> None:
    for path in MODULES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        at_once = ast.parse(path.read_text(encoding="utf-8"))
        at_once.body = [node for node in at_once.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {name for name in imported(at_once) if name == "torch" or name.startswith("torch.") or name in WITH_TORCH}
        assert bool(names) == (module in WITH_TORCH), f"{module} imports {sorted(names)}"


def known(tree: ast.Module, names: Collection[str]) -> set[str]:
    """Those of these modules that a file imports when it runs, be it within a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = {f"{node.module}.{alias.name}" for alias in node.names} & set(names)
            found.update(parts or {str(node.module)})
    return found & set(names)


def test_no_files_import_each_other_in_a_cycle() -> None:
    paths = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    left = {name: known(ast.parse(path.read_text(encoding="utf-8")), paths) for name, path in paths.items()}
    assert left["tmc.cli.compile"] > {"tmc.pipeline", "tmc.net.checkpoint.reading"}
    while within := {name for name, imports in left.items() if imports}:  # those that import something, and are imported
        within &= set().union(*left.values())
        if within == left.keys():
            break
        left = {name: left[name] & within for name in within}
    assert left == {}
