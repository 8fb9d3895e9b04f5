"""Making, removing and moving names: what `mkdir`, `unlink`, `rmdir`, `symlink` and `rename`
demand.

Each works on walks that stopped at the parent directory, with the last component at hand
(`PathWalk.resolve_parent`), and checks permission, mounts and the special names `.` and `..`.
"""

from __future__ import annotations

from abi.errno import (
    EBUSY,
    EEXIST,
    EINVAL,
    EISDIR,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    EPERM,
    EXDEV,
)
from bare import Bytes, errno_of, raises, u16, u32
from kernel.fs.inode import Inode, NewAttributes
from kernel.fs.inode_kind import InodeKind
from kernel.fs.open import check_can_add, directory_of
from kernel.fs.path import PathWalk, is_dot, is_dot_dot
from kernel.fs.permission import may_remove

LINK_PERMISSIONS: u16 = 0o777


@raises()
def make_directory(walk: PathWalk, name: Bytes, permissions: u16) -> None:
    """Makes the directory `name` where the walk is."""
    check_absent(walk, name)
    check_can_add(directory_of(walk), walk.credentials)
    user = walk.credentials.user_number()
    attributes = NewAttributes(permissions, user, user)
    directory_of(walk).create(name, InodeKind.DIRECTORY, attributes).put()


@raises()
def make_symlink(walk: PathWalk, name: Bytes, target: Bytes) -> None:
    """Makes a symbolic link `name` to `target`."""
    if len(target) == 0:
        raise OSError(ENOENT)
    check_absent(walk, name)
    if walk.has_trailing_slash():
        raise OSError(ENOENT)
    check_can_add(directory_of(walk), walk.credentials)
    user = walk.credentials.user_number()
    attributes = NewAttributes(LINK_PERMISSIONS, user, user)
    directory_of(walk).create_symlink(name, target, attributes)


@raises()
def remove_file(walk: PathWalk, name: Bytes) -> None:
    """Removes a name that is not a directory's."""
    if is_special(name):
        raise OSError(EISDIR)
    child = directory_of(walk).lookup(name)
    try:
        if child.kind == InodeKind.DIRECTORY:
            raise OSError(EISDIR)
        if walk.has_trailing_slash():
            raise OSError(ENOTDIR)
        check_removal(walk, child)
    finally:
        child.put()
    directory_of(walk).unlink(name)


@raises()
def remove_directory(walk: PathWalk, name: Bytes) -> None:
    """Removes an empty directory."""
    if len(name) == 0:
        raise OSError(EBUSY)
    if is_dot(name):
        raise OSError(EINVAL)
    if is_dot_dot(name):
        raise OSError(ENOTEMPTY)
    child = directory_of(walk).lookup(name)
    try:
        if child.kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)
        if child.is_mount_point:
            raise OSError(EBUSY)
        check_removal(walk, child)
    finally:
        child.put()
    directory_of(walk).remove_directory(name)


@raises()
def rename(source: PathWalk, name: Bytes, target: PathWalk, target_name: Bytes, flags: u32) -> None:
    """Moves `name` to `target_name`, replacing what is there."""
    if is_special(name) or is_special(target_name):
        raise OSError(EBUSY)
    if source.location.mount is not target.location.mount:
        raise OSError(EXDEV)
    child = directory_of(source).lookup(name)
    try:
        demands_directory = source.has_trailing_slash() or target.has_trailing_slash()
        if demands_directory and child.kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)
        check_removal(source, child)
        check_can_add(directory_of(target), target.credentials)
        check_replacement(target, target_name)
    finally:
        child.put()
    directory_of(source).rename(name, directory_of(target), target_name, flags)


@raises()
def check_absent(walk: PathWalk, name: Bytes) -> None:
    """Refuses a name that exists: this comes before all questions of permission."""
    if is_special(name):
        raise OSError(EEXIST)
    try:
        child = directory_of(walk).lookup(name)
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        return
    child.put()
    raise OSError(EEXIST)


@raises()
def check_removal(walk: PathWalk, child: Inode) -> None:
    """Checks that the name of `child` may go. EROFS, EACCES, EPERM."""
    directory = directory_of(walk)
    check_can_add(directory, walk.credentials)
    if not may_remove(directory, child, walk.credentials):
        raise OSError(EPERM)


@raises()
def check_replacement(walk: PathWalk, name: Bytes) -> None:
    """Checks that what has a name now, if anything, may be replaced."""
    try:
        child = directory_of(walk).lookup(name)
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        return
    is_allowed = may_remove(directory_of(walk), child, walk.credentials)
    child.put()
    if not is_allowed:
        raise OSError(EPERM)


def is_special(name: Bytes) -> bool:
    """Whether a last component names no entry: it is empty, `.` or `..`."""
    return len(name) == 0 or is_dot(name) or is_dot_dot(name)
