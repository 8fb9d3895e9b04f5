"""Methods of the atomic integers."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.source import span_of
from compiler.frontend.vocabulary import ATOMICS
from compiler.frontend.word_arguments import positional
from compiler.ir.nodes import Expr, Intrinsic
from compiler.ir.types import NONE

METHODS: dict[str, tuple[str, int, str]] = {
    "load": ("atomic_load", 0, "relaxed"),
    "load_acquire": ("atomic_load", 0, "acquire"),
    "store": ("atomic_store", 1, "relaxed"),
    "store_release": ("atomic_store", 1, "release"),
    "fetch_add": ("atomic_fetch_add", 1, "acq_rel"),
    "fetch_add_relaxed": ("atomic_fetch_add", 1, "relaxed"),
    "fetch_sub": ("atomic_fetch_sub", 1, "acq_rel"),
    "fetch_or": ("atomic_fetch_or", 1, "acq_rel"),
    "fetch_and": ("atomic_fetch_and", 1, "acq_rel"),
    "swap": ("atomic_swap", 1, "acq_rel"),
    "compare_exchange": ("atomic_compare_exchange", 2, "acq_rel"),
}
"""Method to intrinsic, number of values, order."""


def check_atomic_method(
    c: FunctionChecker, receiver: Expr, node: ast.Call, target: ast.Attribute
) -> Expr:
    """`counter.fetch_add(1)` and its like."""
    found = METHODS.get(target.attr)
    if found is None:
        raise c.refused("E0203", target, f"an atomic has no method {target.attr!r}")
    name, count, order = found
    type = ATOMICS[str(receiver.type).removeprefix("bare.")]
    values = [c.check_as(item, type) for item in positional(c, node, count)]
    result = NONE if name == "atomic_store" else type
    return Intrinsic(result, span_of(node), name, [receiver, *values], (order,))
