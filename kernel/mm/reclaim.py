"""`Reclaimer`: who can give frames back when the allocator has none: the page cache does."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import struct, u64


@struct
class Reclaimer(ABC):
    """Frees memory that can be had again otherwise."""

    @abstractmethod
    def reclaim(self, wanted: u64) -> u64:
        """Frees up to `wanted` frames, if that goes without waiting; returns how many it freed.

        Called by whoever needs a frame, under any lock but `FRAMES`, perhaps with interrupts
        masked: it only tries locks, and allocates nothing.
        """
