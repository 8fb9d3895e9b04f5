"""Rules for calls: direct, through a vtable, through a function value."""

from __future__ import annotations

from compiler.backend.function import FunctionLowering
from compiler.backend.layout import VOID, Value
from compiler.backend.unit import WRITER_STRUCT
from compiler.ir import nodes as n
from compiler.ir import types as t


def lower_call(lowering: FunctionLowering, node: n.Call) -> Value:
    """Calls a function by its symbol."""
    arguments = _arguments(lowering, node.arguments)
    lowering.at(node.span)
    function = lowering.program.functions[node.symbol]
    target = lowering.unit.function_reference(node.symbol)
    return _call(lowering, target, arguments, function.result, node, fallible=function.fallible)


def lower_call_virtual(lowering: FunctionLowering, node: n.CallVirtual) -> Value:
    """Calls a slot of the receiver's vtable."""
    values = [lowering.value(argument) for argument in node.arguments]
    lowering.at(node.span)
    target = virtual_target(lowering, node.struct, node.slot, values[0].text)
    arguments = ", ".join(f"{value.kind} {lowering.whole(value)}" for value in values)
    return _call(lowering, target, arguments, node.type, node, fallible=node.fallible)


def virtual_target(lowering: FunctionLowering, struct_name: str, slot: int, receiver: str) -> str:
    """The code pointer in a vtable slot of an object."""
    out = lowering.out
    struct = lowering.program.structs[struct_name]
    place = receiver
    if struct.vtable_offset:
        place = out.emit(f"getelementptr inbounds i8, ptr {receiver}, i64 {struct.vtable_offset}")
    table = out.emit(f"load ptr, ptr {place}, align 8")
    entry = out.emit(f"getelementptr inbounds i8, ptr {table}, i64 {8 + 8 * slot}")
    empty = lowering.unit.out.metadata("!{}")
    return out.emit(f"load ptr, ptr {entry}, align 8, !invariant.load {empty}")


def lower_call_indirect(lowering: FunctionLowering, node: n.CallIndirect) -> Value:
    """Calls a function value."""
    target = lowering.text(node.callee)
    arguments = _arguments(lowering, node.arguments)
    lowering.at(node.span)
    return _call(lowering, target, arguments, node.type, node, fallible=node.fallible)


def _arguments(lowering: FunctionLowering, nodes: list[n.Expr]) -> str:
    values = [lowering.value(argument) for argument in nodes]
    return ", ".join(f"{value.kind} {lowering.whole(value)}" for value in values)


def _call(
    lowering: FunctionLowering,
    target: str,
    arguments: str,
    result: t.Type,
    node: n.Expr,
    *,
    fallible: bool,
) -> Value:
    out = lowering.out
    kind = lowering.layout.result_type(result, fallible=fallible)
    if kind == "void":
        out.effect(f"call void {target}({arguments})")
        value = VOID
    else:
        value = Value(kind, out.emit(f"call {kind} {target}({arguments})"))
    if fallible:
        value = lowering.fallible_result(value.text, result, node)
    if isinstance(result, t.NeverType):
        out.terminate("unreachable")
    return value


def write_to_writer(lowering: FunctionLowering, writer: str, text: str) -> None:
    """Calls `writer.write` with the bytes `text`, spelled with their type."""
    struct = lowering.program.structs[WRITER_STRUCT]
    if "write" in struct.vtable_names:
        slot = struct.vtable_names.index("write")
        target = virtual_target(lowering, WRITER_STRUCT, slot, writer)
    else:
        target = lowering.unit.function_reference(f"{WRITER_STRUCT}.write")
    lowering.out.effect(f"call void {target}(ptr {writer}, {text})")
