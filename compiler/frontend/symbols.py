"""What names stand for at module level: the entities of a program."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from compiler.frontend.loader import Module
from compiler.ir.spans import Span


@dataclass(eq=False, slots=True)
class Entity:
    """Base of everything that a module-level name can mean."""

    name: str
    module: Module


@dataclass(eq=False, slots=True)
class ModuleEntity(Entity):
    """A module of the program; `module` is that module."""


@dataclass(eq=False, slots=True)
class FunctionEntity(Entity):
    """A function, method or static method."""

    node: ast.FunctionDef
    owner: ClassEntity | None
    facts: dict[str, Any]
    is_static: bool = False
    is_abstract: bool = False

    @property
    def qualname(self) -> str:
        """Name within the module."""
        return f"{self.owner.name}.{self.name}" if self.owner else self.name

    @property
    def qualified(self) -> str:
        """Name within the program."""
        return f"{self.module.name}.{self.qualname}"

    @property
    def extra(self) -> dict[str, Any]:
        """What decorators left on the function."""
        found: dict[str, Any] = self.facts.get("extra", {})
        return found


@dataclass(eq=False, slots=True)
class ClassEntity(Entity):
    """A struct, enum, register or register block."""

    node: ast.ClassDef
    kind: str
    """`struct`, `enum`, `register` or `mmio`; `` for a class that is none of them."""
    facts: dict[str, Any]
    base: ClassEntity | None = None
    base_node: ast.expr | None = None
    type_variables: list[TypeVariableEntity] = field(default_factory=list)
    methods: dict[str, FunctionEntity] = field(default_factory=dict)
    derived: list[ClassEntity] = field(default_factory=list)
    """All classes derived from it, directly or not, in the order of their modules."""
    family_is_virtual: bool = False
    """Whether the classes of this inheritance tree have vtables."""

    @property
    def qualified(self) -> str:
        """Name within the program."""
        return f"{self.module.name}.{self.name}"

    @property
    def lineage(self) -> list[ClassEntity]:
        """This class, then its bases."""
        found = [self]
        while found[-1].base is not None:
            found.append(found[-1].base)
        return found

    def find_method(self, name: str) -> FunctionEntity | None:
        """The method that an object of exactly this class has."""
        for entity in self.lineage:
            if name in entity.methods:
                return entity.methods[name]
        return None


@dataclass(eq=False, slots=True)
class ConstantEntity(Entity):
    """A module-level constant: its value is a description by `importer.py`."""

    value: tuple[Any, ...]
    annotation: ast.expr | None
    span: Span


@dataclass(eq=False, slots=True)
class AliasEntity(Entity):
    """A name for a type expression, such as `Handler = Callable[[u32], None]`."""

    node: ast.expr


@dataclass(eq=False, slots=True)
class TypeVariableEntity(Entity):
    """A `TypeVar`."""

    bound: ast.expr | None


@dataclass(eq=False, slots=True)
class VocabularyEntity(Entity):
    """A word of the language; `key` is its name with the submodule where that matters
    (`simd.add`).
    """

    key: str


@dataclass(eq=False, slots=True)
class ForeignEntity(Entity):
    """Something that exists at compile time only."""

    origin: str
