"""Messages: an f-string becomes an environment in the frame and a function that writes it.

`FormatStr` is {code, environment}. The code takes the environment and a writer; its literal parts
go to `writer.write`, its fields through the formatting functions of `bare.lib.format`, whose
`spec` is packed: bits 0-15 width, 16-23 precision, 24-31 kind, 32-39 align (ASCII), 40 zero, 41
alternate, 42 comma.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.backend.calls import write_to_writer
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import FORMAT, SPAN, Value
from compiler.backend.text import FunctionWriter, symbol
from compiler.backend.unit import FORMAT_MODULE, UnitWriter
from compiler.ir import nodes as n
from compiler.ir import types as t
from compiler.ir.program import Function
from compiler.ir.spans import Span


def pack_spec(spec: n.FormatSpec) -> int:
    """The number that formatting functions take as `spec`."""
    align = ord(spec.align) if spec.align else 0
    precision = max(spec.precision, 0)
    flags = spec.zero << 40 | spec.alternate << 41 | spec.comma << 42
    return spec.width | precision << 16 | ord(spec.kind or "s") << 24 | align << 32 | flags


@dataclass(slots=True)
class _Formatter:
    """The function under construction that writes one message."""

    lowering: FunctionLowering
    environment: str
    kinds: list[str] = field(default_factory=list)

    @property
    def out(self) -> FunctionWriter:
        """Where the code goes."""
        return self.lowering.out


def lower_make_format(lowering: FunctionLowering, node: n.MakeFormat) -> Value:
    """Evaluates the fields into the environment; a function of its own formats them."""
    fields = [part for part in node.parts if isinstance(part, n.FormatField)]
    values = []
    for part in fields:
        value = lowering.value(part.value)
        values.append(lowering.to_memory(part.value.type, value))
    lowering.at(node.span)
    kinds = [lowering.layout.memory_type(part.value.type) for part in fields]
    environment = "null"
    if fields:
        spelled = f"{{{', '.join(kinds)}}}"
        environment = lowering.out.alloca(spelled, 16, "message")
        for index, value in enumerate(values):
            place = f"getelementptr inbounds {spelled}, ptr {environment}, i32 0, i32 {index}"
            pointer = lowering.out.emit(place)
            lowering.out.effect(f"store {value.kind} {value.text}, ptr {pointer}")
    code = _formatter(lowering, node, kinds)
    return Value(FORMAT, "", (Value("ptr", code), Value("ptr", environment)))


def _formatter(lowering: FunctionLowering, node: n.MakeFormat, kinds: list[str]) -> str:
    lowering.formats += 1
    name = f"{lowering.function.symbol}.$format{lowering.formats}"
    spelled = f"{{{', '.join(kinds)}}}"
    inner = _compiler_made(lowering, name, node.span)
    index = 0
    for part in node.parts:
        if isinstance(part, bytes):
            if part:
                write_to_writer(inner, "%p1", lowering.unit.text_constant(part))
            continue
        place = inner.out.emit(f"getelementptr inbounds {spelled}, ptr %p0, i32 0, i32 {index}")
        loaded = inner.out.emit(f"load {kinds[index]}, ptr {place}")
        _write_field(inner, part, inner.from_memory(part.value.type, loaded))
        index += 1
    return _finish(inner, name)


def _compiler_made(lowering: FunctionLowering, name: str, span: Span) -> FunctionLowering:
    source = lowering.function
    function = Function(
        symbol=name, qualname=f"{source.qualname}.<f-string>", module=source.module,
        path=source.path, span=span, parameters=[], result=t.NONE, fallible=False, raises=(),
        locals={}, slots=[], body=[],
    )  # fmt: skip
    inner = lowering.derived(function)
    inner.scope = lowering.unit.debug.artificial_subprogram(name, source.path, span.line)
    inner.at(span)
    return inner


def _finish(inner: FunctionLowering, name: str) -> str:
    inner.out.terminate("ret void")
    attributes = inner.unit.function_attributes()
    header = (
        f"define internal void {symbol(name)}(ptr %p0, ptr %p1) {attributes} !dbg {inner.scope}"
    )
    return inner.unit.add_helper(name, inner.out.render(header))


def _write_field(inner: FunctionLowering, part: n.FormatField, value: Value) -> None:
    kind, spec = part.value.type, part.spec
    match kind:
        case t.EnumType():
            target = enum_names(inner.unit, kind)
            text = Value(SPAN, inner.out.emit(f"call {SPAN} {target}({value})"))
            _write_text(inner, spec, text)
        case t.BoolType():
            true = inner.unit.text_constant(b"True").removeprefix(f"{SPAN} ")
            false = inner.unit.text_constant(b"False")
            chosen = inner.out.emit(f"select i1 {value.text}, {SPAN} {true}, {false}")
            _write_text(inner, spec, Value(SPAN, chosen))
        case t.FormatType() if not spec.width:
            call_message(inner, value, "%p1")
        case t.FormatType():
            _call_formatter(inner, "format_message", FORMAT, inner.whole(value), spec)
        case t.FloatType():
            wide = value.text
            if kind.bits == 32:
                wide = inner.out.emit(f"fpext {value} to double")
            _call_formatter(inner, "format_float", "double", wide, spec)
        case t.StrType() | t.BytesType():
            _write_text(inner, spec, value)
        case _:
            _write_integer(inner, kind, spec, value)


def _write_integer(inner: FunctionLowering, kind: t.Type, spec: n.FormatSpec, value: Value) -> None:
    base = kind.base if isinstance(kind, t.RegisterType) else kind
    if isinstance(base, t.MmioType):
        base = t.U64
    if not isinstance(base, t.IntType):
        raise inner.bug(f"a value of type {kind} cannot be formatted", inner.function.span)
    wide = value.text
    if base.bits < 64:
        wide = inner.out.emit(f"{'sext' if base.signed else 'zext'} {value} to i64")
    name = "format_signed" if base.signed else "format_unsigned"
    _call_formatter(inner, name, "i64", wide, spec)


def _write_text(inner: FunctionLowering, spec: n.FormatSpec, value: Value) -> None:
    if spec.width:
        _call_formatter(inner, "format_text", SPAN, inner.whole(value), spec)
    else:
        write_to_writer(inner, "%p1", f"{SPAN} {inner.whole(value)}")


def _call_formatter(
    inner: FunctionLowering, name: str, kind: str, text: str, spec: n.FormatSpec
) -> None:
    module = f"{FORMAT_MODULE}_float" if name == "format_float" else FORMAT_MODULE
    symbol_name = f"{module}.{name}"
    if symbol_name not in inner.program.functions:
        raise inner.bug(f"{symbol_name} is not in the program", inner.function.span)
    target = inner.unit.function_reference(symbol_name)
    inner.out.effect(f"call void {target}(ptr %p1, {kind} {text}, i64 {pack_spec(spec)})")


def enum_names(unit: UnitWriter, kind: t.EnumType) -> str:
    """The function of this unit that gives an enum member's name."""
    name = f"{kind.name}.$name"
    found = unit.helper(name)
    if found is not None:
        return found
    out = FunctionWriter()
    members = unit.program.enums[kind.name].members
    spelled = f"i{kind.base.bits}"
    labels: dict[int, tuple[str, str]] = {}
    arms: list[tuple[int, str]] = []
    for member, value in members.items():
        if value not in labels:
            labels[value] = (f"m{len(labels)}", member)
            arms.append((value, labels[value][0]))
    out.switch(f"{spelled} %p0", "other", arms)
    for label, member in labels.values():
        out.start_block(label)
        out.terminate(f"ret {unit.text_constant(member.encode())}")
    out.start_block("other")
    out.terminate(f"ret {unit.text_constant(b'?')}")
    header = f"define internal {SPAN} {symbol(name)}({spelled} %p0) {unit.function_attributes()}"
    return unit.add_helper(name, out.render(header))


def text_message(lowering: FunctionLowering, value: Value) -> Value:
    """A str as a FormatStr: its environment is the {pointer, length}."""
    environment = lowering.out.alloca(SPAN, 8, "message")
    lowering.out.effect(f"store {SPAN} {lowering.whole(value)}, ptr {environment}")
    name = "$format_text"
    code = lowering.unit.helper(name)
    if code is None:
        inner = _compiler_made(lowering, name, lowering.function.span)
        loaded = inner.out.emit(f"load {SPAN}, ptr %p0")
        write_to_writer(inner, "%p1", f"{SPAN} {loaded}")
        code = _finish(inner, name)
    return Value(FORMAT, "", (Value("ptr", code), Value("ptr", environment)))


def call_message(lowering: FunctionLowering, message: Value, writer: str) -> None:
    """Formats a FormatStr into a writer."""
    code = lowering.part(message, 0, "ptr")
    environment = lowering.part(message, 1, "ptr")
    lowering.out.effect(f"call void {code}(ptr {environment}, ptr {writer})")


def runtime_call(lowering: FunctionLowering, name: str, arguments: str) -> bool:
    """Calls a function of the runtime module; False where the program has none of that name."""
    symbol_name = f"{lowering.program.runtime}.{name}"
    if symbol_name not in lowering.program.functions:
        return False
    target = lowering.unit.function_reference(symbol_name)
    lowering.out.effect(f"call void {target}({arguments})")
    return True
