"""Vtables: which method has which slot, and which function fills it for a class.

A class has a vtable where a method of its inheritance tree is overridden or abstract. Slots of
the base come first, so a slot's number is the same in every derived class. `tag` numbers the
classes in preorder: `isinstance` is a range check.
"""

from __future__ import annotations

from compiler.frontend.structs import StructInfo
from compiler.frontend.symbols import FunctionEntity
from compiler.ir.program import Program


def slot_names(info: StructInfo) -> list[str]:
    """Names of the virtual methods of a struct, in slot order."""
    names: dict[str, None] = {}
    for owner in reversed(info.lineage):
        if owner.entity is None:
            continue
        for name, method in owner.entity.methods.items():
            if is_virtual_method(owner, method):
                names[name] = None
    return list(names)


def is_virtual_method(owner: StructInfo, method: FunctionEntity) -> bool:
    """Whether a method that `owner` defines needs a slot."""
    if method.is_static or method.name == "__init__":
        return False
    assert owner.entity is not None
    if method.is_abstract:
        return True
    overridden = any(method.name in derived.methods for derived in owner.entity.derived)
    inherited = any(
        base.entity is not None and method.name in base.entity.methods for base in owner.lineage[1:]
    )
    return overridden or inherited


def number_classes(program: Program) -> None:
    """Sets `tag` and `last_tag` of every struct with a vtable."""
    children: dict[str | None, list[str]] = {}
    for name in sorted(program.structs):
        struct = program.structs[name]
        if struct.vtable_offset is not None:
            base = struct.base if struct.base in program.structs else None
            children.setdefault(base, []).append(name)
    counter = 0

    def visit(name: str) -> None:
        nonlocal counter
        struct = program.structs[name]
        struct.tag = counter
        counter += 1
        for child in children.get(name, ()):
            visit(child)
        struct.last_tag = counter - 1

    for root in children.get(None, ()):
        visit(root)
