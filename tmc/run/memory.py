"""Reading and writing at addresses, inside kernels: an index costs a tenth of a step's time more.

Nothing is checked. An address is one of an array that lives as long as the kernel runs.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic


def _at(builder: Any, address: Any, bits: int) -> Any:
    """The address as a pointer to a number of so many bits."""
    return builder.inttoptr(address, ir.PointerType(ir.IntType(bits)))


def _field(typing: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_at(builder, arguments[0], 64), align=8)

    return types.uint64(types.uint64), generate


def _cell(typing: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.zext(builder.load(_at(builder, arguments[0], 32), align=4), ir.IntType(64))

    return types.uint64(types.uint64), generate


def _put(typing: Any, address: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(builder.trunc(arguments[1], ir.IntType(32)), _at(builder, arguments[0], 32), align=4)
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64), generate


field: Any = intrinsic(_field)  # field(address): the eight bytes there, as an unsigned number
cell: Any = intrinsic(_cell)  # cell(address): the four bytes there, as an unsigned number
put: Any = intrinsic(_put)  # put(address, number): writes the low four bytes of a number there
