"""`Heap`: the memory of one program.

Requests up to 32 KiB come from free lists by power of two, refilled by cutting a chunk that `mmap`
gave; larger ones are mappings of their own. A freed block goes back to its list, and a freed
mapping to the kernel. Every block is zeroed when it is handed out. One thread only.

The classic segregated-fit design (Knuth, TAOCP 1, 2.5): constant time, and no header before a
block, since whoever frees it knows its size.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from abi.limits import PAGE_SIZE
from abi.memory import MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE
from bare import Array, array, leading_zeros, raises, struct, u8, u64, usize
from bare.lib.allocator import Allocator
from bare.unsafe import Pointer, span_at
from user.lib import sys

SMALLEST_SHIFT = 4
LARGEST_SHIFT = 15
LARGEST_BYTES: usize = 1 << LARGEST_SHIFT
CHUNK_BYTES: usize = 64 * 1024
WORD_BITS = 64


@struct
class Heap(Allocator):
    """Free lists, and the chunk that new blocks are cut from."""

    lists: Array[u64] = array(LARGEST_SHIFT + 1)
    chunk: usize = 0
    chunk_end: usize = 0
    mapped: usize = 0

    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Returns the address of `size` zeroed bytes; `align` is a power of two up to a page."""
        wanted = max(size, align)
        if wanted > LARGEST_BYTES:
            return self.map_bytes(whole_pages(size))
        shift = class_of(wanted)
        address = self.lists[shift]
        if address == 0:
            return self.cut(shift)
        # SAFETY: a block on a free list is unused memory of at least 16 bytes.
        self.lists[shift] = Pointer[u64](address).load()
        span_at(u8, address, usize(1) << shift).fill(0)
        return address

    def free_bytes(self, address: usize, size: usize) -> None:
        """Takes back a block. Its alignment was at most its size, rounded up to a power of two."""
        if size > LARGEST_BYTES:
            self.unmap_bytes(address, whole_pages(size))
            return
        shift = class_of(size)
        # SAFETY: the caller gives the block up, so that its first word may hold the link.
        Pointer[u64](address).store(self.lists[shift])
        self.lists[shift] = address

    @raises(ENOMEM)
    def cut(self, shift: usize) -> usize:
        """Cuts a block of 2**shift bytes, aligned to its size, from the chunk or from a new one."""
        size = usize(1) << shift
        address = (self.chunk + size - 1) // size * size
        if address + size > self.chunk_end:
            self.chunk = self.map_bytes(CHUNK_BYTES)
            self.chunk_end = self.chunk + CHUNK_BYTES
            address = (self.chunk + size - 1) // size * size
        self.chunk = address + size
        return address

    @raises(ENOMEM)
    def map_bytes(self, size: usize) -> usize:
        """Asks the kernel for `size` bytes, whole pages of zeroes."""
        address: usize = 0
        try:
            address = sys.mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        except OSError:
            raise OSError(ENOMEM) from None
        self.mapped += size
        return address

    def unmap_bytes(self, address: usize, size: usize) -> None:
        """Gives whole pages back to the kernel."""
        try:
            sys.munmap(address, size)
        except OSError:
            return
        self.mapped -= size


def class_of(size: usize) -> usize:
    """Returns the smallest shift, at least 4, whose power of two holds `size`."""
    if size <= usize(1) << SMALLEST_SHIFT:
        return SMALLEST_SHIFT
    return usize(WORD_BITS - leading_zeros(size - 1))


def whole_pages(size: usize) -> usize:
    """Rounds `size` up to whole pages."""
    return (size + PAGE_SIZE - 1) // PAGE_SIZE * PAGE_SIZE
