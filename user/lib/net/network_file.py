"""`NetworkSettings`: what `/etc/network.toml` says, as bytes."""

from __future__ import annotations

from abi.errno import EINVAL
from bare import Array, Bytes, Enum8, array, raises, struct, u32
from user.lib.net.address import parse_address, parse_prefix
from user.lib.strings import find_byte
from user.lib.toml import find_value, next_item, string_of

DEFAULT_INTERFACE: bytes = b"eth0"
QUOTE = ord('"')
MOST_SERVERS: u32 = 3


class Mode(Enum8):
    """How an interface gets its address."""

    DHCP = 0
    STATIC = 1
    OFF = 2
    """Not at all."""


@struct
class NetworkSettings:
    """What is to be done; `problem` names the key whose value was wrong."""

    mode: Mode = Mode.DHCP
    interface: Bytes = DEFAULT_INTERFACE
    address: u32 = 0
    prefix: u32 = 0
    gateway: u32 = 0
    """0: none."""
    dns: Array[u32] = array(3)
    dns_count: u32 = 0
    problem: Bytes = b""

    @raises(EINVAL)
    def read(self, content: Bytes) -> None:
        """Reads a file whole. EINVAL: `problem` says where."""
        self.problem = b"mode"
        self._read_mode(find_value(content, b"mode"))
        interface = find_value(content, b"interface")
        if len(interface) > 0:
            self.problem = b"interface"
            self.interface = string_of(interface)
        if self.mode == Mode.STATIC:
            self._read_addresses(content)
        self.problem = b"dns"
        self._read_dns(find_value(content, b"dns"))
        self.problem = b""

    @raises(EINVAL)
    def _read_mode(self, value: Bytes) -> None:
        if len(value) == 0:
            return
        word = string_of(value)
        if word == b"static":
            self.mode = Mode.STATIC
        elif word == b"off":
            self.mode = Mode.OFF
        elif word != b"dhcp":
            raise OSError(EINVAL)

    @raises(EINVAL)
    def _read_addresses(self, content: Bytes) -> None:
        self.problem = b"address"
        self.address = parse_address(string_of(find_value(content, b"address")))
        self.problem = b"prefix"
        self.prefix = parse_prefix(find_value(content, b"prefix"))
        gateway = find_value(content, b"gateway")
        if len(gateway) > 0:
            self.problem = b"gateway"
            self.gateway = parse_address(string_of(gateway))

    @raises(EINVAL)
    def _read_dns(self, value: Bytes) -> None:
        if len(value) == 0:
            return
        start = next_item(value, 1)
        while start < len(value):
            end = find_byte(value, QUOTE, start + 1)
            if end == len(value) or self.dns_count == MOST_SERVERS:
                raise OSError(EINVAL)
            self.dns[self.dns_count] = parse_address(value[start + 1 : end])
            self.dns_count += 1
            start = next_item(value, end + 1)
