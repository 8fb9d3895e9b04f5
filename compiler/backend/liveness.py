"""Debug builds only: marks what is freed and made, traps ReferenceError on use of the freed.

`compiler/runtime/liveness.py` keeps the set of addresses. Each function here emits nothing in other
builds.
"""

from __future__ import annotations

from compiler.backend.function import FunctionLowering
from compiler.ir import types as t


def check_alive(lowering: FunctionLowering, pointer: str) -> None:
    """Traps if the object was freed."""
    if not lowering.unit.profile.debug:
        return
    target = lowering.unit.out.declare("bare_is_dead", "declare i1 @bare_is_dead(i64)")
    address = lowering.out.emit(f"ptrtoint ptr {pointer} to i64")
    dead = lowering.out.emit(f"call i1 {target}(i64 {address})")
    lowering.trap_if(dead, "ReferenceError")


def mark_dead(lowering: FunctionLowering, kind: t.Type, address: str) -> None:
    """The object of a struct type at the i64 `address` is freed."""
    if not lowering.unit.profile.debug or not isinstance(kind, t.StructType):
        return
    target = lowering.unit.out.declare("bare_mark_dead", "declare void @bare_mark_dead(i64)")
    lowering.out.effect(f"call void {target}(i64 {address})")


def mark_alive(lowering: FunctionLowering, address: str, size: str) -> None:
    """Something new is at the i64 `address`, of `size` (i64) bytes."""
    if not lowering.unit.profile.debug:
        return
    declaration = "declare void @bare_mark_alive(i64, i64)"
    target = lowering.unit.out.declare("bare_mark_alive", declaration)
    lowering.out.effect(f"call void {target}(i64 {address}, i64 {size})")


def mark_view(lowering: FunctionLowering, kind: t.Type, address: str) -> None:
    """Raw memory is looked at as an object from now on."""
    if isinstance(kind, t.StructType | t.ArrayType):
        mark_alive(lowering, address, str(lowering.layout.object_size(kind)))
