"""Makes the `Program`: reachable functions, structs with layouts and vtables, enums, data."""

from __future__ import annotations

from compiler.frontend.constants import DataBuilder
from compiler.frontend.front_end import FrontEnd
from compiler.frontend.source import header_span
from compiler.frontend.structs import FieldInfo, StructInfo
from compiler.frontend.symbols import ConstantEntity
from compiler.ir import nodes as n
from compiler.ir.program import DataValue, Enum, Field, Program, Struct
from compiler.ir.spans import NO_SPAN
from compiler.ir.types import CallableType, EnumType, StructType
from compiler.lower.reach import Reach
from compiler.lower.vtables import number_classes, slot_names
from compiler.lower.walk import walk


def assemble(
    front_end: FrontEnd, root: str, runtime: str | None, entry: str | None, roots: list[str]
) -> Program:
    """The program behind `roots`, everything in the order of its name."""
    reach = Reach(front_end)
    reach.run(roots)
    program = Program(root, runtime, entry)
    program.roots = list(roots)
    program.functions = {name: reach.functions[name] for name in sorted(reach.functions)}
    program.enums = {name: make_enum(front_end, reach.enums[name]) for name in sorted(reach.enums)}
    for name in sorted(reach.structs):
        program.structs[name] = make_struct(front_end, reach, reach.structs[name])
    program.data = {name: reach.data[name] for name in sorted(reach.data)}
    modules = front_end.loader.modules
    program.sources = {name: modules[name].path for name in sorted(modules)}
    number_classes(program)
    set_slots(program)
    return program


def make_enum(front_end: FrontEnd, type: EnumType) -> Enum:
    """An enum's members."""
    entity = front_end.annotations.classes[type.name]
    return Enum(type, entity.module.name, dict(entity.facts["members"]))


def make_struct(front_end: FrontEnd, reach: Reach, info: StructInfo) -> Struct:
    """A struct with its layout."""
    layout = front_end.structs.layout(info)
    entity = info.entity
    names = slot_names(info) if info.has_vtable else []
    fields = {name: make_field(front_end, info, field) for name, field in info.fields.items()}
    return Struct(
        name=info.name,
        module=entity.module.name if entity else "bare.atomic",
        path=entity.module.path if entity else "bare/atomic.py",
        span=header_span(entity.node) if entity else NO_SPAN,
        base=info.base.name if info.base else None,
        fields=fields,
        size=layout.size,
        align=layout.align,
        packed=info.packed,
        vtable_offset=0 if info.has_vtable else None,
        vtable=[slot_symbol(reach, info, name) for name in names],
        vtable_names=names,
        is_abstract=bool(info.abstract_methods()),
        is_constructed=info.name in reach.constructed,
        bases=tuple(base.name for base in info.lineage[1:]),
    )


def slot_symbol(reach: Reach, info: StructInfo, name: str) -> str | None:
    """The function that fills a slot, if it is reachable."""
    found = info.find_method(name)
    if found is None or found[1].is_abstract:
        return None
    symbol = f"{found[0].name}.{name}"
    return symbol if symbol in reach.functions else None


def make_field(front_end: FrontEnd, info: StructInfo, field: FieldInfo) -> Field:
    """A field at its place, with its default as data."""
    place = front_end.structs.layout(info).places.get(field.name)
    offset, size, bit_offset = (0, 0, 0) if place is None else (
        place.offset, place.size, place.bit_offset,
    )  # fmt: skip
    default = default_value(front_end, info, field)
    return Field(
        name=field.name,
        type=field.type,
        offset=offset,
        size=size,
        embedded=field.embedded,
        big_endian=field.big_endian,
        bit_offset=bit_offset,
        bit_width=field.bit_width,
        default=default,
        has_default=field.default[0] != "missing",
        is_nullable=not isinstance(field.type, StructType | CallableType) or field.embedded,
        span=field.span,
    )


def default_value(front_end: FrontEnd, info: StructInfo, field: FieldInfo) -> DataValue:
    """The value that construction sets; None means zero."""
    described = field.default
    if field.embedded or described[0] in ("missing", "none", "array", "field"):
        return None
    owner = next(item for item in reversed(info.lineage) if field.name in item.fields)
    if owner.entity is None:
        return None
    module = owner.entity.module
    holder = ConstantEntity(field.name, module, described, None, field.span)
    return DataBuilder(front_end.constants, holder).item(
        field.type, described, f"{owner.name}.{field.name}$default"
    )


def set_slots(program: Program) -> None:
    """Gives every virtual call the number of its slot."""
    for function in program.functions.values():
        for node in walk(function.body):
            if isinstance(node, n.CallVirtual):
                node.slot = program.structs[node.struct].vtable_names.index(node.method)
