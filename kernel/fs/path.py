"""Path walk: from a path and a starting place to a `Location`.

Rules: components of at most 255 bytes, paths of at most 4,095 (what links put in counts too), at
most 40 symbolic links, `..` at a mount's root goes on below the mount, a trailing slash demands a
directory, every directory passed must grant search permission. An empty path names nothing.

How to use it: make a `PathWalk` in the frame, `begin` it, put the path in (`set_path`, or
`copy_in_string` into `buffer()` and `set_length`), then `resolve` or `resolve_parent`; use
`location`; `finish` it on every way out. A walk owns a buffer in which link targets replace the
part of the path that was walked.
"""

from __future__ import annotations

from abi.errno import EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR
from abi.file import X_OK
from abi.limits import NAME_MAX, PATH_MAX, SYMLINK_MAX
from bare import (
    Array,
    Bytes,
    Enum8,
    Span,
    allocate,
    array,
    inline,
    raises,
    release,
    struct,
    u8,
    u32,
    usize,
)
from bare.lib.allocator import Allocator
from kernel.fs.inode import Inode
from kernel.fs.inode_kind import InodeKind
from kernel.fs.mounts import SLASH, Location, Mounts
from kernel.fs.permission import may_access
from kernel.security.credentials import Credentials

DOT: u8 = 0x2E


class LastLink(Enum8):
    """What to do with a symbolic link in the last component."""

    FOLLOW = 0
    KEEP = 1


@struct(size=PATH_MAX)
class PathBuffer:
    """What is left of a path, somewhere in it."""

    bytes: Array[u8] = array(PATH_MAX)


@struct
class PathWalk:
    """One walk; lives in the caller's frame."""

    mounts: Mounts
    credentials: Credentials
    allocator: Allocator
    location: Location = inline()
    storage: PathBuffer | None = None
    position: usize = 0
    """Start of what is left of the path in the buffer."""
    end: usize = 0
    links_followed: u32 = 0

    @raises()
    def begin(self) -> None:
        """Allocates the buffer, unless it is there; ENOMEM."""
        if self.storage is None:
            self.storage = allocate(self.allocator, PathBuffer)

    def finish(self) -> None:
        """Gives back what the walk holds; does no harm when repeated."""
        self.location.clear()
        storage = self.storage
        if storage is not None:
            self.storage = None
            release(self.allocator, storage)

    def buffer(self) -> Span[u8]:
        """Returns the buffer, valid until `finish`."""
        storage = self.storage
        assert storage is not None, "path walk without begin"
        return storage.bytes

    @raises()
    def set_path(self, path: Bytes) -> None:
        """Takes a copy of `path`; ENAMETOOLONG."""
        if len(path) >= PATH_MAX:
            raise OSError(ENAMETOOLONG)
        self.buffer()[: len(path)].copy_from(path)
        self.set_length(len(path))

    def set_length(self, length: usize) -> None:
        """Says that the buffer starts with a path of `length` bytes."""
        self.position = 0
        self.end = length
        self.links_followed = 0

    def is_empty(self) -> bool:
        """Whether the path has no bytes left."""
        return self.position == self.end

    def has_trailing_slash(self) -> bool:
        """Whether the path demands a directory."""
        return self.end > 0 and self.buffer()[self.end - 1] == SLASH

    @raises()
    def resolve(self, start: Location, last: LastLink) -> None:
        """Sets `location` to what the path names.

        ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, ENOMEM, EIO.
        """
        self._enter(start)
        while self._skip_slashes():
            name = self._next_name()
            self._step(name, self._is_last() and last == LastLink.KEEP)
        self._check_trailing_slash()

    @raises()
    def resolve_parent(self, start: Location) -> Bytes:
        """Sets `location` to the directory of the last component; returns that component.

        The component lives in the buffer until `follow` or `finish`. It is empty where the path has
        none (`/`), and may be `.` or `..`. `has_trailing_slash` tells what else the path demands.
        """
        self._enter(start)
        while self._skip_slashes():
            name = self._next_name()
            if self._is_last():
                self._check_directory()
                return name
            self._step(name, False)
        return self.buffer()[:0]

    @raises()
    def follow(self, link: Inode) -> None:
        """Puts the target of `link`, an entry of `location`, before what is left of the path.

        An absolute target goes to the root. ELOOP, ENAMETOOLONG.
        """
        self.links_followed += 1
        if self.links_followed > SYMLINK_MAX:
            raise OSError(ELOOP)
        target = link.size()
        rest = self.end - self.position
        if target == 0:
            raise OSError(ENOENT)
        if target + rest >= PATH_MAX:
            raise OSError(ENAMETOOLONG)
        self.buffer()[target : target + rest].copy_from(self.buffer()[self.position : self.end])
        if link.read_link(self.buffer()[:target]) != target:
            raise OSError(ENOENT)
        self.position = 0
        self.end = target + rest
        if self.buffer()[0] == SLASH:
            self.mounts.root(self.location)

    @raises()
    def enter_child(self, name: Bytes, keep_link: bool) -> None:
        """Goes to the entry `name` of `location`, or on along it, if it is a link to follow."""
        directory = self.location.inode
        mount = self.location.mount
        assert directory is not None and mount is not None, "step from an empty location"
        child = directory.lookup(name)
        if child.kind == InodeKind.SYMLINK and not keep_link:
            try:
                self.follow(child)
            finally:
                child.put()
            return
        self.location.take(mount, child)
        self.mounts.descend(self.location)

    @raises()
    def _enter(self, start: Location) -> None:
        if self.is_empty():
            raise OSError(ENOENT)
        if self.buffer()[0] == SLASH:
            self.mounts.root(self.location)
        else:
            self.location.copy_location(start)

    def _skip_slashes(self) -> bool:
        """Moves to the next component; false where there is none."""
        while self.position < self.end and self.buffer()[self.position] == SLASH:
            self.position += 1
        return self.position < self.end

    @raises(ENAMETOOLONG)
    def _next_name(self) -> Bytes:
        """Takes the component at the position."""
        start = self.position
        while self.position < self.end and self.buffer()[self.position] != SLASH:
            self.position += 1
        if self.position - start > NAME_MAX:
            raise OSError(ENAMETOOLONG)
        return self.buffer()[start : self.position]

    def _is_last(self) -> bool:
        """Whether only slashes follow."""
        for byte in self.buffer()[self.position : self.end]:
            if byte != SLASH:
                return False
        return True

    @raises()
    def _step(self, name: Bytes, may_keep_link: bool) -> None:
        self._check_directory()
        if is_dot(name):
            return
        if is_dot_dot(name):
            self.mounts.ascend(self.location)
            return
        self.enter_child(name, may_keep_link and self.is_empty())

    @raises()
    def _check_directory(self) -> None:
        """Checks that `location` is a directory that may be searched."""
        inode = self.location.inode
        assert inode is not None, "walk through an empty location"
        if inode.kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)
        if not may_access(inode, self.credentials, X_OK):
            raise OSError(EACCES)

    @raises()
    def _check_trailing_slash(self) -> None:
        inode = self.location.inode
        assert inode is not None, "walk to an empty location"
        if self.has_trailing_slash() and inode.kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)


def is_dot(name: Bytes) -> bool:
    """Whether `name` is `.`."""
    return len(name) == 1 and name[0] == DOT


def is_dot_dot(name: Bytes) -> bool:
    """Whether `name` is `..`."""
    return len(name) == 2 and name[0] == DOT and name[1] == DOT
