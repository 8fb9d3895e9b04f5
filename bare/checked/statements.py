"""Generated code for statements.

A `final` block runs on every way out but a trap. Python's `finally` would run on traps too, so it
is guarded by a flag that is set when anything but an error passes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from bare.checked.emitter import Emitter
from bare.checked.expressions import may_be_negative, stored
from compiler.ir import nodes
from compiler.ir.types import PointerType


def evaluate(emit: Emitter, node: nodes.Evaluate) -> list[ast.stmt]:
    """Evaluates an expression for its effects."""
    return [emit.evaluate(emit.expr(node.value))]


def assign(emit: Emitter, node: nodes.Assign) -> list[ast.stmt]:
    """Stores a local."""
    return [emit.assign(node.name, emit.expr(node.value))]


def is_still(node: nodes.Expr) -> bool:
    """Whether evaluating the expression later gives the same and can do nothing."""
    return isinstance(node, nodes.Const | nodes.Local | nodes.Text | nodes.DataRef)


def in_order(emit: Emitter, operands: list[nodes.Expr]) -> tuple[list[ast.stmt], list[ast.expr]]:
    """Emits operands so that they are evaluated left to right wherever they are used.

    Python evaluates the value of an assignment before its target.
    """
    if all(is_still(operand) for operand in operands[:-1]) or is_still(operands[-1]):
        return [], emit.exprs(operands)
    before: list[ast.stmt] = []
    values: list[ast.expr] = []
    for operand in operands[:-1]:
        if is_still(operand):
            values.append(emit.expr(operand))
            continue
        name = emit.temporary()
        before.append(emit.assign(name, emit.expr(operand)))
        values.append(emit.name(name))
    return before, [*values, emit.expr(operands[-1])]


def set_field(emit: Emitter, node: nodes.SetField) -> list[ast.stmt]:
    """Stores a field."""
    before, (target, value) = in_order(emit, [node.object, node.value])
    field = emit.program.ir.structs[node.struct].fields[node.field]
    place = ast.Attribute(target, f"slot_{node.field}", ast.Store(), **emit.place)
    return [*before, ast.Assign([place], stored(emit, field, value), **emit.place)]


def set_index(emit: Emitter, node: nodes.SetIndex) -> list[ast.stmt]:
    """Stores an element."""
    before, (target, place, value) = in_order(emit, [node.object, node.index, node.value])
    if isinstance(node.object.type, PointerType):
        of = emit.bound(node.value.type, "type")
        return [*before, emit.evaluate(emit.call("bare_store_at", [of, target, place, value]))]
    if node.checked and may_be_negative(node.index):
        return [*before, emit.evaluate(emit.call("bare_set_item", [target, place, value]))]
    subscript = ast.Subscript(target, place, ast.Store(), **emit.place)
    return [*before, ast.Assign([subscript], value, **emit.place)]


def if_(emit: Emitter, node: nodes.If) -> list[ast.stmt]:
    """Emits `if`."""
    test = emit.expr(node.condition)
    otherwise = emit.block(node.otherwise) if node.otherwise else []
    return [ast.If(test, emit.block(node.then), otherwise, **emit.place)]


def loop(emit: Emitter, node: nodes.Loop) -> list[ast.stmt]:
    """Emits `while`; `continue` runs the step by itself."""
    test = emit.expr(node.condition)
    emit.steps.append(node.step)
    body = emit.block(node.body)
    emit.steps.pop()
    if node.step:
        body += emit.block(node.step)
    otherwise = emit.block(node.otherwise) if node.otherwise else []
    return [ast.While(test, body, otherwise, **emit.place)]


def for_range(emit: Emitter, node: nodes.ForRange) -> list[ast.stmt]:
    """Emits `for … in range`."""
    bounds = [emit.expr(node.start), emit.expr(node.stop), emit.const(node.step)]
    emit.steps.append([])
    body = emit.block(node.body)
    emit.steps.pop()
    target = ast.Name(node.name, ast.Store(), **emit.place)
    otherwise = emit.block(node.otherwise) if node.otherwise else []
    turns = emit.call("bare_range", bounds)
    return [ast.For(target, turns, body, otherwise, **emit.place)]


def switch(emit: Emitter, node: nodes.Switch) -> list[ast.stmt]:
    """Emits `match` as a chain of tests."""
    name = emit.temporary()
    subject = emit.assign(name, emit.expr(node.subject))
    if node.default is None:
        chain = [emit.evaluate(emit.call("bare_no_case", [emit.name(name)]))]
    else:
        chain = emit.block(node.default)
    for case in reversed(node.cases):
        if len(case.values) == 1:
            test = emit.compare(emit.name(name), ast.Eq(), emit.const(case.values[0]))
        else:
            test = emit.compare(emit.name(name), ast.In(), emit.const(frozenset(case.values)))
        chain = [ast.If(test, emit.block(case.body), chain, **emit.place)]
    return [subject, *chain]


def break_(emit: Emitter, node: nodes.Break) -> list[ast.stmt]:
    """Leaves the loop."""
    return [ast.Break(**emit.place)]


def continue_(emit: Emitter, node: nodes.Continue) -> list[ast.stmt]:
    """Goes on with the next turn."""
    step = emit.steps[-1]
    return [*(emit.block(step) if step else []), ast.Continue(**emit.place)]


def return_(emit: Emitter, node: nodes.Return) -> list[ast.stmt]:
    """Returns."""
    return [ast.Return(None if node.value is None else emit.expr(node.value), **emit.place)]


def raise_(emit: Emitter, node: nodes.Raise) -> list[ast.stmt]:
    """Raises an error."""
    error = emit.call("bare_os_error", [emit.expr(node.code)])
    return [ast.Raise(error, emit.const(None), **emit.place)]


def try_(emit: Emitter, node: nodes.Try) -> list[ast.stmt]:
    """Emits `try`."""
    emitted = emit.block(node.body)
    if node.handler is not None:
        handler = [*_take_error(emit, node), *emit.block(node.handler)]
        caught = ast.ExceptHandler(emit.name("OSError"), "%error", handler, **emit.place)
        otherwise = emit.block(node.otherwise) if node.otherwise else []
        emitted = [ast.Try(emitted, [caught], otherwise, [], **emit.place)]
    elif node.otherwise:
        emitted += emit.block(node.otherwise)
    return _guarded(emit, node, emitted) if node.final else emitted


def _take_error(emit: Emitter, node: nodes.Try) -> list[ast.stmt]:
    if node.error is None:
        return []
    number = emit.attribute(emit.name("%error"), "errno")
    return [emit.assign(node.error, number)]


def _guarded(emit: Emitter, node: nodes.Try, body: list[ast.stmt]) -> list[ast.stmt]:
    trapped = emit.temporary()
    passed = ast.Raise(**emit.place)
    note = emit.assign(trapped, emit.const(True))
    handlers = [
        ast.ExceptHandler(emit.name("OSError"), None, [passed], **emit.place),
        ast.ExceptHandler(emit.name("BaseException"), None, [note, passed], **emit.place),
    ]
    inner = ast.Try(body, handlers, [], [], **emit.place)
    test = emit.unary(ast.Not(), emit.name(trapped))
    final = ast.If(test, emit.block(node.final), [], **emit.place)
    return [
        emit.assign(trapped, emit.const(False)),
        ast.Try([inner], [], [], [final], **emit.place),
    ]


def trap(emit: Emitter, node: nodes.Trap) -> list[ast.stmt]:
    """Traps."""
    message = emit.const(b"") if node.message is None else emit.expr(node.message)
    trapped = emit.call("bare_trap", [emit.const(node.kind), message])
    return [ast.Raise(trapped, None, **emit.place)]


STATEMENTS: dict[type, Callable[[Emitter, Any], list[ast.stmt]]] = {
    nodes.Evaluate: evaluate,
    nodes.Assign: assign,
    nodes.SetField: set_field,
    nodes.SetIndex: set_index,
    nodes.If: if_,
    nodes.Loop: loop,
    nodes.ForRange: for_range,
    nodes.Switch: switch,
    nodes.Break: break_,
    nodes.Continue: continue_,
    nodes.Return: return_,
    nodes.Raise: raise_,
    nodes.Try: try_,
    nodes.Trap: trap,
}
