"""ICMP echo requests and replies (RFC 792), as the kernel's ping sockets take and give them."""

from __future__ import annotations

from bare import (
    Bytes,
    Span,
    load_u16_be,
    load_u64,
    store_u16_be,
    store_u64,
    struct,
    u8,
    u16,
    u64,
    usize,
)

HEADER_SIZE: usize = 8
TIME_SIZE: usize = 8
ECHO_REQUEST: u8 = 8
ECHO_REPLY: u8 = 0


@struct
class EchoReply:
    """What came back."""

    sequence: u16 = 0
    size: usize = 0
    """Bytes behind the header."""
    sent_ns: u64 = 0
    """The time that the request carried; 0: it had no room for one."""


def build_request(into: Span[u8], sequence: u16, now_ns: u64) -> None:
    """Fills `into`, a header and data, which begins with the time. The kernel adds the checksum."""
    into[0] = ECHO_REQUEST
    into[1:HEADER_SIZE].fill(0)
    store_u16_be(into, 6, sequence)
    for index in range(HEADER_SIZE, len(into)):
        into[index] = u8(index & 0xFF)
    if len(into) >= HEADER_SIZE + TIME_SIZE:
        store_u64(into, HEADER_SIZE, now_ns)


def read_reply(message: Bytes, reply: EchoReply) -> bool:
    """Reads a message; False where it is no reply."""
    if len(message) < HEADER_SIZE or message[0] != ECHO_REPLY or message[1] != 0:
        return False
    reply.sequence = load_u16_be(message, 6)
    reply.size = len(message) - HEADER_SIZE
    reply.sent_ns = 0
    if reply.size >= TIME_SIZE:
        reply.sent_ns = load_u64(message, HEADER_SIZE)
    return True
