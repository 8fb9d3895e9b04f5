"""DWARF metadata: functions, lines, parameters, locals and types of one unit.

A struct is described in full in the unit of its own module and declared elsewhere; gdb joins
them by name. References are described as pointers, spans as records of a pointer and a length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.backend.text import ModuleWriter, quote_bytes
from compiler.ir import types as t
from compiler.ir.program import Function, Program, Struct

if TYPE_CHECKING:
    from compiler.backend.layout import Layout

PRODUCER = "SwiftOS Bare Python compiler"
LANGUAGE = "DW_LANG_Python"
DWARF_VERSION = 4


class DebugInfo:
    """The debug metadata of one LLVM module for the Python module `module` in the file `path`."""

    def __init__(
        self,
        writer: ModuleWriter,
        program: Program,
        layout: Layout,
        module: str,
        path: str,
        *,
        optimised: bool,
    ) -> None:
        self._writer = writer
        self._program = program
        self._layout = layout
        self._module = module
        self._optimised = optimised
        self._files: dict[str, str] = {}
        self._types: dict[t.Type, str] = {}
        self._structs: dict[str, str] = {}
        self._unit = writer.reserve_metadata()
        self._path = path
        self._empty = writer.metadata("!{}")
        self._no_expression = "!DIExpression()"
        self._retained: list[str] = []

    def finish(self) -> None:
        """Writes the compile unit; nothing may be added afterwards."""
        for struct in self._program.structs.values():
            if struct.module == self._module:
                self._retained.append(self._struct(struct.name))
        retained = self._writer.metadata(f"!{{{', '.join(self._retained)}}}")
        optimised = "true" if self._optimised else "false"
        self._writer.fill_metadata(
            self._unit,
            f"distinct !DICompileUnit(language: {LANGUAGE}, file: {self.file(self._path)}, "
            f'producer: "{PRODUCER}", isOptimized: {optimised}, runtimeVersion: 0, '
            f"emissionKind: FullDebug, retainedTypes: {retained}, splitDebugInlining: false, "
            "nameTableKind: None)",
        )
        dwarf = self._writer.metadata(f'!{{i32 7, !"Dwarf Version", i32 {DWARF_VERSION}}}')
        version = self._writer.metadata('!{i32 2, !"Debug Info Version", i32 3}')
        self._writer.name_metadata("llvm.dbg.cu", [f"!{self._unit}"])
        self._writer.name_metadata("llvm.module.flags", [dwarf, version])

    def file(self, path: str) -> str:
        """The node of a source file; paths are relative to the source root."""
        found = self._files.get(path)
        if found is None:
            text = f'!DIFile(filename: "{quote_bytes(path.encode())}", directory: ".")'
            found = self._files[path] = self._writer.metadata(text)
        return found

    def subprogram(self, function: Function) -> str:
        """The node of a function's definition."""
        types = ["null" if self._is_void(function.result) else self.type(function.result)]
        types.extend(self.type(parameter.type) for parameter in function.parameters)
        return self._subprogram(function.symbol, function.path, function.span.line, types, flags="")

    def artificial_subprogram(self, name: str, path: str, line: int) -> str:
        """The node of a function that the compiler made, such as the formatter of an f-string."""
        return self._subprogram(name, path, line, ["null"], flags=", flags: DIFlagArtificial")

    def _subprogram(self, name: str, path: str, line: int, types: list[str], flags: str) -> str:
        list_node = self._writer.metadata(f"!{{{', '.join(types)}}}")
        signature = self._writer.metadata(f"!DISubroutineType(types: {list_node})")
        sp_flags = (
            "DISPFlagDefinition | DISPFlagOptimized" if self._optimised else "DISPFlagDefinition"
        )
        file = self.file(path)
        return self._writer.metadata(
            f'distinct !DISubprogram(name: "{_escape(name)}", scope: {file}, '
            f"file: {file}, "
            f"line: {line}, type: {signature}, scopeLine: {line}, spFlags: {sp_flags}, "
            f"unit: !{self._unit}, retainedNodes: {self._empty}{flags})"
        )

    def location(self, line: int, column: int, scope: str) -> str:
        """The node of a place in the code of the function `scope`."""
        place = f"line: {line}, column: {column}" if column else f"line: {line}"
        return self._writer.metadata(f"!DILocation({place}, scope: {scope})")

    def variable(
        self, name: str, kind: t.Type, scope: str, path: str, line: int, argument: int
    ) -> str:
        """The node of a local, or of the parameter number `argument` (from 1)."""
        order = f"arg: {argument}, " if argument else ""
        return self._writer.metadata(
            f'!DILocalVariable(name: "{_escape(name)}", {order}scope: {scope}, '
            f"file: {self.file(path)}, line: {line}, type: {self.type(kind)})"
        )

    def type(self, kind: t.Type) -> str:
        """The node that describes a value of a type."""
        found = self._types.get(kind)
        if found is None:
            found = self._types[kind] = self._describe(kind)
        return found

    @staticmethod
    def _is_void(kind: t.Type) -> bool:
        return isinstance(kind, t.NoneType | t.NeverType)

    def _describe(self, kind: t.Type) -> str:
        match kind:
            case t.IntType():
                encoding = "signed" if kind.signed else "unsigned"
                return self._basic(str(kind), kind.bits, encoding)
            case t.BoolType():
                return self._basic("bool", 8, "boolean")
            case t.FloatType():
                return self._basic(str(kind), kind.bits, "float")
            case t.EnumType():
                return self._enum(kind)
            case t.RegisterType():
                return self._typedef(kind.name, self.type(kind.base))
            case t.MmioType():
                return self._typedef(kind.name, self.type(t.U64))
            case t.StructType():
                return self._pointer(self._struct(kind.name))
            case t.ArrayType():
                return self._pointer(self._array(kind))
            case t.PointerType():
                return self._pointer(self._object(kind.element))
            case t.NullableType():
                return self._nullable(kind)
            case t.SpanType():
                return self._span(str(kind), self._object(kind.element))
            case t.TableType():
                return self._span(str(kind), self.type(kind.element))
            case t.BytesType() | t.StrType():
                return self._span(str(kind), self._basic("char", 8, "unsigned_char"))
            case t.TupleType():
                return self._record(
                    str(kind), [(f"[{i}]", item) for i, item in enumerate(kind.items)]
                )
            case t.SimdType():
                return self._vector(kind)
            case _:
                return self._typedef(str(kind), self._pointer("null"))

    def _object(self, element: t.Type) -> str:
        """What an element *is* in memory: embedded structs and arrays, not references to them."""
        if isinstance(element, t.StructType):
            return self._struct(element.name)
        if isinstance(element, t.ArrayType):
            return self._array(element)
        return self.type(element)

    def _basic(self, name: str, bits: int, encoding: str) -> str:
        text = f'!DIBasicType(name: "{name}", size: {bits}, encoding: DW_ATE_{encoding})'
        return self._writer.metadata(text)

    def _typedef(self, name: str, base: str) -> str:
        return self._writer.metadata(
            f'!DIDerivedType(tag: DW_TAG_typedef, name: "{_escape(name)}", baseType: {base})'
        )

    def _pointer(self, base: str) -> str:
        return self._writer.metadata(
            f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: {base}, size: 64)"
        )

    def _array(self, kind: t.ArrayType) -> str:
        count = self._writer.metadata(f"!DISubrange(count: {kind.length})")
        elements = self._writer.metadata(f"!{{{count}}}")
        size = self._layout.object_size(kind) * 8
        return self._writer.metadata(
            f"!DICompositeType(tag: DW_TAG_array_type, baseType: {self._object(kind.element)}, "
            f"size: {size}, elements: {elements})"
        )

    def _vector(self, kind: t.SimdType) -> str:
        count = self._writer.metadata(f"!DISubrange(count: {kind.lanes})")
        elements = self._writer.metadata(f"!{{{count}}}")
        return self._writer.metadata(
            f"!DICompositeType(tag: DW_TAG_array_type, baseType: {self.type(kind.element)}, "
            f"size: 128, flags: DIFlagVector, elements: {elements})"
        )

    def _nullable(self, kind: t.NullableType) -> str:
        if kind.is_pointer:
            return self.type(kind.inner)
        return self._record(str(kind), [("value", kind.inner), ("present", t.BOOL)])

    def _span(self, name: str, element: str) -> str:
        members = [
            self._member("data", self._pointer(element), 0, 64),
            self._member("length", self.type(t.U64), 64, 64),
        ]
        return self._composite(name, 128, members)

    def _record(self, name: str, items: list[tuple[str, t.Type]]) -> str:
        members = []
        offset = align = 0
        for item_name, item in items:
            size, align = self._layout.size(item), self._layout.align(item)
            offset = -(-offset // align) * align
            members.append(self._member(item_name, self.type(item), offset * 8, size * 8))
            offset += size
        return self._composite(name, offset * 8, members)

    def _member(self, name: str, base: str, offset: int, size: int) -> str:
        return self._writer.metadata(
            f'!DIDerivedType(tag: DW_TAG_member, name: "{_escape(name)}", baseType: {base}, '
            f"size: {size}, offset: {offset})"
        )

    def _composite(self, name: str, size: int, members: list[str]) -> str:
        elements = self._writer.metadata(f"!{{{', '.join(members)}}}")
        return self._writer.metadata(
            f'!DICompositeType(tag: DW_TAG_structure_type, name: "{_escape(name)}", size: {size}, '
            f"elements: {elements})"
        )

    def _enum(self, kind: t.EnumType) -> str:
        members = [
            self._writer.metadata(f'!DIEnumerator(name: "{_escape(name)}", value: {value})')
            for name, value in self._program.enums[kind.name].members.items()
        ]
        elements = self._writer.metadata(f"!{{{', '.join(members)}}}")
        return self._writer.metadata(
            f'!DICompositeType(tag: DW_TAG_enumeration_type, name: "{_escape(kind.name)}", '
            f"baseType: {self.type(kind.base)}, size: {kind.base.bits}, elements: {elements})"
        )

    def _struct(self, name: str) -> str:
        found = self._structs.get(name)
        if found is not None:
            return found
        struct = self._program.structs[name]
        if struct.module != self._module:
            found = self._writer.metadata(
                f'!DICompositeType(tag: DW_TAG_structure_type, name: "{_escape(name)}", '
                "flags: DIFlagFwdDecl)"
            )
            self._structs[name] = found
            return found
        number = self._writer.reserve_metadata()
        self._structs[name] = f"!{number}"
        self._writer.fill_metadata(number, self._struct_definition(struct))
        return f"!{number}"

    def _struct_definition(self, struct: Struct) -> str:
        members = []
        for field in struct.fields.values():
            base = self._object(field.type) if field.embedded else self.type(field.type)
            if field.bit_width:
                members.append(
                    self._writer.metadata(
                        f'!DIDerivedType(tag: DW_TAG_member, name: "{_escape(field.name)}", '
                        f"baseType: {base}, size: {field.bit_width}, "
                        f"offset: {field.offset * 8 + field.bit_offset}, "
                        f"flags: DIFlagBitField, extraData: i64 {field.offset * 8})"
                    )
                )
            else:
                members.append(self._member(field.name, base, field.offset * 8, field.size * 8))
        elements = self._writer.metadata(f"!{{{', '.join(members)}}}")
        return (
            "distinct !DICompositeType(tag: DW_TAG_structure_type, "
            f'name: "{_escape(struct.name)}", '
            f"file: {self.file(struct.path)}, line: {struct.span.line}, size: {struct.size * 8}, "
            f"elements: {elements})"
        )


def _escape(name: str) -> str:
    return quote_bytes(name.encode())
