"""The bytes of frames, for the parts of the kernel that do not handle raw memory themselves.

The caller holds a reference to the frame for as long as it uses the span.
"""

from __future__ import annotations

from bare import Span, u8, u64
from bare.unsafe import span_at
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr, linear_address


def frame_bytes(frame: PhysAddr) -> Span[u8]:
    """Views a frame as bytes."""
    # SAFETY: a frame of the allocator is RAM and lies in the linear map.
    return span_at(u8, linear_address(frame), PAGE_SIZE)


def frame_words(frame: PhysAddr) -> Span[u64]:
    """Views a frame as little-endian words."""
    # SAFETY: a frame of the allocator is RAM and lies in the linear map.
    return span_at(u64, linear_address(frame), PAGE_SIZE // 8)
