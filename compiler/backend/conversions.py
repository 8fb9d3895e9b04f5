"""Rules for `Convert`, `Compare` and `IsInstance`."""

from __future__ import annotations

from collections.abc import Callable

from compiler.backend import formats
from compiler.backend.arithmetic import extend, integer_type
from compiler.backend.function import FunctionLowering, float_literal
from compiler.backend.layout import SPAN, Value
from compiler.backend.thunks import fallible_thunk
from compiler.ir import nodes as n
from compiler.ir import types as t

_SIGNED = {"eq": "eq", "ne": "ne", "lt": "slt", "le": "sle", "gt": "sgt", "ge": "sge"}
_UNSIGNED = {"eq": "eq", "ne": "ne", "lt": "ult", "le": "ule", "gt": "ugt", "ge": "uge"}
_FLOAT = {"eq": "oeq", "ne": "une", "lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge"}


def lower_convert(lowering: FunctionLowering, node: n.Convert) -> Value:
    """A conversion, by its kind."""
    if node.kind == "callable":
        return _fallible_callable(lowering, node)
    operand = lowering.value(node.operand)
    lowering.at(node.span)
    rule = _RULES.get(node.kind)
    if rule is None:
        return operand
    return rule(lowering, node, operand)


def _widen(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    kind = lowering.layout.value_type(node.type)
    if isinstance(node.type, t.FloatType):
        if operand.kind == kind:
            return operand
        return Value(kind, lowering.out.emit(f"fpext {operand} to {kind}"))
    source, target = integer_type(node.operand.type), integer_type(node.type)
    return Value(kind, extend(lowering, operand.text, source, target.bits))


def _checked(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    target = integer_type(node.type)
    if isinstance(node.operand.type, t.FloatType):
        return _checked_from_float(lowering, target, operand)
    source = integer_type(node.operand.type)
    out = lowering.out
    if target.minimum <= source.minimum and source.maximum <= target.maximum:
        return _wrap(lowering, node, operand)
    from_kind = f"i{source.bits}"
    if source.signed and not target.signed and target.bits >= source.bits:
        lowering.trap_if(out.emit(f"icmp slt {from_kind} {operand.text}, 0"), "OverflowError")
        return _wrap(lowering, node, operand)
    if not source.signed:
        over = out.emit(f"icmp ugt {from_kind} {operand.text}, {target.maximum}")
        lowering.trap_if(over, "OverflowError")
        return _wrap(lowering, node, operand)
    narrow = _wrap(lowering, node, operand)
    back = extend(lowering, narrow.text, target, source.bits)
    same = out.emit(f"icmp eq {from_kind} {back}, {operand.text}")
    lowering.trap_unless(same, "OverflowError")
    return narrow


def _checked_from_float(lowering: FunctionLowering, target: t.IntType, operand: Value) -> Value:
    """Truncates first: then both bounds are powers of two, which floats hold exactly."""
    out, kind = lowering.out, operand.kind
    bits = 32 if kind == "float" else 64
    truncate = lowering.unit.intrinsic(kind, f"llvm.trunc.f{bits}", kind)
    whole = out.emit(f"call {kind} {truncate}({operand})")
    low = float_literal(float(target.minimum), 64)
    high = float_literal(float(target.maximum + 1), 64)
    above = out.emit(f"fcmp oge {kind} {whole}, {low}")
    below = out.emit(f"fcmp olt {kind} {whole}, {high}")
    lowering.trap_unless(out.emit(f"and i1 {above}, {below}"), "OverflowError")
    operation = "fptosi" if target.signed else "fptoui"
    return Value(f"i{target.bits}", out.emit(f"{operation} {kind} {whole} to i{target.bits}"))


def _wrap(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    source, target = integer_type(node.operand.type), integer_type(node.type)
    kind = f"i{target.bits}"
    if target.bits < source.bits:
        return Value(kind, lowering.out.emit(f"trunc {operand} to {kind}"))
    return Value(kind, extend(lowering, operand.text, source, target.bits))


def _round(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    kind = lowering.layout.value_type(node.type)
    if isinstance(node.operand.type, t.FloatType):
        operation = "fptrunc" if operand.kind == "double" else "fpext"
        if operand.kind == kind:
            return operand
        return Value(kind, lowering.out.emit(f"{operation} {operand} to {kind}"))
    operation = "sitofp" if integer_type(node.operand.type).signed else "uitofp"
    return Value(kind, lowering.out.emit(f"{operation} {operand} to {kind}"))


def _reinterpret(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    out, kind = lowering.out, lowering.layout.value_type(node.type)
    if isinstance(node.operand.type, t.FloatType):
        bits = out.emit(f"bitcast {operand} to {kind}")
        is_nan = out.emit(f"fcmp uno {operand}, {operand.text}")
        canonical = 0x7FC00000 if kind == "i32" else 0x7FF8000000000000
        return Value(kind, out.emit(f"select i1 {is_nan}, {kind} {canonical}, {kind} {bits}"))
    return Value(kind, out.emit(f"bitcast {operand} to {kind}"))


def _truth(lowering: FunctionLowering, _node: n.Convert, operand: Value) -> Value:
    return Value("i1", lowering.out.emit(f"icmp ne {operand}, 0"))


def _from_bool(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    kind = lowering.layout.value_type(node.type)
    if isinstance(node.type, t.FloatType):
        return Value(kind, lowering.out.emit(f"uitofp {operand} to {kind}"))
    if kind == "i1":
        return operand
    return Value(kind, lowering.out.emit(f"zext {operand} to {kind}"))


def _to_enum(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    assert isinstance(node.type, t.EnumType)
    out = lowering.out
    source = integer_type(node.operand.type)
    members = lowering.program.enums[node.type.name].members.values()
    values = sorted({value for value in members if source.holds(value)})
    if not values:
        lowering.trap_if("true", "ValueError")
    elif values[-1] - values[0] + 1 == len(values):
        shifted = out.emit(f"sub {operand.kind} {operand.text}, {values[0]}")
        inside = out.emit(f"icmp ule {operand.kind} {shifted}, {values[-1] - values[0]}")
        lowering.trap_unless(inside, "ValueError")
    else:
        good, bad = out.fresh("member"), out.fresh("trap")
        out.switch(f"{operand}", bad, [(value, good) for value in values])
        out.start_block(bad)
        lowering.trap("ValueError")
        out.start_block(good)
    return _wrap(lowering, node, operand)


def _to_nullable(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    assert isinstance(node.type, t.NullableType)
    if node.type.is_pointer:
        return operand
    inner = lowering.to_memory(node.type.inner, operand)
    return Value(lowering.layout.value_type(node.type), "", (inner, Value("i8", "1")))


def _unwrap(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    source = node.operand.type
    assert isinstance(source, t.NullableType)
    if source.is_pointer:
        return operand
    kind = lowering.layout.memory_type(source.inner)
    return lowering.from_memory(source.inner, lowering.part(operand, 0, kind))


def array_as_span(kind: t.Type, value: Value) -> Value:
    """A span of all of an array; spans stay as they are."""
    if isinstance(kind, t.ArrayType):
        return Value(SPAN, "", (value, Value("i64", str(kind.length))))
    return value


def _array_to_span(_lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    return array_as_span(node.operand.type, operand)


def _str_to_format(lowering: FunctionLowering, node: n.Convert, operand: Value) -> Value:
    return formats.text_message(lowering, operand)


def _fallible_callable(lowering: FunctionLowering, node: n.Convert) -> Value:
    """A thunk that calls an infallible function and reports success."""
    if not isinstance(node.operand, n.FunctionRef):
        raise lowering.bug("only a named function can become a fallible callable", node.span)
    return Value("ptr", fallible_thunk(lowering.unit, node.operand.symbol))


_RULES: dict[str, Callable[[FunctionLowering, n.Convert, Value], Value]] = {
    "widen": _widen,
    "checked": _checked,
    "wrap": _wrap,
    "round": _round,
    "reinterpret": _reinterpret,
    "truth": _truth,
    "from_bool": _from_bool,
    "to_enum": _to_enum,
    "to_nullable": _to_nullable,
    "unwrap": _unwrap,
    "array_to_span": _array_to_span,
    "to_bytes": _array_to_span,
    "str_to_format": _str_to_format,
}
"""Conversions that need code; the others keep the value as it is."""


def lower_compare(lowering: FunctionLowering, node: n.Compare) -> Value:
    """A comparison of scalars, references or byte strings."""
    left = lowering.value(node.left)
    right = lowering.value(node.right)
    lowering.at(node.span)
    kind = node.left.type
    out = lowering.out
    if node.operator in ("is", "is_not"):
        return _identity(lowering, node, left, right)
    if isinstance(kind, t.BytesType | t.StrType | t.SpanType):
        same = _same_bytes(lowering, left, right)
        return Value("i1", same if node.operator == "eq" else out.emit(f"xor i1 {same}, true"))
    if isinstance(kind, t.FloatType):
        operation = f"fcmp {_FLOAT[node.operator]}"
    elif left.kind == "ptr" or isinstance(kind, t.MmioType):
        operation = f"icmp {_UNSIGNED[node.operator]}"
    else:
        table = _SIGNED if integer_type(kind).signed else _UNSIGNED
        operation = f"icmp {table[node.operator]}"
    return Value("i1", out.emit(f"{operation} {left.kind} {left.text}, {right.text}"))


def _identity(lowering: FunctionLowering, node: n.Compare, left: Value, right: Value) -> Value:
    out = lowering.out
    name = "eq" if node.operator == "is" else "ne"
    if left.kind.startswith("{"):
        tested = right if isinstance(node.left, n.Const) else left
        kind = node.right.type if isinstance(node.left, n.Const) else node.left.type
        if isinstance(kind, t.NullableType) and not kind.is_pointer:
            return Value("i1", out.emit(f"icmp {name} i8 {lowering.part(tested, 1, 'i8')}, 0"))
        first, second = lowering.part(left, 0, "ptr"), lowering.part(right, 0, "ptr")
        return Value("i1", out.emit(f"icmp {name} ptr {first}, {second}"))
    return Value("i1", out.emit(f"icmp {name} {left.kind} {left.text}, {right.text}"))


def _same_bytes(lowering: FunctionLowering, left: Value, right: Value) -> str:
    out = lowering.out
    left_length = lowering.part(left, 1, "i64")
    right_length = lowering.part(right, 1, "i64")
    left_pointer = lowering.part(left, 0, "ptr")
    right_pointer = lowering.part(right, 0, "ptr")
    compare, done = out.fresh("bytes"), out.fresh("done")
    before = out.label
    out.branch_if(out.emit(f"icmp eq i64 {left_length}, {right_length}"), compare, done)
    out.start_block(compare)
    target = lowering.unit.out.declare("bcmp", "declare i32 @bcmp(ptr, ptr, i64)")
    arguments = f"ptr {left_pointer}, ptr {right_pointer}, i64 {left_length}"
    order = out.emit(f"call i32 {target}({arguments})")
    equal = out.emit(f"icmp eq i32 {order}, 0")
    out.start_block(done)
    return out.emit(f"phi i1 [ false, %{before} ], [ {equal}, %{compare} ]")


def lower_is_instance(lowering: FunctionLowering, node: n.IsInstance) -> Value:
    """Compares the preorder number in the object's vtable with the class's range."""
    pointer = lowering.text(node.object)
    lowering.at(node.span)
    assert isinstance(node.object.type, t.StructType)
    out = lowering.out
    struct = lowering.program.structs[node.struct]
    static = lowering.program.structs[node.object.type.name]
    place = pointer
    if static.vtable_offset:
        place = out.emit(f"getelementptr inbounds i8, ptr {pointer}, i64 {static.vtable_offset}")
    table = out.emit(f"load ptr, ptr {place}, align 8")
    tag = out.emit(f"load i64, ptr {table}, align 8")
    distance = out.emit(f"sub i64 {tag}, {struct.tag}")
    inside = out.emit(f"icmp ule i64 {distance}, {struct.last_tag - struct.tag}")
    return Value("i1", inside)
