"""The words that are called: from a word's key to the function that checks its call.

A handler takes the checker, the call and the expected type, and gives the IR. Keys ending in
`[]` are words called with type arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend import (
    words_control,
    words_layout,
    words_memory,
    words_numbers,
    words_simd,
    words_spans,
    words_text,
    words_unsafe,
)
from compiler.frontend.checker import FunctionChecker
from compiler.ir.nodes import Expr
from compiler.ir.types import Type

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]

WORDS: dict[str, Handler] = {
    **words_numbers.WORDS,
    **words_spans.WORDS,
    **words_text.WORDS,
    **words_layout.WORDS,
    **words_memory.WORDS,
    **words_control.WORDS,
    **words_simd.WORDS,
    **words_unsafe.WORDS,
}
