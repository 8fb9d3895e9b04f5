"""The named operations of `Intrinsic` nodes: operands, static parameters, result, traps.

`T` is the node's type unless said otherwise. `u64` operands that are addresses are raw and
unchecked.
"""

from __future__ import annotations

INTRINSICS: dict[str, str] = {
    # Bits. Operands have the node's type; counts any integer type.
    "rotate_left": "(x, count) count modulo the width; x unsigned",
    "rotate_right": "(x, count) count modulo the width; x unsigned",
    "count_ones": "(x) u32; x any integer type",
    "leading_zeros": "(x) u32; the width for 0",
    "trailing_zeros": "(x) u32; the width for 0",
    "byte_swap": "(x) of the operand's type",
    "multiply_high": "(a, b) both u64: bits 64..127 of the product",
    # Spans and bytes.
    "load_int": "(bytes, index) parameters=(big_endian,); T an unsigned integer at that byte "
    "offset, any "
    "alignment; traps IndexError unless 0 <= index and index + size <= length",
    "store_int": "(span of u8, index, value of an unsigned type) parameters=(big_endian,); "
    "traps the same; None",
    "copy_elements": "(to span or array, from of the same element type, or Bytes) memmove; "
    "traps ValueError "
    "unless the lengths are equal; None",
    "fill": "(span or array, value) sets every element; None",
    "copy_struct": "(to, from) parameters=(struct,): copies all fields of struct (embedded ones "
    "too, vtable "
    "pointers stay); may be the same object; None",
    "view": "(span of u8 or Bytes, offset) T a StructType; reference into the bytes; traps "
    "IndexError unless "
    "0 <= offset and offset + size_of(T) <= length",
    "same_length": "(a, b) lengths u64; traps ValueError unless equal (zip); None",
    # Text.
    "format_write": "(message FormatStr, writer StructType bare.writer) formats into the "
    "writer; None",
    "print": "(message FormatStr) to the program's standard output; None",
    # Memory, from bare.unsafe.
    "address_of": "(reference, array, span, Bytes, str, pointer, callable) u64",
    "object_at": "(address u64) T a StructType, ArrayType or CallableType",
    "span_at": "(address u64, length u64) T a SpanType or BytesType",
    "pointer_at": "(address u64) T a PointerType",
    "release": "(object reference or span) u64, its address; the object is dead from here on "
    "(checked execution "
    "and debug builds trap ReferenceError on later use)",
    "symbol_address": "() parameters=(name,): u64, address of a linker symbol",
    "asm": "(inputs u64...) parameters=(template, output, inputs, clobbers): in the template "
    "`{1}`, `{x8}` "
    "stand for the registers of `inputs` (one name a value) and `output`, `{1:w}` for the 32-bit "
    "name, `{{` for a brace; a name that is a register (x0, w1, sp) is pinned to it; output '' "
    "gives "
    "None, else u64; volatile; clobbers memory",
    "call_at": "(address u64, up to eight u64) calls code with the values in x0...; u64, its x0",
    "bounded_index": "(index of any integer type) parameters=(count,): u64; traps IndexError "
    "unless "
    "0 <= index < count",
    "read_system_register": "() parameters=(name,): u64 by mrs",
    "write_system_register": "(value u64) parameters=(name,): msr; None",
    "mmio_read": "(address u64) T an IntType or RegisterType: exactly one plain load instruction",
    "mmio_write": "(address u64, value) exactly one plain store instruction of the value's "
    "width; None",
    "volatile_load": "(address u64) T an IntType",
    "volatile_store": "(address u64, value) None",
    # Atomics: the first operand is a reference to bare.atomic.AtomicU32 / AtomicU64 (one field
    # `value`).
    "atomic_load": "(atomic) parameters=(order,), order 'relaxed' 'acquire'; T its integer",
    "atomic_store": "(atomic, value) parameters=(order,) 'relaxed' 'release'; None",
    "atomic_fetch_add": "(atomic, value) parameters=(order,) 'relaxed' 'acquire' 'release' "
    "'acq_rel'; the old "
    "value; wraps",
    "atomic_fetch_sub": "(atomic, value) likewise",
    "atomic_fetch_or": "(atomic, value) likewise",
    "atomic_fetch_and": "(atomic, value) likewise",
    "atomic_swap": "(atomic, value) likewise; the old value",
    "atomic_compare_exchange": "(atomic, expected, desired) parameters=(order,): the old value; "
    "stored if it "
    "equals expected",
    "atomic_fence": "() parameters=(order,): None",
    # SIMD: values of SimdType.
    "simd_load": "(span or Bytes or array, index) lanes elements from index; traps IndexError "
    "unless all are inside",
    "simd_store": "(span or array, index, vector) traps likewise; None",
    "simd_splat": "(scalar) every lane",
    "simd_add": "(a, b) lane by lane; integers wrap",
    "simd_sub": "(a, b) lane by lane; integers wrap",
    "simd_mul": "(a, b) lane by lane; integers wrap",
    "simd_min": "(a, b) lane by lane",
    "simd_max": "(a, b) lane by lane",
    "simd_shift_left": "(v) parameters=(count,): each lane, what leaves it is lost",
    "simd_shift_right": "(v) parameters=(count,): each lane, the sign fills up",
    "simd_reinterpret": "(v) the same bits in the lanes of the result's type, lowest byte first",
    "simd_mul_widen_low": "(a, b) of i8x16 or i16x8: products of the low half, twice as wide",
    "simd_mul_widen_high": "(a, b) likewise of the high half",
    "simd_pairwise_add_accumulate": "(accumulator, v): each lane plus the two neighbouring "
    "half-width lanes of v; wraps",
    "simd_dot": "(accumulator i32x4, a i8x16, b i8x16): each lane plus four products; wraps",
    "simd_sum": "(v) sum of the lanes, lane 0 first; integers as i64, which holds it, floats in "
    "their type",
    "simd_lane": "(v) parameters=(index,): one lane",
    "simd_convert": "(v) between i32x4 and f32x4, nearest even / truncating and saturating",
}
