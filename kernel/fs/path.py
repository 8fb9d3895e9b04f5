"""Path walk: from a path and a starting place to a `Location`.

Rules: components of at most 255 bytes, paths of at most 4,095, at most 40 symbolic links, `..` at a
mount's root goes on below the mount, a trailing slash demands a directory. Search permission is asked of every
directory passed.
"""

from __future__ import annotations

from bare import Bytes, Enum8, inline, raises, struct, u32
from bare.lib.allocator import Allocator
from kernel.fs.mounts import Location, Mounts
from kernel.security.credentials import Credentials

PATH_LIMIT: u32 = 4096
"""Bytes of a path with its terminating zero (PATH_MAX)."""
NAME_LIMIT: u32 = 255
LINK_LIMIT: u32 = 40


class LastLink(Enum8):
    """What to do with a symbolic link in the last component."""

    FOLLOW = 0
    KEEP = 1


@struct
class PathWalk:
    """One walk. Make it, call one of the methods, use `location`, and always `finish`."""

    mounts: Mounts
    credentials: Credentials
    allocator: Allocator
    location: Location = inline()
    links_followed: u32 = 0

    @raises()
    def resolve(self, start: Location, path: Bytes, last: LastLink) -> None:
        """Sets `location` to what `path` names. ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, ENOMEM."""
        ...

    @raises()
    def resolve_parent(self, start: Location, path: Bytes) -> Bytes:
        """Sets `location` to the directory of the last component; returns that component.

        The name lives until `finish`. It may be empty (the path is `/`), `.` or `..`;
        `needs_directory` tells of a trailing slash.
        """
        ...

    def finish(self) -> None:
        """Gives back what the walk holds."""
        ...
