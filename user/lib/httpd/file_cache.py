"""`FileCache`: the files that were asked for lately, open and described.

An entry is believed for a second; then the file is looked at again by name. An entry that a
response still reads from stays open when the cache lets go of it.
"""

from __future__ import annotations

from abi.errno import EACCES, ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOMEM, ENOTDIR
from abi.file import Stat
from bare import Array, Bytes, array, errno_of, i32, i64, inline, struct, u64, usize
from bare.lib.map import hash_bytes
from bare.lib.pool import Pool
from user.lib import sys
from user.lib.heap import Heap
from user.lib.http.status import Status
from user.lib.httpd.cached_file import CachedFile, Kind, relative_name, set_index_name
from user.lib.paths import PathBuffer

ENTRY_COUNT = 64
BELIEVED_MS: i64 = 1000


@struct
class FileCache:
    """Up to ENTRY_COUNT entries of paths below one directory."""

    heap: Heap
    root: i32 = -1
    status: Status = Status.NOT_FOUND
    """Why the last `find` found nothing."""

    pool: Pool[CachedFile] = inline()
    entries: Array[CachedFile | None] = array(ENTRY_COUNT)

    def prepare(self, heap: Heap, root: i32) -> None:
        """Begins an empty cache of what is below the directory `root`."""
        self.heap = heap
        self.root = root
        self.pool.slabs.source = heap

    def find(self, path: Bytes, is_directory: bool, now_ms: i64) -> CachedFile | None:
        """Returns the entry of a path of `ServedPath`, or None with `status` set.

        Who goes on using the entry counts itself among its `users`, and calls `let_go`.
        """
        hash_value = hash_bytes(path)
        for index in range(usize(ENTRY_COUNT)):
            entry = self.entries[index]
            if entry is not None and entry.is_for(hash_value, path, is_directory):
                if now_ms - entry.checked_ms <= BELIEVED_MS or self.is_current(entry, now_ms):
                    entry.used_ms = now_ms
                    return entry
                self.drop(index)
                break
        return self.open_entry(hash_value, path, is_directory, now_ms)

    def let_go(self, entry: CachedFile) -> None:
        """Counts a user less."""
        entry.users -= 1
        if entry.users == 0 and not entry.is_kept:
            self.free(entry)

    def drop(self, index: usize) -> None:
        """Takes an entry out of the table."""
        entry = self.entries[index]
        if entry is None:
            return
        self.entries[index] = None
        entry.is_kept = False
        if entry.users == 0:
            self.free(entry)

    def drop_all(self) -> None:
        """Empties the table, which frees descriptors and memory."""
        for index in range(usize(ENTRY_COUNT)):
            self.drop(index)

    def free(self, entry: CachedFile) -> None:
        """Gives an entry back."""
        entry.close(self.heap)
        self.pool.free(entry)

    def is_current(self, entry: CachedFile, now_ms: i64) -> bool:
        """Looks at the file again by name; only unchanged files are believed again."""
        if entry.kind != Kind.FILE:
            return False
        stat = Stat()
        name = PathBuffer()
        try:
            if entry.is_directory:
                set_index_name(name, entry.name)
            else:
                name.set(relative_name(entry.name))
            sys.newfstatat(self.root, name.content(), stat, 0)
        except OSError:
            return False
        entry.checked_ms = now_ms
        return entry.is_same(stat)

    def open_entry(
        self, hash_value: u64, path: Bytes, is_directory: bool, now_ms: i64
    ) -> CachedFile | None:
        """Makes an entry, which replaces the one that was unused for the longest time."""
        try:
            entry = self.pool.alloc()
        except OSError:
            self.status = Status.SERVICE_UNAVAILABLE
            return None
        entry.hash = hash_value
        entry.is_directory = is_directory
        entry.checked_ms = now_ms
        entry.used_ms = now_ms
        try:
            entry.fill(self.heap, self.root, path)
        except OSError as error:
            self.status = status_of(errno_of(error))
            self.free(entry)
            return None
        entry.is_kept = True
        place = self.oldest()
        self.drop(place)
        self.entries[place] = entry
        return entry

    def oldest(self) -> usize:
        """Returns an empty place of the table, or that of the entry unused for longest."""
        place: usize = 0
        oldest_ms: i64 = 0x7FFF_FFFF_FFFF_FFFF
        for index in range(usize(ENTRY_COUNT)):
            entry = self.entries[index]
            if entry is None:
                return index
            if entry.used_ms < oldest_ms:
                oldest_ms = entry.used_ms
                place = index
        return place


def status_of(error: i32) -> Status:
    """Returns what a client is told when a file cannot be opened."""
    if error in (ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP):
        return Status.NOT_FOUND
    if error == EACCES:
        return Status.FORBIDDEN
    if error in (EMFILE, ENFILE, ENOMEM):
        return Status.SERVICE_UNAVAILABLE
    return Status.INTERNAL_SERVER_ERROR
