"""`PageSource`: where the pages of a file mapping come from. The page cache implements it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EIO, ENOMEM
from bare import raises, struct, u64
from kernel.arch.aarch64.layout import PhysAddr


@struct
class PageSource(ABC):
    """Pages by index, shared between all who map them. Reference counted by its mappings."""

    @abstractmethod
    @raises(EIO, ENOMEM)
    def get_page(self, index: u64) -> PhysAddr:
        """Returns the frame of a page, with a reference that the caller puts. May block.

        Bytes of the last page behind the end of the file are zero.
        """

    @abstractmethod
    def cached_page(self, index: u64) -> PhysAddr:
        """Returns the frame like `get_page` if it is in memory now, else 0. Does not block.

        Called with the address space's lock held.
        """

    @abstractmethod
    def length(self) -> u64:
        """Returns the length of the file in bytes: pages wholly behind it fault with SIGBUS."""

    @abstractmethod
    def get(self) -> None:
        """Takes a reference: one for each area that maps it."""

    @abstractmethod
    def put(self) -> None:
        """Gives a reference back. May block; called without locks."""
