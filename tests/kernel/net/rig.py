"""A network stack and the other end of its wire, for tests: `stack_rig.py` in either execution."""

from __future__ import annotations

import ctypes
import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from pathlib import Path

import bare
from bare.checked.machine import Machine
from bare.checked.memory import Memory
from tests.support import frames

MODULE = "tests.kernel.net.stack_rig"
LINEAR_BASE = 0xFFFF_8000_0000_0000
RAM_BASE = LINEAR_BASE + 0x4000_0000
EXCHANGE_BASE = 0x7000_0000
EXCHANGE_BYTES = 1 << 17
PAGE_BYTES = 4096
EVENT_HEADER = 48
COUNTERS = [
    "received",
    "bad_headers",
    "martians",
    "bad_transport",
    "reassembled",
    "reassembly_failures",
    "limited",
    "errors_sent",
    "unresolved",
    "no_room",
]
OUR_MAC = bytes.fromhex("525400123456")
PEER_MAC = bytes.fromhex("52550a000202")
OUR_ADDRESS = "10.0.2.15"
PEER = "10.0.2.2"
LISTENING_PORT = 7
SECOND = 1_000_000_000


class Kind(IntEnum):
    """What a receiver saw."""

    UDP = 1
    TCP = 2
    ECHO = 3
    ERROR = 4
    ROOM = 5


class Number(IntEnum):
    """What `StackRig.number` tells."""

    FREE_FRAMES = 0
    PACKETS_IN_USE = 1
    NEIGHBOURS = 2
    WAITING = 3
    DATAGRAMS = 4
    FRAGMENTS = 5
    ALARM_NS = 6


@dataclass(frozen=True)
class Event:
    """What a receiver saw: its header as bytes, and the payload."""

    kind: Kind
    head: bytes
    payload: bytes

    @property
    def is_broadcast(self) -> bool:
        return self.head[3] != 0

    @property
    def addresses(self) -> tuple[str, str]:
        """Source and destination; of an error: ours and the other's."""
        return str(IPv4Address(self.head[8:12][::-1])), str(IPv4Address(self.head[12:16][::-1]))

    @property
    def ports(self) -> tuple[int, int]:
        return struct.unpack_from("<HH", self.head, 16)

    @property
    def sequence(self) -> int:
        return self.word(20)

    def word(self, offset: int) -> int:
        return int.from_bytes(self.head[offset : offset + 4], "little")


class Engine(ABC):
    """An execution of the rig."""

    ram: int
    exchange: int

    @abstractmethod
    def call(self, name: str, *arguments: int) -> int:
        """Calls `rig_NAME`."""

    @abstractmethod
    def put(self, data: bytes) -> None:
        """Writes the exchange."""

    @abstractmethod
    def get(self, size: int) -> bytes:
        """Reads the exchange."""


class RigCpu(Machine):
    """Interrupt masking, which does nothing here."""

    def execute(self, template: str, values: tuple[int, ...]) -> int:
        return 0 if "daif" in template else super().execute(template, values)


class CheckedEngine(Engine):
    """Every operation checked, in CPython."""

    def __init__(self, pages: int, module: str = MODULE) -> None:
        self.memory = Memory()
        self.ram, self.exchange = RAM_BASE, EXCHANGE_BASE
        self.memory.add_ram(RAM_BASE, pages * PAGE_BYTES)
        self.memory.add_ram(EXCHANGE_BASE, EXCHANGE_BYTES)
        self.loaded = bare.load(MODULE, module, memory=self.memory, machine=RigCpu())
        self.module = module

    def call(self, name: str, *arguments: int) -> int:
        module = self.loaded.module(self.module if name.startswith("fuzz_") else MODULE)
        result = getattr(module, name)(*arguments)
        return 0 if result is None else int(result)

    def put(self, data: bytes) -> None:
        if data:
            self.memory.bytes_at(self.exchange, len(data))[:] = data

    def get(self, size: int) -> bytes:
        return bytes(self.memory.bytes_at(self.exchange, size)) if size else b""


class CompiledEngine(Engine):
    """Machine code of this machine. A trap ends the process: only for what must not trap."""

    def __init__(self, pages: int, library: Path) -> None:
        self.library = ctypes.CDLL(str(library))
        self._memory = ctypes.create_string_buffer((pages + 1) * PAGE_BYTES)
        self._exchange = ctypes.create_string_buffer(EXCHANGE_BYTES)
        self.ram = -(-ctypes.addressof(self._memory) // PAGE_BYTES) * PAGE_BYTES
        self.exchange = ctypes.addressof(self._exchange)

    def call(self, name: str, *arguments: int) -> int:
        function = getattr(self.library, f"rig_{name}")
        function.argtypes = [ctypes.c_uint64] * len(arguments)
        function.restype = ctypes.c_int64
        return int(function(*arguments))

    def put(self, data: bytes) -> None:
        ctypes.memmove(self.exchange, data, len(data))

    def get(self, size: int) -> bytes:
        return ctypes.string_at(self.exchange, size)


class StackRig:
    """The stack, with `eth0` as 10.0.2.15/24 and a gateway at 10.0.2.2 unless told otherwise."""

    def __init__(self, engine: Engine, pages: int = 2048, is_configured: bool = True) -> None:
        self.engine = engine
        assert engine.call("start", engine.ram, pages, engine.exchange) == 0
        if is_configured:
            assert self.set_address(OUR_ADDRESS, 24) == 0
            assert self.add_route("0.0.0.0", 0, PEER) == 0
            self.sent()

    def set_address(self, address: str, prefix_length: int) -> int:
        return self.engine.call("set_address", int(IPv4Address(address)), prefix_length)

    def add_route(self, prefix: str, length: int, gateway: str) -> int:
        return self.engine.call(
            "add_route", int(IPv4Address(prefix)), length, int(IPv4Address(gateway))
        )

    def remove_route(self, prefix: str, length: int, gateway: str) -> int:
        return self.engine.call(
            "remove_route", int(IPv4Address(prefix)), length, int(IPv4Address(gateway))
        )

    def set_link(self, is_up: bool) -> None:
        self.engine.call("set_link", int(is_up))

    def receive(self, frame: bytes) -> bool:
        """Has a frame arrive; False where there was no memory for it."""
        self.engine.put(frame)
        return self.engine.call("receive", len(frame)) == 1

    def receive_ipv4(self, packet: bytes, source: bytes = PEER_MAC, to: bytes = OUR_MAC) -> bool:
        """Has an IPv4 packet arrive from the peer's station."""
        return self.receive(frames.ethernet(to, source, frames.IPV4, packet))

    def receive_arp(self, packet: bytes, source: bytes = PEER_MAC, to: bytes = OUR_MAC) -> bool:
        """Has an ARP packet arrive."""
        return self.receive(frames.ethernet(to, source, frames.ARP, packet))

    def meet(self, address: str = PEER, mac: bytes = PEER_MAC) -> None:
        """Answers an ARP request of the stack."""
        self.receive_arp(frames.arp(frames.ARP_REPLY, (mac, address), (OUR_MAC, OUR_ADDRESS)), mac)

    def queue(self, frame: bytes) -> bool:
        """Has a frame wait in the device."""
        self.engine.put(frame)
        return self.engine.call("queue", len(frame)) == 1

    def serve(self) -> int:
        """Interrupts; returns how many frames still wait."""
        return self.engine.call("serve")

    def go_on(self) -> int:
        """Runs the stack's thread for a round; returns how many frames still wait."""
        return self.engine.call("go_on")

    def sent(self) -> list[bytes]:
        """Returns the frames that were sent since the last call."""
        found = []
        while (length := self.engine.call("sent")) > 0:
            found.append(self.engine.get(length))
        return found

    def sent_ipv4(self) -> list[frames.Packet]:
        """Returns the IPv4 packets that were sent since the last call; ARP is left out."""
        return [
            frames.read_ipv4(frame[14:])
            for frame in self.sent()
            if frame[12:14] == frames.IPV4.to_bytes(2, "big")
        ]

    def events(self) -> list[Event]:
        """Returns what receivers saw since the last call."""
        found = []
        while (size := self.engine.call("event")) > 0:
            data = self.engine.get(size)
            found.append(Event(Kind(data[0]), data[:EVENT_HEADER], data[EVENT_HEADER:]))
        return found

    def send(
        self, data: bytes, to: str = PEER, protocol: int = frames.UDP, source: str = "0.0.0.0",
        piece: int = 1480,
    ) -> int:  # fmt: skip
        """Sends a datagram, transport's header first; returns an error number."""
        self.engine.put(data)
        addresses = int(IPv4Address(to)), int(IPv4Address(source))
        return self.engine.call("send", *addresses, len(data), protocol, piece)

    def send_frame(self, header: bytes, payload: bytes, to: str = PEER) -> int:
        """Sends a TCP segment whose payload lies in a page of its own; returns an error number."""
        self.engine.put(header + payload)
        total = len(header) + len(payload)
        return self.engine.call("send_frame", int(IPv4Address(to)), len(header), total, frames.TCP)

    def set_full(self, is_full: bool) -> None:
        self.engine.call("set_full", int(is_full))

    def let_stall(self) -> None:
        """Has received frames wait while the wire is full, as long as the stack lets them."""
        self.engine.call("let_stall")

    def pass_time(self, seconds: float) -> None:
        """Moves the clock; what is due on the way happens."""
        self.engine.call("pass_time", round(seconds * SECOND))

    def number(self, which: Number) -> int:
        return self.engine.call("number", int(which))

    def counters(self) -> dict[str, int]:
        count = self.engine.call("counters")
        values = struct.unpack(f"<{count}Q", self.engine.get(8 * count))
        return dict(zip(COUNTERS, values, strict=True))

    def log(self) -> str:
        return self.engine.get(self.engine.call("read_log")).decode()


def checked_rig(pages: int = 2048, is_configured: bool = True) -> StackRig:
    """Returns a stack whose every operation is checked."""
    return StackRig(CheckedEngine(pages), pages, is_configured)
