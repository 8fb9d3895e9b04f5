"""The machine: raw addresses, inline assembly, system registers, device registers."""

from __future__ import annotations

import re

from compiler.backend.arithmetic import integer_type
from compiler.backend.conversions import array_as_span
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import VOID, Value
from compiler.backend.liveness import mark_alive, mark_dead, mark_view
from compiler.backend.sequences import element_type
from compiler.backend.text import quote_bytes, symbol
from compiler.ir import nodes as n
from compiler.ir import types as t

_REGISTER = re.compile(r"([xw])(\d+)|([vqds])(\d+)|sp|lr|fp")
_OPERAND = re.compile(r"\{\{|\}\}|\{(\w+)(?::(\w))?\}")


def address_of(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The address of a reference, a span's first element, or code, as u64."""
    value = lowering.value(node.arguments[0])
    lowering.at(node.span)
    kind = node.arguments[0].type
    if value.kind == "i64":
        return value
    pointer = value.text
    if value.kind != "ptr":
        pointer = lowering.part(array_as_span(kind, value), 0, "ptr")
    return Value("i64", lowering.out.emit(f"ptrtoint ptr {pointer} to i64"))


def object_at(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """An address as a reference or raw pointer."""
    address = lowering.text(node.arguments[0])
    lowering.at(node.span)
    mark_view(lowering, node.type, address)
    return Value("ptr", lowering.out.emit(f"inttoptr i64 {address} to ptr"))


def span_at(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """An address and a length as a span."""
    address, length = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    element = element_type(node.type)
    if isinstance(element, t.StructType) and lowering.unit.profile.debug:
        stride = lowering.layout.stride(element)
        mark_alive(lowering, address, lowering.out.emit(f"mul i64 {length}, {stride}"))
    pointer = lowering.out.emit(f"inttoptr i64 {address} to ptr")
    kind = lowering.layout.value_type(node.type)
    return Value(kind, "", (Value("ptr", pointer), Value("i64", length)))


def release(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The address of an object or span that goes back to its allocator."""
    value = address_of(lowering, node)
    mark_dead(lowering, node.arguments[0].type, value.text)
    return value


def symbol_address(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The address of a linker symbol."""
    name = str(node.parameters[0])
    pointer = external_symbol(lowering, name)
    return Value("i64", lowering.out.emit(f"ptrtoint ptr {pointer} to i64"))


def external_symbol(lowering: FunctionLowering, name: str) -> str:
    """`@name` of a symbol that the linker script, an export or the compiler's tables define."""
    for function in lowering.program.functions.values():
        if function.export == name:
            return lowering.unit.function_reference(function.symbol)
    unit = lowering.unit
    return unit.out.declare(name, f"{symbol(name)} = external {unit.hidden}global i8")


class _Template:
    """An assembly template under translation to LLVM's form."""

    def __init__(self, lowering: FunctionLowering, node: n.Intrinsic) -> None:
        template, output, inputs, clobbers = node.parameters
        assert isinstance(inputs, tuple) and isinstance(clobbers, tuple)
        self.text = str(template)
        self.output = str(output)
        self.inputs = [str(name) for name in inputs]
        self.clobbers = [str(name) for name in clobbers]
        self.lowering = lowering
        self.node = node

    def emit(self) -> Value:
        """Emits the assembly and gives its output."""
        constants: dict[str, str] = {}
        operands: list[tuple[str, str]] = []
        for name, argument in zip(self.inputs, self.node.arguments, strict=True):
            spelled = self._constant(argument) if self.lowering.function.naked else None
            if spelled is not None:
                constants[name] = spelled
            else:
                operands.append((name, f"i64 {self._as_word(argument)}"))
        self.lowering.at(self.node.span, may_fault=True)
        numbers = {name: index + bool(self.output) for index, (name, _) in enumerate(operands)}
        if self.output:
            numbers.setdefault(self.output, 0)
        text = _OPERAND.sub(lambda match: _operand(match, numbers, constants), _escape(self.text))
        constraints = [f"={_constraint(self.output)}"] if self.output else []
        constraints.extend(_constraint(name) for name, _ in operands)
        constraints.extend(f"~{{{name}}}" for name in [*self.clobbers, "memory", "cc"])
        body = quote_bytes(text.encode())
        spelled = ", ".join(operand for _, operand in operands)
        call = f'asm sideeffect "{body}", "{",".join(constraints)}"({spelled})'
        if not self.output:
            self.lowering.out.effect(f"call void {call}")
            return VOID
        return Value("i64", self.lowering.out.emit(f"call i64 {call}"))

    def _as_word(self, argument: n.Expr) -> str:
        value = self.lowering.value(argument)
        if value.kind == "i64":
            return value.text
        if value.kind == "ptr":
            return self.lowering.out.emit(f"ptrtoint {value} to i64")
        operation = "sext" if integer_type(argument.type).signed else "zext"
        return self.lowering.out.emit(f"{operation} {value} to i64")

    def _constant(self, argument: n.Expr) -> str | None:
        """The spelling of an operand of a naked function, which has no registers to offer."""
        while isinstance(argument, n.Convert):
            argument = argument.operand
        if isinstance(argument, n.Const):
            return str(int(argument.value or 0))
        if isinstance(argument, n.Intrinsic) and argument.name == "address_of":
            return self._constant(argument.arguments[0])
        if isinstance(argument, n.Intrinsic) and argument.name == "symbol_address":
            external_symbol(self.lowering, str(argument.parameters[0]))
            return str(argument.parameters[0])
        if isinstance(argument, n.FunctionRef):
            function = self.lowering.program.functions[argument.symbol]
            self.lowering.unit.function_reference(argument.symbol)
            name = self.lowering.unit.linkage_name(function)
            self.lowering.unit.out.keep(name)
            return f'"{name}"'
        if isinstance(argument, n.DataRef):
            self.lowering.unit.data_reference(argument.symbol)
            self.lowering.unit.out.keep(argument.symbol)
            return f'"{argument.symbol}"'
        return None


def _escape(template: str) -> str:
    return template.replace("$", "$$")


def _operand(match: re.Match[str], numbers: dict[str, int], constants: dict[str, str]) -> str:
    if match.group(0) in ("{{", "}}"):
        return match.group(0)[0]
    name, modifier = match.group(1), match.group(2)
    if name in constants:
        return constants[name]
    if name not in numbers and not name.isdigit():
        return match.group(0)
    number = numbers.get(name, name)
    return f"${{{number}:{modifier}}}" if modifier else f"${number}"


def _constraint(name: str) -> str:
    match = _REGISTER.fullmatch(name)
    if match is None:
        return "r"
    if match.group(1):
        return f"{{x{match.group(2)}}}"
    return f"{{{name}}}"


def asm(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Inline assembly."""
    value = _Template(lowering, node).emit()
    if value.kind == "void":
        return value
    wanted = lowering.layout.value_type(node.type)
    if wanted in ("i64", "void"):
        return value
    if wanted == "i1":
        return Value("i1", lowering.out.emit(f"trunc i64 {value.text} to i1"))
    return Value(wanted, lowering.out.emit(f"trunc i64 {value.text} to {wanted}"))


def read_system_register(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """One MRS."""
    lowering.at(node.span)
    call = f'call i64 asm sideeffect "mrs $0, {node.parameters[0]}", "=r,~{{memory}}"()'
    return Value("i64", lowering.out.emit(call))


def write_system_register(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """One MSR."""
    value = lowering.text(node.arguments[0])
    lowering.at(node.span)
    template = f'"msr {node.parameters[0]}, $0", "r,~{{memory}}"'
    lowering.out.effect(f"call void asm sideeffect {template}(i64 {value})")
    return VOID


_LOADS = {
    8: "ldrb ${0:w}, [$1]",
    16: "ldrh ${0:w}, [$1]",
    32: "ldr ${0:w}, [$1]",
    64: "ldr $0, [$1]",
}
_STORES = {
    8: "strb ${0:w}, [$1]",
    16: "strh ${0:w}, [$1]",
    32: "str ${0:w}, [$1]",
    64: "str $0, [$1]",
}


def mmio_read(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Exactly one plain load instruction of a device register."""
    address = lowering.text(node.arguments[0])
    lowering.at(node.span, may_fault=True)
    bits = integer_type(node.type).bits
    if not lowering.unit.profile.is_aarch64:
        return _volatile_load(lowering, address, bits)
    kind = "i64" if bits == 64 else "i32"
    call = f'call {kind} asm sideeffect "{_LOADS[bits]}", "=r,r,~{{memory}}"(i64 {address})'
    raw = lowering.out.emit(call)
    if bits < 32:
        raw = lowering.out.emit(f"trunc i32 {raw} to i{bits}")
    return Value(f"i{bits}", raw)


def mmio_write(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Exactly one plain store instruction to a device register."""
    address, value = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span, may_fault=True)
    bits = integer_type(node.arguments[1].type).bits
    if not lowering.unit.profile.is_aarch64:
        return _volatile_store(lowering, address, value, bits)
    kind = "i64" if bits == 64 else "i32"
    if bits < 32:
        value = lowering.out.emit(f"zext i{bits} {value} to i32")
    operands = f"{kind} {value}, i64 {address}"
    lowering.out.effect(
        f'call void asm sideeffect "{_STORES[bits]}", "r,r,~{{memory}}"({operands})'
    )
    return VOID


def volatile_load(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """One volatile load."""
    address = lowering.text(node.arguments[0])
    lowering.at(node.span, may_fault=True)
    return _volatile_load(lowering, address, integer_type(node.type).bits)


def volatile_store(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """One volatile store."""
    address, value = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span, may_fault=True)
    return _volatile_store(lowering, address, value, integer_type(node.arguments[1].type).bits)


def _volatile_load(lowering: FunctionLowering, address: str, bits: int) -> Value:
    pointer = lowering.out.emit(f"inttoptr i64 {address} to ptr")
    text = lowering.out.emit(f"load volatile i{bits}, ptr {pointer}, align {bits // 8}")
    return Value(f"i{bits}", text)


def _volatile_store(lowering: FunctionLowering, address: str, value: str, bits: int) -> Value:
    pointer = lowering.out.emit(f"inttoptr i64 {address} to ptr")
    lowering.out.effect(f"store volatile i{bits} {value}, ptr {pointer}, align {bits // 8}")
    return VOID


def call_at(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Calls code at an address with integers and gives x0."""
    address, *arguments = [lowering.text(argument) for argument in node.arguments]
    lowering.at(node.span)
    pointer = lowering.out.emit(f"inttoptr i64 {address} to ptr")
    spelled = ", ".join(f"i64 {argument}" for argument in arguments)
    return Value("i64", lowering.out.emit(f"call i64 {pointer}({spelled})"))
