"""Annotations: from the syntax of a type to an IR type."""

from __future__ import annotations

import ast
import re

from compiler.frontend.diagnostics import Diagnostics, RefusedError
from compiler.frontend.loader import Module
from compiler.frontend.scopes import Scopes
from compiler.frontend.source import span_of
from compiler.frontend.symbols import (
    AliasEntity,
    ClassEntity,
    ConstantEntity,
    Entity,
    ForeignEntity,
    TypeVariableEntity,
    VocabularyEntity,
)
from compiler.frontend.syntax import is_ellipsis, is_none
from compiler.frontend.vocabulary import ATOMICS, SIMPLE_TYPES
from compiler.ir.types import (
    NONE,
    ArrayType,
    CallableType,
    EnumType,
    IntType,
    MmioType,
    NullableType,
    PointerType,
    RegisterType,
    SpanType,
    StructType,
    TableType,
    TupleType,
    Type,
)

Environment = dict[TypeVariableEntity, Type]
QUALIFIED = re.compile(r"(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*")
CURES = {
    **dict.fromkeys(("Iterator", "Iterable", "Generator"), "write a class with `next_item`"),
    **dict.fromkeys(("list", "Sequence", "MutableSequence"), "use `Span[T]` or `Vec[T]`"),
    **dict.fromkeys(("dict", "Mapping"), "use `Map[K, V]` from `bare.lib`"),
    **dict.fromkeys(("set", "frozenset"), "use a constant tuple, or `Map[K, V]`"),
}
"""What to write instead of a type of Python."""
UNSIZED = -1
"""Length of an `ArrayType` whose annotation does not say it; `array(n)` or a field's default
does.
"""


class Annotations:
    """Resolves annotations; remembers which struct types they named."""

    def __init__(self, scopes: Scopes, diagnostics: Diagnostics) -> None:
        self.scopes = scopes
        self.diagnostics = diagnostics
        self.instances: dict[str, tuple[ClassEntity, tuple[Type, ...]]] = {}
        """Struct name to its class and type arguments."""
        self.classes: dict[str, ClassEntity] = {}
        """Enum, register and block classes by qualified name."""

    def resolve(
        self,
        module: Module,
        node: ast.expr,
        environment: Environment,
        self_type: Type | None = None,
    ) -> Type:
        """The type that `node` spells; raises RefusedError after a diagnostic."""
        return Resolver(self, module, environment, self_type).resolve(node)

    def shorten(self, message: str) -> str:
        """A message with the plain names of the program's classes in place of qualified ones."""
        return QUALIFIED.sub(self._plain_name, message)

    def _plain_name(self, match: re.Match[str]) -> str:
        name = match.group(0)
        known = name in self.instances or name in self.classes or self.scopes.find_class(name)
        return name.rpartition(".")[2] if known else name

    def class_type(self, entity: ClassEntity, arguments: tuple[Type, ...] = ()) -> Type:
        """The type of a class with its type arguments."""
        if entity.kind == "struct":
            name = entity.qualified
            if arguments:
                name += f"[{', '.join(map(str, arguments))}]"
            self.instances.setdefault(name, (entity, arguments))
            return StructType(name)
        self.classes[entity.qualified] = entity
        if entity.kind == "enum":
            return EnumType(entity.qualified, enum_base(entity))
        if entity.kind == "register":
            width = entity.facts["register"]["width"]
            return RegisterType(entity.qualified, IntType(width, signed=False))
        return MmioType(entity.qualified)


def enum_base(entity: ClassEntity) -> IntType:
    """The integer that stores an enum."""
    for name, bits in (("Enum8", 8), ("Enum16", 16), ("Enum32", 32)):
        if f"bare.enums.{name}" in entity.facts.get("bases", ()):
            return IntType(bits, signed=False)
    return IntType(32, signed=False)


class Resolver:
    """Resolves one annotation in one module."""

    def __init__(
        self,
        annotations: Annotations,
        module: Module,
        environment: Environment,
        self_type: Type | None,
    ) -> None:
        self.annotations = annotations
        self.module = module
        self.environment = environment
        self.self_type = self_type

    def resolve(self, node: ast.expr) -> Type:
        """The type of any type expression."""
        if isinstance(node, ast.Constant):
            if node.value is None:
                return NONE
            if isinstance(node.value, str):
                return self._resolve_text(node)
        if isinstance(node, ast.Name | ast.Attribute):
            entity = self.annotations.scopes.resolve_dotted(self.module, node)
            return self._entity_type(entity, node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union(node)
        raise self.refused("E0313", node, "this is not a type")

    def _resolve_text(self, node: ast.Constant) -> Type:
        try:
            inner = ast.parse(str(node.value), mode="eval").body
        except SyntaxError:
            raise self.refused("E0313", node, f"{node.value!r} is not a type") from None
        for child in ast.walk(inner):
            ast.copy_location(child, node)
        return self.resolve(inner)

    def _union(self, node: ast.BinOp) -> Type:
        left, right = node.left, node.right
        if is_none(left):
            left, right = right, left
        if not is_none(right):
            raise self.refused(
                "E0313", node, "a union is `T | None`", "use one type, or a base class"
            )
        return self.nullable(self.resolve(left), node)

    def nullable(self, inner: Type, node: ast.expr) -> Type:
        """`inner | None`."""
        if isinstance(inner, NullableType):
            return inner
        if inner == NONE or isinstance(inner, TupleType):
            raise self.refused("E0313", node, f"`{inner} | None` is not a type")
        return NullableType(inner)

    def _entity_type(self, entity: Entity | None, node: ast.expr) -> Type:
        if isinstance(entity, VocabularyEntity):
            return self._word(entity, node)
        if isinstance(entity, ClassEntity):
            return self._class(entity, node)
        if isinstance(entity, AliasEntity):
            resolver = Resolver(self.annotations, entity.module, self.environment, self.self_type)
            return resolver.resolve(entity.node)
        if isinstance(entity, TypeVariableEntity):
            if entity in self.environment:
                return self.environment[entity]
            raise self.refused("E0804", node, f"type variable {entity.name} has no value here")
        if isinstance(entity, ForeignEntity):
            raise self.refused(
                "E0004",
                node,
                f"{ast.unparse(node)} comes from {entity.origin}, which is not Bare Python",
            )
        if isinstance(entity, ConstantEntity):
            raise self.refused("E0313", node, f"{ast.unparse(node)} is a constant, not a type")
        if entity is None:
            raise self.refused("E0201", node, f"unknown name {ast.unparse(node)!r}")
        raise self.refused("E0313", node, f"{ast.unparse(node)} is not a type")

    def _word(self, entity: VocabularyEntity, node: ast.expr) -> Type:
        simple = SIMPLE_TYPES.get(entity.key)
        if simple is not None:
            return simple
        if entity.key in ATOMICS:
            return StructType(f"bare.{entity.key}")
        if entity.key in ("int", "float"):
            raise self.refused("E0302", node, f"`{entity.key}` is not a type of Bare Python")
        if entity.key == "Self" and self.self_type is not None:
            return self.self_type
        if entity.key in ("Span", "Array", "Callable", "tuple", "unsafe.Pointer", "Fallible"):
            raise self.refused(
                "E0804", node, f"{entity.name} needs type arguments", f"write `{entity.name}[...]`"
            )
        raise self.refused("E0313", node, f"{entity.name} is not a type of Bare Python")

    def _class(self, entity: ClassEntity, node: ast.expr) -> Type:
        if entity.type_variables:
            own = tuple(self.environment.get(item) for item in entity.type_variables)
            if self.self_type is not None and all(own) and self._is_self(entity):
                return self.self_type
            raise self.refused(
                "E0804", node, f"{entity.name} needs type arguments",
                f"write `{entity.name}[...]`",
            )  # fmt: skip
        return self.annotations.class_type(entity)

    def _is_self(self, entity: ClassEntity) -> bool:
        name = str(self.self_type)
        return name.split("[")[0] == entity.qualified

    def _subscript(self, node: ast.Subscript) -> Type:
        entity = self.annotations.scopes.resolve_dotted(self.module, node.value)
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if isinstance(entity, ClassEntity):
            return self._generic_class(entity, arguments, node)
        if not isinstance(entity, VocabularyEntity):
            if isinstance(entity, AliasEntity):
                raise self.refused("E0313", node, f"{entity.name} takes no type arguments")
            return self._entity_type(entity, node.value)
        return self._generic_word(entity, arguments, node)

    def _generic_class(
        self, entity: ClassEntity, arguments: list[ast.expr], node: ast.expr
    ) -> Type:
        if len(arguments) != len(entity.type_variables):
            raise self.refused(
                "E0804", node,
                f"{entity.name} takes {len(entity.type_variables)} type arguments, not "
                f"{len(arguments)}",
            )  # fmt: skip
        return self.annotations.class_type(entity, tuple(self.resolve(item) for item in arguments))

    def _generic_word(
        self, entity: VocabularyEntity, arguments: list[ast.expr], node: ast.expr
    ) -> Type:
        key = entity.key
        if key == "tuple":
            return self._tuple(arguments, node)
        if key in ("Span", "Array", "unsafe.Pointer", "Optional", "Fallible", "Final", "type"):
            if len(arguments) != 1:
                raise self.refused("E0804", node, f"{entity.name} takes one type argument")
            inner = self.resolve(arguments[0])
            return self._wrap(key, inner, node)
        if key == "Callable":
            return self._callable(arguments, node)
        raise self.refused(
            "E0313", node, f"{entity.name}[...] is not a type of Bare Python", CURES.get(key, "")
        )

    def _wrap(self, key: str, inner: Type, node: ast.expr) -> Type:
        if key == "Span":
            return SpanType(inner)
        if key == "Array":
            return ArrayType(inner, UNSIZED)
        if key == "unsafe.Pointer":
            return PointerType(inner)
        if key == "Optional":
            return self.nullable(inner, node)
        if key == "Fallible":
            if not isinstance(inner, CallableType):
                raise self.refused("E0313", node, "Fallible[...] takes a Callable")
            return CallableType(inner.parameters, inner.result, fallible=True)
        return inner

    def _tuple(self, arguments: list[ast.expr], node: ast.expr) -> Type:
        if len(arguments) == 2 and is_ellipsis(arguments[1]):
            return TableType(self.resolve(arguments[0]))
        if not 2 <= len(arguments) <= 4:
            raise self.refused(
                "E0313", node, "a tuple has two to four items", "return a struct instead"
            )
        return TupleType(tuple(self.resolve(item) for item in arguments))

    def _callable(self, arguments: list[ast.expr], node: ast.expr) -> Type:
        if len(arguments) != 2 or not isinstance(arguments[0], ast.List):
            raise self.refused("E0313", node, "Callable is written `Callable[[A, B], R]`")
        parameters = tuple(self.resolve(item) for item in arguments[0].elts)
        return CallableType(parameters, self.resolve(arguments[1]))

    def refused(self, code: str, node: ast.expr, message: str, cure: str = "") -> RefusedError:
        """Records a diagnostic; returns the exception to raise."""
        self.annotations.diagnostics.report(
            code, self.module.path, span_of(node), self.annotations.shorten(message), cure=cure
        )
        return RefusedError()
