"""Who may do what with an inode: the mode bits of Unix and the capabilities of `abi/capability.py`,
asked of a set of credentials.
"""

from __future__ import annotations

from abi.capability import CAP_FS_READ, CAP_TMP_WRITE
from abi.file import R_OK, W_OK, X_OK
from bare import u32
from kernel.fs.inode import Inode
from kernel.fs.inode_kind import InodeKind
from kernel.security.credentials import Credentials

OWNER_SHIFT: u32 = 6
GROUP_SHIFT: u32 = 3
CLASS_MASK: u32 = 7
ANY_EXECUTE: u32 = 0o111
STICKY: u32 = 0o1000
ROOT_USER: u32 = 0


def may_access(inode: Inode, credentials: Credentials, want: u32) -> bool:
    """Whether the holder may use `inode` as `want` (R_OK, W_OK, X_OK) says.

    Root may do all, except execute a file that nobody may execute. Reading and writing of files and
    directories takes a capability besides.
    """
    if inode.kind != InodeKind.CHARACTER and not has_capabilities(credentials, want):
        return False
    user = credentials.user_number()
    mode = u32(inode.permissions)
    if user == ROOT_USER:
        if want & X_OK == 0 or inode.kind == InodeKind.DIRECTORY:
            return True
        return mode & ANY_EXECUTE != 0
    if user == inode.owner:
        granted = mode >> OWNER_SHIFT & CLASS_MASK
    elif user == inode.group:
        granted = mode >> GROUP_SHIFT & CLASS_MASK
    else:
        granted = mode & CLASS_MASK
    return granted & want == want


def has_capabilities(credentials: Credentials, want: u32) -> bool:
    """Whether the holder may read or write files at all."""
    if want & R_OK != 0 and not credentials.demand(CAP_FS_READ):
        return False
    return want & W_OK == 0 or credentials.demand(CAP_TMP_WRITE)


def may_change_entries(directory: Inode, credentials: Credentials) -> bool:
    """Whether the holder may add names to `directory`."""
    return may_access(directory, credentials, W_OK | X_OK)


def may_remove(directory: Inode, entry: Inode, credentials: Credentials) -> bool:
    """Whether the sticky bit lets the holder take the name of `entry` out of `directory`.

    In a directory with the bit only the owner of the entry or of the directory may.
    """
    user = credentials.user_number()
    if u32(directory.permissions) & STICKY == 0 or user == ROOT_USER:
        return True
    return user in (entry.owner, directory.owner)


def may_change_attributes(inode: Inode, credentials: Credentials) -> bool:
    """Whether the holder may set mode bits and times of `inode`: its owner and root, with the
    capability that every other change of a file takes.
    """
    if credentials.user_number() not in (ROOT_USER, inode.owner):
        return False
    return credentials.demand(CAP_TMP_WRITE)
