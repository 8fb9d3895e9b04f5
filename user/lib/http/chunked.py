"""`ChunkedReader`: takes the chunked coding off a body, byte by byte (RFC 9112, 7.1).

Extensions and trailer fields are checked and dropped; both are bounded over the whole body.
"""

from __future__ import annotations

from bare import Bytes, Enum8, struct, u8, u32, u64, usize
from user.lib.http.characters import COLON, CR, IS_FIELD_TEXT, IS_TOKEN, LF, SEMICOLON, SPACE, TAB
from user.lib.http.status import Status
from user.lib.strings import NOT_HEX, hex_value

MOST_SIZE_DIGITS: u32 = 15
"""So that a size, leading zeros and all, fits 64 bits."""

MOST_DROPPED_BYTES: u32 = 4096
"""Of extensions and trailer fields together, which nobody reads (RFC 9112, 7.1.1)."""


class Step(Enum8):
    """What the next byte belongs to."""

    SIZE = 0
    SPACE = 1
    """Blanks behind a size, which only an extension may follow."""

    EXTENSION = 2
    SIZE_LF = 3
    DATA = 4
    DATA_CR = 5
    DATA_LF = 6
    TRAILER_START = 7
    TRAILER_NAME = 8
    TRAILER_VALUE = 9
    TRAILER_LF = 10
    LAST_LF = 11
    DONE = 12


@struct
class ChunkedReader:
    """Where in the coding the reader is. After `advance`, `piece` holds data of the body."""

    step: Step = Step.SIZE
    size: u64 = 0
    """Bytes of the chunk that are still to come."""

    room: u64 = 0
    """Bytes that the body may still have."""

    digits: u32 = 0
    dropped: u32 = 0
    piece: Bytes = b""
    status: Status = Status.CONTINUE

    def begin(self, most_bytes: u64) -> None:
        """Begins a new body, of `most_bytes` at most."""
        self.room = most_bytes
        self.step = Step.SIZE
        self.size = 0
        self.digits = 0
        self.dropped = 0
        self.piece = b""
        self.status = Status.CONTINUE

    def is_done(self) -> bool:
        """Whether the body has been read whole, trailers too."""
        return self.step == Step.DONE

    def advance(self, data: Bytes) -> usize:
        """Reads up to the end of a piece of the body; returns how many bytes it took.

        Fewer than all without a `piece` means that the body is done or `status` not CONTINUE.
        """
        self.piece = b""
        position: usize = 0
        while position < len(data) and self.step != Step.DONE:
            if self.step == Step.DATA:
                count = min(self.size, len(data) - position)
                self.piece = data[position : position + count]
                self.size -= count
                if self.size == 0:
                    self.step = Step.DATA_CR
                return position + count
            self.status = self.take(data[position])
            if self.status != Status.CONTINUE:
                return position
            position += 1
        return position

    def take(self, byte: u8) -> Status:
        """Takes one byte that is not data."""
        match self.step:
            case Step.SIZE | Step.SPACE:
                return self.take_size(byte)
            case Step.EXTENSION:
                return self.take_dropped(byte, Step.SIZE_LF)
            case Step.SIZE_LF:
                return self.end_size(byte)
            case Step.DATA_CR:
                return self.expect(byte, CR, Step.DATA_LF)
            case Step.DATA_LF:
                self.digits = 0
                return self.expect(byte, LF, Step.SIZE)
            case Step.TRAILER_START | Step.TRAILER_NAME:
                return self.take_trailer_name(byte)
            case Step.TRAILER_VALUE:
                return self.take_dropped(byte, Step.TRAILER_LF)
            case Step.TRAILER_LF:
                return self.expect(byte, LF, Step.TRAILER_START)
            case Step.LAST_LF:
                return self.expect(byte, LF, Step.DONE)
            case Step.DATA | Step.DONE:
                return Status.BAD_REQUEST

    def end_size(self, byte: u8) -> Status:
        """Ends a chunk's first line: size 0 is the last chunk."""
        if self.size > self.room:
            return Status.CONTENT_TOO_LARGE
        self.room -= self.size
        return self.expect(byte, LF, Step.DATA if self.size > 0 else Step.TRAILER_START)

    def expect(self, byte: u8, expected: u8, following: Step) -> Status:
        """Goes on if `byte` is the only one that may stand here."""
        if byte != expected:
            return Status.BAD_REQUEST
        self.step = following
        return Status.CONTINUE

    def take_size(self, byte: u8) -> Status:
        """Takes a byte of a chunk's first line up to its extensions."""
        value = hex_value(byte)
        if value != NOT_HEX and self.step == Step.SIZE:
            self.digits += 1
            if self.digits > MOST_SIZE_DIGITS:
                return Status.BAD_REQUEST
            self.size = self.size << 4 | value
            return Status.CONTINUE
        if self.digits == 0:
            return Status.BAD_REQUEST
        if byte == CR and self.step == Step.SIZE:
            self.step = Step.SIZE_LF
            return Status.CONTINUE
        if byte == SEMICOLON:
            self.step = Step.EXTENSION
            return Status.CONTINUE
        if byte in (SPACE, TAB):
            self.step = Step.SPACE
            return self.count_dropped()
        return Status.BAD_REQUEST

    def take_trailer_name(self, byte: u8) -> Status:
        """Takes a byte of a trailer field's name, or of the empty line that ends the body."""
        if byte == CR and self.step == Step.TRAILER_START:
            self.step = Step.LAST_LF
            return Status.CONTINUE
        if byte == COLON and self.step == Step.TRAILER_NAME:
            self.step = Step.TRAILER_VALUE
            return self.count_dropped()
        if not IS_TOKEN[byte]:
            return Status.BAD_REQUEST
        self.step = Step.TRAILER_NAME
        return self.count_dropped()

    def take_dropped(self, byte: u8, following: Step) -> Status:
        """Takes a byte of an extension or of a trailer field's value, up to the line's end."""
        if byte == CR:
            self.step = following
            return Status.CONTINUE
        if not IS_FIELD_TEXT[byte]:
            return Status.BAD_REQUEST
        return self.count_dropped()

    def count_dropped(self) -> Status:
        """Counts a byte that is dropped."""
        self.dropped += 1
        if self.dropped > MOST_DROPPED_BYTES:
            return Status.FIELDS_TOO_LARGE
        return Status.CONTINUE
