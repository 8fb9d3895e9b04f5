"""The built kernel as an ELF file: addresses of its symbols, functions and linker script alike."""

from __future__ import annotations

from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

LINEAR_BASE = 0xFFFF_8000_0000_0000


def symbols(path: Path) -> dict[str, int]:
    """Returns all symbols by name."""
    with path.open("rb") as handle:
        table = ELFFile(handle).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection), "the kernel has no symbols"
        return {symbol.name: symbol.entry.st_value for symbol in table.iter_symbols()}


def physical(address: int) -> int:
    """Returns the physical address behind an address of the linear map."""
    return address - LINEAR_BASE
