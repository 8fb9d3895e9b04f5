"""`Pool`: objects of one type, made and freed in any order.

Objects come from slabs: runs of memory that the pool asks its allocator for and never gives back,
so an object's address never holds anything but an object of the type. Free places form a list
through the memory itself. In checked execution and debug builds a freed object traps when it is
used.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from abi.errno import ENOMEM
from bare import Allocator, allocate, inline, raises, release, struct, u64, usize
from bare.unsafe import Pointer

T = TypeVar("T")

SLAB_OBJECTS = 16
"""Objects in a slab."""

LINK_BYTES = 8
"""What a free place holds: the address of the next one, or zero."""


@struct
class Slabs(Allocator):
    """Places of one size. The size is that of the first request."""

    source: Allocator
    place_size: usize = 0
    first_free: usize = 0
    free_places: usize = 0
    total_places: usize = 0

    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Takes a place; asks for a new slab where none is free."""
        if self.first_free == 0:
            self.add_slab(size, align)
        assert size <= self.place_size, "a pool has objects of one size"
        address = self.first_free
        # SAFETY: a free place holds the link that free_bytes wrote, and belongs to this pool.
        self.first_free = Pointer[u64](address).load()
        self.free_places -= 1
        return address

    def free_bytes(self, address: usize, size: usize) -> None:
        """Puts a place on the list of free ones."""
        # SAFETY: the place is at least as large as a link and nothing uses it any more.
        Pointer[u64](address).store(self.first_free)
        self.first_free = address
        self.free_places += 1

    @raises(ENOMEM)
    def add_slab(self, size: usize, align: usize) -> None:
        """Asks the source for a slab and puts its places on the list, the first one on top."""
        alignment = max(align, LINK_BYTES)
        place_size = (max(size, LINK_BYTES) + alignment - 1) // alignment * alignment
        slab = self.source.allocate_bytes(SLAB_OBJECTS * place_size, alignment)
        self.place_size = place_size
        self.total_places += SLAB_OBJECTS
        for index in range(usize(SLAB_OBJECTS), 0, -1):
            self.free_bytes(slab + (index - 1) * place_size, place_size)


@struct
class Pool(Generic[T]):
    """Objects of type T. Not safe to call from two CPUs, or from an interrupt handler, at once."""

    slabs: Slabs = inline()

    def __init__(self, source: Allocator) -> None:
        self.slabs.source = source

    @raises(ENOMEM)
    def alloc(self) -> T:
        """Returns a new object, zeroed and with its defaults; `__init__` is not called."""
        made: T = allocate(self.slabs)
        return made

    def free(self, value: T) -> None:
        """Takes an object of this pool back; it must not be used any more."""
        release(self.slabs, value)

    def count(self) -> usize:
        """Returns how many objects are in use."""
        return self.slabs.total_places - self.slabs.free_places
