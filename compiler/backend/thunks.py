"""Functions that adapt an infallible function to the type of a fallible one."""

from __future__ import annotations

from compiler.backend.text import symbol
from compiler.backend.unit import UnitWriter


def fallible_thunk(unit: UnitWriter, name: str) -> str:
    """The symbol of a function that calls the function `name` and reports success."""
    thunk = f"{name}.$fallible"
    found = unit.helper(thunk)
    if found is not None:
        return found
    function = unit.program.functions[name]
    kinds = [unit.layout.value_type(parameter.type) for parameter in function.parameters]
    declared = ", ".join(f"{kind} %p{index}" for index, kind in enumerate(kinds))
    outer = unit.layout.result_type(function.result, fallible=True)
    header = f"define internal {outer} {symbol(thunk)}({declared}) {unit.function_attributes()} {{"
    body = _body(unit, name, declared, outer)
    return unit.add_helper(thunk, "\n".join([header, *body, "}"]))


def _body(unit: UnitWriter, name: str, arguments: str, outer: str) -> list[str]:
    function = unit.program.functions[name]
    result, _ = unit.signature(function)
    target = unit.function_reference(name)
    if result == "void":
        return [f"  call void {target}({arguments})", "  ret i32 0"]
    lines = [f"  %v = call {result} {target}({arguments})"]
    memory = unit.layout.memory_type(function.result)
    value = "%v"
    if memory != result:
        lines.append(f"  %b = zext {result} %v to {memory}")
        value = "%b"
    return [
        *lines,
        f"  %r = insertvalue {outer} poison, {memory} {value}, 0",
        f"  %s = insertvalue {outer} %r, i32 0, 1",
        f"  ret {outer} %s",
    ]
