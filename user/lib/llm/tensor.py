"""One tensor of a model's file, whose numbers are F32, F16 or Q8_0.

A Q8_0 block holds 32 numbers: an F16 scale, then as many signed bytes (`block_q8_0` of ggml).
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Bytes,
    Span,
    allocate_span,
    f32,
    f32_bits,
    f32_from_bits,
    load_u16,
    load_u32,
    raises,
    struct,
    u16,
    u32,
    usize,
    wrap_i8,
)
from bare.lib.allocator import Allocator
from bare.unsafe import address_of, span_at

F32: u32 = 0
F16: u32 = 1
Q8_0: u32 = 8
BLOCK_NUMBERS: usize = 32
BLOCK_BYTES: usize = 34
SCALE_BYTES: usize = 2
FLOAT_BYTES: usize = 4
SMALLEST_F16: f32 = 2.0**-24
F16_FRACTION_BITS = 10
BIAS_DIFFERENCE: u32 = 127 - 15
SPECIAL_EXPONENT: u32 = 31
F32_INFINITY: u32 = 0x7F80_0000

# Without their signs, the bits of floating-point numbers are in the order of their sizes, and those
# that are infinite or not numbers come last.
F32_SIZE: u32 = 0x7FFF_FFFF
F32_LIMIT: u32 = 0x4480_0000
"""1024."""
F16_SIZE: u16 = 0x7FFF
F16_LIMIT: u32 = 0x6400
"""1024."""
SCALE_LIMIT: u32 = 0x4800
"""8: times 128 it is 1024."""


@struct
class Tensor:
    """A matrix, or a vector as one row, where it lies in a mapped file.

    Numbers are had row by row with `row`, or all at once in `floats` after `expand`.
    """

    floats: Span[f32]
    """All numbers. Empty where they are not F32 in place, until they are expanded."""
    content: Bytes = b""
    kind: u32 = F32
    rows: usize = 0
    columns: usize = 0

    def place(self, content: Bytes) -> None:
        """Says where it lies; kind and shape were set, and ask for just these bytes."""
        self.content = content
        address = address_of(content)
        if self.kind == F32 and address % FLOAT_BYTES == 0:
            # SAFETY: `content` has four bytes for each number, on a multiple of four; it is part
            # of a file that is mapped read-only, so a stray write faults.
            self.floats = span_at(f32, address, len(content) // FLOAT_BYTES)

    def row(self, row: usize, scratch: Span[f32]) -> Span[f32]:
        """Returns one row, converted into `scratch` where it is not F32 in place."""
        if len(self.floats) > 0:
            return self.floats[row * self.columns : (row + 1) * self.columns]
        into = scratch[: self.columns]
        self.read_row(row, into)
        return into

    @raises(ENOMEM)
    def expand(self, allocator: Allocator) -> None:
        """Converts all numbers, unless that was done, or they lie as they must."""
        if len(self.floats) > 0:
            return
        converted = allocate_span(allocator, f32, self.rows * self.columns)
        for row in range(self.rows):
            self.read_row(row, converted[row * self.columns : (row + 1) * self.columns])
        self.floats = converted

    def read_row(self, row: usize, into: Span[f32]) -> None:
        """Converts one row."""
        size = row_bytes(self.kind, self.columns)
        content = self.content[row * size : (row + 1) * size]
        if self.kind == F32:
            for index in range(self.columns):
                into[index] = f32_from_bits(load_u32(content, FLOAT_BYTES * index))
        elif self.kind == F16:
            for index in range(self.columns):
                into[index] = f32_from_f16(load_u16(content, SCALE_BYTES * index))
        else:
            read_blocks(into, content)

    def is_bounded(self) -> bool:
        """Whether every number is one, and at most 1024 in size; see `weights.py`."""
        largest: u32 = 0
        if self.kind == F32:
            for offset in range(0, len(self.content), FLOAT_BYTES):
                largest = max(largest, load_u32(self.content, offset) & F32_SIZE)
            return largest <= F32_LIMIT
        if self.kind == F16:
            for offset in range(0, len(self.content), SCALE_BYTES):
                largest = max(largest, u32(load_u16(self.content, offset) & F16_SIZE))
            return largest <= F16_LIMIT
        for offset in range(0, len(self.content), BLOCK_BYTES):
            largest = max(largest, u32(load_u16(self.content, offset) & F16_SIZE))
        return largest <= SCALE_LIMIT


def read_blocks(into: Span[f32], content: Bytes) -> None:
    """Converts whole blocks of Q8_0."""
    offset: usize = 0
    for start in range(0, len(into), BLOCK_NUMBERS):
        scale = f32_from_f16(load_u16(content, offset))
        numbers = content[offset + SCALE_BYTES : offset + BLOCK_BYTES]
        for index in range(BLOCK_NUMBERS):
            into[start + index] = scale * f32(wrap_i8(numbers[index]))
        offset += BLOCK_BYTES


def row_bytes(kind: u32, columns: usize) -> usize:
    """Returns the bytes of a row of one of the three types."""
    if kind == F32:
        return FLOAT_BYTES * columns
    if kind == F16:
        return SCALE_BYTES * columns
    return columns // BLOCK_NUMBERS * BLOCK_BYTES


def f32_from_f16(bits: u16) -> f32:
    """Returns the value of an IEEE 754 binary16 number."""
    sign = u32(bits & 0x8000) << 16
    exponent = u32(bits >> F16_FRACTION_BITS & 31)
    fraction = u32(bits & 0x03FF)
    if exponent == SPECIAL_EXPONENT:
        return f32_from_bits(sign | F32_INFINITY | fraction << 13)
    if exponent == 0:
        return f32_from_bits(sign | f32_bits(f32(fraction) * SMALLEST_F16))
    return f32_from_bits(sign | (exponent + BIAS_DIFFERENCE) << 23 | fraction << 13)


def type_name(kind: u32) -> str:
    """Returns the name of a type of tensors (`ggml_type`) that files of models often have."""
    match kind:
        case 2:
            return "Q4_0"
        case 3:
            return "Q4_1"
        case 6:
            return "Q5_0"
        case 7:
            return "Q5_1"
        case 10:
            return "Q2_K"
        case 11:
            return "Q3_K"
        case 12:
            return "Q4_K"
        case 13:
            return "Q5_K"
        case 14:
            return "Q6_K"
        case 20:
            return "IQ4_NL"
        case 23:
            return "IQ4_XS"
        case 30:
            return "BF16"
        case _:
            return "another"
