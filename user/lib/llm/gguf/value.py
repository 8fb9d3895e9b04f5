"""The values of GGUF's metadata: typed numbers, strings, and arrays of these.

`gguf_metadata_value_type` of the format's description in the ggml project.
"""

from __future__ import annotations

from bare import (
    Bytes,
    f32,
    f32_from_bits,
    f64_from_bits,
    i64,
    load_i16,
    load_i32,
    load_i64,
    load_u16,
    load_u32,
    load_u64,
    struct,
    u32,
    u64,
    usize,
    wrap_i8,
)
from user.lib.llm.gguf.cursor import Cursor

UINT8: u32 = 0
INT8: u32 = 1
UINT16: u32 = 2
INT16: u32 = 3
UINT32: u32 = 4
INT32: u32 = 5
FLOAT32: u32 = 6
BOOL: u32 = 7
STRING: u32 = 8
ARRAY: u32 = 9
UINT64: u32 = 10
INT64: u32 = 11
FLOAT64: u32 = 12

ANY_SIZE: usize = 0
SIZES: tuple[usize, ...] = (1, 1, 2, 2, 4, 4, 4, 1, ANY_SIZE, ANY_SIZE, 8, 8, 8)
"""Bytes of a value, by type."""
LARGEST_F32 = 3.4028234663852886e38


@struct
class Value:
    """One value where it lies in the file."""

    is_present: bool = False
    kind: u32 = 0
    element_kind: u32 = 0
    """Of an array."""
    count: usize = 0
    """Elements of an array."""
    content: Bytes = b""

    def take(self, cursor: Cursor) -> bool:
        """Reads a type and a value of it; False where the type is none, or an array of arrays."""
        self.is_present = True
        self.kind = cursor.take_u32()
        self.element_kind = 0
        self.count = 0
        if self.kind == STRING:
            self.content = cursor.take_string()
            return True
        if self.kind == ARRAY:
            return self.take_array(cursor)
        if self.kind >= len(SIZES):
            return False
        self.content = cursor.take(SIZES[self.kind])
        return True

    def take_array(self, cursor: Cursor) -> bool:
        """Reads the type and number of elements, then the elements."""
        self.element_kind = cursor.take_u32()
        count = cursor.take_u64()
        start = cursor.offset
        if self.element_kind == ARRAY or self.element_kind >= len(SIZES):
            return False
        if self.element_kind != STRING:
            cursor.take_many(count, SIZES[self.element_kind])
        else:
            index: u64 = 0
            while index < count and cursor.is_sound:
                cursor.take_string()
                index += 1
        self.count = count
        self.content = cursor.file[start : cursor.offset]
        return True

    def unsigned(self) -> u64 | None:
        """Returns a whole number that is not negative."""
        if self.kind in (INT8, INT16, INT32, INT64):
            number = self.signed()
            return u64(number) if number >= 0 else None
        if self.kind == UINT8:
            return self.content[0]
        if self.kind == UINT16:
            return load_u16(self.content, 0)
        if self.kind == UINT32:
            return load_u32(self.content, 0)
        if self.kind == UINT64:
            return load_u64(self.content, 0)
        return None

    def signed(self) -> i64:
        """Returns a number of a signed type."""
        if self.kind == INT8:
            return wrap_i8(self.content[0])
        if self.kind == INT16:
            return load_i16(self.content, 0)
        if self.kind == INT32:
            return load_i32(self.content, 0)
        return load_i64(self.content, 0)

    def real(self) -> f32 | None:
        """Returns a floating-point number, None where it is too large or not a number."""
        if self.kind == FLOAT32:
            number = f32_from_bits(load_u32(self.content, 0))
            return number if abs(number) <= LARGEST_F32 else None
        if self.kind == FLOAT64:
            wide = f64_from_bits(load_u64(self.content, 0))
            return f32(wide) if abs(wide) <= LARGEST_F32 else None
        return None

    def flag(self) -> bool | None:
        """Returns a truth value."""
        if self.kind != BOOL or self.content[0] > 1:
            return None
        return self.content[0] == 1
