"""Infers type arguments of generic functions and classes from the arguments of a call."""

from __future__ import annotations

import ast

from compiler.frontend.annotations import Environment
from compiler.frontend.checker import FunctionChecker, TryState
from compiler.frontend.structs import StructInfo
from compiler.frontend.symbols import (
    ClassEntity,
    FunctionEntity,
    TypeVariableEntity,
    VocabularyEntity,
)
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT, UNTYPED_NONE, TypeParameter
from compiler.ir.types import (
    F64,
    I64,
    U8,
    ArrayType,
    BytesType,
    CallableType,
    FloatType,
    IntType,
    NullableType,
    PointerType,
    SpanType,
    StructType,
    TableType,
    TupleType,
    Type,
)

Bindings = dict[str, Type]


def infer_environment(
    c: FunctionChecker,
    node: ast.Call,
    entity: FunctionEntity,
    owner: StructInfo | None,
    environment: Environment,
    expected: Type | None,
) -> Environment:
    """The type arguments of a call; `environment` holds those already known (the class's)."""
    variables = function_variables(c, entity, environment)
    if not variables:
        return environment
    patterns = parameter_patterns(c, entity, owner, environment, variables)
    bindings: Bindings = {}
    unify_arguments(c, node, patterns, bindings)
    if expected is not None and entity.node.returns is not None:
        result = pattern_type(c, entity, entity.node.returns, environment, variables)
        unify(c, result, expected, bindings)
    return complete(c, node, variables, bindings, environment, entity.name)


def function_variables(
    c: FunctionChecker, entity: FunctionEntity, environment: Environment
) -> list[TypeVariableEntity]:
    """Type variables that a function's annotations name and that have no value yet."""
    known = c.front_end.function_variables.get(entity)
    if known is None:
        found: dict[TypeVariableEntity, None] = {}
        arguments = entity.node.args
        nodes = [item.annotation for item in (*arguments.args, *arguments.kwonlyargs)]
        for annotation in (*nodes, entity.node.returns):
            if annotation is not None:
                collect_variables(c, entity, annotation, found)
        known = c.front_end.function_variables[entity] = list(found)
    return [item for item in known if item not in environment]


def collect_variables(
    c: FunctionChecker,
    entity: FunctionEntity,
    node: ast.expr,
    found: dict[TypeVariableEntity, None],
) -> None:
    """Adds the type variables in an annotation."""
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            named = c.scopes.lookup(entity.module, child.id)
            if isinstance(named, TypeVariableEntity):
                found[named] = None


def pattern_type(
    c: FunctionChecker,
    entity: FunctionEntity,
    node: ast.expr,
    environment: Environment,
    variables: list[TypeVariableEntity],
) -> Type:
    """An annotation with placeholders for the variables that are inferred."""
    placeholders: Environment = {item: TypeParameter(item.name) for item in variables}
    return c.front_end.annotations.resolve(entity.module, node, {**environment, **placeholders})


def parameter_patterns(
    c: FunctionChecker,
    entity: FunctionEntity,
    owner: StructInfo | None,
    environment: Environment,
    variables: list[TypeVariableEntity],
) -> list[tuple[str, Type]]:
    """Name and pattern of each parameter that has an annotation, without the receiver."""
    arguments = entity.node.args
    items = [*arguments.args, *arguments.kwonlyargs]
    if owner is not None and not entity.is_static:
        items = items[1:]
    return [
        (item.arg, pattern_type(c, entity, item.annotation, environment, variables))
        for item in items
        if item.annotation is not None
    ]


def unify_arguments(
    c: FunctionChecker, node: ast.Call, patterns: list[tuple[str, Type]], bindings: Bindings
) -> None:
    """Matches the arguments' types with the patterns, constants last."""
    pairs = list(zip(node.args, (pattern for _, pattern in patterns), strict=False))
    named = dict(patterns)
    pairs += [(item.value, named[item.arg]) for item in node.keywords if item.arg in named]
    late: list[tuple[Type, Type]] = []
    for argument, pattern in pairs:
        if not has_parameter(c, pattern):
            continue
        actual = probe(c, argument)
        if actual in (UNTYPED_INT, UNTYPED_FLOAT):
            late.append((pattern, I64 if actual == UNTYPED_INT else F64))
        elif actual is not None and actual != UNTYPED_NONE:
            unify(c, pattern, actual, bindings)
    for pattern, actual in late:
        if isinstance(pattern, TypeParameter):
            bindings.setdefault(pattern.name, actual)


def probe(c: FunctionChecker, node: ast.expr) -> Type | None:
    """The type of an argument, checked for its type only."""
    saved = (c.flow.copy(), c.block, c.temporaries, len(c.function.slots), c.tries)
    c.block, c.tries = [], [*c.tries]
    c.tries.append(TryState())
    try:
        return c.check(node).type
    finally:
        c.flow, c.block, c.temporaries, slots, c.tries = saved
        del c.function.slots[slots:]


def has_parameter(c: FunctionChecker, type: Type) -> bool:
    """Whether a pattern holds a placeholder."""
    if isinstance(type, TypeParameter):
        return True
    if isinstance(type, StructType):
        known = c.front_end.annotations.instances.get(type.name)
        return known is not None and any(has_parameter(c, item) for item in known[1])
    if isinstance(type, ArrayType | SpanType | TableType | PointerType):
        return has_parameter(c, type.element)
    if isinstance(type, NullableType):
        return has_parameter(c, type.inner)
    if isinstance(type, TupleType):
        return any(has_parameter(c, item) for item in type.items)
    if isinstance(type, CallableType):
        return any(has_parameter(c, item) for item in (*type.parameters, type.result))
    return False


def unify(c: FunctionChecker, pattern: Type, actual: Type, bindings: Bindings) -> None:
    """Binds the placeholders of `pattern` to the parts of `actual`; the first binding stays."""
    if isinstance(pattern, TypeParameter):
        bindings.setdefault(pattern.name, actual)
    elif isinstance(pattern, NullableType):
        unify(
            c, pattern.inner, actual.inner if isinstance(actual, NullableType) else actual, bindings
        )
    elif isinstance(pattern, SpanType | TableType | ArrayType | PointerType):
        if isinstance(actual, SpanType | TableType | ArrayType | PointerType):
            unify(c, pattern.element, actual.element, bindings)
        elif isinstance(actual, BytesType):
            unify(c, pattern.element, U8, bindings)
    elif isinstance(pattern, TupleType) and isinstance(actual, TupleType):
        for one, other in zip(pattern.items, actual.items, strict=False):
            unify(c, one, other, bindings)
    elif isinstance(pattern, CallableType) and isinstance(actual, CallableType):
        for one, other in zip(pattern.parameters, actual.parameters, strict=False):
            unify(c, one, other, bindings)
        unify(c, pattern.result, actual.result, bindings)
    elif isinstance(pattern, StructType) and isinstance(actual, StructType):
        unify_structs(c, pattern, actual, bindings)


def unify_structs(
    c: FunctionChecker, pattern: StructType, actual: StructType, bindings: Bindings
) -> None:
    """Matches a generic struct with an instance of it or of a class derived from one."""
    instances = c.front_end.annotations.instances
    wanted = instances.get(pattern.name)
    if wanted is None:
        return
    for info in c.structs.info(actual).lineage:
        known = instances.get(info.name)
        if known is not None and known[0] is wanted[0]:
            for one, other in zip(wanted[1], known[1], strict=True):
                unify(c, one, other, bindings)
            return


def complete(
    c: FunctionChecker,
    node: ast.Call,
    variables: list[TypeVariableEntity],
    bindings: Bindings,
    environment: Environment,
    name: str,
) -> Environment:
    """The environment with every variable bound, bounds checked."""
    result = dict(environment)
    for variable in variables:
        bound = bindings.get(variable.name)
        if bound is None:
            raise c.refused(
                "E0804",
                node,
                f"the type {variable.name} of {name}() is not known from its arguments",
            )
        check_bound(c, node, variable, bound)
        result[variable] = bound
    return result


def check_bound(
    c: FunctionChecker, node: ast.expr, variable: TypeVariableEntity, type: Type
) -> None:
    """Refuses a type argument that is not derived from the variable's bound."""
    if variable.bound is None:
        return
    entity = c.scopes.resolve_dotted(variable.module, variable.bound)
    if isinstance(entity, VocabularyEntity) and entity.key in ("int", "float"):
        wanted = IntType if entity.key == "int" else IntType | FloatType
        if not isinstance(type, wanted):
            raise c.refused("E0804", node, f"{type} is no {entity.key}, as {variable.name} asks")
        return
    bound = c.front_end.annotations.resolve(variable.module, variable.bound, {})
    if isinstance(bound, StructType):
        fits = isinstance(type, StructType) and c.structs.info(type).derives(bound.name)
        if not fits:
            raise c.refused(
                "E0804", node, f"{type} is not derived from {bound}, as {variable.name} asks"
            )


def infer_constructor(c: FunctionChecker, node: ast.Call, entity: ClassEntity) -> Type:
    """The instance of a generic class, from the arguments of its constructor."""
    variables = entity.type_variables
    placeholders: Environment = {item: TypeParameter(item.name) for item in variables}
    own = c.front_end.annotations.class_type(entity, tuple(placeholders.values()))
    assert isinstance(own, StructType)
    init = entity.find_method("__init__")
    if init is not None:
        patterns = parameter_patterns(c, init, c.structs.info(own), placeholders, [])
    else:
        fields = c.structs.info(own).fields.values()
        patterns = [(item.name, item.type) for item in fields if item.in_constructor]
    bindings: Bindings = {}
    unify_arguments(c, node, patterns, bindings)
    environment = complete(c, node, variables, bindings, {}, entity.name)
    return c.front_end.annotations.class_type(entity, tuple(environment[v] for v in variables))
