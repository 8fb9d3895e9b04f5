"""One mapping of an address space, and the sorted list of them."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate_span, raises, release, struct, u32, u64, usize
from kernel.arch.aarch64.layout import PAGE_SHIFT, UserAddr
from kernel.mm.heap import KernelHeap
from kernel.mm.page_source import PageSource
from kernel.mm.protection import SHARED, STACK


@struct
class Vma:
    """Pages `start` to `end` with one protection and one origin. Lives in the heap."""

    start: UserAddr = 0
    end: UserAddr = 0
    protection: u32 = 0
    """READ, WRITE, EXECUTE of `protection.py`."""
    flags: u32 = 0
    """SHARED, STACK of `protection.py`."""
    source_page: u64 = 0
    """Index in `source` of the page at `start`."""
    source: PageSource | None = None
    """Where pages come from; None: zeros. The area holds a reference."""
    following: Vma | None = None
    """Next in a chain of areas that were taken out."""

    def page_of(self, address: UserAddr) -> u64:
        """Returns the source's page index behind an address of the area."""
        return self.source_page + ((address - self.start) >> PAGE_SHIFT)

    def is_shared(self) -> bool:
        """Whether writes go to the source."""
        return self.flags & SHARED != 0

    def is_stack(self) -> bool:
        """Whether the area grows downward."""
        return self.flags & STACK != 0

    def continues(self, following: Vma) -> bool:
        """Whether `following` could be the same area, grown."""
        return (
            self.end == following.start
            and self.protection == following.protection
            and self.flags == following.flags
            and self.source is following.source
            and (self.source is None or self.page_of(self.end) == following.source_page)
        )


FIRST_SLOTS = 8
"""Places that a list begins with: what a small program needs."""


@struct
class VmaSlot:
    """A place in the list."""

    vma: Vma | None = None


@struct
class VmaList:
    """Areas sorted by address, not overlapping; grows by doubling."""

    items: Span[VmaSlot]
    count: usize = 0

    def at(self, index: usize) -> Vma:
        """Returns the area at a position below `count`."""
        vma = self.items[index].vma
        assert vma is not None
        return vma

    def first_ending_after(self, address: UserAddr) -> usize:
        """Returns the position of the first area whose end is above `address`; `count` if none."""
        low: usize = 0
        high = self.count
        while low < high:
            middle = (low + high) // 2
            if self.at(middle).end > address:
                high = middle
            else:
                low = middle + 1
        return low

    def find(self, address: UserAddr) -> Vma | None:
        """Returns the area that holds `address`."""
        index = self.first_ending_after(address)
        if index == self.count or self.at(index).start > address:
            return None
        return self.at(index)

    @raises(ENOMEM)
    def reserve(self, heap: KernelHeap, extra: usize) -> None:
        """Makes room for `extra` more areas, so that `insert` cannot fail."""
        if self.count + extra <= len(self.items):
            return
        wanted = max(self.count + extra, max(2 * len(self.items), FIRST_SLOTS))
        grown = allocate_span(heap, VmaSlot, wanted)
        for index in range(self.count):
            grown[index].vma = self.items[index].vma
        self.free(heap)
        self.items = grown

    def insert(self, index: usize, vma: Vma) -> None:
        """Puts an area at a position. Room was reserved."""
        position = self.count
        while position > index:
            self.items[position].vma = self.items[position - 1].vma
            position -= 1
        self.items[index].vma = vma
        self.count += 1

    def remove(self, index: usize) -> None:
        """Takes the area at a position out; it is not freed."""
        for position in range(index + 1, self.count):
            self.items[position - 1].vma = self.items[position].vma
        self.count -= 1
        self.items[self.count].vma = None

    def free(self, heap: KernelHeap) -> None:
        """Frees the list's memory, not the areas."""
        if len(self.items) > 0:
            release(heap, self.items)
