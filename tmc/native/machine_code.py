"""Where the machine code of kernels comes from: an object file in a cache, else the compiler, in processes of its own.

An object file's name holds a digest of all that went into it: the kernels with the values of all names in them, the compiler, and
the processor. So stale code is never used. A damaged file is made again. If no file can be written, machine code is compiled for
this process alone."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock, Thread
from time import perf_counter
from typing import Any

import llvmlite  # type: ignore[import-untyped]
import llvmlite.binding as llvm  # type: ignore[import-untyped]

from tmc.diagnostics import Rejected
from tmc.files import write_atomically
from tmc.native.object_file import BEGIN, checked, whole
from tmc.native.written import Kernel, as_bytes, codes_of, digest, group_of

TOGETHER = (
    ("tmc.net.sparse.patches", "tmc.native.tables", "tmc.net.sparse.chain_rule"),
    ("tmc.run.kernels",),
    ("tmc.run.many_kernels",),
    ("tmc.run.space_time_kernels",),
)
KEPT = 4  # files of a module in one folder: those of other versions, or of other processors
COMPILE = "import sys; sys.path[:] = {path!r}; from tmc.native.compiler import main; main({module!r}, {wanted!r})"
FOLDER = "NUMBA_CACHE_DIR"  # the variable that says where machine code is kept
TRIED = "numba>=0.61,<0.69"  # as private parts of it are used: 0.61, 0.63, 0.65, 0.67 and 0.68 were tried
SAYING = "compiling machine code, which is done once: {:.0f} s"
COMPILER = ("tmc.native.compiler", "tmc.native.intrinsics", "tmc.native.jit", "tmc.native.written")

_engines: dict[str, Any] = {}
_lock = Lock()


def _fork() -> None:
    """This process is a child: whoever held the lock is not here."""
    global _lock
    _lock = Lock()


os.register_at_fork(after_in_child=_fork)


def addresses(group: list[Kernel]) -> dict[str, int]:
    """Where the machine code of a module's kernels is in memory, by their names."""
    module = group[0].function.__module__
    with _lock:
        if module not in _engines:
            together = next(modules for modules in TOGETHER if module in modules)
            for name, code in zip(together, object_files(together), strict=True):
                _engines[name] = _load(code)
        return {one.__name__: _engines[module].get_function_address(f"tmc.{one.__name__}") for one in group}


def object_files(modules: tuple[str, ...]) -> list[bytes]:
    """The object files of modules: what is not there is compiled, side by side."""
    for module in modules:
        importlib.import_module(module)
    keys = {module: _key(module) for module in modules}
    found = {module: _read(module, key) for module, key in keys.items()}
    missing = [module for module, code in found.items() if code is None]
    if missing:
        with ThreadPoolExecutor(len(missing)) as pool, _said():
            found |= zip(missing, pool.map(_compile, missing), strict=True)
        for module in missing:
            _write(module, keys[module], found[module] or b"")
    return [code for code in found.values() if code is not None]


def _load(code: bytes) -> Any:
    """An object file in memory, ready to be called."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _compile(module: str) -> bytes:
    """The object file of a module, compiled by a process of its own; here, where none can be started, or would compile something
    else, because kernels were changed since they were imported."""
    command = COMPILE.format(
        path=[str(Path(entry).absolute()) for entry in sys.path], module=module, wanted=digest(group_of(module))
    )
    try:
        ended = subprocess.run([sys.executable, "-I", "-c", command], check=False, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
    except OSError:
        ended = None
    code = whole(ended.stdout.partition(BEGIN)[2]) if ended is not None and ended.returncode == 0 else None
    if code is not None:
        return code
    try:
        from tmc.native.compiler import compiled

        return compiled(group_of(module))
    except ImportError as missing:  # also where numba cannot be loaded at all
        raise Rejected(f"tmc cannot compile machine code with this numba ({missing}): pip install '{TRIED}'") from None


def _write_to_terminal(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@contextmanager
def _said() -> Iterator[None]:
    """Say on a terminal what is being waited for, and for how long."""
    ended, began = Event(), perf_counter()

    def say() -> None:
        while True:
            text = SAYING.format(perf_counter() - began)
            _write_to_terminal(f"\r{text}")
            if ended.wait(1):
                _write_to_terminal(f"\r{' ' * len(text)}\r")
                return

    thread = Thread(target=say)
    shown = sys.stderr is not None and sys.stderr.isatty()
    if shown:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if shown:
            thread.join()


# --- the cache


def _key(module: str) -> str:
    """A digest of all that goes into an object file."""
    found = sha256(digest(group_of(module)).encode())
    for name in COMPILER:
        spec = find_spec(name)
        loader: Any = spec.loader if spec else None
        code = loader.get_code(name) if hasattr(loader, "get_code") else None
        for piece in codes_of(code) if code else ():
            found.update(as_bytes(piece))
    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("NUMBA_") and name != FOLDER)
    features = llvm.get_host_cpu_features().flatten()
    made_by = _numba(), llvmlite.__version__, sys.implementation.cache_tag
    found.update(repr((made_by, llvm.get_process_triple(), llvm.get_host_cpu_name(), features, settings)).encode())
    return found.hexdigest()


def _numba() -> bytes:
    """Which numba there is, without loading it."""
    spec = find_spec("numba")
    path = Path(spec.origin).with_name("_version.py") if spec and spec.origin else None
    if path is not None and path.is_file():
        return path.read_bytes()
    return version("numba").encode()


def _folders() -> list[Path]:
    """Where object files may be kept: beside the sources, or in the user's cache; or where numba is told to keep its own."""
    if os.environ.get(FOLDER):
        return [Path(os.environ[FOLDER], "tmc")]
    beside = Path(__file__).parent
    found = [beside / "__pycache__"] if beside.is_dir() else []
    with suppress(RuntimeError):  # a user without a home
        found.append(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "tmc"))
    return found


def _name(module: str, key: str) -> str:
    return f"{module.rpartition('.')[2]}-{key[:32]}.o"


def _read(module: str, key: str) -> bytes | None:
    """The object file of a module from the cache; None if it is missing or damaged."""
    for folder in _folders():
        with suppress(OSError):
            path = folder / _name(module, key)
            code = whole(path.read_bytes()) if path.is_file() else None
            if code is not None:
                return code
    return None


def _write(module: str, key: str, code: bytes) -> None:
    """Keep an object file where that is possible, and no more than a few of a module."""
    for folder in _folders():
        path = folder / _name(module, key)
        if path.exists() and not path.is_file():  # a pipe, which would be waited for
            continue
        with suppress(OSError, Rejected):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, checked(code))
            others = sorted(folder.glob(_name(module, "?" * 32)), key=lambda other: other.stat().st_mtime)
            for other in others[:-KEPT]:
                other.unlink(missing_ok=True)
            return
