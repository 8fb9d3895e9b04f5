"""Checks conditions: a bool, and what is known where it is true and where it is false."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conversions import default_type
from compiler.frontend.flow import Flow, Path, join
from compiler.frontend.paths import path_of
from compiler.frontend.source import span_of
from compiler.frontend.symbols import VocabularyEntity
from compiler.frontend.syntax import is_none
from compiler.frontend.untyped import UNTYPED_NONE
from compiler.ir.nodes import Const, Expr, Logical, Unary
from compiler.ir.types import BOOL, IntType, NullableType, StructType, Type

Condition = tuple[Expr, Flow, Flow]


def check_condition(c: FunctionChecker, node: ast.expr) -> Condition:
    """The bool `node`, the flow where it is true, the flow where it is false."""
    if isinstance(node, ast.BoolOp):
        return check_bool_operation(c, node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        value, when_true, when_false = check_condition(c, node.operand)
        if isinstance(value, Const):
            return Const(BOOL, span_of(node), not value.value), when_false, when_true
        return Unary(BOOL, span_of(node), "not", "checked", value), when_false, when_true
    value = require_bool(c, c.check(node), node)
    when_true, when_false = c.flow.copy(), c.flow.copy()
    if isinstance(value, Const):
        (when_false if value.value else when_true).is_reachable = False
        return value, when_true, when_false
    learn(c, node, when_true, when_false)
    return value, when_true, when_false


def require_bool(c: FunctionChecker, value: Expr, node: ast.expr) -> Expr:
    """Refuses a condition that is not a bool."""
    if value.type == BOOL:
        return value
    text = ast.unparse(node)
    cure = "compare it with something"
    if isinstance(value.type, NullableType) or value.type == UNTYPED_NONE:
        cure = f"write `{text} is not None`"
    elif isinstance(default_type(value).type, IntType):
        cure = f"write `{text} != 0`"
    raise c.refused("E0307", node, f"a condition is a bool, not {value.type}", cure)


def check_bool_operation(c: FunctionChecker, node: ast.BoolOp) -> Condition:
    """`a and b and c`, `a or b or c`: each operand sees what those before it proved."""
    is_and = isinstance(node.op, ast.And)
    result, when_true, when_false = check_condition(c, node.values[0])
    decided = [when_false if is_and else when_true]
    for item in node.values[1:]:
        c.flow = when_true if is_and else when_false
        if isinstance(result, Const):
            if bool(result.value) != is_and:
                break
            result, when_true, when_false = check_condition(c, item)
        else:
            right, when_true, when_false = check_condition(c, item)
            operator = "and" if is_and else "or"
            result = Logical(BOOL, span_of(node), operator, result, right)  # type: ignore[arg-type]
        decided.append(when_false if is_and else when_true)
    joined = join(decided, c.structs.common_base)
    return (result, when_true, joined) if is_and else (result, joined, when_false)


def learn(c: FunctionChecker, node: ast.expr, when_true: Flow, when_false: Flow) -> None:
    """Adds what a test of None or of the class proves."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        operator, right = node.ops[0], node.comparators[0]
        if not isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq) or not is_none(right):
            return
        path = path_of(c, node.left)
        if path is None:
            return
        inner = inner_type(c, path, node.left)
        if inner is not None:
            target = when_false if isinstance(operator, ast.Is | ast.Eq) else when_true
            target.narrowed[path] = inner
    elif isinstance(node, ast.Call):
        learn_class(c, node, when_true)


def learn_class(c: FunctionChecker, node: ast.Call, when_true: Flow) -> None:
    """`isinstance(x, D)` proves that `x` is a `D`."""
    if not isinstance(node.func, ast.Name) or node.func.id in c.assigned_names:
        return
    entity = c.scopes.lookup(c.module, node.func.id)
    if not isinstance(entity, VocabularyEntity) or entity.key != "isinstance":
        return
    path = path_of(c, node.args[0])
    if path is not None:
        type = c.resolve_type(node.args[1])
        if isinstance(type, StructType):
            when_true.narrowed[path] = type


def inner_type(c: FunctionChecker, path: Path, node: ast.expr) -> Type | None:
    """The type without None of what a path names; None if it cannot be None."""
    type: Type | None = c.function.locals.get(path[0])
    known = c.flow.narrowed.get(path[:1])
    type = known or type
    for index, name in enumerate(path[1:], 2):
        if not isinstance(type, StructType):
            return None
        field = c.structs.info(type).fields.get(name)
        if field is None:
            return None
        type = c.flow.narrowed.get(path[:index]) or field.type
    return type.inner if isinstance(type, NullableType) else None
