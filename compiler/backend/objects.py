"""Rules for objects: fields in their stored form, construction, defaults, vtable pointers."""

from __future__ import annotations

from compiler.backend.arithmetic import extend, integer_type
from compiler.backend.data import default_constant
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import Value
from compiler.backend.liveness import check_alive, mark_alive
from compiler.ir import nodes as n
from compiler.ir import types as t
from compiler.ir.program import Field, Struct


def field_place(lowering: FunctionLowering, pointer: str, offset: int) -> str:
    """The address `offset` bytes into an object."""
    if offset == 0:
        return pointer
    return lowering.out.emit(f"getelementptr inbounds nuw i8, ptr {pointer}, i64 {offset}")


def lower_get_field(lowering: FunctionLowering, node: n.GetField) -> Value:
    """Reads a field."""
    pointer = lowering.text(node.object)
    lowering.at(node.span)
    check_alive(lowering, pointer)
    field = lowering.program.structs[node.struct].fields[node.field]
    place = field_place(lowering, pointer, field.offset)
    if field.embedded:
        return Value("ptr", place)
    align = lowering.layout.field_align(node.struct, field)
    if field.bit_width:
        return _get_bits(lowering, field, place, align)
    if field.big_endian:
        return _get_swapped(lowering, field, place, align)
    value = lowering.load(node.type, place, align)
    if node.check_unset:
        lowering.trap_if(lowering.out.emit(f"icmp eq ptr {value.text}, null"), "AttributeError")
    return value


def _swap(lowering: FunctionLowering, text: str, bits: int) -> str:
    if bits == 8:
        return text
    target = lowering.unit.intrinsic(f"i{bits}", f"llvm.bswap.i{bits}", f"i{bits}")
    return lowering.out.emit(f"call i{bits} {target}(i{bits} {text})")


def _get_swapped(lowering: FunctionLowering, field: Field, place: str, align: int) -> Value:
    out, bits = lowering.out, field.size * 8
    raw = _swap(lowering, out.emit(f"load i{bits}, ptr {place}, align {align}"), bits)
    kind = lowering.layout.memory_type(field.type)
    if kind != f"i{bits}":
        raw = out.emit(f"bitcast i{bits} {raw} to {kind}")
    return lowering.from_memory(field.type, raw)


def _load_unit(lowering: FunctionLowering, field: Field, place: str, align: int) -> str:
    bits = field.size * 8
    raw = lowering.out.emit(f"load i{bits}, ptr {place}, align {align}")
    return _swap(lowering, raw, bits) if field.big_endian else raw


def _get_bits(lowering: FunctionLowering, field: Field, place: str, align: int) -> Value:
    out, bits = lowering.out, field.size * 8
    unit = _load_unit(lowering, field, place, align)
    if isinstance(field.type, t.BoolType):
        tested = out.emit(f"and i{bits} {unit}, {1 << field.bit_offset}")
        return Value("i1", out.emit(f"icmp ne i{bits} {tested}, 0"))
    kind = integer_type(field.type)
    if kind.signed:
        left = bits - field.bit_offset - field.bit_width
        moved = out.emit(f"shl i{bits} {unit}, {left}")
        text = out.emit(f"ashr i{bits} {moved}, {bits - field.bit_width}")
    else:
        moved = out.emit(f"lshr i{bits} {unit}, {field.bit_offset}")
        text = out.emit(f"and i{bits} {moved}, {(1 << field.bit_width) - 1}")
    if kind.bits < bits:
        text = out.emit(f"trunc i{bits} {text} to i{kind.bits}")
    elif kind.bits > bits:
        text = out.emit(f"{'sext' if kind.signed else 'zext'} i{bits} {text} to i{kind.bits}")
    return Value(f"i{kind.bits}", text)


def lower_set_field(lowering: FunctionLowering, node: n.SetField) -> None:
    """Writes a field."""
    pointer = lowering.text(node.object)
    value = lowering.value(node.value)
    lowering.at(node.span)
    store_field(
        lowering,
        node.struct,
        lowering.program.structs[node.struct].fields[node.field],
        pointer,
        value,
    )


def store_field(
    lowering: FunctionLowering, struct: str, field: Field, pointer: str, value: Value
) -> None:
    """Writes a plain field in its stored form."""
    place = field_place(lowering, pointer, field.offset)
    align = lowering.layout.field_align(struct, field)
    if field.bit_width:
        _set_bits(lowering, field, place, align, value)
    elif field.big_endian:
        _set_swapped(lowering, field, place, align, value)
    else:
        lowering.store(field.type, value, place, align)


def _set_swapped(
    lowering: FunctionLowering, field: Field, place: str, align: int, value: Value
) -> None:
    bits = field.size * 8
    stored = lowering.to_memory(field.type, value)
    raw = stored.text
    if stored.kind != f"i{bits}":
        raw = lowering.out.emit(f"bitcast {stored} to i{bits}")
    raw = _swap(lowering, raw, bits)
    lowering.out.effect(f"store i{bits} {raw}, ptr {place}, align {align}")


def _set_bits(
    lowering: FunctionLowering, field: Field, place: str, align: int, value: Value
) -> None:
    out, bits = lowering.out, field.size * 8
    spelled = f"i{bits}"
    kind = integer_type(field.type)
    if field.bit_width < kind.bits:
        _check_width(lowering, kind, field.bit_width, value.text)
    mask = (1 << field.bit_width) - 1
    if kind.bits < bits:
        wide = extend(lowering, value.text, kind, bits)
    elif kind.bits > bits:
        wide = out.emit(f"trunc {value} to {spelled}")
    else:
        wide = value.text
    part = out.emit(f"and {spelled} {wide}, {mask}")
    moved = out.emit(f"shl {spelled} {part}, {field.bit_offset}")
    unit = _load_unit(lowering, field, place, align)
    keep = ((1 << bits) - 1) ^ (mask << field.bit_offset)
    cleared = out.emit(f"and {spelled} {unit}, {keep}")
    joined = out.emit(f"or {spelled} {cleared}, {moved}")
    if field.big_endian:
        joined = _swap(lowering, joined, bits)
    out.effect(f"store {spelled} {joined}, ptr {place}, align {align}")


def _check_width(lowering: FunctionLowering, kind: t.IntType, width: int, text: str) -> None:
    out, spelled = lowering.out, f"i{kind.bits}"
    if not kind.signed:
        over = out.emit(f"icmp ugt {spelled} {text}, {(1 << width) - 1}")
        lowering.trap_if(over, "OverflowError")
        return
    moved = out.emit(f"shl {spelled} {text}, {kind.bits - width}")
    back = out.emit(f"ashr {spelled} {moved}, {kind.bits - width}")
    lowering.trap_unless(out.emit(f"icmp eq {spelled} {back}, {text}"), "OverflowError")


def lower_construct(lowering: FunctionLowering, node: n.Construct) -> Value:
    """Makes an object: field values first, then zeroes, defaults, fields, and `__init__`."""
    struct = lowering.program.structs[node.struct]
    address = ""
    if node.address is not None:
        raw = lowering.text(node.address)
        mark_alive(lowering, raw, str(struct.size))
        address = lowering.out.emit(f"inttoptr i64 {raw} to ptr")
    values = [(struct.fields[name], lowering.value(value)) for name, value in node.fields]
    arguments = [(argument, lowering.value(argument)) for argument in node.arguments]
    lowering.at(node.span)
    if node.slot is not None:
        address = lowering.frame_slot(node.slot)
    clear(lowering, address, struct.size, struct.align)
    set_defaults(lowering, struct, address, {field.name for field, _ in values})
    for field, value in values:
        store_field(lowering, node.struct, field, address, value)
    if node.initializer is not None:
        _call_initializer(lowering, node, address, arguments)
    return Value("ptr", address)


def _call_initializer(
    lowering: FunctionLowering,
    node: n.Construct,
    address: str,
    arguments: list[tuple[n.Expr, Value]],
) -> None:
    assert node.initializer is not None
    target = lowering.unit.function_reference(node.initializer)
    spelled = [f"ptr {address}"]
    spelled.extend(f"{value.kind} {lowering.whole(value)}" for _, value in arguments)
    if not node.fallible:
        lowering.out.effect(f"call void {target}({', '.join(spelled)})")
        return
    code = lowering.out.emit(f"call i32 {target}({', '.join(spelled)})")
    lowering.fallible_result(code, t.NONE, node)


def clear(lowering: FunctionLowering, address: str, size: int, align: int) -> None:
    """Zeroes `size` bytes."""
    if size:
        clear_bytes(lowering, address, str(size), align)


def clear_bytes(lowering: FunctionLowering, address: str, size: str, align: int) -> None:
    """Zeroes as many bytes as the i64 `size` says."""
    target = lowering.unit.intrinsic("void", "llvm.memset.p0.i64", "ptr, i8, i64, i1 immarg")
    lowering.out.effect(
        f"call void {target}(ptr align {align} {address}, i8 0, i64 {size}, i1 false)"
    )


def needs_defaults(lowering: FunctionLowering, kind: t.Type) -> bool:
    """Whether an embedded object of this type is more than zeroes when it is new."""
    if isinstance(kind, t.ArrayType):
        return needs_defaults(lowering, kind.element)
    if not isinstance(kind, t.StructType):
        return False
    struct = lowering.program.structs[kind.name]
    if struct.vtable_offset is not None and not struct.is_abstract:
        return True
    return any(_field_needs_default(lowering, field) for field in struct.fields.values())


def _field_needs_default(lowering: FunctionLowering, field: Field) -> bool:
    if field.embedded:
        return needs_defaults(lowering, field.type)
    return (field.has_default and bool(field.default)) or field.default == b""


def set_defaults(lowering: FunctionLowering, struct: Struct, address: str, given: set[str]) -> None:
    """Sets the vtable pointers and default values of zeroed memory, embedded objects included."""
    if struct.vtable_offset is not None and not struct.is_abstract:
        place = field_place(lowering, address, struct.vtable_offset)
        table = lowering.unit.vtable_reference(struct.name)
        lowering.out.effect(f"store ptr {table}, ptr {place}, align 8")
    for field in struct.fields.values():
        if field.name in given or not _field_needs_default(lowering, field):
            continue
        if field.embedded:
            default_object(lowering, field.type, field_place(lowering, address, field.offset))
        else:
            store_field(lowering, struct.name, field, address, _default_value(lowering, field))


def _default_value(lowering: FunctionLowering, field: Field) -> Value:
    return default_constant(lowering.unit, field)


def default_object(lowering: FunctionLowering, kind: t.Type, address: str) -> None:
    """Sets the defaults of an embedded struct, or of each element of an embedded array."""
    if isinstance(kind, t.StructType):
        set_defaults(lowering, lowering.program.structs[kind.name], address, set())
        return
    assert isinstance(kind, t.ArrayType)
    default_elements(lowering, kind.element, address, str(kind.length))


def default_elements(
    lowering: FunctionLowering, element: t.Type, address: str, length: str
) -> None:
    """Sets the defaults of `length` (i64) embedded elements in a row."""
    out = lowering.out
    head, body, done = out.fresh("defaults"), out.fresh("element"), out.fresh("done")
    counter = out.alloca("i64", 8)
    out.effect(f"store i64 0, ptr {counter}")
    out.start_block(head)
    index = out.emit(f"load i64, ptr {counter}")
    more = out.emit(f"icmp ult i64 {index}, {length}")
    out.branch_if(more, body, done)
    out.start_block(body)
    stride = lowering.layout.stride(element)
    place = out.emit(f"getelementptr inbounds [{stride} x i8], ptr {address}, i64 {index}")
    default_object(lowering, element, place)
    out.effect(f"store i64 {out.emit(f'add nuw i64 {index}, 1')}, ptr {counter}")
    out.branch(head)
    out.start_block(done)


def lower_construct_array(lowering: FunctionLowering, node: n.ConstructArray) -> Value:
    """Makes zeroed elements: an array in the frame, or a span at an address."""
    if node.slot is not None:
        assert isinstance(node.type, t.ArrayType)
        lowering.at(node.span)
        address = lowering.frame_slot(node.slot)
        extent = lowering.layout.object_size(node.type)
        clear(lowering, address, extent, lowering.layout.object_align(node.type))
        if needs_defaults(lowering, node.type):
            default_object(lowering, node.type, address)
        return Value("ptr", address)
    assert node.address is not None and node.length is not None
    assert isinstance(node.type, t.SpanType)
    raw = lowering.text(node.address)
    length = lowering.text(node.length)
    lowering.at(node.span)
    out, element = lowering.out, node.type.element
    address = out.emit(f"inttoptr i64 {raw} to ptr")
    size = out.emit(f"mul i64 {length}, {lowering.layout.stride(element)}")
    mark_alive(lowering, raw, size)
    clear_bytes(lowering, address, size, _element_align(lowering, element))
    if needs_defaults(lowering, element):
        default_elements(lowering, element, address, length)
    return Value(
        lowering.layout.value_type(node.type), "", (Value("ptr", address), Value("i64", length))
    )


def _element_align(lowering: FunctionLowering, element: t.Type) -> int:
    if lowering.layout.is_embedded(element):
        return lowering.layout.object_align(element)
    return lowering.layout.align(element)


def lower_allocate(lowering: FunctionLowering, node: n.Allocate) -> Value:
    """Asks the allocator for memory and constructs there."""
    if node.count is not None and node.length is not None:
        lowering.set_local(node.length, lowering.value(node.count))
    lowering.set_local(node.address, lowering.value(node.request))
    return lowering.value(node.construct)
