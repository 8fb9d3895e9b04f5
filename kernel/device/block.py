"""`BlockDevice`: a disk, as file systems see it.

How to use it: a driver's `probe` makes one and hands it to the registry; a file system reads whole
pages. The memory read into must lie in the linear map (frames, kernel heap), never on a kernel
stack: devices reach it by physical address. A read blocks the calling thread; no spin lock may be
held.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Span, raises, struct, u8, u32, u64

SECTOR_SIZE: u32 = 512
"""The unit of `block_count` and of positions, whatever the medium prefers."""


@struct
class BlockDevice(ABC):
    """A random-access device of `block_count` blocks of `block_size` bytes."""

    block_size: u32
    block_count: u64
    is_read_only: bool
    may_write: bool
    """Whether it broke and could not be stopped: it may write to memory of reads that failed for as
    long as the machine runs. Such memory is never given back; frames are kept from that by the
    device itself, other memory by who gave it.
    """

    def capacity(self) -> u64:
        """Returns the size in bytes."""
        return self.block_count * self.block_size

    @abstractmethod
    @raises()
    def read_blocks(self, first: u64, into: Span[u8]) -> None:
        """Reads `len(into)` bytes, a multiple of `block_size`, from block `first`.

        Blocks the thread. EIO: the device failed, timed out, or the blocks do not exist; EINVAL:
        the length is not a multiple; ENOMEM.
        """

    @abstractmethod
    @raises()
    def read_frames(self, first: u64, frames: Span[u64]) -> None:
        """Reads consecutive blocks from `first` into page frames (physical addresses) in one go.

        Blocks the thread. Errors as `read_blocks`.
        """
