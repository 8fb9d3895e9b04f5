"""Generated code for the named operations of the vocabulary."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

from bare.checked.arithmetic import integer_of
from bare.checked.emitter import Emitter
from compiler.ir.nodes import Intrinsic
from compiler.ir.types import ArrayType, IntType, SimdType, SpanType, StructType, Type

Arguments: TypeAlias = "list[ast.expr]"
Emit: TypeAlias = "Callable[[Emitter, Intrinsic, Arguments], ast.expr]"

PLAIN = frozenset(
    (
        "same_length",
        "fill",
        "format_write",
        "print",
        "address_of",
        "release",
        "call_at",
        "simd_store",
        "multiply_high",
    )
)
"""Operations that take their operands as they are."""

LANE_WISE = frozenset(
    (
        "simd_add",
        "simd_sub",
        "simd_mul",
        "simd_min",
        "simd_max",
        "simd_mul_widen_low",
        "simd_mul_widen_high",
        "simd_pairwise_add_accumulate",
        "simd_dot",
        "simd_convert",
    )
)
"""Operations that also take the type of their result."""

NO_OPERATION = frozenset(("atomic_fence",))


def intrinsic(emit: Emitter, node: Intrinsic) -> ast.expr:
    """Emits a named operation."""
    arguments = emit.exprs(node.arguments)
    if node.name in PLAIN:
        return emit.call(f"bare_{node.name}", arguments)
    if node.name in LANE_WISE:
        return emit.call(f"bare_{node.name}", [*arguments, emit.bound(node.type, "type")])
    if node.name in NO_OPERATION:
        return emit.const(None)
    special = SPECIAL.get(node.name)
    if special is None:
        raise NotImplementedError(f"checked execution does not know the operation {node.name!r}")
    return special(emit, node, arguments)


def operand_type(node: Intrinsic, index: int = 0) -> Type:
    """Returns the type of an operand."""
    return node.arguments[index].type


def _bits(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    bits = integer_of(operand_type(node)).bits
    return emit.call(f"bare_{node.name}", [*arguments, emit.const(bits)])


def _rotate(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    value, count = arguments
    if node.name == "rotate_right":
        count = emit.unary(ast.USub(), count)
    return emit.call("bare_rotate", [value, count, emit.const(integer_of(node.type).bits)])


def _byte_swap(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    of = integer_of(operand_type(node))
    return emit.call("bare_byte_swap", [*arguments, emit.const(of.bits), emit.const(of.signed)])


def _load_int(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    of = integer_of(node.type)
    details = [emit.const(of.bits // 8), emit.const(bool(node.parameters[0]))]
    return emit.call("bare_load_int", [*arguments, *details, emit.const(of.signed)])


def _store_int(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    size = integer_of(operand_type(node, 2)).bits // 8
    details = [emit.const(size), emit.const(bool(node.parameters[0]))]
    return emit.call("bare_store_int", [*arguments, *details])


def _copy_elements(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    of = operand_type(node)
    assert isinstance(of, SpanType | ArrayType)
    copies_structs = isinstance(of.element, StructType)
    name = "bare_copy_structs" if copies_structs else "bare_copy_elements"
    return emit.call(name, arguments)


def _typed_first(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    """The type of the result comes before the operands."""
    return emit.call(f"bare_{node.name}", [emit.bound(node.type, "type"), *arguments])


def _pass(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    return arguments[0]


def _named(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    """The parameters come before the operands."""
    constants = [emit.const(parameter) for parameter in node.parameters]
    return emit.call(f"bare_{node.name}", [*constants, *arguments])


def _bounded_index(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    return emit.call("bare_bounded_index", [*arguments, emit.const(node.parameters[0])])


def _asm(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    return emit.call("bare_asm", [emit.const(node.parameters[0]), *arguments])


def _device_read(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    width = emit.const(integer_of(node.type).bits)
    return emit.call("bare_read_memory", [arguments[0], width])


def _device_write(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    of = integer_of(operand_type(node, 1))
    address, value = arguments
    if of.signed:
        value = emit.binary(value, ast.BitAnd(), emit.const((1 << of.bits) - 1))
    return emit.call("bare_write_memory", [address, emit.const(of.bits), value])


def _atomic(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    of = operand_type(node)
    assert isinstance(of, StructType)
    field = emit.program.ir.structs[of.name].fields["value"]
    assert isinstance(field.type, IntType)
    return emit.call(f"bare_{node.name}", [*arguments, emit.const(field.type.maximum)])


def _simd_load(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    assert isinstance(node.type, SimdType)
    return emit.call("bare_simd_load", [*arguments, emit.const(node.type.lanes)])


def _simd_splat(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    assert isinstance(node.type, SimdType)
    lane = ast.Tuple(arguments, ast.Load(), **emit.place)
    return emit.binary(lane, ast.Mult(), emit.const(node.type.lanes))


def _simd_sum(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    vector = operand_type(node)
    assert isinstance(vector, SimdType)
    return emit.call("bare_simd_sum", [*arguments, emit.bound(vector.element, "type")])


def _simd_lane(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    return emit.subscript(arguments[0], emit.const(node.parameters[0]))


def _simd_shift(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    count = emit.const(node.parameters[0])
    return emit.call(f"bare_{node.name}", [*arguments, count, emit.bound(node.type, "type")])


def _simd_reinterpret(emit: Emitter, node: Intrinsic, arguments: Arguments) -> ast.expr:
    source = emit.bound(operand_type(node), "type")
    return emit.call("bare_simd_reinterpret", [*arguments, source, emit.bound(node.type, "type")])


SPECIAL: dict[str, Emit] = {
    "rotate_left": _rotate,
    "rotate_right": _rotate,
    "count_ones": _bits,
    "leading_zeros": _bits,
    "trailing_zeros": _bits,
    "byte_swap": _byte_swap,
    "load_int": _load_int,
    "store_int": _store_int,
    "copy_elements": _copy_elements,
    "copy_struct": lambda emit, node, arguments: emit.call("bare_copy_struct", arguments),
    "view": _typed_first,
    "object_at": _typed_first,
    "span_at": _typed_first,
    "pointer_at": _pass,
    "symbol_address": _named,
    "bounded_index": _bounded_index,
    "asm": _asm,
    "read_system_register": _named,
    "write_system_register": _named,
    "mmio_read": _device_read,
    "mmio_write": _device_write,
    "volatile_load": _device_read,
    "volatile_store": _device_write,
    "atomic_load": _atomic,
    "atomic_store": _atomic,
    "atomic_fetch_add": _atomic,
    "atomic_fetch_sub": _atomic,
    "atomic_fetch_or": _atomic,
    "atomic_fetch_and": _atomic,
    "atomic_swap": _atomic,
    "atomic_compare_exchange": _atomic,
    "simd_load": _simd_load,
    "simd_splat": _simd_splat,
    "simd_sum": _simd_sum,
    "simd_shift_left": _simd_shift,
    "simd_shift_right": _simd_shift,
    "simd_reinterpret": _simd_reinterpret,
    "simd_lane": _simd_lane,
}
