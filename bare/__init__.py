"""The vocabulary of Bare Python: every name that a module may import from `bare`.

Importable in CPython, where it gives constants, types and tables their values; typed so that `mypy
--strict` checks a dialect module without a plugin; recognised by the compiler's front end, which
gives the names their meaning (docs/bare-python.md). Raw memory is in `bare.unsafe`, device
registers in `bare.registers`, vectors in `bare.simd`, atomics in `bare.atomic`, containers in
`bare.lib`.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from bare.byte_access import (
    load_i8,
    load_i16,
    load_i16_be,
    load_i32,
    load_i32_be,
    load_i64,
    load_i64_be,
    load_u8,
    load_u16,
    load_u16_be,
    load_u32,
    load_u32_be,
    load_u64,
    load_u64_be,
    store_i8,
    store_i16,
    store_i16_be,
    store_i32,
    store_i32_be,
    store_i64,
    store_i64_be,
    store_u8,
    store_u16,
    store_u16_be,
    store_u32,
    store_u32_be,
    store_u64,
    store_u64_be,
)
from bare.enums import (
    Enum8,
    Enum16,
    Enum32,
)
from bare.errors import (
    Fallible,
    errno_of,
    panic,
    raises,
    unreachable,
)
from bare.floats import (
    f32_bits,
    f32_from_bits,
    f64_bits,
    f64_from_bits,
    floor,
    sqrt,
)
from bare.hints import (
    always_inline,
    cpu_feature,
    export,
    never_inline,
    scalar_loops,
)
from bare.integers import (
    byte_swap,
    count_ones,
    invert,
    leading_zeros,
    multiply_high,
    rotate_left,
    rotate_right,
    saturating_add,
    saturating_sub,
    trailing_zeros,
    wrap_i8,
    wrap_i16,
    wrap_i32,
    wrap_i64,
    wrap_u8,
    wrap_u16,
    wrap_u32,
    wrap_u64,
    wrap_usize,
    wrapping_add,
    wrapping_mul,
    wrapping_neg,
    wrapping_shl,
    wrapping_sub,
)
from bare.iteration import (
    Items,
)
from bare.layout import (
    align_of,
    offset_of,
    size_of,
)
from bare.memory import (
    allocate,
    allocate_span,
    release,
)
from bare.spans import (
    Array,
    Bytes,
    Span,
    array,
    view,
)
from bare.strings import (
    FormatStr,
    encode,
    text,
    write_to,
)
from bare.structs import (
    at,
    big_endian,
    bits,
    copy_struct,
    inline,
    struct,
)

if TYPE_CHECKING:
    u8: TypeAlias = int
    u16: TypeAlias = int
    u32: TypeAlias = int
    u64: TypeAlias = int
    usize: TypeAlias = int
    i8: TypeAlias = int
    i16: TypeAlias = int
    i32: TypeAlias = int
    i64: TypeAlias = int
    f32: TypeAlias = float
    f64: TypeAlias = float
else:
    from bare.scalars import f32, f64, i8, i16, i32, i64, u8, u16, u32, u64, usize

# Written in Bare Python, so they import the names above from this module: they come last.
from bare.lib.allocator import Allocator
from bare.lib.writer import Writer


def load(*targets: str | Path | ModuleType, **options: Any) -> Any:
    """Loads a Bare Python module for checked execution; see `bare.checked.loading.load`.

    The compiler is imported here and not above: the vocabulary does not need it.
    """
    from bare.checked.loading import load as load_checked

    return load_checked(*targets, **options)


__all__ = [
    "Allocator",
    "Array",
    "Bytes",
    "Enum8",
    "Enum16",
    "Enum32",
    "Fallible",
    "FormatStr",
    "Items",
    "Span",
    "Writer",
    "align_of",
    "allocate",
    "allocate_span",
    "always_inline",
    "array",
    "at",
    "big_endian",
    "bits",
    "byte_swap",
    "copy_struct",
    "count_ones",
    "cpu_feature",
    "encode",
    "errno_of",
    "export",
    "f32",
    "f32_bits",
    "f32_from_bits",
    "f64",
    "f64_bits",
    "f64_from_bits",
    "floor",
    "i8",
    "i16",
    "i32",
    "i64",
    "inline",
    "invert",
    "leading_zeros",
    "load",
    "load_i8",
    "load_i16",
    "load_i16_be",
    "load_i32",
    "load_i32_be",
    "load_i64",
    "load_i64_be",
    "load_u8",
    "load_u16",
    "load_u16_be",
    "load_u32",
    "load_u32_be",
    "load_u64",
    "load_u64_be",
    "multiply_high",
    "never_inline",
    "offset_of",
    "panic",
    "raises",
    "release",
    "rotate_left",
    "rotate_right",
    "saturating_add",
    "saturating_sub",
    "scalar_loops",
    "size_of",
    "sqrt",
    "store_i8",
    "store_i16",
    "store_i16_be",
    "store_i32",
    "store_i32_be",
    "store_i64",
    "store_i64_be",
    "store_u8",
    "store_u16",
    "store_u16_be",
    "store_u32",
    "store_u32_be",
    "store_u64",
    "store_u64_be",
    "struct",
    "text",
    "trailing_zeros",
    "u8",
    "u16",
    "u32",
    "u64",
    "unreachable",
    "usize",
    "view",
    "wrap_i8",
    "wrap_i16",
    "wrap_i32",
    "wrap_i64",
    "wrap_u8",
    "wrap_u16",
    "wrap_u32",
    "wrap_u64",
    "wrap_usize",
    "wrapping_add",
    "wrapping_mul",
    "wrapping_neg",
    "wrapping_shl",
    "wrapping_sub",
    "write_to",
]
