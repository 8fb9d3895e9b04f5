"""Verifies expressions: operand types, known fields, functions and data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.ir import nodes as n
from compiler.ir.intrinsics import INTRINSICS
from compiler.ir.program import Field, Function, Program
from compiler.ir.types import (
    BOOL,
    U8,
    U64,
    ArrayType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    IntType,
    NeverType,
    NullableType,
    PointerType,
    SpanType,
    StructType,
    TableType,
    TupleType,
    Type,
)

Problem = Callable[[str, object], None]


class ExpressionVerifier:
    """Verifies the expressions of one function."""

    def __init__(self, function: Function, program: Program, problem: Problem) -> None:
        self.function = function
        self.program = program
        self.problem = problem

    def check(self, node: n.Expr) -> None:
        """Verifies an expression and all below it."""
        rule = _RULES.get(node.__class__)
        if rule is None:
            self.problem("unknown expression", node)
        else:
            rule(self, node)

    def value(self, node: n.Expr, wanted: Type) -> None:
        """An expression of a given type."""
        self.check(node)
        if node.type != wanted and not isinstance(node.type, NeverType):
            self.problem(f"has type {node.type}, not {wanted}", node)

    def integer(self, node: n.Expr) -> None:
        """An expression of any integer type."""
        self.check(node)
        if not isinstance(node.type, IntType):
            self.problem(f"has type {node.type}, not an integer", node)

    def element(self, node: n.Expr) -> Type | None:
        """The element type of something that is indexed."""
        type = node.type
        if isinstance(type, BytesType):
            return U8
        if isinstance(type, ArrayType | SpanType | TableType | PointerType):
            return type.element
        return None

    def field(self, holder: n.Expr, struct: str, name: str, node: object) -> Field | None:
        """A field that exists, of a holder that has it."""
        found = self.program.structs.get(struct)
        if found is None or name not in found.fields:
            self.problem(f"unknown field {struct}.{name}", node)
            return None
        if not isinstance(holder.type, StructType):
            self.problem(f"reads a field of {holder.type}", node)
        elif holder.type.name != struct:
            self.problem(f"reads {struct}.{name} of {holder.type}", node)
        return found.fields[name]

    def arguments(self, node: Any, parameters: list[Type]) -> None:
        """Arguments of the parameters' types."""
        if len(node.arguments) != len(parameters):
            self.problem(f"passes {len(node.arguments)} of {len(parameters)} arguments", node)
            return
        for argument, wanted in zip(node.arguments, parameters, strict=True):
            self.value(argument, wanted)


def _const(v: ExpressionVerifier, node: n.Const) -> None:
    type, value = node.type, node.value
    if isinstance(type, NullableType):
        if value is not None:
            v.problem("is a nullable constant with a value", node)
    elif isinstance(type, IntType) and (not isinstance(value, int) or not type.holds(value)):
        v.problem("does not fit its type", node)
    elif isinstance(type, EnumType):
        members = v.program.enums[type.name].members if type.name in v.program.enums else {}
        if value not in members.values():
            v.problem("is no member", node)


def _local(v: ExpressionVerifier, node: n.Local) -> None:
    if v.function.locals.get(node.name) != node.type:
        v.problem(f"is not a local of type {node.type}", node)


def _bind(v: ExpressionVerifier, node: n.Bind) -> None:
    v.value(node.value, node.type)
    if v.function.locals.get(node.name) != node.type:
        v.problem(f"is not a local of type {node.type}", node)


def _binary(v: ExpressionVerifier, node: n.Binary) -> None:
    v.value(node.left, node.type)
    if node.operator in ("shl", "shr"):
        v.integer(node.right)
    else:
        v.value(node.right, node.type)
    if not isinstance(node.type, IntType | FloatType):
        v.problem("is arithmetic on no number", node)


def _unary(v: ExpressionVerifier, node: n.Unary) -> None:
    v.value(node.operand, node.type)
    if (node.operator == "not") != (node.type == BOOL):
        v.problem("has the wrong operator for its type", node)


def _compare(v: ExpressionVerifier, node: n.Compare) -> None:
    v.check(node.left)
    v.value(node.right, node.left.type)
    _is_bool(v, node)


def _is_bool(v: ExpressionVerifier, node: n.Expr) -> None:
    if node.type != BOOL:
        v.problem("is not a bool", node)


def _logical(v: ExpressionVerifier, node: n.Logical) -> None:
    v.value(node.left, BOOL)
    v.value(node.right, BOOL)
    _is_bool(v, node)


def _conditional(v: ExpressionVerifier, node: n.Conditional) -> None:
    v.value(node.condition, BOOL)
    v.value(node.then, node.type)
    v.value(node.otherwise, node.type)


def _convert(v: ExpressionVerifier, node: n.Convert) -> None:
    v.check(node.operand)
    source, target = node.operand.type, node.type
    if node.kind in ("wrap", "checked") and not isinstance(target, IntType):
        v.problem("converts to no integer", node)
    if node.kind == "unwrap" and source != NullableType(target):
        v.problem(f"unwraps {source}", node)
    if node.kind == "to_nullable" and target != NullableType(source):
        v.problem(f"makes {target} of {source}", node)
    if node.kind == "upcast" and not _derives(v, source, target):
        v.problem(f"{source} is not derived from {target}", node)


def _derives(v: ExpressionVerifier, source: Type, target: Type) -> bool:
    if isinstance(source, NullableType) and isinstance(target, NullableType):
        return _derives(v, source.inner, target.inner)
    if not isinstance(source, StructType) or not isinstance(target, StructType):
        return False
    struct = v.program.structs.get(source.name)
    return struct is not None and (source == target or target.name in struct.bases)


def _get_field(v: ExpressionVerifier, node: n.GetField) -> None:
    v.check(node.object)
    field = v.field(node.object, node.struct, node.field, node)
    if field is not None and (field.type != node.type or field.embedded != node.embedded):
        v.problem(f"reads a field of type {field.type}", node)


def _index(v: ExpressionVerifier, node: n.Index) -> None:
    v.check(node.object)
    v.integer(node.index)
    if v.element(node.object) != node.type:
        v.problem(f"has no elements of {node.type}", node)


def _slice(v: ExpressionVerifier, node: n.Slice) -> None:
    v.check(node.object)
    for bound in (node.start, node.stop):
        if bound is not None:
            v.integer(bound)


def _length(v: ExpressionVerifier, node: n.Length) -> None:
    v.check(node.object)
    if node.type != U64 or v.element(node.object) is None:
        v.problem("is not the length of elements", node)


def _call(v: ExpressionVerifier, node: n.Call) -> None:
    function = v.program.functions.get(node.symbol)
    if function is None:
        v.problem("calls a function that is not in the program", node)
        return
    v.arguments(node, [item.type for item in function.parameters])
    if (function.result, function.fallible) != (node.type, node.fallible):
        v.problem("does not agree with its function", node)


def _call_virtual(v: ExpressionVerifier, node: n.CallVirtual) -> None:
    struct = v.program.structs.get(node.struct)
    names = struct.vtable_names if struct is not None else []
    if not 0 <= node.slot < len(names) or names[node.slot] != node.method:
        v.problem("calls no slot of its struct", node)
    for argument in node.arguments:
        v.check(argument)


def _call_indirect(v: ExpressionVerifier, node: n.CallIndirect) -> None:
    v.check(node.callee)
    type = node.callee.type
    if not isinstance(type, CallableType):
        v.problem("calls no function", node)
        return
    v.arguments(node, list(type.parameters))
    if (type.result, type.fallible) != (node.type, node.fallible):
        v.problem("does not agree with its function", node)


def _construct(v: ExpressionVerifier, node: n.Construct) -> None:
    struct = v.program.structs.get(node.struct)
    if struct is None or not struct.is_constructed or struct.is_abstract:
        v.problem("makes a struct that is not to be made", node)
        return
    for name, value in node.fields:
        field = struct.fields.get(name)
        if field is None or field.embedded:
            v.problem(f"sets {name}", node)
        else:
            v.value(value, field.type)
    if node.initializer is not None:
        _initializer(v, node)
    _place(v, node, node.slot, node.address)


def _initializer(v: ExpressionVerifier, node: n.Construct) -> None:
    assert node.initializer is not None
    function = v.program.functions.get(node.initializer)
    if function is None:
        v.problem("calls an initializer that is not in the program", node)
        return
    v.arguments(node, [item.type for item in function.parameters[1:]])


def _place(v: ExpressionVerifier, node: n.Expr, slot: int | None, address: n.Expr | None) -> None:
    if (slot is None) == (address is None):
        v.problem("has no place, or two", node)
    elif address is not None:
        v.value(address, U64)
    elif slot is not None and not 0 <= slot < len(v.function.slots):
        v.problem("has an unknown slot", node)
    elif slot is not None and v.function.slots[slot].type != node.type:
        v.problem("does not fit its slot", node)


def _construct_array(v: ExpressionVerifier, node: n.ConstructArray) -> None:
    _place(v, node, node.slot, node.address)
    if node.length is not None:
        v.value(node.length, U64)


def _allocate(v: ExpressionVerifier, node: n.Allocate) -> None:
    if node.count is not None:
        v.value(node.count, U64)
    v.value(node.request, U64)
    v.value(node.construct, node.type)


def _make_tuple(v: ExpressionVerifier, node: n.MakeTuple) -> None:
    if not isinstance(node.type, TupleType) or len(node.type.items) != len(node.items):
        v.problem("is not a tuple of its items", node)
        return
    for item, wanted in zip(node.items, node.type.items, strict=True):
        v.value(item, wanted)


def _tuple_item(v: ExpressionVerifier, node: n.TupleItem) -> None:
    v.check(node.tuple)
    type = node.tuple.type
    if not isinstance(type, TupleType) or type.items[node.index] != node.type:
        v.problem("is not that item", node)


def _make_format(v: ExpressionVerifier, node: n.MakeFormat) -> None:
    for part in node.parts:
        if isinstance(part, n.FormatField):
            v.check(part.value)


def _is_instance(v: ExpressionVerifier, node: n.IsInstance) -> None:
    v.check(node.object)
    struct = v.program.structs.get(node.struct)
    if struct is None or struct.vtable_offset is None:
        v.problem("asks for a class without a vtable", node)


def _intrinsic(v: ExpressionVerifier, node: n.Intrinsic) -> None:
    if node.name not in INTRINSICS:
        v.problem("is no known intrinsic", node)
    for argument in node.arguments:
        v.check(argument)


def _data(v: ExpressionVerifier, node: n.DataRef) -> None:
    if node.symbol not in v.program.data:
        v.problem("is not in the program", node)


def _function(v: ExpressionVerifier, node: n.FunctionRef) -> None:
    if node.symbol not in v.program.functions:
        v.problem("is not in the program", node)


_RULES: dict[type, Callable[[ExpressionVerifier, Any], None]] = {
    n.Const: _const,
    n.Text: lambda v, node: None,
    n.DataRef: _data,
    n.FunctionRef: _function,
    n.Local: _local,
    n.Bind: _bind,
    n.Binary: _binary,
    n.Unary: _unary,
    n.Compare: _compare,
    n.Logical: _logical,
    n.Conditional: _conditional,
    n.Convert: _convert,
    n.GetField: _get_field,
    n.Index: _index,
    n.Slice: _slice,
    n.Length: _length,
    n.Call: _call,
    n.CallVirtual: _call_virtual,
    n.CallIndirect: _call_indirect,
    n.Construct: _construct,
    n.ConstructArray: _construct_array,
    n.Allocate: _allocate,
    n.MakeTuple: _make_tuple,
    n.TupleItem: _tuple_item,
    n.MakeFormat: _make_format,
    n.IsInstance: _is_instance,
    n.Intrinsic: _intrinsic,
}
