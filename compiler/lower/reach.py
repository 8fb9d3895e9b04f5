"""What a program needs: the functions, data, structs and enums reachable from its roots."""

from __future__ import annotations

from typing import Any

from compiler.frontend.front_end import FrontEnd
from compiler.frontend.structs import StructInfo
from compiler.ir import nodes as n
from compiler.ir.program import (
    Data,
    DataFunction,
    DataReference,
    DataSequence,
    DataStruct,
    Function,
)
from compiler.ir.types import (
    ArrayType,
    CallableType,
    EnumType,
    FloatType,
    NullableType,
    PointerType,
    SpanType,
    StructType,
    TableType,
    TupleType,
    Type,
)
from compiler.lower.walk import walk

WRITER = "bare.lib.writer.Writer"
FORMATTERS = "bare.lib.format.format_"


class Reach:
    """Collects what is reachable."""

    def __init__(self, front_end: FrontEnd) -> None:
        self.front_end = front_end
        self.functions: dict[str, Function] = {}
        self.data: dict[str, Data] = {}
        self.structs: dict[str, StructInfo] = {}
        self.enums: dict[str, EnumType] = {}
        self.constructed: dict[str, StructInfo] = {}
        self.called: dict[tuple[str, str], None] = {}
        self._types: set[Type] = set()
        self._pending: list[str] = []
        self._formatters = [
            symbol for symbol in sorted(front_end.functions) if symbol.startswith(FORMATTERS)
        ]

    def run(self, roots: list[str]) -> None:
        """Collects everything behind `roots`."""
        for symbol in roots:
            self.function(symbol)
        while self._pending:
            self._scan(self.front_end.functions[self._pending.pop()])

    def function(self, symbol: str) -> None:
        """Marks a function."""
        if symbol not in self.functions and symbol in self.front_end.functions:
            self.functions[symbol] = self.front_end.functions[symbol]
            self._pending.append(symbol)

    def _scan(self, function: Function) -> None:
        for type in function.locals.values():
            self.type(type)
        self.type(function.result)
        for node in walk(function.body):
            rule = _RULES.get(node.__class__)
            if rule is not None:
                rule(self, node)
            if isinstance(node, n.Expr):
                self.type(node.type)

    # --- marks ---

    def type(self, type: Type) -> None:
        """Marks the structs and enums that a type names."""
        if type in self._types:
            return
        self._types.add(type)
        if isinstance(type, StructType):
            self.struct(self.front_end.structs.info(type))
        elif isinstance(type, EnumType):
            self.enums[type.name] = type
        elif isinstance(type, ArrayType | SpanType | TableType | PointerType):
            self.type(type.element)
        elif isinstance(type, NullableType):
            self.type(type.inner)
        elif isinstance(type, TupleType):
            for item in type.items:
                self.type(item)
        elif isinstance(type, CallableType):
            for item in (*type.parameters, type.result):
                self.type(item)

    def struct(self, info: StructInfo) -> None:
        """Marks a struct, its bases and the types of its fields."""
        if info.name in self.structs:
            return
        self.structs[info.name] = info
        if info.base is not None:
            self.struct(info.base)
        for field in info.fields.values():
            self.type(field.type)

    def construct(self, info: StructInfo) -> None:
        """Marks a struct as made: its vtable is needed, and so are those of what it embeds."""
        if info.name in self.constructed:
            return
        self.struct(info)
        self.constructed[info.name] = info
        for key in list(self.called):
            self._fill(info, key)
        for field in info.fields.values():
            if field.embedded:
                self.embedded(field.type)

    def embedded(self, type: Type) -> None:
        """Marks what an embedded field makes."""
        while isinstance(type, ArrayType):
            type = type.element
        if isinstance(type, StructType):
            self.construct(self.front_end.structs.info(type))

    def virtual(self, struct: str, method: str) -> None:
        """Marks a slot as called."""
        key = (struct, method)
        if key not in self.called:
            self.called[key] = None
            self.struct(self.front_end.structs.info(struct))
            for info in list(self.constructed.values()):
                self._fill(info, key)

    def _fill(self, info: StructInfo, key: tuple[str, str]) -> None:
        if info.derives(key[0]):
            found = info.find_method(key[1])
            if found is not None and not found[1].is_abstract:
                self.function(f"{found[0].name}.{key[1]}")

    def datum(self, symbol: str) -> None:
        """Marks static data and what it refers to."""
        if symbol not in self.data:
            data = self.front_end.constants.data[symbol]
            self.data[symbol] = data
            self.type(data.type)
            if isinstance(data.type, ArrayType):
                if not data.by_reference:
                    self.embedded(data.type)
            else:
                self.embedded(data.type)
            self.data_value(data.value)

    def data_value(self, value: Any) -> None:
        """Marks what a value in static data refers to."""
        if isinstance(value, DataFunction):
            self.function(value.symbol)
        elif isinstance(value, DataReference):
            self.datum(value.symbol)
        elif isinstance(value, DataStruct):
            self.construct(self.front_end.structs.info(value.struct))
            for item in value.fields.values():
                self.data_value(item)
        elif isinstance(value, DataSequence):
            for item in value.items:
                self.data_value(item)

    def formatting(self, value: n.Expr) -> None:
        """Marks what writes a field."""
        if isinstance(value.type, FloatType):
            self.function("bare.lib.format_float.format_float")
        for symbol in self._formatters:
            self.function(symbol)
        self.virtual(WRITER, "write")


def _call(reach: Reach, node: n.Call) -> None:
    reach.function(node.symbol)


def _call_virtual(reach: Reach, node: n.CallVirtual) -> None:
    reach.virtual(node.struct, node.method)


def _construct(reach: Reach, node: n.Construct) -> None:
    reach.construct(reach.front_end.structs.info(node.struct))
    if node.initializer is not None:
        reach.function(node.initializer)


def _construct_array(reach: Reach, node: n.ConstructArray) -> None:
    if isinstance(node.type, ArrayType | SpanType):
        reach.embedded(node.type.element)


def _data(reach: Reach, node: n.DataRef) -> None:
    reach.datum(node.symbol)


def _format(reach: Reach, node: n.MakeFormat) -> None:
    for part in node.parts:
        if isinstance(part, n.FormatField):
            reach.formatting(part.value)
    reach.virtual(WRITER, "write")


def _convert(reach: Reach, node: n.Convert) -> None:
    if node.kind == "str_to_format":
        reach.formatting(node.operand)


def _is_instance(reach: Reach, node: n.IsInstance) -> None:
    reach.struct(reach.front_end.structs.info(node.struct))


_RULES: dict[type, Any] = {
    n.Call: _call,
    n.FunctionRef: _call,
    n.CallVirtual: _call_virtual,
    n.Construct: _construct,
    n.ConstructArray: _construct_array,
    n.DataRef: _data,
    n.MakeFormat: _format,
    n.Convert: _convert,
    n.IsInstance: _is_instance,
}
