"""Damaged programs: the front end answers each with diagnostics or with sound IR, never otherwise.

Programs of tests/bare are damaged at random places of their functions' syntax trees: expressions
and statements are replaced, repeated or wrapped. Seeds are fixed.
"""

from __future__ import annotations

import ast
import copy
import random
from pathlib import Path

import pytest

from compiler.frontend.diagnostics import CompileError, render
from compiler.pipeline import check_modules, compile_program
from tests.compiler.sources import cache_beside

PROGRAMS = sorted((Path(__file__).parents[1] / "bare").glob("run_*.py"))
RUNTIME = "compiler.runtime.host"
NAMES = ("x", "total", "u32", "i64", "self", "print", "main", "f32", "str", "array", "Span")
ATTRIBUTES = ("x", "value", "next", "read", "copy_from", "length")
CONSTANTS = (None, 0, -1, 1 << 64, 2.5, "s", b"b", True, ...)
MOST_CHANGES = 3
RATE = 0.02


class Damage(ast.NodeTransformer):
    """Changes a few places inside functions."""

    def __init__(self, choice: random.Random) -> None:
        self.choice = choice
        self.changes = 0
        self.is_inside = False

    def strikes(self) -> bool:
        if not self.is_inside or self.changes >= MOST_CHANGES:
            return False
        struck = self.choice.random() < RATE
        self.changes += struck
        return struck

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        outer, self.is_inside = self.is_inside, True
        body: list[ast.stmt] = []
        for statement in node.body:
            changed = self.visit(statement)
            body += changed if isinstance(changed, list) else [changed]
        node.body = body
        self.is_inside = outer
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:  # type: ignore[override]
        super().generic_visit(node)
        is_target = isinstance(getattr(node, "ctx", None), ast.Store)
        if isinstance(node, ast.expr) and not is_target and self.strikes():
            return ast.copy_location(self.expression(node), node)
        if isinstance(node, ast.stmt) and self.strikes():
            return self.statement(node)
        return node

    def expression(self, node: ast.expr) -> ast.expr:
        choice = self.choice
        return choice.choice(
            [
                ast.Constant(choice.choice(CONSTANTS)),
                ast.Name(choice.choice(NAMES), ast.Load()),
                ast.Call(node, [], []),
                ast.Attribute(node, choice.choice(ATTRIBUTES), ast.Load()),
                ast.Subscript(node, ast.Constant(0), ast.Load()),
                ast.UnaryOp(choice.choice([ast.Not(), ast.USub(), ast.Invert()]), node),
                ast.BinOp(node, choice.choice([ast.Add(), ast.LShift(), ast.Div()]), node),
                ast.Tuple([node, node], ast.Load()),
            ]
        )

    def statement(self, node: ast.stmt) -> ast.stmt | list[ast.stmt]:
        test = ast.Constant(self.choice.choice([True, 1, None]))
        changes: list[ast.stmt | list[ast.stmt]] = [
            ast.Pass(),
            [node, copy.deepcopy(node)],
            ast.If(test, [node], []),
            ast.While(copy.deepcopy(test), [node], []),
        ]
        return self.choice.choice(changes)


def damaged(seed: int) -> str:
    choice = random.Random(seed)
    tree = ast.parse(choice.choice(PROGRAMS).read_text())
    return ast.unparse(ast.fix_missing_locations(Damage(choice).visit(tree)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_damaged_program_is_refused_or_sound(seed: int, tmp_path: Path) -> None:
    (tmp_path / "damaged.py").write_text(damaged(seed))
    cache = cache_beside(tmp_path)
    front_end = check_modules(["damaged"], source_root=tmp_path, cache=cache)
    found = front_end.diagnostics.sorted()
    for diagnostic in found:
        assert render(diagnostic, front_end.source_of)
    if not found:
        compile_program("damaged", source_root=tmp_path, runtime=RUNTIME, verify=True, cache=cache)


def test_damage_is_of_both_kinds(tmp_path: Path) -> None:
    """The seeds above hold programs that are refused and programs that are not."""
    refused = 0
    for seed in range(12):
        (tmp_path / "damaged.py").write_text(damaged(seed))
        try:
            compile_program("damaged", source_root=tmp_path, cache=cache_beside(tmp_path))
        except CompileError:
            refused += 1
    assert 0 < refused < 12
