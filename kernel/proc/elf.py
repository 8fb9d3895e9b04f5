"""ELF programs: validating the headers of a static AArch64 executable.

Everything in the file is an allegation. `check_program` refuses with ENOEXEC whatever could not be
mapped exactly as it says; after that the segments may be trusted. It looks at the first page of the
file only, so the program headers must lie there. Pure: bytes in, numbers out.
"""

from __future__ import annotations

from abi.elf import (
    ELF_CLASS_64,
    ELF_DATA_LITTLE,
    ELF_MAGIC,
    ELF_VERSION,
    EM_AARCH64,
    ET_DYN,
    ET_EXEC,
    PF_W,
    PF_X,
    PT_INTERP,
    PT_LOAD,
    ElfHeader,
    ProgramHeader,
)
from abi.errno import ENOEXEC
from abi.limits import PAGE_SIZE
from bare import Bytes, Span, raises, size_of, struct, u8, u32, u64, view

LOAD_BIAS: u64 = 0x40_0000
"""Where a position-independent program is put."""
LOWEST_ADDRESS: u64 = 0x1_0000
HIGHEST_ADDRESS: u64 = 0x4000_0000_0000
"""Programs lie below; stack and mappings above."""
LARGEST_FILE: u64 = 1 << 62


@struct
class Program:
    """A validated executable: where it starts and which of its headers to map."""

    head: Span[u8]
    """The first page of the file, or less of it if it is shorter."""
    file_length: u64
    bias: u64 = 0
    """Added to every address in the file."""
    entry: u64 = 0
    headers: u64 = 0
    """Offset of the program headers."""
    header_count: u64 = 0
    headers_address: u64 = 0
    """Where the program finds its own headers, 0 if they are not mapped."""
    end: u64 = 0
    """End of the highest segment: where the program break starts."""

    def header(self, index: u64) -> ProgramHeader:
        """Returns a program header below `header_count`."""
        return view(ProgramHeader, self.head, self.headers + index * size_of(ProgramHeader))

    def start_of(self, header: ProgramHeader) -> u64:
        """Returns the address of a segment's first page."""
        address = header.address + self.bias
        return address - address % PAGE_SIZE

    def file_end_of(self, header: ProgramHeader) -> u64:
        """Returns the address behind the bytes that come from the file."""
        return header.address + self.bias + header.file_size

    def memory_end_of(self, header: ProgramHeader) -> u64:
        """Returns the address behind the segment."""
        return header.address + self.bias + header.memory_size

    def first_page_of(self, header: ProgramHeader) -> u64:
        """Returns the file page that is mapped at `start_of`."""
        return header.offset // PAGE_SIZE


@raises(ENOEXEC)
def check_program(program: Program) -> None:
    """Validates `program.head` and fills in the rest; ENOEXEC: not a program that can be run."""
    if len(program.head) < size_of(ElfHeader) or program.file_length > LARGEST_FILE:
        raise OSError(ENOEXEC)
    header = view(ElfHeader, program.head, 0)
    check_identity(header)
    if header.kind == ET_DYN:
        program.bias = LOAD_BIAS
    locate_headers(program, header)
    check_headers(program)
    if header.entry > HIGHEST_ADDRESS:
        raise OSError(ENOEXEC)
    program.entry = header.entry + program.bias
    check_entry(program)


@raises(ENOEXEC)
def check_identity(header: ElfHeader) -> None:
    """Refuses what is not a little-endian AArch64 executable."""
    magic: Bytes = header.magic
    if magic != ELF_MAGIC:
        raise OSError(ENOEXEC)
    if header.file_class != ELF_CLASS_64 or header.data != ELF_DATA_LITTLE:
        raise OSError(ENOEXEC)
    if header.machine != EM_AARCH64 or header.version != ELF_VERSION:
        raise OSError(ENOEXEC)
    if header.kind not in (ET_EXEC, ET_DYN):
        raise OSError(ENOEXEC)


@raises(ENOEXEC)
def locate_headers(program: Program, header: ElfHeader) -> None:
    """Finds the program headers, which lie wholly in the first page."""
    if header.program_entry_size != size_of(ProgramHeader) or header.program_count == 0:
        raise OSError(ENOEXEC)
    size = u64(header.program_count) * size_of(ProgramHeader)
    length = u64(len(program.head))
    if header.program_offset > length or size > length - header.program_offset:
        raise OSError(ENOEXEC)
    program.headers = header.program_offset
    program.header_count = u64(header.program_count)


@raises(ENOEXEC)
def check_headers(program: Program) -> None:
    """Checks all segments and finds the end of the program and its own headers."""
    previous_end: u64 = LOWEST_ADDRESS
    found = False
    for index in range(program.header_count):
        header = program.header(index)
        if header.kind == PT_INTERP:
            raise OSError(ENOEXEC)
        if header.kind == PT_LOAD and header.memory_size > 0:
            check_segment(program, header)
            if program.start_of(header) < previous_end:
                raise OSError(ENOEXEC)
            previous_end = page_end(program.memory_end_of(header))
            note_headers(program, header)
            found = True
    if not found:
        raise OSError(ENOEXEC)
    program.end = previous_end


@raises(ENOEXEC)
def check_segment(program: Program, header: ProgramHeader) -> None:
    """Refuses a segment that lies outside of the file or of the program's range, or is both
    writable and executable.
    """
    if header.file_size > header.memory_size:
        raise OSError(ENOEXEC)
    if header.offset > program.file_length:
        raise OSError(ENOEXEC)
    if header.file_size > program.file_length - header.offset:
        raise OSError(ENOEXEC)
    room = HIGHEST_ADDRESS - program.bias
    if header.address > room or header.memory_size > room - header.address:
        raise OSError(ENOEXEC)
    if header.address % PAGE_SIZE != header.offset % PAGE_SIZE:
        raise OSError(ENOEXEC)
    is_writable = header.flags & PF_W != 0
    if is_writable and header.flags & PF_X != 0:
        raise OSError(ENOEXEC)
    if header.memory_size > header.file_size and not is_writable:
        raise OSError(ENOEXEC)


def note_headers(program: Program, header: ProgramHeader) -> None:
    """Remembers where a segment that holds the program headers puts them."""
    size = program.header_count * size_of(ProgramHeader)
    if header.offset <= program.headers and (
        program.headers + size <= header.offset + header.file_size
    ):
        program.headers_address = header.address + program.bias + program.headers - header.offset


@raises(ENOEXEC)
def check_entry(program: Program) -> None:
    """Refuses a program that does not start in code of its own."""
    for index in range(program.header_count):
        header = program.header(index)
        if header.kind == PT_LOAD and header.flags & PF_X != 0 and header.memory_size > 0:
            start = header.address + program.bias
            if start <= program.entry < program.file_end_of(header) and program.entry % 4 == 0:
                return
    raise OSError(ENOEXEC)


def page_end(address: u64) -> u64:
    """Rounds up to whole pages; `address` is below HIGHEST_ADDRESS plus a page."""
    return (address + PAGE_SIZE - 1) // PAGE_SIZE * PAGE_SIZE


def protection_of(flags: u32) -> u32:
    """Turns segment flags into the protection bits of a mapping."""
    protection: u32 = 0
    if flags & 4 != 0:
        protection |= 1
    if flags & PF_W != 0:
        protection |= 3
    if flags & PF_X != 0:
        protection |= 4
    return protection
