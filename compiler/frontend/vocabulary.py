"""The words of the language: which names a module may take from `bare`, Python and the typing
modules.

A word's *key* is its name, prefixed by the submodule where names would collide (`simd.add`,
`registers.bits`). What a key means in a call is in the `calls_*` files; what it means as a type, in
`annotations.py`.
"""

from __future__ import annotations

from compiler.ir.types import (
    BOOL,
    BYTES,
    F32,
    FLOATS,
    FORMAT,
    I8,
    I16,
    I32,
    INTEGERS,
    NEVER,
    STR,
    FloatType,
    IntType,
    SimdType,
    Type,
)

KEYED_MODULES: dict[str, str] = {
    "bare": "",
    "bare.atomic": "atomic",
    "bare.lib": "lib",
    "bare.program": "program",
    "bare.registers": "registers",
    "bare.simd": "simd",
    "bare.unsafe": "unsafe",
    "collections.abc": "",
}
"""Vocabulary modules and the prefix of their keys. Other submodules of `bare` have none."""

BUILTINS: dict[str, str] = {
    name: name
    for name in (
        "abs", "bool", "bytes", "enumerate", "float", "int", "isinstance", "len", "max", "min",
        "print", "range", "str", "super", "tuple", "zip", "OSError", "staticmethod", "type",
        "object", "list", "dict", "set", "divmod", "sum", "any", "all", "sorted", "reversed", "map",
        "filter", "open", "input", "eval", "exec", "getattr", "setattr", "hasattr", "repr", "ord",
        "chr", "pow", "round", "iter", "next", "property", "classmethod", "id", "hash", "hex",
        "bin", "oct", "callable", "issubclass", "bytearray", "memoryview", "Exception",
        "BaseException", "ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError",
        "AttributeError", "StopIteration", "OverflowError", "ZeroDivisionError", "AssertionError",
        "NotImplementedError", "MemoryError",
    )
}  # fmt: skip
"""Python's builtins. Those without a meaning here are known, so that their refusal can say so."""

SIMPLE_TYPES: dict[str, Type] = {
    **INTEGERS,
    **FLOATS,
    "bool": BOOL,
    "str": STR,
    "bytes": BYTES,
    "Bytes": BYTES,
    "FormatStr": FORMAT,
    "NoReturn": NEVER,
    "Never": NEVER,
    "simd.i8x16": SimdType(I8, 16),
    "simd.i16x8": SimdType(I16, 8),
    "simd.i32x4": SimdType(I32, 4),
    "simd.f32x4": SimdType(F32, 4),
}
"""Types that a word names by itself."""

ATOMICS: dict[str, IntType] = {
    "atomic.AtomicU32": INTEGERS["u32"],
    "atomic.AtomicU64": INTEGERS["u64"],
}
"""Built-in structs with one field `value`, always embedded."""

SCALARS: dict[str, IntType | FloatType] = {**INTEGERS, **FLOATS}
