"""Writers for LLVM assembly text: one for a module, one for a function.

`ModuleWriter` collects globals, functions, declarations, attribute groups and metadata, and renders
them in the order of creation, so that the same input gives the same bytes. `FunctionWriter`
collects basic blocks; allocas go to the entry block whatever the current block is. Both know
syntax only.
"""

from __future__ import annotations

from collections.abc import Sequence

_PLAIN = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'()*+,-./:;<=>?@[]^_`{|}~"
)
_IDENTIFIER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._$-")


def quote_bytes(data: bytes) -> str:
    r"""The text of an LLVM string literal without its quotes: `a"b` becomes `a\22b`."""
    return "".join(chr(byte) if byte in _PLAIN else f"\\{byte:02X}" for byte in data)


def symbol(name: str) -> str:
    """`@name`, quoted where LLVM's syntax asks for it."""
    if name and not name[0].isdigit() and _IDENTIFIER.issuperset(name):
        return f"@{name}"
    return f'@"{quote_bytes(name.encode())}"'


class ModuleWriter:
    """One LLVM module. `triple` is the target's, `name` identifies the source in diagnostics."""

    def __init__(self, name: str, triple: str) -> None:
        self.name = name
        self.triple = triple
        self._globals: list[str] = []
        self._functions: list[str] = []
        self._declarations: dict[str, str] = {}
        self._defined: set[str] = set()
        self._attributes: dict[str, int] = {}
        self._metadata: list[str] = []
        self._metadata_ids: dict[str, int] = {}
        self._named_metadata: list[str] = []
        self._strings: dict[bytes, str] = {}
        self._used: list[str] = []

    def add_global(self, name: str, definition: str) -> str:
        """Adds `@name = definition` and returns the `@name`."""
        spelled = symbol(name)
        self._defined.add(name)
        self._globals.append(f"{spelled} = {definition}")
        return spelled

    def is_defined(self, name: str) -> bool:
        """Whether a global or function of that name was added."""
        return name in self._defined

    def add_function(self, name: str, text: str) -> None:
        """Adds a whole definition, from `define` to the closing brace."""
        self._defined.add(name)
        self._functions.append(text)

    def declare(self, name: str, declaration: str) -> str:
        """Declares an external symbol (once; a later definition wins) and returns the `@name`."""
        if name not in self._declarations:
            self._declarations[name] = declaration
        return symbol(name)

    def keep(self, name: str) -> None:
        """Keeps a symbol through link-time optimisation: assembly or a linker script names it."""
        self._used.append(name)

    def string(self, data: bytes) -> str:
        """The symbol of a read-only, NUL-terminated copy of `data`; equal strings share it."""
        found = self._strings.get(data)
        if found is None:
            found = f"@str.{len(self._strings)}"
            self._strings[data] = found
            literal = quote_bytes(data) + "\\00"
            self._globals.append(
                f"{found} = private unnamed_addr constant [{len(data) + 1} x i8] "
                f'c"{literal}", align 1'
            )
        return found

    def attributes(self, text: str) -> str:
        """The `#N` of an attribute group."""
        number = self._attributes.setdefault(text, len(self._attributes))
        return f"#{number}"

    def metadata(self, text: str) -> str:
        """The `!N` of a metadata node; equal nodes share it unless they are `distinct`."""
        if text.startswith("distinct "):
            self._metadata.append(text)
            return f"!{len(self._metadata) - 1}"
        number = self._metadata_ids.get(text)
        if number is None:
            number = self._metadata_ids[text] = len(self._metadata)
            self._metadata.append(text)
        return f"!{number}"

    def reserve_metadata(self) -> int:
        """The number of a node whose text follows later (for cycles), see `fill_metadata`."""
        self._metadata.append("!{}")
        return len(self._metadata) - 1

    def fill_metadata(self, number: int, text: str) -> None:
        """Gives a reserved node its text."""
        self._metadata[number] = text

    def name_metadata(self, name: str, nodes: Sequence[str]) -> None:
        """Adds `!name = !{nodes}`."""
        self._named_metadata.append(f"!{name} = !{{{', '.join(nodes)}}}")

    def render(self) -> str:
        """The module's text."""
        parts = [
            f'; {self.name}\nsource_filename = "{self.name}"\ntarget triple = "{self.triple}"\n'
        ]
        parts.extend(self._globals)
        if self._used:
            items = ", ".join(f"ptr {symbol(name)}" for name in self._used)
            kind = f"appending global [{len(self._used)} x ptr]"
            parts.append(f'@llvm.used = {kind} [{items}], section "llvm.metadata"')
        parts.extend(text for name, text in self._declarations.items() if name not in self._defined)
        parts.extend(self._functions)
        parts.extend(f"attributes #{n} = {{ {text} }}" for text, n in self._attributes.items())
        parts.extend(self._named_metadata)
        parts.extend(f"!{number} = {text}" for number, text in enumerate(self._metadata))
        return "\n".join(parts) + "\n"


class FunctionWriter:
    """The blocks of one function under construction.

    Code after a terminator is dropped, and so is a block that no emitted branch leads to: a rule
    may go on lowering dead code without a thought, its instructions vanish.
    """

    def __init__(self) -> None:
        self._allocas: list[str] = []
        self._blocks: list[tuple[str, list[str]]] = [("entry", [])]
        self._lines = self._blocks[0][1]
        self._next = 0
        self._targets: set[str] = set()
        self.label = "entry"
        self.is_terminated = False
        self.location = ""  # ", !dbg !N" of the instructions that follow, or empty

    def fresh(self, prefix: str = "v") -> str:
        """A new local name, without its `%`."""
        self._next += 1
        return f"{prefix}{self._next}"

    def emit(self, instruction: str) -> str:
        """Appends an instruction with a result and returns the result's name."""
        self._next += 1
        name = f"%v{self._next}"
        if not self.is_terminated:
            self._lines.append(f"  {name} = {instruction}{self.location}")
        return name

    def effect(self, instruction: str) -> None:
        """Appends an instruction without a result."""
        if not self.is_terminated:
            self._lines.append(f"  {instruction}{self.location}")

    def record(self, text: str) -> None:
        """Appends a debug record, which takes no location of its own."""
        if not self.is_terminated:
            self._lines.append(f"  {text}")

    def terminate(self, instruction: str) -> None:
        """Appends a terminator; what follows until `start_block` is unreachable and left out."""
        self.effect(instruction)
        self.is_terminated = True

    def branch(self, label: str) -> None:
        """Jumps to a block."""
        self._lead_to(label)
        self.terminate(f"br label %{label}")

    def branch_if(self, condition: str, then: str, otherwise: str, note: str = "") -> None:
        """Jumps by an `i1`; `note` is metadata."""
        self._lead_to(then, otherwise)
        self.terminate(f"br i1 {condition}, label %{then}, label %{otherwise}{note}")

    def switch(self, subject: str, default: str, arms: Sequence[tuple[int, str]]) -> None:
        """Jumps by an integer; `subject` is spelled with its type."""
        self._lead_to(default, *(label for _, label in arms))
        kind = subject.partition(" ")[0]
        table = " ".join(f"{kind} {value}, label %{label}" for value, label in arms)
        self.terminate(f"switch {subject}, label %{default} [{table}]")

    def _lead_to(self, *labels: str) -> None:
        if not self.is_terminated:
            self._targets.update(labels)

    def start_block(self, label: str) -> None:
        """Begins a block, joined to the one before by a branch where that falls through."""
        if self.is_terminated and label not in self._targets:
            return
        if not self.is_terminated:
            self.branch(label)
        self._lines = []
        self._blocks.append((label, self._lines))
        self.label = label
        self.is_terminated = False

    def alloca(self, kind: str, align: int, name: str = "") -> str:
        """Reserves a slot of LLVM type `kind` in the frame and returns its pointer."""
        slot = f"%{self.fresh(name or 'slot')}"
        self._allocas.append(f"  {slot} = alloca {kind}, align {align}")
        return slot

    def render(self, header: str) -> str:
        """The definition: `header` is everything up to the opening brace."""
        lines = [f"{header} {{", "entry:", *self._allocas]
        for label, body in self._blocks:
            if label != "entry":
                lines.append(f"{label}:")
            lines.extend(body)
        lines.append("}")
        return "\n".join(lines)
