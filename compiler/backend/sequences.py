"""Rules for elements: bounds-checked indexing, slices, lengths."""

from __future__ import annotations

from compiler.backend.arithmetic import as_index
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import Value
from compiler.ir import nodes as n
from compiler.ir import types as t


def element_type(kind: t.Type) -> t.Type:
    """The element type of an array, span, table, Bytes or pointer."""
    if isinstance(kind, t.ArrayType | t.SpanType | t.TableType | t.PointerType):
        return kind.element
    return t.U8


def holds_references(kind: t.Type) -> bool:
    """Whether struct elements are pointers in this container (tables), not the objects."""
    return isinstance(kind, t.TableType)


def pointer_and_length(lowering: FunctionLowering, kind: t.Type, value: Value) -> tuple[str, str]:
    """Where the elements of a container begin, and how many there are, as i64."""
    if isinstance(kind, t.ArrayType):
        return value.text, str(kind.length)
    if isinstance(kind, t.PointerType):
        return value.text, ""
    return lowering.part(value, 0, "ptr"), lowering.part(value, 1, "i64")


def element_place(lowering: FunctionLowering, kind: t.Type, pointer: str, index: str) -> str:
    """The address of element `index` (i64)."""
    element = element_type(kind)
    if lowering.layout.is_embedded(element) and not holds_references(kind):
        spelled = f"[{lowering.layout.stride(element)} x i8]"
    else:
        spelled = lowering.layout.memory_type(element)
    flags = "" if isinstance(kind, t.PointerType) else " inbounds nuw"
    return lowering.out.emit(f"getelementptr{flags} {spelled}, ptr {pointer}, i64 {index}")


def lower_index(lowering: FunctionLowering, node: n.Index) -> Value:
    """Reads an element, or refers to an embedded one."""
    container = lowering.value(node.object)
    index = as_index(lowering, node.index)
    kind = node.object.type
    lowering.at(node.span, may_fault=isinstance(kind, t.PointerType))
    pointer, length = pointer_and_length(lowering, kind, container)
    if node.checked:
        _check_index(lowering, index, length)
    place = element_place(lowering, kind, pointer, index)
    element = element_type(kind)
    if lowering.layout.is_embedded(element) and not holds_references(kind):
        return Value("ptr", place)
    return lowering.load(element, place, element_align(lowering, kind))


def element_align(lowering: FunctionLowering, kind: t.Type) -> int:
    """Alignment of scalar elements."""
    return lowering.layout.align(element_type(kind))


def _check_index(lowering: FunctionLowering, index: str, length: str) -> None:
    inside = lowering.out.emit(f"icmp ult i64 {index}, {length}")
    lowering.trap_unless(inside, "IndexError")


def lower_set_index(lowering: FunctionLowering, node: n.SetIndex) -> None:
    """Stores an element."""
    container = lowering.value(node.object)
    index = as_index(lowering, node.index)
    value = lowering.value(node.value)
    kind = node.object.type
    lowering.at(node.span, may_fault=isinstance(kind, t.PointerType))
    pointer, length = pointer_and_length(lowering, kind, container)
    if node.checked:
        _check_index(lowering, index, length)
    place = element_place(lowering, kind, pointer, index)
    lowering.store(element_type(kind), value, place, element_align(lowering, kind))


def lower_slice(lowering: FunctionLowering, node: n.Slice) -> Value:
    """A sub-span without a copy."""
    container = lowering.value(node.object)
    start = "0" if node.start is None else as_index(lowering, node.start)
    stop = None if node.stop is None else as_index(lowering, node.stop)
    lowering.at(node.span)
    out, kind = lowering.out, node.object.type
    pointer, length = pointer_and_length(lowering, kind, container)
    if stop is None:
        stop = length
    else:
        within = out.emit(f"icmp ule i64 {stop}, {length}")
        lowering.trap_unless(within, "IndexError")
    size = stop
    if node.start is not None:
        ordered = out.emit(f"icmp ule i64 {start}, {stop}")
        lowering.trap_unless(ordered, "IndexError")
        size = out.emit(f"sub nuw i64 {stop}, {start}")
        pointer = element_place(lowering, kind, pointer, start)
    parts = (Value("ptr", pointer), Value("i64", size))
    return Value(lowering.layout.value_type(node.type), "", parts)


def lower_length(lowering: FunctionLowering, node: n.Length) -> Value:
    """The number of elements."""
    kind = node.object.type
    value = lowering.value(node.object)
    lowering.at(node.span)
    return Value("i64", pointer_and_length(lowering, kind, value)[1])
