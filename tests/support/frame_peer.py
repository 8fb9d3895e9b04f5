"""The other end of the guest's cable: a host that speaks just enough, and can send any frame.

A `Cable` is a pair of datagram sockets, one of which QEMU inherits: a datagram is a frame, and a
sender waits while the other side has no room, so that the cable loses nothing. A `FramePeer` is a
host on it: it answers ARP, pings and DHCP in a thread of its own, keeps what else arrives, opens
TCP connections (`tests/support/peer_tcp.py`), and sends frames, honest or not, at any rate.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable

from swiftos.console import time_scale
from tests.support import frames, peer_dhcp
from tests.support.frames import Packet
from tests.support.peer_tcp import Connection

PEER_MAC = bytes.fromhex("52550a000202")
PEER_ADDRESS = "10.0.2.2"
GUEST_MAC = bytes.fromhex("525400123456")
GUEST_ADDRESS = "10.0.2.15"
BUFFER_BYTES = 1 << 20
LARGEST_FRAME = 4096
KEPT_PACKETS = 10_000
POLL_S = 0.05
FIRST_PORT = 20_000


class Cable:
    """Two connected sockets; `far` is the one that QEMU inherits, to be closed once it has it."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for end in (self.near, self.far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)

    def close(self) -> None:
        """Closes both ends."""
        self.near.close()
        self.far.close()


class FramePeer:
    """A host at the near end of a cable, from `start` to `stop`."""

    def __init__(self, cable: Cable) -> None:
        self._socket = cable.near
        self._socket.settimeout(POLL_S)
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frame peer", daemon=True)
        self._changed = threading.Condition()
        self._connections: dict[tuple[int, int], Connection] = {}
        self._next_port = FIRST_PORT
        self.packets: deque[Packet] = deque(maxlen=KEPT_PACKETS)
        """IPv4 packets that nobody else here took: answers to pings, to hostile segments."""
        self.unsound = 0
        """Packets whose checksum was wrong."""
        self.arp_replies: list[bytes] = []
        self.lease_s = peer_dhcp.LEASE_S
        """How long the guest may keep its address; 0: nobody answers its requests."""
        self.requests: list[Packet] = []
        """Messages to the DHCP server."""

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._is_ending.set()
        self._thread.join()

    def send(self, frame: bytes) -> None:
        """Sends a whole Ethernet frame; waits while the guest has no room for it."""
        while True:
            try:
                self._socket.send(frame)
                return
            except TimeoutError:
                if self._is_ending.is_set():
                    return

    def send_ipv4(self, packet: bytes, source: bytes = PEER_MAC) -> None:
        """Sends an IPv4 packet to the guest."""
        self.send(frames.ethernet(GUEST_MAC, source, frames.IPV4, packet))

    def wait_for(self, matches: Callable[[Packet], bool], budget_s: float) -> Packet:
        """Takes the first packet that matches out of those kept, waiting for it."""
        deadline_s = time.monotonic() + budget_s * time_scale()
        with self._changed:
            while True:
                for packet in self.packets:
                    if matches(packet):
                        self.packets.remove(packet)
                        return packet
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    raise TimeoutError(f"no such packet within {budget_s} s")

    def ping(self, number: int, budget_s: float, payload: bytes = b"frame peer") -> float:
        """Pings the guest and returns the seconds that the answer took."""
        rest = 0x5157_0000 | number & 0xFFFF
        message = frames.icmp(frames.ECHO_REQUEST, 0, rest, payload)
        answer = struct.pack(">I", rest) + payload

        def is_answer(packet: Packet) -> bool:
            data = packet.payload
            return packet.protocol == frames.ICMP and data[0] == 0 and data[4:] == answer

        started_s = time.monotonic()
        self.send_ipv4(frames.ipv4(PEER_ADDRESS, GUEST_ADDRESS, frames.ICMP, message))
        self.wait_for(is_answer, budget_s)
        return time.monotonic() - started_s

    def connect(self, port: int, budget_s: float) -> Connection:
        """Opens a TCP connection to a port of the guest."""
        self._next_port += 1
        local = self._next_port
        connection = Connection(
            (PEER_ADDRESS, local), (GUEST_ADDRESS, port), self.send_ipv4, self._forget
        )
        self._connections[local, port] = connection
        connection.open(budget_s)
        return connection

    def _forget(self, connection: Connection) -> None:
        self._connections.pop((connection.local[1], connection.remote[1]), None)

    def _run(self) -> None:
        """Answers until `stop`."""
        while not self._is_ending.is_set():
            try:
                self._take(self._socket.recv(LARGEST_FRAME))
            except TimeoutError:
                pass
            except OSError:
                return
            for connection in list(self._connections.values()):
                connection.check_timer()

    def _take(self, frame: bytes) -> None:
        kind = struct.unpack(">H", frame[12:14])[0]
        if kind == frames.ARP:
            self._take_arp(frame[14:42])
        elif kind == frames.IPV4:
            try:
                packet = frames.read_ipv4(frame[14:])
            except ValueError:
                self.unsound += 1
                return
            if packet.is_sound():
                self._take_packet(packet)
            else:
                self.unsound += 1

    def _take_arp(self, data: bytes) -> None:
        """Answers for every address but the guest's own: all hosts are behind this one."""
        operation = struct.unpack(">H", data[6:8])[0]
        sender = (data[8:14], socket.inet_ntoa(data[14:18]))
        target = socket.inet_ntoa(data[24:28])
        if operation == frames.ARP_REPLY:
            self.arp_replies.append(data)
        elif sender[1] not in ("0.0.0.0", target) and target != GUEST_ADDRESS:
            answer = frames.arp(frames.ARP_REPLY, (PEER_MAC, target), sender)
            self.send(frames.ethernet(sender[0], PEER_MAC, frames.ARP, answer))

    def _take_packet(self, packet: Packet) -> None:
        if packet.protocol == frames.TCP:
            segment = packet.segment()
            known = self._connections.get((segment.destination_port, segment.source_port))
            if known is not None and packet.destination == PEER_ADDRESS:
                known.take(segment)
                return
        if peer_dhcp.is_request(packet):
            self.requests.append(packet)
            message = packet.payload[8:]
            answer = peer_dhcp.answer(message, PEER_ADDRESS, GUEST_ADDRESS, self.lease_s)
            if answer is not None and self.lease_s > 0:
                self.send(frames.ethernet(frames.BROADCAST, PEER_MAC, frames.IPV4, answer))
            return
        if packet.protocol == frames.ICMP and packet.payload[0] == frames.ECHO_REQUEST:
            (rest,) = struct.unpack(">I", packet.payload[4:8])
            message = frames.icmp(frames.ECHO_REPLY, 0, rest, packet.payload[8:])
            back = frames.ipv4(packet.destination, packet.source, frames.ICMP, message)
            self.send_ipv4(back)
            return
        with self._changed:
            self.packets.append(packet)
            self._changed.notify_all()
