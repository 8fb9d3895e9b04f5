"""Address space identifiers: the tags that keep translations of different programs apart.

An address space keeps its ASID for life. Numbers are given in rising order and not given again
before all have been used; then the whole TLB is dropped once. So neither the end of a program nor
the start of one costs an invalidation. `docs/decisions/tlb-policy.md` has the reasons.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, invert, raises, struct, trailing_zeros, u64
from kernel.arch.aarch64.tlb import flush_all

WORD_BITS = 64


@struct
class AsidAllocator:
    """ASIDs 1 to the CPU's limit; 0 stands for no address space. The owner locks."""

    live: Span[u64]
    """One bit for each ASID that an address space has."""
    taken: Span[u64]
    """The same, and those freed since the TLB was dropped last."""
    cursor: u64 = 1
    """No number below is free until the next round."""

    def start(self, live: Span[u64], taken: Span[u64]) -> None:
        """Begins with two zeroed maps of as many bits as the CPU has ASIDs."""
        self.live = live
        self.taken = taken
        self.cursor = 1

    @raises(ENOMEM)
    def alloc(self) -> u64:
        """Returns an ASID of which no CPU holds a translation."""
        asid = self.scan()
        if asid == 0:
            flush_all()
            self.taken.copy_from(self.live)
            self.cursor = 1
            asid = self.scan()
        if asid == 0:
            raise OSError(ENOMEM)
        self.live[asid // WORD_BITS] |= bit_of(asid)
        self.taken[asid // WORD_BITS] |= bit_of(asid)
        self.cursor = asid + 1
        return asid

    def free(self, asid: u64) -> None:
        """Gives an ASID back for the next round."""
        self.live[asid // WORD_BITS] &= invert(bit_of(asid))

    def scan(self) -> u64:
        """Returns the first number from the cursor on that is not taken, or 0."""
        word = self.cursor // WORD_BITS
        skip = self.cursor % WORD_BITS
        while word < len(self.taken):
            candidates = invert(self.taken[word]) >> skip
            if candidates != 0:
                return word * WORD_BITS + skip + trailing_zeros(candidates)
            word += 1
            skip = 0
        return 0


def bit_of(asid: u64) -> u64:
    """Returns the mask of an ASID in its word."""
    return 1 << (asid % WORD_BITS)
