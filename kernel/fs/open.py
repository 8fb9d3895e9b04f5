"""Opening by path: the rules of `open`, from a walk to a `File`."""

from __future__ import annotations

from abi.errno import EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, EROFS
from abi.file import (
    O_ACCMODE,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_NOFOLLOW,
    O_RDONLY,
    O_TRUNC,
    O_WRONLY,
    R_OK,
    W_OK,
)
from bare import Bytes, errno_of, raises, u16, u32
from kernel.fs.file import File
from kernel.fs.inode import Inode, NewAttributes
from kernel.fs.inode_file import open_inode
from kernel.fs.inode_kind import InodeKind
from kernel.fs.mounts import Location
from kernel.fs.path import LastLink, PathWalk, is_dot, is_dot_dot
from kernel.fs.permission import may_access, may_change_entries
from kernel.security.credentials import Credentials


@raises()
def open_path(walk: PathWalk, start: Location, flags: u32, permissions: u16) -> File:
    """Opens what the path in `walk` names; returns a file with one reference.

    `permissions` are those of a file that is created. Blocks. Errors of `open`.
    """
    if flags & O_ACCMODE == O_ACCMODE:
        raise OSError(EINVAL)
    if flags & O_CREAT == 0:
        walk.resolve(start, LastLink.KEEP if flags & O_NOFOLLOW != 0 else LastLink.FOLLOW)
    elif find_or_create(walk, start, flags, permissions):
        return open_inode(walk.allocator, walk.location, flags)
    return open_existing(walk, flags)


@raises()
def open_existing(walk: PathWalk, flags: u32) -> File:
    """Opens the inode at the walk's location."""
    inode = walk.location.inode
    assert inode is not None, "open at an empty location"
    check_kind(inode, flags)
    check_access(inode, flags, walk.credentials)
    if flags & O_TRUNC != 0 and inode.kind == InodeKind.REGULAR:
        inode.truncate(0)
    special = inode.open_special(flags)
    if special is not None:
        return special
    return open_inode(walk.allocator, walk.location, flags)


@raises()
def check_kind(inode: Inode, flags: u32) -> None:
    """Refuses links, directories to be written, and what is no directory but should be."""
    if inode.kind == InodeKind.SYMLINK:
        raise OSError(ELOOP)
    if inode.kind == InodeKind.DIRECTORY:
        if flags & O_ACCMODE != O_RDONLY or flags & (O_CREAT | O_TRUNC) != 0:
            raise OSError(EISDIR)
    elif flags & O_DIRECTORY != 0:
        raise OSError(ENOTDIR)


@raises()
def check_access(inode: Inode, flags: u32, credentials: Credentials) -> None:
    """Asks the mode bits and the file system."""
    want: u32 = 0
    if flags & O_ACCMODE != O_WRONLY:
        want |= R_OK
    if flags & O_ACCMODE != O_RDONLY or flags & O_TRUNC != 0:
        want |= W_OK
    if not may_access(inode, credentials, want):
        raise OSError(EACCES)
    if want & W_OK != 0 and inode.kind == InodeKind.REGULAR and inode.file_system.is_read_only:
        raise OSError(EROFS)


@raises()
def find_or_create(walk: PathWalk, start: Location, flags: u32, permissions: u16) -> bool:
    """Sets the walk's location to the file, made where there was none; whether it was made."""
    name = walk.resolve_parent(start)
    while True:
        if len(name) == 0 or is_dot(name) or is_dot_dot(name) or walk.has_trailing_slash():
            raise OSError(EEXIST if flags & O_EXCL != 0 else EISDIR)
        try:
            child = directory_of(walk).lookup(name)
        except OSError as error:
            if errno_of(error) != ENOENT:
                raise
            if create_file(walk, name, flags, permissions):
                return True
            continue
        if child.kind != InodeKind.SYMLINK:
            child.put()
            break
        name = follow_link(walk, child, flags)
    if flags & O_EXCL != 0:
        raise OSError(EEXIST)
    walk.enter_child(name, True)
    return False


@raises()
def follow_link(walk: PathWalk, link: Inode, flags: u32) -> Bytes:
    """Goes on along a link in the last component, whose reference it takes; returns the new one."""
    try:
        if flags & O_EXCL != 0:
            raise OSError(EEXIST)
        if flags & O_NOFOLLOW != 0:
            raise OSError(ELOOP)
        walk.follow(link)
    finally:
        link.put()
    return walk.resolve_parent(walk.location)


@raises()
def create_file(walk: PathWalk, name: Bytes, flags: u32, permissions: u16) -> bool:
    """Makes a file and goes there; false where somebody else was faster."""
    directory = directory_of(walk)
    mount = walk.location.mount
    assert mount is not None, "creation at an empty location"
    check_can_add(directory, walk.credentials)
    user = walk.credentials.user_number()
    attributes = NewAttributes(permissions, user, user)
    try:
        made = directory.create(name, InodeKind.REGULAR, attributes)
    except OSError as error:
        if errno_of(error) == EEXIST and flags & O_EXCL == 0:
            return False
        raise
    walk.location.take(mount, made)
    return True


@raises()
def check_can_add(directory: Inode, credentials: Credentials) -> None:
    """Checks that names may be added to or taken from a directory. EROFS, EACCES."""
    if directory.file_system.is_read_only:
        raise OSError(EROFS)
    if not may_change_entries(directory, credentials):
        raise OSError(EACCES)


def directory_of(walk: PathWalk) -> Inode:
    """Returns the directory where the walk is."""
    inode = walk.location.inode
    assert inode is not None, "walk at an empty location"
    return inode
