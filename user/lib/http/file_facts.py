"""`FileFacts`: what responses say about a file, made once for many of them."""

from __future__ import annotations

from bare import Array, Bytes, array, i64, inline, struct, u8, u64
from user.lib.http.dates import DATE_BYTES, write_date
from user.lib.http.entity_tag import EntityTag


@struct
class FileFacts:
    """Size, type and validators of a file."""

    size_bytes: u64 = 0
    modified: i64 = 0
    """Seconds since 1970."""

    media_type: Bytes = b""
    tag: EntityTag = inline()
    date: Array[u8] = array(DATE_BYTES)

    def set(self, size_bytes: u64, seconds: i64, nanoseconds: i64, media_type: Bytes) -> None:
        """Describes a file; a modification time before 1970 counts as 1970."""
        self.size_bytes = size_bytes
        self.modified = max(seconds, 0)
        self.media_type = media_type
        self.tag.set(size_bytes, seconds, nanoseconds)
        write_date(self.date[:], self.modified)

    def date_text(self) -> Bytes:
        """Returns the value of Last-Modified."""
        return self.date[:]
