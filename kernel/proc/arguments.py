"""`Arguments`: the strings that `execve` hands to a program.

They are copied into the kernel before the old program's memory goes, and onto the new stack
afterwards (`stack.py`). All strings lie in one block that grows: arguments, environment, path.
"""

from __future__ import annotations

from abi.errno import E2BIG, EFAULT, ENAMETOOLONG, ENOMEM
from abi.limits import ARG_MAX
from bare import Allocator, Bytes, Span, allocate_span, errno_of, raises, release, struct, u8, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import copy_in_string, read_user_u64

FIRST_SIZE: usize = 1024
POINTER_SIZE: usize = 8


@struct
class Arguments:
    """Made by `begin`, used once, given back by `finish`."""

    allocator: Allocator
    block: Span[u8]
    """Zero-terminated strings, one behind the other."""
    used: usize = 0
    argument_count: usize = 0
    environment_count: usize = 0
    environment_start: usize = 0
    """Offset of the first string of the environment."""
    path_start: usize = 0
    """Offset of the path."""

    @raises(ENOMEM)
    def begin(self, allocator: Allocator) -> None:
        """Makes an empty block."""
        self.allocator = allocator
        self.block = allocate_span(allocator, u8, FIRST_SIZE)

    def finish(self) -> None:
        """Gives the block back."""
        release(self.allocator, self.block)

    @raises(E2BIG, EFAULT, ENOMEM)
    def read(self, arguments: UserAddr, environment: UserAddr) -> None:
        """Copies both lists of the running program; 0 stands for an empty one."""
        self.argument_count = self.read_list(arguments)
        self.environment_start = self.used
        self.environment_count = self.read_list(environment)

    @raises(E2BIG, EFAULT, ENOMEM)
    def read_list(self, pointers: UserAddr) -> usize:
        """Copies the strings of a list that ends with a null pointer; returns their number."""
        count: usize = 0
        if pointers == 0:
            return count
        while True:
            address = read_user_u64(pointers + count * POINTER_SIZE)
            if address == 0:
                return count
            self.read_string(address)
            count += 1
            if count * POINTER_SIZE > ARG_MAX:
                raise OSError(E2BIG)

    @raises(E2BIG, EFAULT, ENOMEM)
    def read_string(self, address: UserAddr) -> None:
        """Appends one string of the running program."""
        while True:
            is_too_long = False
            try:
                self.used += copy_in_string(self.block[self.used :], address) + 1
                return
            except OSError as error:
                is_too_long = errno_of(error) == ENAMETOOLONG
            if not is_too_long:
                raise OSError(EFAULT)
            self.grow(2 * len(self.block))

    @raises(E2BIG, ENOMEM)
    def add_argument(self, value: Bytes) -> None:
        """Appends an argument of the kernel's own; before anything of the environment."""
        self.append(value)
        self.argument_count += 1
        self.environment_start = self.used

    @raises(E2BIG, ENOMEM)
    def add_variable(self, value: Bytes) -> None:
        """Appends `NAME=VALUE` of the kernel's own to the environment."""
        self.append(value)
        self.environment_count += 1

    @raises(E2BIG, ENOMEM)
    def add_path(self, path: Bytes) -> None:
        """Appends the path of the program: last."""
        self.path_start = self.used
        self.append(path)

    @raises(E2BIG, ENOMEM)
    def append(self, value: Bytes) -> None:
        """Appends a string and its zero byte."""
        wanted = self.used + len(value) + 1
        if wanted > len(self.block):
            self.grow(max(wanted, 2 * len(self.block)))
        self.block[self.used : self.used + len(value)].copy_from(value)
        self.block[self.used + len(value)] = 0
        self.used = wanted

    @raises(E2BIG, ENOMEM)
    def grow(self, size: usize) -> None:
        """Moves to a larger block."""
        if size > 2 * ARG_MAX:
            raise OSError(E2BIG)
        grown = allocate_span(self.allocator, u8, size)
        grown[: self.used].copy_from(self.block[: self.used])
        release(self.allocator, self.block)
        self.block = grown

    def strings(self) -> Bytes:
        """Returns all strings."""
        return self.block[: self.used]

    def path(self) -> Bytes:
        """Returns the path, without its zero byte."""
        return self.block[self.path_start : self.used - 1]

    def write_command(self, into: Span[u8]) -> None:
        """Writes the arguments joined by spaces, cut to `into` with a zero byte."""
        into.fill(0)
        length = min(self.environment_start, len(into))
        for index in range(length):
            byte = self.block[index]
            into[index] = byte if byte != 0 else 0x20
        into[length - 1 if length > 0 else 0] = 0
