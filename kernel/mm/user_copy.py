"""Copies between the kernel and the running program, and the buffers of reads and writes.

A user address is an allegation: nothing here trusts it. A fault inside a copy is first given to
the running address space (which may read a page from disk, so every copy may block); where the
program may not make the access, the copy raises EFAULT. Hold no spin lock around a copy.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from abi.errno import EFAULT, ENAMETOOLONG
from bare import Bytes, Span, raises, struct, u8, u32, u64, usize
from bare.unsafe import address_of, span_at
from kernel.arch.aarch64.layout import PAGE_SIZE, USER_END, UserAddr
from kernel.arch.aarch64.user_access import copy_from_user, copy_to_user

S = TypeVar("S")


@raises(EFAULT)
def check_range(address: UserAddr, size: usize) -> None:
    """Refuses a range that is not wholly in the user's half."""
    if size > USER_END or address > USER_END - size:
        raise OSError(EFAULT)


@raises(EFAULT)
def copy_in(into: Span[u8], source: UserAddr) -> None:
    """Fills `into` from the program's memory."""
    size = len(into)
    check_range(source, size)
    # SAFETY: the target is the whole span; the source is checked and faults are fixed up.
    if size > 0 and copy_from_user(address_of(into), source, size) != 0:
        raise OSError(EFAULT)


@raises(EFAULT)
def copy_out(target: UserAddr, data: Bytes) -> None:
    """Writes `data` to the program's memory."""
    size = len(data)
    check_range(target, size)
    # SAFETY: the source is the whole span; the target is checked and faults are fixed up.
    if size > 0 and copy_to_user(target, address_of(data), size) != 0:
        raise OSError(EFAULT)


@raises(EFAULT, ENAMETOOLONG)
def copy_in_string(into: Span[u8], source: UserAddr) -> usize:
    """Copies a string up to its zero byte and returns its length without that byte.

    Reads no page that the string does not touch. ENAMETOOLONG where `into` cannot hold the zero
    byte too.
    """
    done: usize = 0
    while done < len(into):
        place = source + done
        check_range(place, 1)
        step = min(len(into) - done, PAGE_SIZE - (place & (PAGE_SIZE - 1)))
        copy_in(into[done : done + step], place)
        for index in range(done, done + step):
            if into[index] == 0:
                return index
        done += step
    raise OSError(ENAMETOOLONG)


@raises(EFAULT)
def read_user_u64(source: UserAddr) -> u64:
    """Returns an integer of the program's memory."""
    value = Word64()
    copy_in(object_bytes(value, 8), source)
    return value.value


@raises(EFAULT)
def read_user_u32(source: UserAddr) -> u32:
    """Returns an integer of the program's memory."""
    value = Word32()
    copy_in(object_bytes(value, 4), source)
    return value.value


@raises(EFAULT)
def write_user_u64(target: UserAddr, value: u64) -> None:
    """Stores an integer in the program's memory."""
    word = Word64(value)
    copy_out(target, object_bytes(word, 8))


@raises(EFAULT)
def write_user_u32(target: UserAddr, value: u32) -> None:
    """Stores an integer in the program's memory."""
    word = Word32(value)
    copy_out(target, object_bytes(word, 4))


def object_bytes(value: S, size: usize) -> Span[u8]:
    """Views a structure of `abi/` as bytes: `copy_out(at, object_bytes(stat, size_of(Stat)))`."""
    # SAFETY: callers pass the size of the object's type; structures of abi/ hold no references.
    return span_at(u8, address_of(value), size)


@struct
class Word64:
    """An integer with an address."""

    value: u64 = 0


@struct
class Word32:
    """An integer with an address."""

    value: u32 = 0


@struct
class IoBuffer(ABC):
    """A buffer that a `File` reads into or writes from, in the kernel or in the program."""

    remaining: usize
    """Bytes that are still to be moved."""

    @abstractmethod
    @raises(EFAULT)
    def push(self, data: Bytes) -> None:
        """Moves all of `data` into the buffer (a file is being read); at most `remaining` bytes."""

    @abstractmethod
    @raises(EFAULT)
    def pull(self, into: Span[u8]) -> usize:
        """Moves bytes out of the buffer (a file is being written); returns how many: all that
        remain, or all that fit.
        """


@struct
class UserBuffer(IoBuffer):
    """A buffer of the running program: `UserBuffer(count, address)`."""

    address: UserAddr

    @raises(EFAULT)
    def push(self, data: Bytes) -> None:
        copy_out(self.address, data)
        self.address += len(data)
        self.remaining -= len(data)

    @raises(EFAULT)
    def pull(self, into: Span[u8]) -> usize:
        count = min(len(into), self.remaining)
        copy_in(into[:count], self.address)
        self.address += count
        self.remaining -= count
        return count


@struct
class KernelBuffer(IoBuffer):
    """A buffer of the kernel: for ELF loading, `sendfile`, tests. `remaining` begins as its
    length.
    """

    place: Span[u8]
    position: usize = 0

    @raises(EFAULT)
    def push(self, data: Bytes) -> None:
        self.place[self.position : self.position + len(data)].copy_from(data)
        self.position += len(data)
        self.remaining -= len(data)

    @raises(EFAULT)
    def pull(self, into: Span[u8]) -> usize:
        count = min(len(into), self.remaining)
        into[:count].copy_from(self.place[self.position : self.position + count])
        self.position += count
        self.remaining -= count
        return count
