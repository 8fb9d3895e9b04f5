"""SIMD: vectors of 16 bytes. Written so that LLVM finds NEON's own instructions."""

from __future__ import annotations

from compiler.backend.arithmetic import as_index
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import VOID, Value
from compiler.backend.sequences import element_place, pointer_and_length
from compiler.ir import nodes as n
from compiler.ir import types as t


def _vector(kind: t.Type) -> t.SimdType:
    assert isinstance(kind, t.SimdType), kind
    return kind


def _place(
    lowering: FunctionLowering, node: n.Intrinsic, index: str, lanes: int, value: Value
) -> str:
    out, kind = lowering.out, node.arguments[0].type
    pointer, length = pointer_and_length(lowering, kind, value)
    fits = out.emit(f"icmp uge i64 {length}, {lanes}")
    room = out.emit(f"sub i64 {length}, {lanes}")
    inside = out.emit(f"icmp ule i64 {index}, {room}")
    lowering.trap_unless(out.emit(f"and i1 {fits}, {inside}"), "IndexError")
    return element_place(lowering, kind, pointer, index)


def load(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Lanes from consecutive elements."""
    container = lowering.value(node.arguments[0])
    index = as_index(lowering, node.arguments[1])
    lowering.at(node.span)
    vector = _vector(node.type)
    place = _place(lowering, node, index, vector.lanes, container)
    kind = lowering.layout.value_type(vector)
    align = vector.element.bits // 8
    return Value(kind, lowering.out.emit(f"load {kind}, ptr {place}, align {align}"))


def store(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Lanes to consecutive elements."""
    container = lowering.value(node.arguments[0])
    index = as_index(lowering, node.arguments[1])
    value = lowering.text(node.arguments[2])
    lowering.at(node.span)
    vector = _vector(node.arguments[2].type)
    place = _place(lowering, node, index, vector.lanes, container)
    kind = lowering.layout.value_type(vector)
    lowering.out.effect(f"store {kind} {value}, ptr {place}, align {vector.element.bits // 8}")
    return VOID


def splat(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """One scalar in every lane."""
    scalar = lowering.text(node.arguments[0])
    lowering.at(node.span)
    return Value(
        lowering.layout.value_type(node.type), _splat(lowering, _vector(node.type), scalar)
    )


def _splat(lowering: FunctionLowering, vector: t.SimdType, scalar: str) -> str:
    out, kind = lowering.out, lowering.layout.value_type(vector)
    element = lowering.layout.memory_type(vector.element)
    first = out.emit(f"insertelement {kind} poison, {element} {scalar}, i64 0")
    zeros = f"<{vector.lanes} x i32> zeroinitializer"
    return out.emit(f"shufflevector {kind} {first}, {kind} poison, {zeros}")


_INTEGER = {"simd_add": "add", "simd_sub": "sub", "simd_mul": "mul"}
_FLOAT = {"simd_add": "fadd", "simd_sub": "fsub", "simd_mul": "fmul"}


def arithmetic(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Lane by lane; integers wrap."""
    left, right = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    vector = _vector(node.type)
    kind = lowering.layout.value_type(vector)
    table = _FLOAT if isinstance(vector.element, t.FloatType) else _INTEGER
    return Value(kind, lowering.out.emit(f"{table[node.name]} {kind} {left}, {right}"))


def shift(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Each lane by a constant; the sign fills up."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    vector = _vector(node.type)
    kind = lowering.layout.value_type(vector)
    lane = f"{lowering.layout.memory_type(vector.element)} {node.parameters[0]}"
    counts = ", ".join([lane] * vector.lanes)
    operation = "shl" if node.name == "simd_shift_left" else "ashr"
    return Value(kind, lowering.out.emit(f"{operation} {kind} {value}, <{counts}>"))


def reinterpret(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The same bits in other lanes; both machines are little-endian."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    source = lowering.layout.value_type(node.arguments[0].type)
    wanted = lowering.layout.value_type(node.type)
    return Value(wanted, lowering.out.emit(f"bitcast {source} {value} to {wanted}"))


def extreme(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`min`, `max` lane by lane: the left one unless the right one is smaller, larger."""
    left, right = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    vector = _vector(node.type)
    kind = lowering.layout.value_type(vector)
    direction = "lt" if node.name == "simd_min" else "gt"
    if isinstance(vector.element, t.FloatType):
        operation = f"fcmp o{direction}"
    else:
        operation = f"icmp {'s' if vector.element.signed else 'u'}{direction}"
    better = lowering.out.emit(f"{operation} {kind} {right}, {left}")
    chosen = f"select <{vector.lanes} x i1> {better}, {kind} {right}, {kind} {left}"
    return Value(kind, lowering.out.emit(chosen))


def multiply_widen(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Products of one half of the lanes, twice as wide."""
    left, right = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    source, result = _vector(node.arguments[0].type), _vector(node.type)
    half = source.lanes // 2
    first = half if node.name.endswith("high") else 0
    mask = f"<{half} x i32> <{', '.join(f'i32 {first + i}' for i in range(half))}>"
    kind, wide = lowering.layout.value_type(source), lowering.layout.value_type(result)
    narrow = f"<{half} x {lowering.layout.memory_type(source.element)}>"
    out = lowering.out
    halves = []
    for operand in (left, right):
        part = out.emit(f"shufflevector {kind} {operand}, {kind} poison, {mask}")
        halves.append(out.emit(f"{_extension(source)} {narrow} {part} to {wide}"))
    return Value(wide, out.emit(f"mul {wide} {halves[0]}, {halves[1]}"))


def _extension(vector: t.SimdType) -> str:
    is_signed = isinstance(vector.element, t.IntType) and vector.element.signed
    return "sext" if is_signed else "zext"


def pairwise_add_accumulate(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Each lane plus the two neighbours of the half-width vector that stand in its place."""
    total, value = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    source, result = _vector(node.arguments[1].type), _vector(node.type)
    return Value(
        lowering.layout.value_type(result),
        _pairwise(lowering, source, result, value, total),
    )


def _pairwise(
    lowering: FunctionLowering, source: t.SimdType, result: t.SimdType, value: str, total: str
) -> str:
    out = lowering.out
    kind, wide = lowering.layout.value_type(source), lowering.layout.value_type(result)
    narrow = f"<{result.lanes} x {lowering.layout.memory_type(source.element)}>"
    for parity in (0, 1):
        lanes = ", ".join(f"i32 {2 * i + parity}" for i in range(result.lanes))
        mask = f"<{result.lanes} x i32> <{lanes}>"
        part = out.emit(f"shufflevector {kind} {value}, {kind} poison, {mask}")
        extended = out.emit(f"{_extension(source)} {narrow} {part} to {wide}")
        total = out.emit(f"add {wide} {total}, {extended}")
    return total


def dot(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Each of four lanes plus four products: SDOT where the CPU has it, else multiplies."""
    total, left, right = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    has_dot = lowering.unit.profile.is_aarch64 and "dotprod" in lowering.function.cpu_features
    if has_dot:
        name = "llvm.aarch64.neon.sdot.v4i32.v16i8"
        target = lowering.unit.intrinsic("<4 x i32>", name, "<4 x i32>, <16 x i8>, <16 x i8>")
        arguments = f"<4 x i32> {total}, <16 x i8> {left}, <16 x i8> {right}"
        return Value("<4 x i32>", lowering.out.emit(f"call <4 x i32> {target}({arguments})"))
    out = lowering.out
    wide_left = out.emit(f"sext <16 x i8> {left} to <16 x i32>")
    wide_right = out.emit(f"sext <16 x i8> {right} to <16 x i32>")
    products = out.emit(f"mul <16 x i32> {wide_left}, {wide_right}")
    for position in range(4):
        lanes = ", ".join(f"i32 {4 * i + position}" for i in range(4))
        mask = f"<4 x i32> <{lanes}>"
        part = out.emit(f"shufflevector <16 x i32> {products}, <16 x i32> poison, {mask}")
        total = out.emit(f"add <4 x i32> {total}, {part}")
    return Value("<4 x i32>", total)


def lane_sum(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The sum of the lanes: integers as i64, floats from lane 0 on."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    vector = _vector(node.arguments[0].type)
    kind = lowering.layout.value_type(vector)
    out = lowering.out
    if isinstance(vector.element, t.FloatType):
        total = out.emit(f"extractelement {kind} {value}, i64 0")
        for lane in range(1, vector.lanes):
            item = out.emit(f"extractelement {kind} {value}, i64 {lane}")
            total = out.emit(f"fadd {lowering.layout.memory_type(vector.element)} {total}, {item}")
        return Value(lowering.layout.memory_type(vector.element), total)
    wide = f"<{vector.lanes} x i64>"
    extended = out.emit(f"{_extension(vector)} {kind} {value} to {wide}")
    name = f"llvm.vector.reduce.add.v{vector.lanes}i64"
    target = lowering.unit.intrinsic("i64", name, wide)
    return Value("i64", out.emit(f"call i64 {target}({wide} {extended})"))


def lane(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """One lane."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    vector = _vector(node.arguments[0].type)
    kind = lowering.layout.value_type(vector)
    text = lowering.out.emit(f"extractelement {kind} {value}, i64 {node.parameters[0]}")
    return Value(lowering.layout.memory_type(vector.element), text)


def convert(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Between i32x4 and f32x4."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    source, result = _vector(node.arguments[0].type), _vector(node.type)
    kind, wanted = lowering.layout.value_type(source), lowering.layout.value_type(result)
    if isinstance(result.element, t.FloatType):
        operation = "sitofp" if _extension(source) == "sext" else "uitofp"
        return Value(wanted, lowering.out.emit(f"{operation} {kind} {value} to {wanted}"))
    lanes = f"v{result.lanes}"
    name = f"llvm.fptosi.sat.{lanes}i{result.element.bits}.{lanes}f{source.element.bits}"
    target = lowering.unit.intrinsic(wanted, name, kind)
    return Value(wanted, lowering.out.emit(f"call {wanted} {target}({kind} {value})"))
