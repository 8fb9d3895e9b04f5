"""IPv4 addresses, ports and IPv6 addresses as text. An IPv4 address is a number, 0x0A00020F."""

from __future__ import annotations

from abi.errno import EINVAL
from bare import Array, Bytes, array, load_u16_be, raises, struct, text, u8, u16, u32, usize
from user.lib.strings import find_byte

POINT = ord(".")
COLON = ord(":")
SLASH = ord("/")
ZERO = ord("0")
NINE = ord("9")
LOWER_A = ord("a")
PARTS = 4
LARGEST_PART: u32 = 255
LARGEST_PORT: u32 = 65535
LARGEST_PREFIX: u32 = 32
TEXT_SIZE = 48
"""Room for the longest: eight groups of four digits, or an address with a port."""
IPV6_SIZE = 16
GROUPS: usize = 8


@raises(EINVAL)
def parse_address(word: Bytes) -> u32:
    """Reads `A.B.C.D`: four decimal numbers without leading zeros (RFC 6943, 3.1.1)."""
    address: u32 = 0
    start: usize = 0
    for _ in range(PARTS):
        if start > len(word):
            raise OSError(EINVAL)
        end = find_byte(word, POINT, start)
        address = address << 8 | parse_number(word[start:end], LARGEST_PART)
        start = end + 1
    if start <= len(word):
        raise OSError(EINVAL)
    return address


@raises(EINVAL)
def parse_port(word: Bytes) -> u16:
    """Reads a port: 1 to 65535."""
    port = parse_number(word, LARGEST_PORT)
    if port == 0:
        raise OSError(EINVAL)
    return u16(port)


@raises(EINVAL)
def parse_prefix(word: Bytes) -> u32:
    """Reads the length of a network's prefix: 0 to 32 bits."""
    return parse_number(word, LARGEST_PREFIX)


@raises(EINVAL)
def parse_number(word: Bytes, largest: u32) -> u32:
    """Reads a decimal number up to `largest`, without leading zeros."""
    if len(word) == 0 or len(word) > 5 or (word[0] == ZERO and len(word) > 1):
        raise OSError(EINVAL)
    value: u32 = 0
    for byte in word:
        if byte < ZERO or byte > NINE:
            raise OSError(EINVAL)
        value = value * 10 + (byte - ZERO)
    if value > largest:
        raise OSError(EINVAL)
    return value


def host_length(word: Bytes) -> usize:
    """Returns where the host of `HOST:PORT` ends: at the last colon, or at the end without one."""
    length = len(word)
    while length > 0 and word[length - 1] != COLON:
        length -= 1
    return len(word) if length == 0 else length - 1


def prefix_mask(length: u32) -> u32:
    """Returns the mask of a prefix: 24 gives 255.255.255.0."""
    if length == 0:
        return 0
    return u32(0xFFFF_FFFF) >> (LARGEST_PREFIX - length) << (LARGEST_PREFIX - length)


@raises(EINVAL)
def prefix_length(mask: u32) -> u32:
    """Returns how many ones a mask begins with; EINVAL where ones come behind a zero."""
    length: u32 = 0
    while length < LARGEST_PREFIX and mask >> (31 - length) & 1 == 1:
        length += 1
    if mask != prefix_mask(length):
        raise OSError(EINVAL)
    return length


@struct
class AddressText:
    """The text of an address, valid until the next one is shown."""

    bytes: Array[u8] = array(TEXT_SIZE)
    length: usize = 0

    def show(self, address: u32) -> str:
        """Returns `A.B.C.D`."""
        self.length = 0
        self._add_address(address)
        return text(self.bytes[: self.length])

    def show_endpoint(self, address: u32, port: u16) -> str:
        """Returns `A.B.C.D:PORT`."""
        self.length = 0
        self._add_address(address)
        self._add(COLON)
        self._add_decimal(port)
        return text(self.bytes[: self.length])

    def show_ipv6(self, address: Bytes) -> str:
        """Returns 16 bytes as RFC 5952 wants them: `2001:db8::7`."""
        self.length = 0
        gap_start, gap_end = longest_gap(address)
        group: usize = 0
        while group < GROUPS:
            if group == gap_start and gap_end > gap_start:
                self._add(COLON)
                self._add(COLON)
                group = gap_end
            else:
                if group > 0 and group != gap_end:
                    self._add(COLON)
                self._add_hexadecimal(load_u16_be(address, group * 2))
                group += 1
        return text(self.bytes[: self.length])

    def _add_address(self, address: u32) -> None:
        for part in range(PARTS):
            if part > 0:
                self._add(POINT)
            self._add_decimal(u16(address >> (24 - 8 * part) & 0xFF))

    def _add_decimal(self, value: u16) -> None:
        unit: u16 = 10_000
        while unit > 1 and value < unit:
            unit //= 10
        while unit > 0:
            self._add(ZERO + u8(value // unit % 10))
            unit //= 10

    def _add_hexadecimal(self, value: u16) -> None:
        shift: u16 = 12
        while shift > 0 and value >> shift == 0:
            shift -= 4
        while True:
            digit = u8(value >> shift & 15)
            self._add(ZERO + digit if digit < 10 else LOWER_A + digit - 10)
            if shift == 0:
                return
            shift -= 4

    def _add(self, byte: u8) -> None:
        self.bytes[self.length] = byte
        self.length += 1


def longest_gap(address: Bytes) -> tuple[usize, usize]:
    """Returns where the first of the longest runs of zero groups begins and ends.

    Both are GROUPS where no run has two groups (RFC 5952, 4.2).
    """
    best_start = GROUPS
    best_length: usize = 1
    start: usize = 0
    while start < GROUPS:
        end = start
        while end < GROUPS and load_u16_be(address, end * 2) == 0:
            end += 1
        if end - start > best_length:
            best_start = start
            best_length = end - start
        start = end + 1
    if best_start == GROUPS:
        return GROUPS, GROUPS
    return best_start, best_start + best_length
