"""Checks assignments: to locals, fields, elements and register fields; plain, annotated,
augmented.
"""

from __future__ import annotations

import ast

from compiler.frontend.attributes import read_field
from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conversions import convert
from compiler.frontend.inference import probe
from compiler.frontend.names import read_local
from compiler.frontend.operators import OPERATORS, binary
from compiler.frontend.paths import narrow, none_cure, path_of, short
from compiler.frontend.peek import peek_type
from compiler.frontend.source import span_of
from compiler.frontend.subscripts import indexable
from compiler.frontend.untyped import UnsizedArray, UntypedNone
from compiler.ir.nodes import (
    Assign,
    Const,
    DataRef,
    Expr,
    GetField,
    Index,
    Local,
    SetField,
    SetIndex,
    TupleItem,
)
from compiler.ir.types import (
    ArrayType,
    BytesType,
    FormatType,
    NoneType,
    NullableType,
    PointerType,
    RegisterType,
    StructType,
    TableType,
    TupleType,
    Type,
)


def check_assignment(c: FunctionChecker, node: ast.Assign) -> None:
    """`target = value`, `a = b = value`, `a, b = value`."""
    target = node.targets[0]
    if len(node.targets) > 1:
        assign_chain(c, node)
    elif isinstance(target, ast.Tuple):
        assign_tuple(c, target, node.value)
    else:
        assign(c, target, node.value)


def assign(c: FunctionChecker, target: ast.expr, value: ast.expr) -> None:
    """One target, one value."""
    if isinstance(target, ast.Name):
        known = c.function.locals.get(target.id)
        if target.id in c.unknown:
            c.check(value)
            c.flow.assigned.add(target.id)
            return
        store_local(c, target, c.check(value, known), value)
    elif isinstance(target, ast.Attribute):
        assign_field(c, target, value)
    elif isinstance(target, ast.Subscript):
        assign_element(c, target, value)
    else:
        raise c.refused("E0102", target, "this cannot be assigned to")


def assign_chain(c: FunctionChecker, node: ast.Assign) -> None:
    """`a = b = value`: the value once, then the targets from left to right."""
    value = c.check_value(node.value)
    name = c.temporary(value.type)
    c.emit(Assign(span_of(node), name, value))
    for target in node.targets:
        if isinstance(target, ast.Tuple):
            raise c.refused("E0102", target, "a tuple in a chain of assignments")
        store(c, target, Local(value.type, span_of(node.value), name), node.value)


def assign_tuple(c: FunctionChecker, target: ast.Tuple, value: ast.expr) -> None:
    """`a, b = f()` and `a, b = b, a`."""
    if isinstance(value, ast.Tuple):
        if len(value.elts) != len(target.elts):
            raise c.refused("E0301", value, f"{len(target.elts)} names, {len(value.elts)} values")
        values: list[Expr] = []
        for item, place in zip(value.elts, target.elts, strict=True):
            made = c.check_value(item, target_type(c, place))
            name = c.temporary(made.type)
            c.emit(Assign(span_of(item), name, made))
            values.append(Local(made.type, span_of(item), name))
    else:
        whole = c.check_value(value)
        if not isinstance(whole.type, TupleType) or len(whole.type.items) != len(target.elts):
            raise c.refused("E0301", value, f"{len(target.elts)} names for a value of {whole.type}")
        name = c.temporary(whole.type)
        c.emit(Assign(span_of(value), name, whole))
        read = Local(whole.type, span_of(value), name)
        values = [
            TupleItem(item, span_of(value), read, index)
            for index, item in enumerate(whole.type.items)
        ]
    for place, ready in zip(target.elts, values, strict=True):
        store(c, place, ready, place)


def target_type(c: FunctionChecker, target: ast.expr) -> Type | None:
    """The type of a local that is assigned, where it has one."""
    return c.function.locals.get(target.id) if isinstance(target, ast.Name) else None


def store(c: FunctionChecker, target: ast.expr, value: Expr, node: ast.expr) -> None:
    """Assigns a value that has been evaluated."""
    if isinstance(target, ast.Name):
        store_local(c, target, value, node)
    elif isinstance(target, ast.Attribute):
        holder, field_type = field_target(c, target)
        set_field(c, target, holder, c.coerce(value, field_type, node), value.type)
    elif isinstance(target, ast.Subscript):
        holder = c.check_value(target.value)
        element = element_target(c, holder, target)
        index = c.check_integer(target.slice)
        checked = not isinstance(holder.type, PointerType)
        converted = c.coerce(value, element, node)
        c.emit(SetIndex(span_of(target), holder, index, converted, checked))
    else:
        raise c.refused("E0102", target, "this cannot be assigned to")


# --- locals ------------------------------------------------------------------------------------


def store_local(c: FunctionChecker, target: ast.Name, value: Expr, node: ast.expr) -> None:
    """Assigns a local; the first assignment gives it its type."""
    name = target.id
    refuse_format(c, value, node)
    known = c.function.locals.get(name)
    if known is None:
        value = c.settle(value, node)
        declare(c, target, value.type)
        known = value.type
        converted = value
    else:
        found = convert(c.structs, value, known)
        if found is None:
            refuse_other_type(c, target, value, known, node)
        assert found is not None
        converted = found
    assign_local(c, name, converted, value.type, target)


def declare(c: FunctionChecker, target: ast.Name, type: Type) -> None:
    """Gives a local its type."""
    if isinstance(type, NoneType):
        raise c.refused(
            "E0301",
            target,
            "the value is None: the function returns nothing",
            "call it as a statement of its own",
        )
    c.function.locals[target.id] = type
    c.declared[target.id] = span_of(target)


def refuse_other_type(
    c: FunctionChecker, target: ast.Name, value: Expr, known: Type, node: ast.expr
) -> None:
    """Refuses an assignment of another type, pointing at the first."""
    labels = c.label(target.id, f"{target.id!r} got the type {known} here")
    annotated = f"write the type at the first assignment, as in `{target.id}: {value.type} = ...`"
    if isinstance(value, Const) or isinstance(value.type, NullableType):
        c.coerce(value, known, node)
    raise c.refused(
        "E0310", node, f"{target.id!r} is {known} and gets {value.type}", annotated, labels
    )


def assign_local(c: FunctionChecker, name: str, value: Expr, given: Type, target: ast.expr) -> None:
    """Emits the store, and learns from the type that the value had."""
    c.emit(Assign(span_of(target), name, value))
    c.error_locals.pop(name, None)
    c.flow.forget_local(name)
    c.flow.assigned.add(name)
    learn_assigned(c, (name,), c.function.locals[name], given)


def learn_assigned(c: FunctionChecker, path: tuple[str, ...], declared: Type, given: Type) -> None:
    """A nullable place that just got something that is not None."""
    if isinstance(declared, NullableType) and not isinstance(given, NullableType | UntypedNone):
        c.flow.narrowed[path] = declared.inner


def refuse_format(c: FunctionChecker, value: Expr, node: ast.expr) -> None:
    """A FormatStr is passed on, never kept."""
    if isinstance(value.type, FormatType):
        raise c.refused("E0314", node, "a FormatStr cannot be stored")


def check_annotated(c: FunctionChecker, node: ast.AnnAssign) -> None:
    """`name: T = value`, `name: T`."""
    if not isinstance(node.target, ast.Name):
        raise c.refused("E0102", node.target, "only a local is annotated")
    type = c.resolve_type(node.annotation)
    if isinstance(type, FormatType):
        raise c.refused("E0314", node, "a FormatStr cannot be stored")
    name = node.target.id
    known = c.function.locals.get(name)
    if isinstance(type, ArrayType):
        type = sized(c, node, type)
    if known is not None and known != type:
        labels = c.label(name, f"{name!r} got the type {known} here")
        raise c.refused("E0310", node, f"{name!r} is {known} already", "use another name", labels)
    declare(c, node.target, type)
    if node.value is None:
        return
    value = c.check(node.value, type)
    refuse_format(c, value, node.value)
    assign_local(c, name, c.coerce(value, type, node.value), value.type, node.target)


def sized(c: FunctionChecker, node: ast.AnnAssign, type: ArrayType) -> ArrayType:
    """An array type with the length of its value."""
    if node.value is None:
        raise c.refused("E0312", node, "an array needs its length", "write `= array(N)`")
    found = probe(c, node.value)
    if isinstance(found, UnsizedArray | ArrayType):
        return ArrayType(type.element, found.length)
    raise c.refused("E0301", node.value, f"expected an array, got {found}", "write `array(N)`")


# --- fields ------------------------------------------------------------------------------------


def assign_field(c: FunctionChecker, target: ast.Attribute, value: ast.expr) -> None:
    """`a.b = value`."""
    if assign_register_field(c, target, value):
        return
    holder, field_type = field_target(c, target)
    made = c.check(value, field_type)
    refuse_format(c, made, value)
    set_field(c, target, holder, c.coerce(made, field_type, value), made.type)


def field_target(c: FunctionChecker, target: ast.Attribute) -> tuple[Expr, Type]:
    """Object and type of a field that is assigned."""
    holder = c.check_value(target.value)
    refuse_constant(c, holder, target)
    type = holder.type
    if isinstance(type, NullableType):
        text = ast.unparse(target.value)
        raise c.refused("E0311", target.value, f"{text} may be None here", none_cure(target.value))
    if not isinstance(type, StructType):
        raise c.refused("E0203", target, f"{type} has no field {target.attr!r}")
    field = c.structs.info(type).fields.get(target.attr)
    if field is None:
        names = ", ".join(c.structs.info(type).fields) or "none"
        raise c.refused(
            "E0203", target, f"struct {short(type)} has no field {target.attr!r}",
            f"its fields are: {names}",
        )  # fmt: skip
    if field.embedded:
        raise c.refused(
            "E0401", target, f"field {target.attr!r} is embedded",
            "copy the contents with `copy_struct(a, b)` or `a.copy_from(b)`",
        )  # fmt: skip
    return holder, field.type


def refuse_constant(c: FunctionChecker, holder: Expr, target: ast.expr) -> None:
    """Refuses a store into a module-level object, which is read-only."""
    while isinstance(holder, Index) or (isinstance(holder, GetField) and holder.embedded):
        holder = holder.object
    if isinstance(holder, DataRef) and not c.front_end.constants.is_writable(holder.symbol):
        raise c.refused(
            "E0103", target, "this is part of a constant: module-level objects are read-only"
        )


def set_field(
    c: FunctionChecker, target: ast.Attribute, holder: Expr, value: Expr, given: Type
) -> None:
    """Emits the store of a field."""
    assert isinstance(holder.type, StructType)
    c.emit(SetField(span_of(target), holder, holder.type.name, target.attr, value))
    c.flow.forget_field(target.attr)
    path = path_of(c, target)
    if path is not None:
        declared = c.structs.info(holder.type).fields[target.attr].type
        learn_assigned(c, path, declared, given)


def assign_register_field(c: FunctionChecker, target: ast.Attribute, value: ast.expr) -> bool:
    """`register.field = value`, which replaces the register value; False if it is something
    else.
    """
    if not isinstance(peek_type(c, target.value), RegisterType):
        return False
    place = target.value
    if isinstance(place, ast.Name):
        holder: Expr = read_local(c, place)
        made = c.front_end.registers.with_field(c, holder, target, value)
        c.emit(Assign(span_of(target), place.id, made))
    elif isinstance(place, ast.Attribute):
        owner = once(c, c.check_value(place.value), place.value)
        assert isinstance(owner.type, StructType)
        read = read_field(c, owner, owner.type, place)
        made = c.front_end.registers.with_field(c, read, target, value)
        c.emit(SetField(span_of(target), owner, owner.type.name, place.attr, made))
    else:
        raise c.refused("E0102", target, "copy the register value to a local first")
    return True


# --- elements ----------------------------------------------------------------------------------


def assign_element(c: FunctionChecker, target: ast.Subscript, value: ast.expr) -> None:
    """`a[i] = value`."""
    holder = c.check_value(target.value)
    element = element_target(c, holder, target)
    index = c.check_integer(target.slice)
    made = c.check(value, element)
    refuse_format(c, made, value)
    converted = c.coerce(made, element, value)
    checked = not isinstance(holder.type, PointerType)
    c.emit(SetIndex(span_of(target), holder, index, converted, checked))


def element_target(c: FunctionChecker, holder: Expr, target: ast.Subscript) -> Type:
    """The element type of something whose element is assigned."""
    refuse_constant(c, holder, target)
    if isinstance(target.slice, ast.Slice):
        raise c.refused("E0306", target, "a slice cannot be assigned", "use `a[i:j].copy_from(b)`")
    if isinstance(holder.type, StructType):
        raise c.refused("E0306", target, f"{holder.type} cannot be indexed")
    element = indexable(c, holder, target)
    if isinstance(holder.type, BytesType | TableType):
        raise c.refused("E0306", target, f"{holder.type} is read-only")
    if isinstance(element, StructType | ArrayType):
        raise c.refused(
            "E0401",
            target,
            "the elements are embedded",
            "copy the contents: `copy_struct(a[i], b)`",
        )
    return element


# --- augmented ---------------------------------------------------------------------------------


def check_augmented(c: FunctionChecker, node: ast.AugAssign) -> None:
    """`a += b`: the place is evaluated once."""
    operator = OPERATORS.get(type(node.op))
    if operator is None:
        raise c.refused("E0306", node, "this operator is not in Bare Python")
    target = node.target
    if isinstance(target, ast.Name):
        old = read_local(c, target)
        value = binary(c, operator, old, c.check(node.value), node)
        known = c.function.locals[target.id]
        assign_local(c, target.id, c.coerce(value, known, node), known, target)
    elif isinstance(target, ast.Attribute):
        augment_field(c, node, target)
    else:
        holder = once(c, c.check_value(target.value), target.value)
        element = element_target(c, holder, target)
        index = once(c, c.check_integer(target.slice), target.slice)
        checked = not isinstance(holder.type, PointerType)
        old = Index(element, span_of(target), holder, index, checked)
        value = c.coerce(binary(c, operator, old, c.check(node.value), node), element, node)
        c.emit(SetIndex(span_of(node), holder, index, value, checked))


def augment_field(c: FunctionChecker, node: ast.AugAssign, target: ast.Attribute) -> None:
    """`a.b += c`."""
    operator = OPERATORS[type(node.op)]
    if isinstance(peek_type(c, target.value), RegisterType):
        changed = ast.BinOp(target, node.op, node.value)
        assign_register_field(c, target, ast.copy_location(changed, node))
        return
    holder, field_type = field_target(c, target)
    holder = once(c, holder, target.value)
    assert isinstance(holder.type, StructType)
    name = holder.type.name
    read: Expr = GetField(field_type, span_of(target), holder, name, target.attr, False)
    read = narrow(c, read, path_of(c, target))
    value = binary(c, operator, read, c.check(node.value), node)
    set_field(c, target, holder, c.coerce(value, field_type, node), field_type)


def once(c: FunctionChecker, value: Expr, node: ast.expr) -> Expr:
    """`value` as something that can be read twice."""
    if isinstance(value, Const) or (isinstance(value, Local) and value.name.startswith("$")):
        return value
    if isinstance(value, Local):
        return value
    name = c.temporary(value.type)
    c.emit(Assign(span_of(node), name, value))
    return Local(value.type, span_of(node), name)
