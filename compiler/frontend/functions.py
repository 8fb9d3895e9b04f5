"""Checks one whole function: its attributes, its body, that it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.signatures import Signature
from compiler.frontend.source import header_span
from compiler.ir.nodes import Trap
from compiler.ir.program import Function
from compiler.ir.types import NeverType, NoneType

if TYPE_CHECKING:
    from compiler.frontend.front_end import FrontEnd


def check_function(front_end: FrontEnd, signature: Signature) -> Function | None:
    """The IR of a function; None where its body has errors."""
    before = len(front_end.diagnostics.found)
    c = FunctionChecker(front_end, signature)
    function = c.function
    set_attributes(function, signature.entity.extra)
    try:
        function.body = c.check_body(signature.entity.node.body)
    except Exception as error:
        error.add_note(f"while checking {signature.symbol} in {c.module.path}:{c.line}")
        raise
    if c.flow.is_reachable:
        finish(c, signature)
    return function if len(front_end.diagnostics.found) == before else None


def finish(c: FunctionChecker, signature: Signature) -> None:
    """The end of the body can be reached."""
    node = signature.entity.node
    if isinstance(signature.result, NoneType) or c.function.naked:
        return
    if isinstance(signature.result, NeverType):
        c.function.body.append(Trap(header_span(node), "UnreachableError", None))
        return
    if not c.has_errors:
        c.report(
            "E0604", header_span(node),
            f"{node.name}() returns {signature.result}, but its end can be reached",
        )  # fmt: skip


def set_attributes(function: Function, extra: dict[str, Any]) -> None:
    """What decorators said."""
    inline = extra.get("__inline__")
    if inline is not None:
        function.inline = {"always": "inline", "never": "noinline"}.get(text(inline), "")
    if "__symbol__" in extra:
        function.export = text(extra["__symbol__"])
    if "__section__" in extra:
        function.section = text(extra["__section__"])
    function.scalar_loops = "__scalar_loops__" in extra
    if "__cpu_feature__" in extra:
        function.cpu_features = (text(extra["__cpu_feature__"]),)
    function.naked = bool(extra.get("__naked__"))


def text(value: Any) -> str:
    """A string that was kept as it is, or described."""
    return str(value[1]) if isinstance(value, tuple) else str(value)
