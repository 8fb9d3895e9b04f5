"""Signatures of functions: parameters, result, errors and symbol, for one set of type arguments."""

from __future__ import annotations

import ast
import errno
from dataclasses import dataclass
from typing import Any

from compiler.frontend.annotations import UNSIZED, Annotations, Environment
from compiler.frontend.diagnostics import Diagnostics, RefusedError
from compiler.frontend.source import header_span, span_of
from compiler.frontend.structs import StructInfo
from compiler.frontend.symbols import FunctionEntity
from compiler.ir.program import ANY_ERROR
from compiler.ir.spans import Span
from compiler.ir.types import (
    NONE,
    ArrayType,
    CallableType,
    NoneType,
    Type,
)

Raises = tuple[int, ...] | str


@dataclass(slots=True)
class ParameterInfo:
    """One parameter of a signature."""

    name: str
    type: Type
    span: Span
    default: tuple[Any, ...] | None
    """Description of the default value, or None if the caller has to pass it."""
    is_keyword_only: bool = False


@dataclass(eq=False, slots=True)
class Signature:
    """A function with its type arguments applied."""

    entity: FunctionEntity
    owner: StructInfo | None
    environment: Environment
    symbol: str
    parameters: list[ParameterInfo]
    """The receiver first, if it has one."""
    result: Type
    raises: Raises

    @property
    def fallible(self) -> bool:
        """Whether a call may end with an error."""
        return bool(self.raises)

    @property
    def has_receiver(self) -> bool:
        """Whether the first parameter is `self`."""
        return self.owner is not None and not self.entity.is_static

    @property
    def callable_type(self) -> CallableType:
        """The type of the function as a value."""
        return CallableType(
            tuple(item.type for item in self.parameters), self.result, self.fallible
        )


class Signatures:
    """Makes signatures, once for each symbol."""

    def __init__(self, annotations: Annotations, diagnostics: Diagnostics) -> None:
        self.annotations = annotations
        self.diagnostics = diagnostics
        self.known: dict[str, Signature | None] = {}

    def get(
        self, entity: FunctionEntity, owner: StructInfo | None, environment: Environment
    ) -> Signature:
        """The signature; raises RefusedError if its annotations are wrong."""
        symbol = symbol_of(entity, owner, environment)
        if symbol not in self.known:
            self.known[symbol] = self._make(entity, owner, environment, symbol)
        found = self.known[symbol]
        if found is None:
            raise RefusedError
        return found

    def _make(
        self,
        entity: FunctionEntity,
        owner: StructInfo | None,
        environment: Environment,
        symbol: str,
    ) -> Signature | None:
        try:
            parameters = self._parameters(entity, owner, environment)
            result = self._result(entity, owner, environment)
        except RefusedError:
            return None
        return Signature(
            entity, owner, environment, symbol, parameters, result, declared_raises(entity)
        )

    def _parameters(
        self, entity: FunctionEntity, owner: StructInfo | None, environment: Environment
    ) -> list[ParameterInfo]:
        arguments = entity.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = list(entity.facts.get("defaults", ()))
        missing = len(arguments.defaults) - len(defaults)
        defaults += [("none",)] * max(0, missing)
        first_default = len(positional) - len(arguments.defaults)
        made: list[ParameterInfo] = []
        for index, argument in enumerate(positional):
            default = defaults[index - first_default] if index >= first_default else None
            made.append(self._parameter(entity, owner, environment, argument, default, index))
        for argument, node in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            value = entity.facts.get("keyword_defaults", {}).get(argument.arg, ("none",))
            item = self._parameter(
                entity, owner, environment, argument, value if node else None, len(made)
            )
            item.is_keyword_only = True
            made.append(item)
        self._check_variable_arguments(entity)
        return made

    def _check_variable_arguments(self, entity: FunctionEntity) -> None:
        arguments = entity.node.args
        variable = arguments.vararg or arguments.kwarg
        if variable is not None and entity.name != "__exit__":
            self.diagnostics.report(
                "E0101", entity.module.path, span_of(variable),
                "a function takes a fixed number of arguments",
                cure="take a Span, or several parameters",
            )  # fmt: skip
            raise RefusedError

    def _parameter(
        self,
        entity: FunctionEntity,
        owner: StructInfo | None,
        environment: Environment,
        argument: ast.arg,
        default: tuple[Any, ...] | None,
        index: int,
    ) -> ParameterInfo:
        span = span_of(argument)
        if index == 0 and owner is not None and not entity.is_static:
            return ParameterInfo(argument.arg, owner.type, span, None)
        if argument.annotation is None:
            self.diagnostics.report(
                "E0801", entity.module.path, span, f"parameter {argument.arg!r} has no annotation"
            )
            raise RefusedError
        own_type = owner.type if owner else None
        type = self.annotations.resolve(entity.module, argument.annotation, environment, own_type)
        if (isinstance(type, ArrayType) and type.length == UNSIZED) or type == NONE:
            self.diagnostics.report(
                "E0313", entity.module.path, span_of(argument.annotation),
                f"a parameter cannot have the type {ast.unparse(argument.annotation)}",
                cure="use `Span[T]`, to which an array converts",
            )  # fmt: skip
            raise RefusedError
        return ParameterInfo(argument.arg, type, span, default)

    def _result(
        self, entity: FunctionEntity, owner: StructInfo | None, environment: Environment
    ) -> Type:
        node = entity.node
        if node.returns is None:
            if node.name == "__init__":
                return NoneType()
            self.diagnostics.report(
                "E0801", entity.module.path, header_span(node),
                f"function {node.name!r} has no result annotation",
                cure="write `-> None` where it returns nothing",
            )  # fmt: skip
            raise RefusedError
        own_type = owner.type if owner else None
        return self.annotations.resolve(entity.module, node.returns, environment, own_type)


def symbol_of(entity: FunctionEntity, owner: StructInfo | None, environment: Environment) -> str:
    """The symbol of a function with its type arguments."""
    if owner is not None:
        own = [t for v, t in environment.items() if v not in owner.environment]
        base = f"{owner.name}.{entity.name}"
    else:
        own = list(environment.values())
        base = entity.qualified
    return f"{base}[{', '.join(map(str, own))}]" if own else base


def declared_raises(entity: FunctionEntity) -> Raises:
    """The error numbers of `@raises`: () for none declared, ANY_ERROR for `@raises()`."""
    declared = entity.extra.get("__raises__")
    if declared is None:
        return ()
    if declared[0] != "tuple" or not declared[1]:
        return ANY_ERROR
    return tuple(sorted({int(item[-1]) for item in declared[1]}))


def error_names(raises: Raises) -> str:
    """Error numbers in words."""
    if isinstance(raises, str):
        return "any error"
    return ", ".join(errno.errorcode.get(number, str(number)) for number in raises)
