"""DHCP messages: what a client sends and what it reads (RFC 2131, 2; options: RFC 2132).

A message that is cut off, or whose options are, is read as far as it makes sense; what it does not
say stays zero. `read_message` says False for what is no answer of a server at all.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Enum8,
    Span,
    array,
    load_u32_be,
    store_u16_be,
    store_u32_be,
    struct,
    u8,
    u16,
    u32,
    usize,
)

SERVER_PORT: u16 = 67
CLIENT_PORT: u16 = 68
OP_REQUEST: u8 = 1
OP_REPLY: u8 = 2
ETHERNET: u8 = 1
HARDWARE_SIZE: usize = 6
MAGIC: u32 = 0x6382_5363
OPTIONS_OFFSET: usize = 240
MESSAGE_LIMIT = 576
"""Bytes of the longest message that everybody takes."""
LEAST_SIZE: usize = 300
"""Shorter ones are dropped by old relays (RFC 1542, 2.1)."""
BROADCAST_FLAG: u16 = 0x8000
SERVER_NAME: usize = 44
SERVER_NAME_SIZE: usize = 64
BOOT_FILE: usize = 108
BOOT_FILE_SIZE: usize = 128
MOST_SERVERS: u32 = 3

OPTION_PAD: u8 = 0
OPTION_MASK: u8 = 1
OPTION_ROUTER: u8 = 3
OPTION_DNS: u8 = 6
OPTION_HOST_NAME: u8 = 12
OPTION_DOMAIN: u8 = 15
OPTION_ADDRESS: u8 = 50
OPTION_LEASE: u8 = 51
OPTION_OVERLOAD: u8 = 52
OPTION_TYPE: u8 = 53
OPTION_SERVER: u8 = 54
OPTION_PARAMETERS: u8 = 55
OPTION_MOST_SIZE: u8 = 57
OPTION_T1: u8 = 58
OPTION_T2: u8 = 59
OPTION_CLIENT: u8 = 61
OPTION_END: u8 = 255
WANTED: bytes = bytes((1, 3, 6, 15, 51, 54, 58, 59))


class Kind(Enum8):
    """The type of a message (RFC 2132, 9.6)."""

    NONE = 0
    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7
    INFORM = 8


@struct
class Reply:
    """What a server's message says; 0 for what it does not."""

    kind: Kind = Kind.NONE
    transaction: u32 = 0
    address: u32 = 0
    """`yiaddr`: the address that we are to have."""
    mask: u32 = 0
    router: u32 = 0
    server: u32 = 0
    lease_s: u32 = 0
    t1_s: u32 = 0
    t2_s: u32 = 0
    dns: Array[u32] = array(3)
    dns_count: u32 = 0
    overload: u8 = 0

    def clear(self) -> None:
        """Forgets everything."""
        self.kind = Kind.NONE
        self.mask = 0
        self.router = 0
        self.server = 0
        self.lease_s = 0
        self.t1_s = 0
        self.t2_s = 0
        self.dns_count = 0
        self.overload = 0


@struct
class Request:
    """What a client's message says; zero fields are left out."""

    kind: Kind
    transaction: u32
    seconds: u16 = 0
    is_broadcast: bool = False
    """The server cannot reach us otherwise: we have no address."""
    client: u32 = 0
    """`ciaddr`: the address that we use already."""
    address: u32 = 0
    """The address that we ask for."""
    server: u32 = 0


def build_message(into: Span[u8], request: Request, hardware: Bytes, host_name: Bytes) -> usize:
    """Writes a client's message into MESSAGE_LIMIT bytes; returns its length."""
    into.fill(0)
    into[0] = OP_REQUEST
    into[1] = ETHERNET
    into[2] = u8(HARDWARE_SIZE)
    store_u32_be(into, 4, request.transaction)
    store_u16_be(into, 8, request.seconds)
    store_u16_be(into, 10, BROADCAST_FLAG if request.is_broadcast else 0)
    store_u32_be(into, 12, request.client)
    into[28 : 28 + HARDWARE_SIZE].copy_from(hardware)
    store_u32_be(into, 236, MAGIC)
    end = OPTIONS_OFFSET
    into[end] = OPTION_TYPE
    into[end + 1] = 1
    into[end + 2] = u8(request.kind)
    end += 3
    into[end] = OPTION_CLIENT
    into[end + 1] = u8(HARDWARE_SIZE) + 1
    into[end + 2] = ETHERNET
    into[end + 3 : end + 3 + HARDWARE_SIZE].copy_from(hardware)
    end += 3 + HARDWARE_SIZE
    end = add_number(into, end, OPTION_ADDRESS, request.address)
    end = add_number(into, end, OPTION_SERVER, request.server)
    into[end] = OPTION_MOST_SIZE
    into[end + 1] = 2
    store_u16_be(into, end + 2, MESSAGE_LIMIT)
    end = add_bytes(into, end + 4, OPTION_PARAMETERS, WANTED)
    end = add_bytes(into, end, OPTION_HOST_NAME, host_name)
    into[end] = OPTION_END
    return max(end + 1, LEAST_SIZE)


def add_number(into: Span[u8], end: usize, option: u8, value: u32) -> usize:
    """Adds an option of four bytes, unless it is 0; returns the new end."""
    if value == 0:
        return end
    into[end] = option
    into[end + 1] = 4
    store_u32_be(into, end + 2, value)
    return end + 6


def add_bytes(into: Span[u8], end: usize, option: u8, value: Bytes) -> usize:
    """Adds an option of up to 64 bytes, unless it is empty; returns the new end."""
    if len(value) == 0 or len(value) > 64:
        return end
    into[end] = option
    into[end + 1] = u8(len(value))
    into[end + 2 : end + 2 + len(value)].copy_from(value)
    return end + 2 + len(value)


def read_message(message: Bytes, hardware: Bytes, reply: Reply) -> bool:
    """Reads a server's message; False where it is none, or for another client."""
    reply.clear()
    if len(message) < OPTIONS_OFFSET or message[0] != OP_REPLY or message[1] != ETHERNET:
        return False
    if message[2] != HARDWARE_SIZE or message[28 : 28 + HARDWARE_SIZE] != hardware:
        return False
    if load_u32_be(message, 236) != MAGIC:
        return False
    reply.transaction = load_u32_be(message, 4)
    reply.address = load_u32_be(message, 16)
    read_options(message[OPTIONS_OFFSET:], reply)
    overload = reply.overload
    if overload & 1 != 0:
        read_options(message[BOOT_FILE : BOOT_FILE + BOOT_FILE_SIZE], reply)
    if overload & 2 != 0:
        read_options(message[SERVER_NAME : SERVER_NAME + SERVER_NAME_SIZE], reply)
    return reply.kind != Kind.NONE


def read_options(options: Bytes, reply: Reply) -> None:
    """Reads options up to their end, or up to the one that is cut off."""
    position: usize = 0
    while position < len(options) and options[position] != OPTION_END:
        if options[position] == OPTION_PAD:
            position += 1
            continue
        if position + 2 > len(options):
            return
        start = position + 2
        end = start + options[position + 1]
        if end > len(options):
            return
        read_option(options[position], options[start:end], reply)
        position = end


def read_option(option: u8, value: Bytes, reply: Reply) -> None:
    """Takes one option, if it has the length that it must have."""
    if option == OPTION_TYPE:
        if len(value) == 1 and value[0] <= u8(Kind.INFORM):
            reply.kind = Kind(value[0])
    elif option == OPTION_OVERLOAD:
        if len(value) == 1:
            reply.overload = value[0] & 3
    elif option == OPTION_DNS:
        read_servers(value, reply)
    elif len(value) >= 4:
        read_number(option, load_u32_be(value, 0), reply)


def read_servers(value: Bytes, reply: Reply) -> None:
    """Takes the name servers, as many as there is room for."""
    for index in range(len(value) // 4):
        if reply.dns_count < MOST_SERVERS:
            reply.dns[reply.dns_count] = load_u32_be(value, index * 4)
            reply.dns_count += 1


def read_number(option: u8, value: u32, reply: Reply) -> None:
    """Takes an option whose value begins with a number of four bytes."""
    if option == OPTION_MASK:
        reply.mask = value
    elif option == OPTION_ROUTER:
        reply.router = value
    elif option == OPTION_LEASE:
        reply.lease_s = value
    elif option == OPTION_SERVER:
        reply.server = value
    elif option == OPTION_T1:
        reply.t1_s = value
    elif option == OPTION_T2:
        reply.t2_s = value
