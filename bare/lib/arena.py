"""`Arena`: memory from one span, handed out in order and taken back all at once."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, Span, raises, struct, u8, usize
from bare.unsafe import address_of


@struct
class Arena(Allocator):
    """Hands out parts of `memory`. Freeing one gives nothing back; `reset` gives back all."""

    memory: Span[u8]
    used: usize = 0

    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Returns the address of `size` zeroed bytes; ENOMEM where the span is used up."""
        # SAFETY: only the address is taken; what it is used for stays inside `memory`.
        base = address_of(self.memory)
        start = (base + self.used + align - 1) // align * align - base
        if start > len(self.memory) or size > len(self.memory) - start:
            raise OSError(ENOMEM)
        self.memory[start : start + size].fill(0)
        self.used = start + size
        return base + start

    def free_bytes(self, address: usize, size: usize) -> None:
        """Gives nothing back."""

    def reset(self) -> None:
        """Makes all memory free again; nothing that stands in it may be used any more."""
        self.used = 0
