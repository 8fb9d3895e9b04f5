"""Checks classes as a whole: bases, layout, overrides; and the imports of modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from compiler.frontend.diagnostics import RefusedError
from compiler.frontend.loader import Module
from compiler.frontend.signatures import Signature, error_names
from compiler.frontend.source import header_span, span_of
from compiler.frontend.structs import FieldInfo, StructInfo
from compiler.frontend.symbols import (
    ClassEntity,
    ConstantEntity,
    ForeignEntity,
    FunctionEntity,
    TypeVariableEntity,
    VocabularyEntity,
)
from compiler.ir.program import ANY_ERROR
from compiler.ir.types import ArrayType, StructType

if TYPE_CHECKING:
    from compiler.frontend.front_end import FrontEnd

KNOWN_DECORATORS = frozenset(
    {
        "raises", "always_inline", "never_inline", "scalar_loops", "export", "cpu_feature",
        "staticmethod", "abstractmethod", "struct", "unsafe.naked", "unsafe.section", "overload",
        "override", "final", "cache",
    }
)  # fmt: skip


def embedded_struct(field: FieldInfo) -> StructType | None:
    """The struct that a field embeds, itself or as array elements."""
    if not field.embedded:
        return None
    type = field.type
    while isinstance(type, ArrayType):
        type = type.element
    return type if isinstance(type, StructType) else None


def is_generic(front_end: FrontEnd, entity: FunctionEntity) -> bool:
    """Whether a function's annotations name type variables."""
    arguments = entity.node.args
    nodes = [item.annotation for item in (*arguments.args, *arguments.kwonlyargs)]
    for annotation in (*nodes, entity.node.returns):
        if annotation is None:
            continue
        for child in ast.walk(annotation):
            if isinstance(child, ast.Name):
                found = front_end.scopes.lookup(entity.module, child.id)
                if isinstance(found, TypeVariableEntity):
                    return True
    return False


def has_foreign_decorator(front_end: FrontEnd, entity: FunctionEntity) -> bool:
    """Whether a function is decorated by ordinary Python: a declaration for tools, not code."""
    for node in entity.node.decorator_list:
        target = node.func if isinstance(node, ast.Call) else node
        found = front_end.scopes.resolve_dotted(entity.module, target)
        if isinstance(found, ForeignEntity | FunctionEntity | ConstantEntity):
            return True
        if isinstance(found, VocabularyEntity) and found.key not in KNOWN_DECORATORS:
            front_end.diagnostics.report(
                "E0104", entity.module.path, span_of(node), f"decorator `{ast.unparse(target)}`"
            )
            return True
    return False


def check_definitions(front_end: FrontEnd, module: Module) -> None:
    """Refuses what is defined at module level and can never be compiled."""
    bodies = [module.tree.body]
    bodies += [item.body for item in module.tree.body if isinstance(item, ast.ClassDef)]
    for body in bodies:
        for statement in body:
            if isinstance(statement, ast.AsyncFunctionDef):
                front_end.diagnostics.report(
                    "E0101", module.path, header_span(statement), "`async` is not in Bare Python",
                    cure="write an ordinary function",
                )  # fmt: skip


def check_class(front_end: FrontEnd, entity: ClassEntity) -> None:
    """Layout, overrides and methods of a class; a generic one is checked by its instances."""
    if entity.kind != "struct" or entity.type_variables:
        return
    if not is_struct(entity):
        if has_fields(entity):
            front_end.diagnostics.report(
                "E0405", entity.module.path, header_span(entity.node),
                f"class {entity.name} has fields but no `@struct`",
            )  # fmt: skip
        return
    type = front_end.annotations.class_type(entity)
    assert isinstance(type, StructType)
    info = front_end.structs.info(type)
    front_end.structs.layout(info)
    if entity.qualified in front_end.compile_time.changed_layouts:
        front_end.diagnostics.report(
            "E0402", entity.module.path, header_span(entity.node),
            f"the layout of {entity.name} was asked for before a class that overrides its methods "
            "was made",
            cure="ask for it in a function, or in a module that imports the derived classes",
        )  # fmt: skip
    for method in entity.methods.values():
        check_method(front_end, info, method)


def is_struct(entity: ClassEntity) -> bool:
    """Whether the class or a base of it is decorated with `@struct`."""
    return "defaults" in entity.facts or not entity.facts


def has_fields(entity: ClassEntity) -> bool:
    """Whether the class body declares fields."""
    return any(isinstance(item, ast.AnnAssign) for item in entity.node.body)


def check_method(front_end: FrontEnd, info: StructInfo, method: FunctionEntity) -> None:
    """One method of a class that is not generic."""
    if is_generic(front_end, method) or has_foreign_decorator(front_end, method):
        return
    try:
        signature = front_end.signatures.get(method, info, dict(info.environment))
    except RefusedError:
        return
    check_override(front_end, info, signature)
    if not method.is_abstract:
        front_end.request(signature)


def check_override(front_end: FrontEnd, info: StructInfo, signature: Signature) -> None:
    """An override takes and returns what the base's method does, and raises no more."""
    method = signature.entity
    if info.base is None or method.is_static or method.name == "__init__":
        return
    found = info.base.find_method(method.name)
    if found is None:
        return
    base_info, base_method = found
    try:
        base = front_end.signatures.get(base_method, base_info, dict(base_info.environment))
    except RefusedError:
        return
    place = header_span(method.node)
    ours = [item.type for item in signature.parameters[1:]]
    theirs = [item.type for item in base.parameters[1:]]
    if ours != theirs or signature.result != base.result:
        front_end.diagnostics.report(
            "E0406", method.module.path, place,
            f"{method.qualname} does not take and return what {base_method.qualname} does",
        )  # fmt: skip
    check_override_errors(front_end, signature, base)


def check_override_errors(front_end: FrontEnd, signature: Signature, base: Signature) -> None:
    """Overrides may raise what the base method declares."""
    if base.raises == ANY_ERROR or not signature.raises:
        return
    method = signature.entity
    if isinstance(signature.raises, str):
        extra = "any error"
    else:
        more = tuple(item for item in signature.raises if item not in base.raises)
        if not more:
            return
        extra = error_names(more)
    front_end.diagnostics.report(
        "E0704", method.module.path, header_span(method.node),
        f"{method.qualname} may raise {extra}, which {base.entity.qualname} does not declare",
    )  # fmt: skip
