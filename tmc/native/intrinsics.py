"""What kernels need beyond numba: arguments from memory, and reading and writing at addresses. For the compiler alone."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import from_dtype
from numba import types as numba_types
from numba.core.cgutils import gep_inbounds
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from tmc.native.written import array_of, parts_of

types: Any = numba_types
WORDS = types.CPointer(types.int64)


def type_of(hint: Any) -> Any:
    """The type of an argument with this annotation."""
    parts, array = parts_of(hint), array_of(hint)
    if parts is not None:
        named = hint if isinstance(hint, type) and hasattr(hint, "_fields") else None
        return types.BaseTuple.from_types([type_of(part) for part in parts], named)
    return types.Array(from_dtype(array[0]), array[1], "C") if array else types.int64


def unpacked(parameters: list[Any]) -> Any:
    """A function of the address of words, see `tmc.native.jit`, that gives the arguments of these types."""
    given = types.Tuple(parameters)

    def unpack(typing: Any, words: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return _argument(context, builder, given, _words(builder, arguments[0]))

        return given(WORDS), generate

    return intrinsic(unpack)


def _words(builder: Any, address: Any) -> Iterator[Any]:
    place = 0
    while True:
        yield builder.load(gep_inbounds(builder, address, place))
        place += 1


def _argument(context: Any, builder: Any, kind: Any, words: Iterator[Any]) -> Any:
    """The next argument, of a type, taken from words."""
    if isinstance(kind, types.BaseTuple):
        return context.make_tuple(builder, kind, [_argument(context, builder, one, words) for one in kind.types])
    if not isinstance(kind, types.Array):
        return next(words)
    array = context.make_array(kind)(context, builder)
    data = builder.inttoptr(next(words), array.data.type)
    shape = [next(words) for _ in range(kind.ndim)]
    size = context.get_constant(types.intp, kind.dtype.bitwidth // 8)
    strides = [size]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return array._getvalue()


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


field: Any = intrinsic(_field)
cell: Any = intrinsic(_cell)
put: Any = intrinsic(_put)
