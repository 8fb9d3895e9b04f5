"""`Message`: one transfer between a program and a socket."""

from __future__ import annotations

from abi.socket import MSG_DONTWAIT
from bare import struct, u16, u32, usize
from kernel.mm.user_copy import IoBuffer
from kernel.net.wire.address import Ipv4Address


@struct
class Message:
    """In the frame of the call; `buffer` is in the kernel or in the program."""

    buffer: IoBuffer
    flags: u32 = 0
    """MSG_*, of the call; behind a `receive` those that tell what happened."""
    has_remote: bool = False
    """`remote` and `remote_port` say to whom, or behind a `receive` from whom."""
    remote: Ipv4Address = 0
    remote_port: u16 = 0
    # Behind a `receive`:
    length: usize = 0
    """Bytes of the whole datagram."""
    destination: Ipv4Address = 0
    """To whom a datagram was sent."""
    interface: u32 = 0
    """Index of the interface that it came through; 0: not a datagram."""

    def may_wait(self) -> bool:
        """Whether the call itself does not forbid to wait."""
        return self.flags & MSG_DONTWAIT == 0
