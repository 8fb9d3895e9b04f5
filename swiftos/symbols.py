"""Names addresses of an ELF file: function and offset, and the source line from the line table."""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from swiftos.errors import UsageError


@dataclass(frozen=True)
class Place:
    """Where an address is. `file` is empty and `line` 0 where the line table has no entry."""

    function: str
    offset: int
    file: str
    line: int

    def __str__(self) -> str:
        where = f" {self.file}:{self.line}" if self.file else ""
        return f"{self.function}+{self.offset:#x}{where}"


@dataclass(frozen=True)
class Function:
    """A function symbol with its start address and its size in bytes."""

    start: int
    size: int
    name: str


class Symbols:
    """The functions and the line table of one ELF file, read once."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise UsageError(f"{path} does not exist", "build it first: ./swos build")
        try:
            with open(path, "rb") as handle:
                elf = ELFFile(handle)
                self.functions = _functions(elf)
                self._lines = _lines(elf)
        except ELFError as error:
            raise UsageError(f"{path} is not an ELF file: {error}", "name another file") from error
        self._starts = [function.start for function in self.functions]
        self._addresses = [address for address, _, _ in self._lines]

    def lookup(self, address: int) -> Place | None:
        """Returns the place of an address, or None when no function covers it."""
        if not self.functions:
            return None
        index = bisect_right(self._starts, address) - 1
        is_behind = index == len(self.functions) - 1 and not self.functions[index].size
        if index < 0 or is_behind:
            return None
        function = self.functions[index]
        if function.size and address >= function.start + function.size:
            return None
        file, line = self._line_of(address)
        return Place(function.name, address - function.start, file, line)

    def address_of(self, name: str) -> int | None:
        """Returns the address of a function by its full name, or None."""
        return next((found.start for found in self.functions if found.name == name), None)

    def _line_of(self, address: int) -> tuple[str, int]:
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return "", 0
        _, file, line = self._lines[index]
        return file, line


def _functions(elf: ELFFile) -> list[Function]:
    """Returns the function symbols in the order of their addresses."""
    table = elf.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return []
    found = []
    for symbol in table.iter_symbols():
        if symbol["st_info"]["type"] in ("STT_FUNC", "STT_NOTYPE") and symbol.name:
            is_mapping = symbol.name.startswith("$")
            if symbol["st_shndx"] not in ("SHN_UNDEF", "SHN_ABS") and not is_mapping:
                found.append(Function(symbol["st_value"], symbol["st_size"], symbol.name))
    return sorted(found, key=lambda function: (function.start, -function.size))


def _lines(elf: ELFFile) -> list[tuple[int, str, int]]:
    """Returns (address, file, line) in the order of the addresses, from all compile units."""
    if not elf.has_dwarf_info():
        return []
    dwarf = elf.get_dwarf_info()
    found: list[tuple[int, str, int]] = []
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        files = [entry.name.decode() for entry in program["file_entry"]]
        first = 0 if program["version"] >= 5 else 1
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if state.end_sequence:
                found.append((state.address, "", 0))
            elif 0 <= state.file - first < len(files):
                found.append((state.address, files[state.file - first], state.line))
    return sorted(found, key=lambda row: (row[0], row[2] != 0))
