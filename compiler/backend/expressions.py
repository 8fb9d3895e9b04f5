"""Rules for constants, locals, control inside expressions, and tuples."""

from __future__ import annotations

from compiler.backend.function import FunctionLowering, float_literal
from compiler.backend.layout import SPAN, VOID, Value
from compiler.ir import nodes as n
from compiler.ir import types as t


def lower_const(lowering: FunctionLowering, node: n.Const) -> Value:
    """A scalar constant, or None."""
    return constant_value(lowering, node.type, node.value)


def constant_value(
    lowering: FunctionLowering, kind: t.Type, value: int | float | bool | None
) -> Value:
    """A constant of any scalar or nullable type."""
    spelled = lowering.layout.value_type(kind)
    if spelled == "void":
        return VOID
    if value is None:
        return Value(spelled, "null" if spelled == "ptr" else "zeroinitializer")
    if isinstance(kind, t.FloatType):
        return Value(spelled, float_literal(float(value), kind.bits))
    if isinstance(kind, t.BoolType):
        return Value(spelled, "true" if value else "false")
    if spelled == "ptr":
        address = int(value)
        return Value(spelled, f"inttoptr (i64 {address} to ptr)" if address else "null")
    return Value(spelled, str(int(value)))


def lower_text(lowering: FunctionLowering, node: n.Text) -> Value:
    """A literal of str or bytes."""
    pointer = Value("ptr", lowering.unit.out.string(node.value))
    return Value(SPAN, "", (pointer, Value("i64", str(len(node.value)))))


def lower_data_ref(lowering: FunctionLowering, node: n.DataRef) -> Value:
    """A reference to static data; of a table, with its length."""
    pointer = Value("ptr", lowering.unit.data_reference(node.symbol))
    spelled = lowering.layout.value_type(node.type)
    if spelled == "ptr":
        return pointer
    datum = lowering.program.data[node.symbol].type
    assert isinstance(datum, t.ArrayType)
    return Value(spelled, "", (pointer, Value("i64", str(datum.length))))


def lower_function_ref(lowering: FunctionLowering, node: n.FunctionRef) -> Value:
    """A function as a value."""
    return Value("ptr", lowering.unit.function_reference(node.symbol))


def lower_local(lowering: FunctionLowering, node: n.Local) -> Value:
    """Reads a local."""
    kind = lowering.layout.value_type(node.type)
    if kind == "void":
        return VOID
    lowering.at(node.span)
    return Value(kind, lowering.out.emit(f"load {kind}, ptr {lowering.local_slot(node.name)}"))


def lower_bind(lowering: FunctionLowering, node: n.Bind) -> Value:
    """Stores into a local and is the value."""
    value = lowering.value(node.value)
    lowering.at(node.span)
    lowering.set_local(node.name, value)
    return value


def lower_logical(lowering: FunctionLowering, node: n.Logical) -> Value:
    """`and`, `or`."""
    out = lowering.out
    left = lowering.text(node.left)
    more, done = out.fresh("more"), out.fresh("done")
    origins = []
    if not out.is_terminated:
        origins.append(f"[ {'false' if node.operator == 'and' else 'true'}, %{out.label} ]")
    if node.operator == "and":
        out.branch_if(left, more, done)
    else:
        out.branch_if(left, done, more)
    out.start_block(more)
    right = lowering.text(node.right)
    if not out.is_terminated:
        origins.append(f"[ {right}, %{out.label} ]")
    out.start_block(done)
    return Value("i1", out.emit(f"phi i1 {', '.join(origins)}"))


def lower_conditional(lowering: FunctionLowering, node: n.Conditional) -> Value:
    """`then if condition else otherwise`."""
    out = lowering.out
    then, otherwise, done = out.fresh("then"), out.fresh("else"), out.fresh("done")
    out.branch_if(lowering.text(node.condition), then, otherwise)
    kind = lowering.layout.value_type(node.type)
    origins = []
    for label, arm in ((then, node.then), (otherwise, node.otherwise)):
        out.start_block(label)
        text = lowering.text(arm)
        if not out.is_terminated:
            origins.append(f"[ {text}, %{out.label} ]")
        out.branch(done)
    out.start_block(done)
    if kind == "void":
        return VOID
    return Value(kind, out.emit(f"phi {kind} {', '.join(origins)}"))


def lower_make_tuple(lowering: FunctionLowering, node: n.MakeTuple) -> Value:
    """A tuple; its items stay apart until it is needed whole."""
    items = tuple(lowering.to_memory(item.type, lowering.value(item)) for item in node.items)
    return Value(lowering.layout.value_type(node.type), "", items)


def lower_tuple_item(lowering: FunctionLowering, node: n.TupleItem) -> Value:
    """One item of a tuple."""
    whole = lowering.value(node.tuple)
    kind = lowering.layout.memory_type(node.type)
    return lowering.from_memory(node.type, lowering.part(whole, node.index, kind))
