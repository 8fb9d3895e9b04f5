"""Checks errors and clean-up: `raise`, `try`, `with`."""

from __future__ import annotations

import ast

from compiler.frontend.assignments import store
from compiler.frontend.checker import FunctionChecker, TryState, stored_names
from compiler.frontend.flow import Flow, join
from compiler.frontend.method_calls import call_struct_method
from compiler.frontend.names import entity_of
from compiler.frontend.signatures import Raises
from compiler.frontend.source import span_of
from compiler.frontend.symbols import VocabularyEntity
from compiler.frontend.syntax import is_none
from compiler.ir.nodes import Assign, Conditional, Const, Evaluate, Expr, Local, Raise, Stmt, Try
from compiler.ir.program import ANY_ERROR
from compiler.ir.spans import Span
from compiler.ir.types import I32, NONE, StructType


def is_os_error(c: FunctionChecker, node: ast.expr | None) -> bool:
    """Whether an expression names the builtin `OSError`."""
    if node is None:
        return False
    entity = entity_of(c, node)
    return isinstance(entity, VocabularyEntity) and entity.key == "OSError"


def check_raise(c: FunctionChecker, node: ast.Raise) -> None:
    """`raise OSError(number)`, and `raise` alone in a handler."""
    if node.exc is None:
        reraise(c, node)
        return
    if node.cause is not None and not is_none(node.cause):
        raise c.refused("E0703", node.cause, "an error has no cause")
    if isinstance(node.exc, ast.Name) and node.exc.id in c.error_locals:
        raise_number(c, node, Local(I32, span_of(node), c.error_locals[node.exc.id]))
        return
    call = node.exc
    if not isinstance(call, ast.Call) or not is_os_error(c, call.func):
        raise c.refused("E0703", node, "only `OSError` can be raised")
    if len(call.args) != 1 or call.keywords:
        raise c.refused("E0703", call, "`OSError` takes the error number")
    raise_number(c, node, c.check_as(call.args[0], I32))


def raise_number(c: FunctionChecker, node: ast.Raise, code: Expr) -> None:
    """Raises a number that has been evaluated."""
    numbers = possible_numbers(code)
    raises: Raises = ANY_ERROR if numbers is None else numbers
    if numbers is not None and min(numbers) <= 0:
        raise c.refused("E0703", node, f"{min(numbers)} is not an error number")
    c.note_errors(raises, node, "this statement")
    c.emit(Raise(span_of(node), code))
    c.flow.is_reachable = False


def possible_numbers(code: Expr) -> tuple[int, ...] | None:
    """The numbers that an expression of constants can be; None if it is a variable."""
    if isinstance(code, Const) and isinstance(code.value, int):
        return (code.value,)
    if isinstance(code, Conditional):
        then, otherwise = possible_numbers(code.then), possible_numbers(code.otherwise)
        if then is not None and otherwise is not None:
            return tuple(sorted({*then, *otherwise}))
    return None


def reraise(c: FunctionChecker, node: ast.Raise) -> None:
    """`raise` alone: the error that is being handled."""
    if not c.handlers:
        raise c.refused("E0605", node, "`raise` alone belongs in an `except` clause")
    name, state = c.handlers[-1]
    raises: Raises = ANY_ERROR if state.any_error else tuple(sorted(state.errors))
    c.note_errors(raises, node, "this statement")
    c.emit(Raise(span_of(node), Local(I32, span_of(node), name)))
    c.flow.is_reachable = False


# --- try ---------------------------------------------------------------------------------------


def check_try(c: FunctionChecker, node: ast.Try) -> None:
    """`try` / `except OSError` / `else` / `finally`."""
    before = c.flow.copy()
    state = TryState()
    if node.handlers:
        c.tries.append(state)
    body = c.check_body(node.body)
    if node.handlers:
        c.tries.pop()
    after_body = c.flow
    otherwise = c.check_body(node.orelse)
    ends = [c.flow]
    handler: list[Stmt] | None = None
    name: str | None = None
    if node.handlers:
        name, handler = check_handler(c, node, state, interrupted(before, after_body, node.body))
        ends.append(c.flow)
    c.flow = join(ends, c.structs.common_base)
    final = check_final(c, node, before)
    c.emit(Try(span_of(node), body, name, handler, otherwise, final))


def interrupted(before: Flow, after: Flow, body: list[ast.stmt]) -> Flow:
    """What is known where `body` may have stopped at any point."""
    flow = before.copy()
    for name in stored_names(body):
        flow.forget_local(name)
    flow.forget_fields()
    flow.is_reachable = True
    return flow


def check_handler(
    c: FunctionChecker, node: ast.Try, state: TryState, entry: Flow
) -> tuple[str, list[Stmt]]:
    """The `except` clause: the local with the number, and the block."""
    clause = node.handlers[0]
    if len(node.handlers) > 1:
        second = node.handlers[1]
        place = second.type or node.handlers[0].type
        if place is not None:
            c.report("E0702", place, "one `except` clause catches all errors")
    if not is_os_error(c, clause.type):
        place = clause.type
        if place is None:
            raise c.refused("E0702", span_of_handler(clause), "`except` without `OSError`")
        raise c.refused("E0702", place, f"`{ast.unparse(place)}` cannot be caught")
    name = c.temporary(I32, "error")
    c.flow = entry
    c.handlers.append((name, state))
    previous = c.error_locals.get(clause.name or "")
    if clause.name is not None:
        if clause.name in c.function.locals:
            raise c.refused("E0310", span_of_handler(clause), f"{clause.name!r} is a local already")
        c.error_locals[clause.name] = name
        c.flow.assigned.add(clause.name)
    made = c.check_body(clause.body)
    c.handlers.pop()
    if clause.name is not None:
        c.flow.assigned.discard(clause.name)
        c.error_locals.pop(clause.name, None)
        if previous is not None:
            c.error_locals[clause.name] = previous
    return name, made


def span_of_handler(node: ast.ExceptHandler) -> Span:
    """The place of an `except` line."""
    return Span(node.lineno, node.col_offset, node.lineno, node.col_offset + len("except"))


def check_final(c: FunctionChecker, node: ast.Try, before: Flow) -> list[Stmt]:
    """The `finally` block, which may start anywhere in the statement."""
    if not node.finalbody:
        return []
    end = c.flow
    inner = [*node.body, *node.orelse]
    for clause in node.handlers:
        inner += clause.body
    c.flow = interrupted(before, end, inner)
    made = c.check_body(node.finalbody)
    after = c.flow
    end.assigned |= after.assigned - before.assigned
    for name in stored_names(node.finalbody):
        end.forget_local(name)
    end.forget_fields()
    end.is_reachable = end.is_reachable and after.is_reachable
    c.flow = end
    return made


# --- with --------------------------------------------------------------------------------------


def check_with(c: FunctionChecker, node: ast.With) -> None:
    """`with manager as x:`, several from the outside in."""
    check_items(c, node, list(node.items))


def check_items(c: FunctionChecker, node: ast.With, items: list[ast.withitem]) -> None:
    """The first item around the others, the body innermost."""
    if not items:
        for statement in node.body:
            c.check_statement(statement)
        return
    item, rest = items[0], items[1:]
    manager = c.check_value(item.context_expr)
    if not isinstance(manager.type, StructType):
        raise c.refused("E0301", item.context_expr, f"{manager.type} has no `__enter__`")
    name = c.temporary(manager.type, "manager")
    span = span_of(item.context_expr)
    c.emit(Assign(span, name, manager))
    kept = Local(manager.type, span, name)
    entered = call_struct_method(c, item.context_expr, kept, "__enter__", [])
    if item.optional_vars is None:
        c.emit(Evaluate(span, entered))
    elif entered.type == NONE:
        raise c.refused("E0301", item.optional_vars, "`__enter__` returns nothing")
    else:
        store(c, item.optional_vars, entered, item.optional_vars)
    body, final = with_body(c, node, rest, kept, item.context_expr)
    c.emit(Try(span, body, None, None, [], final))


def with_body(
    c: FunctionChecker, node: ast.With, rest: list[ast.withitem], kept: Expr, place: ast.expr
) -> tuple[list[Stmt], list[Stmt]]:
    """The body, and the call of `__exit__`."""
    with c.nested() as body:
        check_items(c, node, rest)
    after = c.flow
    with c.nested() as final:
        left = call_struct_method(c, place, kept, "__exit__", [])
        if left.type != NONE:
            c.report("E0301", place, "`__exit__` is declared `-> None`")
        c.emit(Evaluate(span_of(place), left))
    after.forget_fields()
    c.flow = after
    return body, final
