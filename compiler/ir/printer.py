"""The IR as text, for people and golden files: one line a statement, indented by structure.

`print_program` prints everything; `print_function` one function. Spans are left out; types are
shown where they decide the meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.ir import nodes as n
from compiler.ir.program import Data, Function, Program, Struct
from compiler.ir.types import NoneType

INDENT = "    "
SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "floordiv": "//", "mod": "%", "div": "/", "shl": "<<",
    "shr": ">>", "and": "&", "or": "|", "xor": "^", "eq": "==", "ne": "!=", "lt": "<", "le": "<=",
    "gt": ">", "ge": ">=", "is": "is", "is_not": "is not",
}  # fmt: skip
MARKS = {"checked": "", "wrapping": "~", "saturating": "|"}


def print_program(program: Program) -> str:
    """Structs, data and functions, in the program's order."""
    parts = [print_struct(item) for item in program.structs.values()]
    parts += [print_data(item) for item in program.data.values()]
    parts += [print_function(item) for item in program.functions.values()]
    return "\n\n".join(parts) + "\n"


def print_struct(struct: Struct) -> str:
    """A struct: size, fields with their places, vtable."""
    base = f"({struct.base})" if struct.base else ""
    lines = [f"struct {struct.name}{base} size {struct.size} align {struct.align}:"]
    for field in struct.fields.values():
        place = f"at {field.offset}"
        if field.bit_width:
            place += f" bits {field.bit_offset}..{field.bit_offset + field.bit_width - 1}"
        marks = "".join(
            f" {mark}"
            for mark, on in (("embedded", field.embedded), ("big-endian", field.big_endian))
            if on
        )
        default = f" = {field.default!r}" if field.default is not None else ""
        lines.append(f"{INDENT}{field.name}: {field.type} {place}{marks}{default}")
    for slot, (name, symbol) in enumerate(zip(struct.vtable_names, struct.vtable, strict=True)):
        lines.append(f"{INDENT}slot {slot} {name} = {symbol or '-'}")
    return "\n".join(lines)


def print_data(data: Data) -> str:
    """A static object."""
    mark = "static" if data.writable else "data"
    return f"{mark} {data.symbol}: {data.type} = {data.value!r}"


def print_function(function: Function) -> str:
    """A function with its frame and body."""
    parameters = ", ".join(f"{item.name}: {item.type}" for item in function.parameters)
    raises = ""
    if function.fallible:
        raises = f" raises {function.raises}"
    lines = [f"def {function.symbol}({parameters}) -> {function.result}{raises}:"]
    for index, slot in enumerate(function.slots):
        lines.append(f"{INDENT}slot {index}: {slot.type}")
    lines += print_block(function.body, INDENT)
    return "\n".join(lines)


def print_block(body: list[n.Stmt], indent: str) -> list[str]:
    """The lines of a block."""
    if not body:
        return [f"{indent}pass"]
    lines: list[str] = []
    for statement in body:
        lines += _STATEMENTS[statement.__class__](statement, indent)
    return lines


def text(node: n.Expr | None) -> str:
    """An expression on one line."""
    return "" if node is None else str(_EXPRESSIONS[node.__class__](node))


def texts(nodes: list[n.Expr]) -> str:
    """Several expressions."""
    return ", ".join(text(node) for node in nodes)


def fails(node: Any) -> str:
    """The mark of a call that may end with an error."""
    return "?" if node.fallible else ""


# --- expressions -------------------------------------------------------------------------------


def _const(node: n.Const) -> str:
    return f"{node.value}:{node.type}"


def _binary(node: n.Binary) -> str:
    if node.operator in ("min", "max"):
        return f"{node.operator}({text(node.left)}, {text(node.right)})"
    operator = SYMBOLS[node.operator] + MARKS[node.mode]
    return f"({text(node.left)} {operator} {text(node.right)})"


def _unary(node: n.Unary) -> str:
    return f"{node.operator}{MARKS[node.mode]}({text(node.operand)})"


def _compare(node: n.Compare) -> str:
    return f"({text(node.left)} {SYMBOLS[node.operator]} {text(node.right)})"


def _conditional(node: n.Conditional) -> str:
    return f"({text(node.then)} if {text(node.condition)} else {text(node.otherwise)})"


def _get_field(node: n.GetField) -> str:
    return f"{text(node.object)}.{node.field}{'!' if node.check_unset else ''}"


def _index(node: n.Index) -> str:
    return f"{text(node.object)}[{text(node.index)}{'' if node.checked else ' unchecked'}]"


def _virtual(node: n.CallVirtual) -> str:
    name = f"{node.struct}.{node.method}#{node.slot}"
    return f"virtual {name}{fails(node)}({texts(node.arguments)})"


def _construct(node: n.Construct) -> str:
    fields = ", ".join(f"{name}={text(value)}" for name, value in node.fields)
    place = f"slot {node.slot}" if node.slot is not None else text(node.address)
    made = f"new {node.struct}({fields}) at {place}"
    if node.initializer is None:
        return made
    return f"{made} then {node.initializer}{fails(node)}({texts(node.arguments)})"


def _construct_array(node: n.ConstructArray) -> str:
    if node.slot is not None:
        return f"new {node.type} at slot {node.slot}"
    return f"new {node.type} at {text(node.address)} length {text(node.length)}"


def _allocate(node: n.Allocate) -> str:
    count = f"{node.length} = {text(node.count)}, " if node.count is not None else ""
    return f"allocate({count}{node.address} = {text(node.request)}, {text(node.construct)})"


def _format(node: n.MakeFormat) -> str:
    parts: list[str] = []
    for part in node.parts:
        if isinstance(part, bytes):
            parts.append(repr(part)[1:])
        else:
            spec = part.spec
            words = [f"{spec.align}{'0' if spec.zero else ''}{spec.width or ''}", spec.kind]
            parts.append(f"{{{text(part.value)}:{''.join(words)}}}")
    return f"format({' '.join(parts)})"


def _intrinsic(node: n.Intrinsic) -> str:
    static = f"<{', '.join(map(repr, node.parameters))}>" if node.parameters else ""
    result = "" if isinstance(node.type, NoneType) else f":{node.type}"
    return f"{node.name}{static}({texts(node.arguments)}){result}"


_EXPRESSIONS: dict[type, Callable[[Any], str]] = {
    n.Const: _const,
    n.Text: lambda node: f"{node.value!r}:{node.type}",
    n.DataRef: lambda node: f"&{node.symbol}",
    n.FunctionRef: lambda node: f"&{node.symbol}",
    n.Local: lambda node: node.name,
    n.Bind: lambda node: f"({node.name} := {text(node.value)})",
    n.Binary: _binary,
    n.Unary: _unary,
    n.Compare: _compare,
    n.Logical: lambda node: f"({text(node.left)} {node.operator} {text(node.right)})",
    n.Conditional: _conditional,
    n.Convert: lambda node: f"{node.kind}<{node.type}>({text(node.operand)})",
    n.GetField: _get_field,
    n.Index: _index,
    n.Slice: lambda node: f"{text(node.object)}[{text(node.start)}:{text(node.stop)}]",
    n.Length: lambda node: f"len({text(node.object)})",
    n.Call: lambda node: f"{node.symbol}{fails(node)}({texts(node.arguments)})",
    n.CallVirtual: _virtual,
    n.CallIndirect: lambda node: f"({text(node.callee)}){fails(node)}({texts(node.arguments)})",
    n.Construct: _construct,
    n.ConstructArray: _construct_array,
    n.Allocate: _allocate,
    n.MakeTuple: lambda node: f"({texts(node.items)})",
    n.TupleItem: lambda node: f"{text(node.tuple)}.{node.index}",
    n.MakeFormat: _format,
    n.IsInstance: lambda node: f"isinstance({text(node.object)}, {node.struct})",
    n.Intrinsic: _intrinsic,
}


# --- statements --------------------------------------------------------------------------------


def _branches(head: str, parts: list[tuple[str, list[n.Stmt] | None]], indent: str) -> list[str]:
    """A compound statement: its head, then named blocks; empty ones after the first are left
    out.
    """
    lines: list[str] = []
    for index, (word, block) in enumerate(parts):
        if index and not block:
            continue
        lines.append(f"{indent}{head if not index else word}:")
        lines += print_block(block or [], indent + INDENT)
    return lines


def _if(node: n.If, indent: str) -> list[str]:
    parts: list[tuple[str, list[n.Stmt] | None]] = [("", node.then), ("else", node.otherwise)]
    return _branches(f"if {text(node.condition)}", parts, indent)


def _loop(node: n.Loop, indent: str) -> list[str]:
    parts: list[tuple[str, list[n.Stmt] | None]] = [
        ("", node.body), ("step", node.step), ("else", node.otherwise),
    ]  # fmt: skip
    return _branches(f"while {text(node.condition)}", parts, indent)


def _for_range(node: n.ForRange, indent: str) -> list[str]:
    head = f"for {node.name}: {node.type} in {text(node.start)}..{text(node.stop)} by {node.step}"
    return _branches(head, [("", node.body), ("else", node.otherwise)], indent)


def _switch(node: n.Switch, indent: str) -> list[str]:
    lines = [f"{indent}switch {text(node.subject)}:"]
    for case in node.cases:
        lines.append(f"{indent}{INDENT}case {', '.join(map(str, case.values))}:")
        lines += print_block(case.body, indent + 2 * INDENT)
    if node.default is not None:
        lines.append(f"{indent}{INDENT}default:")
        lines += print_block(node.default, indent + 2 * INDENT)
    return lines


def _try(node: n.Try, indent: str) -> list[str]:
    parts: list[tuple[str, list[n.Stmt] | None]] = [
        ("", node.body), (f"except {node.error}", node.handler), ("else", node.otherwise),
        ("finally", node.final),
    ]  # fmt: skip
    return _branches("try", parts, indent)


def _line(spelled: Callable[[Any], str]) -> Callable[[Any, str], list[str]]:
    def lines(node: Any, indent: str) -> list[str]:
        return [indent + spelled(node).rstrip()]

    return lines


def _set_index(node: n.SetIndex) -> str:
    mark = "" if node.checked else " unchecked"
    return f"{text(node.object)}[{text(node.index)}{mark}] = {text(node.value)}"


_STATEMENTS: dict[type, Callable[[Any, str], list[str]]] = {
    n.Evaluate: _line(lambda node: text(node.value)),
    n.Assign: _line(lambda node: f"{node.name} = {text(node.value)}"),
    n.SetField: _line(lambda node: f"{text(node.object)}.{node.field} = {text(node.value)}"),
    n.SetIndex: _line(_set_index),
    n.If: _if,
    n.Loop: _loop,
    n.ForRange: _for_range,
    n.Switch: _switch,
    n.Break: _line(lambda node: "break"),
    n.Continue: _line(lambda node: "continue"),
    n.Return: _line(lambda node: f"return {text(node.value)}"),
    n.Raise: _line(lambda node: f"raise {text(node.code)}"),
    n.Try: _try,
    n.Trap: _line(lambda node: f"trap {node.kind} {text(node.message)}"),
}
