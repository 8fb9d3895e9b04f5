"""Module scopes: binds every module-level name to an entity, and links classes to their bases."""

from __future__ import annotations

import ast
from typing import Any

from compiler.frontend.compile_time import CompileTime, empty_facts
from compiler.frontend.diagnostics import Diagnostics
from compiler.frontend.loader import (
    BARE_LIBRARY_NAMES,
    Loader,
    Module,
    absolute_name,
    is_vocabulary,
    module_statements,
)
from compiler.frontend.source import header_span, span_of
from compiler.frontend.symbols import (
    AliasEntity,
    ClassEntity,
    ConstantEntity,
    Entity,
    ForeignEntity,
    FunctionEntity,
    ModuleEntity,
    TypeVariableEntity,
    VocabularyEntity,
)
from compiler.frontend.syntax import is_call_of, is_name
from compiler.frontend.vocabulary import BUILTINS, KEYED_MODULES

Scope = dict[str, Entity]


class Scopes:
    """The scopes of all loaded modules."""

    def __init__(self, loader: Loader, compile_time: CompileTime, diagnostics: Diagnostics) -> None:
        self.loader = loader
        self.compile_time = compile_time
        self.diagnostics = diagnostics
        self.scopes: dict[str, Scope] = {}

    def build(self) -> None:
        """Builds the scope of every module loaded."""
        modules = list(self.loader.modules.values())
        for module in modules:
            self.scopes[module.name] = self._own_names(module)
        for module in modules:
            self._bind_imports(module)
        for module in modules:
            for entity in self.scopes[module.name].values():
                if isinstance(entity, ClassEntity) and entity.module is module:
                    self._link(entity)
        for module in modules:
            for entity in self.scopes[module.name].values():
                if isinstance(entity, ClassEntity) and entity.module is module:
                    self._mark_overrides(entity)

    def lookup(self, module: Module, name: str) -> Entity | None:
        """What `name` means at module level of `module`; builtins included."""
        found = self.scopes[module.name].get(name)
        if found is None and name in BUILTINS:
            return VocabularyEntity(name, module, BUILTINS[name])
        return found

    def find_class(self, qualified: str) -> ClassEntity | None:
        """The class with this qualified name."""
        module, _, name = qualified.rpartition(".")
        entity = self.scopes.get(module, {}).get(name)
        return entity if isinstance(entity, ClassEntity) else None

    def find_function(self, module: str, qualname: str) -> FunctionEntity | None:
        """The function or static method with this name."""
        scope = self.scopes.get(module, {})
        owner, _, name = qualname.rpartition(".")
        if not owner:
            entity = scope.get(qualname)
            return entity if isinstance(entity, FunctionEntity) else None
        holder = scope.get(owner)
        return holder.methods.get(name) if isinstance(holder, ClassEntity) else None

    def _own_names(self, module: Module) -> Scope:
        facts = self.compile_time.facts.get(module.name) or empty_facts()
        scope: Scope = {}
        for statement in module_statements(module.tree.body):
            if isinstance(statement, ast.FunctionDef):
                self._define_function(module, statement, facts, scope)
            elif isinstance(statement, ast.ClassDef):
                scope[statement.name] = self._class(module, statement, facts)
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._define_target(module, target, statement.value, None, facts, scope)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._define_target(
                    module, statement.target, statement.value, statement.annotation, facts, scope
                )
            elif isinstance(statement, ast.For | ast.With | ast.Try | ast.While):
                self._define_computed(module, statement, facts, scope)
        return scope

    def _define_function(
        self, module: Module, node: ast.FunctionDef, facts: dict[str, Any], scope: Scope
    ) -> None:
        function_facts = facts["functions"].get(node.name)
        value = facts["names"].get(node.name)
        replaced = value is not None and value[0] != "function"
        if replaced and not is_overload(node):
            scope[node.name] = ConstantEntity(node.name, module, value, None, header_span(node))
            return
        previous = scope.get(node.name)
        if isinstance(previous, FunctionEntity) and not self._is_chosen(node, function_facts):
            return
        scope[node.name] = FunctionEntity(node.name, module, node, None, function_facts or {})

    def _is_chosen(self, node: ast.FunctionDef, facts: dict[str, Any] | None) -> bool:
        if facts is None:
            return True
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        return bool(facts["line"] == first)

    def _define_target(
        self,
        module: Module,
        target: ast.expr,
        value: ast.expr,
        annotation: ast.expr | None,
        facts: dict[str, Any],
        scope: Scope,
    ) -> None:
        if isinstance(target, ast.Tuple):
            for item in target.elts:
                self._define_target(module, item, value, None, facts, scope)
            return
        if not isinstance(target, ast.Name):
            return
        name = target.id
        if is_call_of(value, "TypeVar"):
            assert isinstance(value, ast.Call)
            bound = next((item.value for item in value.keywords if item.arg == "bound"), None)
            scope[name] = TypeVariableEntity(name, module, bound)
        elif is_call_of(value, "NewType"):
            assert isinstance(value, ast.Call)
            scope[name] = AliasEntity(name, module, value.args[1])
        else:
            described = facts["names"].get(name)
            if described is None or described[0] in ("other", "class"):
                if is_alias(value, annotation):
                    scope[name] = AliasEntity(name, module, value)
                    return
                described = described or ("other", "a value that was not computed")
            scope[name] = ConstantEntity(name, module, described, annotation, span_of(target))

    def _define_computed(
        self, module: Module, statement: ast.stmt, facts: dict[str, Any], scope: Scope
    ) -> None:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                value = facts["names"].get(node.id, ("other", "a value that was not computed"))
                scope.setdefault(
                    node.id, ConstantEntity(node.id, module, value, None, span_of(node))
                )

    def _class(self, module: Module, node: ast.ClassDef, facts: dict[str, Any]) -> ClassEntity:
        class_facts = facts["classes"].get(node.name, {})
        entity = ClassEntity(node.name, module, node, "struct", class_facts)
        if "members" in class_facts:
            entity.kind = "enum"
        elif "register" in class_facts:
            entity.kind = "register"
        elif "mmio" in class_facts:
            entity.kind = "mmio"
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef) and not is_overload(statement):
                entity.methods[statement.name] = self._method(entity, statement, facts)
        return entity

    def _method(
        self, owner: ClassEntity, node: ast.FunctionDef, facts: dict[str, Any]
    ) -> FunctionEntity:
        names = {item.id for item in node.decorator_list if isinstance(item, ast.Name)}
        return FunctionEntity(
            node.name,
            owner.module,
            node,
            owner,
            facts["functions"].get(f"{owner.name}.{node.name}", {}),
            is_static="staticmethod" in names,
            is_abstract="abstractmethod" in names,
        )

    def _bind_imports(self, module: Module) -> None:
        scope = self.scopes[module.name]
        for statement in module_statements(module.tree.body):
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    self._bind_module(module, alias, scope)
            elif isinstance(statement, ast.ImportFrom):
                base = absolute_name(module, statement)
                for alias in statement.names:
                    self._bind_name(module, base, alias, scope)

    def _bind_module(self, module: Module, alias: ast.alias, scope: Scope) -> None:
        name = alias.asname or alias.name.split(".")[0]
        target = alias.name if alias.asname else name
        if is_vocabulary(target):
            scope[name] = VocabularyEntity(name, module, f"module:{target}")
        elif alias.name in self.loader.modules:
            loaded = self.loader.modules.get(target) or self.loader.modules[alias.name]
            scope[name] = ModuleEntity(target, loaded)
        else:
            scope[name] = ForeignEntity(name, module, alias.name)

    def _bind_name(self, module: Module, base: str, alias: ast.alias, scope: Scope) -> None:
        name = alias.asname or alias.name
        span = span_of(alias)
        if alias.name == "*":
            self.diagnostics.report(
                "E0004", module.path, span, "`import *` hides where names come from",
                cure="import each name",
            )  # fmt: skip
            return
        if base == "bare" and alias.name in BARE_LIBRARY_NAMES:
            base = BARE_LIBRARY_NAMES[alias.name]
        if is_vocabulary(base):
            scope[name] = vocabulary(module, base, alias.name)
        elif f"{base}.{alias.name}" in self.loader.modules:
            target = self.loader.modules[f"{base}.{alias.name}"]
            scope[name] = ModuleEntity(target.name, target)
        elif base in self.loader.modules:
            found = self._resolve(base, alias.name, set())
            if found is None:
                self.diagnostics.report(
                    "E0201", module.path, span, f"module {base!r} has no name {alias.name!r}"
                )
                return
            scope[name] = found
        else:
            scope[name] = ForeignEntity(name, module, f"{base}.{alias.name}")

    def _resolve(self, base: str, name: str, seen: set[str]) -> Entity | None:
        """A name of another module, through re-exports."""
        found = self.scopes[base].get(name)
        if found is not None or base in seen:
            return found
        module = self.loader.modules[base]
        for statement in module_statements(module.tree.body):
            if isinstance(statement, ast.ImportFrom):
                for alias in statement.names:
                    if (alias.asname or alias.name) == name:
                        inner = absolute_name(module, statement)
                        if inner in self.scopes:
                            return self._resolve(inner, alias.name, seen | {base})
                        if is_vocabulary(inner):
                            return vocabulary(module, inner, alias.name)
        return None

    def _link(self, entity: ClassEntity) -> None:
        """Finds the base and the type variables of a class."""
        bases: list[ast.expr] = []
        declared: dict[TypeVariableEntity, None] = {}
        mentioned: dict[TypeVariableEntity, None] = {}
        for node in entity.node.bases:
            target = node.value if isinstance(node, ast.Subscript) else node
            found = self.resolve_dotted(entity.module, target)
            if isinstance(found, ClassEntity):
                bases.append(node)
                entity.base, entity.base_node = found, node
            if isinstance(node, ast.Subscript):
                is_generic = isinstance(found, VocabularyEntity) and found.key == "Generic"
                self._type_variables(entity, node, declared if is_generic else mentioned)
        entity.type_variables = list(declared or mentioned)
        if len(bases) > 1:
            self.diagnostics.report(
                "E0405", entity.module.path, span_of(bases[1]),
                f"class {entity.name} has more than one base",
                cure="inherit one struct; embed the other with `inline()`",
            )  # fmt: skip

    def _type_variables(
        self, entity: ClassEntity, node: ast.Subscript, found: dict[TypeVariableEntity, None]
    ) -> None:
        """Adds the type variables in the arguments of a base."""
        for child in ast.walk(node.slice):
            if isinstance(child, ast.Name):
                variable = self.lookup(entity.module, child.id)
                if isinstance(variable, TypeVariableEntity):
                    found[variable] = None

    def resolve_dotted(self, module: Module, node: ast.expr) -> Entity | None:
        """The entity of a name or dotted name, without diagnostics."""
        if isinstance(node, ast.Name):
            return self.lookup(module, node.id)
        if isinstance(node, ast.Attribute):
            holder = self.resolve_dotted(module, node.value)
            return self.attribute(holder, node.attr)
        return None

    def attribute(self, holder: Entity | None, name: str) -> Entity | None:
        """A name inside a module."""
        if isinstance(holder, ModuleEntity):
            submodule = f"{holder.name}.{name}"
            if submodule in self.loader.modules:
                return ModuleEntity(submodule, self.loader.modules[submodule])
            return self._resolve(holder.module.name, name, set())
        if isinstance(holder, VocabularyEntity) and holder.key.startswith("module:"):
            return vocabulary(holder.module, holder.key.removeprefix("module:"), name)
        return None

    def _mark_overrides(self, entity: ClassEntity) -> None:
        lineage = entity.lineage
        root = lineage[-1]
        for base in lineage[1:]:
            base.derived.append(entity)
        for name, method in entity.methods.items():
            if method.is_static or name == "__init__":
                continue
            if method.is_abstract:
                root.family_is_virtual = True
            for base in lineage[1:]:
                if name in base.methods:
                    root.family_is_virtual = True


def vocabulary(module: Module, base: str, name: str) -> VocabularyEntity:
    """A word of `bare` or a compile-time module."""
    if is_vocabulary(f"{base}.{name}") and f"{base}.{name}" in KEYED_MODULES:
        return VocabularyEntity(name, module, f"module:{base}.{name}")
    prefix = KEYED_MODULES.get(base)
    return VocabularyEntity(name, module, f"{prefix}.{name}" if prefix else name)


def is_alias(value: ast.expr, annotation: ast.expr | None) -> bool:
    """Whether an assignment at module level may name a type."""
    if annotation is not None:
        return is_name(annotation, "TypeAlias")
    return isinstance(value, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp)


def is_overload(node: ast.FunctionDef) -> bool:
    """Whether a definition is an `@overload` signature."""
    return any(is_name(item, "overload") for item in node.decorator_list)
