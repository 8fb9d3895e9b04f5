"""ICMP messages. RFC 792; RFC 1191 for the MTU in "fragmentation needed"."""

from __future__ import annotations

from bare import Span, big_endian, struct, u8, u16, u32, view
from kernel.net.wire.checksum import checksum

ICMP_HEADER_SIZE: u32 = 8

TYPE_ECHO_REPLY: u8 = 0
TYPE_UNREACHABLE: u8 = 3
TYPE_ECHO_REQUEST: u8 = 8
TYPE_TIME_EXCEEDED: u8 = 11
TYPE_PARAMETER_PROBLEM: u8 = 12

CODE_HOST_UNREACHABLE: u8 = 1
CODE_PROTOCOL_UNREACHABLE: u8 = 2
CODE_PORT_UNREACHABLE: u8 = 3
CODE_FRAGMENTATION_NEEDED: u8 = 4
CODE_REASSEMBLY_TIME: u8 = 1


@struct(packed=True, size=8)
class IcmpHeader:
    """The first eight bytes of a message, where they lie."""

    type: u8
    code: u8
    checksum: u16 = big_endian()
    identifier: u16 = big_endian()
    """Of an echo; unused in errors."""
    sequence: u16 = big_endian()
    """Of an echo; in "fragmentation needed" the MTU of the next hop."""


def icmp_header(data: Span[u8]) -> IcmpHeader | None:
    """Returns the header of a message that `data` begins with; its checksum is the caller's."""
    return None if len(data) < ICMP_HEADER_SIZE else view(IcmpHeader, data, 0)


def turn_echo(request: IcmpHeader) -> None:
    """Makes an echo request its reply; the checksum follows the changed word. RFC 1624."""
    sum = u32(request.checksum) + (u32(TYPE_ECHO_REQUEST - TYPE_ECHO_REPLY) << 8)
    request.type = TYPE_ECHO_REPLY
    request.checksum = u16((sum & 0xFFFF) + (sum >> 16))


def build_icmp(message: Span[u8], type: u8, code: u8, identifier: u16, sequence: u16) -> None:
    """Writes the header of a message whose rest is in place, with its checksum."""
    header = view(IcmpHeader, message, 0)
    header.type = type
    header.code = code
    header.checksum = 0
    header.identifier = identifier
    header.sequence = sequence
    header.checksum = checksum(message)
