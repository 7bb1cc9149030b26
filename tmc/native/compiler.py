"""Compiling kernels to machine code, with numba. For processes that compile and nothing else: see `tmc.native.machine_code`."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dis import get_instructions
from types import FunctionType
from typing import Any, cast

import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numba
from numba import types
from numba.core import compiler
from numba.core.codegen import CPUCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from tmc.native import intrinsics
from tmc.native.object_file import BEGIN, checked
from tmc.native.written import Intrinsic, Kernel, Part, digest, group_of

SYMBOL = "tmc.{}"  # what a kernel is called in an object file
OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy", "nogil": True}
PARTS = "_optimize_final_module", "get_executable", "_tm", "_final_module"  # private parts of numba that are used here
CHANGED = 3  # exit status: the kernels are not those that were asked for


def main(module: str, wanted: str) -> None:
    """Write the machine code of a module's kernels to the standard output, if they have the digest `wanted`."""
    importlib.import_module(module)
    if digest(group_of(module)) != wanted:
        sys.exit(CHANGED)
    sys.stdout.buffer.write(BEGIN + checked(compiled(group_of(module))))


def compiled(group: list[Kernel]) -> bytes:
    """The machine code of some kernels as an object file."""
    functions: dict[int, Any] = {}
    codegen = cpu_target.target_context.codegen()
    owners = CPUCodeLibrary, cpu_target.target_context, codegen, codegen.create_library("parts")
    for owner, name in zip(owners, PARTS, strict=True):
        if not hasattr(owner, name):
            raise ImportError(f"there is no {name}")
    with global_compiler_lock:
        with _apart():
            found = {one.__name__: _entry(one, functions) for one in group}
        library = codegen.create_library("kernels")
        for name, (each, symbol) in found.items():
            each.get_function(symbol).name = SYMBOL.format(name)
            library._final_module.link_in(each)
        library.finalize()
        module = llvm.parse_assembly(library.get_llvm_str())
        return bytes(codegen._tm.emit_object(module))


@contextmanager
def _apart() -> Iterator[None]:
    """Do not optimise or finish functions one by one: that is done once, for all of them."""
    context, library = cpu_target.target_context, cast("Any", CPUCodeLibrary)
    optimise = library._optimize_final_module
    library._optimize_final_module = lambda _: None
    context.get_executable = lambda *_: [].append  # what it gives back has to be built in, and each time another
    try:
        yield
    finally:
        library._optimize_final_module = optimise
        del context.get_executable


def _entry(one: Kernel, functions: dict[int, Any]) -> tuple[Any, str]:
    """The module with a kernel, as a function of the address of words, and its name there."""
    body, returns = _function(one, functions), one.hints["return"] is not type(None)
    arguments = intrinsics.unpacked([intrinsics.type_of(hint) for name, hint in one.hints.items() if name != "return"])

    def entry(words):  # type: ignore[no-untyped-def]
        return body(*arguments(words))

    def silent(words):  # type: ignore[no-untyped-def]
        body(*arguments(words))
        return 0

    flags: Any = compiler.Flags()
    flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    flags.error_model = OPTIONS["error_model"]
    typing, target = cpu_target.typing_context, cpu_target.target_context
    result = compiler.compile_extra(typing, target, entry if returns else silent, (intrinsics.WORDS,), types.int64, flags, {})
    result.library.finalize()
    return result.library._final_module.clone(), result.fndesc.llvm_func_name


def _function(one: Kernel | Part, functions: dict[int, Any]) -> Any:
    """A kernel or a part as numba's function, with those that it calls."""
    if id(one) not in functions:
        function, names = one.function, dict(one.function.__globals__)
        for name in {read.argval for read in get_instructions(function) if read.opname == "LOAD_GLOBAL"}:
            value = names.get(name)
            if isinstance(value, Kernel | Part):
                names[name] = _function(value, functions)
            elif isinstance(value, Intrinsic):
                names[name] = getattr(intrinsics, value.name)
        functions[id(one)] = numba.njit(**OPTIONS)(FunctionType(function.__code__, names, function.__name__))
    return functions[id(one)]
