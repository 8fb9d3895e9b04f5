"""Paths of system calls: from user memory and a directory descriptor to a walk that has arrived."""

from __future__ import annotations

from abi.errno import ENOTDIR
from abi.file import AT_FDCWD
from bare import Bytes, i32, raises
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.inode import Inode
from kernel.fs.inode_file import InodeFile
from kernel.fs.mounts import SLASH, Location
from kernel.fs.path import LastLink, PathWalk
from kernel.mm.user_copy import copy_in_string
from kernel.syscall.call import Call


@raises()
def begin_walk(walk: PathWalk, path: UserAddr) -> None:
    """Begins a walk along a path of the program. EFAULT, ENAMETOOLONG, ENOMEM."""
    walk.begin()
    walk.set_length(copy_in_string(walk.buffer(), path))


@raises()
def set_start(call: Call, directory: i32, walk: PathWalk, start: Location) -> None:
    """Sets `start` to where a walk begins: at the descriptor `directory`, or AT_FDCWD.

    An absolute path does not look at the descriptor. EBADF, ENOTDIR.
    """
    if directory == AT_FDCWD or (not walk.is_empty() and walk.buffer()[0] == SLASH):
        start.copy_location(call.process.working_directory)
        return
    file = call.process.files.get(directory)
    try:
        if not isinstance(file, InodeFile):
            raise OSError(ENOTDIR)
        start.copy_location(file.location)
    finally:
        file.put()


@raises()
def resolve_at(call: Call, walk: PathWalk, directory: i32, path: UserAddr, last: LastLink) -> Inode:
    """Walks along a path of the program; returns the inode there, the walk's own reference."""
    start = Location()
    begin_walk(walk, path)
    try:
        set_start(call, directory, walk, start)
        walk.resolve(start, last)
    finally:
        start.clear()
    return arrived(walk)


@raises()
def resolve_parent_at(call: Call, walk: PathWalk, directory: i32, path: UserAddr) -> Bytes:
    """Walks to the directory of a path's last component; returns that component."""
    start = Location()
    begin_walk(walk, path)
    try:
        set_start(call, directory, walk, start)
        return walk.resolve_parent(start)
    finally:
        start.clear()


def arrived(walk: PathWalk) -> Inode:
    """Returns the inode where a walk is."""
    inode = walk.location.inode
    assert inode is not None, "walk that went nowhere"
    return inode
