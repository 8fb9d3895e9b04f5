"""Checks simple statements and branches; loops, matches and handlers are in files of their own."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.assignments import (
    check_annotated,
    check_assignment,
    check_augmented,
)
from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conditions import check_condition
from compiler.frontend.flow import join
from compiler.frontend.handling import check_raise, check_try, check_with
from compiler.frontend.loops import check_for, check_while
from compiler.frontend.matching import check_match
from compiler.frontend.source import header_span, span_of
from compiler.frontend.syntax import is_none
from compiler.frontend.words_control import check_ending
from compiler.ir.nodes import (
    Break,
    Const,
    Continue,
    Evaluate,
    If,
    Return,
    Trap,
    Unary,
)
from compiler.ir.types import (
    BOOL,
    NEVER,
    NONE,
    FormatType,
    NoneType,
    StrType,
)


def check_expression_statement(c: FunctionChecker, node: ast.Expr) -> None:
    """A call for its effects, or a docstring."""
    if isinstance(node.value, ast.Constant) and (
        isinstance(node.value.value, str) or node.value.value is Ellipsis
    ):
        return
    if isinstance(node.value, ast.Call) and check_ending(c, node.value):
        return
    value = c.check(node.value)
    if isinstance(value, Const) and value.type == NONE:
        return
    value = c.settle(value, node.value)
    c.emit(Evaluate(span_of(node), value))
    if value.type == NEVER:
        c.flow.is_reachable = False


def check_return(c: FunctionChecker, node: ast.Return) -> None:
    """`return` and `return value`."""
    result = c.function.result
    span = span_of(node)
    if result == NEVER:
        raise c.refused("E0805", node, "this function is declared not to return")
    if isinstance(result, NoneType):
        if node.value is not None and not is_none(node.value):
            raise c.refused("E0805", node, "this function is declared `-> None`")
        c.emit(Return(span, None))
    elif node.value is None:
        raise c.refused("E0805", node, f"this function returns {result}")
    else:
        if isinstance(result, FormatType):
            raise c.refused("E0314", node, "a FormatStr cannot be returned")
        c.emit(Return(span, c.check_as(node.value, result)))
    c.flow.is_reachable = False


def check_if(c: FunctionChecker, node: ast.If) -> None:
    """`if`: both branches, or only the one that a constant chooses."""
    condition, when_true, when_false = check_condition(c, node.test)
    if isinstance(condition, Const):
        c.flow = when_true if condition.value else when_false
        for statement in node.body if condition.value else node.orelse:
            c.check_statement(statement)
        return
    c.flow = when_true
    then = c.check_body(node.body)
    after_then = c.flow
    c.flow = when_false
    otherwise = c.check_body(node.orelse)
    c.flow = join([after_then, c.flow], c.structs.common_base)
    c.emit(If(span_of(node.test), condition, then, otherwise))


def check_assert(c: FunctionChecker, node: ast.Assert) -> None:
    """`assert condition, message`."""
    condition, when_true, when_false = check_condition(c, node.test)
    span = span_of(node)
    c.flow = when_false
    with c.nested() as failed:
        message = None
        if node.msg is not None:
            message = c.check(node.msg)
            if not isinstance(message.type, StrType | FormatType):
                raise c.refused("E0301", node.msg, f"a message is text, not {message.type}")
        c.emit(Trap(span, "AssertionError", message))
    c.flow = when_true
    if isinstance(condition, Const):
        if not condition.value:
            c.block += failed
            c.flow.is_reachable = False
        return
    wrong = Unary(BOOL, condition.span, "not", "checked", condition)
    c.emit(If(span, wrong, failed, []))


def check_pass(c: FunctionChecker, node: ast.Pass) -> None:
    """`pass`: nothing."""


def check_break(c: FunctionChecker, node: ast.Break) -> None:
    """`break`."""
    if not c.loops:
        raise c.refused("E0605", node, "`break` outside a loop")
    c.loops[-1].breaks.append(c.flow.copy())
    c.emit(Break(span_of(node)))
    c.flow.is_reachable = False


def check_continue(c: FunctionChecker, node: ast.Continue) -> None:
    """`continue`."""
    if not c.loops:
        raise c.refused("E0605", node, "`continue` outside a loop")
    c.loops[-1].continues.append(c.flow.copy())
    c.emit(Continue(span_of(node)))
    c.flow.is_reachable = False


def check_global(c: FunctionChecker, node: ast.Global) -> None:
    """`global`, refused; the names are not looked at again."""
    c.unknown.update(node.names)
    raise c.refused(
        "E0103", node, "`global` is not in Bare Python: a module-level name is a constant"
    )


def refuse(message: str, cure: str, code: str = "E0101") -> Callable[..., None]:
    """A handler that refuses its statement."""

    def check(c: FunctionChecker, node: ast.stmt) -> None:
        place = header_span(node) if isinstance(node, DEFINITIONS) else span_of(node)
        raise c.refused(code, place, message, cure)

    return check


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ASYNC = refuse("`async` is not in Bare Python", "call the function directly")

STATEMENTS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: check_expression_statement,
    ast.Assign: check_assignment,
    ast.AnnAssign: check_annotated,
    ast.AugAssign: check_augmented,
    ast.Return: check_return,
    ast.If: check_if,
    ast.While: check_while,
    ast.For: check_for,
    ast.Match: check_match,
    ast.With: check_with,
    ast.Try: check_try,
    ast.Raise: check_raise,
    ast.Assert: check_assert,
    ast.Pass: check_pass,
    ast.Break: check_break,
    ast.Continue: check_continue,
    ast.FunctionDef: refuse("a function inside a function", "define it at module level"),
    ast.AsyncFunctionDef: ASYNC,
    ast.ClassDef: refuse("a class inside a function", "define it at module level"),
    ast.Delete: refuse("`del` is not in Bare Python", "leave the name, or use a smaller function"),
    ast.Global: check_global,
    ast.Nonlocal: refuse("`nonlocal` is not in Bare Python", "pass the value as an argument"),
    ast.Import: refuse("an import inside a function", "import at module level", "E0004"),
    ast.ImportFrom: refuse("an import inside a function", "import at module level", "E0004"),
    ast.AsyncFor: ASYNC,
    ast.AsyncWith: ASYNC,
    ast.TryStar: refuse("`except*` is not in Bare Python", "write `except OSError as error:`"),
}
