"""A program under `bare.load`: functions become Python functions when first called."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import types
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any

from bare.checked.addresses import Addresses, storage_size
from bare.checked.boundary import Boundary
from bare.checked.emitter import Emitter, place_of
from bare.checked.expressions import EXPRESSIONS
from bare.checked.machine import Machine
from bare.checked.memory import Memory
from bare.checked.namespace import operations_for
from bare.checked.objects import Classes, freeze
from bare.checked.statements import STATEMENTS
from bare.checked.values import constant
from compiler.backend.layout import Layout
from compiler.ir.program import Function, Program
from compiler.ir.types import BoolType, EnumType, FloatType, IntType, RegisterType, StructType, Type

STACK_LIMIT = 20_000
"""Calls that may be active at once; beyond it the program traps with RecursionError. It is set for
the process when this module is imported, as the limit is the process's."""
sys.setrecursionlimit(max(sys.getrecursionlimit(), STACK_LIMIT))


class CheckedProgram:
    """One program with its memory and its machine."""

    def __init__(self, ir: Program, source_root: Path, memory: Memory, machine: Machine) -> None:
        self.ir = ir
        self.source_root = source_root
        self.memory = memory
        self.machine = machine
        self.layout = Layout(ir)
        self.boundary = Boundary(self)
        self.addresses = Addresses(self, memory)
        self.classes = Classes(self)
        self.namespace: dict[str, Any] = {"__builtins__": {}}
        self.namespace |= operations_for(self)
        self.output: bytearray | None = None
        self._bound: dict[int, tuple[str, object]] = {}
        self._data: dict[str, Any] = {}
        self._references: dict[str, Callable[..., Any]] = {}
        self._outside: dict[int, Callable[..., Any]] = {}
        self._inside: dict[int, Callable[..., Any]] = {}
        self._methods: dict[str, dict[str, Function]] = {}
        self._sort_methods()

    def _sort_methods(self) -> None:
        for symbol, function in self.ir.functions.items():
            owner, _, name = symbol.rpartition(".")
            if owner in self.ir.structs:
                self._methods.setdefault(owner, {})[name] = function

    # --- functions

    def reference(self, symbol: str) -> Callable[..., Any]:
        """Returns the function `symbol` as the one value that stands for it."""
        known = self._references.get(symbol)
        if known is None:
            known = self._references[symbol] = self._lazy(symbol)
        return known

    def bind_function(self, symbol: str) -> str:
        """Returns the global that calls of `symbol` go through."""
        if symbol not in self.namespace:
            self.namespace[symbol] = self.reference(symbol)
        return symbol

    def _lazy(self, symbol: str) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def call(*arguments: Any) -> Any:
            if not made:
                made.append(self._compile(self.ir.functions[symbol]))
                self.namespace[symbol] = made[0]
            return made[0](*arguments)

        call.__name__ = symbol
        return call

    def _compile(self, function: Function) -> Callable[..., Any]:
        """Turns a function's IR into a Python function."""
        emit = Emitter(self, EXPRESSIONS, STATEMENTS)
        emit.place = place_of(function.span)
        body = emit.block(function.body)
        short = function.qualname.rpartition(".")[2]
        parameters = [ast.arg(one.name, **emit.place) for one in function.parameters]
        arguments = ast.arguments([], parameters, None, [], [], None, [])
        definition = ast.FunctionDef(short, arguments, body, [], **place_of(function.span))
        path = str(self.source_root / function.path)
        code = compile(ast.Module([definition], []), path, "exec", dont_inherit=True)
        inner = next(item for item in code.co_consts if isinstance(item, types.CodeType))
        inner = inner.replace(co_qualname=function.qualname)
        return types.FunctionType(inner, self.namespace, short)

    def outside(self, symbol: str) -> Callable[..., Any]:
        """Returns a function for callers outside the program."""
        return self.outside_of(self.reference(symbol))

    def outside_of(self, raw: Callable[..., Any]) -> Callable[..., Any]:
        """Wraps a function value for callers outside the program."""
        known = self._outside.get(id(raw))
        if known is None:
            function = self.ir.functions.get(raw.__name__)
            if function is None:
                return raw
            known = self._outside[id(raw)] = self.boundary.function(function, raw)
            self._inside[id(known)] = raw
        return known

    def inside_of(self, wrapped: Any) -> Callable[..., Any] | None:
        """Returns the program's own function if `wrapped` is one that it gave out."""
        return self._inside.get(id(wrapped))

    def methods_of(self, struct: str) -> dict[str, Function]:
        """Returns the methods that a struct itself defines, by name."""
        return self._methods.get(struct, {})

    def is_static(self, function: Function) -> bool:
        """Whether a method takes no receiver."""
        return not function.parameters or function.parameters[0].name != "self"

    def initializer_of(self, struct: str | None) -> Function | None:
        """Returns the `__init__` that constructs a struct."""
        while struct is not None:
            found = self.methods_of(struct).get("__init__")
            if found is not None:
                return found
            struct = self.ir.structs[struct].base
        return None

    def defaults_of(self, function: Function) -> dict[str, Any]:
        """Returns the default arguments that the source gives a function."""
        try:
            found: Any = self.module(function.module)
            for part in function.qualname.split("."):
                found = inspect.getattr_static(found, part)
            found = getattr(found, "__func__", found)
            signature = inspect.signature(found)
        except (AttributeError, TypeError, ValueError, ImportError):
            return {}
        return {
            name: parameter.default
            for name, parameter in signature.parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }

    # --- constants

    def bind(self, value: object, hint: str) -> str:
        """Makes an object reachable from generated code and returns its global's name."""
        known = self._bound.get(id(value))
        if known is None:
            known = (f"%{hint}:{len(self._bound)}", value)
            self._bound[id(value)] = known
            self.namespace[known[0]] = value
        return known[0]

    def bind_datum(self, symbol: str) -> str:
        """Returns the global that holds a constant of static data."""
        name = f"%data:{symbol}"
        if name not in self.namespace:
            self.namespace[name] = self.datum(symbol)
        return name

    def datum(self, symbol: str) -> Any:
        """Returns a constant of static data; each is one object."""
        if symbol not in self._data:
            data = self.ir.data[symbol]
            self._data[symbol] = value = constant(self, data.type, data.value)
            if not data.writable:
                freeze(value)
        return self._data[symbol]

    # --- types

    def size_of(self, of: Type) -> int:
        """Returns the bytes that an element or plain field of a type takes."""
        return self.layout.stride(of)

    def storage_size(self, of: Type) -> int:
        """Returns the bytes of what a struct or array type refers to."""
        return storage_size(self, of)

    def is_flat(self, struct: str) -> bool:
        """Whether a struct holds nothing but scalars, so that its bytes are all there is to it."""
        fields = self.ir.structs[struct].fields.values()
        return self.ir.structs[struct].vtable_offset is None and all(
            (
                field.embedded
                and isinstance(field.type, StructType)
                and self.is_flat(field.type.name)
            )
            or isinstance(field.type, IntType | BoolType | FloatType | EnumType | RegisterType)
            for field in fields
        )

    # --- modules of the program as CPython imports them

    def module(self, name: str) -> types.ModuleType:
        """Imports a module of the program plainly, for its constants, enumerations and defaults."""
        root = str(self.source_root)
        if root not in sys.path:
            sys.path.insert(0, root)
        return importlib.import_module(name)

    def enum_class(self, name: str) -> type[IntEnum]:
        """Returns the enumeration class `name`."""
        module = self.ir.enums[name].module
        found: Any = self.module(module)
        for part in name.removeprefix(f"{module}.").split("."):
            found = getattr(found, part)
        cls: type[IntEnum] = found
        return cls

    # --- output

    def write_output(self, data: bytes) -> None:
        """Takes what the program prints: to standard output, or to `output` where a test set it."""
        if self.output is not None:
            self.output.extend(data)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
