"""What virtual calls, and calls of functions in static data, may reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiler.frontend.front_end import FrontEnd
from compiler.frontend.structs import StructInfo
from compiler.ir.program import DataFunction, DataSequence, DataStruct
from compiler.ir.types import CallableType
from compiler.lower.escape_moves import callable_key
from compiler.lower.vtables import slot_names

Target = tuple[tuple[str, ...], str]


def call_targets(front_end: FrontEnd) -> Iterator[Target]:
    """Keys of calls and the functions behind them."""
    for info in list(front_end.structs.infos.values()):
        if info.entity is not None and info.has_vtable:
            yield from virtual_targets(info)
    for data in front_end.constants.data.values():
        for symbol in functions_in(data.value):
            function = front_end.functions.get(symbol)
            if function is not None:
                parameters = tuple(item.type for item in function.parameters)
                type = CallableType(parameters, function.result)
                yield ("indirect", callable_key(type)), symbol


def virtual_targets(info: StructInfo) -> Iterator[Target]:
    """The methods that an object of exactly `info` has, for calls through it and its bases."""
    for name in slot_names(info):
        found = info.find_method(name)
        if found is None or found[1].is_abstract:
            continue
        for base in info.lineage:
            yield ("virtual", base.name, name), f"{found[0].name}.{name}"


def functions_in(value: Any) -> Iterator[str]:
    """The functions that static data refers to."""
    if isinstance(value, DataFunction):
        yield value.symbol
    elif isinstance(value, DataStruct):
        for item in value.fields.values():
            yield from functions_in(item)
    elif isinstance(value, DataSequence):
        for item in value.items:
            yield from functions_in(item)
