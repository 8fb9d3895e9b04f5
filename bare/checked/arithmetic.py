"""Generated code for arithmetic, comparison and conversion."""

from __future__ import annotations

import ast

from bare.checked.elements import scalar_format
from bare.checked.emitter import Emitter
from compiler.ir.nodes import Binary, Compare, Const, Convert, Expr, Logical, Unary
from compiler.ir.types import (
    ArrayType,
    EnumType,
    FloatType,
    IntType,
    NullableType,
    RegisterType,
    StructType,
    Type,
)

PLAIN_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "floordiv": ast.FloorDiv,
    "mod": ast.Mod,
    "div": ast.Div,
    "and": ast.BitAnd,
    "or": ast.BitOr,
    "xor": ast.BitXor,
}
COMPARISONS: dict[str, type[ast.cmpop]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "lt": ast.Lt,
    "le": ast.LtE,
    "gt": ast.Gt,
    "ge": ast.GtE,
    "is": ast.Is,
    "is_not": ast.IsNot,
}
SMALL_SHIFT = 64


def integer_of(of: Type) -> IntType:
    """Returns the integer type that a value of an integer, enum or register type has."""
    if isinstance(of, EnumType | RegisterType):
        return of.base
    assert isinstance(of, IntType), of
    return of


def binary(emit: Emitter, node: Binary) -> ast.expr:
    """Emits arithmetic on two operands."""
    if node.operator in ("min", "max"):
        return emit.call(f"bare_{node.operator}", [emit.expr(node.left), emit.expr(node.right)])
    if isinstance(node.type, FloatType):
        return _float_binary(emit, node)
    if node.operator in ("shl", "shr"):
        return _shift(emit, node, integer_of(node.type))
    left, right = emit.expr(node.left), emit.expr(node.right)
    result = emit.binary(left, PLAIN_OPERATORS[node.operator](), right)
    if node.operator in ("mod", "and", "or", "xor"):
        return result
    return _fit(emit, node, integer_of(node.type), result)


def _fit(emit: Emitter, node: Binary, of: IntType, result: ast.expr) -> ast.expr:
    """Brings a result into its type, by the node's mode."""
    if node.operator == "floordiv":
        return emit.in_range(result, None, of.maximum) if of.signed else result
    if node.mode == "wrapping":
        return wrapped(emit, result, of)
    if node.mode == "saturating":
        bounds = [emit.const(of.minimum), emit.const(of.maximum)]
        return emit.call("bare_saturate", [result, *bounds])
    if of.signed:
        return emit.in_range(result, of.minimum, of.maximum)
    if node.operator == "sub":
        return emit.in_range(result, 0, None)
    return emit.in_range(result, None, of.maximum)


def wrapped(emit: Emitter, value: ast.expr, of: IntType) -> ast.expr:
    """Takes the low bits of `value`."""
    if not of.signed:
        return emit.binary(value, ast.BitAnd(), emit.const(of.maximum))
    return emit.call("bare_wrap", [value, emit.const(of.bits), emit.const(True)])


def _float_binary(emit: Emitter, node: Binary) -> ast.expr:
    left, right = emit.expr(node.left), emit.expr(node.right)
    return rounded(emit, node.type, emit.binary(left, PLAIN_OPERATORS[node.operator](), right))


def rounded(emit: Emitter, of: Type, value: ast.expr) -> ast.expr:
    """Rounds a result to f32 where that is its type."""
    if isinstance(of, FloatType) and of.bits == 32:
        return emit.call("bare_round_f32", [value])
    return value


def _shift(emit: Emitter, node: Binary, of: IntType) -> ast.expr:
    value, count = emit.expr(node.left), emit.expr(node.right)
    is_small = isinstance(node.right, Const) and 0 <= (node.right.value or 0) <= SMALL_SHIFT
    if node.operator == "shr":
        if is_small:
            return emit.binary(value, ast.RShift(), count)
        return emit.call("bare_shift_right", [value, count])
    if node.mode == "wrapping":
        if is_small:
            return wrapped(emit, emit.binary(value, ast.LShift(), count), of)
        width = [emit.const(of.bits), emit.const(of.signed)]
        return emit.call("bare_shift_left_wrapping", [value, count, *width])
    if is_small:
        low = of.minimum if of.signed else None
        return emit.in_range(emit.binary(value, ast.LShift(), count), low, of.maximum)
    bounds = [emit.const(of.minimum), emit.const(of.maximum)]
    return emit.call("bare_shift_left", [value, count, *bounds])


def unary(emit: Emitter, node: Unary) -> ast.expr:
    """Emits arithmetic on one operand."""
    operand = emit.expr(node.operand)
    if node.operator == "not":
        return emit.unary(ast.Not(), operand)
    if isinstance(node.type, FloatType):
        return _float_unary(emit, node, operand)
    of = integer_of(node.type)
    if node.operator == "invert":
        if of.signed:
            return emit.unary(ast.Invert(), operand)
        return emit.binary(operand, ast.BitXor(), emit.const(of.maximum))
    if node.operator == "neg":
        result = emit.unary(ast.USub(), operand)
    else:
        result = emit.call("bare_abs", [operand])
    if node.mode == "wrapping":
        return wrapped(emit, result, of)
    return emit.in_range(result, of.minimum, of.maximum)


def _float_unary(emit: Emitter, node: Unary, operand: ast.expr) -> ast.expr:
    if node.operator == "neg":
        return emit.unary(ast.USub(), operand)
    if node.operator == "sqrt":
        return rounded(emit, node.type, emit.call("bare_square_root", [operand]))
    return emit.call("bare_round_down" if node.operator == "floor" else "bare_abs", [operand])


def compare(emit: Emitter, node: Compare) -> ast.expr:
    """Emits a comparison; of references, of their identity."""
    left, right = emit.expr(node.left), emit.expr(node.right)
    if node.operator in ("is", "is_not") and _is_reference(node.left) and _is_reference(node.right):
        same = emit.call("bare_is_same", [left, right])
        return same if node.operator == "is" else emit.unary(ast.Not(), same)
    return emit.compare(left, COMPARISONS[node.operator](), right)


def _is_reference(node: Expr) -> bool:
    if isinstance(node, Const):
        return False
    of = node.type.inner if isinstance(node.type, NullableType) else node.type
    return isinstance(of, StructType)


def logical(emit: Emitter, node: Logical) -> ast.expr:
    """Emits `and` and `or`."""
    operator = ast.And() if node.operator == "and" else ast.Or()
    return ast.BoolOp(operator, [emit.expr(node.left), emit.expr(node.right)], **emit.place)


def convert(emit: Emitter, node: Convert) -> ast.expr:
    """Emits a conversion."""
    operand = emit.expr(node.operand)
    source, target = node.operand.type, node.type
    match node.kind:
        case "checked":
            return _checked_conversion(emit, operand, source, integer_of(target))
        case "wrap":
            return wrapped(emit, operand, integer_of(target))
        case "round":
            return _rounded_conversion(emit, operand, source, target)
        case "reinterpret":
            kinds = [emit.bound(source, "type"), emit.bound(target, "type")]
            return emit.call("bare_reinterpret", [operand, *kinds])
        case "truth":
            return emit.compare(operand, ast.NotEq(), emit.const(0))
        case "from_bool":
            return emit.unary(ast.UAdd(), operand)
        case "to_enum":
            assert isinstance(target, EnumType)
            members = frozenset(emit.program.ir.enums[target.name].members.values())
            name = target.name.rpartition(".")[2]
            return emit.call(
                "bare_to_enum", [operand, emit.bound(members, "members"), emit.const(name)]
            )
        case "array_to_span":
            assert isinstance(source, ArrayType)
            if scalar_format(source.element) is None:
                return emit.call("bare_span_of", [operand])
            return operand
        case "str_to_format":
            text = ast.Tuple([operand, emit.const("s")], ast.Load(), **emit.place)
            return emit.call("bare_message", [text])
        case _:
            return operand


def _checked_conversion(
    emit: Emitter, operand: ast.expr, source: Type, target: IntType
) -> ast.expr:
    if isinstance(source, FloatType):
        bounds = [emit.const(target.minimum), emit.const(target.maximum)]
        return emit.call("bare_float_to_int", [operand, *bounds])
    of = integer_of(source)
    low = target.minimum if of.minimum < target.minimum else None
    high = target.maximum if of.maximum > target.maximum else None
    return emit.in_range(operand, low, high)


def _rounded_conversion(emit: Emitter, operand: ast.expr, source: Type, target: Type) -> ast.expr:
    if isinstance(source, FloatType):
        return emit.call("bare_round_f32", [operand])
    assert isinstance(target, FloatType)
    return emit.call("bare_int_to_f32" if target.bits == 32 else "bare_float", [operand])
