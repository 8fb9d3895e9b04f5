"""`NetDevice`: what sends and receives frames; drivers and the loopback implement it.

How to use it: a driver's `probe` makes a device and hands it to the machine; the stack `start`s it.
An interrupt calls `FrameListener.interrupted` without a lock; the stack takes its lock and calls
`service`, which hands received packets to the listener; it owns them from then on. Where `service`
says that more waits, interrupts stay off until it was called again and says that nothing does.

All methods but `interrupted` are called with the stack's lock held, from interrupts too; none
blocks.

Sending, without a copy of the payload: `begin_frame` gives a `TxFrame` whose `header` is memory
that the device can read. Write the headers of all layers there, add fragments, `submit`. The device
holds what the fragments lie in until it has sent them. `flush` tells the device about all frames
since the last `flush`: once for a batch, since telling costs an exit to the hypervisor.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import ENOMEM
from bare import Array, Span, array, inline, raises, struct, u8, u32, u64
from kernel.arch.aarch64.layout import PhysAddr
from kernel.device.packet import Packet, PacketPool

HEADER_ROOM: u32 = 112
"""Bytes for the headers of a frame: Ethernet 14, IPv4 20 (we send no options), TCP up to 60."""
MAX_FRAGMENTS = 6
"""Pieces of a frame's payload. A sender with more shortens its segment."""
ETHERNET_ADDRESS_SIZE = 6
STALL_MS = 5
"""How long received frames may wait for the answers of others to leave. It slows down who sends too
much, instead of losing frames of everybody; and it ends, since the other side may wait for us too.
"""


@struct
class TxFragment:
    """A piece of payload in memory that the device reads."""

    address: PhysAddr = 0
    length: u32 = 0
    frame: PhysAddr = 0
    """A reference to this frame is given back when the device is done; 0: none is held."""


@struct
class TxFrame:
    """A frame that is being sent. The device's, between `submit` and its completion."""

    header: Span[u8]
    """HEADER_ROOM bytes for all headers, the Ethernet one first."""
    header_length: u32 = 0
    fragments: Array[TxFragment] = array(MAX_FRAGMENTS)
    fragment_count: u32 = 0
    packet: Packet | None = None
    """Released when the device is done: the memory of a fragment without a frame."""
    number: u32 = 0
    """The device's."""

    def add_fragment(self, address: PhysAddr, length: u32, frame: PhysAddr) -> None:
        """Adds payload. `frame`, unless 0, is a frame reference that passes to the device."""
        fragment = self.fragments[self.fragment_count]
        fragment.address = address
        fragment.length = length
        fragment.frame = frame
        self.fragment_count += 1

    def length(self) -> u32:
        """Returns the bytes of the whole frame."""
        total = self.header_length
        for index in range(self.fragment_count):
            total += self.fragments[index].length
        return total


@struct
class FrameListener(ABC):
    """Who gets the frames that a device receives: the stack."""

    @abstractmethod
    def interrupted(self, device: NetDevice) -> None:
        """Has `service` called, now or soon. In an interrupt, without the lock."""

    @abstractmethod
    def received(self, device: NetDevice, packet: Packet) -> None:
        """Takes a frame, Ethernet header first, and owns its packet. Lock held."""

    @abstractmethod
    def sent(self, device: NetDevice) -> None:
        """The device has room again after `begin_frame` said None. Lock held."""


@struct
class NetCounters:
    """What a device has done since boot."""

    received_frames: u64 = 0
    received_bytes: u64 = 0
    received_errors: u64 = 0
    """Frames that were too long, or that the device reported wrongly."""
    received_dropped: u64 = 0
    """Frames for which there was no packet."""
    sent_frames: u64 = 0
    sent_bytes: u64 = 0
    sent_completed: u64 = 0
    """Frames that the device is known to be done with."""
    by_reference_received: u64 = 0
    """Frames handed to the listener in the memory that the device wrote."""
    by_reference_bytes: u64 = 0
    """Bytes of payload that the device read where they lay (fragments)."""
    copied_bytes: u64 = 0
    """Bytes of payload that were copied between the device's memory and ours on the way."""
    held_packets: u64 = 0
    """Received packets that a socket kept until a program had read them."""
    largest_receive_batch: u32 = 0
    largest_reclaim_batch: u32 = 0


@struct
class NetDevice(ABC):
    """A network interface's hardware. Zeroed memory is a start."""

    address: Array[u8] = array(ETHERNET_ADDRESS_SIZE)
    mtu: u32
    """Bytes of an IP packet."""
    is_loopback: bool
    is_up: bool
    """Whether it sends and receives: started, not broken, and its link has a carrier."""
    is_stalled: bool
    """Received frames wait because nothing can be sent: `service` is to be called again when there
    is room, which an interrupt tells, or after STALL_MS, and then takes frames all the same.
    """
    listener: FrameListener | None
    counters: NetCounters = inline()

    @abstractmethod
    @raises(ENOMEM)
    def start(self, packets: PacketPool, listener: FrameListener) -> None:
        """Begins to receive, into packets of the pool."""

    @abstractmethod
    def service(self, budget: u32) -> bool:
        """Hands at most `budget` received frames to the listener, gives the memory of sent frames
        back, and flushes. Returns whether more waits.
        """

    @abstractmethod
    def begin_frame(self) -> TxFrame | None:
        """Returns an empty frame to fill in and `submit`; None when all are in use: drop, or wait
        for `FrameListener.sent`.
        """

    def begin_bulk_frame(self) -> TxFrame | None:
        """As `begin_frame`, for payload of which there may be much: leaves room for answers.

        Whoever is told None waits for `FrameListener.sent`; an answer that finds no room is lost.
        """
        return self.begin_frame()

    @abstractmethod
    def submit(self, frame: TxFrame) -> None:
        """Sends a frame. What its fragments lie in passes to the device."""

    @abstractmethod
    def abandon(self, frame: TxFrame) -> None:
        """Takes back a frame from `begin_frame` that will not be sent, with what it holds."""

    @abstractmethod
    def flush(self) -> None:
        """Tells the device about submitted frames, and reclaims those that it is done with."""
