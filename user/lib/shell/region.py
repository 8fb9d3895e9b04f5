"""`Region`: memory for what lives as long as one command, taken back to a mark all at once."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, Array, allocate, array, raises, release, struct, u8, usize
from bare.unsafe import address_of

BLOCK_BYTES = 8160
"""With its header a block fills 8 KiB."""


@struct
class Block:
    """A piece of memory; `previous` is the one that was filled before."""

    previous: Block | None
    used: usize
    bytes: Array[u8] = array(BLOCK_BYTES)


@struct
class LargeBlock:
    """A request that no block can hold, by itself."""

    previous: LargeBlock | None
    address: usize
    size: usize


@struct
class Mark:
    """A place to go back to."""

    block: Block | None = None
    used: usize = 0
    large: LargeBlock | None = None


@struct
class Region(Allocator):
    """Hands out memory in order; freeing one object gives nothing back, `release_to` all behind."""

    source: Allocator
    block: Block | None = None
    large: LargeBlock | None = None

    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Returns the address of `size` zeroed bytes."""
        if size + align > BLOCK_BYTES:
            return self._allocate_large(size, align)
        block = self.block
        if block is None or not has_room(block, size, align):
            made = allocate(self.source, Block)
            made.previous = block
            self.block = made
            block = made
        start = aligned_start(block, align)
        block.bytes[start : start + size].fill(0)
        block.used = start + size
        # SAFETY: the bytes were just reserved in the block.
        return address_of(block.bytes) + start

    def free_bytes(self, address: usize, size: usize) -> None:
        """Gives nothing back."""

    def mark(self, into: Mark) -> None:
        """Notes where the region is."""
        block = self.block
        into.block = block
        into.used = 0 if block is None else block.used
        into.large = self.large

    def release_to(self, mark: Mark) -> None:
        """Frees everything that was allocated after the mark."""
        kept = mark.block
        block = self.block
        while block is not None and block is not kept:
            previous = block.previous
            release(self.source, block)
            block = previous
        self.block = kept
        if kept is not None:
            kept.used = mark.used
        self._release_large(mark.large)

    @raises(ENOMEM)
    def _allocate_large(self, size: usize, align: usize) -> usize:
        entry = allocate(self.source, LargeBlock)
        try:
            entry.address = self.source.allocate_bytes(size, align)
        except OSError:
            release(self.source, entry)
            raise
        entry.size = size
        entry.previous = self.large
        self.large = entry
        return entry.address

    def _release_large(self, kept: LargeBlock | None) -> None:
        entry = self.large
        while entry is not None and entry is not kept:
            previous = entry.previous
            self.source.free_bytes(entry.address, entry.size)
            release(self.source, entry)
            entry = previous
        self.large = kept


def aligned_start(block: Block, align: usize) -> usize:
    """Returns the offset of the first free byte of a block that has the alignment."""
    # SAFETY: only the number is used.
    base = address_of(block.bytes)
    return (base + block.used + align - 1) // align * align - base


def has_room(block: Block, size: usize, align: usize) -> bool:
    """Whether a request fits into what is left of a block."""
    return aligned_start(block, align) + size <= BLOCK_BYTES
