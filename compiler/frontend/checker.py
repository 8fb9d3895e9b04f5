"""The state while one function is checked and turned into IR.

Expressions and statements are checked by functions in the neighbouring files; each takes the
checker first. A function that finds an error records it and raises `RefusedError`, which ends
the statement; the names that the statement would have assigned become *unknown*, so that one
error is reported once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compiler.frontend.conversions import convert, default_type
from compiler.frontend.diagnostics import Label, RefusedError
from compiler.frontend.flow import Flow
from compiler.frontend.signatures import Raises, Signature, error_names
from compiler.frontend.source import span_of
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT, UNTYPED_NONE, UnsizedArray
from compiler.ir.nodes import Const, Expr, Stmt
from compiler.ir.nodes import Local as LocalNode
from compiler.ir.program import ANY_ERROR, FrameSlot, Function, Parameter
from compiler.ir.spans import Span
from compiler.ir.types import (
    BoolType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    IntType,
    NullableType,
    StrType,
    Type,
)

if TYPE_CHECKING:
    from compiler.frontend.front_end import FrontEnd

Located = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.pattern | ast.alias


@dataclass(slots=True)
class LoopState:
    """A loop being checked: the flows at its `break`s and `continue`s."""

    breaks: list[Flow] = field(default_factory=list)
    continues: list[Flow] = field(default_factory=list)


@dataclass(slots=True)
class TryState:
    """A `try` whose body is being checked: the errors that can reach its handler."""

    errors: set[int] = field(default_factory=set)
    any_error: bool = False


class FunctionChecker:
    """Checks one function; `function` is what it builds."""

    def __init__(self, front_end: FrontEnd, signature: Signature) -> None:
        self.front_end = front_end
        self.signature = signature
        self.module = signature.entity.module
        self.environment = signature.environment
        self.scopes = front_end.scopes
        self.structs = front_end.structs
        self.flow = Flow()
        self.unknown: set[str] = set()
        self.declared: dict[str, Span] = {}
        self.error_locals: dict[str, str] = {}
        self.loops: list[LoopState] = []
        self.tries: list[TryState] = []
        self.handlers: list[tuple[str, TryState]] = []
        self.block: list[Stmt] = []
        self.assigned_names = assigned_names(signature.entity.node)
        self.temporaries = 0
        self.has_errors = False
        self.line = signature.entity.node.lineno
        self.function = self._new_function()
        for item in signature.parameters:
            self.declared[item.name] = item.span
            self.flow.assigned.add(item.name)

    def _new_function(self) -> Function:
        signature = self.signature
        entity = signature.entity
        return Function(
            symbol=signature.symbol,
            qualname=entity.qualname,
            module=entity.module.name,
            path=entity.module.path,
            span=span_of(entity.node),
            parameters=[Parameter(item.name, item.type) for item in signature.parameters],
            result=signature.result,
            fallible=signature.fallible,
            raises=signature.raises,
            locals={item.name: item.type for item in signature.parameters},
            slots=[],
            body=[],
            docstring=ast.get_docstring(entity.node, clean=True) or "",
        )

    # --- diagnostics ---

    def report(
        self,
        code: str,
        node: Located | Span,
        message: str,
        cure: str = "",
        labels: tuple[Label, ...] = (),
    ) -> None:
        """Records an error at `node`."""
        span = node if isinstance(node, Span) else span_of(node)
        names = self.front_end.annotations
        self.front_end.diagnostics.report(
            code,
            self.module.path,
            span,
            names.shorten(message),
            cure=names.shorten(cure),
            labels=labels,
        )

    def refused(
        self,
        code: str,
        node: Located | Span,
        message: str,
        cure: str = "",
        labels: tuple[Label, ...] = (),
    ) -> RefusedError:
        """Records an error; returns the exception to raise."""
        self.report(code, node, message, cure, labels)
        return RefusedError()

    def label(self, name: str, text: str) -> tuple[Label, ...]:
        """A note at the place where local `name` got its type."""
        place = self.declared.get(name)
        return (Label(self.module.path, place, text),) if place else ()

    # --- output ---

    def emit(self, statement: Stmt) -> None:
        """Appends a statement to the current block."""
        self.block.append(statement)

    @contextmanager
    def nested(self) -> Iterator[list[Stmt]]:
        """A new block as the current one."""
        outer, self.block = self.block, []
        try:
            yield self.block
        finally:
            self.block = outer

    def temporary(self, type: Type, hint: str = "t") -> str:
        """A new local of the compiler's own."""
        self.temporaries += 1
        name = f"${hint}{self.temporaries}"
        self.function.locals[name] = type
        return name

    def slot(self, type: Type, span: Span) -> int:
        """A new place in the frame for an object of `type`."""
        self.function.slots.append(FrameSlot(type, span))
        return len(self.function.slots) - 1

    # --- dispatch ---

    def check(self, node: ast.expr, expected: Type | None = None) -> Expr:
        """The IR of an expression. `expected` is a hint; the result may have another type."""
        handler = self.front_end.expressions.get(type(node))
        if handler is None:
            message, cure = self.front_end.refused_expressions.get(
                type(node), ("this expression is not in Bare Python", "")
            )
            raise self.refused("E0102", node, message, cure)
        value: Expr = handler(self, node, expected)
        return value

    def check_as(self, node: ast.expr, target: Type) -> Expr:
        """The IR of an expression converted to `target`."""
        return self.coerce(self.check(node, target), target, node)

    def check_value(self, node: ast.expr, expected: Type | None = None) -> Expr:
        """The IR of an expression whose type has to be known from itself."""
        return self.settle(self.check(node, expected), node)

    def check_integer(self, node: ast.expr) -> Expr:
        """The IR of an expression of any integer type."""
        value = self.check_value(node)
        if not isinstance(value.type, IntType):
            raise self.refused("E0301", node, f"expected an integer, got {value.type}")
        return value

    def check_body(self, statements: list[ast.stmt]) -> list[Stmt]:
        """The IR of a block."""
        with self.nested() as made:
            for statement in statements:
                self.check_statement(statement)
        return made

    def check_statement(self, node: ast.stmt) -> None:
        """Emits the IR of one statement; after an error its names are unknown."""
        handler = self.front_end.statements.get(type(node))
        self.line = node.lineno
        try:
            if handler is None:
                raise self.refused("E0101", node, f"`{type(node).__name__}` is not in Bare Python")
            handler(self, node)
        except RefusedError:
            self.has_errors = True
            for name in stored_names([node]):
                if name not in self.function.locals:
                    self.unknown.add(name)
                self.flow.assigned.add(name)
                self.flow.forget_local(name)

    # --- types ---

    def resolve_type(self, node: ast.expr) -> Type:
        """The type that an annotation spells."""
        owner = self.signature.owner
        return self.front_end.annotations.resolve(
            self.module, node, self.environment, owner.type if owner else None
        )

    def coerce(self, value: Expr, target: Type, node: Located | Span) -> Expr:
        """`value` converted implicitly to `target`; refuses where that is not allowed."""
        converted = convert(self.structs, value, target)
        if converted is None:
            raise self._mismatch(value, target, node)
        return converted

    def _mismatch(self, value: Expr, target: Type, node: Located | Span) -> RefusedError:
        source = value.type
        if source == UNTYPED_INT and isinstance(target, IntType):
            number = f" {value.value}" if isinstance(value, Const) else ""
            return self.refused("E0305", node, f"constant{number} does not fit {target}")
        if isinstance(source, NullableType) and not isinstance(target, NullableType):
            if convert(self.structs, LocalNode(source.inner, value.span, ""), target) is not None:
                return self.refused("E0311", node, f"this may be None, and {target} is wanted")
        if isinstance(source, IntType | FloatType) and type(source) is type(target):
            cure = f"write `{target}(x)`, which traps when the value does not fit"
            if isinstance(target, IntType):
                cure += f", or `wrap_{target}(x)`, which takes the low bits"
            else:
                cure = f"write `{target}(x)`, which rounds"
            return self.refused(
                "E0303", node, f"{source} does not convert to {target} implicitly", cure
            )
        cure = CURES.get(type(target), "use a value of that type")
        if isinstance(source, EnumType) and isinstance(target, IntType):
            cure = f"write `{target}(x)`"
        if isinstance(target, EnumType):
            cure = f"write `{short_name(target.name)}(x)`, which traps when there is no such member"
        if isinstance(target, CallableType) and isinstance(source, CallableType):
            if source.fallible and not target.fallible:
                return self.refused("E0705", node, f"expected {target}, got {source}")
        if source == UNTYPED_NONE:
            cure = f"only `{target} | None` can be None"
        return self.refused("E0301", node, f"expected {target}, got {source}", cure)

    def settle(self, value: Expr, node: Located | Span) -> Expr:
        """`value` with its own type, constants with their default type."""
        settled = default_type(value)
        if settled.type in (UNTYPED_INT, UNTYPED_FLOAT):
            raise self.refused(
                "E0305", node, "constant does not fit i64", "write its type: `u64(x)`"
            )
        if settled.type == UNTYPED_NONE:
            raise self.refused(
                "E0312",
                node,
                "the type of None is not known here",
                "annotate: `x: T | None = None`",
            )
        if isinstance(settled.type, UnsizedArray):
            raise self.refused(
                "E0312", node, "the element type of `array()` is not known here",
                "annotate: `x: Array[u8] = array(64)`",
            )  # fmt: skip
        return settled

    # --- errors ---

    def note_errors(self, raises: Raises, node: Located | Span, what: str) -> None:
        """Something at `node` may end with these errors: handled here, or declared, or refused."""
        if not raises:
            return
        if self.tries:
            state = self.tries[-1]
            if isinstance(raises, str):
                state.any_error = True
            else:
                state.errors.update(raises)
            return
        declared = self.signature.raises
        if declared == ANY_ERROR:
            return
        if isinstance(raises, str):
            self.report(
                "E0701", node, f"{what} may raise any error, which is neither handled nor declared"
            )
            return
        missing = tuple(number for number in raises if number not in declared)
        if missing:
            names = error_names(missing)
            self.report(
                "E0701", node, f"{what} may raise {names}, which is neither handled nor declared",
                f"add {names} to this function's `@raises(...)`, or handle it with `try`",
            )  # fmt: skip


CURES: dict[type[Type], str] = {
    IntType: "convert explicitly, as in `u32(x)`",
    FloatType: "convert explicitly, as in `f32(x)`",
    BoolType: "write a comparison, such as `x != 0`",
    StrType: "use a string, or `text(b)` for bytes",
    BytesType: "use bytes, or `encode(s)` for a str",
}
"""What to write where a value of another type is wanted."""


def short_name(name: str) -> str:
    """The last part of a qualified name."""
    return name.rpartition(".")[2]


def assigned_names(node: ast.FunctionDef) -> set[str]:
    """Every name that the function binds: its locals by Python's rule."""
    found = {item.arg for item in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    return found | stored_names(node.body)


def stored_names(body: list[ast.stmt]) -> set[str]:
    """The names that statements bind, those inside them included."""
    found: set[str] = set()
    for statement in body:
        for child in ast.walk(statement):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                found.add(child.id)
            elif isinstance(child, ast.ExceptHandler) and child.name:
                found.add(child.name)
    return found
