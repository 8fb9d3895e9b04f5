"""The build id: a hash of the linked image, which the linker leaves in a note."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u64, usize
from bare.unsafe import linker_symbol, span_at

NOTE_HEADER_BYTES = 16
"""Sizes, type and the name `GNU`."""
SHOWN_BYTES = 6
DIGITS = b"0123456789abcdef"


@struct
class BuildId:
    """The first digits of the id, as text."""

    length: usize = 0
    digits: Array[u8] = array(2 * SHOWN_BYTES)

    def read(self) -> None:
        """Reads the note; an image without one has no digits."""
        start = linker_symbol("build_id_start")
        # SAFETY: the linker script puts the note there.
        note = span_at(u8, start, linker_symbol("build_id_end") - start)
        if len(note) >= NOTE_HEADER_BYTES + SHOWN_BYTES:
            self.write(note[NOTE_HEADER_BYTES:])

    def write(self, hash_bytes: Span[u8]) -> None:
        """Sets the digits from a hash."""
        for index in range(u64(SHOWN_BYTES)):
            byte = hash_bytes[index]
            self.digits[2 * index] = DIGITS[byte >> 4]
            self.digits[2 * index + 1] = DIGITS[byte & 15]
        self.length = 2 * SHOWN_BYTES

    def text(self) -> Span[u8]:
        """Returns the digits."""
        return self.digits[: self.length]
