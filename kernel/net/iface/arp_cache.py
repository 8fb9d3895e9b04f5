"""`ArpCache`: the Ethernet addresses of an interface's neighbours. RFC 826; RFC 1122, 2.3.2."""

from __future__ import annotations

from bare import Allocator, struct, u32


@struct
class ArpCache:
    """Bounded; an entry is made only by a packet of ours that needs it."""

    allocator: Allocator
    count: u32 = 0
