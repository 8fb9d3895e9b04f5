"""Which function checks which kind of syntax."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from compiler.frontend.attributes import check_attribute
from compiler.frontend.calls import check_call
from compiler.frontend.comparisons import check_compare
from compiler.frontend.expressions import (
    REFUSED,
    check_conditional,
    check_logical,
    check_named,
    check_tuple,
)
from compiler.frontend.formats import check_format_string
from compiler.frontend.names import check_literal, check_name
from compiler.frontend.operators import check_binary, check_unary
from compiler.frontend.statements import STATEMENTS
from compiler.frontend.subscripts import check_subscript

HANDLERS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.Constant: check_literal,
    ast.Name: check_name,
    ast.Attribute: check_attribute,
    ast.Subscript: check_subscript,
    ast.BinOp: check_binary,
    ast.UnaryOp: check_unary,
    ast.BoolOp: check_logical,
    ast.Compare: check_compare,
    ast.IfExp: check_conditional,
    ast.Tuple: check_tuple,
    ast.JoinedStr: check_format_string,
    ast.NamedExpr: check_named,
    ast.Call: check_call,
}

REFUSED_EXPRESSIONS = REFUSED
STATEMENT_HANDLERS: dict[type[ast.stmt], Callable[..., Any]] = STATEMENTS
