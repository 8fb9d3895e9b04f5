"""Rules for statements."""

from __future__ import annotations

from compiler.backend.arithmetic import integer_type
from compiler.backend.formats import runtime_call, text_message
from compiler.backend.function import TRAP_NUMBERS, FunctionLowering
from compiler.backend.layout import FORMAT, VOID
from compiler.backend.scopes import Exit, Loop, TryBlock
from compiler.ir import nodes as n
from compiler.ir import types as t

SCALAR_UNROLL = 4
"""Turns at once of a loop in a function with `@scalar_loops`."""


def lower_evaluate(lowering: FunctionLowering, node: n.Evaluate) -> None:
    """An expression for its effects."""
    lowering.value(node.value)


def lower_assign(lowering: FunctionLowering, node: n.Assign) -> None:
    """Stores into a local."""
    value = lowering.value(node.value)
    lowering.at(node.span)
    lowering.set_local(node.name, value)


def lower_if(lowering: FunctionLowering, node: n.If) -> None:
    """Two arms."""
    out = lowering.out
    lowering.at(node.span)
    condition = lowering.text(node.condition)
    then, otherwise, done = out.fresh("then"), out.fresh("else"), out.fresh("done")
    out.branch_if(condition, then, otherwise if node.otherwise else done)
    out.start_block(then)
    lowering.statements(node.then)
    out.branch(done)
    if node.otherwise:
        out.start_block(otherwise)
        lowering.statements(node.otherwise)
        out.branch(done)
    out.start_block(done)


def lower_loop(lowering: FunctionLowering, node: n.Loop) -> None:
    """`while`, with the step that `continue` runs too."""
    out = lowering.out
    head, body = out.fresh("while"), out.fresh("body")
    step, other, done = out.fresh("step"), out.fresh("else"), out.fresh("done")
    out.start_block(head)
    lowering.at(node.span)
    if isinstance(node.condition, n.Const) and node.condition.value is True:
        out.branch(body)
    else:
        out.branch_if(lowering.text(node.condition), body, other)
    out.start_block(body)
    lowering.scopes.push(Loop(done, step))
    lowering.statements(node.body)
    lowering.scopes.pop()
    out.start_block(step)
    lowering.statements(node.step)
    out.branch(head)
    out.start_block(other)
    lowering.statements(node.otherwise)
    out.start_block(done)


def lower_for_range(lowering: FunctionLowering, node: n.ForRange) -> None:
    """A counted loop. It tests the distance to the stop before the count moves: no overflow."""
    out = lowering.out
    start, stop = lowering.text(node.start), lowering.text(node.stop)
    lowering.at(node.span)
    kind = integer_type(node.type)
    spelled = f"i{kind.bits}"
    body, step = out.fresh("for"), out.fresh("step")
    other, done = out.fresh("else"), out.fresh("done")
    counter = out.alloca(spelled, kind.bits // 8, "counter")
    out.effect(f"store {spelled} {start}, ptr {counter}")
    sign = "s" if kind.signed else "u"
    order = f"{sign}lt" if node.step > 0 else f"{sign}gt"
    out.branch_if(out.emit(f"icmp {order} {spelled} {start}, {stop}"), body, other)
    out.start_block(body)
    current = out.emit(f"load {spelled}, ptr {counter}")
    out.effect(f"store {spelled} {current}, ptr {lowering.local_slot(node.name)}")
    lowering.scopes.push(Loop(done, step))
    lowering.statements(node.body)
    lowering.scopes.pop()
    out.start_block(step)
    lowering.at(node.span)
    _next_turn(lowering, node.step, kind, counter, stop, (body, other))
    out.start_block(other)
    lowering.statements(node.otherwise)
    out.start_block(done)


def _next_turn(
    lowering: FunctionLowering,
    step: int,
    kind: t.IntType,
    counter: str,
    stop: str,
    labels: tuple[str, str],
) -> None:
    out, spelled = lowering.out, f"i{kind.bits}"
    current = out.emit(f"load {spelled}, ptr {counter}")
    flag = "nsw" if kind.signed else "nuw"
    if abs(step) == 1:
        operation = "add" if step > 0 else "sub"
        following = out.emit(f"{operation} {flag} {spelled} {current}, 1")
        more = out.emit(f"icmp ne {spelled} {following}, {stop}")
    else:
        first, second = (stop, current) if step > 0 else (current, stop)
        distance = out.emit(f"sub {spelled} {first}, {second}")
        if abs(step) > (1 << kind.bits) - 1:
            more = "false"
        else:
            more = out.emit(f"icmp ugt {spelled} {distance}, {abs(step)}")
        operation = "add" if step > 0 else "sub"
        following = out.emit(f"{operation} {spelled} {current}, {abs(step) % (1 << kind.bits)}")
    out.effect(f"store {spelled} {following}, ptr {counter}")
    out.branch_if(more, *labels, note=_loop_note(lowering))


def _loop_note(lowering: FunctionLowering) -> str:
    """What the optimiser is told of a loop: those that stay scalar take four turns at once."""
    if not lowering.function.scalar_loops:
        return ""
    out = lowering.unit.out
    number = out.reserve_metadata()
    count = out.metadata(f'!{{!"llvm.loop.unroll.count", i32 {SCALAR_UNROLL}}}')
    out.fill_metadata(number, f"distinct !{{!{number}, {count}}}")
    return f", !llvm.loop !{number}"


def lower_switch(lowering: FunctionLowering, node: n.Switch) -> None:
    """Arms by constants."""
    out = lowering.out
    lowering.at(node.span)
    subject = lowering.value(node.subject)
    default, done = out.fresh("default"), out.fresh("done")
    labels = [out.fresh("case") for _ in node.cases]
    arms = []
    taken: set[int] = set()
    for label, case in zip(labels, node.cases, strict=True):
        for value in case.values:
            if value not in taken:
                taken.add(value)
                arms.append((value, label))
    out.switch(f"{subject}", default, arms)
    for label, case in zip(labels, node.cases, strict=True):
        out.start_block(label)
        lowering.statements(case.body)
        out.branch(done)
    out.start_block(default)
    lowering.at(node.span)
    if node.default is None:
        lowering.trap("ValueError")
    else:
        lowering.statements(node.default)
    out.start_block(done)


def lower_break(lowering: FunctionLowering, node: n.Break) -> None:
    """Leaves the innermost loop."""
    lowering.at(node.span)
    lowering.leave(Exit("break", lowering.scopes.innermost_loop()))


def lower_continue(lowering: FunctionLowering, node: n.Continue) -> None:
    """Goes to the next turn of the innermost loop."""
    lowering.at(node.span)
    lowering.leave(Exit("continue", lowering.scopes.innermost_loop()))


def lower_return(lowering: FunctionLowering, node: n.Return) -> None:
    """Returns."""
    value = VOID if node.value is None else lowering.value(node.value)
    lowering.at(node.span)
    lowering.return_value(value)


def lower_raise(lowering: FunctionLowering, node: n.Raise) -> None:
    """Raises an error number."""
    code = lowering.text(node.code)
    lowering.at(node.span)
    lowering.raise_error(code)


def lower_try(lowering: FunctionLowering, node: n.Try) -> None:
    """Body, handler, otherwise; the final part once for each way out."""
    out = lowering.out
    handler = out.fresh("except") if node.handler is not None else None
    normal, done = out.fresh("finally"), out.fresh("done")
    scope = TryBlock(handler, node.final)
    lowering.scopes.push(scope)
    lowering.statements(node.body)
    scope.catches = False
    lowering.statements(node.otherwise)
    out.branch(normal)
    if handler is not None and scope.handler_used:
        out.start_block(handler)
        if node.error is not None:
            code = lowering.load_error()
            out.effect(f"store i32 {code}, ptr {lowering.local_slot(node.error)}")
        lowering.statements(node.handler or [])
        out.branch(normal)
    lowering.scopes.pop()
    for way, label in scope.pads.items():
        out.start_block(label)
        _run_final(lowering, node.final, way)
    out.start_block(normal)
    lowering.statements(node.final)
    out.start_block(done)


def _run_final(lowering: FunctionLowering, final: list[n.Stmt], way: Exit) -> None:
    if way.kind != "error":
        lowering.statements(final)
        lowering.leave(way)
        return
    code = lowering.load_error()
    lowering.statements(final)
    lowering.raise_error(code)


def lower_trap(lowering: FunctionLowering, node: n.Trap) -> None:
    """Reports the message, if there is one, and traps."""
    if node.message is not None:
        message = lowering.value(node.message)
        lowering.at(node.span)
        if isinstance(node.message.type, t.StrType):
            message = text_message(lowering, message)
        number = TRAP_NUMBERS[node.kind]
        runtime_call(lowering, "trap_message", f"i8 {number}, {FORMAT} {lowering.whole(message)}")
    lowering.at(node.span)
    lowering.trap(node.kind)
