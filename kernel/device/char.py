"""Character devices: where bytes go, and who is told of bytes that come."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Bytes, struct, u8, usize


@struct
class CharListener(ABC):
    """Told of every byte that a device receives."""

    @abstractmethod
    def received(self, byte: u8) -> None:
        """Takes a byte. Interrupt context: may not block."""


@struct
class CharSink(ABC):
    """A serial line or another device that takes bytes."""

    @abstractmethod
    def put(self, data: Bytes) -> None:
        """Queues all of `data` for transmission; blocks while the queue is full, and no signal ends
        that. Thread context, no locks held.
        """

    @abstractmethod
    def put_some(self, data: Bytes) -> usize:
        """Queues what fits and returns how much; never blocks, allowed anywhere."""

    @abstractmethod
    def put_now(self, data: Bytes) -> None:
        """Sends by polling, behind what is queued: early boot and panic. Takes no lock."""

    @abstractmethod
    def listen(self, listener: CharListener) -> None:
        """Hands received bytes to `listener` from now on."""
