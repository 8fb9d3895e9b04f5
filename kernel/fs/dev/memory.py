"""Devices without hardware: null, zero, full and random. Linux,
Documentation/admin-guide/devices.rst.
"""

from __future__ import annotations

from abi.errno import EFAULT, ENOSPC
from abi.file import S_IFCHR, Stat
from bare import (
    Allocator,
    Array,
    Enum8,
    allocate,
    array,
    i32,
    i64,
    raises,
    release,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from kernel.fs.dev.device import CharacterDevice
from kernel.fs.dev.number import device_number
from kernel.fs.file import File
from kernel.mm.user_copy import IoBuffer
from kernel.sched.switch import breathe
from kernel.security.random import RandomGenerator

ZEROS: bytes = bytes(512)
PIECE: u64 = 256
"""Bytes that are moved at once; they stand on the kernel stack."""
MEMORY_MAJOR: u32 = 1
DEVICE_MODE: u32 = S_IFCHR | 0o666


class MemoryKind(Enum8):
    """Which device; the values are Linux's minor numbers."""

    NULL = 3
    ZERO = 5
    FULL = 7
    RANDOM = 8
    URANDOM = 9


@struct
class MemoryDevice(CharacterDevice):
    """One of the devices."""

    kind: MemoryKind
    random: RandomGenerator

    @raises()
    def open(self, allocator: Allocator, flags: u32) -> File:
        file = allocate(allocator, MemoryFile)
        file.start(allocator, flags)
        file.kind = self.kind
        file.random = self.random
        return file


@struct
class MemoryFile(File):
    """An open one."""

    kind: MemoryKind
    random: RandomGenerator

    def close(self) -> None:
        release(self.allocator, self)

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        """Fills the buffer, or what of it there is before a signal or an address that is bad."""
        size = buffer.remaining
        try:
            match self.kind:
                case MemoryKind.NULL:
                    return 0
                case MemoryKind.ZERO | MemoryKind.FULL:
                    push_zeros(buffer)
                case MemoryKind.RANDOM | MemoryKind.URANDOM:
                    self._push_random(buffer)
        except OSError:
            if buffer.remaining == size:
                raise
        return size - buffer.remaining

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        """Takes everything, except that `full` is full; what `random` gets is mixed in."""
        if self.kind == MemoryKind.FULL and buffer.remaining > 0:
            raise OSError(ENOSPC)
        size = buffer.remaining
        if self.kind not in (MemoryKind.RANDOM, MemoryKind.URANDOM):
            return size
        try:
            self._pull_seed(buffer)
        except OSError:
            if buffer.remaining == size:
                raise
        return size - buffer.remaining

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        return self.read(buffer)

    @raises()
    def write_at(self, offset: u64, buffer: IoBuffer) -> usize:
        return self.write(buffer)

    @raises()
    def seek(self, offset: i64, whence: i32) -> u64:
        """There is only one position."""
        return 0

    @raises()
    def stat(self, into: Stat) -> None:
        into.mode = DEVICE_MODE
        into.links = 1
        into.special_device = device_number(MEMORY_MAJOR, u32(self.kind))
        into.block_size = 4096

    @raises(EFAULT)
    def _push_random(self, buffer: IoBuffer) -> None:
        piece: Array[u8] = array(256)
        while buffer.remaining > 0:
            step = min(PIECE, buffer.remaining)
            self.random.fill(piece[:step])
            buffer.push(piece[:step])
            if breathe():
                break

    @raises(EFAULT)
    def _pull_seed(self, buffer: IoBuffer) -> None:
        piece: Array[u8] = array(256)
        while buffer.remaining > 0:
            taken = buffer.pull(piece)
            self.random.mix(piece[:taken])
            if breathe():
                break


@raises(EFAULT)
def push_zeros(buffer: IoBuffer) -> None:
    """Fills a buffer with zeros, until a signal comes."""
    while buffer.remaining > 0:
        buffer.push(ZEROS[: min(len(ZEROS), buffer.remaining)])
        if breathe():
            break
