"""Values of the IR's types as Python objects: zeros, arrays, constants in static data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bare.checked.elements import ElementList, ElementSpan, make_scalars, scalar_format
from compiler.ir.program import DataFunction, DataReference, DataSequence, DataStruct, DataValue
from compiler.ir.types import (
    ArrayType,
    BoolType,
    BytesType,
    FloatType,
    SimdType,
    SpanType,
    StrType,
    StructType,
    TableType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from bare.checked.program import CheckedProgram


def zero(of: Type) -> Any:
    """Returns the value whose bytes are all zero; None for references."""
    if isinstance(of, BoolType):
        return False
    if isinstance(of, FloatType):
        return 0.0
    if scalar_format(of) is not None:
        return 0
    if isinstance(of, BytesType | StrType):
        return b""
    if isinstance(of, SpanType):
        letter = scalar_format(of.element)
        return ElementSpan([], 0, 0) if letter is None else make_scalars(letter, 0)
    if isinstance(of, TableType):
        return ()
    if isinstance(of, TupleType):
        return tuple(zero(item) for item in of.items)
    if isinstance(of, SimdType):
        return (0.0 if isinstance(of.element, FloatType) else 0,) * of.lanes
    return None


def constant(program: CheckedProgram, of: Type, value: DataValue) -> Any:
    """Returns a constant of static data."""
    if value is None:
        return zero(of)
    if isinstance(value, DataFunction):
        return program.reference(value.symbol)
    if isinstance(value, DataReference):
        return program.datum(value.symbol)
    if isinstance(value, DataStruct):
        return constant_struct(program, value)
    if isinstance(value, DataSequence):
        return constant_sequence(program, of, value)
    return bool(value) if isinstance(of, BoolType) else value


def constant_struct(program: CheckedProgram, value: DataStruct) -> Any:
    """Makes the object of a constant struct."""
    made = program.classes.of(value.struct).bare_make()
    fill_struct(program, made, value)
    return made


def fill_struct(program: CheckedProgram, target: Any, value: DataStruct) -> None:
    """Sets the fields of an object from static data."""
    fields = program.ir.structs[value.struct].fields
    for name, item in value.fields.items():
        field = fields[name]
        if field.embedded and isinstance(item, DataStruct):
            fill_struct(program, getattr(target, f"slot_{name}"), item)
        elif field.embedded and isinstance(item, DataSequence):
            fill_elements(program, getattr(target, f"slot_{name}"), field.type, item)
        elif not field.embedded:
            setattr(target, f"slot_{name}", constant(program, field.type, item))


def fill_elements(program: CheckedProgram, target: Any, of: Type, value: DataSequence) -> None:
    """Sets the elements of an array from static data."""
    assert isinstance(of, ArrayType)
    for index, item in enumerate(value.items):
        if isinstance(item, DataStruct):
            fill_struct(program, target[index], item)
        else:
            target[index] = constant(program, of.element, item)


def constant_sequence(program: CheckedProgram, of: Type, value: DataSequence) -> Any:
    """Returns a table or a tuple as a tuple, an array as its elements."""
    if isinstance(of, TupleType):
        pairs = zip(of.items, value.items, strict=True)
        return tuple(constant(program, kind, item) for kind, item in pairs)
    if isinstance(of, ArrayType):
        made = make_array(program, of)
        fill_elements(program, made, of, value)
        return made
    assert isinstance(of, TableType)
    return tuple(constant(program, of.element, item) for item in value.items)


def make_array(program: CheckedProgram, of: ArrayType) -> Any:
    """Makes a zeroed array: structs have their defaults."""
    return make_elements(program, of.element, of.length)


def make_elements(program: CheckedProgram, element: Type, length: int) -> Any:
    """Makes `length` zeroed elements in a row."""
    letter = scalar_format(element)
    if letter is not None:
        return make_scalars(letter, length)
    made: ElementList
    if isinstance(element, StructType):
        make = program.classes.of(element.name).bare_make
        made = ElementList([make() for _ in range(length)])
    elif isinstance(element, ArrayType):
        made = ElementList([make_array(program, element) for _ in range(length)])
    else:
        made = ElementList([zero(element)] * length)
    made.stride = program.size_of(element)
    if isinstance(element, StructType):
        for index, value in enumerate(made):
            value.bare_home = (made, index * made.stride)
    return made
