"""Names of principals, from `/etc/swos/passwd`: one `name:number:…` a line."""

from __future__ import annotations

from abi.file import AT_FDCWD, O_CLOEXEC, O_RDONLY
from bare import Array, Bytes, array, raises, struct, u8, u32, usize
from user.lib import sys
from user.lib.inputs import close_quietly
from user.lib.numbers import parse_unsigned
from user.lib.strings import find_byte

FILE_BYTES = 4096
COLON = ord(":")
NEWLINE = ord("\n")


@struct
class Principals:
    """The file's text; a file longer than 4 KiB is read up to there."""

    length: usize = 0
    content: Array[u8] = array(FILE_BYTES)

    def load(self) -> None:
        """Reads the file. Where that fails, no principal has a name."""
        try:
            self.read_file()
        except OSError:
            self.length = 0

    @raises()
    def read_file(self) -> None:
        """Fills `content`."""
        descriptor = sys.openat(AT_FDCWD, b"/etc/swos/passwd", O_RDONLY | O_CLOEXEC, 0)
        try:
            self.length = sys.read(descriptor, self.content[:])
        finally:
            close_quietly(descriptor)

    def name_of(self, principal: u32) -> Bytes:
        """Returns the name of `principal`, empty for an unknown one."""
        start: usize = 0
        while start < self.length:
            end = find_byte(self.content[: self.length], NEWLINE, start)
            line: Bytes = self.content[start:end]
            name_end = find_byte(line, COLON, 0)
            if name_end < len(line) and number_field(line[name_end + 1 :]) == principal:
                return line[:name_end]
            start = end + 1
        return b""


def number_field(rest: Bytes) -> u32:
    """Reads the digits before the next colon; 2**32 - 1 where they are no number."""
    try:
        value = parse_unsigned(rest[: find_byte(rest, COLON, 0)])
        if value <= 0xFFFF_FFFE:
            return u32(value)
    except OSError:
        pass
    return 0xFFFF_FFFF
