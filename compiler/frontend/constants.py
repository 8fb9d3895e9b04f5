"""Module-level constants as IR: scalars inline, tuples and struct instances as static data.

A constant's value is the description that `importer.py` made. Data is made when a reachable
function first uses it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from compiler.frontend.conversions import adapt_constant, convert
from compiler.frontend.diagnostics import RefusedError
from compiler.frontend.source import span_of
from compiler.frontend.structs import FieldInfo, StructInfo
from compiler.frontend.symbols import ConstantEntity
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT, UNTYPED_NONE
from compiler.ir.nodes import Const, DataRef, Expr, FunctionRef, Text
from compiler.ir.program import (
    Data,
    DataFunction,
    DataReference,
    DataSequence,
    DataStruct,
    DataValue,
)
from compiler.ir.spans import Span
from compiler.ir.types import (
    BOOL,
    BYTES,
    F64,
    I64,
    NONE,
    STR,
    U64,
    ArrayType,
    BoolType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    IntType,
    NullableType,
    StrType,
    StructType,
    TableType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from compiler.frontend.checker import FunctionChecker
    from compiler.frontend.front_end import FrontEnd

Value = tuple[Any, ...]


class Constants:
    """Makes expressions and static data of constants."""

    def __init__(self, front_end: FrontEnd) -> None:
        self.front_end = front_end
        self.data: dict[str, Data] = {}
        self._types: dict[tuple[str, str], Type | None] = {}

    def add(self, data: Data) -> None:
        """Records a static object."""
        self.data.setdefault(data.symbol, data)

    def is_writable(self, symbol: str) -> bool:
        """Whether static data may be stored into."""
        return symbol in self.data and self.data[symbol].writable

    def value(self, c: FunctionChecker, entity: ConstantEntity, node: ast.expr) -> Expr:
        """A module-level constant as an expression."""
        if entity.value[0] == "other":
            raise c.refused("E0005", node, f"{entity.name} is {entity.value[1]}, not a constant")
        declared = self.declared_type(entity)
        described = entity.value
        if described[0] in ("tuple", "struct"):
            return self._static(c, entity, declared, node)
        made = self.plain(c, described, node)
        if declared is None or declared == NONE:
            return made
        return c.coerce(made, declared, node)

    def declared_type(self, entity: ConstantEntity) -> Type | None:
        """The type of the annotation, if there is one that says something."""
        if entity.annotation is None:
            return None
        key = (entity.module.name, entity.name)
        if key not in self._types:
            text = ast.unparse(entity.annotation)
            if text in ("Final", "ClassVar", "int", "float"):
                self._types[key] = None
            else:
                self._types[key] = self.front_end.annotations.resolve(
                    entity.module, entity.annotation, {}
                )
        return self._types[key]

    def plain(self, c: FunctionChecker, described: Value, node: ast.expr | ast.stmt) -> Expr:
        """A described value that needs no name of its own."""
        span, kind = span_of(node), described[0]
        if kind == "int":
            return Const(UNTYPED_INT, span, described[1])
        if kind == "float":
            return Const(UNTYPED_FLOAT, span, described[1])
        if kind == "bool":
            return Const(BOOL, span, described[1])
        if kind == "none":
            return Const(UNTYPED_NONE, span, None)
        if kind == "str":
            return Text(STR, span, described[1].encode("utf-8", "surrogateescape"))
        if kind == "bytes":
            return Text(BYTES, span, described[1])
        if kind == "enum":
            return self._enum(c, described, node)
        if kind == "function":
            return self._function(c, described, node)
        if kind == "struct_of":
            return self._owned(c, described, node)
        raise c.refused("E0005", node, f"this is {described_text(described)}, not a constant")

    def _owned(self, c: FunctionChecker, described: Value, node: ast.expr | ast.stmt) -> Expr:
        """A struct instance that a module binds to a name."""
        entity = c.scopes.scopes.get(described[1], {}).get(described[2])
        if not isinstance(entity, ConstantEntity):
            raise c.refused("E0005", node, "this object has no module-level name")
        return self._static(c, entity, self.declared_type(entity), node)

    def _enum(self, c: FunctionChecker, described: Value, node: ast.expr | ast.stmt) -> Expr:
        entity = c.scopes.find_class(described[1])
        if entity is None:
            raise c.refused("E0005", node, f"{described[1]} is not an enum of Bare Python")
        type = self.front_end.annotations.class_type(entity)
        return Const(type, span_of(node), described[3])

    def _function(self, c: FunctionChecker, described: Value, node: ast.expr | ast.stmt) -> Expr:
        signature = self.front_end.find_signature(described[1], described[2])
        if signature is None:
            raise c.refused("E0005", node, f"{described[2]} is not a function of Bare Python")
        self.front_end.request(signature)
        return FunctionRef(signature.callable_type, span_of(node), signature.symbol)

    def _static(
        self,
        c: FunctionChecker,
        entity: ConstantEntity,
        declared: Type | None,
        node: ast.expr | ast.stmt,
    ) -> Expr:
        """A tuple or struct constant, as a reference to static data."""
        symbol = f"{entity.module.name}.{entity.name}"
        span = span_of(node)
        if entity.value[0] == "struct":
            type: Type = self._struct_type(entity, declared)
            builder = DataBuilder(self, entity)
            builder.struct_symbol(entity.value[1])
            return DataRef(type, span, self._object_symbol(entity))
        table = declared or infer_tuple(self.front_end, entity, entity.value)
        if isinstance(table, TupleType):
            raise c.refused(
                "E0005", node, f"{entity.name} is a tuple of unlike items",
                "annotate it `tuple[T, ...]`, or make it a struct",
            )  # fmt: skip
        if not isinstance(table, TableType):
            raise c.refused("E0301", node, f"{entity.name} is a tuple, not {table}")
        if symbol not in self.data:
            builder = DataBuilder(self, entity)
            builder.table(symbol, table, entity.value)
        return DataRef(table, span, symbol)

    def _struct_type(self, entity: ConstantEntity, declared: Type | None) -> Type:
        if isinstance(declared, StructType):
            return declared
        facts = self.front_end.compile_time.facts[entity.module.name]
        found = self.front_end.scopes.find_class(facts["objects"][entity.value[1]][0])
        if found is None or found.type_variables:
            self.front_end.diagnostics.report(
                "E0005", entity.module.path, entity.span,
                f"{entity.name} is not an instance of a struct of the program",
            )  # fmt: skip
            raise RefusedError
        return self.front_end.annotations.class_type(found)

    def _object_symbol(self, entity: ConstantEntity) -> str:
        return f"{entity.module.name}.$object{entity.value[1]}"


class DataBuilder:
    """Builds the static data behind one constant; errors are reported at the constant."""

    def __init__(self, constants: Constants, entity: ConstantEntity) -> None:
        self.constants = constants
        self.front_end = constants.front_end
        self.entity = entity
        self.module = entity.module

    def refused(self, message: str) -> RefusedError:
        """Records an error at the constant."""
        self.front_end.diagnostics.report(
            "E0005", self.module.path, self.entity.span, f"{self.entity.name}: {message}"
        )
        return RefusedError()

    def table(self, symbol: str, type: TableType, described: Value) -> None:
        """Static data of a tuple constant."""
        by_reference = isinstance(type.element, StructType)
        data = Data(
            symbol, ArrayType(type.element, len(described[1])), None, by_reference=by_reference
        )
        self.constants.data[symbol] = data
        items = [
            self.item(type.element, item, f"{symbol}.{index}")
            for index, item in enumerate(described[1])
        ]
        data.value = DataSequence(items)

    def item(self, type: Type, described: Value, symbol: str) -> DataValue:
        """A value of `type` inside data; `symbol` names what it refers to, if it has no name
        yet.
        """
        kind = described[0]
        if isinstance(type, NullableType):
            return None if kind == "none" else self.item(type.inner, described, symbol)
        if isinstance(type, IntType) and kind in ("int", "enum"):
            return self.number(type, int(described[-1]))
        if isinstance(type, BoolType) and kind == "bool":
            return int(described[1])
        if isinstance(type, FloatType) and kind in ("float", "int"):
            made = adapt_constant(Const(UNTYPED_FLOAT, Span(1, 0, 1, 0), float(described[1])), type)
            return float(made.value or 0.0) if made else 0.0
        if isinstance(type, EnumType) and kind == "enum" and described[1] == type.name:
            return int(described[3])
        if isinstance(type, StrType) and kind == "str":
            return str(described[1]).encode("utf-8", "surrogateescape")
        if isinstance(type, BytesType) and kind == "bytes":
            return bytes(described[1])
        return self.compound(type, described, symbol)

    def compound(self, type: Type, described: Value, symbol: str) -> DataValue:
        """A tuple, struct or function inside data."""
        kind = described[0]
        if isinstance(type, StructType) and kind in ("struct", "struct_of"):
            return self.reference(type, described)
        if isinstance(type, TableType) and kind == "tuple":
            if symbol not in self.constants.data:
                self.table(symbol, type, described)
            return DataReference(symbol)
        if isinstance(type, TupleType) and kind == "tuple":
            if len(type.items) != len(described[1]):
                raise self.refused(f"expected {len(type.items)} items, got {len(described[1])}")
            pairs = zip(type.items, described[1], strict=True)
            return DataSequence(
                [self.item(t, item, f"{symbol}.{n}") for n, (t, item) in enumerate(pairs)]
            )
        if isinstance(type, CallableType) and kind == "function":
            return self.function(type, described)
        raise self.refused(f"expected {type}, got {described_text(described)}")

    def number(self, type: IntType, value: int) -> int:
        """An integer that fits."""
        if not type.holds(value):
            raise self.refused(f"constant {value} does not fit {type}")
        return value

    def function(self, type: CallableType, described: Value) -> DataFunction:
        """A function of the wanted type."""
        signature = self.front_end.find_signature(described[1], described[2])
        if signature is None:
            raise self.refused(f"{described[2]} is not a function of Bare Python")
        actual = FunctionRef(signature.callable_type, Span(1, 0, 1, 0), signature.symbol)
        converted = convert(self.front_end.structs, actual, type)
        if converted is None:
            raise self.refused(f"{described[2]} is {signature.callable_type}, not {type}")
        self.front_end.request(signature)
        if converted is not actual:
            return DataFunction(signature.symbol, as_fallible=True)
        return DataFunction(signature.symbol)

    def reference(self, type: StructType, described: Value) -> DataReference:
        """A reference to a struct instance; its class has to derive the wanted one."""
        if described[0] == "struct_of":
            owner = self.front_end.scopes.scopes.get(described[1], {}).get(described[2])
            if not isinstance(owner, ConstantEntity):
                raise self.refused("an object without a module-level name")
            builder = DataBuilder(self.constants, owner)
            symbol, info = builder.struct_symbol(owner.value[1])
        else:
            symbol, info = self.struct_symbol(described[1])
        if not info.derives(type.name):
            raise self.refused(f"expected {type}, got {info.name}")
        return DataReference(symbol)

    def struct_symbol(self, number: int) -> tuple[str, StructInfo]:
        """Symbol and struct of instance `number` of the module, its data made."""
        symbol = f"{self.module.name}.$object{number}"
        facts = self.front_end.compile_time.facts[self.module.name]
        class_name, fields = facts["objects"][number]
        found = self.front_end.scopes.find_class(class_name)
        if found is None or found.kind != "struct":
            raise self.refused(f"{class_name} is not a struct of the program")
        declared = self.constants.declared_type(self.entity)
        type = (
            self.front_end.annotations.class_type(found) if not found.type_variables else declared
        )
        if not isinstance(type, StructType):
            raise self.refused(f"{class_name} needs type arguments: annotate the constant")
        info = self.front_end.structs.info(type)
        if symbol not in self.constants.data:
            self.constants.data[symbol] = Data(symbol, type, None)
            self.front_end.construct(info)
            self.constants.data[symbol].value = self.contents(info, dict(fields), symbol)
        return symbol, info

    def contents(self, info: StructInfo, given: dict[str, Value], symbol: str) -> DataStruct:
        """The field values of an instance."""
        values: dict[str, DataValue] = {}
        for field in info.fields.values():
            described = given.get(field.name)
            if described is None:
                continue
            values[field.name] = self.field(field, described, f"{symbol}.{field.name}")
        return DataStruct(info.name, values)

    def field(self, field: FieldInfo, described: Value, symbol: str) -> DataValue:
        """One field's value: embedded ones are contents, others references."""
        if field.embedded and isinstance(field.type, StructType):
            if described[0] == "struct":
                facts = self.front_end.compile_time.facts[self.module.name]
                inner = dict(facts["objects"][described[1]][1])
                return self.contents(self.front_end.structs.info(field.type), inner, symbol)
            return DataStruct(field.type.name, {})
        if field.embedded and isinstance(field.type, ArrayType):
            return self.embedded_array(field.type, described, symbol)
        return self.item(field.type, described, symbol)

    def embedded_array(self, type: ArrayType, described: Value, symbol: str) -> DataValue:
        """The elements of an embedded array; structs and untouched ones are zero."""
        items = described[2] if described[0] == "array" and len(described) > 2 else ()
        if isinstance(type.element, StructType | NullableType) or not any(
            item[-1] for item in items
        ):
            return DataSequence([])
        return DataSequence(
            [self.item(type.element, item, f"{symbol}.{n}") for n, item in enumerate(items)]
        )


def infer_tuple(front_end: FrontEnd, entity: ConstantEntity, described: Value) -> Type:
    """The type of a tuple constant without annotation."""
    types = {item_type(front_end, entity, item) for item in described[1]}
    if len(types) == 1:
        only = types.pop()
        if only is not None:
            return TableType(only)
    return TupleType(())


def item_type(front_end: FrontEnd, entity: ConstantEntity, described: Value) -> Type | None:
    """The type of an item without annotation."""
    simple: dict[str, Type] = {"int": I64, "float": F64, "bool": BOOL, "str": STR, "bytes": BYTES}
    kind = described[0]
    if kind == "int" and not I64.holds(described[1]):
        return U64
    if kind in simple:
        return simple[kind]
    if kind == "enum":
        found = front_end.scopes.find_class(described[1])
        return front_end.annotations.class_type(found) if found else None
    if kind == "tuple":
        inner = infer_tuple(front_end, entity, described)
        return inner if isinstance(inner, TableType) else None
    if kind == "function":
        signature = front_end.find_signature(described[1], described[2])
        return signature.callable_type if signature else None
    if kind in ("struct", "struct_of"):
        module = entity.module.name if kind == "struct" else described[1]
        facts = front_end.compile_time.facts[module]
        number = described[1]
        if kind == "struct_of":
            number = facts["names"][described[2]][1]
        found = front_end.scopes.find_class(facts["objects"][number][0])
        return front_end.annotations.class_type(found) if found else None
    return None


def described_text(described: Value) -> str:
    """A description in words."""
    words = {
        "int": "an integer", "float": "a float", "bool": "a bool", "str": "a str", "bytes": "bytes",
        "none": "None", "tuple": "a tuple", "struct": "a struct", "struct_of": "a struct",
        "function": "a function", "class": "a class", "module": "a module",
        "enum": "an enum member",
    }  # fmt: skip
    return words.get(described[0], str(described[-1]))
