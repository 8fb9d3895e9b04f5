"""`size_of`, `align_of` and `offset_of` in CPython are what the compiler lays out."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

import bare
from bare.layout import layout_of
from compiler.ir.program import Program, Struct

MODULES = ("run_layout", "run_struct_storage", "run_struct_bits", "run_view", "run_structs",
           "run_inheritance", "run_dispatch", "run_enums", "run_atomics", "run_simd")  # fmt: skip


def structs_of(name: str) -> list[tuple[ModuleType, Struct, Program]]:
    program: Program = bare.load(f"tests.bare.{name}").program.ir
    module = importlib.import_module(f"tests.bare.{name}")
    own = [struct for struct in program.structs.values() if struct.module == f"tests.bare.{name}"]
    return [(module, struct, program) for struct in own]


@pytest.mark.parametrize("name", MODULES)
def test_structs_have_one_layout(name: str) -> None:
    for module, struct, _ in structs_of(name):
        found = layout_of(getattr(module, struct.name.rpartition(".")[2]))
        assert (found.size, found.align) == (struct.size, struct.align), struct.name
        offsets = {
            field.name: field.offset for field in struct.fields.values() if not field.bit_width
        }
        assert found.offsets == offsets, struct.name


def test_a_wrong_size_is_refused() -> None:
    @bare.struct(size=9)
    class Wrong:
        """Has eight bytes."""

        value: int

    Wrong.__annotations__["value"] = importlib.import_module("bare.scalars").u64
    with pytest.raises(TypeError, match="8 bytes, not the 9"):
        layout_of(Wrong)
