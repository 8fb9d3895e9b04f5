"""Holds the IR to what `nodes.py` promises: operand types, names, structure.

`verify_program` gives the problems found, each with the function and the node in `printer.py`'s
spelling; an empty list is a sound program. It runs between the compiler's steps with `--check`.
"""

from __future__ import annotations

from compiler.ir import nodes as n
from compiler.ir.printer import text
from compiler.ir.program import Function, Program
from compiler.ir.types import BOOL, I32, NeverType, NoneType, Type
from compiler.ir.verify_expressions import ExpressionVerifier


def verify_program(program: Program) -> list[str]:
    """Every problem of every function."""
    problems: list[str] = []
    for function in program.functions.values():
        problems += verify_function(function, program)
    return problems


def verify_function(function: Function, program: Program) -> list[str]:
    """The problems of one function."""
    verifier = FunctionVerifier(function, program)
    verifier.block(function.body)
    return verifier.problems


class FunctionVerifier:
    """Verifies the statements of one function."""

    def __init__(self, function: Function, program: Program) -> None:
        self.function = function
        self.program = program
        self.problems: list[str] = []
        self.expressions = ExpressionVerifier(function, program, self.problem)
        self.loops = 0

    def problem(self, message: str, node: object) -> None:
        """Records a problem at a node."""
        place = text(node) if isinstance(node, n.Expr) else type(node).__name__
        line = getattr(node, "span", (0,))[0]
        self.problems.append(f"{self.function.symbol}:{line}: {message}: {place}")

    def block(self, body: list[n.Stmt]) -> None:
        """Verifies a block."""
        for statement in body:
            self.statement(statement)

    def value(self, node: n.Expr, wanted: Type) -> None:
        """An expression of a given type."""
        self.expressions.check(node)
        if node.type != wanted and not isinstance(node.type, NeverType):
            self.problem(f"has type {node.type}, not {wanted}", node)

    def local(self, name: str, statement: n.Stmt) -> Type:
        """The type of a local that is stored."""
        found = self.function.locals.get(name)
        if found is None:
            self.problem(f"unknown local {name}", statement)
            return NoneType()
        return found

    def statement(self, node: n.Stmt) -> None:
        """Verifies one statement."""
        if isinstance(node, n.Evaluate):
            self.expressions.check(node.value)
        elif isinstance(node, n.Assign):
            self.value(node.value, self.local(node.name, node))
        elif isinstance(node, n.SetField):
            self.set_field(node)
        elif isinstance(node, n.SetIndex):
            self.set_index(node)
        elif isinstance(node, n.If):
            self.value(node.condition, BOOL)
            self.block(node.then)
            self.block(node.otherwise)
        elif isinstance(node, n.Loop | n.ForRange):
            self.loop(node)
        elif isinstance(node, n.Switch):
            self.switch(node)
        elif isinstance(node, n.Break | n.Continue):
            if not self.loops:
                self.problem("outside a loop", node)
        else:
            self.ending(node)

    def ending(self, node: n.Stmt) -> None:
        """Statements that end something: return, raise, try, trap."""
        if isinstance(node, n.Return):
            if node.value is not None:
                self.value(node.value, self.function.result)
            elif not isinstance(self.function.result, NoneType):
                self.problem("returns nothing", node)
        elif isinstance(node, n.Raise):
            self.value(node.code, I32)
        elif isinstance(node, n.Try):
            self.try_statement(node)
        elif isinstance(node, n.Trap):
            if node.message is not None:
                self.expressions.check(node.message)
        else:
            self.problem("unknown statement", node)

    def set_field(self, node: n.SetField) -> None:
        """A store into a plain field."""
        field = self.expressions.field(node.object, node.struct, node.field, node)
        self.expressions.check(node.object)
        if field is None:
            return
        if field.embedded:
            self.problem(f"stores the embedded field {node.field}", node)
        self.value(node.value, field.type)

    def set_index(self, node: n.SetIndex) -> None:
        """A store into an element."""
        self.expressions.check(node.object)
        self.expressions.integer(node.index)
        element = self.expressions.element(node.object)
        if element is None:
            self.problem("stores an element of something without elements", node)
        else:
            self.value(node.value, element)

    def loop(self, node: n.Loop | n.ForRange) -> None:
        """Both kinds of loop."""
        if isinstance(node, n.Loop):
            self.value(node.condition, BOOL)
        else:
            if self.local(node.name, node) != node.type:
                self.problem(f"counts in {node.type} into another type", node)
            self.value(node.start, node.type)
            self.value(node.stop, node.type)
            if node.step == 0:
                self.problem("has step 0", node)
        self.loops += 1
        self.block(node.body)
        if isinstance(node, n.Loop):
            self.block(node.step)
        self.loops -= 1
        self.block(node.otherwise)

    def switch(self, node: n.Switch) -> None:
        """Arms with distinct constants."""
        self.expressions.check(node.subject)
        seen: set[int] = set()
        for case in node.cases:
            for value in case.values:
                if value in seen:
                    self.problem(f"has {value} twice", node)
                seen.add(value)
            self.block(case.body)
        if node.default is not None:
            self.block(node.default)

    def try_statement(self, node: n.Try) -> None:
        """A handler needs the local for the number."""
        self.block(node.body)
        if node.handler is not None:
            if node.error is None or self.local(node.error, node) != I32:
                self.problem("has a handler without a local of i32", node)
            self.block(node.handler)
        self.block(node.otherwise)
        self.block(node.final)
