"""Generated code for expressions: reading, calling and making things."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from bare.checked import arithmetic
from bare.checked.elements import scalar_format
from bare.checked.emitter import Emitter
from bare.checked.intrinsics import intrinsic
from bare.checked.messages import python_spec
from bare.checked.values import make_array
from compiler.ir import nodes
from compiler.ir.program import Field
from compiler.ir.types import ArrayType, EnumType, IntType, PointerType, SpanType


def constant(emit: Emitter, node: nodes.Const) -> ast.expr:
    """Emits a constant."""
    return emit.const(node.value)


def text(emit: Emitter, node: nodes.Text) -> ast.expr:
    """Emits literal text."""
    return emit.const(node.value)


def data_reference(emit: Emitter, node: nodes.DataRef) -> ast.expr:
    """Emits a constant of static data."""
    return emit.name(emit.program.bind_datum(node.symbol))


def function_reference(emit: Emitter, node: nodes.FunctionRef) -> ast.expr:
    """Emits a function as a value."""
    return emit.bound(emit.program.reference(node.symbol), "reference")


def local(emit: Emitter, node: nodes.Local) -> ast.expr:
    """Reads a local."""
    return emit.name(node.name)


def bind(emit: Emitter, node: nodes.Bind) -> ast.expr:
    """Emits `:=`."""
    return emit.bind(node.name, emit.expr(node.value))


def conditional(emit: Emitter, node: nodes.Conditional) -> ast.expr:
    """Emits `then if condition else otherwise`."""
    test = emit.expr(node.condition)
    return emit.choose(test, emit.expr(node.then), emit.expr(node.otherwise))


def get_field(emit: Emitter, node: nodes.GetField) -> ast.expr:
    """Reads a field; a reference that was never set traps."""
    value = emit.attribute(emit.expr(node.object), f"slot_{node.field}")
    if not node.check_unset:
        return value
    name = emit.temporary()
    test = emit.compare(emit.bind(name, value), ast.IsNot(), emit.const(None))
    return emit.choose(test, emit.name(name), emit.call("bare_unset", [emit.const(node.field)]))


def index(emit: Emitter, node: nodes.Index) -> ast.expr:
    """Reads an element."""
    elements, place = emit.expr(node.object), emit.expr(node.index)
    if isinstance(node.object.type, PointerType):
        of = emit.bound(node.type, "type")
        return emit.call("bare_load_at", [of, elements, place])
    if node.checked and may_be_negative(node.index):
        return emit.call("bare_item", [elements, place])
    return emit.subscript(elements, place)


def may_be_negative(node: nodes.Expr) -> bool:
    """Whether an index of this expression needs a check against zero."""
    if isinstance(node, nodes.Const):
        return isinstance(node.value, int) and node.value < 0
    return isinstance(node.type, IntType) and node.type.signed


def slice_(emit: Emitter, node: nodes.Slice) -> ast.expr:
    """Makes a sub-span."""
    bounds = [emit.const(None) if part is None else part for part in _bounds(emit, node)]
    return emit.call("bare_slice_of", bounds)


def _bounds(emit: Emitter, node: nodes.Slice) -> list[ast.expr | None]:
    return [
        None if part is None else emit.expr(part) for part in (node.object, node.start, node.stop)
    ]


def length(emit: Emitter, node: nodes.Length) -> ast.expr:
    """Emits `len`."""
    return emit.call("bare_len", [emit.expr(node.object)])


def call(emit: Emitter, node: nodes.Call) -> ast.expr:
    """Calls a function of the program."""
    return emit.call(emit.program.bind_function(node.symbol), emit.exprs(node.arguments))


def call_virtual(emit: Emitter, node: nodes.CallVirtual) -> ast.expr:
    """Calls what the object's class has in a slot of the vtable."""
    receiver, *arguments = emit.exprs(node.arguments)
    return emit.call(emit.attribute(receiver, f"call_{node.method}"), arguments)


def call_indirect(emit: Emitter, node: nodes.CallIndirect) -> ast.expr:
    """Calls a function value."""
    callee = emit.expr(node.callee)
    return emit.call(callee, emit.exprs(node.arguments))


def construct(emit: Emitter, node: nodes.Construct) -> ast.expr:
    """Makes an object."""
    fields = emit.program.ir.structs[node.struct].fields
    if node.address is None:
        make = emit.bound(emit.program.classes.of(node.struct).bare_make, "make")
        named = [
            (f"slot_{name}", stored(emit, fields[name], emit.expr(value)))
            for name, value in node.fields
        ]
        made = emit.call(make, [], named)
    else:
        address = emit.expr(node.address)
        values = ast.Dict(
            [emit.const(f"slot_{name}") for name, _ in node.fields],
            [stored(emit, fields[name], emit.expr(value)) for name, value in node.fields],
            **emit.place,
        )
        made = emit.call("bare_construct", [emit.const(node.struct), address, values])
    if node.initializer is None:
        return made
    name = emit.temporary()
    arguments = [emit.name(name), *emit.exprs(node.arguments)]
    start = emit.call(emit.program.bind_function(node.initializer), arguments)
    return emit.last_of([emit.bind(name, made), start, emit.name(name)])


def stored(emit: Emitter, field: Field, value: ast.expr) -> ast.expr:
    """The value of a field, checked against its bits."""
    if not field.bit_width:
        return value
    of = field.type
    if isinstance(of, IntType) and of.signed:
        half = 1 << (field.bit_width - 1)
        return emit.in_range(value, -half, half - 1)
    return emit.in_range(value, None, (1 << field.bit_width) - 1)


def construct_array(emit: Emitter, node: nodes.ConstructArray) -> ast.expr:
    """Makes an array in the frame, or a span at an address."""
    if isinstance(node.type, ArrayType):
        letter = scalar_format(node.type.element)
        if letter is not None:
            size = emit.const(node.type.length)
            return emit.call("bare_make_scalars", [emit.const(letter), size])
        program = emit.bound(emit.program, "program")
        make = emit.bound(make_array, "make_array")
        return emit.call(make, [program, emit.bound(node.type, "type")])
    assert isinstance(node.type, SpanType)
    assert node.address is not None and node.length is not None
    element = emit.bound(node.type.element, "type")
    place = [emit.expr(node.address), emit.expr(node.length)]
    return emit.call("bare_construct_span", [element, *place])


def allocate(emit: Emitter, node: nodes.Allocate) -> ast.expr:
    """Asks the allocator for an address and makes the object there."""
    items: list[ast.expr] = []
    if node.count is not None and node.length is not None:
        items.append(emit.bind(node.length, emit.expr(node.count)))
    items.append(emit.bind(node.address, emit.expr(node.request)))
    items.append(emit.expr(node.construct))
    return emit.last_of(items)


def make_tuple(emit: Emitter, node: nodes.MakeTuple) -> ast.expr:
    """Makes a tuple."""
    return ast.Tuple(emit.exprs(node.items), ast.Load(), **emit.place)


def tuple_item(emit: Emitter, node: nodes.TupleItem) -> ast.expr:
    """Takes an item of a tuple."""
    return emit.subscript(emit.expr(node.tuple), emit.const(node.index))


def make_format(emit: Emitter, node: nodes.MakeFormat) -> ast.expr:
    """Evaluates the fields of an f-string."""
    parts: list[ast.expr] = []
    for part in node.parts:
        if isinstance(part, bytes):
            parts.append(emit.const(part))
            continue
        value = emit.expr(part.value)
        if isinstance(part.value.type, EnumType):
            members = emit.program.ir.enums[part.value.type.name].members
            names = {number: name for name, number in members.items()}
            value = emit.subscript(emit.bound(names, "names"), value)
        spec = emit.const(python_spec(part.spec))
        parts.append(ast.Tuple([value, spec], ast.Load(), **emit.place))
    return emit.call("bare_message", parts)


def is_instance(emit: Emitter, node: nodes.IsInstance) -> ast.expr:
    """Emits `isinstance`."""
    cls = emit.bound(emit.program.classes.of(node.struct), "class")
    return emit.call("bare_isinstance", [emit.expr(node.object), cls])


EXPRESSIONS: dict[type, Callable[[Emitter, Any], ast.expr]] = {
    nodes.Const: constant,
    nodes.Text: text,
    nodes.DataRef: data_reference,
    nodes.FunctionRef: function_reference,
    nodes.Local: local,
    nodes.Bind: bind,
    nodes.Binary: arithmetic.binary,
    nodes.Unary: arithmetic.unary,
    nodes.Compare: arithmetic.compare,
    nodes.Logical: arithmetic.logical,
    nodes.Conditional: conditional,
    nodes.Convert: arithmetic.convert,
    nodes.GetField: get_field,
    nodes.Index: index,
    nodes.Slice: slice_,
    nodes.Length: length,
    nodes.Call: call,
    nodes.CallVirtual: call_virtual,
    nodes.CallIndirect: call_indirect,
    nodes.Construct: construct,
    nodes.ConstructArray: construct_array,
    nodes.Allocate: allocate,
    nodes.MakeTuple: make_tuple,
    nodes.TupleItem: tuple_item,
    nodes.MakeFormat: make_format,
    nodes.IsInstance: is_instance,
    nodes.Intrinsic: intrinsic,
}
