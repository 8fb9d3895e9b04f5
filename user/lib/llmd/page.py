"""`Page`: a small text put together before it is sent, so that its length is known."""

from __future__ import annotations

from bare import Array, Bytes, Writer, array, struct, u8, usize

PAGE_BYTES: usize = 4096
"""A piece of 512 bytes as JSON is at most 3 KiB."""


@struct
class Page(Writer):
    """Up to PAGE_BYTES."""

    length: usize = 0
    storage: Array[u8] = array(PAGE_BYTES)

    def clear(self) -> None:
        """Begins anew."""
        self.length = 0

    def content(self) -> Bytes:
        """Views what was written."""
        return self.storage[: self.length]

    def write(self, data: Bytes) -> None:
        """Adds bytes, for which there must be room."""
        self.storage[self.length : self.length + len(data)].copy_from(data)
        self.length += len(data)
