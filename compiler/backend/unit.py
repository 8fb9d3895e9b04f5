"""One unit of code generation: the functions and data of one Python module as one LLVM module."""

from __future__ import annotations

from compiler.backend.debug import DebugInfo
from compiler.backend.layout import SPAN, Layout
from compiler.backend.profile import Profile
from compiler.backend.text import ModuleWriter, symbol
from compiler.ir import types as t
from compiler.ir.program import Function, Program

WRITER_STRUCT = "bare.lib.writer.Writer"
FORMAT_MODULE = "bare.lib.format"


class UnitWriter:
    """What the functions of a unit share: the module text, references to symbols, target facts."""

    def __init__(
        self, program: Program, layout: Layout, profile: Profile, module: str, path: str
    ) -> None:
        self.program = program
        self.layout = layout
        self.profile = profile
        self.module = module
        self.out = ModuleWriter(path, profile.triple)
        self.debug = DebugInfo(self.out, program, layout, module, path, optimised=not profile.debug)
        self._helpers: dict[str, str] = {}
        self._functions: dict[str, str] = {}

    @staticmethod
    def linkage_name(function: Function) -> str:
        """The linker's name of a function."""
        return function.export or function.symbol

    def signature(self, function: Function) -> tuple[str, str]:
        """LLVM result type and parameter types of a function."""
        result = self.layout.result_type(function.result, fallible=function.fallible)
        parameters = ", ".join(self.layout.value_type(p.type) for p in function.parameters)
        return result, parameters

    def function_reference(self, name: str) -> str:
        """`@name` of a function of the program, declared if it is not defined here."""
        found = self._functions.get(name)
        if found is None:
            function = self.program.functions[name]
            result, parameters = self.signature(function)
            linkage = self.linkage_name(function)
            attributes = ""
            if isinstance(function.result, t.NeverType) and not function.fallible:
                attributes = " " + self.out.attributes("noreturn nounwind")
            place = self.visibility(function)
            declaration = f"declare {place}{result} {symbol(linkage)}({parameters}){attributes}"
            found = self._functions[name] = self.out.declare(linkage, declaration)
        return found

    def visibility(self, function: Function) -> str:
        """How far a function can be seen: only exports leave the linked file, hosted code whole."""
        if self.profile.is_hosted:
            return ""
        return "dso_local " if function.export else "hidden "

    @property
    def hidden(self) -> str:
        """The visibility of symbols that only this program knows."""
        return "" if self.profile.is_hosted else "hidden "

    def data_reference(self, name: str) -> str:
        """`@name` of a static datum."""
        kind = "global" if self.program.data[name].writable else "constant"
        return self.out.declare(name, f"{symbol(name)} = external {self.hidden}{kind} i8")

    def vtable_reference(self, struct: str) -> str:
        """`@name` of a class's vtable: {i64 tag, slots...}."""
        name = vtable_symbol(struct)
        return self.out.declare(name, f"{symbol(name)} = external {self.hidden}constant i8")

    def intrinsic(self, result: str, name: str, parameters: str) -> str:
        """`@llvm.NAME`, declared."""
        return self.out.declare(name, f"declare {result} {symbol(name)}({parameters})")

    def helper(self, name: str) -> str | None:
        """The symbol of a compiler-made function of this unit that was already built."""
        return self._helpers.get(name)

    def add_helper(self, name: str, definition: str) -> str:
        """Adds a compiler-made internal function and returns its symbol."""
        self.out.add_function(name, definition)
        spelled = symbol(name)
        self._helpers[name] = spelled
        return spelled

    def function_attributes(self, function: Function | None = None) -> str:
        """The attribute group of a definition."""
        profile = self.profile
        features = [profile.features] if profile.features else []
        flags = ["nounwind"]
        if function is not None:
            features.extend(f"+{feature}" for feature in function.cpu_features)
            flags.extend(_hints(function))
        flags.append('"frame-pointer"="non-leaf" "disable-tail-calls"="true"')
        flags.append(f'"target-cpu"="{profile.cpu}"')
        if features:
            flags.append(f'"target-features"="{",".join(features)}"')
        if profile.is_aarch64 and not profile.is_hosted:
            flags.append('"probe-stack"="inline-asm"')
        return self.out.attributes(" ".join(flags))

    def text_constant(self, data: bytes) -> str:
        """A constant {pointer, length} of literal bytes."""
        return f"{SPAN} {{ ptr {self.out.string(data)}, i64 {len(data)} }}"


def _hints(function: Function) -> list[str]:
    if function.naked:
        return ["naked", "noinline"]
    flags = []
    if isinstance(function.result, t.NeverType) and not function.fallible:
        flags.append("noreturn")
    if function.inline == "noinline" or function.section:
        flags.append("noinline")  # code in a section of its own is there for its address
    elif function.inline == "inline":
        flags.append("alwaysinline")
    if function.scalar_loops:
        flags.append("noimplicitfloat")
    if (
        function.symbol.rpartition(".")[2] in _MEMORY_ROUTINES
        or function.export in _MEMORY_ROUTINES
    ):
        flags.append('"no-builtins"')
    return flags


_MEMORY_ROUTINES = frozenset({"memcpy", "memmove", "memset", "memcmp", "bcmp"})


def vtable_symbol(struct: str) -> str:
    """The linker's name of a class's vtable."""
    return f"{struct}.$vtable"
