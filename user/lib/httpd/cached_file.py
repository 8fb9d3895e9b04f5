"""`CachedFile`: what a path of the served folder means, found out once for many requests."""

from __future__ import annotations

from abi.errno import EIO, ENOENT
from abi.file import O_CLOEXEC, O_NONBLOCK, O_RDONLY, S_IFDIR, S_IFMT, S_IFREG, Stat
from bare import (
    Allocator,
    Bytes,
    Enum8,
    Span,
    allocate_span,
    errno_of,
    i32,
    i64,
    inline,
    raises,
    release,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from user.lib import sys
from user.lib.http.file_facts import FileFacts
from user.lib.http.media_types import media_type_of
from user.lib.inputs import close_quietly
from user.lib.paths import PathBuffer

SMALL_FILE_BYTES: u64 = 4096
"""A file up to this size is kept in memory and sent in one piece with the head of the response."""

INDEX: bytes = b"index.html"
OPEN_FLAGS = O_RDONLY | O_NONBLOCK | O_CLOEXEC
"""Non-blocking: opening a pipe by mistake does not wait for its writer."""


class Kind(Enum8):
    """What a path means."""

    FILE = 0
    DIRECTORY = 1
    """A directory without an index file."""

    UNSLASHED = 2
    """A directory named without a slash at the end."""


@struct
class CachedFile:
    """A path, what it means, and for a file its description and content or descriptor."""

    name: Span[u8]
    hash: u64 = 0
    is_directory: bool = False
    """Whether the path ended in a slash."""

    is_kept: bool = False
    """Whether the cache still has it; otherwise it goes with its last user."""

    kind: Kind = Kind.FILE
    descriptor: i32 = -1
    """-1 where `content` is all of the file."""

    users: u32 = 0
    checked_ms: i64 = 0
    used_ms: i64 = 0
    device: u64 = 0
    inode: u64 = 0
    modified_ns: i64 = 0
    content: Span[u8] | None = None
    facts: FileFacts = inline()

    def is_for(self, hash_value: u64, path: Bytes, is_directory: bool) -> bool:
        """Whether this entry is that of a path."""
        if self.hash != hash_value or self.is_directory != is_directory:
            return False
        return self.name == path

    def is_same(self, stat: Stat) -> bool:
        """Whether `stat` describes the file as it was when it was opened."""
        if self.device != stat.device or self.inode != stat.inode:
            return False
        if self.facts.size_bytes != u64(max(stat.size_bytes, 0)):
            return False
        if self.modified_ns != stat.modified.nanoseconds:
            return False
        return self.facts.modified == max(stat.modified.seconds, 0)

    @raises()
    def fill(self, allocator: Allocator, root: i32, path: Bytes) -> None:
        """Finds out what `path` means below `root`. ENOENT where there is nothing to serve."""
        self.name = allocate_span(allocator, u8, len(path))
        self.name.copy_from(path)
        stat = Stat()
        found = sys.openat(root, relative_name(path), OPEN_FLAGS, 0)
        try:
            sys.fstat(found, stat)
            if stat.mode & S_IFMT == S_IFDIR:
                self.kind = Kind.DIRECTORY if self.is_directory else Kind.UNSLASHED
            elif self.is_directory:
                raise OSError(ENOENT)
            else:
                self.take(allocator, found, stat, path)
        finally:
            if self.descriptor != found:
                close_quietly(found)
        if self.kind == Kind.DIRECTORY:
            self.fill_from_index(allocator, root, path)

    @raises()
    def fill_from_index(self, allocator: Allocator, root: i32, path: Bytes) -> None:
        """Has the directory's index file stand for it, if there is one."""
        name = PathBuffer()
        set_index_name(name, path)
        found: i32 = -1
        try:
            found = sys.openat(root, name.content(), OPEN_FLAGS, 0)
        except OSError as error:
            if errno_of(error) == ENOENT:
                return
            raise
        try:
            stat = Stat()
            sys.fstat(found, stat)
            self.take(allocator, found, stat, INDEX)
            self.kind = Kind.FILE
        finally:
            if self.descriptor != found:
                close_quietly(found)

    @raises()
    def take(self, allocator: Allocator, file: i32, stat: Stat, name: Bytes) -> None:
        """Describes a regular file; keeps its content, or its descriptor where it is not small."""
        if stat.mode & S_IFMT != S_IFREG:
            raise OSError(ENOENT)
        size_bytes = u64(max(stat.size_bytes, 0))
        self.device = stat.device
        self.inode = stat.inode
        self.modified_ns = stat.modified.nanoseconds
        modified = stat.modified.seconds
        self.facts.set(size_bytes, modified, self.modified_ns, media_type_of(name))
        if size_bytes > SMALL_FILE_BYTES:
            self.descriptor = file
        elif size_bytes > 0:
            content = allocate_span(allocator, u8, size_bytes)
            self.content = content
            read_whole(file, content)

    def part(self, first: u64, length: u64) -> Bytes:
        """Returns bytes of a file that is in memory."""
        content = self.content
        if content is None:
            return b""
        return content[first : first + length]

    def close(self, allocator: Allocator) -> None:
        """Gives back what the entry holds."""
        if self.descriptor >= 0:
            close_quietly(self.descriptor)
            self.descriptor = -1
        content = self.content
        if content is not None:
            release(allocator, content)
            self.content = None
        if len(self.name) > 0:
            release(allocator, self.name)


def relative_name(path: Bytes) -> Bytes:
    """Returns the name below the root of a path, which begins with a slash."""
    return path[1:] if len(path) > 1 else b"."


@raises()
def set_index_name(name: PathBuffer, path: Bytes) -> None:
    """Sets `name` to that of a directory's index file, below the root."""
    name.join(path[1:], INDEX)


@raises()
def read_whole(file: i32, into: Span[u8]) -> None:
    """Reads all of a small file; EIO where it has become shorter."""
    done: usize = 0
    while done < len(into):
        count = sys.pread64(file, into[done:], i64(done))
        if count == 0:
            raise OSError(EIO)
        done += count
