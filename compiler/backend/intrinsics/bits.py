"""Bit operations on integers."""

from __future__ import annotations

from compiler.backend.arithmetic import extend, integer_type
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import Value
from compiler.ir import nodes as n


def rotate(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`rotate_left`, `rotate_right`: a funnel shift of x with itself."""
    value = lowering.text(node.arguments[0])
    count = lowering.text(node.arguments[1])
    lowering.at(node.span)
    kind = integer_type(node.type)
    count_type = integer_type(node.arguments[1].type)
    spelled = f"i{kind.bits}"
    if count_type.bits > kind.bits:
        count = lowering.out.emit(f"trunc i{count_type.bits} {count} to {spelled}")
    else:
        count = extend(lowering, count, count_type, kind.bits)
    name = "llvm.fshl" if node.name == "rotate_left" else "llvm.fshr"
    target = lowering.unit.intrinsic(
        spelled, f"{name}.{spelled}", f"{spelled}, {spelled}, {spelled}"
    )
    arguments = f"{spelled} {value}, {spelled} {value}, {spelled} {count}"
    return Value(spelled, lowering.out.emit(f"call {spelled} {target}({arguments})"))


_COUNTS = {"count_ones": "llvm.ctpop", "leading_zeros": "llvm.ctlz", "trailing_zeros": "llvm.cttz"}


def count(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`count_ones`, `leading_zeros`, `trailing_zeros`."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    source, result = integer_type(node.arguments[0].type), integer_type(node.type)
    spelled = f"i{source.bits}"
    name = f"{_COUNTS[node.name]}.{spelled}"
    if node.name == "count_ones":
        target = lowering.unit.intrinsic(spelled, name, spelled)
        text = lowering.out.emit(f"call {spelled} {target}({spelled} {value})")
    else:
        target = lowering.unit.intrinsic(spelled, name, f"{spelled}, i1 immarg")
        text = lowering.out.emit(f"call {spelled} {target}({spelled} {value}, i1 false)")
    kind = f"i{result.bits}"
    if source.bits > result.bits:
        text = lowering.out.emit(f"trunc {spelled} {text} to {kind}")
    elif source.bits < result.bits:
        text = lowering.out.emit(f"zext {spelled} {text} to {kind}")
    return Value(kind, text)


def byte_swap(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`byte_swap`."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    bits = integer_type(node.type).bits
    if bits == 8:
        return Value("i8", value)
    spelled = f"i{bits}"
    target = lowering.unit.intrinsic(spelled, f"llvm.bswap.{spelled}", spelled)
    return Value(spelled, lowering.out.emit(f"call {spelled} {target}({spelled} {value})"))


def multiply_high(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The upper half of a 128-bit product."""
    left, right = lowering.text(node.arguments[0]), lowering.text(node.arguments[1])
    lowering.at(node.span)
    out = lowering.out
    wide_left = out.emit(f"zext i64 {left} to i128")
    wide_right = out.emit(f"zext i64 {right} to i128")
    product = out.emit(f"mul nuw i128 {wide_left}, {wide_right}")
    high = out.emit(f"lshr i128 {product}, 64")
    return Value("i64", out.emit(f"trunc i128 {high} to i64"))
