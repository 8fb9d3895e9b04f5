"""Mapping a validated ELF program into a new address space. File pages are shared, not copied."""

from __future__ import annotations

from abi.elf import PT_LOAD, ProgramHeader
from abi.errno import EFAULT, EINVAL, ENOMEM
from bare import Array, array, raises, u8, u64
from kernel.mm.address_space import AddressSpace
from kernel.mm.area import map_area
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import copy_out
from kernel.proc.elf import Program, page_end, protection_of

ZERO_STEP = 256


@raises(EINVAL, ENOMEM)
def map_program(space: AddressSpace, program: Program, source: PageSource) -> None:
    """Maps all segments and sets the program break."""
    for index in range(program.header_count):
        header = program.header(index)
        if header.kind == PT_LOAD and header.memory_size > 0:
            map_segment(space, program, header, source)
    space.break_start = program.end
    space.break_end = program.end


@raises(EINVAL, ENOMEM)
def map_segment(
    space: AddressSpace, program: Program, header: ProgramHeader, source: PageSource
) -> None:
    """Maps the pages of a segment that come from the file, then those that are only zeros."""
    start = program.start_of(header)
    file_end = start
    protection = protection_of(header.flags)
    if header.file_size > 0:
        file_end = page_end(program.file_end_of(header))
        map_area(space, start, file_end, protection, 0, source, program.first_page_of(header))
    end = page_end(program.memory_end_of(header))
    if end > file_end:
        map_area(space, file_end, end, protection, 0, None, 0)


@raises(EFAULT)
def clear_tails(program: Program) -> None:
    """Zeroes what follows the file's bytes in the last file page of each segment.

    The program's address space is the running one.
    """
    for index in range(program.header_count):
        header = program.header(index)
        if header.kind == PT_LOAD and header.memory_size > header.file_size > 0:
            start = program.file_end_of(header)
            clear_user(start, min(page_end(start), program.memory_end_of(header)))


@raises(EFAULT)
def clear_user(start: u64, end: u64) -> None:
    """Writes zeros to the running program's memory."""
    zeros: Array[u8] = array(ZERO_STEP)
    while start < end:
        step = min(end - start, ZERO_STEP)
        copy_out(start, zeros[:step])
        start += step
