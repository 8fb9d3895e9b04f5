"""The stack that a program starts with: strings, argument and environment pointers, and the
auxiliary vector. System V ABI for AArch64, and Linux's getauxval(3).
"""

from __future__ import annotations

from abi.errno import EFAULT, EINVAL, ENOMEM
from abi.limits import CLOCK_TICKS, PAGE_SIZE
from abi.process import (
    AT_CLKTCK,
    AT_EGID,
    AT_ENTRY,
    AT_EUID,
    AT_EXECFN,
    AT_FLAGS,
    AT_GID,
    AT_HWCAP,
    AT_NULL,
    AT_PAGESZ,
    AT_PHDR,
    AT_PHENT,
    AT_PHNUM,
    AT_RANDOM,
    AT_SECURE,
    AT_UID,
)
from bare import Array, array, raises, struct, u8, u64, usize
from kernel.arch.aarch64.features import program_features
from kernel.arch.aarch64.layout import USER_STACK_TOP, UserAddr
from kernel.mm.address_space import AddressSpace
from kernel.mm.area import map_area
from kernel.mm.protection import READ, STACK, WRITE
from kernel.mm.user_copy import copy_out, write_user_u64
from kernel.proc.arguments import Arguments
from kernel.proc.elf import Program
from kernel.security.random import RandomGenerator

FIRST_STACK_BYTES: u64 = 256 * 1024
"""Mapped at first; touched pages cost memory, the others only the area grows."""
RANDOM_BYTES: usize = 16
WORD: u64 = 8
AUXILIARY_WORDS: u64 = 2 * 16
PROGRAM_HEADER_SIZE: u64 = 56


@raises(EINVAL, ENOMEM)
def map_stack(space: AddressSpace, arguments: Arguments) -> None:
    """Maps the stack area of a new program."""
    strings = arguments.used + (arguments.argument_count + arguments.environment_count) * WORD
    size = (FIRST_STACK_BYTES + strings + PAGE_SIZE - 1) // PAGE_SIZE * PAGE_SIZE
    map_area(space, USER_STACK_TOP - size, USER_STACK_TOP, READ | WRITE, STACK, None, 0)


@struct
class StackWriter:
    """Writes words upward from the stack pointer of the new program, which is the running one."""

    position: UserAddr

    @raises(EFAULT)
    def word(self, value: u64) -> None:
        """Writes one word."""
        write_user_u64(self.position, value)
        self.position += WORD

    @raises(EFAULT)
    def auxiliary(self, key: u64, value: u64) -> None:
        """Writes one entry of the auxiliary vector."""
        self.word(key)
        self.word(value)


@raises(EFAULT)
def write_stack(
    arguments: Arguments, program: Program, user_number: u64, random: RandomGenerator
) -> UserAddr:
    """Fills the stack and returns the stack pointer."""
    strings = aligned(USER_STACK_TOP - WORD - arguments.used)
    copy_out(strings, arguments.strings())
    seed: Array[u8] = array(RANDOM_BYTES)
    random.fill(seed)
    seed_place = strings - RANDOM_BYTES
    copy_out(seed_place, seed)
    pointers = 3 + arguments.argument_count + arguments.environment_count
    stack_pointer = aligned(seed_place - (pointers + AUXILIARY_WORDS) * WORD)
    writer = StackWriter(stack_pointer)
    writer.word(arguments.argument_count)
    write_pointers(writer, arguments, strings)
    write_auxiliary(writer, program, user_number)
    writer.auxiliary(AT_RANDOM, seed_place)
    writer.auxiliary(AT_EXECFN, strings + arguments.path_start)
    writer.auxiliary(AT_NULL, 0)
    return stack_pointer


@raises(EFAULT)
def write_pointers(writer: StackWriter, arguments: Arguments, strings: UserAddr) -> None:
    """Writes the addresses of arguments and environment, each list ended by a null pointer."""
    offset: usize = 0
    block = arguments.strings()
    for _ in range(arguments.argument_count):
        writer.word(strings + offset)
        while block[offset] != 0:
            offset += 1
        offset += 1
    writer.word(0)
    for _ in range(arguments.environment_count):
        writer.word(strings + offset)
        while block[offset] != 0:
            offset += 1
        offset += 1
    writer.word(0)


@raises(EFAULT)
def write_auxiliary(writer: StackWriter, program: Program, user_number: u64) -> None:
    """Writes what the program learns of itself and of the machine."""
    writer.auxiliary(AT_PHDR, program.headers_address)
    writer.auxiliary(AT_PHENT, PROGRAM_HEADER_SIZE)
    writer.auxiliary(AT_PHNUM, program.header_count)
    writer.auxiliary(AT_PAGESZ, PAGE_SIZE)
    writer.auxiliary(AT_FLAGS, 0)
    writer.auxiliary(AT_ENTRY, program.entry)
    writer.auxiliary(AT_UID, user_number)
    writer.auxiliary(AT_EUID, user_number)
    writer.auxiliary(AT_GID, user_number)
    writer.auxiliary(AT_EGID, user_number)
    writer.auxiliary(AT_HWCAP, program_features())
    writer.auxiliary(AT_CLKTCK, CLOCK_TICKS)
    writer.auxiliary(AT_SECURE, 0)


def aligned(address: UserAddr) -> UserAddr:
    """Rounds down to what a stack pointer may be."""
    return address - address % 16
