"""Bare Python: a clock that the test moves, and an interface whose other end is the test."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import inline, raises, struct, u32, u64
from kernel.device.net import FrameListener, TxFrame
from kernel.device.packet import PacketPool, PacketQueue
from kernel.net.iface.loopback import Loopback
from kernel.time.clock import ClockSource

ETHERNET_MTU: u32 = 1500


@struct
class PlayedClock(ClockSource):
    """A clock that the test moves."""

    current_ns: u64 = 0
    alarm_ns: u64 = 0
    """0: none."""

    def now_ns(self) -> u64:
        """Returns what the test set."""
        return self.current_ns

    def set_alarm(self, deadline_ns: u64) -> None:
        """Remembers the alarm."""
        self.alarm_ns = deadline_ns

    def clear_alarm(self) -> None:
        """Forgets it."""
        self.alarm_ns = 0


@struct
class Wire(Loopback):
    """An interface whose other end is the test: `queue` is what was sent."""

    inbound: PacketQueue = inline()
    is_full: bool = False
    may_stall: bool = False
    """Whether received frames wait once while it is full, as those of a real device do."""
    flushes: u32 = 0

    @raises(ENOMEM)
    def start(self, packets: PacketPool, listener: FrameListener) -> None:
        """Is up at once, and is Ethernet."""
        super().start(packets, listener)
        self.is_loopback = False
        self.mtu = ETHERNET_MTU
        self.address.copy_from(b"\x52\x54\x00\x12\x34\x56")

    def service(self, budget: u32) -> bool:
        """Delivers what the test sent."""
        listener = self.listener
        assert listener is not None, "wire before its start"
        if self.may_stall and self.is_full and not self.is_stalled:
            self.is_stalled = True
            return False
        self.is_stalled = False
        for _ in range(budget):
            packet = self.inbound.take_first()
            if packet is None:
                return False
            listener.received(self, packet)
        return self.inbound.count > 0

    def begin_frame(self) -> TxFrame | None:
        """Returns the frame, unless the test wants none."""
        return None if self.is_full else super().begin_frame()

    def submit(self, frame: TxFrame) -> None:
        """Keeps a frame for the test; one that is too long is a fault."""
        assert frame.length() <= self.mtu + 14, "a frame longer than the MTU"
        super().submit(frame)

    def flush(self) -> None:
        """Counts."""
        self.flushes += 1
