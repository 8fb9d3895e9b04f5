"""Checks loops: `while`, and `for` over ranges, sequences, pairs and iterators."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.assignments import declare, store
from compiler.frontend.checker import FunctionChecker, LoopState, TryState, stored_names
from compiler.frontend.conditions import check_condition
from compiler.frontend.conversions import adapt, common_type
from compiler.frontend.diagnostics import RefusedError
from compiler.frontend.flow import Flow, Path, join
from compiler.frontend.method_calls import call_struct_method
from compiler.frontend.names import entity_of
from compiler.frontend.operators import widen
from compiler.frontend.source import span_of
from compiler.frontend.subscripts import SEQUENCES, element_type
from compiler.frontend.symbols import VocabularyEntity
from compiler.frontend.untyped import UNTYPED_INT
from compiler.frontend.word_arguments import constant_int
from compiler.ir.nodes import (
    Assign,
    Binary,
    Bind,
    Compare,
    Const,
    Convert,
    Evaluate,
    Expr,
    ForRange,
    Index,
    Intrinsic,
    Length,
    Local,
    Loop,
    Stmt,
)
from compiler.ir.spans import Span
from compiler.ir.types import (
    BOOL,
    I64,
    NONE,
    U64,
    ArrayType,
    IntType,
    NullableType,
    StructType,
    Type,
)


def enter_loop(c: FunctionChecker, body: list[ast.stmt], turn: Callable[[], None]) -> LoopState:
    """Forgets what a turn of the loop may change; `turn` checks one, for a trial.

    A local that is not None before the loop and again at the end of each turn stays so.
    """
    c.flow.forget_fields()
    stored = stored_names(body)
    kept = {path for path in c.flow.narrowed if path[0] in stored}
    while kept:
        lost = {path for path in kept if not survives(c, path, turn)}
        if not lost:
            break
        kept -= lost
        for path in lost:
            c.flow.narrowed.pop(path, None)
    state = LoopState()
    c.loops.append(state)
    return state


def survives(c: FunctionChecker, path: Path, turn: Callable[[], None]) -> bool:
    """Whether the narrowing of `path` holds again wherever a turn ends."""
    wanted = c.flow.narrowed[path]
    return all(flow.narrowed.get(path) == wanted for flow in trial_ends(c, turn))


def trial_ends(c: FunctionChecker, turn: Callable[[], None]) -> list[Flow]:
    """The flows at the ends of a turn that is checked and thrown away."""
    found = c.front_end.diagnostics.found
    saved = (c.flow, c.block, c.temporaries, c.tries, c.handlers, c.unknown)
    locals_, slots = dict(c.function.locals), len(c.function.slots)
    declared, errors, known = dict(c.declared), dict(c.error_locals), dict(found)
    state = LoopState()
    c.flow, c.block, c.tries = c.flow.copy(), [], [*c.tries, TryState()]
    c.handlers, c.unknown = list(c.handlers), set(c.unknown)
    c.loops.append(state)
    try:
        turn()
        ends = [c.flow, *state.continues]
    except RefusedError:
        ends = [Flow()]
    c.loops.pop()
    c.flow, c.block, c.temporaries, c.tries, c.handlers, c.unknown = saved
    c.function.locals, c.declared, c.error_locals = locals_, declared, errors
    c.front_end.diagnostics.found = known
    del c.function.slots[slots:]
    return [flow for flow in ends if flow.is_reachable]


def leave_loop(
    c: FunctionChecker, state: LoopState, finished: Flow, otherwise: list[ast.stmt]
) -> list[Stmt]:
    """Checks the `else` block; the flow behind the loop."""
    c.loops.pop()
    c.flow = finished
    made = c.check_body(otherwise)
    c.flow = join([c.flow, *state.breaks], c.structs.common_base)
    return made


def check_while(c: FunctionChecker, node: ast.While) -> None:
    """`while condition:`."""

    def turn() -> None:
        _, c.flow, _ = check_condition(c, node.test)
        c.block += c.check_body(node.body)

    state = enter_loop(c, [node], turn)
    condition, when_true, when_false = check_condition(c, node.test)
    c.flow = when_true
    body = c.check_body(node.body)
    otherwise = leave_loop(c, state, when_false, node.orelse)
    if isinstance(condition, Const) and not condition.value:
        c.block += otherwise
        return
    c.emit(Loop(span_of(node.test), condition, body, [], otherwise))


def check_for(c: FunctionChecker, node: ast.For) -> None:
    """`for target in iterable:`."""
    word = iteration_word(c, node.iter)
    if word == "range":
        check_range(c, node)
    elif word == "enumerate":
        check_enumerate(c, node)
    elif word == "zip":
        check_zip(c, node)
    else:
        check_over(c, node)


def iteration_word(c: FunctionChecker, node: ast.expr) -> str:
    """`range`, `enumerate` or `zip`, if the iterable is a call of one."""
    if isinstance(node, ast.Call):
        entity = entity_of(c, node.func)
        if isinstance(entity, VocabularyEntity) and entity.key in ("range", "enumerate", "zip"):
            return entity.key
    return ""


def check_range(c: FunctionChecker, node: ast.For) -> None:
    """`for i in range(start, stop, step)`."""
    call = node.iter
    assert isinstance(call, ast.Call)
    if call.keywords or not 1 <= len(call.args) <= 3:
        raise c.refused("E0603", call, "range() takes one to three integers")
    step = constant_int(c, call.args[2]) if len(call.args) == 3 else 1
    if step == 0:
        raise c.refused("E0603", call.args[2], "the step of a range is not zero")
    stop_node = call.args[1] if len(call.args) > 1 else call.args[0]
    start: Expr = Const(UNTYPED_INT, span_of(call), 0)
    if len(call.args) > 1:
        start = c.check(call.args[0])
    stop = c.check(stop_node)
    if not isinstance(node.target, ast.Name):
        raise c.refused("E0603", node.target, "a range gives one integer")
    known = c.function.locals.get(node.target.id)
    start, stop = bounds(c, start, stop, known, call)
    type = start.type
    is_direct = known is None or known == type
    if known is None:
        declare(c, node.target, type)
    name = node.target.id if is_direct else c.temporary(type, "i")

    def turn() -> None:
        assert isinstance(node.target, ast.Name)
        if is_direct:
            c.flow.assigned.add(node.target.id)
            c.flow.forget_local(node.target.id)
        else:
            store(c, node.target, Local(type, span_of(node.target), name), node.target)
        for statement in node.body:
            c.check_statement(statement)

    finished, state = start_loop(c, node, turn)
    with c.nested() as body:
        turn()
    otherwise = leave_loop(c, state, finished, node.orelse)
    span = header(node)
    c.emit(ForRange(span, name, type, start, stop, step, body, otherwise))


def header(node: ast.For) -> Span:
    """The place of a loop's first line."""
    end = span_of(node.iter)
    return Span(node.lineno, node.col_offset, end.end_line, end.end_column)


def start_loop(
    c: FunctionChecker, node: ast.For, turn: Callable[[], None]
) -> tuple[Flow, LoopState]:
    """Enters a `for` loop; the flow where it is finished."""
    state = enter_loop(c, [node], turn)
    return c.flow.copy(), state


def bounds(
    c: FunctionChecker, start: Expr, stop: Expr, known: Type | None, node: ast.expr
) -> tuple[Expr, Expr]:
    """Both bounds of a range in one integer type."""
    for value in (start, stop):
        if not isinstance(value.type, IntType) and value.type != UNTYPED_INT:
            raise c.refused("E0603", node, f"a range is over integers, not {value.type}")
    one, other = start.type, stop.type
    if one == UNTYPED_INT and other == UNTYPED_INT:
        wanted = known if isinstance(known, IntType) else I64
        return fit(c, start, wanted, node), fit(c, stop, wanted, node)
    if one == UNTYPED_INT:
        return fit(c, start, other, node), stop
    if other == UNTYPED_INT:
        return start, fit(c, stop, one, node)
    target = common_type(one, other)
    if target is None:
        raise c.refused("E0304", node, f"the bounds of the range are {one} and {other}")
    return widen(start, target), widen(stop, target)


def fit(c: FunctionChecker, value: Expr, type: Type, node: ast.expr) -> Expr:
    """A constant bound in the other bound's type."""
    assert isinstance(type, IntType)
    made = adapt(value, type)
    if made is None:
        return c.coerce(value, type, node)
    return made


# --- sequences ---------------------------------------------------------------------------------


def sequence(c: FunctionChecker, node: ast.expr) -> Expr:
    """A sequence, evaluated once into a local of the compiler's."""
    value = c.check_value(node)
    if isinstance(value.type, NullableType):
        raise c.refused("E0311", node, f"{ast.unparse(node)} may be None here")
    if not isinstance(value.type, SEQUENCES):
        raise c.refused("E0603", node, f"`for` over {value.type}")
    return keep(c, value, node, "sequence")


def keep(c: FunctionChecker, value: Expr, node: ast.expr, hint: str) -> Expr:
    """`value` in a local of the compiler's."""
    name = c.temporary(value.type, hint)
    c.emit(Assign(span_of(node), name, value))
    return Local(value.type, span_of(node), name)


def length_of(value: Expr, node: ast.expr) -> Expr:
    """Number of elements."""
    if isinstance(value.type, ArrayType):
        return Const(U64, span_of(node), value.type.length)
    return Length(U64, span_of(node), value)


def check_over(c: FunctionChecker, node: ast.For) -> None:
    """`for x in sequence` or over an object with `next_item`."""
    value = c.check_value(node.iter)
    if isinstance(value.type, StructType):
        check_iterator(c, node, value)
        return
    if isinstance(value.type, NullableType):
        raise c.refused("E0311", node.iter, f"{ast.unparse(node.iter)} may be None here")
    if not isinstance(value.type, SEQUENCES):
        raise c.refused("E0603", node.iter, f"`for` over {value.type}")
    items = keep(c, value, node.iter, "sequence")
    counted(c, node, length_of(items, node.iter), [(node.target, items)], None, 0)


def check_enumerate(c: FunctionChecker, node: ast.For) -> None:
    """`for i, x in enumerate(a)`."""
    call = node.iter
    assert isinstance(call, ast.Call)
    start = 0
    if len(call.args) == 2:
        start = constant_int(c, call.args[1])
    elif call.keywords and call.keywords[0].arg == "start":
        start = constant_int(c, call.keywords[0].value)
    if not call.args or not isinstance(node.target, ast.Tuple) or len(node.target.elts) != 2:
        raise c.refused("E0603", call, "write `for i, x in enumerate(a)`")
    items = sequence(c, call.args[0])
    number, target = node.target.elts
    counted(c, node, length_of(items, call), [(target, items)], number, start)


def check_zip(c: FunctionChecker, node: ast.For) -> None:
    """`for x, y in zip(a, b)`."""
    call = node.iter
    assert isinstance(call, ast.Call)
    targets = node.target.elts if isinstance(node.target, ast.Tuple) else []
    if any(item.arg != "strict" for item in call.keywords):
        raise c.refused("E0603", call, "zip() takes `strict=True` and nothing else by name")
    if len(call.args) < 2 or len(call.args) != len(targets):
        raise c.refused("E0603", call, "write `for x, y in zip(a, b)`")
    items = [sequence(c, item) for item in call.args]
    first = keep(c, length_of(items[0], call), call, "length")
    for other in items[1:]:
        operands = [first, length_of(other, call)]
        same = Intrinsic(NONE, span_of(call), "same_length", operands)
        c.emit(Evaluate(span_of(call), same))
    counted(c, node, first, list(zip(targets, items, strict=True)), None, 0)


def counted(
    c: FunctionChecker,
    node: ast.For,
    length: Expr,
    pairs: list[tuple[ast.expr, Expr]],
    number: ast.expr | None,
    start: int,
) -> None:
    """A loop over the indices of sequences."""
    span = header(node)
    counter = c.temporary(U64, "index")
    index = Local(U64, span, counter)

    def turn() -> None:
        if number is not None:
            store(c, number, numbered(c, number, index, start), number)
        for target, items in pairs:
            element = element_type(items.type)
            assert element is not None
            store(c, target, Index(element, span_of(target), items, index, False), target)
        for statement in node.body:
            c.check_statement(statement)

    finished, state = start_loop(c, node, turn)
    with c.nested() as body:
        turn()
    otherwise = leave_loop(c, state, finished, node.orelse)
    zero = Const(U64, span, 0)
    c.emit(ForRange(span, counter, U64, zero, length, 1, body, otherwise))


def numbered(c: FunctionChecker, target: ast.expr, index: Expr, start: int) -> Expr:
    """The number that `enumerate` gives."""
    if not start:
        return index
    return Binary(U64, span_of(target), "add", "checked", index, Const(U64, index.span, start))


# --- iterators ---------------------------------------------------------------------------------


def check_iterator(c: FunctionChecker, node: ast.For, value: Expr) -> None:
    """`for x in object`: `next_item` until it gives None."""
    assert isinstance(value.type, StructType)
    if c.structs.info(value.type).find_method("__iter__") is not None:
        value = call_struct_method(c, node.iter, value, "__iter__", [])
    if not isinstance(value.type, StructType):
        raise c.refused("E0603", node.iter, f"`__iter__` gives {value.type}, not an iterator")
    if c.structs.info(value.type).find_method("next_item") is None:
        raise c.refused("E0603", node.iter, f"{value.type} has no `next_item`")
    iterator = keep(c, value, node.iter, "iterator")
    item = call_struct_method(c, node.iter, iterator, "next_item", [])
    item_type = item.type
    if not isinstance(item_type, NullableType):
        raise c.refused("E0603", node.iter, f"`next_item` gives {item_type}, not `T | None`")
    span = header(node)
    name = c.temporary(item_type, "item")
    condition = Compare(
        BOOL, span, "is_not", Bind(item_type, span, name, item), Const(item_type, span, None)
    )

    def turn() -> None:
        read = Convert(item_type.inner, span, "unwrap", Local(item_type, span, name))
        store(c, node.target, read, node.target)
        for statement in node.body:
            c.check_statement(statement)

    finished, state = start_loop(c, node, turn)
    with c.nested() as body:
        turn()
    otherwise = leave_loop(c, state, finished, node.orelse)
    c.emit(Loop(span, condition, body, [], otherwise))
