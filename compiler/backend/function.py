"""The state of lowering one function, and the helpers that every kind of node needs.

Locals live in allocas of the entry block; LLVM makes registers of them. Errors travel in one slot
of the function. `scopes.py` knows where an error, a return or a break goes.
"""

from __future__ import annotations

import struct as binary
from collections.abc import Callable

from compiler.backend.layout import ERROR, SPAN, VOID, Layout, Value
from compiler.backend.scopes import Exit, Loop, Scopes, TryBlock
from compiler.backend.text import FunctionWriter, symbol
from compiler.backend.unit import UnitWriter
from compiler.ir import nodes as n
from compiler.ir import types as t
from compiler.ir.program import Function
from compiler.ir.spans import Span

TRAP_NUMBERS: dict[str, int] = {
    "OverflowError": 1,
    "IndexError": 2,
    "ZeroDivisionError": 3,
    "AttributeError": 4,
    "AssertionError": 5,
    "ValueError": 6,
    "ReferenceError": 7,
    "RecursionError": 8,
    "PanicError": 9,
    "UnreachableError": 10,
}
"""Numbers of the trap kinds; `bare/traps.py` has the same, and a test compares them."""


class InternalError(Exception):
    """The IR breaks its own rules: a defect of the compiler, with the place it was lowering."""


ExpressionRule = Callable[["FunctionLowering", n.Expr], Value]
StatementRule = Callable[["FunctionLowering", n.Stmt], None]


class FunctionLowering:
    """Lowers one function's body. The rules come from `dispatch.py` and are files of their own."""

    def __init__(
        self,
        unit: UnitWriter,
        function: Function,
        expressions: dict[type[n.Expr], ExpressionRule],
        statements: dict[type[n.Stmt], StatementRule],
    ) -> None:
        self.unit = unit
        self.function = function
        self.layout: Layout = unit.layout
        self.program = unit.program
        self.out = FunctionWriter()
        self.scopes = Scopes()
        self._expressions = expressions
        self._statements = statements
        self._locals: dict[str, str] = {}
        self._slots: dict[int, str] = {}
        self._locations: dict[tuple[int, bool], str] = {}
        self._place = (0, False)
        self._error_slot = ""
        self._result_slot = ""
        self._error_exit_used = False
        self.scope = ""
        self.formats = 0

    def derived(self, function: Function) -> FunctionLowering:
        """A fresh state for a function that the compiler makes beside this one."""
        return FunctionLowering(self.unit, function, self._expressions, self._statements)

    # --- the whole function ---------------------------------------------------------------------

    def lower(self) -> None:
        """Adds the function's definition to the unit."""
        unit, function = self.unit, self.function
        linkage = unit.linkage_name(function)
        self.scope = unit.debug.subprogram(function)
        self._lower_parameters()  # without a place: debuggers take it as part of the prologue
        self._declare_locals()
        self.at(function.span)
        if function.naked:
            self.statements(function.body)
            self.out.terminate("unreachable")
        else:
            self.statements(function.body)
            self._finish()
        unit.out.add_function(linkage, self.out.render(self._header(linkage)))

    def _header(self, linkage: str) -> str:
        unit, function = self.unit, self.function
        result, _ = unit.signature(function)
        parameters = ", ".join(
            f"{self.layout.value_type(p.type)}{self._parameter_attributes(p.type)} %p{index}"
            for index, p in enumerate(function.parameters)
        )
        visibility = unit.visibility(function)
        section = f' section "{function.section}"' if function.section else ""
        attributes = unit.function_attributes(function)
        return (
            f"define {visibility}{result} {symbol(linkage)}({parameters}) {attributes}{section} "
            f"!dbg {self.scope}"
        )

    def _parameter_attributes(self, kind: t.Type) -> str:
        if isinstance(kind, t.StructType | t.ArrayType):
            size = self.layout.object_size(kind)
            align = self.layout.object_align(kind)
            extent = f" dereferenceable({size})" if size else ""
            return f" noundef nonnull align {align}{extent}"
        return " noundef" if isinstance(kind, t.IntType | t.BoolType | t.EnumType) else ""

    def _lower_parameters(self) -> None:
        if self.function.naked:
            return
        for index, parameter in enumerate(self.function.parameters):
            slot = self._make_local(parameter.name, parameter.type, index + 1)
            kind = self.layout.value_type(parameter.type)
            self._store_local(Value(kind, f"%p{index}"), slot)

    def _declare_locals(self) -> None:
        for name, kind in self.function.locals.items():
            if name not in self._locals and not isinstance(kind, t.NoneType | t.NeverType):
                self._make_local(name, kind, 0)

    def _make_local(self, name: str, kind: t.Type, argument: int) -> str:
        spelled = self.layout.value_type(kind)
        slot = self.out.alloca(spelled, self.layout.align(kind))
        self._locals[name] = slot
        if "$" not in name and not self.function.naked:
            function = self.function
            variable = self.unit.debug.variable(
                name, kind, self.scope, function.path, function.span.line, argument
            )
            location = self._location(function.span.line)
            self.out.record(f"#dbg_declare(ptr {slot}, {variable}, !DIExpression(), {location})")
        return slot

    def _finish(self) -> None:
        function = self.function
        if not self.out.is_terminated:
            if isinstance(function.result, t.NoneType):
                self.return_value(VOID)
            else:
                self.out.terminate("unreachable")
        if self._error_exit_used:
            self.out.start_block("error.exit")
            code = self.out.emit(f"load {ERROR}, ptr {self._error_slot}")
            result, _ = self.unit.signature(function)
            if result == ERROR:
                self.out.terminate(f"ret {ERROR} {code}")
            else:
                value = self.out.emit(f"insertvalue {result} poison, {ERROR} {code}, 1")
                self.out.terminate(f"ret {result} {value}")

    # --- dispatch -------------------------------------------------------------------------------

    def value(self, node: n.Expr) -> Value:
        """Lowers an expression; `parts` of an aggregate may be known without its text."""
        rule = self._expressions.get(type(node))
        if rule is None:
            raise self.bug(f"no rule for {type(node).__name__}", node.span)
        return rule(self, node)

    def text(self, node: n.Expr) -> str:
        """Lowers an expression to the spelling of one LLVM value."""
        return self.whole(self.value(node))

    def statements(self, body: list[n.Stmt]) -> None:
        """Lowers statements up to the first that does not fall through."""
        for node in body:
            if self.out.is_terminated:
                return
            rule = self._statements.get(type(node))
            if rule is None:
                raise self.bug(f"no rule for {type(node).__name__}", node.span)
            rule(self, node)

    def bug(self, message: str, span: Span) -> InternalError:
        """An exception that says which function and line the compiler failed on."""
        function = self.function
        return InternalError(f"{function.path}:{span.line}: in {function.symbol}: {message}")

    # --- aggregates -----------------------------------------------------------------------------

    def whole(self, value: Value) -> str:
        """The spelling of a value, assembled from its parts if need be."""
        if value.text or not value.parts:
            return value.text
        assembled = "poison"
        for index, part in enumerate(value.parts):
            item = f"{part.kind} {self.whole(part)}"
            assembled = self.out.emit(f"insertvalue {value.kind} {assembled}, {item}, {index}")
        return assembled

    def part(self, value: Value, index: int, kind: str) -> str:
        """Item `index`, of LLVM type `kind`, of an aggregate."""
        if value.parts:
            return self.whole(value.parts[index])
        return self.out.emit(f"extractvalue {value.kind} {value.text}, {index}")

    def to_memory(self, kind: t.Type, value: Value) -> Value:
        """A value as it stands in memory: bools become a byte."""
        if isinstance(kind, t.BoolType):
            return Value("i8", self.out.emit(f"zext i1 {value.text} to i8"))
        return Value(self.layout.memory_type(kind), self.whole(value))

    def from_memory(self, kind: t.Type, text: str) -> Value:
        """The reverse of `to_memory`."""
        if isinstance(kind, t.BoolType):
            return Value("i1", self.out.emit(f"icmp ne i8 {text}, 0"))
        return Value(self.layout.value_type(kind), text)

    def load(self, kind: t.Type, pointer: str, align: int) -> Value:
        """Loads a value of an IR type."""
        spelled = self.layout.memory_type(kind)
        return self.from_memory(
            kind, self.out.emit(f"load {spelled}, ptr {pointer}, align {align}")
        )

    def store(self, kind: t.Type, value: Value, pointer: str, align: int) -> None:
        """Stores a value of an IR type."""
        stored = self.to_memory(kind, value)
        self.out.effect(f"store {stored.kind} {stored.text}, ptr {pointer}, align {align}")

    # --- locals and frame objects -----------------------------------------------------------------

    def local_slot(self, name: str) -> str:
        """The pointer to a local's place."""
        return self._locals[name]

    def set_local(self, name: str, value: Value) -> None:
        """Stores into a local."""
        if value.kind != "void":
            self._store_local(value, self._locals[name])

    def _store_local(self, value: Value, slot: str) -> None:
        """Spans are stored in two parts: LLVM loses sight of variables that are aggregates."""
        if value.kind != SPAN:
            self.out.effect(f"store {value.kind} {self.whole(value)}, ptr {slot}")
            return
        pointer, length = self.part(value, 0, "ptr"), self.part(value, 1, "i64")
        behind = self.out.emit(f"getelementptr inbounds i8, ptr {slot}, i64 8")
        self.out.effect(f"store ptr {pointer}, ptr {slot}")
        self.out.effect(f"store i64 {length}, ptr {behind}")

    def frame_slot(self, index: int) -> str:
        """The pointer to a frame object's place."""
        found = self._slots.get(index)
        if found is None:
            kind = self.function.slots[index].type
            size, align = self.layout.object_size(kind), self.layout.object_align(kind)
            found = self._slots[index] = self.out.alloca(f"[{size} x i8]", align, "object")
        return found

    # --- places in the source ---------------------------------------------------------------------

    def at(self, span: Span, *, may_fault: bool = False) -> None:
        """The instructions that follow belong to this place.

        `may_fault` marks accesses of raw memory, for which the line table is exact: it is column 1.
        """
        if (span.line, may_fault) != self._place:
            self._place = (span.line, may_fault)
            self.out.location = f", !dbg {self._location(span.line, may_fault=may_fault)}"

    def _location(self, line: int, *, may_fault: bool = False) -> str:
        found = self._locations.get((line, may_fault))
        if found is None:
            column = int(may_fault)
            found = self.unit.debug.location(line, column, self.scope)
            self._locations[(line, may_fault)] = found
        return found

    # --- traps ------------------------------------------------------------------------------------

    def trap(self, kind: str) -> None:
        """Ends the block with a trap."""
        number = TRAP_NUMBERS[kind]
        attributes = self.unit.out.attributes("nomerge noreturn nounwind")
        if self.unit.profile.traps == "call":
            self._call_trap(number, attributes)
        else:
            target = self.unit.intrinsic("void", "llvm.ubsantrap", "i8 immarg")
            self.out.effect(f"call void {target}(i8 {number}) {attributes}")
        self.out.terminate("unreachable")

    def _call_trap(self, number: int, attributes: str) -> None:
        """Calls the hosted runtime's `bare_trap(kind, line, path, function)`."""
        unit, function = self.unit, self.function
        parameters = f"i8, i32, {SPAN}, {SPAN}"
        cold = unit.out.attributes("cold noreturn nounwind")
        target = unit.out.declare("bare_trap", f"declare void @bare_trap({parameters}) {cold}")
        path = unit.text_constant(function.path.encode())
        name = unit.text_constant(function.qualname.encode())
        place = f"i8 {number}, i32 {self._place[0]}, {path}, {name}"
        self.out.effect(f"call void {target}({place}) {attributes}")

    def trap_unless(self, condition: str, kind: str) -> None:
        """Goes on where the i1 holds and traps where it does not."""
        if condition == "true":
            return
        good, bad = self.out.fresh("ok"), self.out.fresh("trap")
        self.out.branch_if(condition, good, bad)
        self._trap_block(bad, kind)
        self.out.start_block(good)

    def trap_if(self, condition: str, kind: str) -> None:
        """Traps where the i1 holds."""
        if condition == "false":
            return
        good, bad = self.out.fresh("ok"), self.out.fresh("trap")
        self.out.branch_if(condition, bad, good)
        self._trap_block(bad, kind)
        self.out.start_block(good)

    def _trap_block(self, label: str, kind: str) -> None:
        self.out.start_block(label)
        self.trap(kind)

    # --- ways out -------------------------------------------------------------------------------

    def raise_error(self, code: str) -> None:
        """Ends the block: the i32 `code` goes to the handler, or out of the function."""
        self.out.effect(f"store {ERROR} {code}, ptr {self._error_place()}")
        self.leave(Exit("error"))

    def _error_place(self) -> str:
        if not self._error_slot:
            self._error_slot = self.out.alloca(ERROR, 4, "error")
        return self._error_slot

    def load_error(self) -> str:
        """The number of the error under way, as i32."""
        return self.out.emit(f"load {ERROR}, ptr {self._error_place()}")

    def return_value(self, value: Value) -> None:
        """Ends the block: runs the `final`s and returns."""
        if self.scopes.has_final():
            if value.kind != "void":
                if not self._result_slot:
                    kind = self.function.result
                    self._result_slot = self.out.alloca(
                        value.kind, self.layout.align(kind), "result"
                    )
                self.out.effect(f"store {value.kind} {self.whole(value)}, ptr {self._result_slot}")
            self.leave(Exit("return"))
        else:
            self._return_now(value)

    def _return_now(self, value: Value) -> None:
        result, _ = self.unit.signature(self.function)
        if not self.function.fallible:
            spelled = (
                "ret void" if value.kind == "void" else f"ret {value.kind} {self.whole(value)}"
            )
            self.out.terminate(spelled)
        elif result == ERROR:
            self.out.terminate(f"ret {ERROR} 0")
        else:
            stored = self.to_memory(self.function.result, value)
            pair = Value(result, "", (stored, Value(ERROR, "0")))
            self.out.terminate(f"ret {result} {self.whole(pair)}")

    def leave(self, way: Exit) -> None:
        """Ends the block by going the given way out of the scopes around it."""
        target = self.scopes.next_stop(way)
        if isinstance(target, TryBlock):
            label = target.pad(way, self.out.fresh)
            self.out.branch(label)
        elif isinstance(target, Loop):
            self.out.branch(target.label(way))
        elif way.kind == "error":
            self._leave_by_error()
        else:
            self._leave_by_return()

    def _leave_by_error(self) -> None:
        if not self.function.fallible:
            raise self.bug("an error leaves a function that may not raise", self.function.span)
        self._error_exit_used = True
        self.out.branch("error.exit")

    def _leave_by_return(self) -> None:
        kind = self.layout.value_type(self.function.result)
        if kind == "void":
            self._return_now(VOID)
        else:
            self._return_now(Value(kind, self.out.emit(f"load {kind}, ptr {self._result_slot}")))

    def fallible_result(self, result: str, kind: t.Type, node: n.Expr) -> Value:
        """Splits a fallible call's result: takes the error's way unless it is 0; is the value."""
        plain = self.layout.value_type(kind)
        if plain == "void":
            code = result
        else:
            spelled = self.layout.result_type(kind, fallible=True)
            code = self.out.emit(f"extractvalue {spelled} {result}, 1")
        good, bad = self.out.fresh("ok"), self.out.fresh("error")
        failed = self.out.emit(f"icmp ne {ERROR} {code}, 0")
        self.out.branch_if(failed, bad, good)
        self.out.start_block(bad)
        self.raise_error(code)
        self.out.start_block(good)
        if plain == "void":
            return VOID
        return self.from_memory(kind, self.out.emit(f"extractvalue {spelled} {result}, 0"))


def float_literal(value: float, bits: int) -> str:
    """LLVM's exact spelling of a float; NaN is canonical."""
    if value != value:
        return "0x7FF8000000000000"
    if bits == 32:
        value = binary.unpack("<f", binary.pack("<f", value))[0]
    return f"0x{binary.unpack('<Q', binary.pack('<d', value))[0]:016X}"
