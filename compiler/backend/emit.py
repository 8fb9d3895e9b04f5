"""A program as LLVM modules: one unit for each Python module that has code or data in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from compiler.backend.data import emit_datum, emit_vtable
from compiler.backend.dispatch import lower_function
from compiler.backend.layout import Layout
from compiler.backend.profile import Profile
from compiler.backend.unit import UnitWriter
from compiler.ir.program import Data, Function, Program, Struct


@dataclass(frozen=True, slots=True)
class UnitText:
    """The LLVM text of one unit; `name` is the Python module's."""

    name: str
    text: str


@dataclass(slots=True)
class _Contents:
    """What belongs to one unit."""

    functions: list[Function] = field(default_factory=list)
    data: list[Data] = field(default_factory=list)
    vtables: list[Struct] = field(default_factory=list)


def emit_program(program: Program, profile: Profile) -> list[UnitText]:
    """Lowers a whole program; units are in the order of their names."""
    layout = Layout(program)
    contents = _distribute(program)
    return [
        UnitText(name, _emit_unit(program, layout, profile, name, contents[name]))
        for name in sorted(contents)
    ]


def _distribute(program: Program) -> dict[str, _Contents]:
    """Puts everything into its module, in an order that other modules do not change."""
    contents: dict[str, _Contents] = defaultdict(_Contents)
    for function in program.functions.values():
        contents[function.module].functions.append(function)
    for datum in program.data.values():
        contents[owner(program, datum.symbol)].data.append(datum)
    for struct in program.structs.values():
        if struct.vtable_offset is not None and struct.is_constructed and not struct.is_abstract:
            contents[struct.module].vtables.append(struct)
    for unit in contents.values():
        unit.functions.sort(key=lambda function: (function.span.line, function.symbol))
        unit.data.sort(key=lambda datum: datum.symbol)
        unit.vtables.sort(key=lambda struct: struct.name)
    return contents


def owner(program: Program, symbol: str) -> str:
    """The module that a qualified name belongs to: the longest that is a prefix of it."""
    plain = symbol.partition("[")[0]
    while plain:
        plain = plain.rpartition(".")[0]
        if plain in program.sources:
            return plain
    return program.root


def _emit_unit(
    program: Program, layout: Layout, profile: Profile, name: str, contents: _Contents
) -> str:
    path = program.sources.get(name, name)
    unit = UnitWriter(program, layout, profile, name, path)
    for datum in contents.data:
        emit_datum(unit, datum)
    for struct in contents.vtables:
        emit_vtable(unit, struct)
    for function in contents.functions:
        lower_function(unit, function)
        if function.export is not None:
            unit.out.keep(function.export)
    unit.debug.finish()
    return unit.out.render()
