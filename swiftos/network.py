"""The guest's network: what QEMU's `-netdev` is told, and which ports of the host lead to it.

The guest stands behind QEMU's own router (slirp): it is 10.0.2.15, the router and the host are
10.0.2.2, names are answered by 10.0.2.3. Ports of the host's loopback address that are forwarded
lead to ports of the guest.
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from swiftos.errors import UsageError

NETDEV = "n0"
LOOPBACK = "127.0.0.1"
FORWARD_PATTERN = re.compile(r"(?P<host>\d*):(?P<guest>\d+)(?:/(?P<protocol>tcp|udp))?")
LARGEST_PORT = 65535


class Protocol(Enum):
    """What is forwarded."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True)
class Forward:
    """A port of the host that leads to one of the guest; host port 0: any that is free."""

    host_port: int
    guest_port: int
    protocol: Protocol = Protocol.TCP

    def describe(self) -> str:
        """Returns a line for people."""
        kind = self.protocol.value
        return f"{LOOPBACK}:{self.host_port} leads to the guest's {kind} port {self.guest_port}"


def parse_forward(text: str) -> Forward:
    """Reads `HOST:GUEST`, `:GUEST` or `HOST:GUEST/udp`. Raises UsageError."""
    match = FORWARD_PATTERN.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no forwarding", "write HOST:GUEST, :GUEST or HOST:GUEST/udp")
    host, guest = int(match["host"] or 0), int(match["guest"])
    if host > LARGEST_PORT or not 0 < guest <= LARGEST_PORT:
        raise UsageError(f"{text!r} names a port that does not exist", "ports go to 65535")
    return Forward(host, guest, Protocol(match["protocol"] or "tcp"))


def with_ports(forwards: Sequence[Forward]) -> list[Forward]:
    """Returns the forwards with a free port of the host wherever none was named."""
    return [
        forward if forward.host_port else replace(forward, host_port=free_port(forward.protocol))
        for forward in forwards
    ]


def free_port(protocol: Protocol = Protocol.TCP) -> int:
    """Returns a port of the loopback address that nobody uses now."""
    kind = socket.SOCK_STREAM if protocol is Protocol.TCP else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def user_network(forwards: Sequence[Forward] = ()) -> str:
    """Returns the `-netdev` value of the router with forwarded ports; all host ports are named."""
    parts = [f"user,id={NETDEV}"]
    for forward in forwards:
        assert forward.host_port, "a forwarding without a port of the host"
        kind = forward.protocol.value
        parts.append(f"hostfwd={kind}:{LOOPBACK}:{forward.host_port}-:{forward.guest_port}")
    return ",".join(parts)


def datagram_network(handle: int) -> str:
    """Returns the `-netdev` value of a cable whose other end is an inherited datagram socket: each
    datagram is a frame.
    """
    return f"dgram,id={NETDEV},local.type=fd,local.str={handle}"
