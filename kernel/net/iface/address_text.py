"""Addresses as text, for the log."""

from __future__ import annotations

from bare import Array, Bytes, array, struct, u8, u32, u64
from kernel.net.wire.address import Ipv4Address
from kernel.net.wire.ethernet import EthernetAddress

DIGITS = b"0123456789abcdef"
STATION_LENGTH: u64 = 17


@struct
class AddressText:
    """The text of one address; make one where it is used."""

    bytes: Array[u8] = array(STATION_LENGTH)
    length: u32 = 0

    def station(self, address: EthernetAddress) -> Bytes:
        """Spells six bytes in hexadecimal, colons between."""
        for index in range(u64(6)):
            byte = address >> (40 - 8 * index) & 0xFF
            self.bytes[3 * index] = DIGITS[byte >> 4]
            self.bytes[3 * index + 1] = DIGITS[byte & 15]
            if index < 5:
                self.bytes[3 * index + 2] = 0x3A
        return self.bytes

    def ipv4(self, address: Ipv4Address) -> Bytes:
        """Spells four numbers, dots between."""
        self.length = 0
        for index in range(u32(4)):
            number = address >> (24 - 8 * index) & 0xFF
            if index > 0:
                self._add(0x2E)
            if number >= 100:
                self._add(DIGITS[number // 100])
            if number >= 10:
                self._add(DIGITS[number // 10 % 10])
            self._add(DIGITS[number % 10])
        return self.bytes[: self.length]

    def _add(self, byte: u8) -> None:
        self.bytes[self.length] = byte
        self.length += 1
