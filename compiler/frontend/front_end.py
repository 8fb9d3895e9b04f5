"""The front end as a whole: loads a program, checks functions on demand, gives the IR.

How to use it: `load` the root (and runtime), then `check_everything` and/or `request` roots and
`run`; at the end `functions`, `constants.data` and `structs` hold the typed program. Diagnostics
are collected in `diagnostics`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from compiler.frontend import classes, dispatch
from compiler.frontend.annotations import Annotations, Environment
from compiler.frontend.compile_time import CompileTime, empty_facts
from compiler.frontend.constants import Constants
from compiler.frontend.diagnostics import Diagnostics, RefusedError
from compiler.frontend.functions import check_function
from compiler.frontend.loader import Loader, Module
from compiler.frontend.registers import Registers
from compiler.frontend.scopes import Scopes
from compiler.frontend.signatures import Signature, Signatures
from compiler.frontend.source import Source
from compiler.frontend.structs import StructInfo, Structs
from compiler.frontend.symbols import ClassEntity, FunctionEntity, TypeVariableEntity
from compiler.ir.program import Function
from compiler.ir.types import StructType

FORMAT_MODULES = ("bare.lib.format", "bare.lib.format_float", "bare.lib.writer")
"""Loaded with every program: what writing a message needs."""


class FrontEnd:
    """One compilation: a set of modules and what has been checked of them."""

    def __init__(
        self, source_root: Path, cache_folder: Path | None = None, *, has_print: bool = True
    ) -> None:
        self.diagnostics = Diagnostics()
        self.has_print = has_print
        self.loader = Loader(source_root, self.diagnostics)
        self.compile_time = CompileTime(self.loader, cache_folder)
        self.scopes = Scopes(self.loader, self.compile_time, self.diagnostics)
        self.annotations = Annotations(self.scopes, self.diagnostics)
        self.structs = Structs(self.annotations, self.diagnostics)
        self.signatures = Signatures(self.annotations, self.diagnostics)
        self.constants = Constants(self)
        self.registers = Registers()
        self.expressions: dict[type[ast.expr], Callable[..., Any]] = dispatch.HANDLERS
        self.refused_expressions = dispatch.REFUSED_EXPRESSIONS
        self.statements = dispatch.STATEMENT_HANDLERS
        self.function_variables: dict[FunctionEntity, list[TypeVariableEntity]] = {}
        self.functions: dict[str, Function] = {}
        self.root: Module | None = None
        self._pending: list[Signature] = []
        self._requested: set[str] = set()
        self._constructed: dict[str, StructInfo] = {}
        self._virtual: set[tuple[str, str]] = set()

    # --- loading ---

    def load(self, root: str, others: Iterable[str] = ()) -> None:
        """Loads the root module and others, with all they import, and builds their scopes."""
        self.root = self.loader.load(root)
        for name in (*others, *FORMAT_MODULES):
            self.loader.load(name)
        self.compile_time.evaluate(self.diagnostics)
        self.scopes.build()

    def source_of(self, path: str) -> Source | None:
        """The source of a loaded module, by its path."""
        for module in self.loader.modules.values():
            if module.path == path:
                return module.source
        return None

    # --- what is reachable ---

    def request(self, signature: Signature) -> None:
        """Marks a function as used; it is checked by `run`."""
        if signature.symbol not in self._requested:
            self._requested.add(signature.symbol)
            self._pending.append(signature)

    def request_virtual(self, owner: StructInfo, name: str) -> None:
        """Marks a method as called through vtables."""
        key = (owner.name, name)
        if key not in self._virtual:
            self._virtual.add(key)
            for info in list(self._constructed.values()):
                self._request_slot(info, key)

    def construct(self, info: StructInfo) -> None:
        """Marks a struct, and what it embeds, as made somewhere."""
        if info.name in self._constructed:
            return
        self._constructed[info.name] = info
        for key in sorted(self._virtual):
            self._request_slot(info, key)
        for field in info.fields.values():
            inner = classes.embedded_struct(field)
            if inner is not None:
                self.construct(self.structs.info(inner))

    def _request_slot(self, info: StructInfo, key: tuple[str, str]) -> None:
        if not info.derives(key[0]):
            return
        found = info.find_method(key[1])
        if found is not None and not found[1].is_abstract:
            self._request_method(found[0], found[1])

    def _request_method(self, owner: StructInfo, entity: FunctionEntity) -> None:
        try:
            self.request(self.signatures.get(entity, owner, dict(owner.environment)))
        except RefusedError:
            return

    def find_signature(
        self, module: str, qualname: str, environment: Environment | None = None
    ) -> Signature | None:
        """The signature of a function or static method by name."""
        entity = self.scopes.find_function(module, qualname)
        if entity is None:
            return None
        owner = None
        if entity.owner is not None:
            type = self.annotations.class_type(entity.owner)
            assert isinstance(type, StructType)
            owner = self.structs.info(type)
        try:
            return self.signatures.get(entity, owner, environment or {})
        except RefusedError:
            return None

    def run(self) -> None:
        """Checks what was requested, and what that requests, until nothing is left."""
        while self._pending:
            signature = self._pending.pop()
            function = check_function(self, signature)
            if function is not None:
                self.functions[signature.symbol] = function

    # --- whole modules ---

    def check_everything(self, modules: Iterable[str] | None = None) -> None:
        """Checks every function and class of modules, reachable or not, generics excepted."""
        names = list(self.loader.modules) if modules is None else list(modules)
        for name in names:
            module = self.loader.modules.get(name)
            if module is not None:
                self._check_module(module)
        self.run()

    def _check_module(self, module: Module) -> None:
        facts = self.compile_time.facts.get(module.name) or empty_facts()
        classes.check_definitions(self, module)
        for entity in list(self.scopes.scopes[module.name].values()):
            if entity.module is not module:
                continue
            if isinstance(entity, FunctionEntity):
                self._check_free(entity)
            elif isinstance(entity, ClassEntity) and not facts.get("failed"):
                classes.check_class(self, entity)

    def _check_free(self, entity: FunctionEntity) -> None:
        if classes.is_generic(self, entity):
            return
        if classes.has_foreign_decorator(self, entity):
            return
        try:
            self.request(self.signatures.get(entity, None, {}))
        except RefusedError:
            return
