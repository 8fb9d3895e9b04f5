"""Words of `bare.unsafe`: addresses, static objects, instructions, system registers."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.names import entity_of
from compiler.frontend.source import span_of
from compiler.frontend.symbols import ConstantEntity, FunctionEntity
from compiler.frontend.untyped import UNTYPED_INT
from compiler.frontend.word_arguments import (
    bound,
    constant_int,
    constant_text,
    positional,
    type_argument,
)
from compiler.ir.nodes import (
    Binary,
    Const,
    Convert,
    DataRef,
    Expr,
    FunctionRef,
    Index,
    Intrinsic,
    SetIndex,
)
from compiler.ir.program import Data, DataSequence, DataStruct
from compiler.ir.types import (
    BOOL,
    I64,
    NONE,
    U64,
    ArrayType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    IntType,
    MmioType,
    PointerType,
    RegisterType,
    SpanType,
    StrType,
    StructType,
    TableType,
    Type,
)

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]
ADDRESSED = (
    StructType, ArrayType, SpanType, BytesType, StrType, TableType, PointerType, CallableType,
)  # fmt: skip


def check_address_of(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`address_of(x)`."""
    (argument,) = positional(c, node, 1)
    value = c.check_value(argument)
    if isinstance(value.type, MmioType):
        return Convert(U64, span_of(node), "mmio", value)
    if not isinstance(value.type, ADDRESSED):
        raise c.refused(
            "E0301",
            argument,
            f"{value.type} has no address",
            "only objects, arrays and spans have one",
        )
    return Intrinsic(U64, span_of(node), "address_of", [value])


def check_object_at(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`object_at(T, address)`."""
    first, second = positional(c, node, 2)
    type = type_argument(c, first)
    if not isinstance(type, StructType):
        raise c.refused("E0301", first, f"object_at() views structs, not {type}", "use Pointer[T]")
    return Intrinsic(type, span_of(node), "object_at", [c.check_as(second, U64)])


def check_span_at(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`span_at(T, address, n)`."""
    first, second, third = positional(c, node, 3)
    type = SpanType(type_argument(c, first))
    operands = [c.check_as(second, U64), c.check_as(third, U64)]
    return Intrinsic(type, span_of(node), "span_at", operands)


def check_static_object(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`static_object(T)`: one object for each place in the source."""
    given = bound(c, node, ("object_type", "align"), 1)
    type = type_argument(c, given["object_type"])
    if not isinstance(type, StructType):
        raise c.refused("E0301", node, f"static_object() makes structs, not {type}")
    c.front_end.construct(c.structs.info(type))
    return static(c, node, type, DataStruct(type.name, {}), given)


def check_static_array(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`static_array(T, n)`."""
    given = bound(c, node, ("element_type", "length", "align"), 2)
    element = type_argument(c, given["element_type"])
    if isinstance(element, StructType):
        c.front_end.construct(c.structs.info(element))
    type = ArrayType(element, constant_int(c, given["length"]))
    return static(c, node, type, DataSequence([]), given)


def static(
    c: FunctionChecker,
    node: ast.Call,
    type: Type,
    value: DataStruct | DataSequence,
    given: dict[str, ast.expr],
) -> Expr:
    """A writable object of the image."""
    symbol = f"{c.signature.symbol}$static{node.lineno}_{node.col_offset}"
    align = constant_int(c, given["align"]) if "align" in given else 0
    data = Data(symbol, type, value, writable=True, align=align)
    c.front_end.constants.add(data)
    return DataRef(type, span_of(node), symbol)


def check_linker_symbol(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`linker_symbol("name")`."""
    (argument,) = positional(c, node, 1)
    name = constant_text(c, argument)
    return Intrinsic(U64, span_of(node), "symbol_address", [], (name,))


def check_function_address(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`function_address(f)`."""
    (argument,) = positional(c, node, 1)
    entity = entity_of(c, argument)
    if isinstance(entity, FunctionEntity):
        signature = c.front_end.signatures.get(entity, None, {})
        c.front_end.request(signature)
        value: Expr = FunctionRef(signature.callable_type, span_of(argument), signature.symbol)
    else:
        value = c.check_value(argument)
    if not isinstance(value.type, CallableType):
        raise c.refused("E0301", argument, f"{value.type} is not a function")
    return Intrinsic(U64, span_of(node), "address_of", [value])


def check_function_at(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`function_at(address)`: a function of the wanted type."""
    (argument,) = positional(c, node, 1)
    if not isinstance(expected, CallableType):
        raise c.refused(
            "E0312", node, "the type of the function is not known here",
            "annotate: `f: Callable[[u32], u32] = function_at(address)`",
        )  # fmt: skip
    return Intrinsic(expected, span_of(node), "object_at", [c.check_as(argument, U64)])


def check_call_at(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`call_at(address, ...)`."""
    if not 1 <= len(node.args) <= 9 or node.keywords:
        raise c.refused("E0802", node, "call_at() takes an address and up to eight integers")
    operands = [register_value(c, item) for item in node.args]
    c.flow.forget_fields()
    return Intrinsic(U64, span_of(node), "call_at", operands)


def register_value(c: FunctionChecker, node: ast.expr) -> Expr:
    """A value as a 64-bit register takes it: unsigned extended by zeros, signed by its sign."""
    value = c.check(node)
    if isinstance(value, Const) and value.type == UNTYPED_INT and isinstance(value.value, int):
        return Const(U64, value.span, value.value & U64.maximum)
    value = c.settle(value, node)
    type, span = value.type, value.span
    if isinstance(type, EnumType):
        value, type = Convert(type.base, span, "from_enum", value), type.base
    if isinstance(type, RegisterType):
        value, type = Convert(type.base, span, "from_register", value), type.base
    if type == BOOL:
        return Convert(U64, span, "from_bool", value)
    if isinstance(type, PointerType | MmioType):
        return Convert(U64, span, "mmio", value)
    if not isinstance(type, IntType):
        raise c.refused("E0301", node, f"an operand is an integer, not {type}")
    if isinstance(value, Const) and isinstance(value.value, int):
        return Const(U64, span, value.value & U64.maximum)
    if not type.signed:
        return Convert(U64, span, "widen", value) if type != U64 else value
    wide = value if type == I64 else Convert(I64, span, "widen", value)
    return Convert(U64, span, "wrap", wide)


def check_asm(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`asm(template, *inputs, out=T, out_register="x0", clobbers=(...), x8=value)`."""
    if not node.args:
        raise c.refused("E0802", node, "asm() needs its template")
    template = constant_text(c, node.args[0])
    inputs = [register_value(c, item) for item in node.args[1:]]
    result: Type = NONE
    out_register = ""
    clobbers: tuple[str, ...] = ()
    pinned: list[str] = []
    for keyword in node.keywords:
        if keyword.arg == "out":
            result = type_argument(c, keyword.value)
        elif keyword.arg == "out_register":
            out_register = constant_text(c, keyword.value)
        elif keyword.arg == "clobbers":
            clobbers = constant_names(c, keyword.value)
        elif keyword.arg is not None:
            pinned.append(keyword.arg)
            inputs.append(register_value(c, keyword.value))
    first = 0 if result == NONE else 1
    unpinned = len(inputs) - len(pinned)
    names = (*(str(first + index) for index in range(unpinned)), *pinned)
    output = "" if result == NONE else out_register or "0"
    if out_register:
        template = re.sub(r"\{0(:\w)?\}", rf"{{{out_register}\1}}", template)
    parameters = (template, output, names, clobbers)
    c.flow.forget_fields()
    made = Intrinsic(U64 if result != NONE else NONE, span_of(node), "asm", inputs, parameters)
    return from_register(c, made, result, node) if result != NONE else made


def from_register(c: FunctionChecker, value: Expr, target: Type, node: ast.Call) -> Expr:
    """The low bits of a register as `target`."""
    span = span_of(node)
    if target == U64:
        return value
    if isinstance(target, IntType):
        return Convert(target, span, "wrap", value)
    raise c.refused("E0301", node, f"asm() gives an integer, not {target}", "convert the integer")


def constant_names(c: FunctionChecker, node: ast.expr) -> tuple[str, ...]:
    """A tuple of constant strings."""
    entity = entity_of(c, node)
    if isinstance(entity, ConstantEntity) and entity.value[0] == "tuple":
        return tuple(str(item[1]) for item in entity.value[1])
    if not isinstance(node, ast.Tuple):
        raise c.refused("E0902", node, "this has to be a tuple of constant strs")
    return tuple(constant_text(c, item) for item in node.elts)


def check_read_system_register(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`read_system_register("NAME")`."""
    (argument,) = positional(c, node, 1)
    name = constant_text(c, argument)
    return Intrinsic(U64, span_of(node), "read_system_register", [], (name,))


def check_write_system_register(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`write_system_register("NAME", value)`."""
    first, second = positional(c, node, 2)
    name = constant_text(c, first)
    value = c.check_as(second, U64)
    return Intrinsic(NONE, span_of(node), "write_system_register", [value], (name,))


def instruction(template: str, has_option: bool = False) -> Handler:
    """One instruction without operands."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        text = template
        if has_option:
            given = bound(c, node, ("domain",), 0)
            text += " " + (constant_text(c, given["domain"]) if given else "ish")
        else:
            positional(c, node, 0)
        return Intrinsic(NONE, span_of(node), "asm", [], (text, "", (), ()))

    return check


def check_pointer(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`Pointer[T](address)`."""
    (argument,) = positional(c, node, 1)
    assert isinstance(expected, PointerType)
    allowed = (IntType, FloatType, EnumType, RegisterType, PointerType)
    if not isinstance(expected.element, allowed) and expected.element != BOOL:
        raise c.refused(
            "E0301", node, f"a pointer is to a scalar, not {expected.element}", "use `object_at`"
        )
    return Intrinsic(expected, span_of(node), "pointer_at", [c.check_as(argument, U64)])


def check_pointer_method(
    c: FunctionChecker, receiver: Expr, node: ast.Call, target: ast.Attribute
) -> Expr:
    """`p.load()`, `p.store(x)`, `p.offset(n)` and the volatile ones."""
    type, span = receiver.type, span_of(node)
    assert isinstance(type, PointerType)
    address = Intrinsic(U64, receiver.span, "address_of", [receiver])
    if target.attr in ("load", "load_volatile"):
        positional(c, node, 0)
        if target.attr == "load":
            return Index(type.element, span, receiver, Const(U64, span, 0), checked=False)
        return Intrinsic(type.element, span, "volatile_load", [address])
    if target.attr in ("store", "store_volatile"):
        (argument,) = positional(c, node, 1)
        value = c.check_as(argument, type.element)
        if target.attr == "store_volatile":
            return Intrinsic(NONE, span, "volatile_store", [address, value])
        c.emit(SetIndex(span, receiver, Const(U64, span, 0), value, checked=False))
        return Const(NONE, span, None)
    if target.attr == "offset":
        (argument,) = positional(c, node, 1)
        count = register_value(c, argument)
        size, _ = c.structs.size_align(type.element, embedded=False)
        step = Binary(U64, span, "mul", "wrapping", count, Const(U64, span, size))
        moved = Binary(U64, span, "add", "wrapping", address, step)
        return Intrinsic(type, span, "pointer_at", [moved])
    raise c.refused("E0203", target, f"a pointer has no method {target.attr!r}")


WORDS: dict[str, Handler] = {
    "unsafe.address_of": check_address_of,
    "unsafe.object_at": check_object_at,
    "unsafe.span_at": check_span_at,
    "unsafe.static_object": check_static_object,
    "unsafe.static_array": check_static_array,
    "unsafe.linker_symbol": check_linker_symbol,
    "unsafe.function_address": check_function_address,
    "unsafe.function_at": check_function_at,
    "unsafe.call_at": check_call_at,
    "unsafe.asm": check_asm,
    "unsafe.read_system_register": check_read_system_register,
    "unsafe.write_system_register": check_write_system_register,
    "unsafe.dmb": instruction("dmb", has_option=True),
    "unsafe.dsb": instruction("dsb", has_option=True),
    "unsafe.isb": instruction("isb"),
    "unsafe.wfi": instruction("wfi"),
    "unsafe.wfe": instruction("wfe"),
    "unsafe.sev": instruction("sev"),
    "unsafe.spin_hint": instruction("yield"),
    "unsafe.Pointer[]": check_pointer,
}
