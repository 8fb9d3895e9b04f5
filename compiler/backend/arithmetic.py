"""Rules for arithmetic: checked, wrapping and saturating integers, floor division, floats.

NaN is made canonical where its bits can be seen (`reinterpret`), not after each operation:
nothing else in the language tells one NaN from another.
"""

from __future__ import annotations

from compiler.backend.function import FunctionLowering, float_literal
from compiler.backend.layout import Value
from compiler.ir import nodes as n
from compiler.ir import types as t

_LLVM_NAMES = {"add": "add", "sub": "sub", "mul": "mul", "and": "and", "or": "or", "xor": "xor"}
_FLOAT_NAMES = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}


def integer_type(kind: t.Type) -> t.IntType:
    """The integer that a value of int, enum or register type is."""
    if isinstance(kind, t.EnumType | t.RegisterType):
        return kind.base
    if isinstance(kind, t.BoolType):
        return t.IntType(1, signed=False)
    assert isinstance(kind, t.IntType), kind
    return kind


def extend(lowering: FunctionLowering, text: str, kind: t.IntType, bits: int) -> str:
    """The integer `text` of type `kind` as i`bits`, which is at least as wide."""
    if kind.bits == bits:
        return text
    if text.lstrip("-").isdigit():
        return text
    operation = "sext" if kind.signed else "zext"
    return lowering.out.emit(f"{operation} i{kind.bits} {text} to i{bits}")


def as_index(lowering: FunctionLowering, node: n.Expr) -> str:
    """An integer expression as i64; a negative one becomes a huge unsigned number."""
    return extend(lowering, lowering.text(node), integer_type(node.type), 64)


def lower_binary(lowering: FunctionLowering, node: n.Binary) -> Value:
    """Arithmetic on two operands."""
    left = lowering.text(node.left)
    right = lowering.text(node.right)
    lowering.at(node.span)
    if isinstance(node.type, t.FloatType):
        return _float_binary(lowering, node, left, right)
    if isinstance(node.type, t.BoolType):
        name = _LLVM_NAMES[node.operator]
        return Value("i1", lowering.out.emit(f"{name} i1 {left}, {right}"))
    kind = integer_type(node.type)
    spelled = f"i{kind.bits}"
    match node.operator:
        case "add" | "sub" | "mul":
            text = _overflowing(lowering, node.operator, node.mode, kind, left, right)
        case "and" | "or" | "xor":
            text = lowering.out.emit(f"{_LLVM_NAMES[node.operator]} {spelled} {left}, {right}")
        case "floordiv" | "mod":
            constant = node.right.value if isinstance(node.right, n.Const) else None
            text = _divide(lowering, node.operator, kind, left, right, constant)
        case "shl" | "shr":
            text = _shift(lowering, node, kind, left, right)
        case "min" | "max":
            comparison = "slt" if kind.signed else "ult"
            first, second = (right, left) if node.operator == "min" else (left, right)
            smaller = lowering.out.emit(f"icmp {comparison} {spelled} {first}, {second}")
            text = lowering.out.emit(f"select i1 {smaller}, {spelled} {right}, {spelled} {left}")
        case _:
            raise lowering.bug(f"no {node.operator} on {kind}", node.span)
    return Value(spelled, text)


def _overflowing(
    lowering: FunctionLowering, operator: str, mode: str, kind: t.IntType, left: str, right: str
) -> str:
    spelled = f"i{kind.bits}"
    sign = "s" if kind.signed else "u"
    if mode == "wrapping":
        return lowering.out.emit(f"{operator} {spelled} {left}, {right}")
    if mode == "saturating":
        name = f"llvm.{sign}{operator}.sat.{spelled}"
        target = lowering.unit.intrinsic(spelled, name, f"{spelled}, {spelled}")
        return lowering.out.emit(f"call {spelled} {target}({spelled} {left}, {spelled} {right})")
    pair = f"{{{spelled}, i1}}"
    name = f"llvm.{sign}{operator}.with.overflow.{spelled}"
    target = lowering.unit.intrinsic(pair, name, f"{spelled}, {spelled}")
    both = lowering.out.emit(f"call {pair} {target}({spelled} {left}, {spelled} {right})")
    result = lowering.out.emit(f"extractvalue {pair} {both}, 0")
    overflow = lowering.out.emit(f"extractvalue {pair} {both}, 1")
    lowering.trap_if(overflow, "OverflowError")
    return result


def _divide(
    lowering: FunctionLowering,
    operator: str,
    kind: t.IntType,
    left: str,
    right: str,
    constant: int | float | bool | None,
) -> str:
    out, spelled = lowering.out, f"i{kind.bits}"
    if constant is None or constant == 0:
        lowering.trap_if(out.emit(f"icmp eq {spelled} {right}, 0"), "ZeroDivisionError")
    if not kind.signed:
        name = "udiv" if operator == "floordiv" else "urem"
        return out.emit(f"{name} {spelled} {left}, {right}")
    if isinstance(constant, int) and constant > 0 and constant & (constant - 1) == 0:
        if operator == "mod":
            return out.emit(f"and {spelled} {left}, {constant - 1}")
        return out.emit(f"ashr {spelled} {left}, {constant.bit_length() - 1}")
    if constant is None or constant == -1:
        right = _guard_minimum(lowering, operator, kind, left, right)
    return _floor(lowering, operator, kind, left, right)


def _guard_minimum(
    lowering: FunctionLowering, operator: str, kind: t.IntType, left: str, right: str
) -> str:
    """Traps minimum // -1; for `%` gives a divisor that is safe and has the same remainder, 0."""
    out, spelled = lowering.out, f"i{kind.bits}"
    is_minus_one = out.emit(f"icmp eq {spelled} {right}, -1")
    if operator == "mod":
        return out.emit(f"select i1 {is_minus_one}, {spelled} 1, {spelled} {right}")
    is_minimum = out.emit(f"icmp eq {spelled} {left}, {kind.minimum}")
    lowering.trap_if(out.emit(f"and i1 {is_minus_one}, {is_minimum}"), "OverflowError")
    return right


def _floor(
    lowering: FunctionLowering, operator: str, kind: t.IntType, left: str, right: str
) -> str:
    out, spelled = lowering.out, f"i{kind.bits}"
    remainder = out.emit(f"srem {spelled} {left}, {right}")
    inexact = out.emit(f"icmp ne {spelled} {remainder}, 0")
    signs = out.emit(f"xor {spelled} {remainder}, {right}")
    differ = out.emit(f"icmp slt {spelled} {signs}, 0")
    adjust = out.emit(f"and i1 {inexact}, {differ}")
    if operator == "mod":
        moved = out.emit(f"add {spelled} {remainder}, {right}")
        return out.emit(f"select i1 {adjust}, {spelled} {moved}, {spelled} {remainder}")
    quotient = out.emit(f"sdiv {spelled} {left}, {right}")
    less = out.emit(f"add {spelled} {quotient}, -1")
    return out.emit(f"select i1 {adjust}, {spelled} {less}, {spelled} {quotient}")


def _shift(
    lowering: FunctionLowering, node: n.Binary, kind: t.IntType, left: str, right: str
) -> str:
    count_type = integer_type(node.right.type)
    if isinstance(node.right, n.Const):
        count = int(node.right.value or 0)
        return _shift_constant(lowering, node, kind, left, count)
    out, spelled = lowering.out, f"i{kind.bits}"
    if count_type.signed:
        negative = out.emit(f"icmp slt i{count_type.bits} {right}, 0")
        lowering.trap_if(negative, "OverflowError")
    count64 = extend(lowering, right, count_type, 64)
    is_big = out.emit(f"icmp uge i64 {count64}, {kind.bits}")
    masked64 = out.emit(f"and i64 {count64}, {kind.bits - 1}")
    masked = masked64
    if kind.bits < 64:
        masked = out.emit(f"trunc i64 {masked64} to {spelled}")
    if node.operator == "shr":
        if kind.signed:
            clamped = out.emit(f"select i1 {is_big}, {spelled} {kind.bits - 1}, {spelled} {masked}")
            return out.emit(f"ashr {spelled} {left}, {clamped}")
        shifted = out.emit(f"lshr {spelled} {left}, {masked}")
        return out.emit(f"select i1 {is_big}, {spelled} 0, {spelled} {shifted}")
    shifted = out.emit(f"shl {spelled} {left}, {masked}")
    if node.mode == "wrapping":
        return out.emit(f"select i1 {is_big}, {spelled} 0, {spelled} {shifted}")
    back = out.emit(f"{'ashr' if kind.signed else 'lshr'} {spelled} {shifted}, {masked}")
    keeps = out.emit(f"icmp eq {spelled} {back}, {left}")
    is_zero = out.emit(f"icmp eq {spelled} {left}, 0")
    fits = out.emit(f"select i1 {is_big}, i1 {is_zero}, i1 {keeps}")
    lowering.trap_unless(fits, "OverflowError")
    return shifted


def _shift_constant(
    lowering: FunctionLowering, node: n.Binary, kind: t.IntType, left: str, count: int
) -> str:
    out, spelled = lowering.out, f"i{kind.bits}"
    if count < 0:
        lowering.trap_if("true", "OverflowError")
        return "0"
    if node.operator == "shr":
        if kind.signed:
            return out.emit(f"ashr {spelled} {left}, {min(count, kind.bits - 1)}")
        return out.emit(f"lshr {spelled} {left}, {count}") if count < kind.bits else "0"
    if count >= kind.bits:
        if node.mode != "wrapping":
            lowering.trap_if(out.emit(f"icmp ne {spelled} {left}, 0"), "OverflowError")
        return "0"
    shifted = out.emit(f"shl {spelled} {left}, {count}")
    if node.mode != "wrapping":
        back = out.emit(f"{'ashr' if kind.signed else 'lshr'} {spelled} {shifted}, {count}")
        lowering.trap_unless(out.emit(f"icmp eq {spelled} {back}, {left}"), "OverflowError")
    return shifted


def _float_binary(lowering: FunctionLowering, node: n.Binary, left: str, right: str) -> Value:
    out, kind = lowering.out, lowering.layout.value_type(node.type)
    if node.operator in ("min", "max"):
        comparison = "olt" if node.operator == "min" else "ogt"
        better = out.emit(f"fcmp {comparison} {kind} {right}, {left}")
        return Value(kind, out.emit(f"select i1 {better}, {kind} {right}, {kind} {left}"))
    if node.operator == "div":
        zero = out.emit(f"fcmp oeq {kind} {right}, {float_literal(0.0, 64)}")
        lowering.trap_if(zero, "ZeroDivisionError")
    return Value(kind, out.emit(f"{_FLOAT_NAMES[node.operator]} {kind} {left}, {right}"))


def lower_unary(lowering: FunctionLowering, node: n.Unary) -> Value:
    """Arithmetic on one operand."""
    operand = lowering.text(node.operand)
    lowering.at(node.span)
    out = lowering.out
    if node.operator == "not":
        return Value("i1", out.emit(f"xor i1 {operand}, true"))
    if isinstance(node.type, t.FloatType):
        return _float_unary(lowering, node, operand)
    kind = integer_type(node.type)
    spelled = f"i{kind.bits}"
    if node.operator == "invert":
        return Value(spelled, out.emit(f"xor {spelled} {operand}, -1"))
    if node.operator == "abs":
        return Value(spelled, _absolute(lowering, node.mode, kind, operand))
    return Value(spelled, _overflowing(lowering, "sub", node.mode, kind, "0", operand))


def _absolute(lowering: FunctionLowering, mode: str, kind: t.IntType, operand: str) -> str:
    if not kind.signed:
        return operand
    out, spelled = lowering.out, f"i{kind.bits}"
    if mode == "checked":
        is_minimum = out.emit(f"icmp eq {spelled} {operand}, {kind.minimum}")
        lowering.trap_if(is_minimum, "OverflowError")
    target = lowering.unit.intrinsic(spelled, f"llvm.abs.{spelled}", f"{spelled}, i1 immarg")
    return out.emit(f"call {spelled} {target}({spelled} {operand}, i1 false)")


def _float_unary(lowering: FunctionLowering, node: n.Unary, operand: str) -> Value:
    kind = lowering.layout.value_type(node.type)
    if node.operator == "neg":
        return Value(kind, lowering.out.emit(f"fneg {kind} {operand}"))
    bits = "f32" if kind == "float" else "f64"
    name = {"abs": "fabs", "sqrt": "sqrt", "floor": "floor"}[node.operator]
    target = lowering.unit.intrinsic(kind, f"llvm.{name}.{bits}", kind)
    return Value(kind, lowering.out.emit(f"call {kind} {target}({kind} {operand})"))
