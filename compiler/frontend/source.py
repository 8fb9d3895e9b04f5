"""One source file: its text, lines, and the character columns behind CPython's byte offsets."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from compiler.ir.spans import Span


@dataclass
class Source:
    """The text of one module and its path relative to the source root."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def character_column(self, line: int, byte_column: int) -> int:
        """The column in characters, from 0, of a byte offset in UTF-8."""
        text = self.line(line)
        if text.isascii():
            return byte_column
        return len(text.encode()[:byte_column].decode(errors="replace"))


def span_of(node: ast.expr | ast.stmt | ast.arg | ast.keyword | ast.pattern | ast.alias) -> Span:
    """The place of a syntax node."""
    end_line = node.end_lineno
    end_column = node.end_col_offset
    assert end_line is not None and end_column is not None
    return Span(node.lineno, node.col_offset, end_line, end_column)


def header_span(node: ast.stmt) -> Span:
    """The place of a compound statement's first line: where its keyword and name stand."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        keyword = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}[type(node)]
        start = node.col_offset + keyword
        return Span(node.lineno, start, node.lineno, start + len(node.name.encode()))
    return span_of(node)
