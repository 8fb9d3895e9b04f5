"""What is kept for each physical frame: eight bytes."""

from __future__ import annotations

from bare import Enum8, bits, inline, struct, u32
from bare.atomic import AtomicU32


class FrameState(Enum8):
    """Who has a frame."""

    RESERVED = 0
    """Not ours to give: a hole, the kernel image, this table."""
    FREE = 1
    """First frame of a free block of the buddy allocator."""
    INNER = 2
    """Inside a block, or in a CPU's cache."""
    USED = 3


NO_FRAME = 0x3FF_FFFF
"""The end of a chain; also the number of frames that `back` can name."""


@struct(size=8)
class FrameInfo:
    """State of a frame. A free block's first frame is chained by `link` and `back`."""

    link: AtomicU32 = inline()
    """Free: index of the next block's frame, or NO_FRAME. Used: number of references."""
    back: u32 = bits(26, default=0)
    """Free: index of the frame of the block before, or NO_FRAME."""
    order: u32 = bits(4, default=0)
    """Free or used: log2 of the frames in the block."""
    state: u32 = bits(2, default=0)
    """A `FrameState`."""
