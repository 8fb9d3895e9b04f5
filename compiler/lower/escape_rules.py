"""Frame escape, first half: a function of the IR as moves of references between variables.

Each expression that can hold a reference to an object becomes a variable; the rest is dropped. What
the moves mean is in `escape_solver.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiler.ir import nodes as n
from compiler.ir.program import Function
from compiler.ir.types import ArrayType, SpanType, StructType, TableType, Type
from compiler.lower.carried import carried_locals
from compiler.lower.escape_moves import (
    ANYTHING,
    ELEMENTS,
    Copy,
    CopyFields,
    Give,
    Invoke,
    Load,
    Move,
    Moves,
    Store,
    callable_key,
    holds_reference,
)
from compiler.lower.walk import children


class Extractor:
    """Makes the moves of one function."""

    def __init__(self, function: Function) -> None:
        self.result = Moves(function, len(function.parameters))
        self.locals: dict[str, int] = {}
        self.loops: tuple[int, ...] = ()
        self.loop_count = 0
        for parameter in function.parameters:
            self.locals[parameter.name] = self.variable()
        self.statements(function.body)

    def variable(self) -> int:
        """A new variable."""
        self.result.count += 1
        return self.result.count - 1

    def local(self, name: str) -> int:
        """The variable of a local."""
        if name not in self.locals:
            self.locals[name] = self.variable()
        return self.locals[name]

    def add(self, move: Move) -> None:
        """Appends a move."""
        self.result.moves.append(move)

    def turn(self, *blocks: list[n.Stmt]) -> None:
        """The moves of what a loop repeats."""
        outer = self.loops
        self.loop_count += 1
        self.loops = (*outer, self.loop_count)
        for block in blocks:
            self.statements(block)
        number = self.loops[-1]
        if any(number in loops for loops in self.result.loops.values()):
            names = sorted(carried_locals(list(blocks)))
            self.result.carried[number] = {
                name: self.locals[name] for name in names if name in self.locals
            }
        self.loops = outer

    # --- statements ---

    def statements(self, body: list[n.Stmt]) -> None:
        """The moves of a block."""
        for statement in body:
            rule = _STATEMENTS.get(statement.__class__)
            if rule is not None:
                rule(self, statement)

    # --- expressions ---

    def value(self, node: n.Expr) -> int | None:
        """The variable of an expression; None if it holds no reference."""
        rule = _EXPRESSIONS.get(node.__class__)
        if rule is not None:
            made: int | None = rule(self, node)
            return made if made is not None and holds_reference(node.type) else None
        for child in _operands(node):
            self.value(child)
        if holds_reference(node.type):
            fresh = self.variable()
            self.result.outside.add(fresh)
            return fresh
        return None

    def merge(self, sources: list[int | None]) -> int | None:
        """A variable that may be any of `sources`."""
        known = [item for item in sources if item is not None]
        if len(known) < 2:
            return known[0] if known else None
        target = self.variable()
        for item in known:
            self.add(Copy(target, item))
        return target

    def load(self, source: int | None, field: str, type: Type) -> int:
        """A variable with what an object holds."""
        target = self.variable()
        if source is None:
            self.result.outside.add(target)
        else:
            self.add(Load(target, source, field, type))
        return target

    def place(self, slot: int | None) -> int:
        """The object in a frame slot, or one outside all frames."""
        target = self.variable()
        if slot is None:
            self.result.outside.add(target)
        else:
            self.result.places[target] = slot
            self.result.loops[slot] = self.loops
        return target


def _operands(node: n.Expr) -> list[n.Expr]:
    return [item for item in children(node) if isinstance(item, n.Expr)]


# --- expressions -------------------------------------------------------------------------------


def _local(x: Extractor, node: n.Local) -> int | None:
    return x.local(node.name) if holds_reference(node.type) else None


def _bind(x: Extractor, node: n.Bind) -> int | None:
    value = x.value(node.value)
    if value is None:
        return None
    x.add(Copy(x.local(node.name), value))
    return x.local(node.name)


def _convert(x: Extractor, node: n.Convert) -> int | None:
    return x.value(node.operand)


def _conditional(x: Extractor, node: n.Conditional) -> int | None:
    x.value(node.condition)
    return x.merge([x.value(node.then), x.value(node.otherwise)])


def _get_field(x: Extractor, node: n.GetField) -> int | None:
    holder = x.value(node.object)
    if not holds_reference(node.type):
        return None
    return holder if node.embedded else x.load(holder, node.field, node.type)


def _index(x: Extractor, node: n.Index) -> int | None:
    holder = x.value(node.object)
    x.value(node.index)
    if not holds_reference(node.type):
        return None
    embedded = isinstance(node.type, StructType | ArrayType) and not isinstance(
        node.object.type, TableType
    )
    return holder if embedded else x.load(holder, ELEMENTS, node.type)


def _slice(x: Extractor, node: n.Slice) -> int | None:
    holder = x.value(node.object)
    for bound in (node.start, node.stop):
        if bound is not None:
            x.value(bound)
    return holder


def _call(x: Extractor, node: n.Call) -> int | None:
    return _invoke(x, node, ("function", node.symbol), node.arguments)


def _call_virtual(x: Extractor, node: n.CallVirtual) -> int | None:
    return _invoke(x, node, ("virtual", node.struct, node.method), node.arguments)


def _call_indirect(x: Extractor, node: n.CallIndirect) -> int | None:
    x.value(node.callee)
    return _invoke(x, node, ("indirect", callable_key(node.callee.type)), node.arguments)


def _invoke(
    x: Extractor, node: n.Expr, callee: tuple[str, ...], arguments: list[n.Expr]
) -> int | None:
    values = [x.value(item) for item in arguments]
    result = x.variable() if holds_reference(node.type) else None
    if result is not None or any(item is not None for item in values):
        x.add(Invoke(callee, values, result, node.span, node.type))
    return result


def _construct(x: Extractor, node: n.Construct) -> int | None:
    if node.address is not None:
        x.value(node.address)
    values = [(x.value(value), name, value) for name, value in node.fields]
    arguments = [x.value(item) for item in node.arguments]
    made = x.place(node.slot)
    for variable, name, value in values:
        if variable is not None:
            x.add(Store(made, variable, name, value.span, value.type))
    if node.initializer is not None:
        callee = ("function", node.initializer)
        x.add(Invoke(callee, [made, *arguments], None, node.span, node.type))
    return made


def _construct_array(x: Extractor, node: n.ConstructArray) -> int | None:
    for item in (node.address, node.length):
        if item is not None:
            x.value(item)
    return x.place(node.slot)


def _allocate(x: Extractor, node: n.Allocate) -> int | None:
    if node.count is not None:
        x.value(node.count)
    x.value(node.request)
    return x.value(node.construct)


def _literal(x: Extractor, node: n.Expr) -> int | None:
    """Literals refer to nothing in a frame."""
    return None


def _data(x: Extractor, node: n.DataRef) -> int | None:
    """Static data outlives every frame."""
    return x.place(None)


def _function(x: Extractor, node: n.FunctionRef) -> int | None:
    x.result.referenced[node.symbol] = callable_key(node.type)
    return None


def _tuple(x: Extractor, node: n.MakeTuple) -> int | None:
    return x.merge([x.value(item) for item in node.items])


def _tuple_item(x: Extractor, node: n.TupleItem) -> int | None:
    return x.value(node.tuple)


def _format(x: Extractor, node: n.MakeFormat) -> int | None:
    values = [x.value(part.value) for part in node.parts if isinstance(part, n.FormatField)]
    return x.merge(values)


def moves_references(node: n.Intrinsic) -> bool:
    """Whether an operation copies references from its second operand's object to the first's."""
    if node.name == "copy_struct":
        return True
    if node.name != "copy_elements":
        return False
    type = node.arguments[0].type
    return isinstance(type, ArrayType | SpanType) and holds_reference(type.element)


def _intrinsic(x: Extractor, node: n.Intrinsic) -> int | None:
    values = [x.value(item) for item in node.arguments]
    if node.name in ("view", "slice"):
        return values[0]
    if moves_references(node) and None not in values[:2]:
        target, source = values[0], values[1]
        assert target is not None and source is not None
        if node.name == "copy_struct":
            x.add(CopyFields(target, source, str(node.parameters[0]), node.span))
        else:
            loaded = x.load(source, ELEMENTS, ANYTHING)
            x.add(Store(target, loaded, ELEMENTS, node.span, ANYTHING))
    if node.name == "fill" and values[1] is not None and values[0] is not None:
        type = node.arguments[1].type
        x.add(Store(values[0], values[1], ELEMENTS, node.span, type))
    if node.name == "format_write":
        callee = ("virtual", "bare.lib.writer.Writer", "write")
        x.add(Invoke(callee, [values[1], values[0]], None, node.span, node.type))
    if holds_reference(node.type):
        fresh = x.variable()
        x.result.outside.add(fresh)
        return fresh
    return None


_EXPRESSIONS: dict[type, Callable[..., Any]] = {
    n.Local: _local,
    n.Bind: _bind,
    n.Convert: _convert,
    n.Conditional: _conditional,
    n.GetField: _get_field,
    n.Index: _index,
    n.Slice: _slice,
    n.Call: _call,
    n.CallVirtual: _call_virtual,
    n.CallIndirect: _call_indirect,
    n.Construct: _construct,
    n.ConstructArray: _construct_array,
    n.Allocate: _allocate,
    n.MakeTuple: _tuple,
    n.TupleItem: _tuple_item,
    n.MakeFormat: _format,
    n.Intrinsic: _intrinsic,
    n.Const: _literal,
    n.Text: _literal,
    n.DataRef: _data,
    n.FunctionRef: _function,
}


# --- statements --------------------------------------------------------------------------------


def _evaluate(x: Extractor, node: n.Evaluate) -> None:
    x.value(node.value)


def _assign(x: Extractor, node: n.Assign) -> None:
    value = x.value(node.value)
    if value is not None:
        x.add(Copy(x.local(node.name), value))


def _set_field(x: Extractor, node: n.SetField) -> None:
    holder, value = x.value(node.object), x.value(node.value)
    if value is not None:
        x.add(Store(holder, value, node.field, node.value.span, node.value.type))


def _set_index(x: Extractor, node: n.SetIndex) -> None:
    holder = x.value(node.object)
    x.value(node.index)
    value = x.value(node.value)
    if value is not None:
        x.add(Store(holder, value, ELEMENTS, node.value.span, node.value.type))


def _if(x: Extractor, node: n.If) -> None:
    x.value(node.condition)
    x.statements(node.then)
    x.statements(node.otherwise)


def _loop(x: Extractor, node: n.Loop) -> None:
    x.turn([n.Evaluate(node.span, node.condition)], node.body, node.step)
    x.statements(node.otherwise)


def _for_range(x: Extractor, node: n.ForRange) -> None:
    x.value(node.start)
    x.value(node.stop)
    x.turn(node.body)
    x.statements(node.otherwise)


def _switch(x: Extractor, node: n.Switch) -> None:
    x.value(node.subject)
    for case in node.cases:
        x.statements(case.body)
    x.statements(node.default or [])


def _return(x: Extractor, node: n.Return) -> None:
    if node.value is not None:
        value = x.value(node.value)
        if value is not None:
            x.add(Give(value, node.value.span))


def _raise(x: Extractor, node: n.Raise) -> None:
    x.value(node.code)


def _try(x: Extractor, node: n.Try) -> None:
    for block in (node.body, node.handler or [], node.otherwise, node.final):
        x.statements(block)


def _trap(x: Extractor, node: n.Trap) -> None:
    if node.message is not None:
        x.value(node.message)


_STATEMENTS: dict[type, Callable[..., Any]] = {
    n.Evaluate: _evaluate,
    n.Assign: _assign,
    n.SetField: _set_field,
    n.SetIndex: _set_index,
    n.If: _if,
    n.Loop: _loop,
    n.ForRange: _for_range,
    n.Switch: _switch,
    n.Return: _return,
    n.Raise: _raise,
    n.Try: _try,
    n.Trap: _trap,
}
