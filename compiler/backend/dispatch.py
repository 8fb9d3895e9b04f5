"""Which rule lowers which node. A new node or intrinsic is a line here and a function elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.backend import (
    arithmetic,
    calls,
    conversions,
    expressions,
    formats,
    objects,
    sequences,
)
from compiler.backend import statements as s
from compiler.backend.function import FunctionLowering
from compiler.backend.intrinsics import atomics, bits, machine, spans, text, vectors
from compiler.backend.layout import Value
from compiler.backend.unit import UnitWriter
from compiler.ir import nodes as n
from compiler.ir.program import Function

_EXPRESSIONS: dict[type[n.Expr], Callable[[FunctionLowering, Any], Value]] = {
    n.Const: expressions.lower_const,
    n.Text: expressions.lower_text,
    n.DataRef: expressions.lower_data_ref,
    n.FunctionRef: expressions.lower_function_ref,
    n.Local: expressions.lower_local,
    n.Bind: expressions.lower_bind,
    n.Logical: expressions.lower_logical,
    n.Conditional: expressions.lower_conditional,
    n.MakeTuple: expressions.lower_make_tuple,
    n.TupleItem: expressions.lower_tuple_item,
    n.Binary: arithmetic.lower_binary,
    n.Unary: arithmetic.lower_unary,
    n.Compare: conversions.lower_compare,
    n.Convert: conversions.lower_convert,
    n.IsInstance: conversions.lower_is_instance,
    n.GetField: objects.lower_get_field,
    n.Construct: objects.lower_construct,
    n.ConstructArray: objects.lower_construct_array,
    n.Allocate: objects.lower_allocate,
    n.Index: sequences.lower_index,
    n.Slice: sequences.lower_slice,
    n.Length: sequences.lower_length,
    n.Call: calls.lower_call,
    n.CallVirtual: calls.lower_call_virtual,
    n.CallIndirect: calls.lower_call_indirect,
    n.MakeFormat: formats.lower_make_format,
}

_STATEMENTS: dict[type[n.Stmt], Callable[[FunctionLowering, Any], None]] = {
    n.Evaluate: s.lower_evaluate,
    n.Assign: s.lower_assign,
    n.SetField: objects.lower_set_field,
    n.SetIndex: sequences.lower_set_index,
    n.If: s.lower_if,
    n.Loop: s.lower_loop,
    n.ForRange: s.lower_for_range,
    n.Switch: s.lower_switch,
    n.Break: s.lower_break,
    n.Continue: s.lower_continue,
    n.Return: s.lower_return,
    n.Raise: s.lower_raise,
    n.Try: s.lower_try,
    n.Trap: s.lower_trap,
}

_INTRINSICS: dict[str, Callable[[FunctionLowering, n.Intrinsic], Value]] = {
    "rotate_left": bits.rotate,
    "rotate_right": bits.rotate,
    "count_ones": bits.count,
    "leading_zeros": bits.count,
    "trailing_zeros": bits.count,
    "byte_swap": bits.byte_swap,
    "multiply_high": bits.multiply_high,
    "load_int": spans.load_int,
    "store_int": spans.store_int,
    "copy_elements": spans.copy_elements,
    "fill": spans.fill,
    "copy_struct": spans.copy_struct,
    "view": spans.view,
    "same_length": spans.same_length,
    "bounded_index": spans.bounded_index,
    "format_write": text.format_write,
    "print": text.print_message,
    "address_of": machine.address_of,
    "object_at": machine.object_at,
    "span_at": machine.span_at,
    "pointer_at": machine.object_at,
    "release": machine.release,
    "symbol_address": machine.symbol_address,
    "asm": machine.asm,
    "call_at": machine.call_at,
    "read_system_register": machine.read_system_register,
    "write_system_register": machine.write_system_register,
    "mmio_read": machine.mmio_read,
    "mmio_write": machine.mmio_write,
    "volatile_load": machine.volatile_load,
    "volatile_store": machine.volatile_store,
    "atomic_load": atomics.load,
    "atomic_store": atomics.store,
    "atomic_fetch_add": atomics.modify,
    "atomic_fetch_sub": atomics.modify,
    "atomic_fetch_or": atomics.modify,
    "atomic_fetch_and": atomics.modify,
    "atomic_swap": atomics.modify,
    "atomic_compare_exchange": atomics.compare_exchange,
    "atomic_fence": atomics.fence,
    "simd_load": vectors.load,
    "simd_store": vectors.store,
    "simd_splat": vectors.splat,
    "simd_add": vectors.arithmetic,
    "simd_sub": vectors.arithmetic,
    "simd_mul": vectors.arithmetic,
    "simd_min": vectors.extreme,
    "simd_max": vectors.extreme,
    "simd_shift_left": vectors.shift,
    "simd_shift_right": vectors.shift,
    "simd_reinterpret": vectors.reinterpret,
    "simd_mul_widen_low": vectors.multiply_widen,
    "simd_mul_widen_high": vectors.multiply_widen,
    "simd_pairwise_add_accumulate": vectors.pairwise_add_accumulate,
    "simd_dot": vectors.dot,
    "simd_sum": vectors.lane_sum,
    "simd_lane": vectors.lane,
    "simd_convert": vectors.convert,
}
"""Each name of `ir.intrinsics.INTRINSICS`, which a test holds against this table."""


def _lower_intrinsic(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    rule = _INTRINSICS.get(node.name)
    if rule is None:
        raise lowering.bug(f"no rule for the intrinsic {node.name}", node.span)
    return rule(lowering, node)


_EXPRESSIONS[n.Intrinsic] = _lower_intrinsic


def lower_function(unit: UnitWriter, function: Function) -> None:
    """Adds a function's definition to its unit."""
    FunctionLowering(unit, function, _EXPRESSIONS, _STATEMENTS).lower()


def known_intrinsics() -> frozenset[str]:
    """The intrinsics that have a rule."""
    return frozenset(_INTRINSICS)


def known_nodes() -> frozenset[type[n.Expr] | type[n.Stmt]]:
    """The nodes that have a rule."""
    return frozenset(_EXPRESSIONS) | frozenset(_STATEMENTS)
