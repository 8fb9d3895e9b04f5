"""Builds Python syntax trees with the places of the source, for one function at a time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from compiler.ir.nodes import Expr, Stmt
from compiler.ir.spans import Span

if TYPE_CHECKING:
    from bare.checked.program import CheckedProgram

Place = dict[str, Any]


def place_of(span: Span) -> Place:
    """Spells a span as the attributes of a syntax node."""
    return {
        "lineno": span.line,
        "col_offset": span.column,
        "end_lineno": span.end_line,
        "end_col_offset": span.end_column,
    }


class Emitter:
    """Emits the body of one function; nodes get the place of the IR node being emitted."""

    def __init__(
        self,
        program: CheckedProgram,
        expressions: dict[type, Callable[[Emitter, Any], ast.expr]],
        statements: dict[type, Callable[[Emitter, Any], list[ast.stmt]]],
    ) -> None:
        self.program = program
        self.place: Place = place_of(Span(1, 0, 1, 0))
        self.steps: list[list[Stmt]] = []
        """The `step` of each enclosing loop, which `continue` runs first."""
        self._expressions = expressions
        self._statements = statements
        self._temporaries = 0

    # --- from the IR

    def expr(self, node: Expr) -> ast.expr:
        """Emits an expression."""
        outer, self.place = self.place, place_of(node.span)
        emitted = self._expressions[type(node)](self, node)
        self.place = outer
        return emitted

    def exprs(self, nodes: Sequence[Expr]) -> list[ast.expr]:
        """Emits expressions in order."""
        return [self.expr(node) for node in nodes]

    def block(self, nodes: Sequence[Stmt]) -> list[ast.stmt]:
        """Emits statements; `pass` where there are none."""
        emitted: list[ast.stmt] = []
        for node in nodes:
            outer, self.place = self.place, place_of(node.span)
            emitted.extend(self._statements[type(node)](self, node))
            self.place = outer
        return emitted or [ast.Pass(**self.place)]

    # --- pieces

    def temporary(self) -> str:
        """Returns a name that nothing else uses."""
        self._temporaries += 1
        return f"%{self._temporaries}"

    def name(self, name: str) -> ast.expr:
        """Reads a local or a global."""
        return ast.Name(name, ast.Load(), **self.place)

    def bound(self, value: object, hint: str) -> ast.expr:
        """Reads an object of this process through a global made for it."""
        return self.name(self.program.bind(value, hint))

    def const(self, value: Any) -> ast.expr:
        """A constant."""
        return ast.Constant(value, **self.place)

    def bind(self, name: str, value: ast.expr) -> ast.expr:
        """`name := value`."""
        return ast.NamedExpr(ast.Name(name, ast.Store(), **self.place), value, **self.place)

    def assign(self, name: str, value: ast.expr) -> ast.stmt:
        """`name = value`."""
        return ast.Assign([ast.Name(name, ast.Store(), **self.place)], value, **self.place)

    def attribute(self, value: ast.expr, name: str) -> ast.expr:
        """`value.name`."""
        return ast.Attribute(value, name, ast.Load(), **self.place)

    def subscript(self, value: ast.expr, index: ast.expr) -> ast.expr:
        """`value[index]`."""
        return ast.Subscript(value, index, ast.Load(), **self.place)

    def call(
        self,
        function: ast.expr | str,
        arguments: Sequence[ast.expr],
        named: Sequence[tuple[str, ast.expr]] = (),
    ) -> ast.expr:
        """`function(arguments, named…)`; a string names a global, such as an operation."""
        callee = self.name(function) if isinstance(function, str) else function
        keywords = [ast.keyword(name, value, **self.place) for name, value in named]
        return ast.Call(callee, list(arguments), keywords, **self.place)

    def binary(self, left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
        """`left operator right`."""
        return ast.BinOp(left, operator, right, **self.place)

    def unary(self, operator: ast.unaryop, operand: ast.expr) -> ast.expr:
        """`operator operand`."""
        return ast.UnaryOp(operator, operand, **self.place)

    def compare(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
        """`left operator right`, a bool."""
        return ast.Compare(left, [operator], [right], **self.place)

    def choose(self, test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
        """`then if test else otherwise`."""
        return ast.IfExp(test, then, otherwise, **self.place)

    def last_of(self, items: list[ast.expr]) -> ast.expr:
        """Evaluates items in order; the value is the last."""
        whole = ast.Tuple(items, ast.Load(), **self.place)
        return self.subscript(whole, self.const(len(items) - 1))

    def evaluate(self, value: ast.expr) -> ast.stmt:
        """An expression as a statement."""
        return ast.Expr(value, **self.place)

    def in_range(self, value: ast.expr, low: int | None, high: int | None) -> ast.expr:
        """`value`, or a trap unless low <= value <= high; None leaves a side unchecked."""
        if low is None and high is None:
            return value
        name = self.temporary()
        bound = self.bind(name, value)
        if low is None:
            test = self.compare(bound, ast.LtE(), self.const(high))
        elif high is None:
            test = self.compare(bound, ast.GtE(), self.const(low))
        else:
            operators: list[ast.cmpop] = [ast.LtE(), ast.LtE()]
            test = ast.Compare(self.const(low), operators, [bound, self.const(high)], **self.place)
        return self.choose(test, self.name(name), self.call("bare_overflow", [self.name(name)]))
