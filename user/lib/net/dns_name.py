"""`DnsName`: a domain name in wire form, read from text and messages (RFC 1035, 3.1, 4.1.4)."""

from __future__ import annotations

from abi.errno import EBADMSG, EINVAL
from bare import Array, Bytes, array, load_u16_be, raises, struct, u8, usize
from user.lib.strings import find_byte, lower_of

NAME_LIMIT: usize = 255
LABEL_LIMIT: usize = 63
POINTER_BITS: u8 = 0xC0
POINT = ord(".")
LOWER_A = ord("a")
LOWER_Z = ord("z")


@struct
class DnsName:
    """Labels, each behind its length, and the empty one that ends them."""

    bytes: Array[u8] = array(255)
    length: usize = 0

    def wire(self) -> Bytes:
        """Returns the bytes."""
        return self.bytes[: self.length]

    def copy(self, other: DnsName) -> None:
        """Becomes another name."""
        self.bytes.copy_from(other.bytes)
        self.length = other.length

    @raises(EINVAL)
    def encode(self, name: Bytes) -> None:
        """Reads `www.example.org`, with or without a point at its end. EINVAL: it is no name."""
        self.length = 0
        end = len(name)
        if end > 0 and name[end - 1] == POINT:
            end -= 1
        start: usize = 0
        while start < end:
            stop = find_byte(name[:end], POINT, start)
            self._add_label(name[start:stop])
            start = stop + 1
            if start == end:
                raise OSError(EINVAL)
        if end == 0:
            raise OSError(EINVAL)
        self._end()

    @raises(EINVAL)
    def _add_label(self, label: Bytes) -> None:
        size = len(label)
        if size == 0 or size > LABEL_LIMIT or self.length + size + 2 > NAME_LIMIT:
            raise OSError(EINVAL)
        self._append(label)

    @raises(EBADMSG)
    def decode(self, message: Bytes, offset: usize) -> usize:
        """Reads the name at `offset`; returns where what follows it begins.

        A pointer must lead before everything that was read of the name so far: that ends every
        loop, and a name that a server writes is never otherwise.
        """
        self.length = 0
        position = offset
        earliest = offset
        after: usize = 0
        while True:
            if position >= len(message):
                raise OSError(EBADMSG)
            size = message[position]
            if size >= POINTER_BITS:
                if position + 2 > len(message):
                    raise OSError(EBADMSG)
                if after == 0:
                    after = position + 2
                position = load_u16_be(message, position) & 0x3FFF
                if position >= earliest:
                    raise OSError(EBADMSG)
                earliest = position
            elif size == 0:
                self._end()
                return after if after != 0 else position + 1
            else:
                position = self._take_label(message, position)

    @raises(EBADMSG)
    def _take_label(self, message: Bytes, position: usize) -> usize:
        """Appends the label at `position`; returns where the next one is."""
        size = message[position]
        end = position + 1 + size
        if size > LABEL_LIMIT or end > len(message) or self.length + size + 2 > NAME_LIMIT:
            raise OSError(EBADMSG)
        self._append(message[position + 1 : end])
        return end

    def _append(self, label: Bytes) -> None:
        self.bytes[self.length] = u8(len(label))
        start = self.length + 1
        self.bytes[start : start + len(label)].copy_from(label)
        self.length = start + len(label)

    def _end(self) -> None:
        self.bytes[self.length] = 0
        self.length += 1


def is_same_name(left: Bytes, right: Bytes) -> bool:
    """Whether two names in wire form are one: case is nothing (RFC 4343). Lengths are below `A`."""
    if len(left) != len(right):
        return False
    for index in range(len(left)):
        if lower_of(left[index]) != lower_of(right[index]):
            return False
    return True


def is_letter(byte: u8) -> bool:
    """Whether a byte of a name is a letter, which 0x20 changes the case of."""
    return LOWER_A <= lower_of(byte) <= LOWER_Z
