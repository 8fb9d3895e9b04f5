"""A guest behind QEMU's router, and one on a cable: what tests of the network hold in hand."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swiftos import network
from swiftos.guest import Guest
from swiftos.network import LOOPBACK, Forward, Protocol
from tests.support import pcap
from tests.support.frame_peer import FramePeer

CONFIGURED = r"net-a OK: ICMP echo reply from 10\.0\.2\.2"
CONFIGURE_BUDGET_S = 40
STOP_BUDGET_S = 20
INTERRUPT = b"\x03"
SERVED_PORTS = (
    (Protocol.TCP, 8080, ("HTTPD_HOST_PORT", "NET_ZC_HOST_PORT", "LLMD_HOST_PORT")),
    (Protocol.TCP, 8081, ()),
    (Protocol.TCP, 5555, ("TCP_ECHO_HOST_PORT",)),
    (Protocol.UDP, 5555, ("UDP_ECHO_HOST_PORT",)),
)
"""Ports of the guest that can be reached, and the variables that choose the host's port."""


def served_forwards() -> list[Forward]:
    """Returns the forwards of SERVED_PORTS; host ports are free ones unless a variable says."""
    forwards = []
    for protocol, guest_port, variables in SERVED_PORTS:
        chosen = next((os.environ[name] for name in variables if os.environ.get(name)), "0")
        forwards.append(Forward(int(chosen), guest_port, protocol))
    return network.with_ports(forwards)


@dataclass(frozen=True)
class NetGuest:
    """A guest at its prompt with forwarded ports; all its frames are recorded."""

    guest: Guest
    forwards: list[Forward]
    capture: Path

    def host_port(self, guest_port: int, protocol: Protocol = Protocol.TCP) -> int:
        """Returns the port of the loopback address that leads to a port of the guest."""
        (found,) = [
            forward.host_port
            for forward in self.forwards
            if (forward.guest_port, forward.protocol) == (guest_port, protocol)
        ]
        return found

    def connect(self, guest_port: int, timeout_s: float) -> socket.socket:
        """Opens a TCP connection. The router answers before the guest does."""
        return socket.create_connection((LOOPBACK, self.host_port(guest_port)), timeout_s)

    def url(self, path: str = "/", guest_port: int = 8080) -> str:
        """Returns the address of a page."""
        return f"http://{LOOPBACK}:{self.host_port(guest_port)}{path}"

    def frames(self) -> list[pcap.Captured]:
        """Returns all frames since the guest started."""
        return pcap.read(self.capture)

    @contextmanager
    def serving(self, command: str, marker: str, budget_s: float) -> Iterator[None]:
        """Runs a service in the foreground from its marker to the end of the block."""
        with serving(self.guest, command, marker, budget_s):
            yield


@dataclass(frozen=True)
class CableGuest:
    """A guest at its prompt whose cable ends in a frame peer."""

    guest: Guest
    peer: FramePeer

    @contextmanager
    def serving(self, command: str, marker: str, budget_s: float) -> Iterator[None]:
        """Runs a service in the foreground from its marker to the end of the block."""
        with serving(self.guest, command, marker, budget_s):
            yield


@contextmanager
def serving(guest: Guest, command: str, marker: str, budget_s: float) -> Iterator[None]:
    """Types a command that serves until it is interrupted, and waits for its marker."""
    guest.type_line(command)
    guest.expect(marker, budget_s)
    yield
    guest.send(INTERRUPT)
    guest.wait_prompt(STOP_BUDGET_S)
