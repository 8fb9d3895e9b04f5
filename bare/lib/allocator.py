"""`Allocator`: where memory comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import ENOMEM
from bare import raises, struct, usize


@struct
class Allocator(ABC):
    """Hands out and takes back memory by address."""

    @abstractmethod
    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Returns the address of `size` zeroed bytes, a multiple of `align` (a power of two)."""

    @abstractmethod
    def free_bytes(self, address: usize, size: usize) -> None:
        """Takes back what `allocate_bytes` returned for `size`."""
